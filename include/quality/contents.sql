-- What the page of each system is made of: its batches and files with their states, and the figures that it shows.
-- A day on which nothing was due changes no page.
with measured as (
    select
        system,
        max(batch_date) as newest_date
    from ops.quality_batches
    group by system
),

batches as (
    select
        batches.system,
        string_agg(concat_ws('|', batches.batch_date, batches.state, batches.reason), ',' order by batches.batch_date)
            as content
    from ops.batches
    where batches.state <> 'not_due'
    group by batches.system
),

files as (
    select
        files.system,
        string_agg(concat_ws('|', files.file_id, files.state), ',' order by files.file_id) as content
    from ops.files
    where files.state in ('landed', 'released', 'held', 'rejected')
    group by files.system
),

-- Figures of an earlier batch change only with its files; those of people in every build.
figures as (
    select
        measures.system,
        string_agg(
            concat_ws(
                '|', measures.entity, measures.batch_date, measures.dimension, measures.rule, measures.column_name,
                measures.checked, measures.passed
            ), ','
            order by
                measures.batch_date, measures.entity, measures.dimension, measures.rule, measures.column_name
        ) as content
    from ops.quality_measures as measures
    inner join measured on measures.system = measured.system
    where measures.batch_date > measured.newest_date - %(days)s -- noqa: PRS, LT01
    group by measures.system
)

select
    measured.system,
    md5(concat_ws(' ', batches.content, files.content, figures.content)) as content
from measured
left join batches on measured.system = batches.system
left join files on measured.system = files.system
left join figures on measured.system = figures.system
