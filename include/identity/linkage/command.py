"""The command ``link``: reads the files, links, writes the results and says in a few lines what was found."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
from rich.console import Console

from include.identity.linkage.engine import link_records
from include.identity.linkage.outputs import Result, make_folder, measure_truth, write_outputs
from include.identity.linkage.prepare import Source, open_source, prepare_records
from include.identity.linkage.read import InputProblem, read_table
from include.identity.linkage.terminal import print_summary


def link_files(
    files: list[Path],
    out: Path,
    mapped: dict[str, str],
    truth: str | None = None,
    threshold: float | None = None,
    as_of: date | None = None,
) -> Result:
    """Link the files and write links.csv, clusters.csv, report.html and model.json to `out`."""
    console = Console(highlight=False)
    day = as_of or date.today()  # noqa: DTZ011  # it is printed, and written into the model and the report
    with console.status("reading") as status:
        clock = Clock(status.update)
        clock.tell("reading")
        sources = open_sources(files, mapped, truth)
        make_folder(out)
        clock.tell("standardising")
        records = prepare_records(sources, day)
        linkage = link_records(records, tell=clock.tell)
        if threshold is not None:
            linkage.threshold = math.log2(threshold / (1 - threshold))
        clock.tell("measuring")
        known = pd.concat([source.table[truth] for source in sources], ignore_index=True) if truth else None
        result = Result(sources, records, linkage, measure_truth(linkage, known) if known is not None else None, day)
        clock.tell("writing")
        write_outputs(result, out)
    print_summary(console, result, out, clock.seconds())
    return result


class Clock:
    """Passes on what is being done now, and knows how long each step took."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self.show = show
        self.marks: list[tuple[str, float]] = []

    def tell(self, step: str) -> None:
        """Begin a step, or tell how far it is: what comes before a colon names it."""
        self.show(step)
        name = step.partition(":")[0]
        if not self.marks or self.marks[-1][0] != name:
            self.marks.append((name, time.monotonic()))

    def seconds(self) -> dict[str, float]:
        """Seconds by step; the last step ends now."""
        ends = [at for _, at in self.marks[1:]] + [time.monotonic()]
        return {name: end - began for (name, began), end in zip(self.marks, ends, strict=True)}


def open_sources(files: list[Path], mapped: dict[str, str], truth: str | None) -> list[Source]:
    """The files with their columns; ids of several files start with the name of the file, so that they differ."""
    tables = [read_table(path) for path in files]
    absent = [theirs for theirs in mapped if not any(theirs in table.columns for table in tables)]
    if absent:
        raise InputProblem(f"--map: no file has a column {absent[0]!r}.")
    prefixes = _prefixes(files)
    opened = zip(files, tables, prefixes, strict=True)
    sources = [open_source(path, table, mapped, truth, prefix) for path, table, prefix in opened]
    if truth and all(source.table[truth].isna().all() for source in sources):
        raise InputProblem(f"--truth: the column {truth!r} is empty, so that nothing can be measured by it.")
    return sources


def _prefixes(files: list[Path]) -> list[str]:
    if len(files) == 1:
        return [""]
    stems = [path.stem for path in files]
    return [f"{stem}:" if stems.count(stem) == 1 else f"{stem}-{n}:" for n, stem in enumerate(stems, start=1)]
