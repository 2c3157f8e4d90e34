"""The report's charts, as SVG. Colours come from the page, so that they follow its light or dark scheme."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

WIDTH, HEIGHT, LEFT, BOTTOM = 760, 230, 58, 34
BARS_WIDTH = 440

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
    top = math.ceil(math.log10(max(counts.values()) + 1))
    step = (WIDTH - LEFT) / len(weights)
    scale = (HEIGHT - BOTTOM - 12) / top
    parts = [*_grid(top, scale), *_ticks(weights, step)]
    for (weight, is_one), pairs in sorted(counts.items()):
        height = max(math.log10(pairs + 1) * scale, 1.5)
        parts.append(RECT.format(
            style="bar" if is_one else "bar muted", height=height, y=HEIGHT - BOTTOM - height, width=step * 0.42,
            x=LEFT + (weight - weights[0]) * step + (step * 0.5 if is_one else step * 0.06),
            title=f"weight {weight} to {weight + 1}: {pairs:,} pairs {'of one person' if is_one else 'kept apart'}",
        ))  # fmt: skip
    at = LEFT + (threshold - weights[0]) * step
    parts.append(LINE.format(style="threshold", x1=at, x2=at, y1=8, y2=HEIGHT - BOTTOM))
    parts.append(TEXT.format(x=at + 5, y=16, anchor="start", text=f"one person from {threshold:g} on"))
    parts.append(TEXT.format(x=WIDTH, y=HEIGHT - 2, anchor="end", text="match weight (log2 odds)"))
    return _svg(parts, WIDTH, HEIGHT, "Pairs by match weight")


def draw_bars(rows: Sequence[tuple[str, float, str]], title: str) -> Markup:
    """Horizontal bars: (label, value, text behind the bar)."""
    height, most = 26 * len(rows) + 4, max((value for _, value, _ in rows), default=0) or 1
    parts = []
    for place, (label, value, text) in enumerate(rows):
        y, width = 26 * place + 4, max(value / most * (BARS_WIDTH - 240), 1.5)
        parts.append(TEXT.format(x=72, y=y + 14, anchor="end", text=label))
        parts.append(RECT.format(style="bar", x=82, y=y, width=width, height=18, title=f"{label}: {text}"))
        parts.append(TEXT.format(x=90 + width, y=y + 14, anchor="start", text=text))
    return _svg(parts, BARS_WIDTH, height, title)


def _grid(top: int, scale: float) -> list[Markup]:
    parts = []
    for power in range(top + 1):
        y = HEIGHT - BOTTOM - power * scale
        parts.append(LINE.format(style="grid", x1=LEFT, x2=WIDTH, y1=y, y2=y))
        parts.append(TEXT.format(x=LEFT - 8, y=y + 4, anchor="end", text=f"{10**power:,}" if power else "0"))
    return parts


def _ticks(weights: range, step: float) -> list[Markup]:
    return [
        TEXT.format(x=LEFT + (weight - weights[0]) * step, y=HEIGHT - BOTTOM + 15, anchor="middle", text=str(weight))
        for weight in weights
        if weight % 5 == 0
    ]


def _svg(parts: Sequence[Markup], width: float, height: float, title: str) -> Markup:
    opening = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">').format(width, height, title)
    return opening + Markup("").join(parts) + Markup("</svg>")
