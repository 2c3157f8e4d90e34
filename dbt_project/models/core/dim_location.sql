with

places as (
    select customer_key, attribute, value
    from {{ ref('int_customers__attribute_candidates') }}
    where place = 1 and attribute in ('country', 'city', 'postcode')
),

of_customers as (
    select
        coalesce(max(places.value) filter (where places.attribute = 'country'), '') as country,
        coalesce(max(places.value) filter (where places.attribute = 'city'), '') as city,
        coalesce(max(places.value) filter (where places.attribute = 'postcode'), '') as postcode
    from (select distinct customer_key from {{ source('identity', 'crosswalk') }}) as customers
    left join places on customers.customer_key = places.customer_key
    group by customers.customer_key
)

select distinct
    md5(concat_ws('|', country, city, postcode)) as location_key,
    nullif(country, '') as country,
    nullif(city, '') as city,
    nullif(postcode, '') as postcode
from of_customers
