"""What customers did on the web site and in the apps, by the events of their browsers."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tests.dbt_project.company import Company, Expected, Row, by_customer, joined, moment, number, text, total
from tests.dbt_project.purchases import orders_of


@dataclass(frozen=True)
class Visit:
    """The events of one session, by the number that the site gives it."""

    session: str
    customer: int | None
    events: list[Row]

    @property
    def began_at(self) -> datetime:
        return min(at for event in self.events if (at := moment(event["occurred_at"])))

    @property
    def ended_at(self) -> datetime:
        return max(at for event in self.events if (at := moment(event["occurred_at"])))

    def count(self, kind: str) -> int:
        return sum(text(event["event_type"]) == kind for event in self.events)

    @property
    def browser(self) -> str | None:
        """That of the first event that has one."""
        places = [(moment(e["occurred_at"]), text(e["event_id"]), text(e["anonymous_id"])) for e in self.events]
        known = sorted(place for place in places if place[2])
        return known[0][2] if known else None


def visits_of(company: Company) -> list[Visit]:
    owners = company.owners("fact_web_sessions", "session_id_web")
    sessions: dict[str, list[Row]] = defaultdict(list)
    for event in company.latest("web", "events"):
        sessions[str(text(event["session_id"]))].append(event)
    return [Visit(session, owners[session], events) for session, events in sessions.items()]


def abandoned(company: Company) -> set[str]:
    """Visits that filled a cart and were followed by no order of the customer within a day of their end; of a stranger
    the shop's cart of the browser tells."""
    orders = by_customer((who, order) for who, found in orders_of(company).items() for order in found
                         if order.kind == "order" and order.is_bought)  # fmt: skip
    placed = {text(row["order_id"]): row for row in company.latest("ecommerce", "orders")}
    carts: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for row in company.latest("ecommerce", "carts"):
        if (browser := text(row["anonymous_id"])) and (at := moment(row["created_at"])):
            carts[browser].append((at, False))
        order = placed.get(text(row["order_id"]))
        if browser and order and text(order["status"]) != "cancelled" and not order["_gone"]:
            carts[browser].append((moment(order["placed_at"]), True))
    found = set()
    for visit in company.remembered(visits_of):
        if not visit.count("add_to_cart"):
            continue
        first, last = visit.began_at, visit.ended_at + timedelta(days=1)
        told = [order.at for order in orders.get(visit.customer or -1, []) if order.at and first <= order.at < last]
        seen = [is_order for at, is_order in carts.get(visit.browser or "", []) if first <= at < last]
        if not told and not any(seen) and (visit.customer is not None or seen):
            found.add(visit.session)
    return found


def web(company: Company) -> Expected:
    expected, left = Expected(), company.remembered(abandoned)
    groups = by_customer((visit.customer, visit) for visit in company.remembered(visits_of))

    def seconds(found: list[Visit]) -> int:
        events = [event for visit in found for event in visit.events if text(event["event_type"]) == "content_view"]
        return int(total((number(event["duration_s"]) for event in events), Decimal(0)) or 0)

    kinds = {"page_view": "page_view", "click": "click", "search": "search", "promotion_view": "promotion_view",
             "content_view": "content_view", "cart_add": "add_to_cart"}  # fmt: skip
    for name, kind in kinds.items():
        expected.each(groups, 0, **{f"{name}_count": lambda found, of=kind: sum(visit.count(of) for visit in found)})
    expected.each(
        groups, 0,
        web_visit_count=len,
        content_duration_s=seconds,
        abandoning_visit_count=lambda found: sum(visit.session in left for visit in found),
    )  # fmt: skip
    expected.each(
        groups,
        first_web_visit_at=lambda found: min(visit.began_at for visit in found),
        last_web_visit_at=lambda found: max(visit.began_at for visit in found),
    )
    return expected


def searches(company: Company) -> Expected:
    """Terms and devices of the events themselves: a visit may be of two who share a browser."""
    expected, owners = Expected(), company.owners("fact_web_events", "event_id")
    groups = by_customer((owners[str(text(e["event_id"]))], e) for e in company.latest("web", "events"))

    def terms(found: list[Row]) -> str | None:
        last: dict[str, datetime] = {}
        for event in found:
            term, at = (text(event["search_term"]) or "").lower(), moment(event["occurred_at"])
            if term and at:
                last[term] = max(at, last.get(term, at))
        return ", ".join(sorted(sorted(last), key=lambda term: last[term], reverse=True)[:5]) or None

    expected.each(
        groups,
        search_terms=terms,
        device_types=lambda found: joined(text(event["device_type"]) for event in found),
    )
    return expected


GROUPS = (web, searches)
