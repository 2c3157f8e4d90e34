"""Who customers are and how they compare with each other.

Golden attributes are those of the lineage, which `test_lineage.py` recomputes from raw.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.dbt_project.company import (
    AS_OF,
    SEEDS,
    Company,
    Expected,
    Row,
    by_customer,
    first_dates,
    joined,
    number,
    text,
)

# Golden attributes by the columns that show them, with the type that they have there.
ATTRIBUTES: dict[str, tuple[str, type]] = {
    **{name: (name, str) for name in (
        "customer_id", "first_name", "last_name", "email", "phone", "gender", "city", "country", "education_level",
        "occupation", "income_bracket", "lifestyle_segment", "geographic_segment", "postcode", "employer", "language",
    )},
    "family_status": ("marital_status", str),
    "date_of_birth": ("date_of_birth", date),
    "join_date": ("join_date", date),
    "credit_score": ("credit_score", int),
    "dependants": ("dependants", int),
    **{name: (name, Decimal) for name in ("yearly_income_eur", "purchase_propensity", "competitor_spend_eur")},
}  # fmt: skip
BRACKETS = {"<20k": 15000, "20k-40k": 30000, "40k-60k": 50000, "60k-100k": 80000, ">100k": 120000}
FIFTHS = ("Lower", "Lower Middle", "Middle", "Upper Middle", "Upper")
HOME = {"country": "GB", "phone": "+44", "language": "en", "currency": "GBP"}


def golden(company: Company) -> dict[str, dict[int, str]]:
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for row in company.once("select customer_key, attribute, value from marts.customer_attribute_lineage"):
        found[row["attribute"]][row["customer_key"]] = row["value"]
    return found


def births(company: Company) -> dict[int, int]:
    """The year of birth: of the date, else the one that goes with an age."""
    known = {customer: int(value) for customer, value in golden(company)["birth_year"].items()}
    return known | {customer: int(value[:4]) for customer, value in golden(company)["date_of_birth"].items()}


def profile(company: Company) -> Expected:
    expected, values = Expected(), golden(company)
    for column, (attribute, kind) in ATTRIBUTES.items():
        read: Any = date.fromisoformat if kind is date else kind
        expected.of(column, {customer: read(value) for customer, value in values[attribute].items()})
    ages = {customer: AS_OF.year - year for customer, year in births(company).items()}
    for customer, value in values["date_of_birth"].items():
        born = date.fromisoformat(value)
        ages[customer] = AS_OF.year - born.year - ((AS_OF.month, AS_OF.day) < (born.month, born.day))
    expected.of("age", ages)
    expected.of("age_group", {customer: f"{age // 10 * 10}s" for customer, age in ages.items()})
    everybody = set(company.crosswalk.values())
    names = {customer: [values[name].get(customer) for name in ("first_name", "last_name")] for customer in everybody}
    expected.of("full_name", {who: " ".join(word for word in of if word) or None for who, of in names.items()})
    expected.of("full_address", {customer: _address(values, customer) for customer in everybody})
    expected.of("as_of_date", dict.fromkeys(everybody, AS_OF))
    expected.of("customer_key", {customer: customer for customer in everybody})
    return expected


def _address(values: dict[str, dict[int, str]], customer: int) -> str | None:
    """The address in one line, as it is written in its country."""
    with (SEEDS / "countries.csv").open() as stream:
        countries = {row["country_code"]: row for row in csv.DictReader(stream)}
    parts = ("address_line", "city", "postcode", "country")
    street, city, postcode, code = (values[name].get(customer) for name in parts)
    country = countries.get("GB" if code == "UK" else code or "", {})
    if country.get("is_postcode_first") == "true":
        town = " ".join(part for part in (postcode, city) if part)
    else:
        between = " " if code in ("US", "CA", "AU") else ", "
        town = between.join(part for part in (city, postcode) if part)
    return ", ".join(part for part in (street, town, country.get("country_name")) if part) or None


def sources(company: Company) -> Expected:
    """Which systems know a customer, and the newest delivery of one of them."""
    expected = Expected()
    records = company.rows("select record_id, batch_date from intermediate.int_people__comparable")
    groups = by_customer((company.crosswalk.get(row["record_id"]), row) for row in records)
    expected.each(
        groups,
        data_source=lambda found: joined(row["record_id"].split("/")[0] for row in found),
        last_updated=lambda found: max(row["batch_date"] for row in found),
    )
    return expected


def households(company: Company) -> Expected:
    expected, members = Expected(), defaultdict(list)
    for row in company.rows("select household_key, member_keys from marts.household_view"):
        members[row["household_key"]] += row["member_keys"]
    of = {customer: (key, len(found)) for key, found in members.items() for customer in found}
    expected.of("household_key", {customer: key for customer, (key, _) in of.items()})
    expected.of("household_member_count", {customer: count for customer, (_, count) in of.items()})
    return expected


def homes(company: Company) -> Expected:
    """Where clients of the bank live: of several clients the one that came last, then the lowest number."""
    expected, came = Expected(), first_dates(company.raw("bank", "clients"), "client_id")
    districts = {text(row["a1"]): row for row in company.latest("bank", "districts")}
    clients = by_customer(
        (company.crosswalk.get(f"bank/clients/{text(row['client_id'])}"), row)
        for row in company.listed("bank", "clients") if text(row["district_id"]) in districts
    )  # fmt: skip

    def told(name: str, read: Callable[[Any], Any]) -> Callable[[list[Row]], Any]:
        def of(found: list[Row]) -> Any:
            last = min(found, key=lambda r: (-came[str(text(r["client_id"]))].toordinal(), int(r["client_id"])))
            return read(districts[text(last["district_id"])][name])

        return of

    for column, name, read in (
        ("name", "a2", text), ("region", "a3", text), ("average_salary_czk", "a11", number),
        ("unemployment_1996_pct", "a13", number), ("entrepreneurs_per_1000", "a14", number),
        ("crimes_1996", "a16", number),
    ):  # fmt: skip
        expected.each(clients, **{f"home_district_{column}": told(name, read)})
    return expected


def identifiers(company: Company) -> Expected:
    """The login and the loyalty card that were delivered last, of several the one known longest."""
    expected = Expected()
    rows = company.rows("select * from marts.customer_identifiers where kind in ('user_id', 'loyalty_number')")
    for column, kind in (("user_id", "user_id"), ("member_id", "loyalty_number")):
        groups = by_customer((row["customer_key"], row) for row in rows if row["kind"] == kind)
        expected.each(groups, **{column: lambda found: min(
            found, key=lambda r: (-r["last_seen_date"].toordinal(), r["first_seen_date"], r["identifier"])
        )["identifier"]})  # fmt: skip
    return expected


def _places(values: dict[int, Any]) -> dict[int, Decimal]:
    """The share of the others that are below, 0 to 1."""
    ordered = sorted(values.values())
    below = {value: place for place, value in reversed(list(enumerate(ordered)))}
    return {who: Decimal(below[value]) / max(len(ordered) - 1, 1) for who, value in values.items()}


def scores(company: Company) -> Expected:
    expected, values, view = Expected(), golden(company), company.view("customer_single_view")
    plus = ("total_balance_eur", "funds_eur", "mortgage_asset_value_eur")
    minus = ("loans_outstanding_eur", "credit_usage_eur")
    debts = {customer: row["debt_eur"] for customer, row in company.view("customer_360").items()}
    wealth = {}
    for customer, row in view.items():
        owned, owed = [row[name] for name in plus], [*(row[name] for name in minus), debts[customer]]
        if any(value is not None for value in owned + owed):
            wealth[customer] = sum((v or 0 for v in owned), Decimal(0)) - sum((v or 0 for v in owed), Decimal(0))
    own = {customer: Decimal(value) for customer, value in values["yearly_income_eur"].items()}
    bracket = {customer: Decimal(BRACKETS[value]) for customer, value in values["income_bracket"].items()}
    incomes = bracket | own
    expected.of("net_wealth_eur", wealth)
    expected.of("income_eur", incomes)
    expected.of("income_basis", dict.fromkeys(bracket, "household bracket") | dict.fromkeys(own, "person"))
    for column, known in (("wealth_score", wealth), ("income_score", incomes)):
        expected.of(column, {who: FIFTHS[min(int(place * 5), 4)] for who, place in _places(known).items()})
    ages = _places({customer: -year for customer, year in births(company).items()})
    expected.of("age_score_pct", {who: _percent(place) for who, place in ages.items()})
    return expected


def _percent(share: Decimal) -> int:
    return int((100 * share).quantize(Decimal(1), ROUND_HALF_UP))


def marriages(company: Company) -> Expected:
    """Statements and a likely partner, smoothed by the share of married people among those of one decade."""
    expected, values, years = Expected(), golden(company), births(company)
    stated = company.rows(
        "select record_id, marital_status from intermediate.int_people__stated_attributes"
        " where marital_status is not null"
    )
    said = by_customer((company.crosswalk.get(row["record_id"]), row["marital_status"] == "married") for row in stated)
    homes = by_customer((row["household_key"], customer) for customer, row in company.view("customer_360").items()
                        if row["household_key"])  # fmt: skip
    genders, partners = values["gender"], set()
    for members in homes.values():
        for one in members:
            partners |= {one for other in members if {one, other} <= set(genders) and {one, other} <= set(years)
                         and genders[one] != genders[other] and abs(years[one] - years[other]) <= 15}  # fmt: skip
    decades: dict[int, list[bool]] = defaultdict(list)
    for customer, found in said.items():
        if customer in years:
            decades[years[customer] // 10] += found
    everybody = [is_married for found in said.values() for is_married in found]
    overall = Decimal(sum(everybody)) / len(everybody)
    score, evidence = {}, {}
    for customer in set(company.crosswalk.values()):
        own, has_partner = said.get(customer, []), customer in partners
        decade = decades.get(years.get(customer, 0) // 10) if customer in years else None
        prior = Decimal(sum(decade)) / len(decade) if decade else overall
        evidence[customer] = len(own) + has_partner
        score[customer] = _percent((sum(own) + has_partner + prior) / (evidence[customer] + 1))
    expected.of("married_score_pct", score)
    expected.of("married_evidence_count", evidence)
    return expected


def foreigners(company: Company) -> Expected:
    """The mean over the kinds of signs of the share that points abroad."""
    expected, signs = Expected(), defaultdict(lambda: defaultdict(list))
    for row in company.rows("select record_id, country, phone from identity.records"):
        customer = company.crosswalk.get(row["record_id"])
        if row["country"]:
            signs[customer]["country"].append(row["country"] != HOME["country"])
        if (row["phone"] or "").startswith("+"):
            signs[customer]["phone"].append(not row["phone"].startswith(HOME["phone"]))
    for row in company.latest("marketing", "contacts"):
        if row["language"]:
            customer = company.crosswalk.get(f"marketing/contacts/{row['contact_id']}")
            signs[customer]["language"].append(row["language"] != HOME["language"])
    for row in company.rows("select customer_key, currency from core.dim_account where system <> 'bureau'"):
        if row["currency"]:
            signs[row["customer_key"]]["currency"].append(row["currency"] != HOME["currency"])
    score = {}
    for customer, kinds in signs.items():
        shares = [Decimal(sum(found)) / len(found) for found in kinds.values()]
        score[customer] = _percent(sum(shares, Decimal(0)) / len(shares))
    expected.of("foreigner_score_pct", score)
    expected.of("foreigner_evidence_count", {customer: len(kinds) for customer, kinds in signs.items()}, 0)
    return expected


GROUPS = (profile, sources, households, homes, identifiers, scores, marriages, foreigners)
