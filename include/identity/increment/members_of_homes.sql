-- The records of the clusters in `homes`, as population.PEOPLE, and whether they are compared with others.
select
    records.record_id,
    records.system,
    records.claimed_customer_id,
    records.first_name,
    records.middle_name,
    records.last_name,
    records.date_of_birth,
    records.birth_year,
    own.cluster_id,
    (compared.unique_id is not null)::int as is_compared
from homes
inner join identity.proposed_clusters as own on homes.cluster_id = own.cluster_id
inner join identity.records on own.record_id = records.record_id
left join identity.compared on own.record_id = compared.unique_id
