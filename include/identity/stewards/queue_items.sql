-- The queue, most valuable first, with the decision in force on each item since it was made: on its pair, or with its
-- note.
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
    coalesce(on_pair.decision_id, on_note.decision_id) as decision_id,
    coalesce(on_pair.decision, on_note.decision) as decision,
    coalesce(on_pair.decided_by, on_note.decided_by) as decided_by,
    coalesce(on_pair.decided_at, on_note.decided_at) as decided_at,
    coalesce(on_pair.why, on_note.why) as why,
    concat_ws(' ', left_side.first_name, left_side.last_name) as name_l,
    concat_ws(' ', right_side.first_name, right_side.last_name) as name_r
from identity.review_queue as items
left join identity.decisions_in_force as on_pair
    on on_pair.subject = identity.pair_subject(items.record_id_l, items.record_id_r) and items.note_id is null
left join identity.decisions_in_force as on_note on items.note_id = on_note.note_id
left join identity.records as left_side on items.record_id_l = left_side.record_id
left join identity.records as right_side on items.record_id_r = right_side.record_id
order by items.value desc, items.item_id asc
