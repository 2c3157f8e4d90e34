"""Ways of linking the same records, at a size that all of them can bear: ours, bare Splink, recordlinkage, dedupe.

Each is a process of its own, so that its memory is its own. The records are all those of some people in the bench's
warehouse, from the first of them on; the truth is the sample's. `dedupe` asks somebody whether pairs are one person;
here the truth answers LABELS questions, which none of the others may ask.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from include import db

MOST_RECORDS = 3_000  # dedupe takes 13 GB and more for 20,000
FUZZY = ("first_name", "last_name", "street", "email")
EXACT = ("birth_date", "birth_year", "phone", "postcode", "city", "gender", "claimed_customer_id")
ALIKE = 0.75
LABELS = 60


def measure_peers(url: str, truth_csv: Path, methods: Iterable[str] = ()) -> dict[str, dict[str, float]]:
    """By method, of METHODS or those named: records, precision, recall and f1 over pairs of one person, seconds and mb.

    Raises ValueError where one fails.
    """
    figures = {}
    for method in methods or METHODS:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "include.bench.peers", method],
            input=json.dumps([url, str(truth_csv)]), capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ValueError(f"peers, {method}: {done.stderr.strip().splitlines()[-1:]}")
        figures[method] = json.loads(done.stdout.strip().splitlines()[-1])
    return figures


def print_peers(figures: dict[str, dict[str, float]], console: Console) -> None:
    """The table of `measure_peers`."""
    table = Table("method", "records", "precision", "recall", "F1", "seconds", "peak MB")
    for method, f in figures.items():
        table.add_row(method, f"{f['records']:,}", f"{f['precision']:.4f}", f"{f['recall']:.4f}", f"{f['f1']:.4f}",
                      f"{f['seconds']:.1f}", f"{f['mb']:,}")  # fmt: skip
    console.print(table)
    console.print(
        f"dedupe does not work without labels: the truth has answered its {LABELS} questions; the others ask none."
    )


def score_partition(group: pd.Series[Any], person: pd.Series[Any]) -> dict[str, float]:
    """precision, recall and f1 over the pairs of records that have one group, against those of one person."""

    def pairs(*keys: pd.Series[Any]) -> int:
        sizes = pd.DataFrame(dict(enumerate(keys))).value_counts().to_numpy()
        return int((sizes * (sizes - 1) // 2).sum())

    return _measures(pairs(group, person), pairs(group), pairs(person))


def first_people(person: pd.Series[Any], most: int = MOST_RECORDS) -> pd.Series[Any]:
    """The records of the people with the lowest numbers, whole people, as long as there are not more than `most`.

    Who lives together has numbers side by side, so households stay whole, too.
    """
    sizes = person.value_counts().sort_index()
    return person[person.isin(sizes.index[sizes.cumsum() <= most])]


def _measures(right: int, found: int, true: int) -> dict[str, float]:
    return {"precision": right / max(found, 1), "recall": right / max(true, 1), "f1": 2 * right / max(found + true, 1)}


def _customer360(people: pd.DataFrame, frame: pd.DataFrame, person: pd.Series[Any]) -> dict[str, float]:
    from include.identity.group import group_people
    from include.identity.link import score_pairs
    from include.identity.shared_ids import weigh_shared_ids

    scored = weigh_shared_ids(frame, score_pairs(frame))
    # Who has no name is not compared, so no method here has such a record.
    nameless = pd.DataFrame(columns=["record_id", "identifiers", "email"], dtype=object)
    clusters = group_people(people, frame, scored, nameless).clusters
    return score_partition(pd.Series(clusters).reindex(person.index), person)


def _splink(_: pd.DataFrame, frame: pd.DataFrame, person: pd.Series[Any]) -> dict[str, float]:
    """The same model, and its own connected components at the same weight."""
    from splink import DuckDBAPI, Linker

    from include.identity.model import CLUSTER_WEIGHT, MODEL_FILE, prior

    model = json.loads(MODEL_FILE.read_text()) | {"probability_two_random_records_match": prior(len(frame))}
    api = DuckDBAPI()
    linker = Linker(api.register(frame, dataset_display_name="comparable_records"), model, log_level="ERROR")
    scored = linker.inference.predict(threshold_match_weight=CLUSTER_WEIGHT)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, threshold_match_weight=CLUSTER_WEIGHT)
    clusters = found.as_pandas_dataframe().set_index("unique_id")["cluster_id"]
    return score_partition(clusters.reindex(person.index), person)


def _recordlinkage(_: pd.DataFrame, frame: pd.DataFrame, person: pd.Series[Any]) -> dict[str, float]:
    """Its ECM classifier, over the pairs that our blocking columns give."""
    import recordlinkage

    from include.identity.model import BLOCKING

    table = frame.set_index("unique_id").drop(columns=["aliases", "identifiers"]).astype(object)
    table = table.where(table.notna(), None)
    index = recordlinkage.Index()
    # It knows neither lists nor what a block asks besides, without which one name alone is no block.
    alone = {("first_name",), ("last_name",), ("first_sound",), ("last_sound",), ()}
    for block in (b for b in BLOCKING if not b.lists and b.columns not in alone):
        index.block(list(block.columns))
    pairs = index.index(table)
    compare = recordlinkage.Compare()
    for column in FUZZY:
        compare.string(column, column, method="levenshtein", threshold=ALIKE, label=column)
    for column in EXACT:
        compare.exact(column, column, label=column)
    found = recordlinkage.ECMClassifier().fit_predict(compare.compute(pairs, table))
    left, right = (person.reindex(found.get_level_values(side)).to_numpy() for side in (0, 1))
    sizes = person.value_counts().to_numpy()
    return _measures(int(np.sum(left == right)), len(found), int((sizes * (sizes - 1) // 2).sum()))


def _dedupe(_: pd.DataFrame, frame: pd.DataFrame, person: pd.Series[Any]) -> dict[str, float]:
    """Its active learning, in which the truth answers its LABELS questions, its blocking and its clustering."""
    import random

    import dedupe

    random.seed(1)  # it draws its samples there and from numpy
    np.random.seed(1)
    records = {
        record_id: {name: str(value) if pd.notna(value) else None for name, value in values.items()}
        for record_id, values in frame.set_index("unique_id")[[*FUZZY, *EXACT]].to_dict("index").items()
    }
    fields = [dedupe.variables.String(name, has_missing=True) for name in FUZZY]
    fields += [dedupe.variables.Exact(name, has_missing=True) for name in EXACT]
    linker = dedupe.Dedupe(fields, num_cores=0, in_memory=True)
    linker.classifier.n_jobs = 1  # else it starts processes for a few hundred rows
    linker.prepare_training(records)
    known = person.to_dict()
    person_of = {id(values): known[record_id] for record_id, values in records.items()}
    for _number in range(LABELS):
        asked = linker.uncertain_pairs()
        one, other = (person_of[id(values)] for values in asked[0])
        right, wrong = ("match", "distinct") if one == other else ("distinct", "match")
        linker.mark_pairs({right: asked, wrong: []})
    linker.train(index_predicates=False)
    found = linker.partition(records, threshold=0.5)
    clusters = {record_id: number for number, (members, _) in enumerate(found) for record_id in members}
    return score_partition(pd.Series(clusters).reindex(person.index), person)


METHODS: dict[str, Callable[[pd.DataFrame, pd.DataFrame, pd.Series[Any]], dict[str, float]]] = {
    "customer360": _customer360, "splink": _splink, "recordlinkage": _recordlinkage, "dedupe": _dedupe,
}  # fmt: skip


def main() -> None:
    """One method in this process; warehouse and truth come by stdin, the figures go to stdout."""
    from include.bench.memory import peak_rss_mb
    from include.identity.evaluate import read_truth
    from include.identity.population import make_table, read_frame, read_people

    url, truth_csv = json.load(sys.stdin)
    truth = read_truth(url, Path(truth_csv)).set_index("record_id")["person_id"]
    with db.connect(url) as connection:
        compared = pd.Index([str(row[0]) for row in connection.execute("select unique_id from identity.compared")])
        person = first_people(truth[truth.index.isin(compared)])
        make_table(connection, "chosen", "record_id text", pd.DataFrame({"record_id": person.index}))
        people, frame = read_people(connection, "chosen"), read_frame(connection, "chosen")
    person = person.reindex(frame["unique_id"].tolist())
    began = time.monotonic()
    figures = METHODS[sys.argv[1]](people, frame, person)
    seconds = round(time.monotonic() - began, 2)
    print(json.dumps(figures | {"records": len(frame), "seconds": seconds, "mb": round(peak_rss_mb())}))


if __name__ == "__main__":
    main()
