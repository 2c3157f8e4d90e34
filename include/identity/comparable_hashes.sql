-- Which comparable records are there, and a hash of what each says: it changes with the record, with a steward's
-- correction, and with the rules that standardise it; not with a new delivery of the same. A record whose
-- date of birth lies after its delivery is another once that day is past.
create temp table comparable_hashes on commit drop as
select
    comparable.record_id,
    md5(
        concat_ws(
            '|',
            {version},
            {names},
            comparable.date_of_birth <= comparable.batch_date,
            corrected.digest,
            row({columns})::text
        )
    ) as content_hash
from intermediate.int_people__comparable as comparable
left join corrected on comparable.record_id = corrected.record_id
