-- The questions that the review queue holds, by kind, and how many doubts of the kind the linking found.
with listed as (
    select
        kind,
        count(*) as items
    from identity.review_queue
    group by kind
)

select
    coalesce(listed.kind, counts.kind) as kind,
    coalesce(listed.items, 0) as items,
    coalesce(counts.found, 0) as found
from listed
full join identity.review_counts as counts on listed.kind = counts.kind
order by kind
