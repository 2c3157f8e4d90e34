-- The tills may name a shop before anybody delivers it; it has a row then as well, so that no receipt loses it. So may
-- the loyalty programme.
with

mentioned as (
    select store_id_pos from {{ ref('stg_pos__transactions') }}
    union
    select store_id_pos from {{ ref('stg_pos__staff_notes') }}
    union
    select home_store_id_pos as store_id_pos from {{ ref('stg_pos__members') }}
)

select
    md5('pos/' || store_id_pos) as store_key,
    store_id_pos,
    store_name,
    store_format,
    {{ location_key(
        published_country('upper(' ~ address_text('country') ~ ')'), address_text('city'),
        'upper(' ~ address_text('postcode') ~ ')', address_text('address_line')
    ) }} as location_key,
    address_line,
    city,
    postcode,
    country,
    currency,
    opened_date,
    true as is_delivered,
    batch_date,
    file_id,
    row_number
from {{ ref('stg_pos__stores') }}
union all
select
    md5('pos/' || mentioned.store_id_pos) as store_key,
    mentioned.store_id_pos,
    null as store_name,
    null as store_format,
    null as location_key,
    null as address_line,
    null as city,
    null as postcode,
    null as country,
    null as currency,
    null as opened_date,
    false as is_delivered,
    null as batch_date,
    null as file_id,
    null as row_number
from mentioned
left join {{ ref('stg_pos__stores') }} as stores on mentioned.store_id_pos = stores.store_id_pos
where mentioned.store_id_pos is not null and stores.store_id_pos is null
