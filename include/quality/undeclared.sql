-- Rows of a fact that stand on records which nobody has declared for it (`fact_side`), by the entity that their file
-- holds: lines of their own, which agree with nothing.
insert into ops.reconciliation (
    fact, system, entity, batch_date, raw_rows, fact_rows, differences, unexplained, is_reconciled
)
select
    %(fact)s as fact, -- noqa: PRS, LT02
    coalesce(files.system, '?') as system,
    coalesce(files.entity, '?') || ' (not declared)' as entity,
    coalesce(fact_side.batch_date, '-infinity') as batch_date,
    0 as raw_rows,
    count(*) as fact_rows,
    jsonb_build_object() as differences,
    jsonb_build_object('not declared', count(*)) as unexplained,
    false as is_reconciled
from fact_side
left join ops.build_files as files on fact_side.file_id = files.file_id
where coalesce(files.system, '') <> all(%(broken)s) -- noqa: PRS, LT01
group by files.system, files.entity, fact_side.batch_date
