"""Charts as plain SVG, in colours of the page, without any script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 720, 260, 46, 16, 34, 14
Point = tuple[float, float]


def line_chart(
    lines: Mapping[str, Sequence[Point]], label: str, marks: dict[str, float] | None = None, lowest: float = 0.0
) -> str:
    """Lines over a common x, y from `lowest` to 1; `marks` are named places on x."""
    xs = [x for points in lines.values() for x, _ in points]
    low, high = min(xs), max(xs)
    body = _frame([(lowest + (1 - lowest) * n / 4) for n in range(5)], lowest, 1.0, low, high, label, "{:.2f}")
    for number, (name, points) in enumerate(lines.items(), start=1):
        path = " ".join(f"{_x(x, low, high):.1f},{_y(max(y, lowest), lowest, 1.0):.1f}" for x, y in points)
        body += f'<polyline class="line c{number}" points="{path}"/>'
        body += f'<text class="key c{number}" x="{LEFT + 12 + 170 * (number - 1)}" y="{TOP - 2}">{escape(name)}</text>'
    return _svg(body + _marks(marks or {}, low, high))


def histogram(bins: Sequence[tuple[float, float, float]], label: str, marks: dict[str, float]) -> str:
    """Columns of (from, to, count) with a square-root scale, so that few matches are seen beside many others."""
    low, high = bins[0][0], bins[-1][1]
    most = max((count for _, _, count in bins), default=1) or 1
    body = _frame(
        [0.0, 0.25, 0.5, 0.75, 1.0], 0.0, 1.0, low, high, label, "", [f"{most * n * n / 16:,.0f}" for n in range(5)]
    )
    for start, end, count in bins:
        top = _y((count / most) ** 0.5, 0.0, 1.0)
        left, right = _x(start, low, high), _x(end, low, high)
        body += (
            f'<rect class="bar c1" x="{left:.1f}" y="{top:.1f}" width="{max(right - left - 1, 1):.1f}"'
            f' height="{HEIGHT - BOTTOM - top:.1f}"><title>{start:g} to {end:g}: {count:,.0f}</title></rect>'
        )
    return _svg(body + _marks(marks, low, high))


def weight_bars(rows: Sequence[tuple[str, float, str]]) -> str:
    """One horizontal bar per (name, weight, note), to the right where it speaks for one person, else to the left."""
    most = max((abs(weight) for _, weight, _ in rows), default=1.0) or 1.0
    parts = []
    for name, weight, note in rows:
        share = abs(weight) / most * 50
        side = f"left:50%;width:{share:.1f}%" if weight >= 0 else f"right:50%;width:{share:.1f}%"
        kind = "for" if weight >= 0 else "against"
        parts.append(
            f'<div class="row"><span class="name">{escape(name)}</span><span class="track"><i class="{kind}"'
            f' style="{side}"></i></span><span class="value">{weight:+.1f}</span>'
            f'<span class="note">{escape(note)}</span></div>'
        )
    return f'<div class="bars">{"".join(parts)}</div>'


def _svg(body: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{body}</svg>'


def _x(value: float, low: float, high: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / ((high - low) or 1)


def _y(value: float, low: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP - 8) * (value - low) / ((high - low) or 1)


def _frame(
    ticks: Sequence[float], bottom: float, top: float, low: float, high: float, label: str, form: str,
    names: Sequence[str] = (),
) -> str:  # fmt: skip
    body = ""
    for number, tick in enumerate(ticks):
        y = _y(tick, bottom, top)
        name = names[number] if names else form.format(tick)
        body += f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        body += f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{name}</text>'
    step = max(1, round((high - low) / 12))
    for value in range(int(low), int(high) + 1, step):
        x = _x(value, low, high)
        body += f'<text class="tick" x="{x:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{value:+d}</text>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    return body + f'<text class="axis" x="{middle}" y="{HEIGHT - 3}" text-anchor="middle">{escape(label)}</text>'


def _marks(marks: dict[str, float], low: float, high: float) -> str:
    body = ""
    for number, (name, value) in enumerate(marks.items()):
        x = _x(min(max(value, low), high), low, high)
        anchor, shift = ("end", -4) if x > WIDTH * 0.7 else ("start", 4)
        body += f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>'
        place = f'x="{x + shift:.1f}" y="{TOP + 14 + 13 * number}" text-anchor="{anchor}"'
        body += f'<text class="marked" {place}>{escape(name)}</text>'
    return body
