-- The rules of columns that values of a system broke, each in the newest batch in which any did, most broken first.
select *
from (
    select distinct on (measures.entity, measures.rule, measures.column_name)
        measures.entity,
        measures.rule,
        measures.column_name,
        measures.batch_date,
        measures.checked,
        measures.checked - measures.passed as broken
    from ops.quality_measures as measures
    where
        measures.system = %(system)s -- noqa: PRS, LT02
        and measures.passed < measures.checked and measures.column_name <> ''
        and (
            measures.rule in (
                'type', 'pattern', 'allowed', 'minimum', 'maximum', 'unique', 'references', 'plausible'
            )
            or measures.rule = 'filled'
            and measures.entity || '.' || measures.column_name = any(%(required)s) -- noqa: PRS, LT01
        )
    order by measures.entity, measures.rule, measures.column_name, measures.batch_date desc
) as newest
order by broken desc, entity asc, column_name asc, rule asc
limit %(most)s -- noqa: PRS
