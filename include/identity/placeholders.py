"""Names that name nobody: what people, forms and exports write where a name is not known.

Two lists, since some of these words are names, too. A word of STRONG is no name wherever it stands. A word of WEAK is
the name of somebody (surnames Test, Guest, Null and Na; Nil and Nan, first names; N.A., initials) as long as another
part of the name is a name; beside nothing, or beside placeholders and numbers alone, it says as little as they do. That
takes the surname from a record that knows a Mr Guest by it alone, which is a placeholder far more often.
"""

from __future__ import annotations

import re
from functools import lru_cache

from include.identity.standardise import fold

Name = tuple[str | None, str | None, str | None]

# Folded, in the languages of the sources and their neighbours.
_WORDS = {
    "strong": (
        "unknown unnamed anonymous anonymized anonymised undisclosed unspecified unavailable withheld redacted none "
        "tba tbc tbd fnu lnu unbekannt unbekannte unbekannter anonym inconnu inconnue anonyme desconocido desconocida "
        "anonimo anonima desconhecido desconhecida sconosciuto sconosciuta onbekend anoniem ukendt ukjent okand "
        "tuntematon ismeretlen necunoscut neizvestno agnostos bilinmiyor"
    ),
    # As strong, in one part or over several ("No" and "Name").
    "phrases": (
        "noname nofirstname nolastname nosurname nonegiven nonamegiven nonameprovided notprovided notavailable "
        "notapplicable notknown notgiven notspecified notset notstated notsupplied namenotprovided namenotavailable "
        "namenotknown namenotgiven namenotspecified ohnename keinname keinename keineangabe sansnom nonrenseigne "
        "sinnombre sinapellido"
    ),
    "weak": (
        "test tests tester testing testuser testcustomer dummy sample example demo guest visitor user customer client "
        "member person contact name firstname lastname surname fullname no na nan nil null x kunde kundin gast "
        "benutzer nutzer vorname nachname invite invitee invitado invitada nom prenom nombre apellido cliente klant "
        "gosc klient klientka zakaznik host neznamy neznama nieznany nieznana"
    ),
}
STRONG, PHRASES, WEAK = (frozenset(words.split()) for words in _WORDS.values())
SLASHED = re.compile(r"\W*n\s*[/\\]\s*a\W*", re.IGNORECASE)  # so written it is no name, as Na and N.A. may be
FILLED = re.compile("x{2,}|0+")


def drop_placeholders(first: str | None, middle: str | None, last: str | None) -> Name:
    """(first, middle, last) with None in place of what names nobody."""
    kinds = [_kind(part) for part in (first, middle, last)]
    if fold("".join(part or "" for part in (first, middle, last))) in PHRASES:
        kept = set()
    elif "name" in kinds:
        kept = {"name", "weak", "number"}
    else:
        # Somebody may have put numbers in the place of all names; "Guest 12" is none of these.
        kept = set() if {"strong", "weak"} & set(kinds) else {"number"}
    first, middle, last = (p if k in kept else None for p, k in zip((first, middle, last), kinds, strict=True))
    return first, middle, last


@lru_cache(1 << 18)
def _kind(part: str | None) -> str:
    """strong, weak, number or name; strong, too, where there is no letter and no digit; nothing without a part."""
    if not part:
        return ""
    whole = fold(part)
    if whole is None or whole in PHRASES or SLASHED.fullmatch(part):
        return "strong"
    kinds = {_kind_of_word(word) for word in map(fold, part.split()) if word}
    return next(kind for kind in ("name", "strong", "weak", "number") if kind in kinds)


def _kind_of_word(word: str) -> str:
    if word in STRONG or FILLED.fullmatch(word):
        return "strong"
    return "weak" if word in WEAK else "number" if word.isdigit() else "name"
