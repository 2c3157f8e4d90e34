"""XML: one record per element that the contract names, values from nested elements and attributes."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from include.contracts import Entity, Format
from include.landing.encoding import open_bytes
from include.landing.readers.json_values import dump
from include.landing.records import BadRow, FileRejected, Record, copy_text, keyless_row, missing_key

_TAG_AND_TEXT = attrgetter("tag", "text")


def read_xml(path: Path, entity: Entity, layout: Format) -> Iterator[Record | BadRow]:
    """The records of the file; entities, document types and external references are refused."""
    names, paths = list(entity.stored_columns), [column.source_path for column in entity.stored_columns.values()]
    for number, element in enumerate(_records(path, layout), start=1):
        blank_never_stored(element, entity)
        leaves, repeated = _leaves(element)
        pop = leaves.pop
        values = [pop(column, None) for column in paths]
        if entity.never_stored:
            for column in entity.never_stored.values():
                pop(column.source_path, None)
        if missing := missing_key(dict(zip(names, values, strict=True)), entity):
            content = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            yield keyless_row(number, element.sourceline, missing, content | leaves)
            continue
        rescued: dict[str, object] = {**leaves, **repeated}
        yield Record(copy_text([*values, dump(rescued) if rescued else None]), tuple(rescued))


def _records(path: Path, layout: Format) -> Iterator[etree._Element]:
    """The record elements, each whole; freed when the next one is asked for, so memory stays constant."""
    number = 0
    with open_bytes(path) as stream:
        try:
            events = _parse(stream, ("end",), layout.record_element)
            for number, (_, element) in enumerate(events, start=1):
                if number == 1:
                    _refuse_doctype(path, element)
                yield element
                _forget(element)
            _refuse_doctype(path, events.root)
        except etree.XMLSyntaxError as error:
            raise _broken(path, error, number) from None


def _parse(stream: BinaryIO, events: tuple[str, ...], tag: str | None) -> Any:
    return etree.iterparse(
        stream, events=events, tag=tag, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip


def _broken(path: Path, error: etree.XMLSyntaxError, number: int) -> FileRejected:
    line = error.position[0] if error.position else "?"
    return FileRejected(f"{path.name}, line {line}: no valid XML after record {number}")


def _refuse_doctype(path: Path, element: etree._Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise FileRejected(f"{path.name}: holds a document type or entities, which are refused")


def _forget(element: etree._Element) -> None:
    """Free the element and its earlier siblings: a file of any size is read in constant memory."""
    element.clear(keep_tail=False)
    while element.getprevious() is not None:
        parent = element.getparent()
        if parent is None:
            return
        del parent[0]


def _leaves(element: etree._Element) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Text by path of every attribute and every element without children, and all texts of paths that come twice."""
    children = list(element)
    if not element.keys() and not any(map(len, children)) and not any(map(etree._Element.keys, children)):
        pairs: list[tuple[str, str]] = [(tag, text or "") for tag, text in map(_TAG_AND_TEXT, children)]
    else:
        pairs = list(_walk(element, ""))
    leaves = dict(reversed(pairs))
    if len(leaves) == len(pairs):
        return leaves, {}
    repeated: dict[str, list[str]] = {}
    for path, text in pairs:
        repeated.setdefault(path, []).append(text)
    return leaves, {path: texts for path, texts in repeated.items() if len(texts) > 1}


def _walk(element: etree._Element, prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in element.items():
        yield f"{prefix}@{name!s}", str(value)
    for child in element:
        path = f"{prefix}{child.tag!s}"
        if len(child) == 0:
            yield path, child.text or ""
            for name, value in child.items():
                yield f"{path}/@{name!s}", str(value)
        else:
            yield from _walk(child, f"{path}/")
            text = " ".join(part.strip() for part in (child.text, *(c.tail for c in child)) if part and part.strip())
            if text:
                yield f"{path}/#text", text


def blank_never_stored(element: etree._Element, entity: Entity) -> None:
    """Empty what must never be stored in a record, with all that is below it."""
    for column in entity.never_stored.values():
        path, _, attribute = column.source_path.partition("@")
        places = element.findall(path.rstrip("/")) if path else [element]
        for place in places:
            if attribute:
                if attribute in place.attrib:
                    place.set(attribute, "")
                continue
            tail = place.tail
            place.clear()
            place.tail = tail


def redact_xml(path: Path, target: BinaryIO, entity: Entity, layout: Format) -> None:
    """The file anew in UTF-8, with the values blanked that must never be stored.

    Comments and text beside elements that hold records are left out: nobody can say what they hold.
    """
    number = 0
    with open_bytes(path) as stream, etree.xmlfile(target, encoding="utf-8") as out:
        out.write_declaration()
        try:
            for number, record in enumerate(_write_around(path, stream, out, layout), start=1):
                blank_never_stored(record, entity)
        except etree.XMLSyntaxError as error:
            raise _broken(path, error, number) from None


def _write_around(path: Path, stream: BinaryIO, out: Any, layout: Format) -> Iterator[etree._Element]:
    """Copy the elements of the document; each record is handed out whole before it is written."""
    around: list[Any] = []
    depth = 0
    for event, element in _parse(stream, ("start", "end"), None):
        if element.getparent() is None:
            _refuse_doctype(path, element)
        is_record = element.tag == layout.record_element
        if event == "start":
            if not depth and not is_record:
                around.append(out.element(element.tag, dict(element.attrib), nsmap=element.nsmap))
                around[-1].__enter__()
            depth += is_record
        elif is_record:
            depth -= 1
            yield element
            if not depth:
                out.write(element, with_tail=False)
                _forget(element)
        elif not depth:
            if not len(element) and element.text and element.text.strip():
                out.write(element.text)
            around.pop().__exit__(None, None, None)
            _forget(element)
