"""The text of a JSON file in UTF-8: whole for the parser of arrays, or line by line."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from include.landing.encoding import is_ascii_based, open_bytes, utf8_blocks
from include.landing.records import MAX_RECORD_BYTES, FileRejected

MAX_DIGITS = 4300  # Python makes no integer of more, and the parser of arrays then ends the process
_LONG_INTEGER = re.compile(rb"(?:^|[:\[,\s])-?\d{%d}" % (MAX_DIGITS + 1))
_STEP = MAX_DIGITS // 2
_HALF_PAIR = re.compile(
    rb"(?<!\\)(?:\\\\)*(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F])"
)
_ESCAPE = 6  # bytes of \uXXXX


class JsonText:
    """What the parser of arrays reads from. It has `read` alone, so that nobody gets at the bytes before they are text.

    Raises ValueError for an integer that the parser cannot hold, for half of a pair of surrogates, of which it would
    make a question mark, and where too much comes without the end of a record; whoever takes a record sets `bytes`
    to 0. `quotes` are those around names and texts so far, None where that cannot be told.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._blocks = utf8_blocks(stream, encoding)
        self._tail = b""
        self.bytes = 0
        self.quotes: int | None = 0

    def read(self, size: int = -1) -> bytes:
        """The next block, of a size that suits; the parser takes any, and ends at an empty one."""
        if size == 0:
            return b""
        block = next(self._blocks, b"")
        self.bytes += len(block)
        if self.bytes > MAX_RECORD_BYTES:
            raise ValueError(f"{MAX_RECORD_BYTES:,} bytes without the end of a record")
        text = self._tail + block
        self._refuse_long_integer(text)
        self._refuse_half_pair(text, is_end=not block)
        self._count_quotes(block, text)
        self._tail = text[-MAX_DIGITS - 2 :]
        return block

    def _count_quotes(self, block: bytes, text: bytes) -> None:
        """An escaped quote is none; behind a backslash that is itself escaped it may be one again."""
        if self.quotes is None:
            return
        self.quotes += block.count(b'"')
        if b"\\" in text:
            before = len(self._tail)
            self.quotes -= text.count(b'\\"', max(before - 1, 0))
            if text.find(b'\\\\"', max(before - 2, 0)) >= 0:
                self.quotes = None

    def _refuse_half_pair(self, text: bytes, is_end: bool) -> None:
        """The other half may stand in the next block, or have stood before what is kept of the last one."""
        if b"\\ud" in text or b"\\uD" in text:
            begin = 2 * _ESCAPE if len(self._tail) > MAX_DIGITS else 0
            end = len(text) if is_end else len(text) - 2 * _ESCAPE
            if any(found.start() >= begin and found.end() <= end for found in _HALF_PAIR.finditer(text)):
                raise ValueError("half of a pair of surrogates")

    def _refuse_long_integer(self, text: bytes) -> None:
        """Any such run covers a whole step of the text, so most of it is not looked at."""
        may_be = any(text[place : place + _STEP].isdigit() for place in range(0, len(text) - _STEP + 1, _STEP))
        if may_be and _LONG_INTEGER.search(text):
            raise ValueError(f"an integer of more than {MAX_DIGITS:,} digits")


def json_lines(path: Path, encoding: str) -> Iterator[tuple[int, bytes, bool]]:
    """(line number, text, is it whole) of every line that is not blank; a line ends at a line feed and nowhere else.

    Of a line of more than MAX_RECORD_BYTES only the begin comes.
    """
    with open_bytes(path) as stream:
        lines = _lines(stream) if is_ascii_based(encoding) else _recoded_lines(utf8_blocks(stream, encoding))
        try:
            for number, line in enumerate(lines, start=1):
                text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
                if not text.isspace():
                    yield number, text, len(line) < MAX_RECORD_BYTES
        except UnicodeDecodeError as error:
            raise FileRejected(f"{path.name}: no {encoding} text ({error.reason})") from None


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    while line := stream.readline(MAX_RECORD_BYTES):
        rest = line
        while len(rest) == MAX_RECORD_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_RECORD_BYTES)
        yield line


def _recoded_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from ((line + b"\n")[:MAX_RECORD_BYTES] for line in lines)
        rest = rest[:MAX_RECORD_BYTES]
    if rest:
        yield rest


def require_array(path: Path, encoding: str) -> None:
    """Raises FileRejected for a file of which no record came because it is no array."""
    with open_bytes(path) as stream:
        start = JsonText(stream, encoding).read().lstrip()[:1]
    if start != b"[":
        raise FileRejected(f"{path.name}: a JSON array of records is expected")
