"""Contacts, what became of their e-mails, campaigns, social networks, leads and advertising: JSON Lines.

From the second day on the exports call a contact's lead score `leadScore`. Consents are withdrawn on the second and
third day. What happened to an e-mail comes late now and then, and twice.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from include.sample import campaigns, files, mailing, rates
from include.sample.distort import Seen
from include.sample.draw import PRODUCTS, choose, full_name
from include.sample.history import changing_deliveries, instant, repeated, utc
from include.sample.part import Part, Record

LANGUAGES = {"GB": "en", "US": "en", "DE": "de", "FR": "fr", "CZ": "cs", "PL": "pl", "ES": "es", "RU": "ru", "GR": "el"}
GIVEN = {"email": 0.8, "sms": 0.3, "phone": 0.2, "post": 0.25}
NEWSLETTERS = ("weekly offers", "new arrivals", "club magazine")
TOPICS = tuple(kind.lower() for _, _, kind in PRODUCTS)
NETWORKS = ("facebook", "instagram", "x", "tiktok")


def write(part: Part) -> None:
    """``contacts_<date>.jsonl`` and one file each for leads, events, campaigns, social networks and advertising."""
    contacts: list[tuple[int, Record]] = []
    leads: list[tuple[int, Record]] = []
    met: set[int] = set()
    for number, seen in enumerate(part.sightings(), start=1):
        first, day = seen.person.first_day, part.first_day(seen.person)
        if part.rng.random() < 0.15:
            leads.append((first, _lead(f"L{number:06d}", seen, day, part)))
            part.tell_truth("leads", f"L{number:06d}", seen)
            continue
        contacts.append(
            (first, _contact(f"M{number:06d}", seen, day, first, seen.person.person_id not in met, part.rng))
        )
        met.add(seen.person.person_id)
        part.tell_truth("contacts", f"M{number:06d}", seen)
    known = list(contacts)
    for day, delivered in changing_deliveries(part, contacts, _contact_changed):
        is_renamed = day > part.company.dates[0]
        sent = [_renamed(contact) for contact in delivered] if is_renamed else delivered
        files.write_lines(part.path(day, f"contacts_{day:%Y%m%d}.jsonl"), sent)
    for day, delivered in changing_deliveries(part, leads, _lead_changed):
        files.write_lines(part.path(day, f"leads_{day:%Y%m%d}.jsonl"), delivered)
    _write_events(part, known)
    campaigns.write(part)


def _write_events(part: Part, contacts: list[tuple[int, Record]]) -> None:
    for entity, make in (("email_events", mailing.events_of), ("social_interactions", mailing.social_of)):
        before: list[Record] = []
        for number, day in enumerate(part.company.dates):
            known = [contact for first, contact in contacts if first <= number]
            fresh = list(make(part, known, number))
            files.write_lines(part.path(day, f"{entity}_{day:%Y%m%d}.jsonl"), repeated(fresh, before, part.rng))
            before = fresh


def _contact(key: str, seen: Seen, day: date, first: int, is_first: bool, rng: np.random.Generator) -> Record:
    made = instant(day - timedelta(int(rng.integers(900)) if first == 0 else 0), rng)
    given = [channel for channel, share in GIVEN.items() if rng.random() < share]
    stage = choose(("subscriber", "lead", "qualified", "opportunity", "customer", "customer"), rng)
    frequency = choose(("daily", "weekly", "weekly", "monthly"), rng)
    return {
        "contact_id": key, "email": seen.email, "first_name": seen.first_name, "last_name": seen.last_name,
        "phone": seen.phone if rng.random() < 0.4 else None, "country": seen.country,
        "language": LANGUAGES[seen.person.country[0]], "lead_score": int(np.clip(rng.normal(45, 20), 0, 100)),
        "lead_stage": stage, "converted_at": utc(made + timedelta(hours=3)) if stage == "customer" else None,
        "consents": [_consent(key, n, channel, "given", made, rng) for n, channel in enumerate(given)],
        "opt_outs": [], "subscriptions": _subscriptions(key, given, made, rng),
        "social_handles": _handles(seen, rng) if is_first else [],
        "preferences": {
            "channel": choose(given, rng) if given else None, "frequency": frequency,
            "topics": sorted({choose(TOPICS, rng) for _ in range(int(rng.integers(0, 4)))}),
        },
        "created_at": utc(made), "updated_at": utc(made if first == 0 else instant(day, rng)),
    }  # fmt: skip


def _consent(contact: str, number: int, channel: str, action: str, at: Any, rng: np.random.Generator) -> Record:
    source = choose(("web form", "web form", "store", "call centre"), rng)
    if action == "withdrawn":
        source = "unsubscribe link" if channel == "email" else "preference centre"
    return {"consent_id": f"{contact}-{number}", "channel": channel, "action": action, "at": utc(at), "source": source}


def _subscriptions(contact: str, given: list[str], made: Any, rng: np.random.Generator) -> list[Record]:
    names = [name for name in NEWSLETTERS if "email" in given and rng.random() < 0.4]
    return [
        {"subscription_id": f"{contact}-{n}", "newsletter": name, "subscribed_at": utc(made),
         "unsubscribed_at": utc(made + timedelta(days=20)) if rng.random() < 0.1 else None}
        for n, name in enumerate(names)
    ]  # fmt: skip


def _handles(seen: Seen, rng: np.random.Generator) -> list[Record]:
    name = f"{seen.person.locale[:2]}_{seen.person.person_id}_fan"
    return [{"network": network, "handle": name} for network in NETWORKS if rng.random() < 0.2]


def _contact_changed(contact: Record, day: date, rng: np.random.Generator) -> Record:
    """A new score; some withdraw a consent, which is told with its time and opts them out."""
    at = instant(day, rng)
    news: Record = {"lead_score": int(np.clip(contact["lead_score"] + rng.normal(0, 8), 0, 100)), "updated_at": utc(at)}
    state = {entry["channel"]: entry["action"] for entry in contact["consents"]}
    given = [channel for channel, action in state.items() if action == "given"]
    if given and rng.random() < rates.CONSENT_WITHDRAWN:
        channel, count = choose(given, rng), len(contact["consents"])
        news["consents"] = [*contact["consents"], _consent(contact["contact_id"], count, channel, "withdrawn", at, rng)]
        reason = choose(("too many", "not relevant", "never signed up", None), rng)
        opt_out = {
            "opt_out_id": f"{contact['contact_id']}-{count}",
            "channel": channel,
            "at": utc(at),
            "reason": reason,
        }
        news["opt_outs"] = [*contact["opt_outs"], opt_out]
        if channel == "email":
            news["subscriptions"] = [
                s | {"unsubscribed_at": s["unsubscribed_at"] or utc(at)} for s in contact["subscriptions"]
            ]
    return contact | news


def _renamed(contact: Record) -> Record:
    return {"leadScore" if name == "lead_score" else name: value for name, value in contact.items()}


def _lead(key: str, seen: Seen, day: date, part: Part) -> Record:
    rng = part.rng
    made = instant(day - timedelta(int(rng.integers(90)) if seen.person.first_day == 0 else 0), rng)
    status = choose(("new", "contacted", "qualified", "converted", "lost"), rng)
    return {
        "lead_id": key, "full_name": full_name(seen, rng), "email": seen.email, "phone": seen.phone,
        "postcode": seen.postcode, "occupation": seen.person.occupation if rng.random() < 0.7 else None,
        "source": choose(("web form", "event", "referral", "partner", "advertisement"), rng),
        "campaign_id": choose(campaigns.IDS, rng) if rng.random() < 0.5 else None,
        "product_id": choose(PRODUCTS, rng)[0], "score": int(rng.integers(0, 101)), "status": status,
        "created_at": utc(made), "converted_at": utc(made + timedelta(hours=5)) if status == "converted" else None,
        "updated_at": utc(instant(day, rng)),
    }  # fmt: skip


def _lead_changed(lead: Record, day: date, rng: np.random.Generator) -> Record:
    at = utc(instant(day, rng))
    is_won = lead["status"] != "converted" and rng.random() < 0.5
    return (
        lead
        | {"score": int(rng.integers(0, 101)), "updated_at": at}
        | ({"status": "converted", "converted_at": at} if is_won else {})
    )
