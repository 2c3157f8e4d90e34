-- What the manifest knows of a batch: whether it came, whether its files could be read, and which of their rows landed.
insert into ops.quality_measures (system, entity, batch_date, dimension, rule, checked, passed)
select
    system,
    '' as entity,
    batch_date,
    'timeliness' as dimension,
    'delivered' as rule,
    1 as checked,
    (state <> 'absent')::int as passed
from ops.batches
where system = %(system)s and batch_date = %(batch_date)s -- noqa: PRS, LT02
union all
select
    system,
    coalesce(entity, '') as entity,
    batch_date,
    'validity' as dimension,
    'file_readable' as rule,
    count(*) as checked,
    count(rows_read) as passed
from ops.files
where
    system = %(system)s and batch_date = %(batch_date)s -- noqa: PRS, LT02
    and state in ('landed', 'released', 'held', 'rejected')
group by system, entity, batch_date
union all
select
    system,
    entity,
    batch_date,
    'validity' as dimension,
    'row_lands' as rule,
    sum(rows_read) as checked,
    sum(rows_landed) as passed
from ops.files
where
    system = %(system)s and batch_date = %(batch_date)s -- noqa: PRS, LT02
    and state in ('landed', 'released', 'held') and entity is not null
group by system, entity, batch_date
having sum(rows_read) > 0
