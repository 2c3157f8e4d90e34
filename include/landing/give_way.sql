-- Released files lose the names that newer ones have taken; one without a name is out.
update ops.files
set
    names = kept.names,
    name = coalesce(kept.names[1], files.name),
    state = case when kept.names = '{}' then 'superseded' else 'released' end,
    changed_at = now()
from (
    select
        held.file_id,
        array(
            select held_name from unnest(held.names) with ordinality as each (held_name, place)
            where held_name <> all(%(taken)s) order by place -- noqa: PRS
        ) as names
    from ops.files as held
    where
        held.system = %(system)s and held.batch_date = %(day)s -- noqa: PRS
        and held.state = 'released' and held.names && %(taken)s -- noqa: PRS
        and held.file_id <> all(%(released)s) -- noqa: PRS
) as kept
where files.file_id = kept.file_id
