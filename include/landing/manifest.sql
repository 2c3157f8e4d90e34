-- One row per file; a file of which nothing landed is tried again when it comes again.
insert into ops.files (
    file_id, system, entity, batch_date, name, names, sha256, bytes, encoding, archive_key, archived_sha256,
    redacted_columns, undeclared_columns, missing_columns, ends_within_row, rows_read, rows_landed,
    rows_quarantined, state, reason
) values (
    %(file_id)s, %(system)s, %(entity)s, %(batch_date)s, %(name)s, %(names)s, %(sha256)s, %(bytes)s, -- noqa: PRS
    %(encoding)s, %(archive_key)s, %(archived_sha256)s, %(redacted_columns)s, %(undeclared_columns)s, %(missing_columns)s,
    %(ends_within_row)s, %(rows_read)s, %(rows_landed)s, %(rows_quarantined)s, %(state)s, %(reason)s
)
on conflict (file_id) do update set
    entity = excluded.entity, name = excluded.name, names = excluded.names, encoding = excluded.encoding,
    archive_key = excluded.archive_key, archived_sha256 = excluded.archived_sha256,
    redacted_columns = excluded.redacted_columns, undeclared_columns = excluded.undeclared_columns,
    missing_columns = excluded.missing_columns, ends_within_row = excluded.ends_within_row,
    rows_read = excluded.rows_read, rows_landed = excluded.rows_landed, rows_quarantined = excluded.rows_quarantined,
    state = excluded.state, reason = excluded.reason, changed_at = now()
where files.rows_read is null
