-- The records that a note may mean: by the name, an e-mail address or an id that stands in it. Names are looked for as
-- they are compared: folded, by any of their short and long forms. A record that is not compared, or whose first or
-- last name has several words (the note may divide them otherwise), is read where either name is in a note;
-- proposals.py tells which of these the note means.
with wanted as (
    select
        unnest(%(firsts)s::text[]) as first_name, -- noqa: PRS
        unnest(%(lasts)s::text[]) as last_name -- noqa: PRS
),

named as (
    select distinct compared.unique_id as record_id
    from wanted
    inner join identity.compared
        on wanted.last_name = compared.last_name and wanted.first_name = any(compared.aliases)
)

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
left join named on records.record_id = named.record_id
where
    named.record_id is not null
    or (records.links_by_id_only or records.first_name like '%% %%' or records.last_name like '%% %%')
    and (lower(records.last_name) = any (%(words)s) or lower(records.first_name) = any (%(words)s)) -- noqa: PRS
    or records.email = any (%(emails)s) -- noqa: PRS
    or records.record_id = any (%(ids)s) -- noqa: PRS
    or records.claimed_customer_id = any (%(ids)s) -- noqa: PRS
    or records.source_key = any (%(ids)s) -- noqa: PRS
order by records.record_id
