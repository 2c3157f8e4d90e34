-- Everybody: the cluster that is proposed for each record beside the key that it has.
create temp table standing on commit drop as
select
    record_id,
    proposed.cluster_id,
    held.customer_key
from identity.proposed_clusters as proposed
full join identity.crosswalk as held using (record_id)
