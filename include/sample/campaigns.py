"""Campaigns of marketing and what they cost on the advertising platforms."""

from __future__ import annotations

from datetime import date, timedelta

from include.sample import files
from include.sample.draw import PRODUCTS, choose
from include.sample.history import instant, utc
from include.sample.part import Part, Record

CHANNELS = ("email", "email", "email", "email", "social", "social", "search", "search", "display", "display")
IDS = tuple(f"CA{number:03d}" for number in range(1, len(CHANNELS) + 1))
EMAIL = tuple(key for key, channel in zip(IDS, CHANNELS, strict=True) if channel == "email")
SOCIAL = tuple(key for key, channel in zip(IDS, CHANNELS, strict=True) if channel == "social")
PLATFORMS = {"social": ("meta", "tiktok"), "search": ("google",), "display": ("google", "meta")}
MONEY = {"google": "EUR", "meta": "EUR", "tiktok": "USD"}
BRANDS = ("RetailMax", "RetailMax", "RetailMax Bank", "Nordhaus", "Casa Vela")
HISTORY_DAYS = 30


def write(part: Part) -> None:
    """``campaigns_<date>.jsonl`` and ``ad_performance_<date>.jsonl``; yesterday's figures come once more, corrected."""
    brands = part.rng_of("brands")
    made = [_campaign(key, channel, part) | {"brand": choose(BRANDS, brands)}
            for key, channel in zip(IDS, CHANNELS, strict=True)]  # fmt: skip
    for number, day in enumerate(part.company.dates):
        # On the first day all of them, later those whose budget was raised.
        told = made if number == 0 else [made[number] | {"budget": made[number]["budget"] + 500.0 * number,
                                                          "updated_at": utc(instant(day, part.rng))}]  # fmt: skip
        files.write_lines(part.path(day, f"campaigns_{day:%Y%m%d}.jsonl"), told)
        days = HISTORY_DAYS if number == 0 else 2
        files.write_lines(
            part.path(day, f"ad_performance_{day:%Y%m%d}.jsonl"),
            [row for back in range(days) for row in _figures(part, day - timedelta(back))],
        )


def _campaign(key: str, channel: str, part: Part) -> Record:
    begin = part.company.dates[0] - timedelta(HISTORY_DAYS + int(part.rng.integers(60)))
    product, name, _ = choose(PRODUCTS, part.rng)
    return {
        "campaign_id": key, "name": f"{name} {channel} {begin:%B}", "channel": channel, "product_id": product,
        "start_date": begin.isoformat(),
        "end_date": (begin + timedelta(120)).isoformat() if part.rng.random() < 0.7 else None,
        "budget": float(part.rng.integers(5, 60) * 1000), "currency": "EUR",
        "updated_at": utc(instant(part.company.dates[0], part.rng)),
    }  # fmt: skip


def _figures(part: Part, day: date) -> list[Record]:
    rows = []
    for key, channel in zip(IDS, CHANNELS, strict=True):
        for platform in PLATFORMS.get(channel, ()):
            shown = int(part.rng.gamma(4.0, 2500.0))
            clicks = int(shown * part.rng.beta(2, 90))
            rows.append({
                "platform": platform, "campaign_id": key, "date": day.isoformat(), "impressions": shown,
                "clicks": clicks, "conversions": int(clicks * 0.05),
                "cost": round(clicks * float(part.rng.uniform(0.2, 0.9)), 2), "currency": MONEY[platform],
            })  # fmt: skip
    return rows
