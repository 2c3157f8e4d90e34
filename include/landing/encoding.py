"""Opens delivered files as text: gzip by content, encodings declared or detected, never guessed silently."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

from include.landing.records import FileRejected

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
SAMPLE_BYTES = 1 << 20
PROLOG_CHARACTERS = 1024
PROLOG = re.compile(r"\s*<\?xml(?=\s)[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")
BLOCK_BYTES = 1 << 18


class _Delivered(io.FileIO):
    """A delivered file: an error of reading it is the file's, so that any other OSError is known to be ours."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            super().__init__(path)
        except OSError as error:
            self._refuse(error)

    def readinto(self, buffer: Any) -> int:
        try:
            return super().readinto(buffer)
        except OSError as error:
            self._refuse(error)

    def readall(self) -> bytes:
        try:
            return super().readall()
        except OSError as error:
            self._refuse(error)

    def _refuse(self, error: OSError) -> NoReturn:
        raise FileRejected(f"{self.path.name}: cannot be read ({error.strerror})") from None


def open_delivered(path: Path) -> io.BufferedReader:
    """The bytes of a file as they were delivered; raises FileRejected where they cannot be read."""
    return io.BufferedReader(_Delivered(path))


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """The file's content, unpacked where it is gzip; a truncated or broken archive raises FileRejected."""
    with open_delivered(path) as plain:
        is_gzip = plain.peek(2)[:2] == b"\x1f\x8b"
        stream = cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=plain)) if is_gzip else plain)
        try:
            yield stream
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FileRejected(f"{path.name}: the gzip archive is truncated or broken ({error})") from None
        finally:
            stream.close()


def find_encoding(path: Path, declared: str) -> str:
    """The encoding to read the file with.

    A byte order mark wins over the declaration. `detect` asks charset-normalizer and raises FileRejected where its
    answer is not certain; so does content that is no text at all.
    """
    with open_bytes(path) as stream:
        sample = stream.read(SAMPLE_BYTES)
    for mark, name in BOMS:
        if sample.startswith(mark):
            if declared not in ("detect", name) and name != "utf-8":
                raise FileRejected(f"{path.name}: written in {name}, the contract declares {declared}")
            return "utf-8-sig" if name == "utf-8" else name
    if _is_binary(sample):
        raise FileRejected(f"{path.name}: not a text file (control characters in the first {len(sample)} bytes)")
    return _detect(path, sample) if declared == "detect" else codecs.lookup(declared).name


def find_xml_encoding(path: Path, declared: str) -> str:
    """The encoding to read an XML file with: the declared one, or with `detect` the one that its prolog states.

    Raises FileRejected where byte order mark, prolog and declaration do not agree; ASCII agrees with all that hold it.
    """
    with open_bytes(path) as stream:
        head = stream.read(4 * PROLOG_CHARACTERS)  # of which each may be four bytes
    is_marked = any(head.startswith(mark) for mark, _ in BOMS)
    known = find_encoding(path, declared) if is_marked else codecs.lookup(declared).name if declared != "detect" else ""
    text = head.removeprefix(codecs.BOM_UTF8).decode(
        known if known and not is_ascii_based(known) else "latin-1", errors="ignore"
    )
    prolog = PROLOG.match(text.removeprefix("\ufeff")[:PROLOG_CHARACTERS])
    if prolog is None:
        return known or find_encoding(path, declared)
    try:
        "".encode(prolog[1])
    except (LookupError, UnicodeError, ValueError):
        raise FileRejected(f"{path.name}: written in an encoding that nobody knows, by its prolog") from None
    if known and not _agree(prolog[1], known):
        states = f"its byte order mark says {known}" if is_marked else f"the contract declares {declared}"
        raise FileRejected(f"{path.name}: written in {codecs.lookup(prolog[1]).name} by its prolog, {states}")
    return known or codecs.lookup(prolog[1]).name


def _agree(stated: str, known: str) -> bool:
    """Whether a prolog states the known encoding, or the ASCII that is a part of it."""
    return _kind(stated) == _kind(known) or (_kind(stated) == "ascii" and is_ascii_based(known))


def _kind(encoding: str) -> str:
    """The encoding without the order of its bytes, which a prolog does not state."""
    return re.sub(r"-(le|be|sig)$", "", codecs.lookup(encoding).name)


def text_blocks(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """The content in blocks of bytes in which each ASCII character is its own byte, without a byte order mark.

    Single-byte encodings and UTF-8 stay as they are; others are recoded to UTF-8, and raise UnicodeDecodeError.
    """
    if is_ascii_based(encoding):
        yield stream.read(BLOCK_BYTES).removeprefix(codecs.BOM_UTF8)
        yield from iter(lambda: stream.read(BLOCK_BYTES), b"")
        return
    yield from utf8_blocks(stream, encoding)


def utf8_blocks(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """The content in blocks of UTF-8, without a byte order mark; raises UnicodeDecodeError where it is no such text.

    What is declared as UTF-8 stays as it is.
    """
    if encoding == "utf-8":
        yield from iter(lambda: stream.read(BLOCK_BYTES), b"")
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    while block := stream.read(BLOCK_BYTES):
        if text := decoder.decode(block):
            yield text.encode("utf-8")
    decoder.decode(b"", final=True)


@lru_cache(maxsize=64)
def is_ascii_based(encoding: str) -> bool:
    """Whether a byte below 128 is always that ASCII character, so that text can be cut without being decoded."""
    ascii_bytes = bytes(range(128))
    try:
        if ascii_bytes.decode(encoding) != ascii_bytes.decode("ascii"):
            return False
    except UnicodeDecodeError:
        return False
    return not any(len((bytes([code, 0x7C])).decode(encoding, errors="replace")) == 1 for code in range(128, 256))


def block_encoding(encoding: str) -> str:
    """The encoding of what `text_blocks` yields."""
    return encoding if is_ascii_based(encoding) and encoding != "utf-8-sig" else "utf-8"


def _is_binary(sample: bytes) -> bool:
    """More than one in a hundred bytes is a control character; a single NUL in a text is a bad row, not this."""
    control = sum(sample.count(bytes([code])) for code in (*range(9), 11, 12, *range(14, 27), *range(28, 32)))
    return control * 100 > len(sample)


def _detect(path: Path, sample: bytes) -> str:
    """UTF-8 where the sample is valid UTF-8; else the one encoding that reads it without doubt.

    Most single-byte encodings can read any bytes, each as other letters: such a file is rejected with the candidates
    named, since a wrong guess would spoil names without anybody noticing.
    """
    from charset_normalizer import from_bytes

    try:
        sample.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 4:
            found = list(from_bytes(sample[:200_000]))
            readings = {str(match): match.encoding for match in found}
            if len(readings) != 1:
                candidates = ", ".join(sorted(set(readings.values()))[:4]) or "none"
                raise FileRejected(
                    f"{path.name}: the encoding cannot be told (candidates: {candidates}); declare it in the contract"
                ) from None
            return codecs.lookup(next(iter(readings.values()))).name
    return "utf-8"
