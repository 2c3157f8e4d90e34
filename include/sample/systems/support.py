"""Tickets, chats, calls, surveys and complaints of the support platform: JSON Lines.

The requester is known by what he wrote down; one of name, e-mail and telephone is often missing. On the third day the
platform writes the category of a ticket as an object. Calls and chats come twice now and then, and days late.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from include.sample import files, rates
from include.sample.distort import Seen
from include.sample.draw import PRODUCTS, choose, currency, full_name
from include.sample.history import changing_deliveries, instant, repeated, utc
from include.sample.part import Part, Record

CATEGORIES = ("billing", "delivery", "product", "account", "returns")
COMPLAINTS = ("late delivery", "damaged goods", "wrong invoice", "rude service", "data protection")
RESOLUTIONS = ("solved", "refunded", "replaced", "explained", "rejected", "no answer")
SAID = {
    "requester": ("Hello, my parcel has not come.", "Thank you, that helps.", "I was charged twice.", "Anybody there?"),
    "agent": ("Good morning, how can I help?", "Let me look that up.", "It is on its way.", "Sorry for the trouble."),
    "bot": ("Welcome. Please describe what it is about.", "I am handing over to a colleague."),
}  # fmt: skip
Records = dict[str, list[tuple[int, Record]]]


def write(part: Part) -> None:
    """``tickets_<date>.jsonl`` and one file each for chats, calls, surveys and complaints."""
    found: Records = {entity: [] for entity in ("tickets", "chats", "calls", "surveys", "complaints")}
    for number, seen in enumerate(part.sightings(), start=1):
        _request(part, number, seen, found)
    changes = {"tickets": _ticket_changed, "complaints": _complaint_changed}
    for entity, records in found.items():
        before: list[Record] = []
        for day, delivered in changing_deliveries(part, records, changes.get(entity)):
            if entity == "tickets" and day == part.company.dates[2]:
                delivered = [_with_category_object(ticket) for ticket in delivered]
            sent = repeated(delivered, before, part.rng) if entity in ("calls", "chats") else delivered
            files.write_lines(part.path(day, f"{entity}_{day:%Y%m%d}.jsonl"), sent)
            before = delivered


def _request(part: Part, number: int, seen: Seen, found: Records) -> None:
    """What one person asked for under one set of contact details: what the truth names, and what came of it."""
    rng, first = part.rng, seen.person.first_day
    requester, day = _requester(seen, rng), part.first_day(seen.person)
    entity = str(rng.choice(["tickets", "chats", "calls"], p=[0.55, 0.25, 0.20]))
    ticket: Record | None = None
    if entity == "tickets" or rng.random() < 0.3:
        ticket = _ticket(f"T{number:06d}", requester, day, first, rng)
        found["tickets"].append((first, ticket))
    reference = ticket["ticket_id"] if ticket else None
    for _ in range(1 + int(rng.random() < 0.3)):
        if entity == "chats":
            found["chats"].append((first, _chat(f"H{len(found['chats']):06d}", requester, reference, day, rng)))
        elif entity == "calls":
            found["calls"].append((first, _call(f"K{len(found['calls']):06d}", requester, reference, day, rng)))
    key = {"tickets": "ticket_id", "chats": "chat_id", "calls": "call_id"}[entity]
    part.tell_truth(entity, found[entity][-1][1][key], seen)
    if ticket and rng.random() < 0.3:
        found["surveys"].append((first, _survey(f"V{number:06d}", ticket, day, rng)))
    if ticket and ticket["complaint_category"]:
        found["complaints"].append((first, _complaint(f"B{number:06d}", ticket, day, currency(seen), rng)))


def _requester(seen: Seen, rng: np.random.Generator) -> Record:
    known = {"name": full_name(seen, rng), "email": seen.email, "phone": seen.phone}
    draw = rng.random()
    lost = "email" if draw < rates.DETAIL_MISSING / 2 else "phone" if draw < rates.DETAIL_MISSING else None
    if rng.random() < 0.08 and (known["email"] or known["phone"]):
        known["name"] = None
    elif lost:
        known[lost] = None
    return known


def _ticket(key: str, requester: Record, day: date, first: int, rng: np.random.Generator) -> Record:
    opened = instant(day - timedelta(int(rng.integers(200)) if first == 0 else 0), rng)
    answered = opened + timedelta(hours=float(rng.gamma(2.0, 4.0)))
    solved = answered + timedelta(days=float(rng.gamma(1.5, 2.0)))
    closed = solved + timedelta(days=7)
    agent, kind = f"agent{rng.integers(1, 30)}", choose(CATEGORIES, rng)
    complaint = choose(COMPLAINTS, rng) if rng.random() < 0.2 else None
    end = instant(day, rng)
    steps = [("new", opened, None), ("open", answered, agent), ("solved", solved, agent), ("closed", closed, None)]
    passed = [step for step in steps if step[1] <= end] or steps[:1]
    history = [_state(key, n, *step) for n, step in enumerate(passed)]
    is_solved = solved <= end
    return {
        "ticket_id": key, "requester": requester, "subject": f"Question about {kind}",
        "category": "complaint" if complaint else kind, "complaint_category": complaint,
        "resolution": choose(RESOLUTIONS, rng) if is_solved else None,
        "priority": choose(("low", "normal", "normal", "high", "urgent"), rng),
        "channel": choose(("web form", "email", "phone", "app"), rng), "status": history[-1]["state"],
        "product_id": choose(PRODUCTS, rng)[0] if rng.random() < 0.6 else None, "agent": agent,
        "opened_at": utc(opened), "first_response_at": utc(answered) if answered <= end else None,
        "resolved_at": utc(solved) if is_solved else None, "state_history": history,
        "updated_at": history[-1]["at"],
    }  # fmt: skip


def _state(ticket: str, number: int, state: str, at: Any, agent: str | None) -> Record:
    return {"change_id": f"{ticket}-{number}", "state": state, "at": utc(at), "agent": agent}


def _ticket_changed(ticket: Record, day: date, rng: np.random.Generator) -> Record:
    """Solved where it was not, else opened again; the requester never gets a new name."""
    state = "solved" if ticket["status"] in ("new", "open", "pending") else "open"
    change = _state(ticket["ticket_id"], len(ticket["state_history"]), state, instant(day, rng), ticket["agent"])
    return ticket | {
        "status": state, "resolution": choose(RESOLUTIONS, rng) if state == "solved" else None,
        "first_response_at": ticket["first_response_at"] or change["at"],
        "resolved_at": change["at"] if state == "solved" else None,
        "state_history": [*ticket["state_history"], change], "updated_at": change["at"],
    }  # fmt: skip


def _with_category_object(ticket: Record) -> Record:
    return ticket | {"category": {"name": ticket["category"], "code": ticket["category"][:3].upper()}}


def _late(day: date, rng: np.random.Generator) -> date:
    """Most things are told on the day, some later."""
    return day - timedelta(int(rng.choice(4, p=[0.85, 0.08, 0.05, 0.02])))


def _chat(key: str, requester: Record, ticket: str | None, day: date, rng: np.random.Generator) -> Record:
    began = instant(_late(day, rng), rng)
    authors = ["bot", *("requester" if n % 2 == 0 else "agent" for n in range(int(rng.integers(1, 8))))]
    turns = [
        {"turn_id": f"{key}-{n}", "at": utc(began + timedelta(seconds=40 * n)), "author": author,
         "text": choose(SAID[author], rng)}
        for n, author in enumerate(authors)
    ]  # fmt: skip
    return {
        "chat_id": key, "requester": requester, "ticket_id": ticket, "started_at": utc(began),
        "ended_at": utc(began + timedelta(seconds=40 * len(turns))),
        "agent": f"agent{rng.integers(1, 30)}" if "agent" in authors else None,
        "page": choose(("/help", "/orders", "/basket", "/account"), rng),
        "outcome": "ticket opened" if ticket else choose(("solved", "abandoned"), rng), "transcript": turns,
    }  # fmt: skip


def _call(key: str, requester: Record, ticket: str | None, day: date, rng: np.random.Generator) -> Record:
    outcome = choose(("answered", "answered", "answered", "missed", "voicemail", "transferred"), rng)
    return {
        "call_id": key, "requester": requester, "ticket_id": ticket, "started_at": utc(instant(_late(day, rng), rng)),
        "duration_s": int(rng.gamma(2.0, 150.0)) if outcome != "missed" else 0, "wait_s": int(rng.gamma(1.5, 60.0)),
        "direction": "inbound" if rng.random() < 0.85 else "outbound", "agent": f"agent{rng.integers(1, 30)}",
        "outcome": outcome,
        "resolution": "ticket opened" if ticket else choose(("solved", "call back", "none"), rng),
    }  # fmt: skip


def _survey(key: str, ticket: Record, day: date, rng: np.random.Generator) -> Record:
    kind = choose(("csat", "nps"), rng)
    return {
        "survey_id": key, "requester": ticket["requester"], "ticket_id": ticket["ticket_id"], "kind": kind,
        "score": int(rng.integers(1, 6)) if kind == "csat" else int(rng.integers(0, 11)),
        "comment": choose((None, None, "quick and friendly", "took far too long", "solved at once"), rng),
        "answered_at": utc(instant(_late(day, rng), rng)),
    }  # fmt: skip


def _complaint(key: str, ticket: Record, day: date, money: str, rng: np.random.Generator) -> Record:
    return {
        "complaint_id": key, "requester": ticket["requester"], "ticket_id": ticket["ticket_id"],
        "category": ticket["complaint_category"], "severity": choose(("minor", "minor", "major", "critical"), rng),
        "description": f"Complaint about {ticket['complaint_category']}.", "status": "open", "resolution": None,
        "compensation": None, "currency": money, "filed_at": ticket["opened_at"], "resolved_at": None,
        "updated_at": utc(instant(day, rng)),
    }  # fmt: skip


def _complaint_changed(complaint: Record, day: date, rng: np.random.Generator) -> Record:
    at = utc(instant(day, rng))
    is_paid = rng.random() < 0.5
    return complaint | {
        "status": "resolved", "resolution": "refund" if is_paid else choose(("apology", "voucher", "none"), rng),
        "compensation": round(float(rng.gamma(2.0, 20.0)), 2) if is_paid else None, "resolved_at": at,
        "updated_at": at,
    }  # fmt: skip
