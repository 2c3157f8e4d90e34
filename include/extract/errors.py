"""What is told when a database cannot be read: where it is and why, never a password and never a value of a row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa


class ExtractFailed(Exception):  # noqa: N818 - reads as what happened
    """A database cannot be read. The batch is not delivered; running it again is safe."""


@contextmanager
def told_without_secrets(system: str, url: sa.URL, is_connecting: bool = False) -> Iterator[None]:
    """Turn the errors of the driver into an ExtractFailed that names the place.

    What the driver says is repeated of connecting alone, since later messages may quote rows.
    """
    place = f"{url.host or 'localhost'}{f':{url.port}' if url.port else ''}/{url.database or ''}"
    try:
        yield
    except sa.exc.DBAPIError as error:
        reason = type(error.orig).__name__
        if is_connecting:
            reason = f"{reason}: {_first_line(str(error.orig), url)}"
        raise ExtractFailed(f"{system}: the database at {place} cannot be read ({reason})") from None
    except ImportError as error:
        raise ExtractFailed(f"{system}: the driver of the database is not installed ({error.name})") from None
    except sa.exc.SQLAlchemyError as error:
        raise ExtractFailed(f"{system}: the database at {place} cannot be read ({type(error).__name__})") from None


def _first_line(text: str, url: sa.URL) -> str:
    line = " ".join(text.split())[:300]
    secret = str(url.password or "")
    return line.replace(secret, "***") if secret else line
