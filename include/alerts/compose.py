"""Composes every alert mail. A mail names files, rows and rules; it never holds values of records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from typing import Any

from include.settings import Settings

MAX_PROBLEMS = 20
# Folded at 78 characters, a subject begins with a blank in some mail programs.
ONE_LINE_SUBJECTS = SMTP.clone(max_line_length=200)
STYLE = (
    "body{font-family:system-ui,sans-serif;color:#222;max-width:46rem;margin:1rem auto;line-height:1.45}"
    "table{border-collapse:collapse;margin:.6rem 0}td,th{border-bottom:1px solid #ddd;padding:.3rem .8rem .3rem 0;"
    "text-align:left;vertical-align:top}h1{font-size:1.2rem}h2{font-size:1rem;margin-top:1.2rem}"
    ".critical{color:#b3261e}.warning{color:#8a5a00}code{background:#f3f3f3;padding:.1rem .3rem}"
)


@dataclass(frozen=True)
class Notice:
    """The problems of one mail: what one run of a gate found, or one run that died."""

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
        """The loudest of the problems."""
        return "critical" if any(p["severity"] == "critical" for p in self.problems) else "warning"


def compose_mail(notice: Notice, settings: Settings) -> EmailMessage:
    """The mail of a notice, as text and HTML."""
    mail = EmailMessage(policy=ONE_LINE_SUBJECTS)
    mail["Subject"] = _subject(notice)
    mail["From"] = settings.alert_from
    mail["To"] = ", ".join(settings.alert_to)
    rows = [_describe(problem) for problem in notice.problems[:MAX_PROBLEMS]]
    more = len(notice.problems) - len(rows)
    consequence, steps = _consequence(notice), _steps(notice, settings)
    text = [_subject(notice), "", *(f"- {what}: {count}. {where}" for what, count, where in rows)]
    text += [f"- and {more} more"] if more > 0 else []
    text += ["", "What follows", consequence, "", "What to do now", *(f"- {step}" for step in steps)]
    mail.set_content("\n".join(text) + "\n")
    mail.add_alternative(_html(notice, rows, more, consequence, steps), subtype="html")
    return mail


def _subject(notice: Notice) -> str:
    where = " ".join(str(part) for part in (notice.system, notice.batch_date) if part)
    if notice.gate == "run":
        place = f"{_dag_id(notice)} {notice.batch_date or ''}".strip()
        return f"[customer360 {notice.severity}] {place}: a run ended without finishing"
    if notice.is_absent:
        return f"[customer360 {notice.severity}] {where}: no delivery"
    verb = "held" if notice.severity == "critical" and notice.system else (
        "stopped" if notice.severity == "critical" else "passed with warnings"
    )  # fmt: skip
    return f"[customer360 {notice.severity}] {where}: {notice.gate} {verb}"


def _describe(problem: dict[str, Any]) -> tuple[str, str, str]:
    detail = problem["detail"]
    count = f"{detail.get('unexpected', 0):,} of {detail.get('evaluated', 0):,}"
    if detail.get("error"):
        count = str(detail["error"])
    if problem["expectation"] == "batch_delivered":
        folder = f"inbox/{problem['system']}/{problem['batch_date']}/"
        return problem["expectation"], "no file", f"{folder} is empty or absent"
    places = [_place(example) for example in detail.get("examples", [])[:3]]
    return problem["expectation"], count, "For example: " + "; ".join(places) if any(places) else ""


def _place(example: dict[str, Any]) -> str:
    """File and row of an example, or the columns that name its place."""
    if "file" in example:
        return f"{example['file']} row {example['row']}" if example.get("row") else str(example["file"])
    return ", ".join(f"{name} {value}" for name, value in example.items() if not name.startswith("_"))


def _consequence(notice: Notice) -> str:
    if notice.gate == "run":
        return "What the run had not finished is not there. What it had finished stays; nothing is half written."
    if notice.severity == "warning":
        return "The pipeline went on; this is to be looked at, not to be repaired at night."
    if notice.system:
        return (
            f"The batch of {notice.system} stays in raw and is not released. The other systems go on, and the day is"
            f" built without it: customers keep what {notice.system} said of them before."
        )
    return "The build stopped here. The published views stay as they were before this build."


def _dag_id(notice: Notice) -> str:
    """The DAG that the notice is about; an alert of a run names it as its expectation."""
    if notice.gate == "run":
        return str(notice.problems[0]["expectation"])
    return f"land__{notice.system}" if notice.system else "build_customer360"


def _steps(notice: Notice, settings: Settings) -> list[str]:
    day, look = notice.batch_date, f"Look: {settings.ui_url}/dags/{_dag_id(notice)}"
    if notice.gate == "run":
        return [
            look,
            "See why it ended: the log of its last task, and the machine (out of memory, restarted, database down)",
            "Clear the run: it goes on where it stopped, and what was written already is not written twice",
        ]
    if notice.system:
        return [
            look,
            f"Ask {notice.system}'s contact (include/sources/{notice.system}.yml) for "
            f"{'the' if notice.is_absent else 'a mended'} delivery, and put it into the inbox: {notice.system}/{day}/",
            f"Land the day again: make backfill FROM={day} TO={day} (without make: airflow backfill create"
            f" --dag-id land__{notice.system} --from-date {day} --to-date {day} --reprocess-behavior completed)",
        ]
    return [
        look,
        f"The findings: select * from ops.gate_results where gate = '{notice.gate}' order by gate_result_id desc",
        "Where code was mended: clear the run from the red task on. Where data was mended and landed again: a new"
        " build follows by itself, or clear the run from check_new_batches on, which reads what is released by then.",
    ]


def _html(notice: Notice, rows: list[tuple[str, str, str]], more: int, consequence: str, steps: list[str]) -> str:
    body = "".join(
        f"<tr><td><code>{escape(what)}</code></td><td>{escape(count)}</td><td>{escape(where)}</td></tr>"
        for what, count, where in rows
    )
    rest = f"<p>and {more} more</p>" if more > 0 else ""
    listed = "".join(f"<li>{escape(step)}</li>" for step in steps)
    return (
        f"<html><head><style>{STYLE}</style></head><body><h1 class='{notice.severity}'>{escape(_subject(notice))}</h1>"
        f"<table><tr><th>What failed</th><th>How many</th><th>Where</th></tr>{body}</table>{rest}"
        f"<h2>What follows</h2><p>{escape(consequence)}</p><h2>What to do now</h2><ul>{listed}</ul></body></html>"
    )
