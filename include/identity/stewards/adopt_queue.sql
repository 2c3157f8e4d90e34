-- The proposals become the queue. What a steward has decided since the linking is not asked; an item that was there
-- before keeps the day on which it came.
with asked as (
    select *
    from identity.proposed_reviews as proposed
    where
        not exists (
            select 1 from identity.decisions_in_force as decided
            where decided.subject = identity.pair_subject(proposed.record_id_l, proposed.record_id_r)
        )
        and not exists (
            select 1 from identity.decisions_in_force as decided
            where decided.note_id = proposed.note_id
        )
),

gone as (
    delete from identity.review_queue
    where item_id not in (select item_id from asked)
),

counted as (
    delete from identity.review_counts
    where kind not in (select kind from identity.proposed_review_counts)
),

counts as (
    insert into identity.review_counts (kind, found, queued)
    select
        found.kind,
        found.found,
        (
            select count(*) from asked
            where asked.kind = found.kind
        ) as queued
    from identity.proposed_review_counts as found
    on conflict (kind) do update set found = excluded.found, queued = excluded.queued
)

insert into identity.review_queue
select
    item_id,
    kind,
    record_id_l,
    record_id_r,
    note_id,
    field,
    new_value,
    probability,
    value,
    reason,
    evidence,
    %(as_of)s as batch_date -- noqa: PRS, LT02
from asked
on conflict (item_id) do update set
    kind = excluded.kind, record_id_l = excluded.record_id_l, record_id_r = excluded.record_id_r,
    field = excluded.field, new_value = excluded.new_value, probability = excluded.probability,
    value = excluded.value, reason = excluded.reason, evidence = excluded.evidence
