"""Rules and what they found, in words: the same in mails, on the page of the gates and in Data Docs."""

from __future__ import annotations

from decimal import Decimal

from include.contracts import Column, ExpectedRows

MOST_VALUES = 12


def column_rule(kind: str, column: Column) -> str:
    """What the contract asks of a column, with its limits."""
    limits = {"minimum": column.minimum, "maximum": column.maximum}
    if kind == "allowed":
        return f"one of: {_listed(column.allowed or ())}"
    if kind == "pattern":
        return f"matches {column.pattern}"
    if kind == "type":
        written = f", written as {column.format}" if column.format else ""
        return f"{_article(column.type)} {column.type}{written}"
    if kind in limits:
        return f"at {'least' if kind == 'minimum' else 'most'} {_plain(limits[kind])}"
    words = {"required": "is never empty", "unique": "no value comes twice in a batch"}
    return words.get(kind) or f"is known as {column.references}"


def expected_rows(limits: ExpectedRows) -> str:
    """How many rows a delivered batch holds."""
    return f"{limits.min:,} rows or more" if limits.max is None else f"{limits.min:,} to {limits.max:,} rows"


def usual_rows(factor: float) -> str:
    """How far the rows of a batch may be from those of the batches before."""
    return f"1/{factor:g} to {factor:g} times as many rows as usual, and not none"


def percent(share: float) -> str:
    """A share as people read it; one that is small is not said to be none."""
    if 0 < share < 0.0001:
        return "under 0.01 %"
    return f"{100 * share:.2f}".rstrip("0").rstrip(".") + " %"


def found(unexpected: int, evaluated: int, unit: str, tolerated_share: float) -> str:
    """How many broke the rule, and how many may. A rule on the whole of what came has no share."""
    if not unit:
        return "does not hold" if unexpected else "holds"
    if unit == "rows came":
        return f"{evaluated:,} rows came"
    if unit not in ("rows", "files"):
        return f"{unexpected:,} {unit}"
    if not unexpected:
        return f"0 broken of {evaluated:,} {unit if evaluated != 1 else unit[:-1]}"
    share = percent(unexpected / evaluated) if evaluated else ""
    tolerated = percent(tolerated_share) if tolerated_share else "none"
    return f"{share} of {unit} ({unexpected:,} broken of {evaluated:,}), {tolerated} tolerated".strip()


def place(example: dict[str, object]) -> str:
    """File and line of an example (its row where there are no lines, what the file lacks), or columns that name it; of
    rows that came, those that are usual."""
    if "usual_rows" in example:
        return f"Usual are {int(str(example['usual_rows'])):,}, the median of {example['batches']} batches"
    if "file" not in example:
        return ", ".join(f"{name} {value}" for name, value in example.items() if not name.startswith("_"))
    if example.get("columns"):
        return f"{example['file']} without {example['columns']}"
    for name in ("line", "row"):
        if str(example.get(name) or "0") != "0":
            return f"{example['file']} {name} {example[name]}"
    return str(example["file"])


def _listed(values: tuple[str, ...]) -> str:
    rest = len(values) - MOST_VALUES
    return ", ".join(values[:MOST_VALUES]) + (f" and {rest} more" if rest > 0 else "")


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def _plain(number: Decimal | None) -> str:
    return f"{number:,f}" if number is not None else ""
