"""The report's charts: what is drawn can be read off, and no two texts stand in each other's way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from include.identity.report.charts import draw_bars, draw_weights
from include.settings import PROJECT_DIR
from tests.plugins.browser import needs_browser, open_browser

STYLE = re.search(r"<style>.*</style>", (PROJECT_DIR / "include/identity/report/page.html").read_text(), re.DOTALL)
COLLISIONS = """
(() => {
  const wrong = [];
  for (const svg of document.querySelectorAll("svg")) {
    const frame = svg.getBoundingClientRect();
    const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
    const lines = [...svg.querySelectorAll("line.grid")].map((line) => line.getBoundingClientRect());
    texts.forEach(([text, box], place) => {
      if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5 || box.top < frame.top - 0.5
        || box.bottom > frame.bottom + 0.5) wrong.push(text + " leaves the chart");
      for (const [other, at] of texts.slice(place + 1))
        if (box.left < at.right && at.left < box.right && box.top + 2 < at.bottom - 2 && at.top + 2 < box.bottom - 2)
          wrong.push(text + " | " + other);
      for (const line of lines)
        if (box.right > line.left + 1 && line.top > box.top + 2 && line.top < box.bottom - 2)
          wrong.push(text + " is struck through");
    });
  }
  return wrong;
})()
"""


def pairs(*counts: tuple[int, int]) -> list[dict[str, Any]]:
    return [{"weight": weight, "is_one_person": weight > 3, "pairs": number} for weight, number in counts]


def heights(svg: str) -> dict[str, float]:
    """The height of the bar of each count of pairs."""
    found = re.findall(r'height="([0-9.]+)" rx="1.5"><title>[^:]+: ([0-9,]+) pairs', svg)
    return {number: float(height) for height, number in found}


def levels(svg: str) -> dict[str, float]:
    """How high above the bottom each number of the left axis stands."""
    found = dict(re.findall(r'y="([0-9.]+)" text-anchor="end">([0-9,]+)</text>', svg))
    places = {number: float(y) for y, number in found.items()}
    return {number: places["0"] - y for number, y in places.items()}


def test_draw_weights__axis_stands_where_bars_of_that_number_end() -> None:
    svg = str(draw_weights(pairs((0, 1), (1, 10), (2, 100), (3, 1000)), 3.5))
    assert heights(svg).keys() == {"1", "10", "100", "1,000"}
    for number, height in heights(svg).items():
        assert levels(svg)[number] == pytest.approx(height, abs=0.2)


def test_draw_weights__outermost_bands_hold_what_is_beyond() -> None:
    svg = str(draw_weights(pairs((-12, 7), (30, 8)), 3.5))
    assert "weight below -11: 7 pairs" in svg
    assert "weight 30 or more: 8 pairs" in svg
    assert ">30+</text>" in svg


CHARTS = {
    "few": draw_weights(pairs((3, 1), (4, 2)), 3.5),
    "wide": draw_weights(pairs(*((weight, 10 ** (abs(weight) % 7)) for weight in range(-12, 31))), 3.5),
    "threshold_at_the_right": draw_weights(pairs(*((weight, 10) for weight in range(-12, 4))), 3.5),
    "one": draw_weights(pairs((30, 10_000)), 3.5),
    "bars": draw_bars(
        [("1 system", 1, "1 customers, 0.0%"), ("10 systems", 12_345_678, "12,345,678 customers, 99.9%")], ""
    ),
}


@pytest.mark.slow
@needs_browser
@pytest.mark.parametrize("width", [1200, 500])
def test_charts__no_text_is_in_the_way_of_another(width: int, tmp_path: Path) -> None:
    assert STYLE
    page = tmp_path / "charts.html"
    body = "".join(f'<section style="max-width:47rem">{chart}</section>' for chart in CHARTS.values())
    page.write_text(f"<!doctype html><meta charset=utf-8>{STYLE[0]}<main>{body}</main>", encoding="utf-8")
    with open_browser(tmp_path, width, 900) as tab:
        tab.send("Page.enable")
        tab.send("Page.navigate", url=page.as_uri())
        tab.wait(f"document.querySelectorAll('svg').length === {len(CHARTS)}")
        assert tab.run(COLLISIONS) == []
