"""What dbt says, without the values of records: Postgres quotes the failing row in its errors, and dbt logs them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

LEVELS = ("info", "warn", "error")
# Lines of an error of Postgres that quote a row, a key, or the place of a value.
QUOTING_LINES = re.compile(r"^\s*(DETAIL|CONTEXT|HINT|LINE \d+):|^\s*\^\s*$")
# "invalid input syntax for type integer: "twelve"": names of columns are quoted, too, but not behind a colon.
QUOTED_VALUE = re.compile(r'(:\s*)"[^"]*"')
# A row that failed takes as many lines as its values have; it ends where the next event begins.
ROW = re.compile(r"Failing row contains \(.*", re.DOTALL)


def without_values(message: str) -> str:
    """The message without what it quotes of records."""
    lines = ROW.sub("", message).splitlines()
    return "\n".join(QUOTED_VALUE.sub(r"\1(a value)", line) for line in lines if not QUOTING_LINES.match(line))


def log_to(path: Path) -> Callable[[Any], None]:
    """A callback for dbtRunner that appends events from level info on to a file, one paragraph each."""
    path.parent.mkdir(parents=True, exist_ok=True)

    def write(event: Any) -> None:
        if event.info.level in LEVELS:
            text = without_values(event.info.msg)
            with path.open("a", encoding="utf-8") as stream:
                stream.write(f"{event.info.ts.ToJsonString()} {event.info.level:<5} {text}\n")

    return write
