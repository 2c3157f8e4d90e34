"""The report's charts, as SVG. Colours come from the page, so that they follow its light or dark scheme."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from include.identity.report.scored import HIGHEST, LOWEST

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 264, 78, 14, 30, 46
BARS_WIDTH, LABEL_WIDTH, LETTER = 440, 82, 7
# How high a single pair stands, in powers of ten; none at all is the line below.
ONE = 0.4

RECT = Markup(
    '<rect class="{style}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="1.5">'
    "<title>{title}</title></rect>"
)
TEXT = Markup('<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>')
LINE = Markup('<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>')


def draw_weights(scored: Sequence[dict[str, Any]], threshold: float) -> Markup:
    """Pairs by match weight on a logarithmic scale: those that became one person beside those kept apart."""
    counts: dict[tuple[int, bool], int] = defaultdict(int)
    for row in scored:
        counts[row["weight"], row["is_one_person"]] += row["pairs"]
    if not counts:
        return Markup('<p class="quiet">No pair was scored.</p>')
    weights = range(min(w for w, _ in counts), max(w for w, _ in counts) + 1)
    top = max(math.ceil(math.log10(max(counts.values()))), 1)
    step = (WIDTH - LEFT - RIGHT) / len(weights)
    scale = (HEIGHT - TOP - BOTTOM) / (top + ONE)
    parts = [*_grid(top, scale), *_ticks(weights, step)]
    for (weight, is_one), pairs in sorted(counts.items()):
        height = (math.log10(pairs) + ONE) * scale
        parts.append(RECT.format(
            style="bar" if is_one else "bar muted", height=height, y=HEIGHT - BOTTOM - height, width=step * 0.42,
            x=LEFT + (weight - weights[0]) * step + step * (0.5 if is_one else 0.08),
            title=f"{_band(weight)}: {pairs:,} pairs {'of one person' if is_one else 'kept apart'}",
        ))  # fmt: skip
    at = min(max(LEFT + (threshold - weights[0]) * step, LEFT), WIDTH - RIGHT)
    parts.append(LINE.format(style="threshold", x1=at, x2=at, y1=TOP - 14, y2=HEIGHT - BOTTOM))
    is_left = at < WIDTH / 2
    parts.append(TEXT.format(x=at + (5 if is_left else -5), y=TOP - 12, anchor="start" if is_left else "end",
                             text=f"linked from {threshold:g} on"))  # fmt: skip
    parts.append(TEXT.format(x=(LEFT + WIDTH - RIGHT) / 2, y=HEIGHT - 6, anchor="middle",
                             text="match weight: each step to the right doubles the odds"))  # fmt: skip
    return _svg(parts, WIDTH, HEIGHT, "Pairs by match weight")


def draw_bars(rows: Sequence[tuple[str, float, str]], title: str) -> Markup:
    """Horizontal bars: (label, value, text behind the bar)."""
    height, most = 26 * len(rows) + 4, max((value for _, value, _ in rows), default=0) or 1
    room = BARS_WIDTH - LABEL_WIDTH - 12 - LETTER * max((len(text) for _, _, text in rows), default=0)
    parts = []
    for place, (label, value, text) in enumerate(rows):
        y, width = 26 * place + 4, max(value / most * max(room, 40), 1.5)
        parts.append(TEXT.format(x=LABEL_WIDTH - 10, y=y + 14, anchor="end", text=label))
        parts.append(RECT.format(style="bar", x=LABEL_WIDTH, y=y, width=width, height=18, title=f"{label}: {text}"))
        parts.append(TEXT.format(x=LABEL_WIDTH + 8 + width, y=y + 14, anchor="start", text=text))
    return _svg(parts, BARS_WIDTH, height, title)


def _grid(top: int, scale: float) -> list[Markup]:
    """Lines at 0, 1, 10, 100 ..., each as high as a bar of so many pairs."""
    parts = []
    for number, height in [(0, 0.0), *((10**power, (power + ONE) * scale) for power in range(top + 1))]:
        y = HEIGHT - BOTTOM - height
        parts.append(LINE.format(style="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y))
        parts.append(TEXT.format(x=LEFT - 8, y=y + 4, anchor="end", text=f"{number:,}"))
    return parts


def _ticks(weights: range, step: float) -> list[Markup]:
    """Every fifth weight at the left edge of its band; the outermost bands hold all that is beyond."""
    y = HEIGHT - BOTTOM + 16
    parts = [
        TEXT.format(x=LEFT + (weight - weights[0]) * step, y=y, anchor="middle", text=str(weight))
        for weight in weights
        if weight % 5 == 0 and weight < HIGHEST
    ]
    if weights[-1] == HIGHEST:
        parts.append(TEXT.format(x=WIDTH - RIGHT - step / 2, y=y, anchor="middle", text=f"{HIGHEST}+"))
    return parts


def _band(weight: int) -> str:
    if weight == HIGHEST:
        return f"weight {weight} or more"
    return f"weight below {weight + 1}" if weight == LOWEST else f"weight {weight} to {weight + 1}"


def _svg(parts: Sequence[Markup], width: float, height: float, title: str) -> Markup:
    opening = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(width, height, title)
    return opening + Markup("").join(parts) + Markup("</svg>")
