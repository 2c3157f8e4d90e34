"""Files as systems write them: delimited lines, JSON, XML, packed or not."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from include.contracts import load_contract
from include.sample import rates
from include.settings import PROJECT_DIR

Records = Iterable[dict[str, Any]]


def columns(system: str, entity: str) -> list[str]:
    """The names of the fields, in the order of the contract."""
    return list(load_contract(PROJECT_DIR / "include" / "sources" / f"{system}.yml").entities[entity].columns)


def delimited(
    names: list[str], records: Records, delimiter: str = ",", breaks: np.random.Generator | None = None
) -> str:
    """Rows under a header; with `breaks`, a few of them broken as hands and exports break them: a field too many."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(names)
    broken = 0
    for number, record in enumerate(records, start=1):
        writer.writerow(["" if record[name] is None else record[name] for name in names])
        # Never so many that a small file would be held for them.
        if breaks is not None and breaks.random() < rates.BAD_ROWS and broken < number // 250:
            broken += 1
            writer.writerow(["broken export", *[""] * len(names)])
    return text.getvalue()


def json_array(records: Records) -> str:
    """One array, a record a line."""
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    return f"[\n{lines}\n]\n"


def json_lines(records: Records) -> str:
    """One object a line."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def xml(root: str, element: str, records: Records) -> str:
    """An element per record, nested for nested values; `@name` is an attribute; an unknown value has no element."""
    body = "".join(xml_element(element, record) + "\n" for record in records)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}>\n{body}</{root}>\n'


def xml_element(name: str, record: dict[str, Any]) -> str:
    """One element; `#text` is its own text, a list of (name, record) stands for elements within one element."""
    known = {key: value for key, value in record.items() if value is not None}
    attributes = "".join(f" {k[1:]}={quoteattr(str(v))}" for k, v in known.items() if k.startswith("@"))
    children = "".join(_xml_content(k, v) for k, v in known.items() if not k.startswith("@"))
    return f"<{name}{attributes}>{children}</{name}>" if children else f"<{name}{attributes}/>"


def _xml_content(name: str, value: Any) -> str:
    if isinstance(value, dict):
        return xml_element(name, value)
    if isinstance(value, list):
        return f"<{name}>{''.join(xml_element(*item) for item in value)}</{name}>"
    return escape(str(value)) if name == "#text" else f"<{name}>{escape(str(value))}</{name}>"


def write(path: Path, text: str) -> None:
    """The text in UTF-8, packed where the name says so, without a time stamp: equal content gives equal bytes."""
    content = text.encode()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def write_lines(path: Path, records: Records) -> None:
    """One object a line, written as they come."""
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


@contextmanager
def packed(path: Path) -> Iterator[IO[str]]:
    """A packed file to write text into piece by piece, without a time stamp."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as content,
        io.TextIOWrapper(content, encoding="utf-8", newline="") as text,
    ):
        yield text
