"""Makes the site of Great Expectations self-contained: it is read under a login, where nothing foreign may run.

As generated, every page loads scripts and styles from ten servers of others, and its index is empty without them.
"""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lxml import html

HERE = Path(__file__).parent
# The address index.html is that of the page of the gates, which is made when it is asked for.
INDEX = "data_docs.html"
# What is loaded from elsewhere, does nothing without a script, or advertises.
DROPPED = (
    "//script", "//style", "//link", "//nav", "//footer", "//button", "//img", "//*[contains(@class, 'sticky')]",
    "//p[a[@data-toggle='collapse']]", "//p[contains(@class, 'lead')]",
    "//div[contains(@class, 'mb-4')][.//a[contains(@href, '//')]]",
    # Named once above it.
    "//div[div/h6[normalize-space() = 'Batch Kwargs']]/following-sibling::table[1]",
    "//div[div/h6[normalize-space() = 'Batch Kwargs']]",
)  # fmt: skip


def make_offline(folder: Path, findings: list[dict[str, Any]]) -> None:
    """Rewrite the pages of the folder so that they need nothing but themselves, with an index of the gates."""
    style = (HERE / "data_docs.css").read_text(encoding="utf-8")
    for path in folder.rglob("*.html"):
        if path.parent != folder:
            path.write_text(_clean(path, folder, style), encoding="utf-8")
    shutil.rmtree(folder / "static", ignore_errors=True)
    (folder / "index.html").unlink(missing_ok=True)
    (folder / INDEX).write_text(_index(folder, findings, style), encoding="utf-8")


def _clean(path: Path, folder: Path, style: str) -> str:
    page: Any = html.fromstring(path.read_bytes())
    for query in DROPPED:
        for element in page.xpath(query):
            element.drop_tree()
    for element in page.xpath("//*[@hidden]"):
        element.drop_tree()
    home: Any = html.fragment_fromstring(f'<p><a href="{"../" * len(path.relative_to(folder).parents[:-1])}{INDEX}">'
                                    f"All gates</a></p>")  # fmt: skip
    heading: Any = html.fragment_fromstring("<h1></h1>")
    heading.text = path.stem
    page.body.insert(0, home)
    page.body.insert(1, heading)
    return _with_style(html.tostring(page, doctype="<!doctype html>", encoding="unicode"), style)


def _with_style(text: str, style: str) -> str:
    return text.replace("</head>", f"<style>\n{style}</style>\n</head>", 1)


def _index(folder: Path, findings: list[dict[str, Any]], style: str) -> str:
    environment = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
    gates = [_gate(folder, name, findings) for name in dict.fromkeys(row["gate"] for row in findings)]
    return _with_style(environment.get_template("data_docs_index.html").render(gates=gates), style)


def _gate(folder: Path, name: str, findings: list[dict[str, Any]]) -> dict[str, Any]:
    rows = [row for row in findings if row["gate"] == name]
    counts = Counter(row["outcome"] for row in rows)
    (page,) = (folder / "validations" / name).rglob("*.html")
    return {
        "name": name, "passed": counts["passed"], "warned": counts["warned"], "failed": counts["failed"],
        "outcome": "failed" if counts["failed"] else "warned" if counts["warned"] else "passed",
        "checked_at": f"{rows[0]['checked_at'].astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        "page": quote(str(page.relative_to(folder))), "suite": quote(f"expectations/{name}.html"),
    }  # fmt: skip
