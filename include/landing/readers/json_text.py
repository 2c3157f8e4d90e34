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
MAX_DEPTH = 3000  # the parser of arrays keeps a path for each open bracket, all of them together twenty megabytes
_DEPTH_STEP = 1024
_NO_MARKS = bytes(set(range(256)) - set(b'[]{}"'))
_HALF_PAIR = re.compile(
    rb"(?<!\\)(?:\\\\)*(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F])"
)
_HALF_PAIR_BYTES = re.compile(rb"\xed[\xa0-\xbf]")
_ESCAPE = 6  # bytes of \uXXXX


class JsonText:
    """What the parser of arrays reads from. It has `read` alone, so that nobody gets at the bytes before they are text.

    Raises ValueError for an integer that the parser cannot hold, for half of a pair of surrogates, of which it would
    make a question mark, for more brackets in brackets than it has memory for, and where too much comes without the end
    of a record; whoever takes a record sets `bytes` to 0. `quotes` are those around names and texts so far, None
    where that cannot be told.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._blocks = utf8_blocks(stream, encoding)
        self._tail = self._escape = b""
        self._is_in_text, self._depth = False, 0
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
        self._refuse_depth(self._brackets(block))
        text = self._tail + block
        self._refuse_long_integer(text)
        self._refuse_half_pair(text, is_end=not block)
        self._count_quotes(block, text)
        self._tail = text[-MAX_DIGITS - 2 :]
        return block

    def _refuse_depth(self, brackets: bytes) -> None:
        for place in range(0, len(brackets), _DEPTH_STEP):
            step = brackets[place : place + _DEPTH_STEP]
            opened = step.count(b"[") + step.count(b"{")
            if self._depth + opened > MAX_DEPTH:
                raise ValueError("nested too deeply")
            self._depth += 2 * opened - len(step)

    def _brackets(self, block: bytes) -> bytes:
        """The brackets of the block that are not part of a name or a text."""
        text = self._escape + block
        if b"\\" in text:
            whole = text.rstrip(b"\\")
            self._escape = text[len(whole) :]  # what it escapes comes with the next block
            text = whole.replace(b"\\\\", b"").replace(b'\\"', b"")
        # Two quotes side by side have no bracket between them, and take nothing from what is inside of a text.
        marks = text.translate(None, _NO_MARKS).replace(b'""', b"")
        parts = marks.split(b'"')
        outside = b"".join(parts[self._is_in_text :: 2])
        self._is_in_text ^= len(parts) % 2 == 0
        return outside

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


def holds_half_pair(text: bytes) -> bool:
    """Whether a text in UTF-8 has half of a pair of surrogates, as an escape or as bytes."""
    return bool(_HALF_PAIR.search(text) or _HALF_PAIR_BYTES.search(text))


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
