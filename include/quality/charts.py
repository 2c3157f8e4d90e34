"""Small charts as SVG. Their colours come from the page, so that they follow its light or dark scheme."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

WIDTH, HEIGHT, GAP = 180, 34, 1.5
LINE_WIDTH, LINE_HEIGHT = 120, 26
BAR_HEIGHT, BAR_ROOM, LABEL_ROOM, LETTER = 22, 260, 330, 6.6

RECT = Markup(
    '<rect class="bar" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"><title>{title}</title></rect>'
)


def draw_histogram(bars: Sequence[tuple[str, int]], title: str) -> Markup:
    """Standing bars, each with its label and count as a tooltip."""
    if not bars:
        return Markup("")
    most, step = max(count for _, count in bars) or 1, min(WIDTH / len(bars), 24)
    parts = [
        RECT.format(
            x=place * step, width=max(step - GAP, 1), height=max(HEIGHT * count / most, 1 if count else 0),
            y=HEIGHT - max(HEIGHT * count / most, 1 if count else 0), title=f"{label}: {count:,}",
        )
        for place, (label, count) in enumerate(bars)
    ]  # fmt: skip
    return _svg(parts, WIDTH, HEIGHT, title)


def draw_trend(shares: Sequence[float | None], title: str) -> Markup:
    """A line of shares over time, its end marked; the frame is from the least of them, or 90 %, to all."""
    known = [(place, share) for place, share in enumerate(shares) if share is not None]
    if not known:
        return Markup("")
    low = min(0.9, *(share for _, share in known))
    step = (LINE_WIDTH - 8) / max(len(shares) - 1, 1)
    points = [
        (4 + place * step, 4 + (LINE_HEIGHT - 8) * (1 - (share - low) / (1 - low))) for place, share in known
    ]  # fmt: skip
    path = Markup('<polyline class="trend" points="{}"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y in points))
    end = Markup('<circle class="end" cx="{:.1f}" cy="{:.1f}" r="2.6"/>').format(*points[-1])
    return _svg([path, end], LINE_WIDTH, LINE_HEIGHT, title)


def draw_bars(rows: Sequence[tuple[str, int, str]], title: str) -> Markup:
    """Lying bars: (label, value, text behind the bar)."""
    most = max((value for _, value, _ in rows), default=0) or 1
    parts = []
    for place, (label, value, text) in enumerate(rows):
        y, width = BAR_HEIGHT * place, max(BAR_ROOM * value / most, 1.5)
        parts.append(_text(LABEL_ROOM - 8, y + 14, "end", label))
        parts.append(RECT.format(x=LABEL_ROOM, y=y + 2, width=width, height=BAR_HEIGHT - 6, title=f"{label}: {text}"))
        parts.append(_text(LABEL_ROOM + width + 6, y + 14, "start", text))
    room = LABEL_ROOM + BAR_ROOM + 10 + LETTER * max((len(text) for _, _, text in rows), default=0)
    return _svg(parts, room, BAR_HEIGHT * len(rows), title)


def _text(x: float, y: float, anchor: str, text: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)


def _svg(parts: Sequence[Markup], width: float, height: float, title: str) -> Markup:
    opening = Markup('<svg viewBox="0 0 {:.0f} {:.0f}" width="{:.0f}" height="{:.0f}" role="img" aria-label="{}">')
    return opening.format(width, height, width, height, title) + Markup("").join(parts) + Markup("</svg>")
