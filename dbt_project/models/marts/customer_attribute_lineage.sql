with

candidates as (select * from {{ ref('int_customers__attribute_candidates') }}),

losing as (
    select
        customer_key, attribute,
        jsonb_agg(
            jsonb_build_object('value', value, 'system', system, 'record_id', record_id, 'batch_date', batch_date)
            order by rank
        ) as losing_values
    from candidates
    where rank > 1
    group by customer_key, attribute
)

select
    winners.customer_key,
    winners.attribute,
    winners.attribute_group,
    winners.value,
    winners.system,
    winners.record_id,
    winners.batch_date,
    case
        when winners.preference = 0 then winners.rule
        else concat_ws(
            ', ',
            'preference ' || winners.preference,
            winners.rule,
            case when winners.attribute_group <> winners.attribute then winners.attribute_group || ' of one record' end,
            case when not winners.is_whole_group then 'incomplete' end,
            'with steward decision ' || winners.group_decision_id
        )
    end as rule,
    coalesce(losing.losing_values, '[]'::jsonb) as losing_values
from candidates as winners
left join losing on winners.customer_key = losing.customer_key and winners.attribute = losing.attribute
where winners.rank = 1
