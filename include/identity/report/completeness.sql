-- The share of a system's records that have each of the fields which the linkage compares.
select
    records.system,
    field.name,
    min(field.place) as place,
    count(field.value)::float / count(*) as filled
from identity.records
cross join
    lateral (
        values
        (1, 'first name', records.first_name),
        (2, 'last name', records.last_name),
        (3, 'day of birth', records.date_of_birth::text),
        (4, 'year of birth', records.birth_year::text),
        (5, 'e-mail', records.email),
        (6, 'phone', records.phone),
        (7, 'street', records.address_line),
        (8, 'city', records.city),
        (9, 'postcode', records.postcode),
        (10, 'gender', records.gender)
    ) as field (place, name, value)
group by records.system, field.name
order by records.system, place
