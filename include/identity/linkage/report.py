"""The report of a linking: one page that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
import pandas as pd

from include.identity.linkage.charts import histogram, line_chart, weight_bars
from include.identity.linkage.checks import Doubt
from include.identity.linkage.outputs import Result, name_reasons
from include.identity.linkage.threshold import clerical_band
from include.identity.linkage.training import weights_of

PAGE = Path(__file__).with_name("page.html")
DOUBTS, WATERFALLS = 25, 9
SHOWN = ("first_name", "middle_name", "last_name", "birth_date", "birth_year", "gender", "email", "phone",
         "national_id", "street", "postcode", "city", "region", "country", "occupation", "birth_place")  # fmt: skip
BIN = 1.0
TRADE_OFF = "Precision, recall and F1 of pairs by threshold (log2 odds), as expected from the data's own scores"
SCORES = "All compared pairs that score near the threshold or above. Those between the outer marks deserve a look."
WEIGHTS = (
    "What each kind of agreement says for (right) or against one person, in log2; the note gives how often it occurs"
    " in pairs of one person and in others."
)
WHY = "From the prior to the weight of a pair, field by field: pairs far above, around and below the threshold."


def render_report(result: Result) -> str:
    """The page: figures, trade-off, scores, weights, blocking, columns, doubtful clusters, waterfalls."""
    linkage = result.linkage
    label = linkage.labels()
    sizes = np.unique(label, return_counts=True)[1]
    lower, upper = clerical_band(linkage.expected, linkage.threshold)
    doubts = result.doubts
    figures = {
        "records": len(label), "people": len(sizes), "with several records": int((sizes > 1).sum()),
        "largest cluster": int(sizes.max()), "pairs compared": linkage.compared, "clusters in doubt": len(doubts),
    }  # fmt: skip
    marks = {"look from here": lower, f"threshold {linkage.threshold:+.1f}": linkage.threshold, "to here": upper}
    said = " and as the truth says." if result.truth else "."
    parts = [
        ("Threshold trade-off", _trade_off(result), TRADE_OFF + said),
        (
            "Scores",
            histogram(_bins(linkage.pairs["match_weight"].to_numpy()), "match weight (log2 odds)", marks),
            SCORES,
        ),
        ("Match weights", _weights(result), WEIGHTS),
        ("Doubtful clusters", _doubts(result, doubts), f"{len(doubts):,} clusters, the most doubtful first."),
        ("Why: waterfalls", _waterfalls(result), WHY),
        ("Columns", _columns(result), "What the columns were taken for, and how much they hold."),
        ("Blocking", _blocking(result), "Pairs are compared if one of these passes brings them together."),
    ]
    sections = [_truth(result) if result.truth else "", *(_section(*part) for part in parts)]
    boxes = "".join(f'<div class="figure"><b>{n:,}</b><span>{name}</span></div>' for name, n in figures.items())
    files = escape(", ".join(f"{source.name} ({len(source.ids):,} records)" for source in result.sources))
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        files=files, as_of=result.as_of.isoformat(), figures=boxes, sections="\n".join(sections)
    )


def _section(title: str, body: str, text: str) -> str:
    return f'<section><h2>{title}</h2><p class="soft">{text}</p>{body}</section>'


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]], unlike: Sequence[str] = ()) -> str:
    """A table; numbers to the right, columns named in `unlike` marked."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{"unlike" if name in unlike else "n" if isinstance(value, int | float) else ""}">'
            f"{escape(_text(value))}</td>"
            for name, value in zip(head, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _truth(result: Result) -> str:
    truth = result.truth
    assert truth is not None  # noqa: S101  # the caller has looked
    names = ["threshold", "precision", "recall", "f1", "b3_precision", "b3_recall", "b3_f1"]
    rows = [[name, *(float(row[n]) for n in names)] for name, row in (
        ("chosen", truth.at(result.linkage.threshold)), ("best in hindsight", truth.best()))]  # fmt: skip
    every = [["", *(float(row[n]) for n in names)] for _, row in truth.table.iloc[::4].iterrows()]
    head = ["", "threshold", "precision", "recall", "F1", "B³ precision", "B³ recall", "B³ F1"]
    more = f"<details><summary>at other thresholds</summary>{_table(head, every)}</details>"
    text = f"Blocking alone brings {truth.blocking_recall:.2%} of the true pairs together."
    return _section("Against the truth", _table(head, rows) + more, text)


def _trade_off(result: Result) -> str:
    expected, truth = result.linkage.expected, result.truth
    names = {"precision": "precision", "recall": "recall", "f1": "F1"}
    table = truth.table if truth else expected
    lines = {f"{label}{'' if truth else ' expected'}": _points(table, name) for name, label in names.items()}
    if truth:
        lines["F1 expected"] = _points(expected, "f1")
    lowest = max(0.0, np.floor(min(y for points in lines.values() for _, y in points) * 10) / 10)
    marks = {f"chosen {result.linkage.threshold:+.1f}": result.linkage.threshold}
    return line_chart(lines, "threshold (log2 odds)", marks, min(lowest, 0.9))


def _points(table: pd.DataFrame, name: str) -> list[tuple[float, float]]:
    return list(zip(table["threshold"].astype(float), table[name].astype(float), strict=True))


def _bins(weight: np.ndarray[Any, np.dtype[Any]]) -> list[tuple[float, float, float]]:
    edges = np.arange(-12.0, 41.0, BIN)
    counts, _ = np.histogram(np.clip(weight, -np.inf, 40.0), bins=edges)
    return [(float(a), float(b), float(n)) for a, b, n in zip(edges, edges[1:], counts, strict=False)]


def _weights(result: Result) -> str:
    parts = []
    for field in result.linkage.fields:
        ratio = np.log2(field.m / field.u)
        rows = [
            (label, float(weight), f"{m:.1%} / {u:.3%}")
            for label, weight, m, u in zip(field.labels, ratio, field.m, field.u, strict=True)
        ]
        parts.append(
            f"<details open><summary>{escape(field.name.replace('_', ' '))}</summary>{weight_bars(rows)}</details>"
        )
    return "".join(parts)


def _doubts(result: Result, doubts: list[Doubt]) -> str:
    frame = result.linkage.frame
    columns = [name for name in SHOWN if name in frame]
    parts = []
    for doubt in doubts[:DOUBTS]:
        records = frame.iloc[doubt.rows]
        used = [name for name in columns if records[name].notna().any()]
        unlike = [name for name in used if records[name].nunique() > 1]
        shown = records[["unique_id", *used]].astype(object)
        rows = shown.where(shown.notna(), "").to_numpy().tolist()
        summary = f"{len(rows)} records, weakest step {doubt.weakest:+.1f}: {escape(', '.join(doubt.reasons))}"
        table = _table(["id", *used], [[str(value) for value in row] for row in rows], unlike)
        parts.append(f"<details><summary>{summary}</summary>{table}</details>")
    return "".join(parts) or "<p>None.</p>"


def _waterfalls(result: Result) -> str:
    linkage = result.linkage
    weight = linkage.pairs["match_weight"].to_numpy()
    if not linkage.fields:
        return "<p>No pair was compared.</p>"
    order = np.argsort(weight)
    near = np.searchsorted(weight[order], linkage.threshold)
    strong = (near + len(order)) // 2
    places = [*range(near - 3, near + 3), strong - 1, strong, strong + 1]
    picked = dict.fromkeys(int(order[p]) for p in places[::-1] if 0 <= p < len(order))
    contributions = [weights_of(field) for field in linkage.fields]
    prior = float(np.log2(linkage.shares.person / (1 - linkage.shares.person - linkage.shares.household)))
    parts = []
    for place in list(picked)[:WATERFALLS]:
        pair = linkage.pairs.iloc[place]
        rows = [("prior", prior, "before anything is compared")]
        for field, values in zip(linkage.fields, contributions, strict=True):
            level = field.gamma[place]
            rows.append(
                (field.name.replace("_", " "), float(values[place]), field.labels[level] if level >= 0 else "unknown")
            )
        rest = float(pair["match_weight"]) - sum(value for _, value, _ in rows)
        rows.append(("household", rest, "what relatives share, too"))
        rows.append(("together", float(pair["match_weight"]), f"probability {pair['probability']:.4f}"))
        reason = name_reasons(linkage.frame, np.array([int(pair["row_l"])]), np.array([int(pair["row_r"])]))[0]
        both = " and ".join(escape(str(linkage.frame["unique_id"].iloc[int(pair[row])])) for row in ("row_l", "row_r"))
        summary = f"{both}: {pair['match_weight']:+.1f} ({reason})"
        parts.append(f"<details open><summary>{summary}</summary>{weight_bars(rows)}</details>")
    return "".join(parts)


def _columns(result: Result) -> str:
    rows = []
    for source in result.sources:
        for ours, theirs in source.columns.items():
            values = source.table[theirs]
            rows.append([source.name, theirs, ours, f"{values.notna().mean():.1%}", int(values.nunique())])
        ignored = [str(c) for c in source.table.columns if c not in source.columns.values()]
        rows += [[source.name, name, "not used", "", ""] for name in ignored]
    return _table(["file", "column", "taken for", "known", "distinct values"], rows)


def _blocking(result: Result) -> str:
    rows = [[" and ".join(each.columns), each.pairs] for each in result.linkage.passes]
    return _table(["equal in", "pairs"], [*rows, ["loose group", "all pairs inside"]])
