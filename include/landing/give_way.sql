-- Released files lose the names that newer ones have taken; one without a name is out.
with kept as (
    select
        held.file_id,
        array_agg(each.held_name order by each.place)
        filter (where not each.held_name = any (%(taken)s)) as names -- noqa: PRS, LT02
    from ops.files as held
    cross join lateral unnest(held.names) with ordinality as each (held_name, place)
    where
        held.state = 'released'
        and (held.system, held.batch_date) = (%(system)s, %(day)s) -- noqa: PRS, LT02
        and held.names && %(taken)s -- noqa: PRS, LT02
        and not held.file_id = any (%(released)s) -- noqa: PRS, LT02
    group by held.file_id
)

update ops.files
set
    names = coalesce(kept.names, '{}'),
    name = coalesce(kept.names[1], files.name),
    state = case when kept.names is null then 'superseded' else 'released' end,
    changed_at = now()
from kept
where files.file_id = kept.file_id
