-- The cluster of each record in `near`, unless a record of this cluster is in `unsettled`, and so is linked anew.
with disturbed as (
    select distinct clusters.cluster_id
    from identity.proposed_clusters as clusters
    inner join unsettled on clusters.record_id = unsettled.record_id
)

select
    near.record_id,
    own.cluster_id
from near
inner join identity.proposed_clusters as own on near.record_id = own.record_id
left join disturbed on own.cluster_id = disturbed.cluster_id
where disturbed.cluster_id is null
