-- All records of the proposed clusters of the records in `ends`.
with clusters as (
    select distinct own.cluster_id
    from identity.proposed_clusters as own
    inner join ends on own.record_id = ends.record_id
)

select
    members.record_id,
    members.cluster_id
from identity.proposed_clusters as members
inner join clusters on members.cluster_id = clusters.cluster_id
