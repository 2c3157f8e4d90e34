-- The latest released version of each key from before a day, in the order of the key's code points.
select distinct on ({order}) -- noqa: PRS
    {keys},
    case
        when raw.{watermark} ~ '^\d{{4}}-\d{{2}}-\d{{2}}' and pg_input_is_valid(raw.{watermark}, 'timestamptz')
            then raw.{watermark}::timestamptz::{type}
    end as watermark,
    raw.is_deleted is not distinct from 'true' as is_deleted -- noqa: PRS
from {table} as raw
inner join ops.files as files on raw._file_id = files.file_id
where files.state = 'released' and files.batch_date < %(day)s
order by {order}, files.batch_date desc, raw._row desc
