"""What happens to the e-mails of marketing, and what people do in social networks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from include.sample import campaigns
from include.sample.draw import choose
from include.sample.history import instant, utc
from include.sample.part import Part, Record

HISTORY_DAYS = 45
KINDS = ("like", "like", "like", "comment", "share", "mention", "follow", "message")
TEXTS = {"positive": "I love it!", "neutral": "Is it there in blue?", "negative": "Never again."}


def events_of(part: Part, contacts: list[Record], number: int) -> Iterator[Record]:
    """What is told on one day: on the first a history, then a mailing to some, and opens that come days late."""
    day = part.company.dates[number]
    for contact in contacts:
        if contact["email"] is None or not any(entry["channel"] == "email" for entry in contact["consents"]):
            continue
        if number == 0:
            for place in range(int(part.rng.integers(0, 4))):
                sent = instant(day - timedelta(1 + int(part.rng.integers(HISTORY_DAYS))), part.rng)
                yield from _message(part, contact, f"{contact['contact_id']}-{place}", sent)
        elif part.rng.random() < 0.25:
            yield from _message(part, contact, f"{contact['contact_id']}-d{number}", instant(day, part.rng))
        if number == 2 and part.rng.random() < 0.02:  # read on the first day, told on the third
            late = instant(part.company.dates[0], part.rng)
            yield _event(contact, f"{contact['contact_id']}-late", "open", late, choose(campaigns.EMAIL, part.rng))


def _message(part: Part, contact: Record, key: str, sent: datetime) -> Iterator[Record]:
    rng, campaign = part.rng, choose(campaigns.EMAIL, part.rng)
    yield _event(contact, key, "sent", sent, campaign)
    if rng.random() < 0.04:
        bounce = {"bounce_type": choose(("hard", "soft"), rng)}
        yield _event(contact, key, "bounce", sent + timedelta(seconds=5), campaign) | bounce
        return
    yield _event(contact, key, "delivered", sent + timedelta(seconds=3), campaign)
    if rng.random() < 0.4:
        opened = sent + timedelta(seconds=int(rng.integers(60, 3600)))
        yield _event(contact, key, "open", opened, campaign)
        if rng.random() < 0.3:
            page = {"link": choose(("/offers", "/new", "/club", "/basket"), rng)}
            yield _event(contact, key, "click", opened + timedelta(seconds=30), campaign) | page
        elif rng.random() < 0.04:
            yield _event(contact, key, "unsubscribe", opened + timedelta(seconds=50), campaign)


def _event(contact: Record, message: str, kind: str, at: datetime, campaign: str) -> Record:
    return {
        "event_id": f"{message}-{kind}", "campaign_id": campaign, "contact_id": contact["contact_id"],
        "email": contact["email"], "message_id": message, "kind": kind, "link": None, "bounce_type": None,
        "occurred_at": utc(at),
    }  # fmt: skip


def social_of(part: Part, contacts: list[Record], number: int) -> Iterator[Record]:
    """What is told on one day; the tool knows most accounts, and some belong to nobody whom marketing knows."""
    day = part.company.dates[number]
    for contact in contacts:
        for account in contact["social_handles"]:
            for place in range(int(part.rng.integers(0, 5)) if number == 0 else int(part.rng.random() < 0.1)):
                back = int(part.rng.integers(HISTORY_DAYS)) if number == 0 else 0
                key = f"SI-{contact['contact_id']}-{account['network']}-{number}-{place}"
                known = contact["contact_id"] if part.rng.random() < 0.7 else None
                yield _interaction(part, key, account, known, instant(day - timedelta(back), part.rng))
    for place in range(len(contacts) // 20):
        stranger = {"network": choose(("facebook", "instagram", "x", "tiktok"), part.rng),
                    "handle": f"somebody{part.rng.integers(10_000)}"}  # fmt: skip
        yield _interaction(part, f"SI-0-{number}-{place}", stranger, None, instant(day, part.rng))


def _interaction(part: Part, key: str, account: Record, contact: str | None, at: datetime) -> Record:
    kind = choose(KINDS, part.rng)
    feeling = choose(tuple(TEXTS), part.rng) if kind in ("comment", "mention", "message") else None
    return {
        "interaction_id": key, "network": account["network"], "handle": account["handle"], "contact_id": contact,
        "kind": kind, "post_id": f"PO{part.rng.integers(1, 60):03d}",
        "campaign_id": choose(campaigns.SOCIAL, part.rng) if part.rng.random() < 0.5 else None,
        "text": TEXTS[feeling] if feeling else None, "sentiment": feeling, "occurred_at": utc(at),
    }  # fmt: skip
