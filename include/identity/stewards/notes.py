"""Reads a colleague's note: who is meant, which field, which value. Rules, no model; what is unclear is said to be so.

A note proposes; a steward decides. So a rule that would often be wrong is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from include.identity.stewards import note_values as find
from include.identity.stewards.note_values import Value, choose_new

Finder = Callable[[str], list[Value]]

LETTER = r"[^\W\d_]"
CAPITAL = rf"(?:(?!\d|_)[A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩА-Я]){LETTER}*"
NAME_PART = rf"(?:O['\u2019])?{CAPITAL}(?:['\u2019\-]{LETTER}+)*"
NAME = re.compile(rf"{NAME_PART}(?:[ ,]{{1,2}}(?:(?:van|von|de|der|den|la|le|al|bin|di|da|del) )*{NAME_PART})+")
RECORD_ID = re.compile(r"\b[a-z]+/[a-z_]+/[\w\-]+|\b[A-Z]{1,3}-?\d{3,10}\b")
NO_NAMES = re.compile(
    r"^(?:mr|mrs|ms|miss|dr|prof|sir|the|please|customer|client|member|note|new|old|her|his|their|our|it|she|he|they|we"
    r"|for|from|and|but|change|update|correct|security|code|credit|card|date|birth|email|e-mail|phone|mobile|address"
    r"|postcode|surname|name|first|last|age|gender|dob|tel|telephone|number|account|record|street|road|wrong|spelt"
    r"|january|february|march|april|may|june|july|august|september|october|november|december|has|is|fix|with|to|in)$",
    re.IGNORECASE,
)
MASKED = re.compile(r"\[(?:security code withheld|card number ending \d*)\]")

# (field, words that speak of it, the values it may have), the telling ones first.
TYPED: tuple[tuple[str, str, Finder], ...] = (
    ("email", r"\be-?mail\b(?!\.)", find.find_emails),
    ("date_of_birth", r"date of birth|birth ?da(?:te|y)|\bd\.?o\.?b\b|\bborn\b", find.find_days),
    ("join_date", r"\bjoin(?:ed|ing)?\b|member since|customer since", find.find_days),
    ("birth_year", r"year of birth|birth year|\bborn in\b", find.find_numbers(1901, 2100)),
    ("credit_score", r"credit (?:score|rating)", find.find_numbers(300, 850)),
    ("phone", r"\bphone|\bmobile|\btel\b|\btelephone|\bcell|\bnumber\b", find.find_phones),
    ("postcode", r"post ?code|\bzip", find.find_postcodes),
    ("gender", r"\bgender|\bsex\b|\b(?:fe)?male\b", find.find_words("female|male|woman|man|other|diverse")),
    ("marital_status", r"marital|family status|\bmarried|\bdivorced|\bwidow|\bseparated|\bsingle\b",
     find.find_words("married|divorced|widowed|separated|single|civil partnership")),
)  # fmt: skip
END = r"[.;!?](?:\s|$)|,? (?:not|instead of|rather than|and not|since|as of|from|please|but)\b|$"
BECOMES = r"[^.;]*?(?:to|is now|is|should be|be|becomes|:)"
MOVED = r"moved (?:house )?(?:from [^.;]+? )?to"
STREET = r"(?P<v>\d+\w? [^,.;]+?|[^,.;]+? \d+\w?)"
PLACE = rf"(?P<v>{NAME_PART}(?:[ \-]{NAME_PART})*)"
# (field, phrases with the value).
PHRASED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("last_name", (
        rf"(?:surname|last name|family name|married name){BECOMES} (?P<v>{NAME_PART}(?:[ \-]{NAME_PART})?)(?={END})",
        rf"married[^.;]*?(?:now|name is|called|goes by|becomes?) (?:(?:mrs|mr|ms)\.? )?(?:{NAME_PART} )?"
        rf"(?P<v>{NAME_PART})(?={END})",
    )),
    ("first_name", (rf"(?:first name|given name|forename){BECOMES} (?P<v>{NAME_PART})(?={END})",)),
    ("address_line", (rf"(?:address|street){BECOMES} {STREET}(?=,|{END})", rf"{MOVED} {STREET}(?=,|{END})")),
    ("city", (rf"(?:city|town){BECOMES} {PLACE}", rf"(?:lives? in|relocated to|{MOVED}) {PLACE}(?={END})")),
    ("occupation", (
        rf"(?:occupation|job title|job|profession){BECOMES} (?:an? )?(?P<v>[\w \-]+?)(?={END})",
        rf"(?:works|working|employed) (?:now )?as (?:an? )?(?P<v>[\w \-]+?)(?={END})",
    )),
)  # fmt: skip
ELSEWHERE = (
    (r"security code|\bcvv?|\bcvc\b", "a card's security code"), (r"card number", "a card number"),
    (r"\bsalary|\bpay rise|\bincrease in pay|\bwage", "a salary"), (r"\bpension|\bretire", "a pension"),
    (r"\biban\b|sort code|account number", "an account"), (r"\bdebt\b|\bloan\b|mortgage", "a debt"),
    (r"\bvehicle|\bcar\b|number plate", "a vehicle"),
)  # fmt: skip


@dataclass(frozen=True)
class ParsedNote:
    """What a note says: names as (first, last), other things that point to somebody, and new values by field."""

    names: list[tuple[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    values: list[tuple[str, str, str | None]] = field(default_factory=list)
    doubt: str | None = None


def parse_note(text: str, written: date) -> ParsedNote:
    """Read a note; `written` is its batch date, from which an age gives a year of birth."""
    values = _values(text, written)
    taken = {value.lower() for _, value, _ in values}
    emails = [value.text for value in find.find_emails(text) if value.text not in taken]
    doubt = None if values else _doubt(text)
    # Who is to be called otherwise is named as he is called now.
    renamed = {new for name, new, _ in values if name == "last_name"}
    names = _names(text)
    names = [name for name in names if name[1] not in renamed] or names
    return ParsedNote(names, RECORD_ID.findall(text), emails, values, doubt)


def _names(text: str) -> list[tuple[str, str]]:
    """Every run of capitalised words as it may be a name; whether somebody has it is for the records to say."""
    found: list[tuple[str, str]] = []
    for match in NAME.finditer(MASKED.sub(" ", text)):
        run = re.sub(r"['\u2019]s$", "", match[0])
        words = [re.sub(r"['\u2019]s$", "", w) for w in re.split(r"[ ,]+", run)]
        if re.fullmatch(rf"{NAME_PART}, ?{NAME_PART}", run):
            found.append((words[1], words[0]))
        kept = [word for word in words if not NO_NAMES.match(word)]
        found += [(" ".join(kept[i:j]), " ".join(kept[j:k])) for i in range(len(kept)) for j in range(i + 1, len(kept))
                  for k in range(j + 1, min(j + 4, len(kept) + 1)) if j - i <= 2]  # fmt: skip
    return list(dict.fromkeys(found))


def _values(text: str, written: date) -> list[tuple[str, str, str | None]]:
    plain = MASKED.sub(" ", text)
    found: dict[str, tuple[str, str | None]] = {}
    for name, words, finder in TYPED:
        if re.search(words, plain, re.IGNORECASE) and not _is_told(name, found):
            new, old = choose_new(plain, finder(plain))
            if new is not None:
                found[name] = (new, old)
    if age := _age(plain):
        new, old = age
        found.setdefault("birth_year", (str(written.year - int(new)), str(written.year - int(old)) if old else None))
    for name, phrases in PHRASED:
        for phrase in phrases:
            match = re.search(phrase, plain, re.IGNORECASE)
            if match and name not in found and not (name == "city" and "address_line" in found):
                value = " ".join(match["v"].split())
                if name in ("occupation", "address_line") or value[:1].isupper():
                    found[name] = (value, None)
    if "address_line" in found and "postcode" not in found:
        codes = find.find_postcodes(plain[plain.find(found["address_line"][0]) + len(found["address_line"][0]) :])
        found |= {"postcode": (codes[0].text, None)} if len(codes) == 1 else {}
    return [(name, new, old) for name, (new, old) in found.items()]


def _is_told(name: str, found: dict[str, tuple[str, str | None]]) -> bool:
    """A date of birth tells the year, and its day is no day of joining."""
    return "date_of_birth" in found and name in ("birth_year", "join_date")


def _age(text: str) -> tuple[str, str | None] | None:
    if not re.search(r"\bage\b|\baged\b|years old|\byears of age", text, re.IGNORECASE):
        return None
    new, old = choose_new(text, find.find_numbers(1, 120)(text))
    return (new, old) if new else None


def _doubt(text: str) -> str:
    for words, what in ELSEWHERE:
        if re.search(words, text, re.IGNORECASE):
            return f"it speaks of {what}, which is corrected at its source"
    return "no field with a new value could be read from it"
