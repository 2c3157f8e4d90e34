"""Reads the files of a linkage as tables of text."""

from __future__ import annotations

import codecs
import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from include.landing.encoding import UnknownEncoding, find_encoding, open_bytes
from include.landing.records import FileRejected

DELIMITERS = ",;\t|"
SAMPLE_CHARACTERS = 1 << 16
GUESSED_BY = 200_000  # bytes from which an encoding is guessed
# Numbers that pandas would round to about 16 digits: ids of some databases have 38.
OF_MANY_DIGITS = re.compile(r"DECIMAL|HUGEINT|UHUGEINT")
ZEROS = re.compile(r"\.0+$|(\.\d*?[1-9])0+$")  # behind a decimal point, as many as say nothing
GUESSED = "guessed encoding"  # the attribute of a table that was not written as UTF-8


class InputProblem(Exception):  # noqa: N818  # what it is, and no error of ours
    """What is wrong with the input, as one sentence for the person who called; it holds no value of a record."""


def read_table(path: Path) -> pd.DataFrame:
    """Every column of a CSV or Parquet file as text without outer space, missing values as None.

    A CSV that is no UTF-8 is read in the one encoding in which it looks like words, if there is one: attribute GUESSED.
    """
    try:
        _check_file(path)
    except OSError as error:
        raise InputProblem(f"{path}: this file cannot be read ({error.strerror}).") from None
    table = _read_parquet(path) if path.suffix.lower() in (".parquet", ".pq") else _read_csv(path)
    if table.empty:
        raise InputProblem(f"{path.name}: the file has a header and no records.")
    return table.reset_index(drop=True)


def _check_file(path: Path) -> None:
    """See that there is a file which may be read and holds something; raises OSError or InputProblem."""
    if path.is_dir():
        raise InputProblem(f"{path}: this is a folder; name the files in it.")
    if not path.is_file():
        raise InputProblem(f"{path}: there is no such file.")
    with path.open("rb") as stream:
        if not stream.read(1):
            raise InputProblem(f"{path.name}: the file is empty.")


def _read_csv(path: Path) -> pd.DataFrame:
    try:
        encoding, is_guessed = _find_encoding(path)
        with open_bytes(path) as stream:
            delimiter = _find_delimiter(stream.read(SAMPLE_CHARACTERS).decode(encoding, errors="ignore"))
            stream.seek(0)
            table = pd.read_csv(
                stream, dtype=str, keep_default_na=False, encoding=encoding, sep=delimiter, skipinitialspace=True
            )
    except UnknownEncoding as problem:
        raise InputProblem(f"{problem}. Save the file as UTF-8 and try again.") from None
    except FileRejected as problem:
        raise InputProblem(f"{problem}. Fetch it anew, or name a CSV or Parquet file.") from None
    except UnicodeError:
        raise InputProblem(f"{path.name}: the text cannot be decoded. Save the file as UTF-8 and try again.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, csv.Error):
        raise InputProblem(f"{path.name}: this is no CSV file with one header and rows of equal length.") from None
    if not isinstance(table.index, pd.RangeIndex):
        raise InputProblem(f"{path.name}: rows have more fields than the header.")
    table = table.apply(_clean)
    table.attrs[GUESSED] = encoding if is_guessed else None
    return table


def _find_encoding(path: Path) -> tuple[str, bool]:
    """(the encoding, whether it is a guess). The pipeline refuses to guess; here a person reads what is said of it."""
    from charset_normalizer import from_bytes

    try:
        return find_encoding(path, "detect"), False
    except UnknownEncoding:
        with open_bytes(path) as stream:
            found = from_bytes(stream.read(GUESSED_BY))
        readings = {str(match): match.encoding for match in found}
        if len(readings) != 1:
            raise
        return codecs.lookup(next(iter(readings.values()))).name, True


def _find_delimiter(sample: str) -> str:
    """The delimiter that the header holds most often; a comma where it holds none."""
    header = sample.partition("\n")[0]
    return max(DELIMITERS, key=header.count)


def _read_parquet(path: Path) -> pd.DataFrame:
    import duckdb

    try:
        found = duckdb.read_parquet(str(path))
        kinds = zip(found.columns, found.types, strict=True)
        exact = {name: _quoted(name) for name, kind in kinds if OF_MANY_DIGITS.match(str(kind))}
        as_text = ", ".join(f"cast({column} as varchar) as {column}" for column in exact.values())
        table: pd.DataFrame = (found.project(f"* replace ({as_text})") if exact else found).df()
    except duckdb.Error:
        raise InputProblem(f"{path.name}: this is no Parquet file that can be read.") from None
    for name in table.columns:
        text = table[name].map(_as_text).astype(object)
        table[name] = _clean(text.str.replace(ZEROS, r"\1", regex=True) if name in exact else text)
    return table


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _as_text(value: Any) -> str:
    """A value of Parquet as CSV would have it; the values of a list one after the other."""
    if isinstance(value, list | tuple | np.ndarray):
        return ", ".join(text for each in value if (text := _as_text(each)))
    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).removesuffix(" 00:00:00")


def _clean(column: pd.Series[str]) -> pd.Series[str]:
    text = column.str.strip().astype(object)
    return text.where(text != "", None)
