-- Versions that are no more, or say something else than they did: they are standardised anew.
delete from identity.record_versions
where not exists (
    select 1
    from version_hashes
    where
        version_hashes.record_id = record_versions.record_id
        and version_hashes.valid_from_date = record_versions.valid_from_date
        and version_hashes.content_hash = record_versions.content_hash
)
