"""What customers owe, pay and are paid: loans, debts, credit history, flows, income, vehicles."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal

from tests.dbt_project.company import (
    Company,
    Expected,
    Row,
    bank_day,
    by_customer,
    day,
    in_last_year,
    joined,
    moment,
    number,
    rounded,
    text,
    total,
)
from tests.dbt_project.finances import bank_owners, held, unnumbered

BILLS = ("SIPO", "POJISTNE", "LEASING")


def _bank_loans(company: Company) -> list[tuple[int | None, Row]]:
    """Loans of the newest list of the bank as rows of EUR, with what has not been seen paid."""
    owners, found = bank_owners(company), []
    paid: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in company.listed("bank", "transactions"):
        if text(row["k_symbol"]) == "UVER" and text(row["type"]) in ("VYDAJ", "VYBER"):
            paid[str(text(row["account_id"]))].append((bank_day(row["date"]), number(row["amount"])))
    for row in company.listed("bank", "loans"):
        account, status, granted = str(text(row["account_id"])), text(row["status"]), bank_day(row["date"])
        amount = number(row["amount"]) or Decimal(0)
        repaid = sum((a for at, a in paid[account] if granted and at >= granted), Decimal(0))
        rest = Decimal(0) if status == "A" else max(amount - repaid, Decimal(0))
        is_running = status in ("C", "D")
        found.append((owners[account], {
            "kind": "unspecified", "is_running": is_running, "is_owed": is_running or status == "B",
            "is_bad": status in ("B", "D"), "outstanding": company.eur(rest, "CZK"),
            "payment": company.eur(row["payments"], "CZK"),
        }))  # fmt: skip
    return found


def _wealth_loans(company: Company) -> list[tuple[int | None, Row]]:
    found: list[tuple[int | None, Row]] = []
    for customer, rows in held(company, "loans").items():
        for row in rows:
            names = ("outstanding", "asset_value", "car_price")
            money = {name: company.eur(row[name], text(row["currency"])) for name in names}
            found.append((customer, row | money | {
                "is_running": True, "is_owed": True, "is_bad": False,
                "payment": company.eur(row["instalment"], text(row["currency"])),
            }))  # fmt: skip
    return found


def loans(company: Company) -> Expected:
    expected, groups = Expected(), by_customer([*_bank_loans(company), *_wealth_loans(company)])

    def owed(found: list[Row], *kinds: str) -> Decimal | None:
        return total(r["outstanding"] for r in found if r["is_owed"] and (not kinds or text(r["kind"]) in kinds))

    def of_running(found: list[Row], name: str) -> list[object]:
        return [row[name] for row in found if row["is_running"] and row.get(name) is not None]

    expected.each(
        groups, 0,
        running_loan_count=lambda found: sum(row["is_running"] for row in found),
        defaulted_loan_count=lambda found: sum(row["is_bad"] for row in found),
    )  # fmt: skip
    expected.each(
        groups,
        loans_outstanding_eur=owed,
        mortgage_outstanding_eur=lambda found: owed(found, "mortgage"),
        auto_loan_outstanding_eur=lambda found: owed(found, "auto"),
        personal_loan_outstanding_eur=lambda found: owed(
            [row for row in found if text(row["kind"]) not in ("mortgage", "auto")]
        ),
        loan_payments_month_eur=lambda found: total(of_running(found, "payment")),
        auto_loan_payment_eur=lambda found: total(
            of_running([r for r in found if text(r["kind"]) == "auto"], "payment")
        ),
        mortgage_assets=lambda found: joined(map(text, of_running(found, "property_kind"))),
        mortgage_areas=lambda found: joined(map(text, of_running(found, "location_area"))),
        mortgage_asset_value_eur=lambda found: total(of_running(found, "asset_value")),
        mortgage_asset_count=lambda found: total(map(number, of_running(found, "number_of_assets"))),
        car_price_eur=lambda found: max(of_running(found, "car_price"), default=None),
        car_segments=lambda found: joined(map(text, of_running(found, "car_segment"))),
    )
    return expected


def debts(company: Company) -> Expected:
    """Of the newest lending books: an amount, or an object with one."""
    found = []
    for record, row in unnumbered(company, "lending", "people"):
        if text(row["debt"]):
            stated = json.loads(row["debt"])
            of = stated if isinstance(stated, dict) else {"amount": stated}
            found.append((company.crosswalk.get(record), of))
    expected, groups = Expected(), by_customer(found)
    expected.each(
        groups,
        debt_eur=lambda rows: total(company.eur(row["amount"], "EUR") for row in rows),
        debt_years=lambda rows: max(
            (years for row in rows if (years := number(row.get("time_period_years"))) is not None), default=None
        ),
    )
    return expected


def credit_history(company: Company) -> Expected:
    expected = Expected()
    reports = by_customer(
        (company.crosswalk.get(f"bureau/credit_reports/{text(row['file_number'])}"), row)
        for row in company.latest("bureau", "credit_reports")
    )

    def last(found: list[Row]) -> Row:
        return max(found, key=lambda row: (moment(row["reported_at"]), row["_batch_date"]))

    def line(report: Row) -> Decimal | None:
        return company.eur(report["total_credit_limit"], text(report["utilisation_currency"]), report["_batch_date"])

    columns = {"bureau_score": "score", "defaults_5_years": "defaults", "enquiries_12_months": "enquiries_12_months",
               "open_credit_lines": "open_credit_lines", "utilisation_pct": "utilisation_pct"}  # fmt: skip
    for column, name in columns.items():
        expected.each(reports, **{column: lambda found, of=name: number(last(found)[of])})
    expected.each(
        reports,
        credit_line_eur=lambda found: line(last(found)),
        oldest_line_date=lambda found: day(last(found)["oldest_line_date"]),
    )
    months = by_customer(
        (company.crosswalk.get(f"bureau/credit_reports/{text(report['file_number'])}"), month)
        for report, month in company.nested("bureau", "credit_reports", "payment_history", "@entry")
        if in_last_year(day(f"{month['@month']}-01"))
    )

    def missed(found: list[Row]) -> Decimal | None:
        return total(
            company.eur(m["amount_due"], m.get("amount_due/@currency"), day(f"{m['@month']}-01"))
            for m in found if m["@status"] == "missed"
        )  # fmt: skip

    expected.each(
        months, 0,
        late_month_count=lambda found: sum(month["@status"] == "late" for month in found),
        missed_month_count=lambda found: sum(month["@status"] == "missed" for month in found),
    )  # fmt: skip
    expected.each(
        months,
        missed_eur=missed,
        most_days_late=lambda found: max((int(n) for m in found if (n := number(m.get("days_late")))), default=None),
    )
    return expected


def standing_orders(company: Company) -> Expected:
    expected, owners = Expected(), bank_owners(company)
    groups = by_customer((owners.get(str(text(row["account_id"]))), row) for row in company.listed("bank", "orders"))
    expected.each(groups, 0, standing_order_count=len)
    expected.each(groups, standing_orders_eur=lambda found: total(company.eur(r["amount"], "CZK") for r in found))
    return expected


def postings(company: Company) -> Expected:
    """What left accounts of the bank in twelve months, by what it was for and how."""
    expected, owners = Expected(), bank_owners(company)
    groups = by_customer(
        (owners.get(str(text(row["account_id"]))), row) for row in company.listed("bank", "transactions")
        if text(row["type"]) in ("VYDAJ", "VYBER") and in_last_year(bank_day(row["date"]))
    )  # fmt: skip

    def spent(found: list[Row], column: str, *words: str) -> Decimal | None:
        of = [row for row in found if text(row[column]) in words]
        return total((company.eur(row["amount"], "CZK", bank_day(row["date"])) for row in of), Decimal(0))

    expected.each(
        groups, Decimal(0),
        bill_payments_eur=lambda found: spent(found, "k_symbol", *BILLS),
        transfers_eur=lambda found: spent(found, "operation", "PREVOD NA UCET"),
        cash_withdrawals_eur=lambda found: spent(found, "operation", "VYBER", "VYBER KARTOU"),
    )  # fmt: skip
    return expected


def flows(company: Company) -> Expected:
    """What came onto accounts and left them in twelve months; converted where the books of a day are, once a day."""
    found: dict[tuple[int | None, str, date], Row] = {}

    def add(customer: int | None, account: str, at: date | None, currency: str | None, change: Decimal | None) -> None:
        if at and in_last_year(at):
            nothing = {"in": Decimal(0), "out": Decimal(0), "currency": currency}
            entry = found.setdefault((customer, account, at), nothing)
            if change:
                entry["in" if change > 0 else "out"] += abs(change)

    owners = bank_owners(company)
    for row in company.listed("bank", "transactions"):
        sign = 1 if text(row["type"]) == "PRIJEM" else -1
        account = str(text(row["account_id"]))
        change = sign * (number(row["amount"]) or Decimal(0))
        add(owners.get(account), f"bank/{account}", bank_day(row["date"]), "CZK", change)
    for row in company.raw("wealth", "deposits"):
        customer = company.crosswalk.get(f"wealth/clients/{text(row['client_number'])}")
        for column, sign in (("inflow", 1), ("outflow", -1)):
            change, account = sign * (number(row[column]) or Decimal(0)), f"wealth/{text(row['holding_number'])}"
            add(customer, account, row["_batch_date"], text(row["currency"]), change)
    signs = {"deposit": 1, "refund": 1, "purchase": -1, "withdrawal": -1, "top_up": -1, "fee": -1}
    kept = {text(row["account_id"]): row for row in company.latest("finance", "accounts")}
    for record, item in company.nested("finance", "accounts", "transaction_history", "transaction_id"):
        account, at = kept[text(record["account_id"])], moment(item["occurred_at"])
        amount, currency = number(item["amount"]) or Decimal(0), item.get("currency") or text(account["currency"])
        if currency != text(account["currency"]):
            amount = amount * (company.rate(currency, at) or 0) / (company.rate(text(account["currency"]), at) or 1)
        customer = company.crosswalk.get(f"finance/accounts/{text(account['account_id'])}")
        change, booked = rounded(signs[item["type"]] * amount), at.date() if at else None
        add(customer, f"finance/{text(account['account_id'])}", booked, text(account["currency"]), change)
    expected = Expected()
    groups = by_customer((customer, (at, entry)) for (customer, _, at), entry in found.items())

    def flow(rows: list[tuple[date, Row]], name: str) -> Decimal | None:
        return total(company.eur(entry[name], entry["currency"], at) for at, entry in rows)

    def net(rows: list[tuple[date, Row]]) -> Decimal | None:
        came, went = flow(rows, "in"), flow(rows, "out")
        return None if came is None or went is None else came - went

    expected.each(
        groups,
        inflow_12_months_eur=lambda rows: flow(rows, "in"),
        outflow_12_months_eur=lambda rows: flow(rows, "out"),
        net_flow_12_months_eur=net,
    )
    return expected


def work_and_cars(company: Company) -> Expected:
    expected = Expected()
    cars = by_customer((company.crosswalk.get(record), row) for record, row in unnumbered(company, "motor", "vehicles"))
    expected.each(cars, 0, vehicle_count=len)
    expected.each(cars, vehicle_makes=lambda found: joined((text(row["vehicle_make"]) for row in found), ", "))
    expected.each(cars, newest_vehicle_year=lambda found: max(
        (int(year) for row in found if (year := number(row["vehicle_year"]))), default=None))  # fmt: skip
    jobs = by_customer(
        (company.crosswalk.get(record), (record, row)) for record, row in unnumbered(company, "hr", "employees")
    )

    def first(found: list[tuple[str, Row]]) -> Row:
        return min(found, key=lambda place: place[0])[1]

    expected.each(
        jobs,
        is_retired=lambda found: {"true": True, "false": False}.get((text(first(found)["retired"]) or "").lower()),
        commute_distance_km=lambda found: number(first(found)["commute_distance"]),
    )
    return expected


GROUPS = (loans, debts, credit_history, standing_orders, postings, flows, work_and_cars)
