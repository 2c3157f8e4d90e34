-- The proposed links of the records in identity.unadopted become the links; only those of records that were linked anew
-- or placed can have changed. `ends` has the left records of all of these, proposed and in force. What is the same in
-- both is left alone.
create temp table ends on commit drop as
select unadopted.record_id from identity.unadopted
union
select links.record_id_l
from identity.unadopted
inner join identity.proposed_links as links on unadopted.record_id = links.record_id_r
union
select links.record_id_l
from identity.unadopted
inner join identity.links on unadopted.record_id = links.record_id_r;

analyze ends;

create temp table proposed_now on commit drop as
select
    proposed.record_id_l,
    proposed.record_id_r,
    proposed.probability,
    proposed.match_weight,
    proposed.reason,
    proposed.model_version
from ends
inner join identity.proposed_links as proposed on ends.record_id = proposed.record_id_l;

create temp table held_now on commit drop as
select
    held.record_id_l,
    held.record_id_r,
    held.probability,
    held.match_weight,
    held.reason,
    held.model_version
from ends
inner join identity.links as held on ends.record_id = held.record_id_l;

analyze proposed_now, held_now;

create temp table gone_links on commit drop as
select
    record_id_l,
    record_id_r,
    probability,
    match_weight,
    reason,
    model_version
from held_now
except
select
    record_id_l,
    record_id_r,
    probability,
    match_weight,
    reason,
    model_version
from proposed_now;

create temp table new_links on commit drop as
select
    record_id_l,
    record_id_r,
    probability,
    match_weight,
    reason,
    model_version
from proposed_now
except
select
    record_id_l,
    record_id_r,
    probability,
    match_weight,
    reason,
    model_version
from held_now;

delete from identity.links as held
using gone_links as gone
where held.record_id_l = gone.record_id_l and held.record_id_r = gone.record_id_r;

insert into identity.links (record_id_l, record_id_r, probability, match_weight, reason, model_version)
select
    record_id_l,
    record_id_r,
    probability,
    match_weight,
    reason,
    model_version
from new_links
