-- A pair that a steward has decided is one person is a link, whatever it weighs.
insert into identity.proposed_links (record_id_l, record_id_r, probability, match_weight, reason, model_version)
select
    decided.record_id_l,
    decided.record_id_r,
    1 as probability,
    null as match_weight,
    'steward' as reason,
    %s as model_version -- noqa: PRS, LT02
from identity.decisions_in_force as decided
inner join identity.proposed_clusters as l on decided.record_id_l = l.record_id
inner join identity.proposed_clusters as r on decided.record_id_r = r.record_id and l.cluster_id = r.cluster_id
where decided.decision = 'same'
on conflict (record_id_l, record_id_r) do update set probability = 1, reason = 'steward'
