"""Columns are followed to the tables that their values come from, through whatever SQL lies between."""

from __future__ import annotations

import pytest

from include.catalogue.lineage import LineageFailed, model_parents, select_from_cte

SCHEMA = {
    "staging": {"people": ["id", "first_name", "last_name", "items", "day"], "orders": ["id", "person_id", "sum"]}
}
SQL = """
with people as (select * from "db"."staging"."people"),
both_names as (
    select id, first_name as name, day from people
    union all
    select id, last_name, day from people
),
named as (select id, lower(name) as name from both_names where day is not null),
items as (
    select people.id, item.value ->> 'price' as price
    from people cross join lateral jsonb_array_elements(people.items) as item (value)
)
select named.id, named.name, items.price, count(*) as rows, sum(orders.sum) as total, 'x'::text as word
from named
inner join items on named.id = items.id
left join "db"."staging"."orders" as orders on named.id = orders.person_id
group by 1, 2, 3
"""


def test_model_parents__follows_values_and_not_joins() -> None:
    found = model_parents("m", SQL, ["id", "name", "price", "rows", "total", "word"], SCHEMA)
    assert found == {
        "id": [("staging.people", "id")],
        "name": [("staging.people", "first_name"), ("staging.people", "last_name")],
        "price": [("staging.people", "items")],
        "rows": [],
        "total": [("staging.orders", "sum")],
        "word": [],
    }


def test_model_parents__of_windows_and_filters_are_values_alone() -> None:
    sql = """
        select
            max(day) over (partition by first_name order by id) as last_day,
            count(*) over named as place,
            lag(day) over named as former_day,
            (select array_agg(o.id) filter (where o.sum > 1) from staging.orders as o) as orders
        from staging.people
        window named as (partition by last_name order by first_name)
    """
    assert model_parents("m", sql, ["last_day", "place", "former_day", "orders"], SCHEMA) == {
        "last_day": [("staging.people", "day")],
        "place": [],
        "former_day": [("staging.people", "day")],
        "orders": [("staging.orders", "id")],
    }


LISTS = {("staging.people", "items"): {"price": "items[].price", "size/@unit": "items[].unit", "made.at": "items[].at",
                                       "made.by": "items[].by", "tags": "items[].tags"}}  # fmt: skip
UNNESTED = """
with unnested as (
    select people.day, item.value as thing
    from staging.people
    cross join lateral jsonb_array_elements(
        case when jsonb_typeof(people.items::jsonb) = 'array' then people.items::jsonb else '[]'::jsonb end
    ) as item (value)
),
both_kinds as (select thing as either from unnested union all select thing from unnested where day is null),
typed as (select *, thing -> 'made' as made from unnested),
united as (select either -> 'made' as made_once from both_kinds)
"""


@pytest.mark.parametrize(
    ("sql", "parents"),
    [
        ("case when thing ->> 'price' ~ '1' then (thing ->> 'price')::numeric end from typed", ["items[].price"]),
        ("thing ->> 'size/@unit' from typed", ["items[].unit"]),
        ("coalesce(thing ->> 'price', day::text) from typed", ["day", "items[].price"]),
        ("made ->> 'at' from typed", ["items[].at"]),
        ("made from typed", ["items[].at", "items[].by"]),
        ("thing -> 'tags' ->> 'first' from typed", ["items[].tags"]),
        ("(select max(t.thing ->> 'price') from typed as t) from staging.people", ["items[].price"]),
        ("md5(thing::text) from typed", ["items"]),
        ("thing ->> 'not_declared' from typed", ["items"]),
        ("thing ->> day from typed", ["day", "items"]),
        ("either ->> 'price' from both_kinds", ["items"]),
        ("made_once ->> 'price' from united", ["items"]),
        ("items from staging.people", ["items"]),
    ],
)
def test_model_parents__of_a_nested_list_are_the_fields_whose_keys_are_seen(sql: str, parents: list[str]) -> None:
    value, _, source = sql.rpartition(" from ")
    found = model_parents("m", f"{UNNESTED} select {value} as it from {source}", ["it"], SCHEMA, LISTS)
    assert found["it"] == [("staging.people", parent) for parent in parents]


def test_model_parents__names_the_model_that_it_cannot_resolve() -> None:
    with pytest.raises(LineageFailed, match="m: "):
        model_parents("m", "select nothing from staging.people", ["nothing"], SCHEMA)
    with pytest.raises(LineageFailed, match="m: "):
        model_parents("m", "select id from staging.people", ["other"], SCHEMA)


def test_select_from_cte__ends_a_model_early() -> None:
    sql = select_from_cte(SQL, "both_names", ["name"])
    assert model_parents("m", sql, ["name"], SCHEMA)["name"] == [
        ("staging.people", "first_name"), ("staging.people", "last_name"),
    ]  # fmt: skip
