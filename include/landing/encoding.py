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
PYTHONS_OWN = ("idna", "punycode", "unicode_escape", "raw_unicode_escape")  # which no file is written in
SAMPLE_BYTES = 1 << 20
PROLOG_CHARACTERS = 1024
PROLOG = re.compile(r"\s*<\?xml(?=\s)[^>]*?\sencoding\s*=\s*[\"']([^\"']*)[\"']")
BLOCK_BYTES = 1 << 18
ASCII = bytes(range(128))
# What files come in beside UTF-8, the most common first. Two of them, iso8859-1 and koi8-r, read any bytes at all, and
# no byte beyond ASCII alike.
COMMON = (
    "cp1252", "iso8859-1", "iso8859-15", "cp1250", "iso8859-2", "cp1251", "iso8859-5", "koi8-r", "koi8-u", "cp1253",
    "iso8859-7", "cp1254", "iso8859-9", "cp1255", "iso8859-8", "cp1256", "iso8859-6", "cp1257", "iso8859-4",
    "iso8859-13", "cp1258", "cp874", "mac-roman", "mac-latin2", "mac-cyrillic", "cp437", "cp850", "cp852", "cp866",
    "gb18030", "big5", "cp932", "euc_jp", "cp949",
)  # fmt: skip
# In cp1252 and its like a letter of UTF-8 is a capital and a sign, such as Ã©, which somebody may have typed once on
# purpose. Two of them, and no accented letter that is not of such a pair, are not found in a text of those encodings.
FEWEST_LETTERS = 2


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
            raise FileRejected(f"{path.name}: the gzip archive is truncated or broken ({_told(error)})") from None
        finally:
            stream.close()


def _told(error: Exception) -> str:
    """What is wrong with a gzip archive; the error itself may quote what is in the file."""
    if isinstance(error, EOFError):
        return "it ends too early"
    return "what follows its end is no gzip" if "Not a gzipped" in str(error) else "its content is damaged"


class UnknownEncoding(FileRejected):
    """Text that is no UTF-8, in an encoding that nobody has declared."""


def find_encoding(path: Path, declared: str) -> str:
    """The encoding to read the file with.

    A byte order mark wins over the declaration. `detect` takes UTF-8 alone, to the last byte of the file. Raises
    FileRejected for any other, for UTF-8 where a single-byte encoding is declared, which would read each letter as
    two, and for content that is no text at all.
    """
    with open_bytes(path) as stream:
        sample = stream.read(SAMPLE_BYTES)
    for mark, name in BOMS:
        if sample.startswith(mark):
            if declared != "detect" and _kind(declared) != name and name != "utf-8":
                raise FileRejected(f"{path.name}: written in {name}, the contract declares {declared}")
            return "utf-8-sig" if name == "utf-8" else name
    if declared != "detect" and _kind(declared) in ("utf-16", "utf-32"):
        return _without_mark(path, codecs.lookup(declared).name)
    if _is_binary(sample):
        raise FileRejected(f"{path.name}: not a text file (control characters in the first {len(sample)} bytes)")
    if declared == "detect":
        return _detect(path)
    encoding = codecs.lookup(declared).name
    _refuse_utf8(path, encoding, f"the contract declares {declared}")
    return encoding


def _without_mark(path: Path, encoding: str) -> str:
    """The declared encoding of several bytes a character, where the declaration says in which order they stand."""
    if not encoding.endswith(("-le", "-be")):
        raise FileRejected(f"{path.name}: no byte order mark; declare {encoding}-le or {encoding}-be in the contract")
    return encoding


def find_xml_encoding(path: Path, declared: str) -> str:
    """The encoding to read an XML file with: the declared one, or with `detect` the one that its prolog states.

    Raises FileRejected where byte order mark, prolog and declaration do not agree; ASCII agrees with all that hold it.
    So does UTF-8 that only a single-byte encoding would read.
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
        _refuse_utf8(path, known, f"the contract declares {declared}")
        return known or find_encoding(path, declared)
    try:
        "".encode(prolog[1])
        is_known = codecs.lookup(prolog[1]).name not in PYTHONS_OWN
    except (LookupError, UnicodeError, ValueError):
        is_known = False
    if not is_known:
        raise FileRejected(f"{path.name}: written in an encoding that nobody knows, by its prolog")
    if known and not _agree(prolog[1], known):
        states = f"its byte order mark says {known}" if is_marked else f"the contract declares {declared}"
        raise FileRejected(f"{path.name}: written in {codecs.lookup(prolog[1]).name} by its prolog, {states}")
    encoding = codecs.lookup(prolog[1]).name
    says = f"the contract declares {declared}" if known else f"its prolog says {encoding}"
    _refuse_utf8(path, known or encoding, says)
    return known or encoding


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


def _detect(path: Path) -> str:
    """UTF-8, where the whole file is that; ASCII is a part of it.

    Bytes beyond ASCII that are no UTF-8 can always be read in several ways, since some encodings read any bytes, each
    as other letters. How likely a reading looks decides nothing: a wrong one spoils names without anybody noticing.
    """
    if "utf-8" in _readers(path, ("utf-8",)):
        return "utf-8"
    candidates = ", ".join(_readers(path, COMMON))
    raise UnknownEncoding(
        f"{path.name}: the encoding cannot be told (candidates: {candidates}); declare it in the contract"
    )


def _readers(path: Path, encodings: tuple[str, ...]) -> list[str]:
    """Those of the encodings in which the whole file is text, read block by block."""
    decoders = {name: codecs.getincrementaldecoder(name)() for name in encodings}
    with open_bytes(path) as stream:
        block = b"-"
        while block and decoders:
            block = stream.read(BLOCK_BYTES)
            beyond_ascii = block.translate(None, ASCII)
            for name, decoder in list(decoders.items()):
                try:
                    decoder.decode(beyond_ascii if _is_single_byte(name) else block, final=not block)
                except UnicodeDecodeError:
                    del decoders[name]
    return list(decoders)


def _refuse_utf8(path: Path, encoding: str, says: str) -> None:
    """Raise FileRejected for UTF-8 that would be read in an encoding of single bytes.

    Looked at is the first block with anything beyond ASCII, and what follows until there are enough letters. ASCII
    reads no letter of UTF-8: there the rows say so.
    """
    if encoding in ("", "ascii") or not _is_single_byte(encoding):
        return
    decoder, letters = codecs.getincrementaldecoder("utf-8")(), 0
    with open_bytes(path) as stream:
        while letters < FEWEST_LETTERS and (block := stream.read(SAMPLE_BYTES)):
            try:
                text = decoder.decode(block)  # a letter that the block cuts waits for the next one
            except UnicodeDecodeError:
                return
            letters += len(text) - len(text.encode("ascii", errors="ignore"))
    if letters >= FEWEST_LETTERS:
        raise FileRejected(f"{path.name}: is UTF-8, {says}")


@lru_cache(maxsize=64)
def _is_single_byte(encoding: str) -> bool:
    """Whether each byte is a character by itself, whatever stands around it."""
    decoder = codecs.getincrementaldecoder(encoding)
    return all(len(decoder("replace").decode(bytes([code]))) == 1 for code in range(256))
