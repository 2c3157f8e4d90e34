"""The online shop: journals of what changed in its tables, of which include.sample.shop makes its database."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from typing import IO

from include.sample import files, rates
from include.sample.distort import Seen
from include.sample.draw import CAMPAIGNS, GOODS, choose, currency, moment, price
from include.sample.part import Part, Record
from include.sample.shop import JOURNAL, TABLES

REVIEWS = (
    ("Great", "Does what it says, the children love it.", 5), ("Good", "Arrived quickly, well packed.", 4),
    ("Fine", "Ok for the price.", 3), ("Not again", "Stopped working after a week.", 2),
    ("Awful", "Never arrived. Nobody answers the telephone.", 1), ("Très bien", "Je le recommande à tous.", 5),
)  # fmt: skip
STATES = ("placed", "paid", "shipped", "delivered", "delivered", "delivered", "cancelled", "returned")
Journal = dict[str, IO[str]]


@dataclass
class Customer:
    """Who orders: somebody with an account, or a guest (account None) of whom the order alone knows."""

    number: int
    seen: Seen
    account: int | None
    money: str
    orders: int = 0
    carts: int = 0


def write(part: Part) -> None:
    """``<table>.journal.jsonl.gz`` a day. The pipeline does not read them: it reads the database."""
    with ExitStack() as stack:
        days = [
            {table: stack.enter_context(files.packed(part.path(day, f"{table}{JOURNAL}"))) for table in TABLES}
            for day in part.company.dates
        ]
        last = None
        for number, seen in enumerate(part.sightings(), start=1):
            is_second, last = seen.person.person_id == last, seen.person.person_id
            is_guest = is_second and part.rng.random() < rates.GUEST
            customer = Customer(number, seen, None if is_guest else number, currency(seen))
            if is_guest:
                key = _order(part, days, customer, seen.person.first_day, 0)["order_id"]
                part.tell_truth("orders", key, seen)
            else:
                _live(part, days, customer, is_second)
                part.tell_truth("accounts", str(number), seen)


def _put(journal: Journal, table: str, row: Record) -> None:
    journal[table].write(json.dumps(row, ensure_ascii=False) + "\n")


def _live(part: Part, days: list[Journal], customer: Customer, is_second: bool) -> None:
    """An account from its first day on: opened, orders, reviews, carts, changes, perhaps its end."""
    rng, first = part.rng, customer.seen.person.first_day
    account = _account(part, customer, is_second)
    _put(days[first], "accounts", account)
    orders = [_order(part, days, customer, first, int(rng.integers(1, 200))) for _ in range(min(rng.poisson(1.4), 6))]
    for order in orders:
        if rng.random() < 0.3:
            _review(part, days[first], customer, order, part.company.dates[first])
    carts = [_give_up_cart(part, days[first], customer, part.company.dates[first]) for _ in range(rng.poisson(0.7))]
    for number in range(first + 1, len(days)):
        if not _next_day(part, days, number, customer, account, orders, carts):
            return


def _next_day(
    part: Part, days: list[Journal], number: int, customer: Customer, account: Record, orders: list[Record],
    carts: list[str],
) -> bool:  # fmt: skip
    """What happens to an account on one of the later days; False where it is deleted."""
    rng, day, journal, chance = part.rng, part.company.dates[number], days[number], rates.SHOP_PER_DAY
    if rng.random() < chance["account_deleted"]:
        _put(journal, "accounts", {"account_id": account["account_id"], "gone": True})
        return False
    if rng.random() < chance["log_in"]:
        account["last_login_at"] = account["updated_at"] = moment(day, rng)
        _put(journal, "accounts", account)
    elif rng.random() < chance["set_back"]:  # a row from an old backup
        _put(journal, "accounts", account | {"is_newsletter": False, "updated_at": "2024-02-29T00:00:00Z"})
    for order in orders:
        if order["status"] in ("placed", "paid", "shipped") and rng.random() < chance["order_moves_on"]:
            order["status"], order["updated_at"] = "delivered", moment(day, rng)
            _put(journal, "orders", order)
    if rng.random() < chance["new_order"]:
        orders.append(_order(part, days, customer, number, 0))
    if rng.random() < chance["committed_late"]:  # it has the times of the day before
        orders.append(_order(part, days, customer, number, 1, is_late=True))
    for cart in [cart for cart in carts if rng.random() < chance["cart_deleted"]]:
        _put(journal, "carts", {"cart_id": cart, "gone": True})
        carts.remove(cart)
    return True


def _account(part: Part, customer: Customer, is_second: bool) -> Record:
    seen, rng = customer.seen, part.rng
    day = part.first_day(seen.person)
    opened = moment(day - timedelta(int(rng.integers(1500)) if seen.person.first_day == 0 else 0), rng)
    login = max(opened, moment(day - timedelta(int(rng.integers(40))), rng))
    moved = seen.person.former_address
    street, city, postcode = moved if moved and rng.random() < 0.3 else (seen.street, seen.city, seen.postcode)
    iso = seen.person.country[0]
    user = part.identifiers(seen.person).user_id
    return {
        "account_id": customer.account, "user_id": f"{user}-2" if is_second else user,
        "email": seen.email or seen.person.email, "first_name": seen.first_name, "last_name": seen.last_name,
        "phone": seen.phone if rng.random() < 0.8 else None, "billing_street": seen.street, "billing_city": seen.city,
        "billing_postcode": seen.postcode, "billing_country": iso, "shipping_street": street, "shipping_city": city,
        "shipping_postcode": postcode, "shipping_country": iso, "is_newsletter": bool(rng.random() < 0.4),
        "status": "active" if rng.random() < 0.98 else "blocked", "registered_at": opened, "last_login_at": login,
        "updated_at": login,
    }  # fmt: skip


def _order(
    part: Part, days: list[Journal], customer: Customer, number: int, days_before: int, is_late: bool = False
) -> Record:
    """An order with its lines and its cart, in the journal of a day."""
    seen, rng, day = customer.seen, part.rng, part.company.dates[number]
    placed_on = day - timedelta(days_before)
    placed = moment(placed_on, rng)
    updated = max(placed, moment(placed_on if is_late else min(placed_on + timedelta(int(rng.integers(6))), day), rng))
    customer.orders += 1
    key = f"W{customer.number:06d}-{customer.orders}"
    lines = [(choose(GOODS, rng), int(rng.integers(1, 4))) for _ in range(int(rng.integers(1, 4)))]
    goods = round(sum(price(good, customer.money) * pieces for good, pieces in lines), 2)
    discount = round(goods / 10, 2) if rng.random() < 0.2 else 0.0
    shipping = 0.0 if goods > 60 else 4.95
    method = choose(("card", "card", "card", "paypal", "bank_transfer", "gift_card"), rng)
    cart = _cart(part, customer, placed, [good[0] for good, _ in lines], goods) | {"order_id": key}
    order = {
        "order_id": key, "account_id": customer.account, "cart_id": cart["cart_id"],
        "status": choose(STATES, rng) if days_before else "placed", "currency": customer.money, "amount_goods": goods,
        "amount_discount": discount, "amount_shipping": shipping, "amount_total": round(goods - discount + shipping, 2),
        "payment_method": method,
        "card_number": choose(part.identifiers(seen.person).card_numbers, rng) if method == "card" else None,
        "contact_email": seen.email or seen.person.email,
        "shipping_name": f"{seen.first_name or ''} {seen.last_name or ''}".strip(), "shipping_phone": seen.phone,
        "shipping_street": seen.street, "shipping_city": seen.city, "shipping_postcode": seen.postcode,
        "shipping_country": seen.person.country[0],
        "campaign": choose(CAMPAIGNS, rng) if rng.random() < 0.3 else None, "placed_at": placed, "updated_at": updated,
    }  # fmt: skip
    _put(days[number], "carts", cart)
    _put(days[number], "orders", order)
    for line, (good, pieces) in enumerate(lines, start=1):
        _put(days[number], "order_items", {
            "order_id": key, "line_number": line, "product_id": good[0], "product_name": good[1],
            "product_category": good[2], "quantity": pieces, "unit_price": price(good, customer.money),
            "updated_at": placed,
        })  # fmt: skip
    return order


def _cart(part: Part, customer: Customer, at: str, products: list[str], value: float) -> Record:
    customer.carts += 1
    return {
        "cart_id": f"K{customer.number:06d}-{customer.carts}", "account_id": customer.account,
        "anonymous_id": choose(part.identifiers(customer.seen.person).anonymous_ids, part.rng),
        "items_count": len(products), "items_value": value, "currency": customer.money, "product_ids": products,
        "order_id": None, "created_at": at, "abandoned_at": None, "updated_at": at,
    }  # fmt: skip


def _give_up_cart(part: Part, journal: Journal, customer: Customer, day: date) -> str:
    """A cart that nobody ordered; some were filled before the log-in."""
    rng = part.rng
    began = day - timedelta(int(rng.integers(1, 90)))
    goods = [choose(GOODS, rng) for _ in range(int(rng.integers(1, 5)))]
    value = round(sum(price(good, customer.money) for good in goods), 2)
    ended = moment(min(began + timedelta(1), day), rng)
    cart = _cart(part, customer, moment(began, rng), [good[0] for good in goods], value)
    cart |= {"abandoned_at": ended, "updated_at": ended}
    _put(journal, "carts", cart | ({"account_id": None} if rng.random() < 0.15 else {}))
    return str(cart["cart_id"])


def _review(part: Part, journal: Journal, customer: Customer, order: Record, day: date) -> None:
    rng = part.rng
    title, text, rating = choose(REVIEWS, rng)
    written = max(order["placed_at"], moment(day - timedelta(int(rng.integers(30))), rng))
    _put(journal, "reviews", {
        "review_id": customer.number * 100 + int(order["order_id"].rpartition("-")[2]), "account_id": customer.account,
        "order_id": order["order_id"] if rng.random() < 0.8 else None, "product_id": choose(GOODS, rng)[0],
        "rating": rating, "title": title, "review_text": text, "is_published": bool(rng.random() < 0.95),
        "created_at": written, "updated_at": written,
    })  # fmt: skip
