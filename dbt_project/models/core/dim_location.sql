select distinct location_key, country, city, postcode
from {{ ref('int_customers__survived') }}
