-- The temporary table `holders`: the compared records that hold an identifier or a mailbox of those in `asked`, with
-- their cluster, or none where nobody can know it before they are linked anew.
create temp table holders on commit drop as
with found as (
    select compared.unique_id
    from asked
    cross join unnest(asked.identifiers) as held (identifier)
    inner join identity.compared on compared.identifiers @> array[held.identifier]
    union
    select compared.unique_id
    from asked
    inner join identity.compared on asked.email = compared.email
),

disturbed as (
    select distinct clusters.cluster_id
    from identity.proposed_clusters as clusters
    inner join unsettled on clusters.record_id = unsettled.record_id
)

select
    found.unique_id as record_id,
    case when disturbed.cluster_id is null then coalesce(own.cluster_id, placed.cluster_id) end as cluster_id,
    touched.record_id is not null as is_fresh
from found
left join identity.proposed_clusters as own on found.unique_id = own.record_id
left join placed on found.unique_id = placed.record_id
left join disturbed on own.cluster_id = disturbed.cluster_id
left join touched on found.unique_id = touched.record_id
