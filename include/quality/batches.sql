-- The newest batches of a system with what each brought.
select
    batches.batch_date,
    batches.state,
    batches.reason,
    coalesce(sum(files.rows_landed), 0)::bigint as landed,
    coalesce(sum(files.rows_quarantined), 0)::bigint as quarantined,
    count(files.file_id) as files
from ops.batches
left join ops.files
    on
        batches.system = files.system and batches.batch_date = files.batch_date
        and files.state in ('released', 'held', 'rejected')
where batches.system = %(system)s -- noqa: PRS
group by batches.batch_date, batches.state, batches.reason
order by batches.batch_date desc
limit %(days)s -- noqa: PRS
