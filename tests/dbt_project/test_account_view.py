"""Every column of the account view is recomputed from the tables of core."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.dbt_project.company import AS_OF, Company, Row, in_last_year, total

pytestmark = pytest.mark.slow  # the build that all of them share

OF_THE_ACCOUNT = (
    "account_key", "system", "account_id", "account_type", "product", "status", "opened_date", "closed_date",
    "customer_key", "statement_frequency", "lender", "payment_methods", "tier", "points", "currency",
)  # fmt: skip
OF_THE_LATEST = {
    "balance": "balance",
    "balance_eur": "balance_eur",
    "balance_date": "balance_date",
    "balance_basis": "basis",
}
OF_THE_DISTRICT = {
    "district_name": "district_name", "region": "region", "district_average_salary_czk": "average_salary_czk",
}  # fmt: skip


TABLES = (
    "fact_balances", "fact_loans", "fact_transactions", "bridge_account_customers", "fact_card_issues",
    "fact_standing_orders",
)  # fmt: skip


class Around:
    """An account, and the rows of core that hang on it."""

    def __init__(self, company: Company, account: Row) -> None:
        self.account = account
        self.balances, self.loans, self.lines, rights, cards, orders = (
            company.remembered(rows_of).get((table, account["account_key"]), []) for table in TABLES
        )
        self.cards = [card for card in cards if card["is_in_latest_snapshot"]]
        self.orders = [order for order in orders if order["is_in_latest_snapshot"]]
        others: dict[int, str] = {}
        for right in rights:
            if right["is_in_latest_snapshot"] and right["customer_key"] not in (None, account["customer_key"]):
                others[right["customer_key"]] = max(right["role"], others.get(right["customer_key"], ""))
        self.others = sorted(others.items())
        self.latest = next((row for row in self.balances if row["valid_to_date"] is None), {})
        self.moved = [b["balance_date"] for b in self.balances if (b["inflow"] or 0) > 0 or (b["outflow"] or 0) > 0]
        self.spent = [line for line in self.lines if line["spend_eur"] is not None]
        self.bought = [line for line in self.spent if line["spend_eur"] > 0]

    def sum(self, column: str, rows: list[Row] | None = None) -> Any:
        """Of what is known; None where nothing is."""
        return total(row[column] for row in (self.balances if rows is None else rows) if row[column] is not None)

    def days_below_zero(self) -> int | None:
        if self.account["account_type"] not in ("current", "savings"):
            return None
        if not any(row["basis"] in ("posted", "stated") for row in self.balances):
            return None
        end = AS_OF + timedelta(1)
        return sum(
            (min(row["valid_to_date"] or end, end) - row["balance_date"]).days
            for row in self.balances
            if row["balance"] is not None and row["balance"] < 0 and row["balance_date"] <= AS_OF
        )


def rows_of(company: Company) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for table in TABLES:
        for row in company.once(f"select * from core.{table} where account_key is not null"):
            found[table, row["account_key"]].append(row)
    return found


def names_of(company: Company) -> dict[int, str | None]:
    return {key: row["full_name"] for key, row in company.view("customer_single_view").items()}


def distinct(rows: list[Row], column: str, by: str) -> str | None:
    return by.join(sorted({row[column] for row in rows if row[column] is not None})) or None


def last_year(rows: list[Row]) -> list[Row]:
    return [row for row in rows if in_last_year(row["balance_date"])]


RULES: dict[str, Callable[[Around], Any]] = {
    "as_of_date": lambda _: AS_OF,
    "age_days": lambda a: (AS_OF - a.account["opened_date"]).days if a.account["opened_date"] else None,
    "joint_customer_keys": lambda a: ",".join(str(key) for key, _ in a.others) or None,
    "joint_roles": lambda a: ",".join(role for _, role in a.others) or None,
    "is_joint": lambda a: bool(a.others),
    "credit_limit": lambda a: a.account["credit_limit"] if a.latest.get("credit_limit") is None
    else a.latest["credit_limit"],
    "lowest_balance": lambda a: min((b["balance"] for b in a.balances if b["balance"] is not None), default=None),
    "days_with_overdraft": Around.days_below_zero,
    "movement_count": lambda a: sum(row["movement_count"] or 0 for row in a.balances),
    "first_movement_date": lambda a: min(a.moved, default=None),
    "last_movement_date": lambda a: max(a.moved, default=None),
    **{name: lambda a, name=name: a.sum(name) for name in ("inflow", "outflow", "inflow_eur", "outflow_eur")},
    "inflow_12_months_eur": lambda a: a.sum("inflow_eur", last_year(a.balances)),
    "outflow_12_months_eur": lambda a: a.sum("outflow_eur", last_year(a.balances)),
    "purchase_count": lambda a: len({line["order_id"] or line["transaction_id"] for line in a.bought}),
    "spend_eur": lambda a: a.sum("spend_eur", a.spent) or 0,
    "last_purchase_at": lambda a: max((x["occurred_at"] for x in a.bought if x["occurred_at"]), default=None),
    "loan_count": lambda a: len(a.loans),
    "running_loan_count": lambda a: sum(bool(loan["is_running"]) for loan in a.loans),
    "loan_amount": lambda a: a.sum("amount", a.loans),
    "loan_amount_eur": lambda a: a.sum("amount_eur", a.loans),
    "loan_repaid_amount": lambda a: a.sum("repaid_amount", a.loans),
    "loan_repaid_eur": lambda a: a.sum("repaid_eur", a.loans),
    "loan_outstanding_amount": lambda a: a.sum("outstanding_amount", listed(a.loans)),
    "loan_outstanding_eur": lambda a: a.sum("outstanding_eur", listed(a.loans)),
    "loan_states": lambda a: distinct(a.loans, "status_meaning", "; "),
    "has_loan_in_default": lambda a: any(found) if (found := known(a.loans, "is_in_default")) else None,
    "card_count": lambda a: len(a.cards),
    "card_types": lambda a: distinct(a.cards, "card_type", ","),
    "standing_order_count": lambda a: len(a.orders),
    "standing_order_amount": lambda a: a.sum("amount", a.orders),
    "standing_order_purposes": lambda a: distinct(a.orders, "purpose", ","),
    **{name: lambda a, name=name: a.account[name] for name in OF_THE_ACCOUNT},
    **{name: lambda a, of=of: a.latest.get(of) for name, of in OF_THE_LATEST.items()},
}  # fmt: skip
SORTED_BY_THE_DATABASE = {"loan_states": "; ", "card_types": ",", "standing_order_purposes": ","}


def known(rows: list[Row], column: str) -> list[Any]:
    return [row[column] for row in rows if row[column] is not None]


def listed(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["is_in_latest_snapshot"]]


def test_account_view__is_what_core_says(company: Company) -> None:
    accounts = {row["account_key"]: row for row in company.once("select * from core.dim_account")}
    views = company.once("select * from marts.account_view")
    assert {view["account_key"] for view in views} == set(accounts)
    wrong = []
    for view in views:
        around = Around(company, accounts[view["account_key"]])
        for column, rule in RULES.items():
            said, wanted = view[column], rule(around)
            if column in SORTED_BY_THE_DATABASE and said:
                said = SORTED_BY_THE_DATABASE[column].join(sorted(said.split(SORTED_BY_THE_DATABASE[column])))
            if said != wanted:
                wrong.append(f"{column} of {view['account_key']}: {said!r} instead of {wanted!r}")
    assert not wrong
    assert [column for column in RULES if all(view[column] in (None, 0, False) for view in views)] == []


def test_account_view__names_and_districts(company: Company) -> None:
    names = company.remembered(names_of)
    accounts = {row["account_key"]: row for row in company.once("select * from core.dim_account")}
    districts = {row["district_key"]: row for row in company.once("select * from core.dim_district")}
    for view in company.once("select * from marts.account_view"):
        assert view["owner_name"] == names.get(view["customer_key"])
        keys = view["joint_customer_keys"].split(",") if view["joint_customer_keys"] else []
        assert (view["joint_names"] or "") == ", ".join(names[int(key)] or "?" for key in keys)
        district = districts.get(accounts[view["account_key"]]["district_key"], {})
        assert {name: view[name] for name in OF_THE_DISTRICT} == {
            name: district.get(of) for name, of in OF_THE_DISTRICT.items()
        }


def test_account_view__has_no_column_without_a_test(company: Company) -> None:
    assert {*company.columns("account_view")} == {*RULES, *OF_THE_DISTRICT, "owner_name", "joint_names"}
