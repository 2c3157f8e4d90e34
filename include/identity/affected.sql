-- The records whose keys are in question, of those in `standing`: those of every proposed cluster that is not exactly
-- the records of one key, those that were given another key for themselves than they have, and whoever these keys and
-- clusters connect with them. Whoever is not among them keeps what he has.
create temp table pairings on commit drop as
select
    cluster_id,
    customer_key
from standing
group by cluster_id, customer_key;

create temp table open_clusters on commit drop as
select cluster_id from pairings
where cluster_id is not null
group by cluster_id
having count(*) > 1 or bool_or(customer_key is null);

create temp table open_keys on commit drop as
select customer_key from pairings
where customer_key is not null
group by customer_key
having count(*) > 1 or bool_or(cluster_id is null);

-- For records whose key is not the one that they were last given for themselves (it has been merged since, or they were
-- withdrawn): that key, and the one that they had when they left. Only a key that was merged into another one, or that
-- was left, can have such records.
create temp table former on commit drop as
with wanted as (
    select
        standing.record_id,
        standing.customer_key
    from standing
    where
        standing.customer_key in (
            select merged.other_key from identity.key_events as merged
            where merged.event = 'merged'
        )
    union all
    select
        standing.record_id,
        null as customer_key
    from standing
    where
        standing.customer_key is null
        and standing.record_id in (
            select gone.record_id from identity.key_events as gone
            where gone.event = 'left'
        )
),

given as (
    select distinct on (key_events.record_id)
        key_events.record_id,
        key_events.customer_key
    from identity.key_events
    where key_events.event in ('joined', 'moved') and key_events.record_id in (select wanted.record_id from wanted)
    order by key_events.record_id asc, key_events.event_id desc
),

departed as (
    select distinct on (key_events.record_id)
        key_events.record_id,
        key_events.customer_key
    from identity.key_events
    where key_events.event = 'left' and key_events.record_id in (select wanted.record_id from wanted)
    order by key_events.record_id asc, key_events.event_id desc
)

select
    given.record_id,
    given.customer_key as home_key,
    case when wanted.customer_key is null then departed.customer_key end as last_key
from given
inner join wanted on given.record_id = wanted.record_id
left join departed on given.record_id = departed.record_id
where wanted.customer_key is distinct from given.customer_key;

insert into open_keys
select home_key from former
union
select last_key from former
where last_key is not null
union
select standing.customer_key from standing
inner join former on standing.record_id = former.record_id
where standing.customer_key is not null;

insert into open_clusters
select standing.cluster_id from standing
inner join former on standing.record_id = former.record_id
where standing.cluster_id is not null;

create temp table affected on commit drop as
select
    record_id,
    standing.cluster_id,
    standing.customer_key,
    former.home_key,
    former.last_key
from standing
full join former using (record_id)
where
    former.record_id is not null
    or standing.cluster_id in (select open_clusters.cluster_id from open_clusters)
    or standing.customer_key in (select open_keys.customer_key from open_keys)
