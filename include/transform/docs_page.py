"""Mends dbt's page of documentation for a reader whose browser may load nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

# (as dbt writes it, as it has to be). Where an attribute of SVG holds a template, the browser asks for the template
# before Angular has filled it in; `ng-attr-href` waits for that. The address of the icon was never filled in.
MENDED = (
    ('xlink:href="{{', 'ng-attr-href="{{'),
    ("href=\"${require('./assets/favicons/favicon.ico')}\"", 'href="data:,"'),
)


def mend_docs_page(page: Path) -> None:
    """Rewrite the page so that it asks for nothing that its content security policy forbids; a second time is none."""
    text = page.read_text(encoding="utf-8")
    for written, mended in MENDED:
        text = text.replace(written, mended)
    building = page.with_name(f".{page.name}.building")
    building.write_text(text, encoding="utf-8")
    building.replace(page)
