-- The batches that have landed, or that did not come, and whose content is not the one that was measured.
select
    batches.system,
    batches.batch_date,
    (batches.state = 'absent')::text
    || coalesce(md5(string_agg(files.file_id::text, ',' order by files.file_id)), '') as content
from ops.batches
left join ops.files
    on
        batches.system = files.system and batches.batch_date = files.batch_date
        and files.state in ('landed', 'released', 'held', 'rejected')
where
    batches.state in ('landed', 'released', 'held', 'absent')
    and batches.system = any(%(systems)s) -- noqa: PRS, LT01
    and batches.system = coalesce(%(system)s, batches.system) -- noqa: PRS, RF02
group by batches.system, batches.batch_date, batches.state
having
    (batches.state = 'absent')::text || coalesce(md5(string_agg(files.file_id::text, ',' order by files.file_id)), '')
    <> coalesce((
        select measured.content
        from ops.quality_batches as measured
        where measured.system = batches.system and measured.batch_date = batches.batch_date
    ), '')
order by batches.batch_date, batches.system
