"""Brings what a record says of a person into one form. The pipeline and a linkage of foreign files share this code.

Each function takes one value and returns it standardised, or None where it says nothing (a placeholder, a typing
aid, an impossible value). Results are cached by value, since values repeat.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache

from anyascii import anyascii

PLACEHOLDER_EMAILS = re.compile(r"^(test|noreply|no-reply|none|unknown|na|n/a|example)@", re.IGNORECASE)
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
MOJIBAKE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf]")
GENDERS = {"m": "male", "male": "male", "man": "male", "f": "female", "female": "female", "woman": "female",
           "other": "other", "diverse": "other", "x": "other"}  # fmt: skip
COUNTRIES = {
    "uk": "GB", "united kingdom": "GB", "great britain": "GB", "england": "GB", "usa": "US", "united states": "US",
    "united states of america": "US", "germany": "DE", "deutschland": "DE", "france": "FR", "czech republic": "CZ",
    "czechia": "CZ", "poland": "PL", "polska": "PL", "spain": "ES", "russia": "RU", "greece": "GR",
}  # fmt: skip
_CACHE = 1 << 18


@lru_cache(_CACHE)
def repair_text(text: str | None) -> str | None:
    """White space made single; UTF-8 that was once read as Latin-1 repaired; None where nothing is left."""
    if not text:
        return None
    if MOJIBAKE.search(text):
        with suppress(UnicodeEncodeError, UnicodeDecodeError):
            text = text.encode("latin-1").decode("utf-8")
    return " ".join(text.split()) or None


@lru_cache(_CACHE)
def split_name(full_name: str | None) -> tuple[str | None, str | None, str | None]:
    """(first, middle, last) of a full name in Western order or as "Last, First", without titles."""
    from nameparser import HumanName

    text = repair_text(full_name)
    if text is None:
        return None, None, None
    name = HumanName(text)
    return name.first or None, name.middle or None, name.last or None


@lru_cache(_CACHE)
def fold(text: str | None) -> str | None:
    """Lower-case ASCII letters and digits: the form in which names and places are compared."""
    return "".join(c for c in anyascii(text).lower() if c.isalnum()) or None if text else None


@lru_cache(_CACHE)
def standardise_email(email: str | None) -> str | None:
    """Lower case; None for placeholders and what is no address."""
    text = (email or "").strip().lower()
    return text if EMAIL.match(text) and not PLACEHOLDER_EMAILS.match(text) else None


@lru_cache(_CACHE)
def standardise_phone(phone: str | None, country: str | None) -> str | None:
    """E.164; numbers that cannot be dialled and placeholders give None."""
    import phonenumbers

    text = "".join(c for c in phone or "" if c.isdigit() or c == "+")
    if len(set(text.strip("+"))) < 3:
        return None
    if text.startswith("00"):
        text = "+" + text[2:]
    try:
        number = phonenumbers.parse(text, country or "GB")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@lru_cache(_CACHE)
def standardise_country(country: str | None) -> str | None:
    """ISO 3166 alpha-2, from a code or an English name; None where it is neither."""
    text = (country or "").strip()
    if len(text) == 2 and text.isalpha():
        return COUNTRIES.get(text.lower(), text.upper())
    return COUNTRIES.get(text.lower())


def standardise_gender(gender: str | None) -> str | None:
    """female, male or other."""
    return GENDERS.get((gender or "").strip().lower())


@lru_cache(_CACHE)
def aliases(folded_name: str | None) -> tuple[str, ...]:
    """The name, its long forms and its nicknames, for names of the English nickname table."""
    if not folded_name:
        return ()
    namer = _nick_namer()
    return tuple(sorted({folded_name, *namer.canonicals_of(folded_name)}))


@lru_cache(1)
def _nick_namer():  # type: ignore[no-untyped-def]  # the library has no types
    from nicknames import NickNamer

    return NickNamer()
