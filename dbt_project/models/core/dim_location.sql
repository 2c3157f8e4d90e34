{#- Addresses beside those of records of people, which identity has standardised. -#}
{% set stated = [
    ('ecommerce', ref('stg_ecommerce__accounts'), 'shipping_address_line', 'shipping_city', 'shipping_postcode',
     'shipping_country'),
    ('ecommerce', ref('stg_ecommerce__orders'), 'address_line', 'city', 'postcode', 'country'),
    ('pos', ref('stg_pos__stores'), 'address_line', 'city', 'postcode', 'country'),
] -%}

with

stated as (
    select system, address_line, null::text as region, city, postcode, country
    from {{ source('identity', 'records') }}
    {% for system, relation, address_line, city, postcode, country in stated %}
        union all
        select
            '{{ system }}' as system,
            {{ address_text(address_line) }} as address_line,
            null as region,
            {{ address_text(city) }} as city,
            upper({{ address_text(postcode) }}) as postcode,
            upper({{ address_text(country) }}) as country
        from {{ relation }}
    {% endfor %}
    union all
    select
        'bank' as system, null as address_line, region, district_name as city, null as postcode,
        {{ district_country('region') }} as country
    from {{ ref('stg_bank__districts') }}
),

published as (
    select system, address_line, region, city, postcode, {{ published_country('country') }} as country
    from stated
    where coalesce(address_line, region, city, postcode, country) is not null
),

-- What survives may be put together by a steward from several records, and where nothing is known it is nowhere.
referred as (
    select system, address_line, region, city, postcode, country
    from published
    union all
    select null as system, address_line, null as region, city, postcode, country
    from {{ ref('int_customers__survived') }}
    union all
    select null as system, address_line, null as region, city, postcode, country
    from {{ ref('int_customers__past_survivors') }}
),

addresses as (
    select
        {{ location_key('country', 'city', 'postcode', 'address_line', 'region') }} as location_key,
        address_line, region, city, postcode, country,
        string_agg(distinct system, ',' order by system) as data_source
    from referred
    group by address_line, region, city, postcode, country
)

-- The area is what a postcode begins with: the outward code of the United Kingdom, three digits or letters in the
-- United States and Canada, two elsewhere.
select
    addresses.location_key,
    addresses.country,
    addresses.city,
    addresses.postcode,
    addresses.address_line,
    addresses.region,
    case
        when addresses.country = 'UK' then split_part(addresses.postcode, ' ', 1)
        when addresses.country in ('US', 'CA') then left(addresses.postcode, 3)
        when addresses.country is not null then left(addresses.postcode, 2)
    end as postal_area,
    countries.country_code,
    countries.country_name,
    countries.is_eea,
    nullif(concat_ws(
        ', ',
        addresses.address_line,
        case
            when countries.is_postcode_first then nullif(concat_ws(' ', addresses.postcode, addresses.city), '')
            when countries.country_code in ('US', 'CA', 'AU')
                then nullif(concat_ws(' ', addresses.city, addresses.postcode), '')
            else nullif(concat_ws(', ', addresses.city, addresses.postcode), '')
        end,
        addresses.region,
        countries.country_name
    ), '') as full_address,
    addresses.data_source
from addresses
left join {{ ref('countries') }} as countries
    on case when addresses.country = 'UK' then 'GB' else addresses.country end = countries.country_code
