"""XML anew, without what must never be stored."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from include.contracts import Entity, Format
from include.landing.encoding import open_bytes
from include.landing.readers.measured import Measured
from include.landing.readers.xml_parse import (
    attributes,
    broken_xml,
    forget,
    local_name,
    measured_xml,
    parse_xml,
    refuse_doctype,
)
from include.landing.records import fold, secret_names


def blank_never_stored(element: etree._Element, entity: Entity) -> None:
    """Empty what must never be stored in a record, with all that is below it."""
    for column in entity.never_stored.values():
        path, _, attribute = column.source_path.partition("@")
        steps = "/".join("{*}" + step for step in path.rstrip("/").split("/"))
        places = element.findall(steps) if path else [element]
        for place in places:
            if attribute:
                if attribute in place.attrib:
                    place.set(attribute, "")
                continue
            _empty(place)
    names = secret_names(entity.never_stored)
    for place in list(element.iter("*")) if names else []:
        for key in list(place.attrib):
            if fold(str(key).rpartition("}")[2]) in names:
                place.set(key, "")
        if fold(local_name(place)) in names:
            _empty(place)


def _empty(place: etree._Element) -> None:
    tail = place.tail
    place.clear()
    place.tail = tail


def redact_xml(path: Path, target: Any, entity: Entity, layout: Format, encoding: str) -> None:
    """The file anew in UTF-8, with the values blanked that must never be stored; its byte order mark says so to a
    contract that declares another encoding.

    Comments, and text and attributes beside the records, are left out: nobody can say what they hold.
    """
    number = 0
    target.write(codecs.BOM_UTF8)
    with open_bytes(path) as stream, etree.xmlfile(target, encoding="utf-8") as out:
        out.write_declaration()
        try:
            for record in _write_around(measured_xml(path, stream, encoding), out, layout):
                number += 1
                blank_never_stored(record, entity)
            out.flush()  # closing alone would lose an error of the last write
        except etree.XMLSyntaxError as error:
            raise broken_xml(path, error, number) from None


def _write_around(measured: Measured, out: Any, layout: Format) -> Iterator[etree._Element]:
    """Copy the elements of the document; each record is handed out whole before it is written."""
    around: list[Any] = []
    depth = 0
    for event, element in parse_xml(measured, ("start", "end"), None):
        if element.getparent() is None:
            refuse_doctype(measured.path, element)
        is_record = local_name(element) == layout.record_element
        if event == "start":
            if not depth and not is_record:
                stated = {} if around else dict(attributes(element))
                around.append(out.element(element.tag, stated, nsmap=element.nsmap))
                around[-1].__enter__()
            depth += is_record
        elif is_record:
            depth -= 1
            yield element
            if not depth:
                measured.bytes = 0
                out.write(element, with_tail=False)
                forget(element)
        elif not depth:
            measured.bytes = 0
            around.pop().__exit__(None, None, None)
            forget(element)
