-- Who is who: standardised records, links, clusters, keys and what happened to them. No column depends on the clock.
create schema if not exists identity;

create table if not exists identity.records (
    record_id text primary key,
    system text not null,
    entity text not null,
    source_key text not null,
    claimed_customer_id text,
    full_name text,
    first_name text,
    middle_name text,
    last_name text,
    email text,
    phone text,
    date_of_birth date,
    birth_year int,
    gender text,
    address_line text,
    city text,
    postcode text,
    country text,
    occupation text,
    links_by_id_only boolean not null default false,
    content_hash text not null,
    identifiers text[] not null default '{}'
);
alter table identity.records add column if not exists identifiers text[] not null default '{}';
create index if not exists records_identifiers on identity.records using gin (identifiers);

-- What is compared of the records that are linked by more than their id; kept in step with identity.records.
create table if not exists identity.compared (
    unique_id text primary key,
    claimed_customer_id text,
    first_name text,
    last_name text,
    aliases text[] not null,
    birth_date text,
    birth_year int,
    email text,
    email_local text,
    phone text,
    postcode text,
    city text,
    street text,
    gender text,
    first_sound text,
    last_sound text,
    identifiers text[] not null default '{}'
);
alter table identity.compared add column if not exists identifiers text[] not null default '{}';
-- Of whom frequencies are counted depends on the day since which a record is known.
alter table identity.compared add column if not exists first_seen_date date;
create index if not exists compared_identifiers on identity.compared using gin (identifiers);
-- An increment looks for the holders of a few mailboxes and telephones, step by step.
-- A mailbox may be longer than what another kind of index can hold.
create index if not exists compared_email on identity.compared using hash (email);
create index if not exists compared_phone on identity.compared (phone);

-- How each linking was done. `relinked` are the records that it gave a cluster: all of them in a full linking; in an
-- increment those that were linked anew, and those that were placed (include/identity/increment/placing.py). The batch
-- date is that of the newest batch it read.
create table if not exists identity.linkings (
    linking_id bigint primary key,
    batch_date date not null,
    mode text not null check (mode in ('full', 'incremental')),
    reason text not null,
    records bigint not null,
    changed bigint not null,
    removed bigint not null,
    relinked bigint not null,
    model_version text not null,
    rules_version text not null
);

alter table identity.linkings add column if not exists is_adopted boolean not null default false;

-- The records that increments have linked anew since the last adoption.
create table if not exists identity.unadopted (record_id text primary key);

-- The linking in full that was asked for: the next linking is one, and the next build happens, new data or not.
create table if not exists identity.relink_requests (
    requested_for date primary key,
    is_linked boolean not null default false
);

-- What a full linking found different from the incremental ones before it: pairs of records of one person, by what
-- moved them.
create table if not exists identity.drift (
    linking_id bigint not null references identity.linkings,
    kind text not null,
    pairs bigint not null,
    primary key (linking_id, kind)
);

-- What the last linking proposes; adopted once gate_identity has passed.
create table if not exists identity.proposed_clusters (record_id text primary key, cluster_id bigint not null);
create table if not exists identity.proposed_links (
    record_id_l text not null,
    record_id_r text not null,
    probability double precision not null,
    match_weight double precision,
    reason text not null,
    model_version text not null,
    primary key (record_id_l, record_id_r)
);

create index if not exists proposed_links_record_id_r on identity.proposed_links (record_id_r);
create index if not exists proposed_clusters_cluster_id on identity.proposed_clusters (cluster_id);

create table if not exists identity.links (
    record_id_l text not null,
    record_id_r text not null,
    probability double precision not null,
    match_weight double precision,
    reason text not null,
    model_version text not null,
    primary key (record_id_l, record_id_r)
);

create table if not exists identity.customer_keys (
    customer_key bigint primary key,
    survivor_key bigint references identity.customer_keys,
    minted_batch_date date not null
);
create table if not exists identity.crosswalk (
    record_id text primary key,
    customer_key bigint not null references identity.customer_keys
);
create index if not exists crosswalk_customer_key on identity.crosswalk (customer_key);

-- One row per event of a key (minted, split off other_key, merged into other_key) or of a record of it (joined, moved
-- from other_key, left). In the order of event_id they replay to the crosswalk.
create table if not exists identity.key_events (
    event_id bigint primary key,
    event text not null check (event in ('minted', 'merged', 'split', 'joined', 'moved', 'left')),
    customer_key bigint not null,
    other_key bigint,
    record_id text,
    batch_date date not null,
    reason text not null
);
create index if not exists key_events_record_id on identity.key_events (record_id);

-- What stewards decided: two records are the same person or different ones, a value of a record is corrected, a note
-- is dismissed. Append-only; a decision is undone by a later row (`undo`) that revokes it. Only here and in
-- model_choices there is a time of the clock.
create table if not exists identity.decisions (
    decision_id bigint generated always as identity primary key,
    record_id_l text,
    record_id_r text,
    decision text not null,
    field text,
    old_value text,
    new_value text,
    note_id text,
    revokes_decision_id bigint references identity.decisions,
    decided_by text not null,
    decided_at timestamptz not null,
    why text not null,
    imported_by text
);
alter table identity.decisions alter column record_id_l drop not null;
alter table identity.decisions alter column record_id_r drop not null;
alter table identity.decisions add column if not exists field text;
alter table identity.decisions add column if not exists old_value text;
alter table identity.decisions add column if not exists new_value text;
alter table identity.decisions add column if not exists note_id text;
alter table identity.decisions add column if not exists imported_by text;
alter table identity.decisions drop constraint if exists decisions_decision_check;
alter table identity.decisions drop constraint if exists decisions_shape;
alter table identity.decisions add constraint decisions_shape check (
    revokes_decision_id is not null or case decision
        when 'same' then record_id_l is not null and record_id_r is not null and record_id_l <> record_id_r
        when 'different' then record_id_l is not null and record_id_r is not null and record_id_l <> record_id_r
        when 'correct' then record_id_l is not null and field is not null and new_value is not null
        when 'dismiss' then note_id is not null
        else false
    end
);
create unique index if not exists decisions_revoked_once on identity.decisions (revokes_decision_id);

-- One name for the question whether two records are one person, whichever stands first.
create or replace function identity.pair_subject(record_id_a text, record_id_b text) returns text
language sql immutable as $$
    select
        'pair/' || least(record_id_a collate "C", record_id_b collate "C")
        || '/' || greatest(record_id_a collate "C", record_id_b collate "C")
    where record_id_a is not null and record_id_b is not null
$$;

-- The decisions that count: not revoked, and none later on the same pair, value or note.
create or replace view identity.decisions_in_force as
select distinct on (standing.subject)
    standing.decision_id,
    standing.record_id_l,
    standing.record_id_r,
    standing.decision,
    standing.field,
    standing.old_value,
    standing.new_value,
    standing.note_id,
    standing.revokes_decision_id,
    standing.decided_by,
    standing.decided_at,
    standing.why,
    standing.subject
from (
    select
        made.*,
        case
            when made.decision = 'correct' then 'value/' || made.record_id_l || '/' || made.field
            when made.decision = 'dismiss' then 'note/' || made.note_id
            else identity.pair_subject(made.record_id_l, made.record_id_r)
        end as subject
    from identity.decisions as made
    left join identity.decisions as later on made.decision_id = later.revokes_decision_id
    where made.revokes_decision_id is null and later.decision_id is null
) as standing
order by standing.subject asc, standing.decision_id desc;

-- The corrections that the last linking has applied, with the value in its standard form.
create table if not exists identity.applied_corrections (
    record_id text not null,
    field text not null,
    value text not null,
    decision_id bigint not null,
    primary key (record_id, field)
);

-- What a steward should look at, most valuable first, and how many more there are beyond the queue's size. Made anew
-- by each linking (proposed) and each adoption; an older shape holds nothing that is to be kept.
do $$
begin
    if to_regclass('identity.review_queue') is not null and not exists (
        select 1 from information_schema.columns
        where table_schema = 'identity' and table_name = 'review_queue' and column_name = 'item_id'
    ) then
        drop table identity.review_queue;
    end if;
end
$$;
create table if not exists identity.review_queue (
    item_id text primary key,
    kind text not null check (kind in ('pair', 'cluster', 'note')),
    record_id_l text,
    record_id_r text,
    note_id text,
    field text,
    new_value text,
    probability double precision,
    value double precision not null,
    reason text not null,
    evidence jsonb not null,
    batch_date date
);
create table if not exists identity.proposed_reviews (like identity.review_queue including all);
create table if not exists identity.proposed_review_counts (kind text primary key, found bigint not null);
create table if not exists identity.review_counts (
    kind text primary key,
    found bigint not null,
    queued bigint not null
);

create table if not exists identity.model_versions (
    model_version text primary key,
    settings_sha256 text not null,
    trained_on text not null
);
-- Of a version that was trained here: its settings, the newest batch it has seen, what it was estimated from, and how
-- it did beside the model in force. No value of a record is in any of them.
alter table identity.model_versions add column if not exists settings jsonb;
alter table identity.model_versions add column if not exists batch_date date;
alter table identity.model_versions add column if not exists evidence jsonb;
alter table identity.model_versions add column if not exists judgement jsonb;

-- Which version was taken into force, by whom, when and why; the last row counts, and the shipped model where there is
-- none. Append-only: to go back is a row, too. As for decisions, the time is of the clock.
create table if not exists identity.model_choices (
    choice_id bigint generated always as identity primary key,
    model_version text not null references identity.model_versions,
    chosen_by text not null,
    chosen_at timestamptz not null,
    why text not null
);

-- What the records said before they said what is in `records`: each version, standardised, since its first delivery.
create table if not exists identity.record_versions (
    record_id text not null,
    valid_from_date date not null,
    first_name text,
    last_name text,
    email text,
    phone text,
    date_of_birth date,
    birth_year int,
    gender text,
    address_line text,
    city text,
    postcode text,
    country text,
    occupation text,
    content_hash text not null,
    primary key (record_id, valid_from_date)
);
