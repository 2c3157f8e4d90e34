-- The temporary table `nameless`: the records without a name, with what may say whose they are. One that `is_by_id` is
-- linked by identifiers alone; the others are compared.
create temp table nameless on commit drop as
select
    records.record_id,
    records.email,
    compared.phone,
    records.identifiers,
    clusters.cluster_id,
    compared.unique_id is null as is_by_id
from identity.records
left join identity.compared on records.record_id = compared.unique_id
left join identity.proposed_clusters as clusters on records.record_id = clusters.record_id
where records.links_by_id_only or coalesce(records.first_name, records.last_name) is null
