-- The temporary table `reference`: the day up to which records are counted for frequencies. It is the first on which
-- there were as many records, in steps of a quarter of a doubling, as there are now; null while there is none.
create temp table reference on commit drop as
with days as (
    select
        first_seen_date,
        floor(4 * log(2, sum(count(*)) over (order by first_seen_date))) as step
    from identity.compared
    group by first_seen_date
)

select min(days.first_seen_date) as first_seen_date
from days
where days.step = (select max(latest.step) from days as latest)
