-- The database of the sample shop, as a shop has it: typed, with keys, without anything that the pipeline needs.
create schema if not exists shop;

create table if not exists shop.accounts (
    account_id bigint primary key,
    user_id text,
    email text,
    first_name text,
    last_name text,
    phone text,
    billing_street text,
    billing_city text,
    billing_postcode text,
    billing_country text,
    shipping_street text,
    shipping_city text,
    shipping_postcode text,
    shipping_country text,
    is_newsletter boolean not null,
    status text not null,
    registered_at timestamptz not null,
    last_login_at timestamptz,
    updated_at timestamptz
);

create table if not exists shop.orders (
    order_id text primary key,
    account_id bigint,
    cart_id text,
    status text not null,
    currency text not null,
    amount_goods numeric(12, 2) not null,
    amount_discount numeric(12, 2) not null,
    amount_shipping numeric(12, 2) not null,
    amount_total numeric(12, 2) not null,
    payment_method text not null,
    card_number text,
    contact_email text,
    shipping_name text,
    shipping_phone text,
    shipping_street text,
    shipping_city text,
    shipping_postcode text,
    shipping_country text,
    campaign text,
    placed_at timestamptz not null,
    updated_at timestamptz
);

create table if not exists shop.order_items (
    order_id text not null,
    line_number int not null,
    product_id text not null,
    product_name text,
    product_category text,
    quantity int not null,
    unit_price numeric(12, 2) not null,
    updated_at timestamptz,
    primary key (order_id, line_number)
);

create table if not exists shop.carts (
    cart_id text primary key,
    account_id bigint,
    anonymous_id text,
    items_count int not null,
    items_value numeric(12, 2) not null,
    currency text not null,
    product_ids jsonb not null,
    order_id text,
    created_at timestamptz not null,
    abandoned_at timestamptz,
    updated_at timestamptz
);

create table if not exists shop.reviews (
    review_id bigint primary key,
    account_id bigint not null,
    order_id text,
    product_id text not null,
    rating int not null,
    title text,
    review_text text,
    is_published boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz
);

-- The days of the sample that the tables hold already, with a hash of what was applied.
create table if not exists shop.sample_days (day date primary key, content text not null);
