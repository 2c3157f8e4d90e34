"""What customers bought, by the records of tills, shop and finance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from tests.dbt_project.company import (
    Company,
    Expected,
    Row,
    bank_day,
    by_customer,
    day,
    in_last_year,
    moment,
    number,
    rounded,
    text,
    total,
)

METHODS = {
    "spend_by_card_eur": ("card",), "spend_by_gateway_eur": ("paypal",), "spend_by_mobile_eur": ("mobile",),
    "spend_by_transfer_eur": ("bank_transfer",), "spend_in_cash_eur": ("cash",),
    "spend_by_voucher_eur": ("voucher", "gift_card"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One amount: of a line of goods, of shipping, of a discount, or on an account."""

    kind: str
    at: datetime | None
    eur: Decimal | None
    sign: int | None
    group: str | None = None
    method: str | None = None
    product: str | None = None
    is_return: bool = False
    is_cancelled: bool = False

    @property
    def spend(self) -> Decimal | None:
        return None if self.eur is None or self.sign is None else self.eur * self.sign


@dataclass(frozen=True)
class Order:
    kind: str
    status: str | None
    at: datetime | None
    eur: Decimal | None
    method: str | None
    store: str | None
    points_redeemed: int

    @property
    def is_bought(self) -> bool:
        return self.kind in ("order", "sale", "exchange") and self.status != "cancelled"


def finance_lines(company: Company) -> list[tuple[int | None, Line]]:
    owners = company.owners("fact_transactions", "transaction_id", "system = 'finance'")
    found = []
    for account, item in company.nested("finance", "accounts", "transaction_history", "transaction_id"):
        at, kind = moment(item["occurred_at"]), item["type"]
        line = Line(
            kind, at, company.eur(item["amount"], item.get("currency") or text(account["currency"]), at),
            {"purchase": 1, "refund": -1}.get(kind), company.touchpoint_group("finance", text(item.get("channel"))),
            product=text(item.get("product_id")), is_return=kind == "refund",
        )  # fmt: skip
        found.append((owners[item["transaction_id"]], line))
    return found


def shop_lines(company: Company) -> list[tuple[int | None, Line]]:
    owners = company.owners("fact_orders", "order_id", "system = 'ecommerce'")
    orders = {text(order["order_id"]): order for order in company.latest("ecommerce", "orders")}
    found = []

    def add(order: Row, kind: str, amount: object, sign: int, is_gone: bool, product: str | None = None) -> None:
        status, at = text(order["status"]), moment(order["placed_at"])
        is_void = is_gone or order["_gone"] or status in ("cancelled", "returned")
        line = Line(
            kind, at, company.eur(amount, text(order["currency"]), at), 0 if is_void else sign, "online",
            text(order["payment_method"]), product, status == "returned",
            is_gone or order["_gone"] or status == "cancelled",
        )  # fmt: skip
        found.append((owners[str(text(order["order_id"]))], line))

    for item in company.latest("ecommerce", "order_items"):
        amount = number(item["quantity"]) * number(item["unit_price"])
        add(orders[text(item["order_id"])], "purchase", amount, 1, item["_gone"], text(item["product_id"]))
    for order in orders.values():
        for kind, sign in (("shipping", 1), ("discount", -1)):
            if (number(order[f"amount_{kind}"]) or 0) > 0:
                add(order, kind, order[f"amount_{kind}"], sign, order["_gone"])
    return found


def till_lines(company: Company) -> list[tuple[int | None, Line]]:
    owners = company.owners("fact_orders", "order_id", "system = 'pos'")
    receipts = {text(receipt["transaction_id"]): receipt for receipt in company.latest("pos", "transactions")}
    found = []
    for line in company.latest("pos", "transaction_lines"):
        receipt, pieces = receipts[text(line["transaction_id"])], number(line["quantity"])
        assert pieces is not None
        amount = abs(pieces) * number(line["unit_price"]) - (number(line["discount"]) or 0)
        at, is_back = moment(receipt["occurred_at"]), pieces < 0
        entry = Line(
            "refund" if is_back else "purchase", at, company.eur(amount, text(receipt["currency"]), at),
            -1 if is_back else 1, "store", text(receipt["payment_method"]), text(line["product_id"]), is_back,
        )  # fmt: skip
        found.append((owners[str(text(receipt["transaction_id"]))], entry))
    return found


def lines_of(company: Company) -> dict[int, list[Line]]:
    return by_customer([*finance_lines(company), *shop_lines(company), *till_lines(company)])


def orders_of(company: Company) -> dict[int, list[Order]]:
    """Orders and receipts that are still there."""
    shop, till = (company.owners("fact_orders", "order_id", f"system = '{s}'") for s in ("ecommerce", "pos"))
    found = []
    for row in company.latest("ecommerce", "orders"):
        at = moment(row["placed_at"])
        eur = company.eur(row["amount_total"], text(row["currency"]), at)
        if not row["_gone"]:
            order = Order("order", text(row["status"]), at, eur, text(row["payment_method"]), None, 0)
            found.append((shop[str(text(row["order_id"]))], order))
    for row in company.latest("pos", "transactions"):
        at = moment(row["occurred_at"])
        eur = company.eur(row["amount"], text(row["currency"]), at)
        points = int(number(row["points_redeemed"]) or 0)
        order = Order(str(text(row["type"])), None, at, eur, text(row["payment_method"]), text(row["store_id"]), points)
        found.append((till[str(text(row["transaction_id"]))], order))
    return by_customer(found)


def spending(company: Company) -> Expected:
    expected, zero = Expected(), Decimal(0)

    def spent(lines: list[Line], *groups: str | None) -> Decimal | None:
        return total((x.spend for x in lines if in_last_year(x.at) and (not groups or x.group in groups)), zero)

    def counted(lines: list[Line]) -> list[Line]:
        return [x for x in lines if x.spend is not None and in_last_year(x.at) and not x.is_cancelled]

    def given_back(line: Line) -> Decimal | None:
        if line.kind == "refund":
            return line.eur
        if not line.is_return:
            return zero
        return {"purchase": line.eur, "shipping": line.eur, "discount": -(line.eur or 0)}.get(line.kind)

    groups = company.remembered(lines_of)
    expected.each(
        groups, zero,
        spend_eur=lambda found: total((x.spend for x in found), zero),
        spend_12_months_eur=spent,
        spend_online_12_months_eur=lambda found: spent(found, "online"),
        spend_store_12_months_eur=lambda found: spent(found, "store"),
        spend_other_12_months_eur=lambda found: spent([x for x in found if x.group not in ("online", "store")]),
        refunds_12_months_eur=lambda found: total(map(given_back, counted(found)), zero),
        purchases_eur=lambda found: total((x.eur for x in found if x.kind == "purchase" and not x.is_cancelled), zero),
    )  # fmt: skip
    expected.each(
        groups, 0,
        purchased_line_count=lambda found: sum(x.kind == "purchase" for x in counted(found)),
        returned_line_count=lambda found: sum(
            x.is_return and x.kind in ("purchase", "refund") for x in counted(found)
        ),
    )  # fmt: skip
    return expected


def movements(company: Company) -> Expected:
    """Everything that moved money, postings of the bank among it, whatever came of it."""
    found: list[tuple[int | None, datetime | None]] = []
    for lines in (finance_lines(company), shop_lines(company), till_lines(company)):
        found += [(customer, line.at) for customer, line in lines]
    owners = company.owners("dim_account", "account_id", "system = 'bank'")
    for row in company.listed("bank", "transactions"):
        at = bank_day(row["date"])
        found.append((owners[str(text(row["account_id"]))], at and datetime(at.year, at.month, at.day, tzinfo=UTC)))
    expected, groups = Expected(), by_customer(found)
    expected.each(groups, 0, transaction_count=len)
    expected.each(groups, last_transaction_at=lambda times: max((at for at in times if at), default=None))
    return expected


def ways_of_paying(company: Company) -> Expected:
    expected, zero = Expected(), Decimal(0)
    named = [method for methods in METHODS.values() for method in methods]
    groups = company.remembered(lines_of)
    for column, methods in METHODS.items():
        expected.each(groups, zero, **{column: lambda found, of=methods: total(
            (x.spend for x in found if in_last_year(x.at) and x.method in of), zero)})  # fmt: skip
    expected.each(groups, zero, spend_other_method_eur=lambda found: total(
        (x.spend for x in found if in_last_year(x.at) and x.method not in named), zero))  # fmt: skip
    expected.each(groups, zero, top_ups_eur=lambda found: total(
        (x.eur for x in found if in_last_year(x.at) and x.kind == "top_up"), zero))  # fmt: skip
    return expected


def orders(company: Company) -> Expected:
    expected, groups = Expected(), company.remembered(orders_of)
    stores = {text(row["store_id"]): text(row["store_name"]) for row in company.latest("pos", "stores")}

    def bought(found: list[Order]) -> list[Order]:
        return [order for order in found if order.is_bought]

    def average(found: list[Order]) -> Decimal | None:
        known = [order.eur for order in bought(found) if order.eur is not None]
        return rounded(sum(known, Decimal(0)) / len(known)) if known else None

    def favourite(words: list[str | None]) -> str | None:
        counts = Counter(word for word in words if word)
        return min(counts, key=lambda word: (-counts[word], word)) if counts else None

    expected.each(
        groups, 0,
        order_count=lambda found: len(bought(found)),
        order_12_months_count=lambda found: sum(in_last_year(order.at) for order in bought(found)),
        return_count=lambda found: sum(o.kind in ("return", "exchange") or o.status == "returned" for o in found),
        points_redeemed=lambda found: sum(order.points_redeemed for order in found),
    )  # fmt: skip
    expected.each(
        groups,
        average_order_eur=average,
        first_order_at=lambda found: min((o.at for o in bought(found) if o.at), default=None),
        last_order_at=lambda found: max((o.at for o in bought(found) if o.at), default=None),
        favourite_payment_method=lambda found: favourite([order.method for order in bought(found)]),
        favourite_store=lambda found: favourite([stores.get(order.store) for order in bought(found)]),
    )
    return expected


def tastes(company: Company) -> Expected:
    """The category on which a customer spent most, of products that somebody names."""
    expected = Expected()
    places = (("usage", "product_usage"), ("ecommerce", "order_items"), ("pos", "transaction_lines"))
    named = [row for place in places for row in company.raw(*place) if text(row["product_category"])]
    categories = {text(row["product_id"]): text(row["product_category"]) for row in named}

    def favourite(found: list[Line]) -> str | None:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in found:
            if line.kind in ("purchase", "refund") and (category := categories.get(line.product)):
                sums[category] += line.spend or 0
        liked = {category for category, eur in sums.items() if eur > 0}
        return min(liked, key=lambda category: (-sums[category], category)) if liked else None

    expected.each(company.remembered(lines_of), favourite_category=favourite)
    return expected


def shop(company: Company) -> Expected:
    """Carts, reviews and log-ins."""
    expected = Expected()
    owners = company.owners("fact_carts", "cart_id")
    carts = by_customer((owners[str(text(row["cart_id"]))], row) for row in company.latest("ecommerce", "carts"))

    def left(found: list[Row]) -> list[Row]:
        return [row for row in found if not text(row["order_id"]) and text(row["abandoned_at"])]

    expected.each(carts, 0, abandoned_cart_count=lambda found: len(left(found)))
    expected.each(carts, Decimal(0), abandoned_carts_eur=lambda found: total(
        (company.eur(row["items_value"], text(row["currency"]), moment(row["created_at"])) for row in left(found)),
        Decimal(0)))  # fmt: skip
    accounts = by_customer(
        (company.crosswalk.get(f"ecommerce/accounts/{text(row['account_id'])}"), row)
        for row in company.latest("ecommerce", "accounts")
    )
    expected.each(accounts, last_login_at=lambda found: max(
        (at for row in found if (at := moment(row["last_login_at"]))), default=None))  # fmt: skip
    reviews = by_customer(
        (company.crosswalk.get(f"ecommerce/accounts/{text(row['account_id'])}"), row)
        for row in company.latest("ecommerce", "reviews") if not row["_gone"]
    )  # fmt: skip
    expected.each(reviews, 0, review_count=len)
    expected.each(reviews, average_rating=lambda found: rounded(
        sum(number(row["rating"]) or Decimal(0) for row in found) / len(found)))  # fmt: skip
    return expected


def loyalty(company: Company) -> Expected:
    """Of several cards the points add up; the newest that is in use tells tier and shop."""
    expected = Expected()
    stores = {text(row["store_id"]): text(row["store_name"]) for row in company.latest("pos", "stores")}
    cards = by_customer(
        (company.crosswalk.get(f"pos/members/{text(row['loyalty_number'])}"), row)
        for row in company.latest("pos", "members")
    )

    def told(found: list[Row], words: Callable[[Row], str | None]) -> str | None:
        """What the card in use says, of several the one taken out last, then the one of the newest batch, then
        the first by number."""
        known = [row for row in found if words(row)]
        order = [(text(row["status"]) != "active", -(day(row["joined_date"]) or date.min).toordinal(),
                  -row["_batch_date"].toordinal(), str(text(row["loyalty_number"])), words(row))
                 for row in known]  # fmt: skip
        return min(order)[-1] if order else None

    def home(row: Row) -> str | None:  # newer exports call it otherwise
        return stores.get(text(row["home_store"]) or text((row["_rescued"] or {}).get("home_store_id")))

    def points(found: list[Row]) -> int | None:
        known = [number(row["card_points"]) for row in found if number(row["card_points"]) is not None]
        return int(total(known) or 0) if known else None

    expected.each(
        cards,
        loyalty_points=points,
        loyalty_tier=lambda found: told(found, lambda row: text(row["tier"])),
        home_store=lambda found: told(found, home),
    )
    return expected


GROUPS = (spending, movements, ways_of_paying, orders, tastes, shop, loyalty)
