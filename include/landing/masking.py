"""Masks what must never be stored in free text: card numbers and card security codes.

A declared column that must never be stored is blanked as a whole; in a sentence the number has to be found first. So
this errs on the side of masking: where a note speaks of a security code, every number of three or four digits goes.
"""

from __future__ import annotations

import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from include.contracts import Entity, Format
from include.landing.encoding import find_encoding, open_bytes
from include.landing.records import FileRejected

DIGITS = re.compile(r"\+?\d(?:[ \-.\u00a0\t\0]{0,2}\d)*")
SHORTEST_CARD = 13
LONGEST_PHONE = 15
SPEAKS_OF_CODE = re.compile(
    r"security\W{0,3}(?:code|number|digits?|no\b)|\bsec\W{0,2}code|\bcv[vc]\b|\bcv[vc]?2\b|\bcsc\b|\bcid\b"
    r"|card\W{0,3}(?:verification|validation|code|pin)|verification\W{0,3}(?:code|number|value)|\bpin\b"
    r"|(?:three|four|3|4)\W{0,2}digit|back of (?:the|her|his|their|my) card|signature strip",
    re.IGNORECASE,
)
WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)"
CODE = re.compile(
    rf"(?<![\d.,£$€/+\-])\d(?:[ \-]?\d){{2,3}}(?![\d%])(?![.,/\-]\d)|\b{WORD}(?:[\s,\-]+{WORD}){{2,3}}\b", re.IGNORECASE
)
CODE_MASK = "[security code withheld]"


def mask_text(text: str, kinds: tuple[str, ...]) -> str:
    """The text without card numbers (their last four digits stay) and without security codes, as `kinds` asks."""
    if "card_number" in kinds:
        text = DIGITS.sub(_mask_card, text)
    if "security_code" in kinds and SPEAKS_OF_CODE.search(text):
        # The last digits of a masked card stay what they are: they are no code, and say which card is meant.
        parts = re.split(r"(\[card number ending \d*\])", text)
        text = "".join(part if number % 2 else CODE.sub(CODE_MASK, part) for number, part in enumerate(parts))
    return text


def _mask_card(found: re.Match[str]) -> str:
    """A run of 13 digits or more is a card, also where other digits stand before it; unless it is dialled."""
    digits = re.sub(r"\D", "", found[0])
    is_dialled = found[0].startswith(("+", "00")) and len(digits) <= LONGEST_PHONE
    return found[0] if len(digits) < SHORTEST_CARD or is_dialled else f"[card number ending {digits[-4:]}]"


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
        except UnicodeError:
            raise FileRejected(
                f"{path.name}: no {encoding} text; it may hold what must never be stored, so it is not archived"
            ) from None
        yield (copy, sorted(columns)) if is_masked else (path, [])


def _write_masked(source: BinaryIO, target: BinaryIO, encoding: str, kinds: tuple[str, ...]) -> bool:
    is_masked = False
    # Bytes that are no text of the encoding stay as they are; their rows are quarantined later.
    reader = io.TextIOWrapper(cast(io.BufferedReader, source), encoding, "surrogateescape", newline="")
    writer = io.TextIOWrapper(cast(io.BufferedWriter, target), encoding, "surrogateescape", newline="")
    for line in reader:
        masked = mask_text(line, kinds)
        is_masked |= masked != line
        writer.write(masked)
    writer.flush()
    reader.detach()
    writer.detach()
    return is_masked
