-- Adds the items in `new_reviews` to the proposed queue. Of two customers only one pair is asked about, the best.
create temp table rivals on commit drop as
with sides as (
    select
        items.item_id,
        items.is_new,
        items.probability,
        least(l.cluster_id, r.cluster_id) as low,
        greatest(l.cluster_id, r.cluster_id) as high
    from (
        select
            new_reviews.item_id,
            new_reviews.record_id_l,
            new_reviews.record_id_r,
            new_reviews.probability,
            true as is_new
        from new_reviews
        union all
        select
            proposed.item_id,
            proposed.record_id_l,
            proposed.record_id_r,
            proposed.probability,
            false as is_new
        from identity.proposed_reviews as proposed
        where proposed.kind = 'pair'
    ) as items
    inner join identity.proposed_clusters as l on items.record_id_l = l.record_id
    inner join identity.proposed_clusters as r on items.record_id_r = r.record_id
)

select
    fresh.item_id as new_item_id,
    known.item_id as old_item_id,
    known.probability >= fresh.probability and known.item_id <> fresh.item_id as is_old_better
from sides as fresh
inner join sides as known on fresh.low = known.low and fresh.high = known.high and not known.is_new
where fresh.is_new;

delete from new_reviews using rivals
where new_reviews.item_id = rivals.new_item_id and rivals.is_old_better;

with replaced as (
    delete from identity.proposed_reviews as proposed using rivals
    where proposed.item_id = rivals.old_item_id and not rivals.is_old_better
    returning proposed.kind
),

added as (
    insert into identity.proposed_reviews
    select new_reviews.*
    from new_reviews
    returning kind
)

insert into identity.proposed_review_counts (kind, found)
select
    'pair' as kind,
    (select count(*) from added) - (select count(*) from replaced) as found
on conflict (kind) do update set found = proposed_review_counts.found + excluded.found;
