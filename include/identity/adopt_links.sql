-- The proposed links of the records in `standing` become the links; those that are the same are left alone.
delete from identity.links as held
where
    (
        held.record_id_l in (select standing.record_id from standing)
        or held.record_id_r in (select standing.record_id from standing)
    )
    and not exists (
        select 1 from identity.proposed_links as proposed
        where
            proposed.record_id_l = held.record_id_l
            and proposed.record_id_r = held.record_id_r
            and proposed.match_weight is not distinct from held.match_weight
            and proposed.probability = held.probability
            and proposed.reason = held.reason
            and proposed.model_version = held.model_version
    );

insert into identity.links (record_id_l, record_id_r, probability, match_weight, reason, model_version)
select
    proposed.record_id_l,
    proposed.record_id_r,
    proposed.probability,
    proposed.match_weight,
    proposed.reason,
    proposed.model_version
from identity.proposed_links as proposed
where
    (
        proposed.record_id_l in (select standing.record_id from standing)
        or proposed.record_id_r in (select standing.record_id from standing)
    )
    and not exists (
        select 1 from identity.links as held
        where held.record_id_l = proposed.record_id_l and held.record_id_r = proposed.record_id_r
    )
