-- One row per system: what its files held and what became of it.
select
    system,
    count(*) as files,
    count(*) filter (where state = 'rejected') as files_rejected,
    coalesce(sum(rows_read), 0)::bigint as rows_read,
    coalesce(sum(rows_landed), 0)::bigint as rows_landed,
    coalesce(sum(rows_quarantined), 0)::bigint as rows_quarantined
from ops.files
group by system
order by system
