"""What reading XML and redacting it share: a parser that fetches nothing, and elements that are freed."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from include.landing.readers.measured import Measured
from include.landing.records import FileRejected

# So many attributes are asked for by XPath, which takes a while to begin; lxml looks each value up among all others.
MANY_ATTRIBUTES = 1000


def local_name(element: etree._Element) -> str:
    """The name of the element without its namespace, which a contract does not know."""
    return str(element.tag).rpartition("}")[2]


def attributes(element: etree._Element) -> list[tuple[str, str]]:
    """(name, value) of each attribute, in time that grows with their number."""
    names = element.keys()
    if len(names) < MANY_ATTRIBUTES:
        return [(str(name), str(value)) for name, value in element.items()]
    values: Any = element.xpath("@*")
    return list(zip(map(str, names), map(str, values), strict=True))


class Recoded:
    """The file in UTF-8, whatever its encoding: the parser knows fewer of them than Python does."""

    def __init__(self, path: Path, stream: BinaryIO, encoding: str) -> None:
        self.path, self.stream, self.encoding = path, stream, encoding
        self.decoder = codecs.getincrementaldecoder(encoding)()

    def read(self, size: int = -1) -> bytes:
        """The next bytes, none at the end; raises FileRejected where the file is not in its encoding."""
        try:
            while block := self.stream.read(size):
                if text := self.decoder.decode(block):
                    return text.encode("utf-8")
            return self.decoder.decode(b"", final=True).encode("utf-8")
        except UnicodeError:
            raise FileRejected(f"{self.path.name}: holds bytes that are no {self.encoding}") from None


def measured_xml(path: Path, stream: BinaryIO, encoding: str) -> Measured:
    """The file as `parse_xml` takes it. UTF-8 goes to the parser as it is."""
    return Measured(path, stream if encoding in ("utf-8", "utf-8-sig") else Recoded(path, stream, encoding))


def parse_xml(stream: Measured, events: tuple[str, ...], tag: str | None) -> Any:
    """The events of the elements, with nothing fetched and nothing expanded; what the prolog states of the encoding is
    true of the file as it was delivered, and not of these bytes.
    """
    return etree.iterparse(
        stream, events=events, tag=tag, encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip


def broken_xml(path: Path, error: etree.XMLSyntaxError, number: int) -> FileRejected:
    """What to say of XML that breaks off after so many records."""
    line = error.position[0] if error.position else 0  # which the parser also says of an entity that nobody declares
    place = f", line {line}" if line else ""
    return FileRejected(f"{path.name}{place}: no valid XML after record {number}")


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
