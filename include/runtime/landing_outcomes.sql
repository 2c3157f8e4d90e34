-- Of each landing run: what its files held, whether its gate came to a verdict, and where its batch stands.
with asked as (
    select
        unnest(%s::text []) as dag_id, -- noqa: PRS
        unnest(%s::text []) as run_id -- noqa: PRS
)

select
    steps.dag_id,
    steps.run_id,
    batches.state as batch_state,
    batches.reason,
    bool_or(steps.step = 'gate_raw' and steps.state = 'success') as is_judged,
    max((steps.counts ->> 'read')::bigint) filter (where steps.step = 'land') as read,
    max((steps.counts ->> 'landed')::bigint) filter (where steps.step = 'land') as landed,
    max((steps.counts ->> 'quarantined')::bigint) filter (where steps.step = 'land') as quarantined
from ops.steps
inner join asked using (dag_id, run_id)
left join ops.batches using (system, batch_date)
group by steps.dag_id, steps.run_id, batches.state, batches.reason
