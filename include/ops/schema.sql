-- What the pipeline knows about itself: batches, files, bad rows, gates, alerts, builds.
-- Everything here is idempotent, so that every start of the project may run it.
create schema if not exists ops;
create schema if not exists staging;
create schema if not exists intermediate;
create schema if not exists core;
create schema if not exists marts;

-- One row per system and batch date: what settled, and how.
create table if not exists ops.batches (
    system text not null,
    batch_date date not null,
    state text not null check (state in ('landed', 'released', 'held', 'absent', 'not_due')),
    reason text,
    changed_at timestamptz not null default now(),
    primary key (system, batch_date)
);

-- The file manifest: one row per distinct content (sha256) in a batch. A file whose name comes again in the
-- same batch with other content supersedes the earlier one.
create table if not exists ops.files (
    file_id uuid primary key,
    system text not null,
    entity text,
    batch_date date not null,
    name text not null,
    sha256 text not null,
    bytes bigint not null,
    encoding text,
    archive_key text,
    archived_sha256 text,
    redacted_columns text[] not null default '{}',
    undeclared_columns text[] not null default '{}',
    missing_columns text[] not null default '{}',
    rows_read bigint,
    rows_landed bigint,
    rows_quarantined bigint,
    state text not null check (state in ('rejected', 'landed', 'released', 'held', 'superseded')),
    reason text,
    received_at timestamptz not null default now(),
    changed_at timestamptz not null default now(),
    constraint files_balance check (rows_read is null or rows_read = rows_landed + rows_quarantined)
);
-- When the gate last judged the file: what landed since a verdict waits for one of its own.
alter table ops.files add column if not exists judged_at timestamptz;
-- The names under which the content is in the inbox and that no released file has taken since; `name` is the first.
alter table ops.files add column if not exists names text[] not null default '{}';
update ops.files set names = array[name]
where names = '{}' and state <> 'superseded';
-- Whether a delimited file ends without the line end that its other rows have: it may have been cut off.
alter table ops.files add column if not exists ends_within_row boolean not null default false;
create index if not exists files_batch on ops.files (system, batch_date);

-- Rows that could not land, whole, with the place and the reason. Written in the transaction of their file.
create table if not exists ops.quarantine (
    file_id uuid not null references ops.files,
    row_number bigint not null,
    line bigint,
    rule text not null,
    reason text not null,
    record text not null,
    primary key (file_id, row_number)
);

-- The files that the build under way reads; staging joins on it. Replaced in one transaction when a build starts.
create table if not exists ops.build_files (
    file_id uuid primary key references ops.files,
    system text not null,
    entity text not null,
    batch_date date not null
);

create table if not exists ops.builds (
    build_id bigint generated always as identity primary key,
    partition_key text not null,
    run_id text not null,
    released_batches jsonb not null,
    state text not null check (state in ('running', 'built', 'failed', 'skipped')),
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz
);
-- The latest steward's decision when the build began; those after it are new to the next build.
alter table ops.builds add column if not exists last_decision_id bigint not null default 0;

create table if not exists ops.steps (
    step_id bigint generated always as identity primary key,
    dag_id text not null,
    run_id text not null,
    step text not null,
    system text,
    batch_date date,
    state text not null check (state in ('running', 'success', 'failed')),
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    counts jsonb not null default '{}'
);

create table if not exists ops.gate_results (
    gate_result_id bigint generated always as identity primary key,
    gate text not null,
    run_id text not null,
    system text,
    batch_date date,
    entity text,
    column_name text,
    expectation text not null,
    dimension text not null check (
        dimension in ('completeness', 'accuracy', 'consistency', 'uniqueness', 'timeliness', 'integrity')
    ),
    severity text not null check (severity in ('critical', 'warning')),
    outcome text not null check (outcome in ('passed', 'warned', 'failed')),
    evaluated bigint,
    unexpected bigint,
    observed text,
    examples jsonb not null default '[]',
    checked_at timestamptz not null default now()
);
-- What the rule asks for in words, what it counts, and how much of it may be broken.
alter table ops.gate_results add column if not exists says text not null default '';
alter table ops.gate_results add column if not exists unit text not null default 'rows';
alter table ops.gate_results add column if not exists tolerated_share double precision not null default 0;
create index if not exists gate_results_run on ops.gate_results (gate, run_id);

-- The outbox: one row per problem, written in the transaction of the gate result that found it.
-- Rows of one notice go out as one mail.
create table if not exists ops.alerts (
    alert_id bigint generated always as identity primary key,
    notice uuid not null,
    system text,
    batch_date date,
    gate text not null,
    expectation text not null,
    severity text not null check (severity in ('critical', 'warning')),
    detail jsonb not null,
    opened_at timestamptz not null default now(),
    resolved_at timestamptz,
    sent_at timestamptz,
    attempts int not null default 0,
    last_error text
);
-- Whether a mail has said that the problem is over, or none is to say so: problems that were there before the column.
alter table ops.alerts add column if not exists is_cleared boolean not null default true;
alter table ops.alerts alter column is_cleared set default false;
alter table ops.alerts drop constraint if exists alerts_severity_check;
alter table ops.alerts add constraint alerts_severity_check
check (severity in ('critical', 'warning', 'cleared'));
create unique index if not exists alerts_open
on ops.alerts (coalesce(system, ''), coalesce(batch_date, '-infinity'), gate, expectation)
where resolved_at is null;

-- The pairs that the last linking in full scored, counted by match weight and by whether they became one person.
create table if not exists ops.scored_pairs (
    weight int not null,
    reason text not null,
    is_one_person boolean not null,
    pairs bigint not null,
    expected_true double precision not null,
    primary key (weight, reason, is_one_person)
);
-- Of these the ones that stewards have decided, and how many they have decided to be the same.
alter table ops.scored_pairs add column if not exists decided_pairs bigint not null default 0;
alter table ops.scored_pairs add column if not exists decided_same bigint not null default 0;
alter table ops.scored_pairs add column if not exists decided_expected double precision not null default 0;

-- The figures of the identity report of each build, so that the next one can tell what has drifted.
create table if not exists ops.identity_figures (
    build_id bigint not null references ops.builds on delete cascade,
    figure text not null,
    value double precision not null,
    primary key (build_id, figure)
);

-- How the linking compares with the truth of the sample, by system, when `make demo` last measured it; the pipeline has
-- no truth and writes nothing here.
create table if not exists ops.identity_truth (
    system text primary key,
    pairs bigint not null,
    possible bigint not null,
    precision double precision not null,
    recall double precision not null,
    share_of_possible double precision not null
);
-- The wrong and the missing pairs of records with a name in it: one row, where it was measured.
create table if not exists ops.identity_truth_errors (
    false_links bigint not null,
    missed_links bigint not null
);

-- The tables and views that the last publishing has put into the published schemas; what else is there is of others.
create table if not exists ops.published_relations (
    schema_name text not null,
    table_name text not null,
    primary key (schema_name, table_name)
);

create table if not exists ops.dbt_results (
    run_id text not null,
    node text not null,
    status text not null,
    execution_s double precision not null,
    rows_affected bigint,
    failures bigint,
    recorded_at timestamptz not null default now(),
    primary key (run_id, node)
);

-- A number as staging reads it: what is none of its form is null.
create or replace function ops.to_number(written text) returns numeric language sql immutable parallel safe
as $$ select case when written ~ '^\s*-?\d+(\.\d+)?\s*$' and pg_input_is_valid(written, 'numeric')
    then written::numeric end $$;

-- How many rows of an entity are usual before a day: the median and the smallest number of its last seven released
-- batches, from the first one on that had any.
create or replace function ops.usual_rows(
    of_system text, of_entity text, before_day date, out batches bigint, out least_rows numeric, out usual numeric
) language sql stable
as $$
    select count(*), min(rows), round(percentile_cont(0.5) within group (order by rows)) from (
        select rows from (
            select batch_date, rows, sum(rows) over (order by batch_date) as so_far from (
                select batch_date, coalesce(sum(rows_landed) filter (where entity = of_entity), 0) as rows
                from ops.files where system = of_system and batch_date < before_day and state = 'released'
                group by batch_date
            ) as delivered
        ) as counted where so_far > 0 order by batch_date desc limit 7
    ) as last_ones
$$;

-- The UTC day of a time as staging reads it: one that names no zone is UTC, as the session has to be.
create or replace function ops.to_day(written text) returns date language sql stable parallel safe
as $$ select case when written ~ '^\d{4}-\d{2}-\d{2}(?!.*[Bb][Cc])' and pg_input_is_valid(written, 'timestamptz')
    then (written::timestamptz at time zone 'UTC')::date end $$;

-- Each fact beside the records of raw that it stands on, as of the last gate of the marts. `differences` are those that
-- raw explains (name: rows and amount), `unexplained` those that nothing does (name: rows).
create table if not exists ops.reconciliation (
    fact text not null,
    system text not null,
    entity text not null,
    batch_date date not null,
    raw_rows bigint not null,
    fact_rows bigint not null,
    raw_amount numeric,
    fact_amount numeric,
    differences jsonb not null,
    unexplained jsonb not null,
    is_reconciled boolean not null,
    primary key (fact, system, entity, batch_date)
);

-- The six dimensions of quality, per system, entity and batch: how many values or records were looked at, how many are
-- sound. An earlier batch keeps what was measured of it. `entity` is empty where the batch as a whole is meant.
create table if not exists ops.quality_measures (
    system text not null,
    entity text not null,
    batch_date date not null,
    dimension text not null check (
        dimension in ('completeness', 'validity', 'uniqueness', 'consistency', 'timeliness', 'accuracy')
    ),
    rule text not null,
    column_name text not null default '',
    checked bigint not null,
    passed bigint not null,
    share double precision generated always as (
        case when checked > 0 then passed::double precision / checked end
    ) stored,
    measured_at timestamptz not null default now(),
    primary key (system, batch_date, entity, dimension, rule, column_name)
);
-- What a batch held when it was measured last, so that only what is new or has changed is measured.
create table if not exists ops.quality_batches (
    system text not null,
    batch_date date not null,
    content text not null,
    measured_at timestamptz not null default now(),
    primary key (system, batch_date)
);
-- Each dimension of an entity over time, beside the batch before and the seven before that. `change` compares only what
-- was measured in both batches.
create or replace view ops.quality_trend as
with compared as (
    select
        measures.*,
        lag(measures.checked) over earlier as previous_checked,
        lag(measures.passed) over earlier as previous_passed
    from ops.quality_measures as measures
    window
        earlier as (
            partition by measures.system, measures.entity, measures.dimension, measures.rule, measures.column_name
            order by measures.batch_date
        )
),

summed as (
    select
        system,
        entity,
        dimension,
        batch_date,
        sum(checked)::bigint as checked,
        sum(passed)::bigint as passed,
        sum(passed)::double precision / nullif(sum(checked), 0) as share,
        sum(previous_passed)::double precision / nullif(sum(previous_checked), 0) as previous_share,
        sum(passed) filter (where previous_checked > 0)::double precision
        / nullif(sum(checked) filter (where previous_checked > 0), 0) as comparable_share
    from compared
    group by system, entity, dimension, batch_date
)

select
    summed.system,
    summed.entity,
    summed.dimension,
    summed.batch_date,
    summed.checked,
    summed.passed,
    summed.share,
    summed.previous_share,
    summed.comparable_share - summed.previous_share as change,
    avg(summed.share) over (
        partition by summed.system, summed.entity, summed.dimension order by summed.batch_date
        rows between 7 preceding and 1 preceding
    ) as usual_share
from summed;

-- A value that says nothing although it is there: a word for nothing, an address for tests, a first or last day of a
-- calendar, noughts, ones or nines alone, or text that was read in another encoding than it was written in.
create or replace function ops.is_placeholder(written text) returns boolean language sql immutable parallel safe
as $$ select length(written) < 9 and lower(trim(written)) in (
        'n/a', 'na', 'none', 'null', 'unknown', '-', '?', 'x', 'xx', 'xxx', 'test'
    )
    or left(written, 10) in ('1900-01-01', '01/01/1900', '01.01.1900', '1970-01-01', '9999-12-31')
    or lower(split_part(written, '@', 1)) in (
        'test', 'noreply', 'no-reply', 'none', 'unknown', 'na', 'n/a', 'example'
    ) and written like '%@%'
    or length(written) > 5 and translate(written, '+ -()./', '') in (
        repeat('0', length(translate(written, '+ -()./', ''))), repeat('1', length(translate(written, '+ -()./', ''))),
        repeat('9', length(translate(written, '+ -()./', '')))
    )
    or octet_length(written) > length(written)
    and written ~ U&'[\00C2-\00F4][\0080-\00BF\0152-\0192\02C6\02DC\2013-\203A\20AC\2122]' $$;

-- How many customers two systems have in common, as of a day; a system with itself gives all of its customers.
create table if not exists ops.system_overlap (
    as_of_date date not null,
    system text not null,
    other_system text not null,
    customers bigint not null,
    primary key (as_of_date, system, other_system)
);
-- How many customers exactly this set of systems knows.
create table if not exists ops.system_sets (
    as_of_date date not null,
    systems text[] not null,
    customers bigint not null,
    primary key (as_of_date, systems)
);
-- Per system: whom it alone knows, and how many customers of the company it does not know.
create table if not exists ops.system_gaps (
    as_of_date date not null,
    system text not null,
    customers bigint not null,
    only_here bigint not null,
    missing_here bigint not null,
    primary key (as_of_date, system)
);
