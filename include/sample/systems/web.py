"""Events of the web site and the apps: JSON Lines, packed. Some late, some twice, some on a relative's device."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO

import numpy as np

from include.sample import files, rates
from include.sample.distort import Seen
from include.sample.draw import CAMPAIGNS, CURRENCIES, GOODS, choose, moment, price
from include.sample.part import Part, Record
from include.sample.population import Person

TYPES = (
    "page_view",
    "page_view",
    "page_view",
    "click",
    "click",
    "search",
    "promotion_view",
    "content_view",
    "add_to_cart",
)
TERMS = ("lamp", "chair", "kettle", "football", "garden table", "gift for dad", "matelas", "kávovar", "sale")
PAGES = ("/", "/home", "/kitchen", "/sport", "/offers", "/account", "/checkout")
SITES = ("https://search.example/", "https://social.example/", "https://mail.example/", None, None)
MEDIA = {"search": "cpc", "social": "video", "newsletter": "email"}


@dataclass(frozen=True)
class Browser:
    """A browser or an app on a device."""

    anonymous_id: str
    device_id: str | None
    device_type: str


class Site:
    """What the collector of events writes: a file a day."""

    def __init__(self, part: Part, days: list[IO[str]]) -> None:
        self.part, self.days = part, days
        self.visits = 0

    def visit(self, number: int, browser: Browser, person: Person | None, user: Record | None) -> None:
        """One visit on a day, by nobody known, or by a person who logs in with `user`."""
        part, rng = self.part, self.part.rng
        self.visits += 1
        session = f"S{self.visits:08d}"
        if person is not None:
            part.tell_doer("sessions", session, person)
        at = datetime.fromisoformat(moment(part.company.dates[number], rng).replace("Z", "+00:00"))
        visit: Record = {
            "session_id": session, "anonymous_id": browser.anonymous_id, "device_id": browser.device_id,
            "device_type": browser.device_type, **_campaign(rng),
        }  # fmt: skip
        if number >= 1:  # the collector has a new field from the second day on, which nobody has declared
            visit["app_version"] = choose(("8.1.0", "8.2.0"), rng)
        count = max(int(rng.poisson(rates.WEB_EVENTS_PER_VISIT)), 1)
        login_at = int(rng.integers(count)) if user else count
        money = CURRENCIES.get(person.country[0], "EUR") if person else "EUR"
        for place in range(count):
            kind = "login" if place == login_at else choose(TYPES, rng)
            known = user or {} if place >= login_at else {}
            event = {"event_id": f"{session}-{place}", "event_type": kind, "occurred_at": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
            self._send(number, event | visit | known | _details(kind, money, rng), is_sure=kind == "login")
            end_of_day = datetime.combine(part.company.dates[number] + timedelta(1), datetime.min.time(), at.tzinfo)
            at = min(at + timedelta(seconds=int(rng.integers(2, 240))), end_of_day - timedelta(seconds=1))

    def _send(self, number: int, event: Record, is_sure: bool) -> None:
        """Today, or one or two days late; now and then once more on the next day."""
        draw, (late, later) = self.part.rng.random(), rates.WEB_LATE
        delay = 0 if is_sure else 2 if draw < later else 1 if draw < later + late else 0
        line = json.dumps({name: value for name, value in event.items() if value is not None}, ensure_ascii=False)
        again = [number + delay + 1] if self.part.rng.random() < rates.WEB_TWICE else []
        for day in (number + delay, *again):
            if day < len(self.days):
                self.days[day].write(line + "\n")


def write(part: Part) -> None:
    """``events_<date>.jsonl.gz``. Everybody whom the site knows logs in on his first day."""
    with ExitStack() as stack:
        days = [
            stack.enter_context(files.packed(part.path(day, f"events_{day:%Y%m%d}.jsonl.gz")))
            for day in part.company.dates
        ]
        site, last = Site(part, days), None
        for seen in part.sightings():
            browsers = _browsers(part, seen.person)
            shared = _browsers(part, last)[:1] if last and _is_relative(last, seen.person) else browsers[:1]
            user = _user(part, seen)
            part.tell_truth("users", user["user_id"], seen)
            for number in range(seen.person.first_day, len(days)):
                _visit_on(site, number, seen.person, browsers, shared, user)
            last = seen.person


def _visit_on(
    site: Site, number: int, person: Person, browsers: list[Browser], shared: list[Browser], user: Record
) -> None:
    """A person's visits of one day, some on a relative's device, and those of strangers between them."""
    part, is_first = site.part, number == person.first_day
    for visit in range(max(int(part.rng.poisson(part.company.web_visits)), int(is_first))):
        chosen = shared if part.odd.random() < rates.WEB_SHARED_DEVICE else browsers
        knows = (is_first and visit == 0) or part.rng.random() < rates.WEB_LOGIN
        site.visit(number, choose(chosen, part.rng), person, user if knows else None)
        if part.rng.random() < rates.WEB_STRANGER:
            site.visit(number, _stranger(part.rng), None, None)


def _browsers(part: Part, person: Person) -> list[Browser]:
    """Of each of the person's devices; browsers of the web have no device id without a consent."""
    found = part.identifiers(person)
    kinds = ("ios", "android", "web")
    return [
        Browser(anonymous, device if kind != "web" else None, kind)
        for anonymous, device, kind in zip(found.anonymous_ids, found.device_ids, kinds, strict=False)
    ]


def _is_relative(one: Person, other: Person) -> bool:
    return (one.street, one.postcode) == (other.street, other.postcode)


def _user(part: Part, seen: Seen) -> Record:
    return {"user_id": part.identifiers(seen.person).user_id, "email": seen.email or seen.person.email}


def _stranger(rng: np.random.Generator) -> Browser:
    return Browser(f"anon_{rng.bytes(6).hex()}", None, "web")


def _campaign(rng: np.random.Generator) -> Record:
    referrer = choose(SITES, rng)
    if rng.random() >= 0.25:
        return {"referrer": referrer}
    source, name = choose(tuple(MEDIA), rng), choose(CAMPAIGNS, rng)
    return {"referrer": referrer, "campaign": {"source": source, "medium": MEDIA[source], "name": name}}


def _details(kind: str, money: str, rng: np.random.Generator) -> Record:
    """What an event of a kind says beyond the visit."""
    page = f"https://shop.retailmax.example{choose(PAGES, rng)}"
    good = choose(GOODS, rng)
    details: dict[str, Record] = {
        "click": {"element": choose(("banner", "menu", "product tile", "filter"), rng), "product_id": good[0]},
        "search": {"search_term": choose(TERMS, rng), "results_count": int(rng.integers(60))},
        "promotion_view": {"promotion_id": f"PR{rng.integers(1, 9)}"},
        "content_view": {"content_id": f"ART{rng.integers(1, 40):03d}", "duration_s": int(rng.gamma(2.0, 40.0))},
        "add_to_cart": {
            "product_id": good[0], "quantity": int(rng.integers(1, 4)), "price": price(good, money), "currency": money,
        },
    }  # fmt: skip
    return {"url": page, **details.get(kind, {})}
