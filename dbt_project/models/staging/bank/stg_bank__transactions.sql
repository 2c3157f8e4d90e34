-- The postings of a day arrive in no order. Each one leads from the balance before it to the balance after it, so their
-- order is the walk over those balances. Walks grow posting by posting, the best 32 of a day at a time; the one with
-- the smallest gaps wins. (Balances are rounded, so a gap of 0.1 is no fault.)
with recursive

released as (
    {{ released('bank', 'transactions') }}
),

typed as (

    select
        {{ blank_to_null('trans_id') }} as source_key,
        {{ blank_to_null('trans_id') }} as transaction_id_bank,
        {{ blank_to_null('account_id') }} as account_id_bank,
        {{ to_bank_date('"date"') }} as transaction_date,
        -- VYBER (a cash withdrawal) is an outflow like VYDAJ.
        case
            when type = 'PRIJEM' then 'deposit'
            when type in ('VYDAJ', 'VYBER') then 'withdrawal'
        end as transaction_type,
        {{ blank_to_null('operation') }} as operation,
        {{ to_number('amount') }} as amount,
        {{ to_number('balance') }} as balance,
        {{ blank_to_null('k_symbol') }} as purpose,
        {{ blank_to_null('bank') }} as partner_bank,
        {{ tokenise('account', 'account') }} as partner_account_token,
        null::timestamptz as recorded_at,
        batch_date,
        file_id,
        row_number,
        content_hash
    from released

),

latest as (
    {{ latest_version('typed') }}
),

-- What the bank has taken out of its list is no step of a walk.
listed as (
    select
        *,
        {{ is_in_latest_snapshot('bank', 'transactions') }} as is_in_latest_snapshot
    from latest
),

signed as (

    select
        source_key,
        account_id_bank,
        transaction_date,
        balance as balance_after,
        case when transaction_type = 'deposit' then amount else -amount end as change
    from listed
    where
        is_in_latest_snapshot
        and account_id_bank is not null and transaction_date is not null and transaction_type is not null
        and amount is not null and balance is not null

),

-- What the account held before the day, up to a constant per account: what all earlier days added.
postings as (

    select
        source_key,
        account_id_bank,
        transaction_date,
        balance_after,
        balance_after - change as balance_before,
        sum(change) over (partition by account_id_bank order by transaction_date)
        - sum(change) over (partition by account_id_bank, transaction_date) as added_before,
        count(*) over (partition by account_id_bank, transaction_date) as day_count,
        row_number() over (
            partition by account_id_bank, transaction_date order by length(source_key), source_key
        ) as place
    from signed

),

-- The constant, from the days that hold one posting only.
openings as (

    select
        account_id_bank,
        percentile_disc(0.5) within group (order by balance_before - added_before) as opening_balance
    from postings
    where day_count = 1
    group by account_id_bank

),

crowded as (

    select
        postings.account_id_bank,
        postings.transaction_date,
        postings.day_count,
        postings.place,
        postings.balance_before,
        postings.balance_after,
        postings.added_before + coalesce(openings.opening_balance, 0) as day_opening
    from postings
    left join openings on postings.account_id_bank = openings.account_id_bank
    where postings.day_count > 1

),

walks as (

    select
        account_id_bank,
        transaction_date,
        day_count,
        array[place] as walk,
        balance_after,
        abs(balance_before - day_opening) as gap
    from crowded

    union all

    select
        account_id_bank, transaction_date, day_count, walk, balance_after, gap
    from (
        select
            following.account_id_bank,
            following.transaction_date,
            following.day_count,
            walks.walk || following.place as walk,
            following.balance_after,
            walks.gap + abs(following.balance_before - walks.balance_after) as gap,
            row_number() over (
                partition by following.account_id_bank, following.transaction_date
                order by
                    walks.gap + abs(following.balance_before - walks.balance_after), walks.walk || following.place
            ) as preference
        from walks
        inner join crowded as following
            on
                walks.account_id_bank = following.account_id_bank
                and walks.transaction_date = following.transaction_date
                and following.place <> all(walks.walk)
    ) as grown
    where preference <= 32

),

chosen as (

    select distinct on (account_id_bank, transaction_date)
        account_id_bank,
        transaction_date,
        walk
    from walks
    where cardinality(walk) = day_count
    order by account_id_bank, transaction_date, gap, walk

),

numbered as (

    select
        postings.source_key,
        coalesce(array_position(chosen.walk, postings.place), 1) as posting_number
    from postings
    left join chosen
        on
            postings.account_id_bank = chosen.account_id_bank
            and postings.transaction_date = chosen.transaction_date

)

select
    listed.*,
    numbered.posting_number
from listed
left join numbered on listed.source_key = numbered.source_key
