"""The threshold from the data's own scores."""

from __future__ import annotations

from include.identity.linkage.threshold import choose_threshold, clerical_band


def merges(*steps: tuple[float, int]) -> list[tuple[int, int, float, int]]:
    return [(n, n + 1, weight, pairs) for n, (weight, pairs) in enumerate(steps)]


def test_choose_threshold__nothing_to_join() -> None:
    assert choose_threshold([])[0] == 0.0


def test_choose_threshold__clear_cut_takes_even_odds() -> None:
    assert choose_threshold(merges((20.0, 1), (15.0, 1), (-6.0, 1)))[0] == 0.0


def test_choose_threshold__large_groups_that_are_probably_wrong_stay_apart() -> None:
    few_sure_and_a_doubtful_crowd = merges((20.0, 10), (-0.4, 1), (-0.4, 1), (1.2, 1), *[(-2.5, 50)] * 4)
    threshold, expected = choose_threshold(few_sure_and_a_doubtful_crowd)
    assert threshold > -2.5
    assert expected["f1"].max() <= 1.0
    assert expected["recall"].is_monotonic_decreasing


def test_clerical_band__is_wide_where_scores_are_and_narrow_where_they_are_not() -> None:
    clear, vague = merges(*[(20.0, 1)] * 50), merges(*[(n / 10 - 4, 1) for n in range(100)])
    for steps, wide in ((clear, False), (vague, True)):
        threshold, expected = choose_threshold(steps)
        lower, upper = clerical_band(expected, threshold)
        assert lower <= threshold <= upper
        assert (upper - lower > 3) == wide
