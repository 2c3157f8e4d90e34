"""Which pairs are compared."""

from __future__ import annotations

import pandas as pd

from include.identity.linkage.blocking import PAIRS_OF_A_PASS, blocking_recall, choose_passes


def frame(records: int) -> pd.DataFrame:
    """Two records of each person; the e-mail is equal in every other couple, and everybody lives in one town."""
    people = [number // 2 for number in range(records)]
    return pd.DataFrame(
        {
            "unique_id": [str(n) for n in range(records)],
            "email": [f"p{p}@mail.test" if p % 2 else f"x{n}@mail.test" for n, p in enumerate(people)],
            "birth_date": [f"19{p % 80:02d}-01-{1 + n % 2:02d}" for n, p in enumerate(people)],
            "last_sound": ["smth"] * records,
            "city": ["ely"] * records,
        }
    )


def test_choose_passes__counts_pairs_and_keeps_to_the_budget() -> None:
    people = frame(400)
    passes = {each.columns: each.pairs for each in choose_passes(people)}
    assert passes[("email",)] == 100
    assert ("last_sound", "city") not in passes
    assert all(pairs <= PAIRS_OF_A_PASS * len(people) for pairs in passes.values())


def test_choose_passes__is_the_same_for_a_larger_file_of_the_kind() -> None:
    assert [p.columns for p in choose_passes(frame(400))] == [p.columns for p in choose_passes(frame(4000))]


def test_blocking_recall__is_measured_on_true_pairs() -> None:
    people = frame(400)
    truth = pd.Series([str(n // 2) for n in range(400)])
    by_email = [each for each in choose_passes(people) if each.columns == ("email",)]
    assert blocking_recall(people, by_email, truth) == 0.5
    assert blocking_recall(people, [], truth) == 0.0
