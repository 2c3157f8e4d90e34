-- Linking proposes one cluster for each record that it was given: only a fault of ours breaks the first two rules.
delete from identity.proposed_clusters
using intermediate.int_people__comparable as c
where
    c.record_id = proposed_clusters.record_id and c.system = 'demographics' and c.row_number in (1, 2)
    and c.batch_date = '2026-11-16';
insert into identity.proposed_clusters (record_id, cluster_id) values ('crm/customers/nobody', 900000);

-- Linking splits what holds too many records of a system, or two people's births, before it proposes.
update identity.proposed_clusters set cluster_id = 900001
from identity.records as r
where r.record_id = proposed_clusters.record_id and r.date_of_birth = '1971-02-03';
with confirmed as (
    select distinct on (r.date_of_birth)
        p.cluster_id,
        r.date_of_birth
    from identity.proposed_clusters as p
    inner join identity.records as r on p.record_id = r.record_id
    where r.date_of_birth is not null and p.cluster_id < 900000
    group by p.cluster_id, r.date_of_birth
    having count(*) > 1
    order by r.date_of_birth, p.cluster_id
),

numbered as (
    select
        cluster_id,
        row_number() over (order by cluster_id) as number
    from (select distinct cluster_id from confirmed) as whole
)

update identity.proposed_clusters set cluster_id = 910000 + (numbered.number - 1) / 2
from numbered
where numbered.cluster_id = proposed_clusters.cluster_id and numbered.number <= 8;

-- A customer base does not change by a tenth in a day, unless a rule of linking has.
update identity.proposed_clusters set cluster_id = 920000 + split.number
from (
    select
        p.record_id,
        row_number() over (order by p.record_id) as number
    from identity.proposed_clusters as p
    inner join identity.records as r on p.record_id = r.record_id
    where r.system in ('motor', 'hr', 'lending') and p.cluster_id < 900000
) as split
where split.record_id = proposed_clusters.record_id;
