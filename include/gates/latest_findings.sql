-- Every expectation of the latest run of each gate.
select
    results.gate,
    results.run_id,
    results.checked_at,
    results.expectation,
    results.dimension,
    results.severity,
    results.outcome,
    results.evaluated,
    results.unexpected,
    results.observed,
    results.examples
from ops.gate_results as results
inner join (
    select
        gate,
        max(gate_result_id) as last_id
    from ops.gate_results
    group by gate
) as latest using (gate)
inner join ops.gate_results as last_of_gate on latest.last_id = last_of_gate.gate_result_id
where results.run_id = last_of_gate.run_id
order by results.gate, results.gate_result_id
