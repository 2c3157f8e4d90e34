-- Takes from `placed` who is among the records to be linked anew by now, or whose customer is, and puts him and the
-- records of this customer into `relinked`, one step further.
with gone as (
    delete from placed
    where
        record_id in (select relinked.record_id from relinked)
        or cluster_id in (
            select own.cluster_id
            from identity.proposed_clusters as own
            inner join relinked on own.record_id = relinked.record_id
        )
    returning record_id, cluster_id
),

following as (select max(relinked.step) + 1 as step from relinked)

insert into relinked (record_id, step)
select
    gone.record_id,
    following.step
from gone
cross join following
union
select
    members.record_id,
    following.step
from gone
inner join identity.proposed_clusters as members on gone.cluster_id = members.cluster_id
cross join following
on conflict do nothing
