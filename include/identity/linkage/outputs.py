"""What a linking leaves behind: links.csv, clusters.csv, model.json and the report."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pandas as pd

from include.identity.linkage.blocking import blocking_recall
from include.identity.linkage.checks import Doubt, doubtful_clusters
from include.identity.linkage.engine import Linkage
from include.identity.linkage.evaluate import score_clusters
from include.identity.linkage.prepare import Source
from include.identity.linkage.read import InputProblem
from include.identity.linkage.threshold import THRESHOLDS
from include.identity.linkage.training import Array

WRITTEN = ("clusters.csv", "links.csv", "model.json", "report.html")
IDS = ("national_id", "email", "phone")


@dataclass
class Truth:
    """The result against the truth: measures per threshold, and the share of true pairs that were compared."""

    table: pd.DataFrame
    blocking_recall: float

    def at(self, threshold: float) -> pd.Series[float]:
        """The measures at the threshold that is nearest."""
        return self.table.iloc[int((self.table["threshold"] - threshold).abs().to_numpy().argmin())]

    def best(self) -> pd.Series[float]:
        """The measures at the best threshold in hindsight."""
        return self.table.iloc[int(self.table["f1"].to_numpy().argmax())]


@dataclass
class Result:
    """A linking with what it was made from and what it is worth."""

    sources: list[Source]
    records: list[dict[str, Any]]
    linkage: Linkage
    truth: Truth | None
    as_of: date  # the day from which ages count back

    @cached_property
    def doubts(self) -> list[Doubt]:
        """The clusters in doubt, the most doubtful first."""
        return doubtful_clusters(self.linkage)

    @cached_property
    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The clusters and the links: see tables_of."""
        return tables_of(self)


def measure_truth(linkage: Linkage, known: pd.Series[str]) -> Truth:
    """The measures at every threshold and at the one in force."""
    thresholds = sorted({*THRESHOLDS.tolist(), linkage.threshold})
    rows = [{"threshold": t} | score_clusters(known, linkage.labels(t)) for t in thresholds]
    return Truth(pd.DataFrame(rows), blocking_recall(linkage.frame, linkage.passes, known, linkage.first))


def make_folder(out: Path) -> None:
    """Make the folder for the files, and see before the work begins that they can be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise InputProblem(f"{out}: this folder cannot be made.") from None
    taken = [out / name for name in WRITTEN if (out / name).is_dir()]
    if taken:
        raise InputProblem(f"{taken[0]}: this is a folder, and a file of that name is to be written.")
    try:
        TemporaryFile(dir=out).close()
    except OSError as error:
        raise InputProblem(f"{out}: nothing can be written to this folder ({error.strerror}).") from None


def write_outputs(result: Result, out: Path) -> None:
    """Write the files of a result into a folder that exists."""
    try:
        _write(result, out)
    except OSError as error:
        reason = error.strerror or "for no stated reason"
        raise InputProblem(f"{error.filename or out}: this cannot be written ({reason}).") from None


def _write(result: Result, out: Path) -> None:
    from include.identity.linkage.report import render_report

    clusters, links = result.tables
    clusters.to_csv(out / "clusters.csv", index=False)
    links.to_csv(out / "links.csv", index=False)
    model = result.linkage.model | {
        "threshold_match_weight": result.linkage.threshold, "as_of": result.as_of.isoformat(),
    }  # fmt: skip
    (out / "model.json").write_text(json.dumps(model, indent=2) + "\n", encoding="utf-8")
    (out / "report.html").write_text(render_report(result), encoding="utf-8")


def tables_of(result: Result) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(clusters: id, cluster_id, every record once; links: id_l, id_r, probability, reason, in_doubt: every compared
    pair that lies in one cluster, with the probability that it has by itself, and whether the cluster is in doubt).
    """
    linkage, ids = result.linkage, linkage_ids(result)
    _, first, number = np.unique(linkage.labels(), return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    clusters = pd.DataFrame({"id": ids, "cluster_id": rank[number] + 1})
    label = clusters["cluster_id"].to_numpy()
    pairs = linkage.pairs
    is_doubtful = np.zeros(len(ids), dtype=bool)
    is_doubtful[[row for doubt in result.doubts for row in doubt.rows]] = True
    is_linked = label[pairs["row_l"]] == label[pairs["row_r"]]
    inside = pairs[is_linked].sort_values(["row_l", "row_r"], ignore_index=True)
    left, right = inside["row_l"].to_numpy(), inside["row_r"].to_numpy()
    links = pd.DataFrame({
        "id_l": clusters["id"].to_numpy()[left], "id_r": clusters["id"].to_numpy()[right],
        "probability": inside["probability"].round(6), "reason": name_reasons(linkage.frame, left, right),
        "in_doubt": is_doubtful[left],
    })  # fmt: skip
    return clusters, links


def linkage_ids(result: Result) -> list[str]:
    """The ids of all records in the order of the files."""
    return [value for source in result.sources for value in source.ids]


def name_reasons(frame: pd.DataFrame, left: Array, right: Array) -> list[str]:
    """Per pair of rows ``shared_id:email+phone`` where the records share identifiers, else ``model``."""
    shared = {}
    for name in IDS:
        if name in frame:
            codes = pd.factorize(frame[name])[0]
            shared[name] = (codes[left] == codes[right]) & (codes[left] >= 0)
    number = np.zeros(len(left), dtype=int)
    for bit, is_shared in enumerate(shared.values()):
        number |= is_shared.astype(int) << bit
    names = [[name for bit, name in enumerate(shared) if mask >> bit & 1] for mask in range(1 << len(shared))]
    reasons = np.array([f"shared_id:{'+'.join(each)}" if each else "model" for each in names], dtype=object)
    return list(reasons[number])
