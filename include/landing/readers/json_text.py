"""The text of a JSON file in UTF-8: whole for the parser of arrays, or line by line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from include.landing.encoding import is_ascii_based, open_bytes, utf8_blocks
from include.landing.records import FileRejected

MAX_LINE_BYTES = 1 << 26
MAX_DIGITS = 4300  # Python makes no integer of more, and the parser of arrays then ends the process
_LONG_INTEGER = re.compile(rb"(?:^|[:\[,\s])-?\d{%d}" % (MAX_DIGITS + 1))
_STEP = MAX_DIGITS // 2


class JsonText:
    """What the parser of arrays reads from. It has `read` alone, so that nobody gets at the bytes before they are text.

    Raises ValueError for an integer that the parser cannot hold.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._blocks = utf8_blocks(stream, encoding)
        self._tail = b""

    def read(self, size: int = -1) -> bytes:
        """The next block, of a size that suits; the parser takes any, and ends at an empty one."""
        if size == 0:
            return b""
        block = next(self._blocks, b"")
        self._refuse_long_integer(self._tail + block)
        self._tail = block[-MAX_DIGITS - 2 :]
        return block

    def _refuse_long_integer(self, text: bytes) -> None:
        """Any such run covers a whole step of the text, so most of it is not looked at."""
        may_be = any(text[place : place + _STEP].isdigit() for place in range(0, len(text) - _STEP + 1, _STEP))
        if may_be and _LONG_INTEGER.search(text):
            raise ValueError(f"an integer of more than {MAX_DIGITS:,} digits")


def json_lines(path: Path, encoding: str) -> Iterator[tuple[int, bytes]]:
    """(line number, text) of every line that is not blank; a line ends at a line feed and nowhere else."""
    with open_bytes(path) as stream:
        lines = _lines(stream) if is_ascii_based(encoding) else _recoded_lines(stream, encoding)
        try:
            for number, line in enumerate(lines, start=1):
                if len(line) >= MAX_LINE_BYTES:
                    raise FileRejected(f"{path.name}, line {number}: longer than {MAX_LINE_BYTES:,} bytes")
                text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                if not text.isspace():
                    yield number, text
        except UnicodeDecodeError as error:
            raise FileRejected(f"{path.name}: no {encoding} text ({error.reason})") from None


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: stream.readline(MAX_LINE_BYTES), b"")


def _recoded_lines(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    rest = b""
    for block in utf8_blocks(stream, encoding):
        *lines, rest = (rest + block).split(b"\n")
        yield from (line + b"\n" for line in lines)
        if len(rest) >= MAX_LINE_BYTES:
            break
    if rest:
        yield rest


def require_array(path: Path, encoding: str) -> None:
    """Raises FileRejected for a file of which no record came because it is no array."""
    with open_bytes(path) as stream:
        start = JsonText(stream, encoding).read().lstrip()[:1]
    if start != b"[":
        raise FileRejected(f"{path.name}: a JSON array of records is expected")
