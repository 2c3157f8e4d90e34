-- Landing quarantines a row without a key; a contract with another key would let it in.
update raw_usage.product_usage set subscription_id = ' '
where _row = 3 and _batch_date = '2026-11-16';
update raw_demographics.customers set ref = '', id = null
where _row = 2 and _batch_date = '2026-11-16';

-- Staging takes every key of the files that the build reads, and reads no other file: only a wrong model breaks both.
delete from staging.stg_crm__customers
where row_number in (1, 2) and batch_date = '2026-11-16';
delete from ops.build_files
where system = 'crm' and batch_date = '2026-11-19';
