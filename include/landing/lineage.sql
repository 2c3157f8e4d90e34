-- Defaults of the lineage columns. They are called immutable although they read the session: so COPY works each out
-- once, when it begins, instead of once a row (half of its time). Nothing else may call them.
create or replace function {schema}.landing_file_id() returns uuid language sql immutable -- noqa: PRS
as $$ select current_setting('customer360.file_id')::uuid $$;

create or replace function {schema}.landing_batch_date() returns date language sql immutable
as $$ select current_setting('customer360.batch_date')::date $$;

create or replace function {schema}.landing_row() returns regclass language sql immutable
as $$ select to_regclass('pg_temp.landing_row') $$;
