-- A hash of each earlier version: one whose hash is known is neither fetched nor standardised. A correction counts for
-- all versions of its record.
create temporary table version_hashes as
select
    versions.record_id,
    versions.valid_from_date,
    md5(
        concat_ws('|', current_setting('identity.rules_version'), corrected.digest, to_jsonb(versions)::text)
    ) as content_hash
from intermediate.int_people__versions as versions
left join corrected on versions.record_id = corrected.record_id
