-- The temporary table `held_by_nameless`: the identifiers of the records in `nameless`, one a row.
create temp table held_by_nameless on commit drop as
select
    nameless.record_id,
    held.identifier
from nameless cross join unnest(nameless.identifiers) as held (identifier)
