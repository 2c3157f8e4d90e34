-- The temporary table `unsettled`: who is linked anew in any case. What has changed or is gone, and whoever a steward
-- has decided about, also where the decision was undone since.
create temp table unsettled on commit drop as
select touched.record_id
from touched
inner join identity.proposed_clusters as known on touched.record_id = known.record_id
union
select record_id_l as record_id
from identity.decisions
where record_id_r is not null
union
select record_id_r as record_id
from identity.decisions
where record_id_r is not null
