"""What customers said to us and we to them, by the records of support, service, shops, branches, marketing and web."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.dbt_project.company import (
    LONG_AGO,
    Company,
    Expected,
    Row,
    by_customer,
    joined,
    moment,
    newest,
    number,
    rounded,
    text,
)

ENGAGED = ("open", "click", "like", "comment", "share", "mention", "follow", "message")


@dataclass(frozen=True)
class Contact:
    """One interaction; a complaint is counted by what it is about, so a ticket and its complaint are one."""

    entity: str
    number: str
    at: datetime | None
    kind: str
    channel: str | None
    complaint: str | None = None
    resolved_at: datetime | None = None
    satisfaction: Decimal | None = None
    sentiment: str | None = None


def of_service(company: Company) -> list[Contact]:
    found = []
    for row in company.latest("service", "interactions"):
        number_of, kind = f"service/interactions/{text(row['interaction_id'])}", str(text(row["interaction_type"]))
        is_complaint = kind == "complaint"
        found.append(Contact(
            "service/interactions", number_of, moment(row["timestamp"]), kind, text(row["channel"]),
            number_of if is_complaint else None, sentiment="negative" if is_complaint else None,
        ))  # fmt: skip
    return found


def category_of(ticket: Row) -> str | None:
    """A word, or an object with the word as its name, as newer exports have it."""
    value = text(ticket["category"])
    return text(json.loads(value)["name"]) if value and value.startswith("{") else value


def of_support(company: Company) -> list[Contact]:
    found, channels = [], {}
    for row in company.latest("support", "tickets"):
        number_of, category = f"support/tickets/{text(row['ticket_id'])}", category_of(row)
        channels[text(row["ticket_id"])] = text(row["channel"])
        is_bad = bool(text(row["complaint_category"]) or category == "complaint")
        found.append(Contact(
            "support/tickets", number_of, moment(row["opened_at"]) or moment(row["updated_at"]), "ticket",
            text(row["channel"]), number_of if is_bad else None, moment(row["resolved_at"]),
            sentiment="negative" if is_bad else None,
        ))  # fmt: skip
    for row in company.latest("support", "chats"):
        number_of = f"support/chats/{text(row['chat_id'])}"
        found.append(Contact("support/chats", number_of, moment(row["started_at"]), "chat", "chat"))
    for row in company.latest("support", "calls"):
        number_of = f"support/calls/{text(row['call_id'])}"
        found.append(Contact("support/calls", number_of, moment(row["started_at"]), "call", "phone"))
    for row in company.latest("support", "complaints"):
        number_of, ticket = f"support/complaints/{text(row['complaint_id'])}", text(row["ticket_id"])
        found.append(Contact(
            "support/complaints", number_of, moment(row["filed_at"]) or moment(row["updated_at"]), "complaint",
            channels.get(ticket), f"support/tickets/{ticket}" if ticket else number_of, sentiment="negative",
        ))  # fmt: skip
    return found + [_survey(row) for row in company.latest("support", "surveys")]


def _survey(row: Row) -> Contact:
    """A score of 1 to 5 (csat) or 0 to 10 (nps), as a share of the best one."""
    score, is_csat = number(row["score"]), text(row["kind"]) == "csat"
    share, sentiment = None, None
    if score is not None and text(row["kind"]) in ("csat", "nps"):
        share = rounded((score - 1) * 25 if is_csat else score * 10, 1)
        good, fair = (4, 3) if is_csat else (9, 7)
        sentiment = "positive" if score >= good else "neutral" if score >= fair else "negative"
    number_of = f"support/surveys/{text(row['survey_id'])}"
    return Contact(
        "support/surveys", number_of, moment(row["answered_at"]), "survey", "survey", None, None, share, sentiment
    )


def of_places(company: Company) -> list[Contact]:
    """Talks in shops and at branches, and what was said in social networks."""
    found = []
    for row in company.latest("pos", "staff_notes"):
        number_of, topic = f"pos/staff_notes/{text(row['note_id'])}", text(row["topic"])
        sentiment = {"praise": "positive", "complaint": "negative"}.get(topic or "")
        complaint = number_of if topic == "complaint" else None
        found.append(Contact(
            "pos/staff_notes", number_of, moment(row["occurred_at"]), "store_talk", "staff", complaint,
            sentiment=sentiment,
        ))  # fmt: skip
    for row in company.latest("wealth", "branch_contacts"):
        number_of, is_bad = f"wealth/branch_contacts/{text(row['contact_number'])}", text(row["reason"]) == "complaint"
        found.append(Contact(
            "wealth/branch_contacts", number_of, moment(row["began_at"]), "branch_contact", text(row["desk"]),
            number_of if is_bad else None, sentiment="negative" if is_bad else None,
        ))  # fmt: skip
    for row in company.latest("marketing", "social_interactions"):
        number_of = f"marketing/social_interactions/{text(row['interaction_id'])}"
        found.append(Contact(
            "marketing/social_interactions", number_of, moment(row["occurred_at"]), "social", text(row["network"]),
            sentiment=text(row["sentiment"]),
        ))  # fmt: skip
    return found


def all_contacts(company: Company) -> list[tuple[int | None, Contact]]:
    owners = company.owners("fact_interactions", "system || '/' || entity || '/' || interaction_id")
    contacts = [*of_service(company), *of_support(company), *of_places(company)]
    return [(owners[contact.number], contact) for contact in contacts]


def contacts(company: Company) -> Expected:
    expected, groups = Expected(), by_customer(all_contacts(company))

    def hours(found: list[Contact]) -> Decimal | None:
        spans = [x.resolved_at - x.at for x in found if x.kind == "ticket" and x.resolved_at and x.at]
        seconds = [Decimal(span // timedelta(microseconds=1)) / 1_000_000 for span in spans]
        return rounded(sum(seconds, Decimal(0)) / len(seconds) / 3600, 1) if seconds else None

    def last(found: list[Contact], **of: object) -> datetime | None:
        times = [x.at for x in found if x.at and all(getattr(x, name) == value for name, value in of.items())]
        return max(times, default=None)

    expected.each(
        groups, 0,
        interaction_count=len,
        complaint_count=lambda found: len({x.complaint for x in found if x.complaint}),
        open_ticket_count=lambda found: sum(x.kind == "ticket" and x.resolved_at is None for x in found),
        social_count=lambda found: sum(x.kind == "social" for x in found),
        branch_contact_count=lambda found: sum(x.kind == "branch_contact" for x in found),
    )  # fmt: skip
    expected.each(
        groups,
        last_interaction_at=last,
        last_complaint_at=lambda found: last([x for x in found if x.complaint]),
        last_branch_contact_at=lambda found: last(found, kind="branch_contact"),
        average_resolution_hours=hours,
        last_satisfaction_pct=lambda found: newest((x.at or LONG_AGO, x.satisfaction) for x in found),
        last_sentiment=lambda found: newest((x.at or LONG_AGO, x.sentiment) for x in found),
    )
    return expected


def _statements(company: Company) -> list[tuple[str, str, str | None, tuple[object, ...], str, datetime | None]]:
    """(record, channel, newsletter or none, what makes it later than others, action, when) of every consent."""
    found = []

    def add(
        row: Row, channel: str, letter: str | None, action: str, at: datetime | None, ended: datetime | None, of: str
    ) -> None:
        record = f"marketing/contacts/{text(row['contact_id'])}" if "contact_id" in row else row["record"]
        stated = max(t for t in (at, ended, LONG_AGO) if t)
        # Later first; of one moment the withdrawal; then the newer batch and the first of the lists by name.
        place = (stated, action == "withdrawn", row["_batch_date"], [-ord(c) for c in of])
        found.append((record, channel, letter, place, action, at))

    for row, item in company.nested("marketing", "contacts", "consents", "consent_id"):
        add(row, item["channel"], None, item["action"], moment(item["at"]), None, "consents")
    for row, item in company.nested("marketing", "contacts", "opt_outs", "opt_out_id"):
        add(row, item["channel"], None, "withdrawn", moment(item["at"]), None, "opt_outs")
    for row in company.latest("marketing", "email_events"):
        if text(row["kind"]) == "unsubscribe":
            add(row, "email", None, "withdrawn", moment(row["occurred_at"]), None, "email_events")
    for row, item in company.nested("marketing", "contacts", "subscriptions", "subscription_id"):
        ended = moment(item.get("unsubscribed_at"))
        action = "withdrawn" if ended else "given"
        add(row, "email", item["newsletter"], action, moment(item["subscribed_at"]), ended, "newsletter_subscriptions")
    for row in company.latest("ecommerce", "accounts"):
        wish = (text(row["is_newsletter"]) or "").lower()
        if not row["_gone"] and wish in ("true", "false"):
            at = moment(row["updated_at"]) or moment(row["registered_at"])
            place = row | {"record": f"ecommerce/accounts/{text(row['account_id'])}"}
            add(place, "email", "online shop", "given" if wish == "true" else "withdrawn", at, None, "accounts")
    return found


def consents(company: Company) -> Expected:
    expected = Expected()
    latest: dict[tuple[int, str, str | None], tuple[tuple[object, ...], str, datetime | None]] = {}
    for record, channel, letter, place, action, at in _statements(company):
        customer = company.crosswalk.get(record)
        if customer is not None:
            known = latest.get((customer, channel, letter))
            if known is None or place > known[0]:
                latest[customer, channel, letter] = (place, action, at)
    for channel in ("email", "sms", "phone", "post"):
        of = {who: said for (who, by, letter), said in latest.items() if (by, letter) == (channel, None)}
        expected.of(f"has_{channel}_consent", {who: action == "given" for who, (_, action, _) in of.items()})
    letters: dict[int, list[str | None]] = defaultdict(list)
    for (customer, _, letter), (_, action, at) in latest.items():
        mailbox = latest.get((customer, "email", None))
        is_open = mailbox is None or mailbox[1] == "given" or bool(at and mailbox[2] and at > mailbox[2])
        if letter and action == "given" and is_open:
            letters[customer].append(letter)
    expected.of("newsletters", {customer: joined(found) for customer, found in letters.items()})
    return expected


def campaigns(company: Company) -> Expected:
    expected = Expected()
    owners = company.owners("fact_campaign_responses", "response_id")
    brands = {text(row["campaign_id"]): text(row["brand"]) for row in company.latest("marketing", "campaigns")}
    said = [(row, "email_events", "event_id") for row in company.latest("marketing", "email_events")]
    said += [(row, "social", "interaction_id") for row in company.latest("marketing", "social_interactions")
             if text(row["campaign_id"])]  # fmt: skip
    groups = by_customer((owners[str(text(row[key]))], (row, entity)) for row, entity, key in said)

    def count(kind: str) -> object:
        return lambda found: sum(text(row["kind"]) == kind and entity == "email_events" for row, entity in found)

    expected.each(groups, 0, email_sent_count=count("sent"), email_open_count=count("open"),
                  email_click_count=count("click"))  # fmt: skip
    expected.each(
        groups,
        last_engaged_at=lambda found: max(
            (at for r, _ in found if text(r["kind"]) in ENGAGED and (at := moment(r["occurred_at"]))), default=None
        ),
        engaged_brands=lambda found: joined(
            brands.get(text(row["campaign_id"])) for row, _ in found if text(row["kind"]) in ENGAGED
        ),
    )
    return expected


def leads(company: Company) -> Expected:
    """Scores and stages of leads and contacts: the newest statement, of stages that of the contact."""
    expected = Expected()
    found = [(company.crosswalk.get(f"marketing/leads/{text(row['lead_id'])}"), row | {"stage": row["status"]})
             for row in company.latest("marketing", "leads")]  # fmt: skip
    for row in company.latest("marketing", "contacts"):
        renamed = (row["_rescued"] or {}).get("leadScore")  # what newer exports call it
        score = renamed if text(row["lead_score"]) is None else row["lead_score"]
        stated = {"score": score, "stage": row["lead_stage"], "is_contact": True}
        found.append((company.crosswalk.get(f"marketing/contacts/{text(row['contact_id'])}"), row | stated))
    groups = by_customer(found)

    def at(row: Row) -> tuple[datetime, date]:
        return moment(row["updated_at"]) or LONG_AGO, row["_batch_date"]

    def of(name: str) -> object:
        return lambda found: newest((at(row), text(row.get(name))) for row in found)

    def topics(found: list[Row]) -> str | None:
        listed = newest((at(row), row.get("preferred_topics")) for row in found)
        return joined(json.loads(listed)) if listed else None

    expected.each(
        groups,
        lead_score=lambda found: newest((at(r), int(s)) for r in found if (s := number(r["score"])) is not None),
        lead_stage=lambda found: newest(((bool(row.get("is_contact")), at(row)), text(row["stage"])) for row in found),
        lead_converted_at=lambda found: min((when for r in found if (when := moment(r["converted_at"]))), default=None),
        preferred_channel=of("preferred_channel"),
        preferred_frequency=of("preferred_frequency"),
        preferred_topics=topics,
    )
    return expected


GROUPS = (contacts, consents, campaigns, leads)
