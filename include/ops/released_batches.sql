-- The set of released batches with the content of each, as one json object.
select
    coalesce(jsonb_object_agg(batch, content order by batch), '{}'::jsonb) as released_batches
from (
    select
        files.system || '/' || files.batch_date as batch,
        md5(string_agg(files.file_id::text, ',' order by files.file_id)) as content
    from ops.files
    inner join ops.batches using (system, batch_date)
    where files.state = 'released' and batches.state = 'released'
    group by 1
) as released
