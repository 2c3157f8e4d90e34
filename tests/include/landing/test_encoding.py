"""Which encoding a file is read with: UTF-8 to its last byte, or what is declared, where the bytes do not deny it."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from include.landing.encoding import BLOCK_BYTES, COMMON, SAMPLE_BYTES, find_encoding
from include.landing.records import FileRejected

ASCII = b"C1,Ann,Lee\n"
FAR = ASCII * (2 * SAMPLE_BYTES // len(ASCII))  # more than is looked at at once


def written(folder: Path, content: bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def refused(path: Path, declared: str) -> str:
    with pytest.raises(FileRejected) as error:
        find_encoding(path, declared)
    return str(error.value)


@pytest.mark.parametrize(
    "content",
    [
        b"id,name\n1,Ann\n",
        "id,name\n1,Zoë\n".encode(),
        FAR + "Zoë\n".encode(),
        b"-" * (BLOCK_BYTES - 1) + "ë東\n".encode(),
        b"-" * (BLOCK_BYTES - 2) + "東ë\n".encode(),
    ],
    ids=["ascii", "utf-8", "far", "cut_in_two", "cut_in_three"],
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_find_encoding__detect_takes_utf8(content: bytes, is_packed: bool, tmp_path: Path) -> None:
    packed = gzip.compress(content, 1) if is_packed else content
    assert find_encoding(written(tmp_path, packed), "detect") == "utf-8"


# Rows that read well in their encoding, and that some other encoding reads too.
OTHERS = {
    "iso8859-5": "n,Иван Петров,Москва\n",
    "cp1251": "n,Иван Петров,Москва\n",
    "koi8-r": "n,Иван Петров,Москва\n",
    "cp1252": "n,Zoë Müller,Köln\n",
    "cp1250": "n,Łukasz Żak,Łódź\n",
    "iso8859-7": "n,Γιώργος,Αθήνα\n",
    "gb18030": "n,王小明,北京\n",
    "cp932": "n,山田太郎,東京\n",
    "cp949": "n,김철수,서울\n",
}


@pytest.mark.parametrize("times", [1, 500])
@pytest.mark.parametrize("encoding", OTHERS)
def test_find_encoding__detect_takes_nothing_else(encoding: str, times: int, tmp_path: Path) -> None:
    """However well one reading looks: the true one is among those that are named, and none of them is taken."""
    reason = refused(written(tmp_path, OTHERS[encoding].encode(encoding) * times), "detect")
    assert reason.startswith("t.csv: the encoding cannot be told (candidates: ")
    candidates = reason.partition("candidates: ")[2].partition(")")[0].split(", ")
    assert {encoding, "iso8859-1", "koi8-r"} <= set(candidates)
    assert reason.endswith("declare it in the contract")


def test_common__two_encodings_read_any_byte_and_none_alike() -> None:
    """So no file of others than UTF-8 has one reading only, and `detect` need not compare them."""
    beyond = bytes(range(128, 256))
    assert {"iso8859-1", "koi8-r"} <= set(COMMON)
    assert not any(a == b for a, b in zip(beyond.decode("iso8859-1"), beyond.decode("koi8-r"), strict=True))


def test_find_encoding__detect_looks_at_the_whole_file(tmp_path: Path) -> None:
    """UTF-8 at the begin says nothing of a later byte; nor is cp1252 a candidate where a later byte is none of it."""
    reason = refused(written(tmp_path, "Zoë\n".encode() + FAR + b"Zo\xeb\n"), "detect")
    assert "cp1252, iso8859-1" in reason
    reason = refused(written(tmp_path, b"Zo\xeb\n" + FAR + b"\x81\n"), "detect")
    assert "cp1252" not in reason
    assert "iso8859-1" in reason


NAMES = "n,Zoë Müller,Köln\n".encode()


@pytest.mark.parametrize("declared", ["cp1250", "latin-1", "cp1252", "iso-8859-15", "cp1251", "koi8-r", "cp437"])
@pytest.mark.parametrize(
    "content",
    [
        NAMES,
        "Zoë Müller".encode(),
        FAR + NAMES,
        NAMES + b"-" * (SAMPLE_BYTES - len(NAMES) - 1) + "ë\n".encode(),
        "ë".encode() + FAR + "ë".encode(),
        NAMES + FAR + b"\xeb\n",
    ],
    ids=["rows", "two_letters", "far", "cut_letter", "far_from_each_other", "broken_far_behind"],
)
def test_find_encoding__utf8_is_not_read_as_single_bytes(content: bytes, declared: str, tmp_path: Path) -> None:
    assert refused(written(tmp_path, content), declared) == f"t.csv: is UTF-8, the contract declares {declared}"


@pytest.mark.parametrize(
    ("content", "declared", "found"),
    [
        ("n,Zoë Müller\n".encode("cp1252"), "cp1252", "cp1252"),
        ("n,Ã© is what it looks like\n".encode("cp1252"), "cp1252", "cp1252"),
        ("n,Ã© or Ã¶ is how Zoë looks\n".encode("cp1252"), "cp1252", "cp1252"),
        (ASCII, "cp1250", "cp1250"),
        (NAMES, "ascii", "ascii"),
        (NAMES, "utf-8", "utf-8"),
        ("n,山田太郎,東京\n".encode("cp932"), "cp932", "cp932"),
    ],
    ids=["plain", "one_pair", "pairs_and_a_letter", "ascii", "declared_ascii", "utf-8", "multi_byte"],
)
def test_find_encoding__what_is_declared_holds_otherwise(
    content: bytes, declared: str, found: str, tmp_path: Path
) -> None:
    assert find_encoding(written(tmp_path, content), declared) == found
