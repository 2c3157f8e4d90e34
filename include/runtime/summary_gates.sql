-- How the expectations of the given runs came out, by gate.
select
    gate,
    count(*) filter (where outcome = 'passed') as passed,
    count(*) filter (where outcome = 'warned') as warned,
    count(*) filter (where outcome = 'failed') as failed
from ops.gate_results
where run_id = any (%s) -- noqa: PRS
group by gate
order by gate
