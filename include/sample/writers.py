"""One function per system: its records of one day as the file that the system would send."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from include.contracts import load_contract
from include.sample import rates
from include.settings import PROJECT_DIR

Records = Iterable[dict[str, Any]]
Writer = Callable[[Path, date, Records, np.random.Generator], None]


def _columns(system: str, entity: str) -> list[str]:
    return list(load_contract(PROJECT_DIR / "include" / "sources" / f"{system}.yml").entities[entity].columns)


def _delimited(columns: list[str], records: Records, delimiter: str, rng: np.random.Generator | None) -> str:
    """Rows under a header; with `rng`, a few of them broken as hands and exports break them: a field too many."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    broken = 0
    for number, record in enumerate(records, start=1):
        writer.writerow(["" if record[name] is None else record[name] for name in columns])
        # Never so many that a small file would be held for them.
        if rng is not None and rng.random() < rates.BAD_ROWS and broken < number // 250:
            broken += 1
            writer.writerow(["broken export", *[""] * len(columns)])
    return text.getvalue()


def write_crm(folder: Path, day: date, records: Records, rng: np.random.Generator) -> None:
    """CSV with a few broken rows."""
    (folder / f"customers_{day:%Y%m%d}.csv").write_text(
        _delimited(_columns("crm", "customers"), records, ",", rng), encoding="utf-8"
    )


def write_finance(folder: Path, day: date, records: Records, _: np.random.Generator) -> None:
    """A JSON array."""
    text = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    (folder / f"accounts_{day:%Y%m%d}.json").write_text(f"[\n{text}\n]\n", encoding="utf-8")


def write_demographics(folder: Path, day: date, records: Records, _: np.random.Generator) -> None:
    """XML with nested elements; an unknown value has no element."""
    body = "".join(_element("customer", record) for record in records)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<customers>\n{body}</customers>\n'
    (folder / f"customers_{day:%Y%m%d}.xml").write_text(text, encoding="utf-8")


def _element(name: str, record: dict[str, Any]) -> str:
    attributes = "".join(f" {k[1:]}={quoteattr(str(v))}" for k, v in record.items() if k.startswith("@"))
    children = "".join(
        _element(k, v) if isinstance(v, dict) else f"<{k}>{escape(str(v))}</{k}>"
        for k, v in record.items()
        if not k.startswith("@") and v is not None
    )
    return f"<{name}{attributes}>{children}</{name}>" + ("\n" if name == "customer" else "")


def write_service(folder: Path, day: date, records: Records, rng: np.random.Generator) -> None:
    """Lines of fields between bars, with a few broken ones."""
    (folder / f"interactions_{day:%Y%m%d}.txt").write_text(
        _delimited(_columns("service", "interactions"), records, "|", rng), encoding="utf-8"
    )


def write_usage(folder: Path, day: date, records: Records, _: np.random.Generator) -> None:
    """Packed CSV; without a time stamp in the archive, so that equal content gives equal bytes."""
    text = _delimited(_columns("usage", "product_usage"), records, ",", None)
    (folder / f"product_usage_{day:%Y%m%d}.csv.gz").write_bytes(gzip.compress(text.encode(), mtime=0))


WRITERS: dict[str, Writer] = {
    "crm": write_crm,
    "finance": write_finance,
    "demographics": write_demographics,
    "service": write_service,
    "usage": write_usage,
}
