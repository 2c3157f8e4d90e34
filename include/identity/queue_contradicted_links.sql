-- Links that their clusters did not follow are a steward's to look at; those that no longer are leave the queue.
-- A pair that a steward has decided is not asked again.
with contradicted as (
    select
        links.record_id_l,
        links.record_id_r,
        links.probability,
        'linked (' || links.reason || '), yet held apart by the other records' as reason
    from identity.proposed_links as links
    inner join identity.proposed_clusters as left_side on links.record_id_l = left_side.record_id
    inner join identity.proposed_clusters as right_side on links.record_id_r = right_side.record_id
    where
        left_side.cluster_id <> right_side.cluster_id
        and not exists (
            select 1 from identity.decisions
            where
                least(decisions.record_id_l, decisions.record_id_r) = links.record_id_l
                and greatest(decisions.record_id_l, decisions.record_id_r) = links.record_id_r
        )
),

settled as (
    delete from identity.review_queue
    where not exists (
        select 1 from contradicted
        where
            contradicted.record_id_l = review_queue.record_id_l
            and contradicted.record_id_r = review_queue.record_id_r
    )
)

insert into identity.review_queue (record_id_l, record_id_r, probability, reason, batch_date)
select record_id_l, record_id_r, probability, reason, %(as_of)s -- noqa: PRS
from contradicted
on conflict (record_id_l, record_id_r) do update set
    probability = excluded.probability, reason = excluded.reason
