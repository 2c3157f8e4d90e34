"""Links the records of any files: from standardised records to people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from include.identity.agglomerate import Merge
from include.identity.cluster import cut_tree
from include.identity.linkage.blocking import Pass, block_pairs, choose_passes, pairs_of_groups
from include.identity.linkage.compare import Comparer, Progress, random_pairs
from include.identity.linkage.copies import find_first, spread_fields, spread_pairs
from include.identity.linkage.frame import build_frame
from include.identity.linkage.frequencies import count_frequencies, set_chance
from include.identity.linkage.grouping import group_records, loose_groups, people_tree, rules_for
from include.identity.linkage.pairs import Pairs
from include.identity.linkage.parting import part_groups
from include.identity.linkage.settings import build_settings
from include.identity.linkage.threshold import THRESHOLDS, choose_threshold
from include.identity.linkage.training import (
    RANDOM_PAIRS,
    Array,
    Field,
    Shares,
    improve,
    make_fields,
    probability_of,
    set_u,
    train,
    weigh,
    write_back,
)

# Rounds in which the model learns from the groups that it made itself.
ROUNDS_WITH_GROUPS = 4
Tell = Callable[[str], None]


@dataclass
class Linkage:
    """What a linking found; rows are those of the frame, fields have the levels of the pairs.

    The merges join the first ones of all copies; `first` says which that is (see copies.find_first).
    """

    records: list[dict[str, Any]]
    frame: pd.DataFrame
    passes: list[Pass]
    model: dict[str, Any]
    fields: list[Field]
    shares: Shares
    pairs: pd.DataFrame  # row_l, row_r, match_weight, probability, household
    compared: int
    merges: list[Merge]
    threshold: float
    expected: pd.DataFrame
    first: Array

    def labels(self, threshold: float | None = None) -> Array:
        """The group of each record at a threshold, by default the chosen one; a copy is in the group of its first."""
        groups = cut_tree(len(self.frame), self.merges, self.threshold if threshold is None else threshold)
        # Copies are alone in these groups, so that none of them confirms what its first one says.
        parted = part_groups(self.records, self.pairs, groups, self.fields)
        numbers: Array = np.unique(parted[self.first], return_inverse=True)[1]
        return numbers


def link_records(records: list[dict[str, Any]], tell: Tell = lambda _: None) -> Linkage:
    """Choose what to compare, train, score and group the records."""
    tell("choosing what to compare")
    first = find_first(records)
    rows, place, times = np.unique(first, return_inverse=True, return_counts=True)
    linkage = _link_firsts([records[row] for row in rows], np.flatnonzero(times > 1), tell)
    if len(rows) == len(records):
        return linkage
    pairs, taken = spread_pairs(linkage.pairs, rows, first)
    frame = linkage.frame.iloc[place].reset_index(drop=True)
    return replace(
        linkage,
        records=records,
        frame=frame.assign(unique_id=[record["record_id"] for record in records]),
        fields=spread_fields(linkage.fields, taken),
        pairs=pairs,
        compared=linkage.compared + len(pairs) - len(linkage.pairs),
        merges=[(int(rows[a]), int(rows[b]), weight, count) for a, b, weight, count in linkage.merges],
        first=first,
    )


def _link_firsts(records: list[dict[str, Any]], copied: Array, tell: Tell) -> Linkage:
    """Link records of which none is a copy of another; each of the rows that are `copied` is paired with its copy."""
    frame = build_frame(records)
    passes = choose_passes(frame)
    settings = build_settings(frame, passes)
    if not (passes and settings["comparisons"]):
        return _no_links(records, frame, copied)
    comparer = Comparer(frame, settings["comparisons"])
    tell("counting chance agreements among random pairs")
    set_u(settings, comparer.levels(*random_pairs(len(frame), RANDOM_PAIRS)))
    left, right = (np.append(side, copied) for side in block_pairs(frame, passes))
    levels = comparer.levels(left, right, progress("comparing pairs", tell))
    pairs = Pairs(left, right, make_fields(settings, levels), len(left))
    tell(f"training: {len(left):,} pairs")
    frequencies, shares = _train_alone(frame, settings, pairs)
    settings = write_back(settings, pairs.fields, shares)
    pairs = _close_gaps(frame, settings, pairs, shares, comparer, tell)
    set_chance(pairs.fields, settings, frame, pairs.left, frequencies)
    tell("joining records")
    shares = _train_with_groups(len(frame), pairs, shares)
    weight, household = weigh(pairs.fields, shares)
    merges = people_tree(len(frame), pairs.edges(weight), rules_for(shares, len(frame)), float(THRESHOLDS[0]))
    threshold, expected = choose_threshold(merges)
    table = pd.DataFrame({
        "row_l": pairs.left, "row_r": pairs.right, "match_weight": weight, "probability": probability_of(weight),
        "household": household,
    })  # fmt: skip
    model = write_back(settings, pairs.fields, shares)
    return Linkage(
        records, frame, passes, model, pairs.fields, shares, table, pairs.compared, merges, threshold, expected,
        np.arange(len(frame)),
    )  # fmt: skip


def _no_links(records: list[dict[str, Any]], frame: pd.DataFrame, copied: Array) -> Linkage:
    """No two records have anything in common by which they could be compared, but copies: these are sure."""
    weight = np.full(len(copied), float(THRESHOLDS[-1]))
    pairs = pd.DataFrame({
        "row_l": copied, "row_r": copied, "match_weight": weight, "probability": probability_of(weight),
        "household": -weight,
    })  # fmt: skip
    threshold, expected = choose_threshold([])
    nothing: dict[str, Any] = {"comparisons": []}
    return Linkage(
        records, frame, [], nothing, [], Shares(0.0, 0.0), pairs, len(copied), [], threshold, expected,
        np.arange(len(frame)),
    )  # fmt: skip


def _close_gaps(
    frame: pd.DataFrame, settings: dict[str, Any], pairs: Pairs, shares: Shares, comparer: Comparer, tell: Tell
) -> Pairs:
    """The pairs that say something, and all pairs inside loose groups: so the gaps of blocking are closed."""
    weight = weigh(pairs.fields, shares)[0]
    group = loose_groups(len(frame), pairs.edges(weight), rules_for(shares, len(frame)))
    left, right = pairs_of_groups(group, (pairs.left, pairs.right))
    more = comparer.levels(left, right, progress("comparing pairs inside loose groups", tell))
    kept = pairs.within(weight, group)
    levels = [np.concatenate(both) for both in zip(kept.levels(), more, strict=True)]
    rows = [np.concatenate(both) for both in ((kept.left, left), (kept.right, right))]
    fields = make_fields(settings, levels)
    for field, trained in zip(fields, pairs.fields, strict=True):
        field.household = trained.household
    return Pairs(rows[0], rows[1], fields, pairs.compared + len(left))


def progress(what: str, tell: Tell) -> Progress:
    """Tells how far a long comparison is."""
    return lambda done, total: tell(f"{what}: {done:,} of {total:,}")


def _train_alone(frame: pd.DataFrame, settings: dict[str, Any], pairs: Pairs) -> tuple[dict[str, pd.DataFrame], Shares]:
    """Fit to the pairs; values are rare by records at first, then by the people that were found."""
    size = len(frame)
    person: Array = np.arange(size)
    for is_last in (False, False, True):
        frequencies = count_frequencies(frame, settings, person)
        set_chance(pairs.fields, settings, frame, pairs.left, frequencies)
        shares = train(pairs.fields, size)
        if not is_last:
            weight = weigh(pairs.fields, shares)[0]
            person = group_records(size, pairs.edges(weight), rules_for(shares, size))
    return frequencies, shares


def _train_with_groups(size: int, pairs: Pairs, shares: Shares) -> Shares:
    """Fit to the groups, too: in groups of three and more, pairs that say little by themselves are held together,
    unless one household explains them as well.
    """
    left, right, fields = pairs.left, pairs.right, pairs.fields
    for _ in range(ROUNDS_WITH_GROUPS):
        weight, household = weigh(fields, shares)
        person = group_records(size, pairs.edges(weight), rules_for(shares, size))
        is_crowd = np.bincount(person, minlength=size)[person] > 2
        together = (person[left] == person[right]) & is_crowd[left] & (household < -1)
        shares = improve(fields, shares, size * (size - 1) / 2, together)
    return shares
