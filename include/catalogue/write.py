"""The pages of the catalogue: dictionary, source-to-target mapping, lineage, entities and relationships."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from include.catalogue.diagrams import draw_lineage, draw_model
from include.catalogue.mapping import map_columns
from include.catalogue.tables import LAYERS, Table, read_tables
from include.contracts.registry import load_contracts
from include.settings import PROJECT_DIR, Settings

HERE = Path(__file__).parent
PAGES = {
    "index.html": "Data dictionary",
    "mapping.html": "Source to target",
    "lineage.html": "Lineage",
    "model.html": "Data model",
}


def write_catalogue(settings: Settings) -> int:
    """Write the pages to ``<run folder>/catalogue``, from the manifest of the docs that dbt has just generated.

    Returns the number of columns described. Raises LineageFailed where the SQL of a model cannot be resolved.
    """
    manifest = json.loads((settings.run_dir / "dbt" / "prod" / "manifest.json").read_text(encoding="utf-8"))
    tables = read_tables(
        load_contracts(settings.sources_dir, active_only=False), manifest,
        PROJECT_DIR / "dbt_project" / "seeds" / "survivorship.csv",
    )  # fmt: skip
    write_pages(tables, settings.run_dir / "catalogue")
    return sum(len(table.columns) for table in tables.values())


def _marked(text: str) -> Markup:
    """Text of a description with what stands in backquotes as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def write_pages(tables: dict[str, Table], folder: Path) -> None:
    """The four pages, each complete in itself; the folder's earlier pages are replaced at once."""
    layers = {layer: [t for t in tables.values() if t.layer == layer] for layer in reversed(LAYERS)}
    environment = Environment(
        loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["marked"] = _marked
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for name, title in PAGES.items():
        text = environment.get_template("page.html").render(
            page=name, title=title, pages=PAGES, layers={k: v for k, v in layers.items() if v}, tables=tables,
            mapping=map_columns(tables) if name == "mapping.html" else {},
            diagram={"lineage.html": draw_lineage, "model.html": draw_model}[name](tables)
            if name in ("lineage.html", "model.html") else "",
        )  # fmt: skip
        (new / name).write_text(text, encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)
