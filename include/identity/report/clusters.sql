-- Every customer of several records by number: how many, from where, and by what its loosest record is held. What a
-- steward has decided holds a record firmly; a record that no link holds is the loosest.
with ends as (
    select record_id_l as record_id, record_id_r as other_id, match_weight, reason from identity.links
    union all
    select record_id_r as record_id, record_id_l as other_id, match_weight, reason from identity.links
),

inner_links as (
    select
        mine.customer_key,
        ends.record_id,
        max(case when ends.reason = 'steward' then 'infinity'::float else ends.match_weight end) as best_weight,
        count(*) as links
    from ends
    inner join identity.crosswalk as mine on ends.record_id = mine.record_id
    inner join identity.crosswalk as theirs
        on ends.other_id = theirs.record_id and mine.customer_key = theirs.customer_key
    group by mine.customer_key, ends.record_id
),

clusters as (
    select
        crosswalk.customer_key,
        count(*) as records,
        string_agg(distinct records.system, ', ' order by records.system) as systems,
        min(coalesce(inner_links.best_weight, '-infinity')) as weakest_weight,
        coalesce(sum(inner_links.links), 0)::float / (count(*) * (count(*) - 1)) as linked_pairs
    from identity.crosswalk
    inner join identity.records on crosswalk.record_id = records.record_id
    left join inner_links on crosswalk.record_id = inner_links.record_id
    group by crosswalk.customer_key
    having count(*) > 1
),

ranked as (
    select
        *,
        weakest_weight = 'infinity' as is_held_by_decision,
        case
            when abs(weakest_weight) <> 'infinity' then 1 / (1 + power(2::float, -weakest_weight))
        end as weakest_probability,
        row_number() over (order by records desc, customer_key asc) as size_rank,
        row_number() over (order by weakest_weight, linked_pairs, customer_key) as weakness_rank
    from clusters
)

select * from ranked
where size_rank <= 10 or weakness_rank <= 10
order by size_rank
