-- Many records out of few, so that a million are made in a minute: each copy of a person has another day of birth,
-- mailbox, telephone, customer id, postcode, street and place, and another family name unless it is a common one; the
-- given names and the mistakes stay. What is a placeholder stays one. In the sample company itself, drawn larger, a
-- place has six records at any size: copies that stayed in one place would be namesakes as no company has them.
create table intermediate.many_comparable as
with letters as (
    select
        number,
        string_agg(letter, '' order by md5(number || letter)) filter (where letter ~ '[0-9]') as digits,
        string_agg(letter, '' order by md5(number || letter)) filter (where letter ~ '[aeiou]') as vowels,
        string_agg(letter, '' order by md5(number || letter)) filter (where letter ~ '[^0-9aeiou]') as consonants
    from generate_series(0, current_setting('bench.copies')::int - 1) as number
    cross join regexp_split_to_table('0123456789aeioubcdfghjklmnprstvz', '') as letter
    group by number
),

copies as (
    select
        *,
        mod(number * 7919, 9000) as days
    from letters
),

-- Smith is a common name in any population; a rare name is rare in a large one, too.
common as (
    select last_name from intermediate.int_people__comparable
    where last_name is not null
    group by last_name
    having count(*) > 9
),

families as (
    select
        *,
        case
            when full_name like '%,%' then split_part(full_name, ',', 1)
            else substring(full_name from '[^ ]+$')
        end as family_name
    from intermediate.int_people__comparable
),

named as (
    select
        *,
        coalesce(last_name, family_name) in (select common.last_name from common) as is_common
    from families
)

select
    original.record_id || '-' || copies.number as record_id,
    original.system,
    original.entity,
    original.source_key || '-' || copies.number as source_key,
    original.batch_date,
    original.first_seen_date,
    original.recorded_at,
    original.claimed_customer_id || '-' || copies.number as claimed_customer_id,
    case
        when original.is_common then original.full_name
        when original.full_name like '%,%'
            then
                translate(original.family_name, 'bcdfghjklmnprstvzaeiou', copies.consonants || copies.vowels)
                || substr(original.full_name, position(',' in original.full_name))
        else
            coalesce(substring(original.full_name from '^.* '), '')
            || translate(original.family_name, 'bcdfghjklmnprstvzaeiou', copies.consonants || copies.vowels)
    end as full_name,
    original.first_name,
    case
        when original.is_common then original.last_name
        else translate(original.last_name, 'bcdfghjklmnprstvzaeiou', copies.consonants || copies.vowels)
    end as last_name,
    case
        when original.email ~ '^(test|noreply|no-reply|none|unknown|na|n/a|example)@' then original.email
        else
            translate(
                split_part(original.email, '@', 1),
                'bcdfghjklmnprstvzaeiou0123456789',
                copies.consonants || copies.vowels || copies.digits
            )
            || substr(original.email, position('@' in original.email))
    end as email,
    case
        when original.phone ~ '^[+]?(.)\1*$' then original.phone
        else left(original.phone, -7) || translate(right(original.phone, 7), '0123456789', copies.digits)
    end as phone,
    case
        when original.date_of_birth < '1901-01-01' then original.date_of_birth
        else original.date_of_birth - copies.days
    end as date_of_birth,
    original.birth_year - copies.days / 365 as birth_year,
    original.gender,
    translate(original.address_line, 'bcdfghjklmnprstvz0123456789', copies.consonants || copies.digits) as address_line,
    translate(original.city, 'bcdfghjklmnprstvzaeiou', copies.consonants || copies.vowels) as city,
    translate(original.postcode, '0123456789', copies.digits) as postcode,
    original.country,
    original.occupation,
    original.links_by_id_only,
    replace(original.identifiers, '|', '-' || copies.number || '|') || '-' || copies.number as identifiers
from named as original
cross join copies
