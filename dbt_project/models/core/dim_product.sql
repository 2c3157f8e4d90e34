with

named as (
    select distinct on (product_id)
        product_id, product_name, product_category
    from {{ ref('stg_usage__product_usage') }}
    where product_id is not null
    order by product_id asc, batch_date desc, source_key asc
),

sold as (
    select distinct product_id
    from {{ ref('stg_finance__transactions') }}
    where product_id is not null
)

select
    md5(coalesce(named.product_id, sold.product_id)) as product_key,
    coalesce(named.product_id, sold.product_id) as product_id,
    named.product_name,
    named.product_category
from named
full outer join sold on named.product_id = sold.product_id
