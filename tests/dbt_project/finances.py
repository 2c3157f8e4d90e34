"""What customers hold, owe and were paid, by the records of bank, wealth, lending, bureau, motor and hr."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal

from tests.dbt_project.company import (
    AS_OF,
    Company,
    Expected,
    Row,
    bank_day,
    by_customer,
    day,
    first_dates,
    joined,
    newest,
    number,
    rounded,
    text,
    total,
)

FAMILIES = ("deposits", "funds", "policies", "loans", "card_accounts")
PRODUCT = {"deposits": "product", "funds": "fund_code", "policies": "kind", "loans": "kind", "card_accounts": "kind"}
Groups = dict[int, list[Row]]


def held(company: Company, *families: str) -> Groups:
    """Holdings of the newest list of each family that are not closed, by customer."""
    return by_customer(
        (company.crosswalk.get(f"wealth/clients/{text(row['client_number'])}"), row | {"family": family})
        for family in families for row in company.listed("wealth", family) if text(row["status"]) != "closed"
    )  # fmt: skip


def bank_owners(company: Company) -> dict[str, int | None]:
    """Whose an account of the bank is: the owner of the newest list that names it."""
    return company.owners("dim_account", "account_id", "system = 'bank'")


def eur_of(company: Company, found: list[Row], column: str) -> Decimal | None:
    return total(company.eur(row[column], text(row["currency"])) for row in found)


def last_day(found: list[Row], column: str = "last_action_date") -> date | None:
    return max((d for row in found if (d := day(row[column]))), default=None)


def deposits(company: Company) -> Expected:
    expected, groups = Expected(), held(company, "deposits")
    owners, listed = bank_owners(company), {text(row["account_id"]) for row in company.listed("bank", "accounts")}
    last: dict[str, tuple[date, int, Decimal]] = {}
    order = {r["id"]: r["n"] for r in company.rows(
        "select transaction_id_bank as id, posting_number as n from staging.stg_bank__transactions")}  # fmt: skip
    for row in company.listed("bank", "transactions"):
        account, at = str(text(row["account_id"])), bank_day(row["date"])
        place = (at, order[text(row["trans_id"])] or -1, number(row["balance"]))
        if account in listed and at and (account not in last or place[:2] > last[account][:2]):
            last[account] = place
    balances: dict[int, list[Decimal | None]] = defaultdict(list)
    for account, (_, _, balance) in last.items():
        if (owner := owners.get(account)) is not None:
            balances[owner].append(company.eur(balance, "CZK"))
    for customer, found in groups.items():
        balances[customer] += [company.eur(row["balance"], text(row["currency"])) for row in found]
    expected.of("deposits_eur", {customer: total(found) for customer, found in balances.items()})
    for column, product in {"sa_esaving": "sa_esaving", "sa_supersaving": "sa_supersaving",
                            "ca_dailyflow": "ca_dailyflow", "fda_5yplan": "fda_5yplan", "fda_7yplan": "fda_7yplan",
                            "fda_10yplan": "fda_10yplan"}.items():  # fmt: skip
        expected.each(groups, 0, **{column: lambda found, of=product: sum(text(r["product"]) == of for r in found)})
    expected.each(groups, dp_last_action_date=last_day)
    first = {customer: min((since for row in found if (since := day(row["opened_date"]))), default=None)
             for customer, found in groups.items()}  # fmt: skip
    clients = by_customer(
        (company.crosswalk.get(f"wealth/clients/{text(row['client_number'])}"), day(row["registered_date"]))
        for row in company.listed("wealth", "clients")
    )
    for customer, days in clients.items():
        first[customer] = min((d for d in days if d), default=first.get(customer))
    expected.of("reg_date", first)
    return expected


def accounts(company: Company) -> Expected:
    """What is open with us: accounts of bank, finance, wealth, shop and the loyalty programme."""
    kinds: list[tuple[int | None, str]] = []
    owners = bank_owners(company)
    kinds += [(owners[str(text(row["account_id"]))], "current") for row in company.listed("bank", "accounts")]
    kinds += [(company.crosswalk.get(f"finance/accounts/{text(row['account_id'])}"), str(text(row["account_type"])))
              for row in company.latest("finance", "accounts") if text(row["status"]) != "closed"]  # fmt: skip
    kinds += [(company.crosswalk.get(f"pos/members/{text(row['loyalty_number'])}"), "loyalty")
              for row in company.latest("pos", "members") if text(row["status"]) != "left"]  # fmt: skip
    kinds += [(company.crosswalk.get(f"ecommerce/accounts/{text(row['account_id'])}"), "shop")
              for row in company.latest("ecommerce", "accounts") if not row["_gone"]]  # fmt: skip
    words = {"sa": "savings", "ca": "current", "fda": "term_deposit"}
    for customer, found in held(company, *FAMILIES).items():
        for row in found:
            product, family = str(text(row[PRODUCT[row["family"]]])), row["family"]
            kind = {"funds": "fund", "policies": "insurance", "card_accounts": "credit_card"}.get(family)
            if family == "deposits":
                kind = words[product.split("_")[0]]
            if family == "loans":
                kind = "mortgage" if product == "mortgage" else "loan"
            kinds.append((customer, str(kind)))
    expected, groups = Expected(), by_customer(kinds)
    expected.each(groups, account_types=joined)
    expected.each(
        groups, 0,
        product_family_count=lambda found: len(set(found) - {"shop"}),
        deposit_account_count=lambda found: sum(kind in ("current", "savings", "term_deposit") for kind in found),
    )  # fmt: skip
    return expected


def credit_cards(company: Company) -> Expected:
    expected, groups = Expected(), held(company, "card_accounts")
    sums = {"credit_limit_eur": "credit_limit", "credit_usage_eur": "credit_usage",
            "credit_available_eur": "credit_available", "credit_spending_eur": "spending"}  # fmt: skip
    for column, name in sums.items():
        expected.each(groups, **{column: lambda found, of=name: eur_of(company, found, of)})
    for kind in ("platinum", "diamond", "gold", "silver", "shopping", "auto"):
        expected.each(
            groups, 0, **{f"cr_{kind}_card": lambda rows, of=kind: sum(text(row["kind"]) == of for row in rows)}
        )

    def speaker(found: list[Row], amount: str, name: str) -> str | None:
        amounts = [(company.eur(row[amount], text(row["currency"])), text(row[name])) for row in found]
        told: str | None = newest((Decimal("-Infinity") if eur is None else eur, word) for eur, word in amounts)
        return told

    expected.each(
        groups,
        credit_points=lambda found: None if (n := total(number(r["points"]) for r in found)) is None else int(n),
        cr_segment=lambda found: speaker(found, "spending", "spending_segment"),
        credit_type=lambda found: speaker(found, "credit_usage", "payment_behaviour"),
        cr_last_action_date=last_day,
    )
    return expected


def cards(company: Company) -> Expected:
    """Cards of the bank, and when the next card of the lending books runs out."""
    expected = Expected()
    clients = {text(row["disp_id"]): text(row["client_id"]) for row in company.latest("bank", "dispositions")}
    issued = by_customer(
        (company.crosswalk.get(f"bank/clients/{clients.get(text(row['disp_id']))}"), row)
        for row in company.listed("bank", "cards")
    )
    expected.each(issued, 0, bank_card_count=len)
    ends = []
    for record, row in unnumbered(company, "lending", "people"):
        month, year = (int(part) for part in (text(row["credit_card_expiry"]) or "0/0").split("/"))
        if month and text(row["credit_card_number"]):
            after = date(2000 + year + month // 12, month % 12 + 1, 1)
            ends.append((company.crosswalk.get(record), date.fromordinal(after.toordinal() - 1)))
    expected.each(by_customer(ends), next_card_expiry_date=lambda found: min(
        (end for end in found if end >= AS_OF), default=None))  # fmt: skip
    return expected


def unnumbered(company: Company, system: str, entity: str) -> list[tuple[str, Row]]:
    """(record, row) of the newest list of a system that numbers nobody; its rows are numbered by staging."""
    last = max(row["_batch_date"] for row in company.raw(system, entity))
    named = {(r["file_id"], r["row_number"]): r["record_id"] for r in company.rows(
        f"select record_id, file_id, row_number from staging.stg_{system}__{entity}")}  # fmt: skip
    return [(named[row["_file_id"], row["_row"]], row) for row in company.raw(system, entity)
            if row["_batch_date"] == last and (row["_file_id"], row["_row"]) in named]  # fmt: skip


def funds_and_policies(company: Company) -> Expected:
    expected, funds, policies = Expected(), held(company, "funds"), held(company, "policies")

    def risk(found: list[Row]) -> Decimal | None:
        weighed = [(company.eur(r["value"], text(r["currency"])), number(r["risk_score"])) for r in found]
        known = [(eur, score) for eur, score in weighed if eur is not None and score is not None]
        whole = sum((eur for eur, _ in known), Decimal(0))
        return rounded(sum((eur * score for eur, score in known), Decimal(0)) / whole, 1) if whole else None

    expected.each(funds, 0, fund_count=len)
    expected.each(
        funds,
        fund_names=lambda found: joined((text(r["fund_name"]) for r in found), ", "),
        funds_eur=lambda found: eur_of(company, found, "value"),
        funds_profit_and_loss_eur=lambda found: eur_of(company, found, "profit_and_loss"),
        funds_risk_score=risk,
    )
    expected.each(policies, 0, policy_count=len)
    for kind in ("life", "health"):
        expected.each(policies, **{f"{kind}_cover_eur": lambda found, of=kind: eur_of(
            company, [r for r in found if text(r["kind"]) == of], "cover")})  # fmt: skip
    expected.each(
        policies,
        insurance_premium_eur=lambda found: eur_of(company, found, "premium"),
        tax_benefit_eur=lambda found: eur_of(company, found, "tax_benefit"),
    )
    return expected


def finance_accounts(company: Company) -> Expected:
    """The accounts of finance, the first of them, and the ways of paying that they name."""
    expected, first = Expected(), first_dates(company.raw("finance", "accounts"), "account_id")
    accounts = by_customer(
        (company.crosswalk.get(f"finance/accounts/{text(row['account_id'])}"), row)
        for row in company.latest("finance", "accounts")
    )
    expected.each(accounts, 0, account_count=len)
    expected.each(
        accounts,
        account_id=lambda found: min((first[str(text(r["account_id"]))], str(text(r["account_id"]))) for r in found)[1],
        payment_methods=lambda found: ",".join(
            sorted({m for row in found for m in json.loads(row["payment_methods"] or "[]") or []})
        ) or None,
    )  # fmt: skip
    return expected


def subscriptions(company: Company) -> Expected:
    expected = Expected()
    listed = by_customer(
        (company.crosswalk.get(f"usage/product_usage/{text(row['subscription_id'])}"), row)
        for row in company.listed("usage", "product_usage")
    )
    expected.each(listed, 0, subscription_count=len)
    expected.each(listed, last_used_date=lambda found: max(
        (used for row in found if (used := day(row["last_used"]))), default=None))  # fmt: skip
    return expected


GROUPS = (deposits, accounts, finance_accounts, subscriptions, credit_cards, cards, funds_and_policies)
