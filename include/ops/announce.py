"""Lets announcements reach Airflow one at a time."""

from __future__ import annotations

import psycopg

ANNOUNCE_LOCK = 0x63333631
PATIENCE_S = 60
_held: list[psycopg.Connection] = []


def announce_alone(url: str) -> bool:
    """Hold a lock of the warehouse until this process ends; False where it cannot be had within a minute.

    Airflow records what a task announces after the task's code has ended and before its process does. Two systems
    that settle for one day within milliseconds of each other can open two waiting builds, each with a part of the
    announcements, so that neither ever starts (Airflow 3.3.2; DECISIONS.md 9). A lock that ends with the process
    puts one announcement behind the other. A day must settle even when the warehouse is down, so that is no error.
    """
    try:
        connection = psycopg.connect(url, autocommit=True, application_name="customer360")
        connection.execute("select set_config('lock_timeout', %s, false)", [f"{PATIENCE_S}s"])
        connection.execute("select pg_advisory_lock(%s)", [ANNOUNCE_LOCK])
    except psycopg.Error:
        return False
    _held.append(connection)
    return True
