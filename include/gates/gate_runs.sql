-- One row per run of a gate: what it judged, how it came out, and which rules broke. The days are the newest ones that
-- the filter leaves; a batch of a system has a state of its own.
with runs as (
    select
        gate,
        run_id,
        system,
        batch_date,
        max(gate_result_id) as last_id,
        max(checked_at) as checked_at,
        count(*) filter (where outcome = 'passed') as passed,
        count(*) filter (where outcome = 'warned') as warned,
        count(*) filter (where outcome = 'failed') as failed,
        array_remove(array_agg(distinct case when outcome <> 'passed' then expectation end), null) as broken
    from ops.gate_results
    where %(gate)s::text is null or gate = %(gate)s -- noqa: PRS
    group by gate, run_id, system, batch_date
),

numbered as (
    select
        *,
        row_number() over (partition by gate, batch_date order by last_id desc) = 1 as is_latest
    from runs
),

chosen as (
    select
        *,
        dense_rank() over (order by batch_date desc nulls last) as day
    from numbered
    where
        (%(day)s::date is null or batch_date = %(day)s) -- noqa: PRS
        and (%(before)s::date is null or batch_date < %(before)s) -- noqa: PRS
        and (not %(is_broken)s or warned + failed > 0) -- noqa: PRS
)

select
    chosen.*,
    batches.state
from chosen
left join ops.batches on chosen.system = batches.system and chosen.batch_date = batches.batch_date
where chosen.day <= %(days)s -- noqa: PRS
order by chosen.batch_date desc nulls last, chosen.last_id desc
