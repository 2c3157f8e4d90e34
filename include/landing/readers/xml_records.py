"""XML: one record per element that the contract names, values from nested elements and attributes."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any

from lxml import etree

from include.contracts import Entity, Format
from include.landing.encoding import open_bytes
from include.landing.readers.json_values import dump
from include.landing.readers.xml_parse import (
    attributes,
    broken_xml,
    forget,
    local_name,
    measured_xml,
    parse_xml,
    refuse_doctype,
)
from include.landing.readers.xml_redact import blank_never_stored
from include.landing.records import (
    SHORT_KEY,
    WITHHELD,
    BadRow,
    Header,
    Record,
    copy_text,
    fold,
    keyless_row,
    missing_key,
)

MAX_SHAPES = 100
_TAG, _TEXT, _TAIL = attrgetter("tag"), attrgetter("text"), attrgetter("tail")


def read_xml(
    path: Path, entity: Entity, layout: Format, encoding: str, unseen: set[str] | None = None
) -> Iterator[str | Record | Header | BadRow]:
    """The records of the file; entities, document types and external references are refused.

    What stands beside the records is a bad row, except for a header: the one element of its name, without any field
    of the contract in it. Takes from `unseen` the columns that a record has, be they empty.
    """
    names, paths = list(entity.stored_columns), [column.source_path for column in entity.stored_columns.values()]
    secrets = [column.source_path for column in entity.never_stored.values()]
    shapes = Shapes(paths, [names.index(name) for name in entity.key])
    lists, parents = entity.lists, _parents(entity)
    headers: set[str] = set()
    number = 0
    for element, kind in _records(path, layout, encoding):
        if kind is Beside.RECORDS and local_name(element) not in headers and not _holds_field(element, entity):
            headers.add(local_name(element))
            yield Header(local_name(element))
            continue
        number += 1
        if kind is not None:
            yield _unknown(number, element, entity)
            continue
        if not secrets and (line := shapes.line_of(element)):
            yield line
            continue
        blank_never_stored(element, entity)
        leaves, repeated = _leaves(element, lists)
        values = [leaves.pop(column, None) for column in paths]
        for secret in secrets:
            leaves.pop(secret, None)
        if missing := missing_key(dict(zip(names, values, strict=True)), entity):
            content = {name: value for name, value in zip(names, values, strict=True) if value is not None}
            yield keyless_row(number, _line(element), missing, content | leaves)
            continue
        _see(unseen, element, entity)
        rescued = {name: found for name, found in {**leaves, **repeated}.items() if found or name not in parents}
        if not rescued and not secrets and not lists:
            shapes.learn(element)
        yield Record(copy_text([*values, dump(rescued) if rescued else None]), tuple(rescued))


def _parents(entity: Entity) -> frozenset[str]:
    """The elements that hold fields of the contract, by path; one of them that is empty holds nothing undeclared."""
    steps = [column.source_path.split("/") for column in entity.columns.values()]
    return frozenset("/".join(parts[:count]) for parts in steps for count in range(1, len(parts)))


def _see(unseen: set[str] | None, element: etree._Element, entity: Entity) -> None:
    if unseen:
        unseen -= {name for name in unseen if _has(element, entity.columns[name].source_path.split("/"))}


def _has(element: etree._Element, steps: list[str]) -> bool:
    """Whether the value at the path is there, be it empty; in an element that is empty all of its parts are."""
    step, *rest = steps
    if step == "#text":  # beside attributes; an element always has a text, be it empty
        return True
    if step.startswith("@"):
        return element.get(step[1:]) is not None
    found = [child for child in element if local_name(child) == step]
    return any(not rest or _is_empty(child) or _has(child, rest) for child in found)


def _is_empty(element: etree._Element) -> bool:
    return not len(element) and not element.keys() and not (element.text or "").strip()


def _holds_field(element: etree._Element, entity: Entity) -> bool:
    """Whether a field of the contract, however it is spelt, is somewhere in the element: it may be a record then."""
    declared = {fold(step) for column in entity.columns.values() for step in column.source_path.split("/")}
    return any(
        fold(str(name).rpartition("}")[2]) in declared
        for part in element.iter("*")
        for name in (*part.keys(), *([] if part is element else [part.tag]))
    )


def _unknown(number: int, element: etree._Element, entity: Entity) -> BadRow:
    """An element beside the records: most likely one whose name is misspelt, so it counts as a row that is bad."""
    content = WITHHELD if entity.never_stored else etree.tostring(element, encoding="unicode", with_tail=False)
    return BadRow(number, _line(element), "unknown_element", "the element stands beside records and is none", content)


def _line(element: etree._Element) -> int | None:
    return element.sourceline if isinstance(element.sourceline, int) else None


class Shapes:
    """Records of one shape have the same elements in the same order; their values are then picked by position."""

    def __init__(self, paths: list[str], key: list[int]) -> None:
        self.paths = paths
        self.key = key
        self.known: dict[tuple[str, ...], itemgetter[Any]] = {}
        self.blanks: set[str | None] = {None}

    def line_of(self, element: etree._Element) -> str | None:
        """The line for COPY of a flat record whose shape is known; None for any other."""
        children = list(element)
        shape = (*element.keys(), "", *map(_TAG, children))
        pick = self.known.get(shape)
        if pick is None or any(map(len, children)) or any(map(etree._Element.keys, children)):
            return None
        between = {element.text, *map(_TAIL, children)}
        if not between <= self.blanks:
            if any(text and not text.isspace() for text in between) or len(self.blanks) > MAX_SHAPES:
                return None
            self.blanks |= between
        values = pick([*element.values(), *map(_TEXT, children)])
        for place in self.key:
            if not values[place] or len(values[place]) > SHORT_KEY:
                return None
        try:
            line = "\t".join(values)
        except TypeError:
            line = "\t".join([value or "" for value in values])
        if line.count("\t") >= len(self.paths) or "\\" in line or "\n" in line or "\r" in line:
            return None
        return line + "\t\\N"

    def learn(self, element: etree._Element) -> None:
        """Remember a record that was taken apart, where it holds every declared value once and nothing else."""
        keys, tags = element.keys(), [str(child.tag) for child in element]
        places = [f"@{key!s}" for key in keys] + list(map(local_name, element))
        if len(self.paths) > 1 and sorted(places) == sorted(self.paths) and len(self.known) < MAX_SHAPES:
            self.known[(*map(str, keys), "", *tags)] = itemgetter(*map(places.index, self.paths))


class Beside(Enum):
    """What an element that is no record stands beside."""

    RECORDS = auto()
    NOTHING = auto()


def _records(path: Path, layout: Format, encoding: str) -> Iterator[tuple[etree._Element, Beside | None]]:
    """(element, None) of all records, each whole; all elements beside them with what they are beside.

    An element is freed when the next one is asked for, so memory stays constant. A record within a record is a part
    of that one.
    """
    tag, last, parent = "{*}" + str(layout.record_element), None, None
    number = 0
    with open_bytes(path) as stream:
        measured = measured_xml(path, stream, encoding)
        try:
            events = parse_xml(measured, ("end",), tag)
            for _, element in events:
                if last is None:
                    refuse_doctype(path, element)
                if element.getparent() is not parent or parent is None:
                    if next(element.iterancestors(tag), None) is not None:
                        continue
                    parent = element.getparent()
                measured.bytes = 0
                number += 1
                if last is None or element.getprevious() is not last:
                    yield from ((other, Beside.RECORDS) for other in _beside(element, last, tag))
                yield element, None
                forget(element)
                last = element
            refuse_doctype(path, events.root)
            rest, beside = (events.root, Beside.NOTHING) if last is None else (last.itersiblings(), Beside.RECORDS)
            yield from ((other, beside) for other in rest if isinstance(other.tag, str))
        except etree.XMLSyntaxError as error:
            raise broken_xml(path, error, number) from None


def _beside(element: etree._Element, last: etree._Element | None, tag: str) -> list[etree._Element]:
    """The elements between this record and the last one, which nobody has seen yet; those with records are none."""
    parent = element.getparent()
    is_near = last is not None and last.getparent() is parent
    between = [] if last is None or is_near else list(last.itersiblings())
    for other in element.itersiblings(preceding=True):
        if other is last:
            break
        between.append(other)
    return [other for other in between if next(other.iter(tag), None) is None]


def _leaves(element: etree._Element, lists: frozenset[str]) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Text by path of every attribute and every element without children, and all texts of paths that come twice.

    An element that holds a list of children is one value: the list as json, in the order of the file.
    """
    pairs = list(_walk(element, "", lists))
    if text := _text_between(element):
        pairs.append(("#text", text))
    leaves = dict(reversed(pairs))
    if len(leaves) == len(pairs):
        return leaves, {}
    repeated: dict[str, list[str]] = {}
    for path, text in pairs:
        repeated.setdefault(path, []).append(text)
    return leaves, {path: texts for path, texts in repeated.items() if len(texts) > 1}


def _walk(element: etree._Element, prefix: str, lists: frozenset[str]) -> Iterator[tuple[str, str]]:
    for name, value in attributes(element):
        yield f"{prefix}@{name}", value
    for child in element:
        path = f"{prefix}{local_name(child)}"
        if len(child) and path not in lists:
            yield from _walk(child, f"{path}/", lists)
        else:
            yield path, dump([_nested(item) for item in child]) if len(child) else child.text or ""
            for name, value in attributes(child):
                yield f"{path}/@{name}", value
        if len(child) and (text := _text_between(child)):
            yield f"{path}/#text", text


def _nested(item: etree._Element) -> dict[str, object]:
    """One record of a list, by the same paths as any record; what comes twice in it is a list of texts."""
    leaves, repeated = _leaves(item, frozenset())
    return {**leaves, **repeated}


def _text_between(element: etree._Element) -> str:
    """The text of an element that has others in it."""
    parts = (element.text, *map(_TAIL, element))
    return " ".join(part.strip() for part in parts if part and part.strip())
