-- The queue, most valuable first, with the decision in force on each item since it was made.
with items as (
    select
        queue.*,
        decided.decision_id,
        decided.decision,
        decided.decided_by,
        decided.decided_at,
        decided.why
    from identity.review_queue as queue
    left join lateral (
        select standing.*
        from identity.decisions_in_force as standing
        where
            standing.note_id = queue.note_id
            or (
                queue.note_id is null
                and standing.subject = identity.pair_subject(queue.record_id_l, queue.record_id_r)
            )
        order by standing.decision_id desc
        limit 1
    ) as decided on true
)

select
    items.item_id,
    items.kind,
    items.record_id_l,
    items.record_id_r,
    items.note_id,
    items.field,
    items.new_value,
    items.probability,
    items.value,
    items.reason,
    items.batch_date,
    items.decision_id,
    items.decision,
    items.decided_by,
    items.decided_at,
    items.why,
    concat_ws(' ', left_side.first_name, left_side.last_name) as name_l,
    concat_ws(' ', right_side.first_name, right_side.last_name) as name_r
from items
left join identity.records as left_side on items.record_id_l = left_side.record_id
left join identity.records as right_side on items.record_id_r = right_side.record_id
order by items.value desc, items.item_id asc
