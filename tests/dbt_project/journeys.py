"""The journey of each customer, put together from the records: what came in which order, and what it led to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import md5

from tests.dbt_project.company import (
    Company,
    Expected,
    Row,
    bank_day,
    by_customer,
    day,
    moment,
    rounded,
    seed,
    text,
)
from tests.dbt_project.contacts import ENGAGED, all_contacts, category_of
from tests.dbt_project.finances import FAMILIES, bank_owners
from tests.dbt_project.visits import abandoned, visits_of

ATTRIBUTION = timedelta(days=30)
DAY = Decimal(86_400_000_000)


@dataclass(frozen=True)
class Touch:
    id: str
    at: datetime
    system: str
    kind: str
    detail: str | None = None
    word: str | None = None  # what the system calls the channel; None where it says nothing of one
    campaign: str | None = None
    is_conversion: bool = False
    eur: Decimal | None = None


def key(*parts: object) -> str:
    return md5("/".join(map(str, parts)).encode()).hexdigest()  # noqa: S324 - a name, no secret


class Campaigns:
    """Campaigns by key: those of marketing by number, others by the label that shop and site give."""

    def __init__(self, company: Company) -> None:
        self.of_key: dict[str, tuple[str | None, str | None]] = {}
        self._labels: dict[str, list[str]] = defaultdict(list)
        for row in company.latest("marketing", "campaigns"):
            number = str(text(row["campaign_id"]))
            self.of_key[key("marketing", number)] = (text(row["name"]), text(row["brand"]))
            for label in {number.lower(), str(text(row["name"])).lower()}:
                self._labels[label].append(number)

    def numbered(self, number: str | None) -> str | None:
        return key("marketing", number) if number else None

    def labelled(self, label: str | None) -> str | None:
        if not label:
            return None
        numbers = self._labels.get(label.lower(), [])
        if len(numbers) == 1:
            return key("marketing", numbers[0])
        self.of_key[key("label", label.lower())] = (label.lower(), None)
        return key("label", label.lower())


def of_visits(company: Company, campaigns: Campaigns) -> list[tuple[int | None, Touch]]:
    found, left = [], company.remembered(abandoned)
    for visit in company.remembered(visits_of):
        events = sorted(visit.events, key=lambda e: (moment(e["occurred_at"]), text(e["event_id"])))
        labels = [label for event in events if (label := text(event["campaign_name"]))]
        words = [word for event in events if (word := text(event["device_type"]))]
        found.append((visit.customer, Touch(
            "web/" + key("web", visit.session), visit.began_at, "web", "web_visit",
            "cart abandoned" if visit.session in left else None, words[0] if words else "-",
            campaigns.labelled(labels[0]) if labels else None,
        )))  # fmt: skip
    return found


def of_orders(company: Company, campaigns: Campaigns) -> list[tuple[int | None, Touch]]:
    found = []
    for system, entity, number, time in (
        ("ecommerce", "orders", "order_id", "placed_at"), ("pos", "transactions", "transaction_id", "occurred_at"),
    ):  # fmt: skip
        owners = company.owners("fact_orders", "order_id", f"system = '{system}'")
        for row in company.latest(system, entity):
            order, at = str(text(row[number])), moment(row[time])
            kind = "order" if system == "ecommerce" else str(text(row["type"]))
            status = text(row["status"]) if system == "ecommerce" else None
            is_bought = kind in ("order", "sale", "exchange") and status != "cancelled" and not row["_gone"]
            amount = row["amount_total"] if system == "ecommerce" else row["amount"]
            eur = company.eur(amount, text(row["currency"]), at) if is_bought or kind == "return" else None
            label = text(row["campaign"]) if system == "ecommerce" else None
            word = "online shop" if system == "ecommerce" else "till"
            if at:
                found.append((owners[order], Touch(
                    "order/" + key(system, order), at, system, "return" if kind == "return" else "purchase",
                    status or kind, word, campaigns.labelled(label), is_bought, eur,
                )))  # fmt: skip
    return found


def of_accounts(company: Company) -> list[tuple[int | None, Touch]]:
    """Purchases on accounts of finance, and accounts that were opened."""
    found: list[tuple[int | None, Touch]] = []
    owners = company.owners("fact_transactions", "transaction_id", "system = 'finance'")
    for account, item in company.nested("finance", "accounts", "transaction_history", "transaction_id"):
        at, kind = moment(item["occurred_at"]), item["type"]
        if at and kind in ("purchase", "refund"):
            eur = company.eur(item["amount"], item.get("currency") or text(account["currency"]), at)
            sign = 1 if kind == "purchase" else -1
            found.append((owners[item["transaction_id"]], Touch(
                "transaction/" + key("finance", item["transaction_id"]), at, "finance",
                "purchase" if kind == "purchase" else "return", "on account", text(item.get("channel")) or "-", None,
                kind == "purchase", None if eur is None else sign * eur,
            )))  # fmt: skip
    opened: list[tuple[int | None, str, str, date | None]] = []
    for number, customer in bank_owners(company).items():
        row = next(r for r in company.latest("bank", "accounts") if text(r["account_id"]) == number)
        opened.append((customer, "bank", number, bank_day(row["date"])))
    crosswalk = company.crosswalk
    for family in FAMILIES:
        for row in company.latest("wealth", family):
            customer = crosswalk.get(f"wealth/clients/{text(row['client_number'])}")
            opened.append((customer, "wealth", str(text(row["holding_number"])), day(row["opened_date"])))
    for system, entity, number, since, record in (
        ("finance", "accounts", "account_id", "opened_date", "finance/accounts"),
        ("pos", "members", "loyalty_number", "joined_date", "pos/members"),
        ("ecommerce", "accounts", "account_id", "registered_at", "ecommerce/accounts"),
    ):
        for row in company.latest(system, entity):
            at, account_id = moment(row[since]), str(text(row[number]))
            opened.append((crosswalk.get(f"{record}/{account_id}"), system, account_id, at.date() if at else None))
    kinds = {r["account_key"]: r["account_type"] for r in company.rows("select * from core.dim_account")}
    for customer, system, account_id, since in opened:
        if since:
            at = datetime.combine(since, datetime.min.time(), UTC)
            account_key = key(system, account_id)
            found.append((customer, Touch(
                "account/" + account_key, at, system, "product_opened", kinds[account_key], is_conversion=True
            )))  # fmt: skip
    return found


def of_words(company: Company, campaigns: Campaigns) -> list[tuple[int | None, Touch]]:
    """E-mails that were read, contacts, reviews and leads."""
    found: list[tuple[int | None, Touch]] = []
    owners = company.owners("fact_campaign_responses", "response_id", "entity = 'email_events'")
    for row in company.latest("marketing", "email_events"):
        at, kind, event = moment(row["occurred_at"]), text(row["kind"]), str(text(row["event_id"]))
        if at and kind in (*ENGAGED, "unsubscribe"):
            found.append((owners[event], Touch(
                "response/" + key("marketing", "email_events", event), at, "marketing", f"email_{kind}", None, "email",
                campaigns.numbered(text(row["campaign_id"])),
            )))  # fmt: skip
    social = company.latest("marketing", "social_interactions")
    posts = {text(row["interaction_id"]): text(row["campaign_id"]) for row in social}
    for customer, said in all_contacts(company):
        number = said.number.removeprefix(f"{said.entity}/")
        is_complaint = said.complaint is not None and (said.kind != "ticket" or _is_complaint(company, number))
        own = ("social", "survey", "store_talk", "branch_contact")
        kind = "complaint" if is_complaint else said.kind if said.kind in own else "service_contact"
        campaign = campaigns.numbered(posts[number]) if said.kind == "social" else None
        if said.at:
            found.append((customer, Touch(
                "contact/" + key(said.number), said.at, said.entity.split("/")[0], kind, said.kind,
                said.channel or "-", campaign,
            )))  # fmt: skip
    for row in company.latest("ecommerce", "reviews"):
        customer = company.crosswalk.get(f"ecommerce/accounts/{text(row['account_id'])}")
        if not row["_gone"] and (at := moment(row["created_at"])):
            review = "review/" + key("ecommerce", text(row["review_id"]))
            found.append((customer, Touch(review, at, "ecommerce", "review", f"{text(row['rating'])} of 5")))
    for row in company.latest("marketing", "leads"):
        lead, source = str(text(row["lead_id"])), text(row["source"])
        if at := moment(row["created_at"]):
            found.append((company.crosswalk.get(f"marketing/leads/{lead}"), Touch(
                "lead/" + key("marketing", "leads", lead), at, "marketing", "lead", source, source or "-",
                campaigns.numbered(text(row["campaign_id"])),
            )))  # fmt: skip
    return found


def _is_complaint(company: Company, ticket: str) -> bool:
    row = next(r for r in company.latest("support", "tickets") if text(r["ticket_id"]) == ticket)
    return "complaint" in (category_of(row), text(row["complaint_category"]))


def journeys(company: Company) -> dict[str, Row]:
    """Every row of journey_view by its key."""
    campaigns = Campaigns(company)
    touches = [*of_visits(company, campaigns), *of_orders(company, campaigns), *of_accounts(company),
               *of_words(company, campaigns)]  # fmt: skip
    found: dict[str, Row] = {}
    for customer, own in by_customer(touches).items():
        found |= {row["touchpoint_key"]: row for row in _journey(campaigns, customer, own)}
    return found


def _journey(campaigns: Campaigns, customer: int, touches: list[Touch]) -> list[Row]:
    words = {(r["system"], r["word"]): r["channel"] for r in seed("channel_words")}
    groups = {r["channel"]: r["touchpoint_group"] for r in seed("channels")}
    ordered = sorted(touches, key=lambda touch: (touch.at, touch.id))
    rows: list[Row] = []
    conversions, path, in_path, last = 0, 1, 0, (None, datetime.min.replace(tzinfo=UTC))
    for place, touch in enumerate(ordered):
        before, after = ordered[place - 1] if place else None, ordered[place + 1] if place + 1 < len(ordered) else None
        if touch.campaign:
            last = (touch.campaign, touch.at)
        conversions, in_path = conversions + touch.is_conversion, in_path + 1
        credited = last[0] if touch.is_conversion and last[1] >= touch.at - ATTRIBUTION else None
        channel = words.get((touch.system, touch.word or ""))
        name, brand = campaigns.of_key.get(touch.campaign or "", (None, None))
        rows.append({
            "touchpoint_key": md5(touch.id.encode()).hexdigest(),  # noqa: S324 - a name, no secret
            "customer_key": customer, "touchpoint_number": place + 1, "is_first": not place, "is_last": after is None,
            "occurred_at": touch.at, "date_key": int(touch.at.astimezone(UTC).strftime("%Y%m%d")),
            "system": touch.system, "touchpoint_type": touch.kind, "detail": touch.detail, "channel": channel,
            "touchpoint_group": groups.get(channel or ""), "campaign_key": touch.campaign, "campaign_name": name,
            "campaign_brand": brand, "amount_eur": touch.eur,
            "previous_touchpoint_type": before.kind if before else None,
            "next_touchpoint_type": after.kind if after else None,
            "days_since_previous": _days(touch.at - before.at) if before else None,
            "days_to_next": _days(after.at - touch.at) if after else None, "is_conversion": touch.is_conversion,
            "conversion_number": conversions if touch.is_conversion else None, "path_number": path,
            "number_in_path": in_path, "is_path_converted": any(other.is_conversion for other in ordered[place:]),
            "attributed_campaign_key": credited,
            "attributed_campaign_name": campaigns.of_key.get(credited or "", (None, None))[0],
        })  # fmt: skip
        if touch.is_conversion:
            path, in_path = path + 1, 0
    return rows


def _days(span: timedelta) -> Decimal | None:
    return rounded(Decimal(span // timedelta(microseconds=1)) / DAY, 3)


def summary(company: Company) -> Expected:
    """What customer_360 says of the journeys."""
    expected = Expected()
    groups = by_customer((row["customer_key"], row) for row in company.remembered(journeys).values())

    def converted(found: list[Row]) -> list[datetime]:
        return [row["occurred_at"] for row in found if row["is_conversion"]]

    def credited(found: list[Row]) -> object:
        known = [row for row in found if row["attributed_campaign_key"]]
        return max(known, key=lambda row: row["touchpoint_number"])["attributed_campaign_name"] if known else None

    expected.each(groups, 0, touchpoint_count=len, conversion_count=lambda found: len(converted(found)))
    for end in ("first", "last"):
        names = {"touchpoint_at": "occurred_at", "touchpoint_type": "touchpoint_type", "channel": "channel"}
        for column, name in names.items():
            expected.each(groups, **{f"{end}_{column}": lambda found, of=name, at=end: next(
                row[of] for row in found if row[f"is_{at}"])})  # fmt: skip
    expected.each(
        groups,
        first_conversion_at=lambda found: min(converted(found), default=None),
        last_conversion_at=lambda found: max(converted(found), default=None),
        last_attributed_campaign=credited,
        last_campaign=credited,
    )
    return expected


GROUPS = (summary,)
