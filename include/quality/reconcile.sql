-- The records of one entity of raw beside the rows of the fact that stand on them, counted and summed by batch date.
-- Nothing here is read from staging: each fact row names its record, and each record that no row names has to be
-- explained by raw itself. Both sides are temporary views, made from what is declared of the fact (reconcile.py).
with raw as materialized (select * from raw_side),

facts as materialized (
    select
        file_id,
        row_number,
        key,
        count(*) as copies,
        min(batch_date) as batch_date,
        sum(amount) as amount
    from fact_side
    group by file_id, row_number, key
),

joined as materialized (
    select
        raw.file_id is not null as is_raw,
        facts.file_id is not null as is_fact,
        raw.key,
        raw.is_tombstone,
        raw.left_out,
        raw.is_grouped,
        raw.batch_date,
        raw.amount,
        facts.batch_date as fact_date,
        facts.copies,
        facts.amount as fact_amount
    from raw
    full join facts
        on
            raw.file_id = facts.file_id and raw.row_number = facts.row_number and raw.joined_by = facts.key
            and raw.place = 1
),

-- Only of keys that came more than once: when the newest of them came, and what the fact made of them.
repeated as (
    select
        key,
        max(batch_date) filter (where not is_tombstone) as newest_date,
        max(batch_date) filter (where is_fact or left_out is not null) as decided_date,
        max(batch_date) filter (where is_tombstone) as deleted_date,
        count(*) filter (where is_fact) as kept
    from joined
    where key is not null
    group by key
    having count(*) > 1
),

classified as (
    select
        joined.*,
        case
            when not joined.is_raw then 'not in raw'
            when joined.is_fact and (joined.left_out is not null or joined.is_tombstone) then 'to be left out'
            when joined.is_fact and joined.copies > 1 then 'several times'
            when joined.is_fact and repeated.kept > 1 and not joined.is_grouped then 'several versions'
            when joined.is_fact and joined.batch_date < repeated.newest_date and not joined.is_grouped
                then 'not the newest version'
            when joined.is_fact and (joined.amount is distinct from joined.fact_amount) then 'another amount'
            when joined.is_fact and joined.batch_date <> joined.fact_date then 'another batch'
            when joined.is_fact then 'kept'
            when joined.key is null then 'without a key'
            when joined.left_out is not null then joined.left_out
            when joined.is_tombstone then 'deleted'
            when joined.is_grouped and repeated.kept > 0 then 'in the row of another'
            when repeated.newest_date > joined.batch_date then 'superseded'
            when repeated.decided_date = joined.batch_date then 'repeated'
            when repeated.deleted_date > joined.batch_date then 'deleted'
            else 'missing'
        end as class
    from joined
    left join repeated on joined.key = repeated.key
),

by_class as (
    select
        coalesce(batch_date, fact_date) as line_date,
        class,
        class = any(%(wrong)s) as is_wrong, -- noqa: PRS, LT01
        count(*) as records,
        sum(amount) filter (where not is_fact or class = 'to be left out') as amount
    from classified
    where class <> 'kept'
    group by line_date, class
),

explained as (
    select
        line_date,
        jsonb_object_agg(class, jsonb_build_object('rows', records, 'amount', amount)) filter (where not is_wrong)
            as differences,
        jsonb_object_agg(class, records) filter (where is_wrong) as unexplained,
        coalesce(sum(records) filter (where not is_wrong), 0) as rows_explained,
        coalesce(sum(amount) filter (where not is_wrong), 0) as amount_explained
    from by_class
    group by line_date
),

counted as (
    select
        batch_date,
        sum(raw_rows) as raw_rows,
        sum(raw_amount) as raw_amount,
        sum(fact_rows) as fact_rows,
        sum(fact_amount) as fact_amount
    from (
        select
            batch_date,
            count(*) as raw_rows,
            sum(amount) as raw_amount,
            0 as fact_rows,
            null::numeric as fact_amount
        from raw
        group by batch_date
        union all
        select
            batch_date,
            0 as raw_rows,
            null::numeric as raw_amount,
            sum(copies) as fact_rows,
            sum(amount) as fact_amount
        from facts
        group by batch_date
    ) as sides
    group by batch_date
)

insert into ops.reconciliation (
    fact, system, entity, batch_date, raw_rows, fact_rows, raw_amount, fact_amount, differences, unexplained,
    is_reconciled
)
select
    %(fact)s as fact, -- noqa: PRS, LT02
    %(system)s as system,
    %(title)s as entity,
    counted.batch_date,
    counted.raw_rows,
    counted.fact_rows,
    counted.raw_amount,
    counted.fact_amount,
    coalesce(explained.differences, jsonb_build_object()) as differences,
    coalesce(explained.unexplained, jsonb_build_object()) as unexplained,
    explained.unexplained is null
    and counted.raw_rows - coalesce(explained.rows_explained, 0) = counted.fact_rows
    and coalesce(counted.raw_amount, 0) - coalesce(explained.amount_explained, 0) = coalesce(counted.fact_amount, 0)
        as is_reconciled
from counted
left join explained on counted.batch_date = explained.line_date -- noqa: ST11
