-- Decisions, latest first, with who undid each; the rows that undo are shown with what they undo.
select
    decisions.decision_id,
    decisions.decision,
    decisions.record_id_l,
    decisions.record_id_r,
    decisions.field,
    decisions.old_value,
    decisions.new_value,
    decisions.note_id,
    decisions.decided_by,
    decisions.decided_at,
    decisions.imported_by,
    decisions.why,
    undone.decided_by as undone_by,
    undone.decided_at as undone_at,
    standing.decision_id is not null as is_in_force,
    decisions.decision_id > coalesce((
        select builds.last_decision_id
        from ops.builds
        where builds.state = 'built'
        order by builds.build_id desc
        limit 1
    ), 0) as is_pending,
    concat_ws(' ', left_side.first_name, left_side.last_name) as name_l,
    concat_ws(' ', right_side.first_name, right_side.last_name) as name_r
from identity.decisions as decisions
left join identity.decisions as undone on decisions.decision_id = undone.revokes_decision_id
left join identity.decisions_in_force as standing on decisions.decision_id = standing.decision_id
left join identity.records as left_side on decisions.record_id_l = left_side.record_id
left join identity.records as right_side on decisions.record_id_r = right_side.record_id
where decisions.revokes_decision_id is null
order by decisions.decision_id desc
limit %(most)s -- noqa: PRS
