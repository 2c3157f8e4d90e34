with

as_of as (select max(batch_date) as as_of_date from {{ source('ops', 'build_files') }})

select
    md5('motor/' || vehicles.source_key) as vehicle_owned_key,
    crosswalk.customer_key,
    'motor'::text as system,
    vehicles.record_id,
    {{ start_of_day('vehicles.first_seen_date') }} as occurred_at,
    {{ date_key('vehicles.first_seen_date') }} as date_key,
    vehicles.last_seen_date,
    vehicles.vehicle_make,
    vehicles.vehicle_model,
    vehicles.vehicle_year::integer as vehicle_year,
    (extract(year from as_of.as_of_date) - vehicles.vehicle_year)::integer as vehicle_age_years,
    vehicles.vehicle_type,
    vehicles.is_in_latest_snapshot,
    vehicles.first_seen_date as known_since_date,
    vehicles.batch_date,
    vehicles.file_id,
    vehicles.row_number
from {{ ref('stg_motor__vehicles') }} as vehicles
cross join as_of
left join {{ source('identity', 'crosswalk') }} as crosswalk on vehicles.record_id = crosswalk.record_id
