-- Seconds of each step of the given runs, the longest of parallel ones and their sum.
select
    step,
    count(*) as runs,
    round(max(extract(epoch from ended_at - started_at)), 2)::float as longest_s,
    round(sum(extract(epoch from ended_at - started_at)), 2)::float as total_s
from ops.steps
where run_id = any (%s) and ended_at is not null -- noqa: PRS
group by step
order by min(started_at)
