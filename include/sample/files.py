"""Files as systems write them: delimited lines, JSON, XML, packed or not."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
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
    """One element."""
    known = {key: value for key, value in record.items() if value is not None}
    attributes = "".join(f" {k[1:]}={quoteattr(str(v))}" for k, v in known.items() if k.startswith("@"))
    children = "".join(
        xml_element(k, v) if isinstance(v, dict) else f"<{k}>{escape(str(v))}</{k}>"
        for k, v in known.items()
        if not k.startswith("@")
    )
    return f"<{name}{attributes}>{children}</{name}>" if children else f"<{name}{attributes}/>"


def write(path: Path, text: str) -> None:
    """The text in UTF-8, packed where the name says so, without a time stamp: equal content gives equal bytes."""
    content = text.encode()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
