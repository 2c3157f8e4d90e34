"""The database of the sample's shop: beside the warehouse, brought to each day by what the generator wrote.

Where the environment names another database with ``CUSTOMER360_ECOMMERCE_URL``, that is read and nothing is done here.
"""

from __future__ import annotations

import os
from datetime import date

from include.sample.shop import create_shop, fill_shop, shop_url
from include.settings import Settings

VARIABLE = "CUSTOMER360_ECOMMERCE_URL"


def offer_shop(settings: Settings) -> None:
    """Name the sample shop's database in the environment, for this process and those that it starts.

    It is there with its tables, of whatever days were applied. An inbox that the environment names is somebody's, so
    that it has a shop only where the sample was written into it.
    """
    if _is_ours(settings) and (settings.inbox.is_relative_to(settings.run_dir) or _has_journals(settings)):
        os.environ[VARIABLE] = create_shop(settings.database_url)
        fill_shop(os.environ[VARIABLE], settings.inbox, date.min)


def bring_shop_to(settings: Settings, day: date) -> None:
    """Bring the sample shop's database to the end of a day: only what is read before the next one is of that day."""
    if _is_ours(settings) and _has_journals(settings):
        fill_shop(create_shop(settings.database_url), settings.inbox, day)


def _is_ours(settings: Settings) -> bool:
    return os.environ.get(VARIABLE, "") in ("", shop_url(settings.database_url))


def _has_journals(settings: Settings) -> bool:
    return any((settings.inbox / "ecommerce").glob("*/*.journal.jsonl.gz"))
