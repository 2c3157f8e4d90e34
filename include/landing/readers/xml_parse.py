"""What reading XML and redacting it share: a parser that fetches nothing, and elements that are freed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from include.landing.readers.measured import Measured
from include.landing.records import FileRejected


def local_name(element: etree._Element) -> str:
    """The name of the element without its namespace, which a contract does not know."""
    return str(element.tag).rpartition("}")[2]


def parse_xml(stream: BinaryIO | Measured, events: tuple[str, ...], tag: str | None) -> Any:
    """The events of the elements, with nothing fetched and nothing expanded."""
    return etree.iterparse(
        stream, events=events, tag=tag, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip


def broken_xml(path: Path, error: etree.XMLSyntaxError, number: int) -> FileRejected:
    """What to say of XML that breaks off after so many records."""
    line = error.position[0] if error.position else "?"
    return FileRejected(f"{path.name}, line {line}: no valid XML after record {number}")


def refuse_doctype(path: Path, element: etree._Element) -> None:
    """Raises FileRejected where the document has a type of its own, which may hold entities."""
    if element.getroottree().docinfo.internalDTD is not None:
        raise FileRejected(f"{path.name}: holds a document type or entities, which are refused")


def forget(element: etree._Element) -> None:
    """Free the element and its earlier siblings: a file of any size is read in constant memory."""
    element.clear()
    while element.getprevious() is not None:
        parent = element.getparent()
        if parent is None:
            return
        del parent[0]
