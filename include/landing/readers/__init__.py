"""One reader per format; each streams the rows of a file in constant memory, ready for COPY."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from include.contracts import Entity, Format
from include.landing.readers.json_records import read_json, read_json_lines
from include.landing.readers.xml_records import read_xml
from include.landing.records import BadRow, Header, Record


def read_records(
    path: Path, entity: Entity, layout: Format, encoding: str, with_care: bool = False, unseen: set[str] | None = None
) -> Iterator[str | Record | Header | BadRow]:
    """Every record of a JSON or XML file in order, bad rows among them; raises FileRejected where it breaks off.

    At the end ReadWithCareError says that the records may not be right, and the file has to be read again `with_care`.
    Of `unseen`, names of columns, the file takes away those that a record has, be it with null or empty.
    """
    if layout.type == "xml":
        return read_xml(path, entity, layout, encoding, unseen)
    if layout.type == "json":
        return read_json(path, entity, encoding, with_care, unseen)
    return read_json_lines(path, entity, encoding, unseen)
