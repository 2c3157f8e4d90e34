-- Every customer of the crosswalk is in the dimension and in the view, as our models join them.
delete from core_next.dim_customer
where customer_key <= 2;
delete from marts_next.customer_360
where customer_key = 3;

-- Contacts and subscriptions are records of their own, whatever they say, so that each has a customer.
update core_next.fact_interactions set customer_key = null
where system = 'service' and batch_date = '2026-11-19' and row_number in (2, 3, 4);
update core_next.fact_product_usage set customer_key = null
where row_number = 2 and batch_date = '2026-11-19';

-- Whatever comes is in its fact or is explained by raw: a row that is lost on the way is our own fault.
delete from core_next.fact_product_usage
where row_number = 4 and batch_date = '2026-11-19';
delete from core_next.fact_bank_postings
where row_number = 5;
