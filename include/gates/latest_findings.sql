-- Every expectation of the latest run of each gate.
with last_of_gate as (
    select
        gate,
        max(gate_result_id) as gate_result_id
    from ops.gate_results
    group by gate
),

latest as (
    select
        results.gate,
        results.run_id
    from ops.gate_results as results
    inner join last_of_gate using (gate_result_id)
)

select
    results.gate,
    results.run_id,
    results.system,
    results.batch_date,
    results.checked_at,
    results.expectation,
    results.dimension,
    results.severity,
    results.says,
    results.unit,
    results.tolerated_share,
    results.outcome,
    results.evaluated,
    results.unexpected,
    results.observed,
    results.examples
from ops.gate_results as results
inner join latest using (gate, run_id)
order by results.gate, results.gate_result_id
