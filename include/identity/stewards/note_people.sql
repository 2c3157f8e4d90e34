-- The records that a note may mean: by a part of the name, an e-mail address or an id that stands in it.
select
    records.record_id,
    records.system,
    records.source_key,
    records.claimed_customer_id,
    records.first_name,
    records.last_name,
    records.email,
    crosswalk.customer_key
from identity.records as records
inner join identity.crosswalk as crosswalk on records.record_id = crosswalk.record_id
where
    lower(records.last_name) = any (%(words)s) -- noqa: PRS
    or lower(records.first_name) = any (%(words)s) -- noqa: PRS
    or records.email = any (%(emails)s) -- noqa: PRS
    or records.record_id = any (%(ids)s) -- noqa: PRS
    or records.claimed_customer_id = any (%(ids)s) -- noqa: PRS
    or records.source_key = any (%(ids)s) -- noqa: PRS
order by records.record_id
