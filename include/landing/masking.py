"""Masks what must never be stored in free text: card numbers and card security codes.

A declared column that must never be stored is blanked as a whole; in a sentence the number has to be found first. So
this errs on the side of masking: where a note speaks of a security code, every number of three or four digits goes.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from include.contracts import Entity, Format
from include.landing.encoding import find_encoding, open_bytes
from include.landing.records import FileRejected

DIGITS = re.compile(r"\+?\d(?:[ \-.\u00a0\t\0]{0,2}\d)*")
# Groups of digits with whatever somebody writes between them; only the check digit tells a card among these.
GROUPS = re.compile(r"\d+(?:[\W_]{1,3}\d+)*")
LENGTHS = range(12, 20)
SHORTEST_CARD = 13
LONGEST_PHONE = 15
SPEAKS_OF_CODE = re.compile(
    r"security\W{0,3}(?:code|number|digits?|no\b)|\bsec\W{0,2}code|cv[vc]2?|\bcv2\b|\bcsc\b|\bcid\b"
    r"|card\W{0,3}(?:verification|validation|code|pin)|verification\W{0,3}(?:code|number|value)|\bpin\b"
    r"|(?:three|four|3|4)\W{0,2}digit|back of (?:the|her|his|their|my) card|\bcode\b[^.]{0,20}\bback\b|signature strip",
    re.IGNORECASE,
)
WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"
CODE = re.compile(
    rf"(?<![\d.,£$€/+\-])\d(?:[ \-]?\d){{2,3}}(?![\d%])(?![.,/\-]\d)|\b{WORD}(?:[\s,\-]+{WORD}){{2,3}}\b", re.IGNORECASE
)
# Right behind such a word any three or four digits are the code, whatever stands before and after them.
NEAR_CODE = re.compile(rf"({SPEAKS_OF_CODE.pattern})(\D{{0,20}})\d(?:[ \-]?\d){{2,3}}(?!\d)", re.IGNORECASE)
# And right before it, with a sign before them that belongs to no amount, date or number.
BEFORE_CODE = re.compile(
    rf"(?<!\d)(?<!\d[.,/+\-])\d(?:[ \-]?\d){{2,3}}(?=[^\d]{{0,20}}(?:{SPEAKS_OF_CODE.pattern}))", re.IGNORECASE
)
# So many single digits, each of which is looked at for the begin of a card, need thirty megabytes.
MAX_LINE_CHARACTERS = 1 << 18
MASKED = re.compile(r"(\[card number ending \d*\])")
CODE_MASK = "[security code withheld]"


def mask_text(text: str, kinds: tuple[str, ...]) -> str:
    """The text without card numbers (their last four digits stay) and without security codes, as `kinds` asks."""
    if "card_number" in kinds:
        text = DIGITS.sub(_mask_card, text)
        text = _outside_of_masks(text, lambda part: GROUPS.sub(_mask_groups, part))
    if "security_code" in kinds and SPEAKS_OF_CODE.search(text):
        # The last digits of a masked card stay what they are: they are no code, and say which card is meant.
        text = _outside_of_masks(text, _mask_codes)
    return text


def _outside_of_masks(text: str, change: Callable[[str], str]) -> str:
    return "".join(part if number % 2 else change(part) for number, part in enumerate(MASKED.split(text)))


def _mask_codes(text: str) -> str:
    return CODE.sub(CODE_MASK, BEFORE_CODE.sub(CODE_MASK, NEAR_CODE.sub(rf"\1\2{CODE_MASK}", text)))


def _mask_groups(found: re.Match[str]) -> str:
    """The run with those neighbouring groups masked that together are the number of a card."""
    text, groups = found[0], list(re.finditer(r"\d+", found[0]))
    is_dialled = found.string[max(found.start() - 1, 0) : found.start()] == "+"
    parts, done, first = [], 0, int(is_dialled)
    while first < len(groups):
        after, digits = _card_from(groups, first)
        if digits:
            parts += [text[done : groups[first].start()], f"[card number ending {digits[-4:]}]"]
            done = groups[after - 1].end()
        first = after
    return "".join(parts) + text[done:]


def _card_from(groups: list[re.Match[str]], first: int) -> tuple[int, str]:
    """(the group to go on with, the digits of the card that begins with this group or "")."""
    digits = ""
    for place in range(first, len(groups)):
        digits += groups[place][0]
        if len(digits) >= LENGTHS.stop:
            break
        if _is_card(digits):
            return place + 1, digits
    return first + 1, ""


def _is_card(digits: str) -> bool:
    """Of a card's length and first digit, and with the right check digit (Luhn); twelve digits are Maestro's alone."""
    if len(digits) not in LENGTHS or digits[0] not in ("56" if len(digits) == LENGTHS.start else "23456"):
        return False
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[::-2])) + sum(doubled)) % 10 == 0


def _mask_card(found: re.Match[str]) -> str:
    """A run of 13 digits or more is a card, also where other digits stand before it; unless it is dialled."""
    digits = re.sub(r"\D", "", found[0])
    is_dialled = found[0].startswith(("+", "00")) and len(digits) <= LONGEST_PHONE
    return found[0] if len(digits) < SHORTEST_CARD or is_dialled else f"[card number ending {digits[-4:]}]"


class _TooLongError(Exception):
    """A line is longer than what is looked at as one text."""


@contextmanager
def masked_file(path: Path, entity: Entity | None, layout: Format) -> Iterator[tuple[Path, list[str]]]:
    """(the file to archive and land, its columns in which something was masked).

    That is the file itself, or a copy under its name in which each line is masked. Raises FileRejected where the file
    is no text of its encoding: it must then not be stored at all.
    """
    columns = {name: c.mask for name, c in entity.columns.items() if c.mask} if entity else {}
    if not columns:
        yield path, []
        return
    kinds = tuple(kind for mask in columns.values() for kind in mask)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        encoding = find_encoding(path, layout.encoding)
        try:
            with open_bytes(path) as source, copy.open("wb") as target:
                is_masked = _write_masked(source, target, encoding, kinds)
        except (UnicodeError, _TooLongError) as error:
            is_text = isinstance(error, _TooLongError)
            why = f"a line is longer than {MAX_LINE_CHARACTERS:,} characters" if is_text else f"no {encoding} text"
            raise FileRejected(
                f"{path.name}: {why}; it may hold what must never be stored, so it is not archived"
            ) from None
        yield (copy, sorted(columns)) if is_masked else (path, [])


def _write_masked(source: BinaryIO, target: BinaryIO, encoding: str, kinds: tuple[str, ...]) -> bool:
    is_masked = False
    # Bytes that are no text of the encoding stay as they are; their rows are quarantined later.
    reader = io.TextIOWrapper(cast(io.BufferedReader, source), encoding, "surrogateescape", newline="")
    writer = io.TextIOWrapper(cast(io.BufferedWriter, target), encoding, "surrogateescape", newline="")
    while line := reader.readline(MAX_LINE_CHARACTERS):
        if len(line) == MAX_LINE_CHARACTERS and not line.endswith(("\n", "\r")):
            raise _TooLongError
        masked = mask_text(line, kinds)
        is_masked |= masked != line
        writer.write(masked)
    writer.flush()
    reader.detach()
    writer.detach()
    return is_masked
