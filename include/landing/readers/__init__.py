"""One reader per format; each streams the rows of a file in constant memory, ready for COPY."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from include.contracts import Entity, Format
from include.landing.readers.json_records import read_json, read_json_lines
from include.landing.readers.xml_records import read_xml
from include.landing.records import BadRow, Record


def read_records(path: Path, entity: Entity, layout: Format, encoding: str) -> Iterator[str | Record | BadRow]:
    """Every record of a JSON or XML file in order, bad rows among them; raises FileRejected where it breaks off."""
    if layout.type == "xml":
        return read_xml(path, entity, layout)
    return (read_json if layout.type == "json" else read_json_lines)(path, entity, encoding)
