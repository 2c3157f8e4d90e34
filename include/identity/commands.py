"""What the commands about decisions and about models share: who calls, and errors in one sentence each."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable

import psycopg

from include import db


class NobodyKnown(Exception):  # noqa: N818 - reads as what happened
    """The user of this process has no name, and none was given."""


def run_command(work: Callable[[], None], expected: type[Exception]) -> int:
    """0 where the work is done; 1 where an error that a person can mend ended it, which is printed: one of the
    `expected` kind, of a file or of the database.
    """
    try:
        work()
    except (expected, NobodyKnown) as error:
        problem = str(error)
    except OSError as error:
        problem = f"{error.filename or 'standard output'}: {error.strerror}"
    except psycopg.Error as error:
        problem = db.tell_error(error)
    else:
        return 0
    print(f"error: {problem}", file=sys.stderr)
    return 1


def whoever_calls() -> str:
    """The name of the user of this process; raises NobodyKnown."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise NobodyKnown("the user of this process has no name: say who decides with --user NAME") from None
