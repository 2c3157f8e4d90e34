"""Two drawings as SVG: how tables are made from each other, and how the published tables hang together."""

from __future__ import annotations

from html import escape

from include.catalogue.tables import LAYERS, Column, Table

ROW, GAP, WIDTH, COLUMN = 20, 6, 210, 270
HEAD = 34
MOST_COLUMNS = 24  # of a table in the model; keys and references always


def draw_lineage(tables: dict[str, Table]) -> str:
    """Every table that takes part, left to right by what it is made from; a line for each table that another one reads.

    What the pipeline knows about itself is left out: everything in staging reads it.
    """
    read = {parent for table in tables.values() for parent in table.reads}
    tables = {n: t for n, t in tables.items() if t.layer != "ops" and (n in read or t.reads)}
    ranks = _ranks(tables)
    columns: dict[int, list[str]] = {}
    for name in sorted(tables, key=lambda n: (LAYERS.index(tables[n].layer), n)):
        columns.setdefault(ranks[name], []).append(name)
    places: dict[str, float] = {}
    for rank in sorted(columns):
        columns[rank].sort(key=lambda name: _middle(tables[name], places, len(places)))
        places |= {name: number for number, name in enumerate(columns[rank])}
    at = {name: (rank * COLUMN, number * (ROW + GAP) + HEAD) for rank, names in columns.items()
          for number, name in enumerate(names)}  # fmt: skip
    lines = [_curve(at[parent], at[name], parent, name) for name in at for parent in tables[name].reads if parent in at]
    boxes = [_box(tables[name], *at[name]) for name in at]
    height = max(y for _, y in at.values()) + ROW + GAP
    return _svg((max(columns) + 1) * COLUMN, height, lines + boxes)


def _middle(table: Table, places: dict[str, float], otherwise: float) -> float:
    found = [places[parent] for parent in table.reads if parent in places]
    return sum(found) / len(found) if found else otherwise


def _ranks(tables: dict[str, Table]) -> dict[str, int]:
    """The longest way from the sources."""
    ranks: dict[str, int] = {}

    def rank(name: str) -> int:
        if name not in ranks:
            ranks[name] = 0  # a table that is read back by what it is made from ends here
            parents = [rank(parent) for parent in tables[name].reads if parent in tables]
            ranks[name] = 1 + max(parents) if parents else 0
        return ranks[name]

    for name in tables:
        rank(name)
    return ranks


def _box(table: Table, x: float, y: float) -> str:
    title = escape(f"{table.id}: {table.description}", quote=True)
    return (
        f'<a href="index.html#{table.id}" class="box {table.layer}" data-name="{table.id}"><title>{title}</title>'
        f'<rect x="{x}" y="{y}" width="{WIDTH}" height="{ROW}" rx="3"/>'
        f'<text x="{x + 7}" y="{y + 14}">{escape(_short(table))}</text></a>'
    )


def _short(table: Table) -> str:
    name = table.id if table.layer == "raw" else table.name
    return name if len(name) <= 32 else name[:31] + "…"


def _curve(start: tuple[float, float], end: tuple[float, float], parent: str, name: str) -> str:
    x1, y1, x2, y2 = start[0] + WIDTH, start[1] + ROW / 2, end[0], end[1] + ROW / 2
    bend = (x2 - x1) / 2
    return (
        f'<path data-from="{parent}" data-to="{name}"'
        f' d="M{x1} {y1} C{x1 + bend:.0f} {y1} {x2 - bend:.0f} {y2} {x2} {y2}"/>'
    )


def draw_model(tables: dict[str, Table]) -> str:
    """The published tables with their columns: dimensions left and right, facts and views between them, a line from
    each reference to the table that it names."""
    shown = [table for table in tables.values() if table.layer in ("core", "marts")]
    dimensions = [t for t in shown if t.name.startswith(("dim_", "bridge_"))]
    others = [t for t in shown if t not in dimensions]
    columns: list[list[Table]] = [[], [], [], []]
    for group, places in ((dimensions, (0, 3)), (others, (1, 2))):
        for table in sorted(group, key=lambda t: -len(t.columns)):
            columns[min(places, key=lambda place: sum(_height(t) for t in columns[place]))].append(table)
    at: dict[str, tuple[float, float]] = {}
    for number, column in enumerate(columns):
        y = 0.0
        for table in column:
            at[table.id] = (number * 340, y)
            y += _height(table) + 24
    lines = [line for table in shown for line in _references(table, at)]
    height = max((y + _height(tables[name]) for name, (_, y) in at.items()), default=0)
    return _svg(3 * 340 + WIDTH + 40, height + 10, lines + [_entity(table, *at[table.id]) for table in shown])


def _shown(table: Table) -> list[Column]:
    """Keys, references and the first of the others, in their order."""
    if len(table.columns) <= MOST_COLUMNS + 1:
        return list(table.columns.values())
    needed = {c.name for c in table.columns.values() if c.name in table.key or c.refers_to}
    others = [name for name in table.columns if name not in needed][: max(MOST_COLUMNS - len(needed), 0)]
    return [column for column in table.columns.values() if column.name in needed or column.name in others]


def _height(table: Table) -> int:
    shown = len(_shown(table))
    return 32 + 15 * (shown + (shown < len(table.columns)))


def _entity(table: Table, x: float, y: float) -> str:
    rows, shown = [], _shown(table)
    for number, column in enumerate(shown):
        mark = "◆ " if column.name in table.key else "→ " if column.refers_to else ""
        rows.append(f'<text x="{x + 8}" y="{y + 37 + 15 * number}">{mark}{escape(column.name)}'
                    f'<tspan class="type"> {escape(column.type)}</tspan></text>')  # fmt: skip
    if hidden := len(table.columns) - len(shown):
        rows.append(f'<text class="type" x="{x + 8}" y="{y + 37 + 15 * len(shown)}">... and {hidden} more</text>')
    return (
        f'<a href="index.html#{table.id}" class="box entity {table.layer}" data-name="{table.id}">'
        f"<title>{escape(table.description)}</title>"
        f'<rect x="{x}" y="{y}" width="{WIDTH + 40}" height="{_height(table)}" rx="4"/>'
        f'<text class="name" x="{x + 8}" y="{y + 17}">{escape(table.name)}</text>{"".join(rows)}</a>'
    )


def _references(table: Table, at: dict[str, tuple[float, float]]) -> list[str]:
    found = []
    for number, column in enumerate(_shown(table)):
        if column.refers_to not in at or column.refers_to == table.id:
            continue
        (x1, y1), (x2, y2) = at[table.id], at[column.refers_to]
        leaves, enters = (0, WIDTH + 40) if x2 < x1 else (WIDTH + 40, 0) if x2 > x1 else (0, 0)
        start = (x1 + leaves, y1 + 33 + 15 * number)
        end = (x2 + enters, y2 + 13)
        out, back = (40 if leaves else -40), (40 if enters else -40)
        found.append(
            f'<path data-from="{column.refers_to}" data-to="{table.id}" d="M{start[0]} {start[1]}'
            f' C{start[0] + out} {start[1]} {end[0] + back} {end[1]} {end[0]} {end[1]}"/>'
        )
    return found


def _svg(width: float, height: float, parts: list[str]) -> str:
    return (
        f'<svg viewBox="-4 -4 {width + 8:.0f} {height + 8:.0f}" width="{width + 8:.0f}" height="{height + 8:.0f}"'
        f' xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
