"""The pages of the catalogue: dictionary, source-to-target mapping both ways, lineage, entities and relationships."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from include import db
from include.catalogue.diagrams import draw_lineage, draw_model
from include.catalogue.fields import map_fields
from include.catalogue.mapping import map_columns
from include.catalogue.tables import LAYERS, Table, read_tables
from include.contracts import Contract, read_sources
from include.settings import PROJECT_DIR, Settings

HERE = Path(__file__).parent
PAGES = {
    "index.html": "Data dictionary",
    "mapping.html": "Source to target",
    "fields.html": "Fields of the sources",
    "lineage.html": "Lineage",
    "model.html": "Data model",
}
MADE_FROM = ".made_from.json"  # beside the pages: the digest of what they tell of, and how many columns that is
RAW_COLUMNS = (
    "select table_schema, table_name, column_name, data_type from information_schema.columns"
    r" where table_schema like 'raw\_%' order by table_schema, table_name, ordinal_position"
)


def write_catalogue(settings: Settings) -> int:
    """Write the pages to ``<run folder>/catalogue``, from the manifest of the docs that dbt has just generated.

    On most days nothing that they tell of has changed since they were made: they then stay as they are. Returns the
    number of columns described. Raises LineageFailed where the SQL of a model cannot be resolved.
    """
    manifest = json.loads((settings.run_dir / "dbt" / "prod" / "manifest.json").read_text(encoding="utf-8"))
    with db.connect(settings.database_url) as connection:
        stored = connection.execute(RAW_COLUMNS).fetchall()
    contracts = read_sources(settings.sources_dir).contracts
    survivorship, folder = PROJECT_DIR / "dbt_project" / "seeds" / "survivorship.csv", settings.run_dir / "catalogue"
    digest, made = _digest(manifest, stored, contracts, survivorship), folder / MADE_FROM
    if made.exists() and all((folder / name).exists() for name in PAGES):
        known = json.loads(made.read_text(encoding="utf-8"))
        if known["digest"] == digest:
            return int(known["columns"])
    made.unlink(missing_ok=True)
    tables = read_tables(contracts, manifest, survivorship, stored)
    write_pages(tables, contracts, folder)
    columns = sum(len(table.columns) for table in tables.values())
    made.write_text(json.dumps({"digest": digest, "columns": columns}), encoding="utf-8")
    return columns


def _digest(manifest: dict[str, Any], stored: list[Any], contracts: dict[str, Contract], survivorship: Path) -> str:
    """Of all that the pages are made from: models and sources, contracts, what raw holds, and the code here."""
    told = [manifest["nodes"], manifest["sources"], stored, [contract.model_dump() for contract in contracts.values()]]
    files = [survivorship, *sorted(path for path in HERE.iterdir() if path.is_file())]
    digest = hashlib.sha256(json.dumps(told, default=str).encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _marked(text: str) -> Markup:
    """Text of a description with what stands in backquotes as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def write_pages(tables: dict[str, Table], contracts: dict[str, Contract], folder: Path) -> None:
    """The pages, each complete in itself; each takes the place of the earlier one at once, after all are made."""
    named = sorted(tables.values(), key=lambda table: table.id)
    layers = {layer: [t for t in named if t.layer == layer] for layer in reversed(LAYERS)}
    environment = Environment(
        loader=FileSystemLoader(HERE), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["marked"] = _marked
    texts = {
        name: environment.get_template("page.html").render(
            page=name, title=title, pages=PAGES, layers={k: v for k, v in layers.items() if v}, tables=tables,
            mapping=map_columns(tables) if name == "mapping.html" else {},
            fields=map_fields(contracts, tables) if name == "fields.html" else {},
            diagram={"lineage.html": draw_lineage, "model.html": draw_model}[name](tables)
            if name in ("lineage.html", "model.html") else "",
        )
        for name, title in PAGES.items()
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        building = folder / f".{name}.building"
        building.write_text(text, encoding="utf-8")
        building.replace(folder / name)
