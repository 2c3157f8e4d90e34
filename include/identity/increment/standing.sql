-- The temporary table `standing`, as in linkings of everybody, of those whom increments may have changed alone: the
-- records that they have linked anew, whoever shares a cluster or a key with one of these, and whoever has a key now
-- that one of them once had.
create temp table old_and_new on commit drop as
with mine as (
    select
        held.customer_key,
        own.cluster_id
    from identity.unadopted
    left join identity.crosswalk as held on unadopted.record_id = held.record_id
    left join identity.proposed_clusters as own on unadopted.record_id = own.record_id
)

select unadopted.record_id from identity.unadopted
union
select holders.record_id
from (select distinct mine.customer_key from mine) as keys
inner join identity.crosswalk as holders on keys.customer_key = holders.customer_key
union
select members.record_id
from (select distinct mine.cluster_id from mine) as clusters
inner join identity.proposed_clusters as members on clusters.cluster_id = members.cluster_id;

analyze old_and_new;

create temp table with_former on commit drop as
select old_and_new.record_id from old_and_new
union
select holders.record_id
from (
    select distinct key_events.customer_key
    from old_and_new
    inner join identity.key_events on old_and_new.record_id = key_events.record_id
) as keys
inner join identity.crosswalk as holders on keys.customer_key = holders.customer_key;

analyze with_former;

create temp table standing on commit drop as
with mine as (
    select
        held.customer_key,
        own.cluster_id
    from with_former
    left join identity.crosswalk as held on with_former.record_id = held.record_id
    left join identity.proposed_clusters as own on with_former.record_id = own.record_id
),

whole as (
    select with_former.record_id from with_former
    union
    select holders.record_id
    from (select distinct mine.customer_key from mine) as keys
    inner join identity.crosswalk as holders on keys.customer_key = holders.customer_key
    union
    select members.record_id
    from (select distinct mine.cluster_id from mine) as clusters
    inner join identity.proposed_clusters as members on clusters.cluster_id = members.cluster_id
)

select
    whole.record_id,
    proposed.cluster_id,
    held.customer_key
from whole
left join identity.proposed_clusters as proposed on whole.record_id = proposed.record_id
left join identity.crosswalk as held on whole.record_id = held.record_id
