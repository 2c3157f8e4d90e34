-- The versions that are to be standardised, in the columns of a comparable record.
select
    versions.record_id,
    versions.valid_from_date,
    versions.system,
    versions.entity,
    versions.source_key,
    versions.batch_date,
    versions.full_name,
    versions.first_name,
    versions.last_name,
    versions.email,
    versions.phone,
    versions.date_of_birth,
    versions.birth_year,
    versions.gender,
    versions.address_line,
    versions.city,
    versions.postcode,
    versions.country,
    versions.occupation,
    version_hashes.content_hash,
    null as claimed_customer_id,
    false as links_by_id_only
from intermediate.int_people__versions as versions
inner join version_hashes
    on versions.record_id = version_hashes.record_id and versions.valid_from_date = version_hashes.valid_from_date
left join identity.record_versions
    on
        versions.record_id = record_versions.record_id
        and versions.valid_from_date = record_versions.valid_from_date
where record_versions.record_id is null
order by versions.record_id, versions.valid_from_date
