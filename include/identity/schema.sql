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
    content_hash text not null
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

create table if not exists identity.links (like identity.proposed_links including all);

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

-- What stewards decided on two records: append-only; a decision is undone by a later row that revokes it.
create table if not exists identity.decisions (
    decision_id bigint generated always as identity primary key,
    record_id_l text not null,
    record_id_r text not null,
    decision text not null check (decision in ('same', 'different')),
    revokes_decision_id bigint references identity.decisions,
    decided_by text not null,
    decided_at timestamptz not null,
    why text not null
);

create table if not exists identity.review_queue (
    record_id_l text not null,
    record_id_r text not null,
    probability double precision,
    reason text not null,
    batch_date date not null,
    primary key (record_id_l, record_id_r)
);

create table if not exists identity.model_versions (
    model_version text primary key,
    settings_sha256 text not null,
    trained_on text not null
);
