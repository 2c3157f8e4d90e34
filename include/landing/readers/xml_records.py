"""XML: one record per element that the contract names, values from nested elements and attributes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from include.contracts import Entity, Format
from include.landing.encoding import open_bytes
from include.landing.records import BadRow, FileRejected, Record


def read_xml(path: Path, entity: Entity, layout: Format) -> Iterator[Record | BadRow]:
    """The records of the file; entities, document types and external references are refused."""
    number = 0
    with open_bytes(path) as stream:
        try:
            events = etree.iterparse(
                stream, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
                huge_tree=False,
            )  # fmt: skip
            for event, element in events:
                if event == "start":
                    _refuse_doctype(path, element)
                elif element.tag == layout.record_element:
                    number += 1
                    yield _to_record(number, element, entity)
                    _forget(element)
        except etree.XMLSyntaxError as error:
            line = error.position[0] if error.position else "?"
            raise FileRejected(f"{path.name}, line {line}: no valid XML after record {number}") from None


def _refuse_doctype(path: Path, element: etree._Element) -> None:
    if element.getparent() is None and element.getroottree().docinfo.internalDTD is not None:
        raise FileRejected(f"{path.name}: holds a document type or entities, which are refused")


def _forget(element: etree._Element) -> None:
    """Free the element and its earlier siblings: a file of any size is read in constant memory."""
    element.clear()
    while element.getprevious() is not None:
        parent = element.getparent()
        if parent is None:
            return
        del parent[0]


def _to_record(number: int, element: etree._Element, entity: Entity) -> Record | BadRow:
    leaves = dict(_leaves(element))
    values = {name: leaves.pop(column.source_path, None) for name, column in entity.columns.items()}
    stored = {name: values[name] for name in entity.stored_columns}
    return Record(
        number, element.sourceline if isinstance(element.sourceline, int) else None, stored, dict(leaves) or None
    )


def _leaves(element: etree._Element, prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """(path, text) of every attribute and every element without children below the record."""
    for name, value in element.attrib.items():
        yield f"{prefix}@{name!s}", str(value)
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if len(child) == 0:
            yield f"{prefix}{child.tag}", child.text or ""
            for name, value in child.attrib.items():
                yield f"{prefix}{child.tag}/@{name!s}", str(value)
        else:
            yield from _leaves(child, f"{prefix}{child.tag}/")
