-- Each dimension of each system over all of its entities, in the newest batch of each.
select
    system,
    dimension,
    max(batch_date) as batch_date,
    sum(passed)::double precision / nullif(sum(checked), 0) as share,
    sum(change * checked) / nullif(sum(checked) filter (where change is not null), 0) as change
from (
    select
        *,
        row_number() over (partition by system, entity, dimension order by batch_date desc) as place
    from ops.quality_trend
) as newest
where place = 1
group by system, dimension
