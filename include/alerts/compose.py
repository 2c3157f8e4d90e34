"""Composes every alert mail: what failed, where, how many, what was not built, what to do now.

No values of records, no text of exceptions: rules, counts, and file and line of examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Any

from include.alerts import next_steps
from include.gates import words
from include.settings import Settings

MAX_PROBLEMS = 20
EXAMPLES_TOLD = 3
# Folded at 78 characters, a subject begins with a blank in some mail programs.
ONE_LINE_SUBJECTS = SMTP.clone(max_line_length=200)
STYLE = (
    "body{font-family:system-ui,sans-serif;color:#222;max-width:52rem;margin:1rem auto;line-height:1.45}"
    "table{border-collapse:collapse;margin:.6rem 0}td,th{border-bottom:1px solid #ddd;padding:.3rem .8rem .3rem 0;"
    "text-align:left;vertical-align:top}h1{font-size:1.2rem}h2{font-size:1rem;margin-top:1.2rem}"
    ".critical{color:#b3261e}.warning{color:#8a5a00}.cleared{color:#12805c}code{background:#f3f3f3;padding:.1rem .3rem}"
)


@dataclass(frozen=True)
class Notice:
    """The problems of one mail: what one run of a gate found, one run that died, or what is over."""

    system: str | None
    batch_date: date | None
    gate: str
    problems: list[dict[str, Any]]

    @property
    def is_absent(self) -> bool:
        """Whether the only problem is that a system has delivered nothing."""
        return {p["expectation"] for p in self.problems} == {"batch_delivered"}

    @property
    def severity(self) -> str:
        """The loudest of the problems; `cleared` where there is none left."""
        if all(p["severity"] == "cleared" for p in self.problems):
            return "cleared"
        return "critical" if any(p["severity"] == "critical" for p in self.problems) else "warning"

    @property
    def run_id(self) -> str | None:
        """The Airflow run that spoke."""
        run_id: str | None = self.problems[0]["detail"].get("run_id")
        return run_id


@dataclass(frozen=True)
class _Row:
    """One problem as the mail shows it: the rule, what it asks for, what was found, and where."""

    rule: str
    asks_for: str
    found: str
    where: str


def compose_mail(notice: Notice, settings: Settings) -> EmailMessage:
    """The mail of a notice, as text and HTML."""
    mail = EmailMessage(policy=ONE_LINE_SUBJECTS)
    mail["Subject"] = _subject(notice)
    mail["From"] = settings.alert_from
    mail["To"] = ", ".join(settings.alert_to)
    told = [] if notice.severity == "cleared" else notice.problems[:MAX_PROBLEMS]
    rows = [_describe(problem, settings) for problem in told]
    more = len(notice.problems) - len(rows) if rows else 0
    consequence, steps = next_steps.consequence(notice), next_steps.steps(notice, settings)
    text = [_subject(notice), "", *(_as_text(row) for row in rows)]
    text += [f"- and {more} more"] if more > 0 else []
    text += [*([""] if rows else []), "What follows", consequence, "", "What to do now"]
    mail.set_content("\n".join([*text, *(f"- {step}" for step in steps)]) + "\n")
    mail.add_alternative(_html(notice, rows, more, consequence, steps), subtype="html")
    return mail


def _subject(notice: Notice) -> str:
    where = " ".join(str(part) for part in (notice.system, notice.batch_date) if part)
    if notice.severity == "cleared":
        return f"[customer360 all clear] {where}: released now"
    if notice.gate == "run":
        place = f"{next_steps.dag_id(notice)} {notice.batch_date or ''}".strip()
        return f"[customer360 {notice.severity}] {place}: a run ended without finishing"
    if notice.is_absent:
        return f"[customer360 {notice.severity}] {where}: no delivery"
    verb = "held" if notice.severity == "critical" and notice.system else (
        "stopped" if notice.severity == "critical" else "passed with warnings"
    )  # fmt: skip
    return f"[customer360 {notice.severity}] {where}: {notice.gate} {verb}"


def _describe(problem: dict[str, Any], settings: Settings) -> _Row:
    detail = problem["detail"]
    if problem["expectation"] == "batch_delivered":
        folder = f"inbox/{problem['system']}/{problem['batch_date']}/"
        found, where = "no file", f"{folder} is empty or absent"
        if next_steps.is_database(problem["system"], settings):
            found, where = "no row", "No table of the database has ever had one"
        return _Row(problem["expectation"], "the day has a delivery", found, where)
    found = detail.get("error") or words.found(
        detail.get("unexpected", 0), detail.get("evaluated", 0), detail.get("unit", "rows"),
        detail.get("tolerated_share", 0.0),
    )  # fmt: skip
    places = list(filter(None, (words.place(example) for example in detail.get("examples", [])[:EXAMPLES_TOLD])))
    first = "" if detail.get("unit") == "rows came" else "For example: "
    where = f"{first}{'; '.join(places)}" if places else ""
    return _Row(problem["expectation"], detail.get("says", ""), str(found), where)


def _as_text(row: _Row) -> str:
    asks_for = f" ({row.asks_for})" if row.asks_for else ""
    return f"- {row.rule}{asks_for}: {row.found}. {row.where}".rstrip()


def _html(notice: Notice, rows: list[_Row], more: int, consequence: str, steps: list[str]) -> str:
    body = "".join(
        f"<tr><td><code>{escape(row.rule)}</code></td><td>{escape(row.asks_for)}</td><td>{escape(row.found)}</td>"
        f"<td>{escape(row.where)}</td></tr>"
        for row in rows
    )
    header = "<tr><th>What failed</th><th>What it asks for</th><th>What was found</th><th>Where</th></tr>"
    table = f"<table>{header}{body}</table>" if rows else ""
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    listed = "".join(f"<li>{_with_links(step)}</li>" for step in steps)
    return (
        f"<html><head><style>{STYLE}</style></head><body><h1 class='{notice.severity}'>{escape(_subject(notice))}</h1>"
        f"{table}{rest}"
        f"<h2>What follows</h2><p>{escape(consequence)}</p><h2>What to do now</h2><ul>{listed}</ul></body></html>"
    )


def _with_links(step: str) -> str:
    """The step, escaped, with its addresses as links."""
    return " ".join(
        f'<a href="{escape(word)}">{escape(word)}</a>' if word.startswith(("http://", "https://")) else escape(word)
        for word in step.split(" ")
    )
