{{ config(tags=['marts']) }}

with

finance as (
    select
        'finance' as system, 'transaction_history' as entity, source_key as transaction_id, record_id,
        null::text as card_token, account_id_finance as account_id, null::text as order_id, null::bigint as line_number,
        null::text as store_id, recorded_at as occurred_at, transaction_type, null::bigint as quantity, amount,
        currency, product_id, channel, null::text as payment_method, null::text as campaign,
        description, coalesce(transaction_type = 'refund', false) as is_return, false as is_cancelled,
        null::text as returned_transaction_id,
        case transaction_type when 'purchase' then 1 when 'refund' then -1 end as spend_sign,
        true as is_in_latest_snapshot, first_seen_date as known_since_date, batch_date, file_id, row_number
    from {{ ref('stg_finance__transactions') }}
),

bank as (
    select
        'bank' as system, 'transactions' as entity, transactions.transaction_id_bank as transaction_id,
        owners.record_id, null::text as card_token,
        transactions.account_id_bank as account_id, null::text as order_id, null::bigint as line_number,
        null::text as store_id, {{ start_of_day('transactions.transaction_date') }} as occurred_at,
        transactions.transaction_type, null::bigint as quantity, transactions.amount, 'CZK' as currency,
        null::text as product_id, transactions.operation as channel, null::text as payment_method,
        null::text as campaign, null::text as description, false as is_return, false as is_cancelled,
        null::text as returned_transaction_id, null::integer as spend_sign, transactions.is_in_latest_snapshot,
        transactions.first_seen_date as known_since_date, transactions.batch_date, transactions.file_id,
        transactions.row_number
    from {{ ref('stg_bank__transactions') }} as transactions
    left join {{ ref('int_bank__owners') }} as owners on transactions.account_id_bank = owners.account_id_bank
),

-- An order that was called off, or has gone from the shop, moved no money; one that came back gave it back.
orders as (
    select
        *,
        status = 'cancelled' or is_deleted as is_called_off,
        status in ('cancelled', 'returned') or is_deleted as is_without_money
    from {{ ref('stg_ecommerce__orders') }}
),

order_lines as (
    select
        'order_items' as entity, items.source_key as transaction_id, items.order_id_ecommerce, items.line_number,
        coalesce(orders.placed_at, items.recorded_at) as occurred_at, 'purchase' as transaction_type, items.quantity,
        items.quantity * items.unit_price as amount, items.product_id, items.is_deleted,
        items.first_seen_date as known_since_date, items.batch_date, items.file_id, items.row_number
    from {{ ref('stg_ecommerce__order_items') }} as items
    left join orders on items.order_id_ecommerce = orders.order_id_ecommerce
    union all
    select
        'orders' as entity, source_key || '/shipping' as transaction_id, order_id_ecommerce, null as line_number,
        placed_at as occurred_at, 'shipping' as transaction_type, null as quantity, amount_shipping as amount,
        null as product_id, is_deleted, first_seen_date as known_since_date, batch_date, file_id, row_number
    from orders
    where amount_shipping > 0
    union all
    select
        'orders' as entity, source_key || '/discount' as transaction_id, order_id_ecommerce, null as line_number,
        placed_at as occurred_at, 'discount' as transaction_type, null as quantity, amount_discount as amount,
        null as product_id, is_deleted, first_seen_date as known_since_date, batch_date, file_id, row_number
    from orders
    where amount_discount > 0
),

ecommerce as (
    select
        'ecommerce' as system, lines.entity, lines.transaction_id, orders.record_id, orders.card_token,
        orders.account_id_ecommerce as account_id, lines.order_id_ecommerce as order_id, lines.line_number,
        null::text as store_id, lines.occurred_at, lines.transaction_type, lines.quantity, lines.amount,
        orders.currency, lines.product_id, 'online shop' as channel, orders.payment_method, orders.campaign,
        null::text as description, coalesce(orders.status = 'returned', false) as is_return,
        lines.is_deleted or coalesce(orders.is_called_off, false) as is_cancelled,
        null::text as returned_transaction_id,
        case
            when lines.is_deleted or orders.is_without_money then 0
            when lines.transaction_type = 'discount' then -1
            else 1
        end as spend_sign,
        true as is_in_latest_snapshot, lines.known_since_date, lines.batch_date, lines.file_id, lines.row_number
    from order_lines as lines
    left join orders on lines.order_id_ecommerce = orders.order_id_ecommerce
),

receipt_lines as (
    select
        lines.source_key, lines.transaction_id_pos, lines.line_number, lines.product_id, lines.quantity,
        abs(lines.quantity) * lines.unit_price - coalesce(lines.discount, 0) as amount,
        lines.first_seen_date as known_since_date, lines.batch_date, lines.file_id, lines.row_number,
        receipts.record_id, receipts.card_token, receipts.loyalty_number_pos, receipts.store_id_pos,
        receipts.recorded_at, receipts.currency, receipts.payment_method, receipts.original_transaction_id_pos,
        row_number() over (
            partition by lines.transaction_id_pos, lines.product_id, lines.quantity < 0 order by lines.line_number
        ) as place
    from {{ ref('stg_pos__transaction_lines') }} as lines
    left join {{ ref('stg_pos__transactions') }} as receipts
        on lines.transaction_id_pos = receipts.transaction_id_pos
),

-- What comes back is the same product on the receipt that is named, which may arrive later.
pos as (
    select
        'pos' as system, 'transaction_lines' as entity, lines.source_key as transaction_id, lines.record_id,
        lines.card_token, lines.loyalty_number_pos as account_id, lines.transaction_id_pos as order_id,
        lines.line_number, lines.store_id_pos as store_id, lines.recorded_at as occurred_at,
        case when lines.quantity < 0 then 'refund' else 'purchase' end as transaction_type, lines.quantity,
        lines.amount, lines.currency, lines.product_id, 'till' as channel, lines.payment_method, null::text as campaign,
        null::text as description, lines.quantity < 0 as is_return, false as is_cancelled,
        sold.source_key as returned_transaction_id, case when lines.quantity < 0 then -1 else 1 end as spend_sign,
        true as is_in_latest_snapshot, lines.known_since_date, lines.batch_date, lines.file_id, lines.row_number
    from receipt_lines as lines
    left join receipt_lines as sold
        on
            lines.quantity < 0
            and lines.original_transaction_id_pos = sold.transaction_id_pos
            and lines.product_id = sold.product_id
            and lines.place = sold.place
            and sold.quantity >= 0
)

select * from finance
union all
select * from bank
union all
select * from ecommerce
union all
select * from pos
