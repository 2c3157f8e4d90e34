"""Brings what a record says of a person into one form. The pipeline and a linkage of foreign files share this code.

Each function takes one value and returns it standardised, or None where it says nothing (a placeholder, a typing
aid, an impossible value). Results are cached by value, since values repeat.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache, lru_cache

from anyascii import anyascii

VERSION = "4"  # part of every content hash: raise it when a rule here changes, and all records are done anew

PLACEHOLDER_EMAILS = re.compile(r"^(test|noreply|no-reply|none|unknown|na|n/a|example)@", re.IGNORECASE)
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
# A lead byte of UTF-8 and a following byte, both read as Latin-1 or Windows-1252.
MOJIBAKE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]")
EXTENSION = re.compile(r"(?:ext|x|#)", re.IGNORECASE)
LEAST_DIGITS, MOST_DIGITS = 7, 15  # of a number whose country is not known
NO_VALUES = {"n/a", "na", "none", "null", "unknown", "-", "?", "x", "xx", "xxx"}
# Names of two plain words need no parser. Other scripts may put the family name first; the parser knows.
PLAIN_NAME = re.compile(r"([^\W\d_][^\W\d_'\u2019-]+) ([^\W\d_][^\W\d_'\u2019-]+)")
PLAIN_NAME_REVERSED = re.compile(r"([^\W\d_][^\W\d_'\u2019-]+), ([^\W\d_][^\W\d_'\u2019-]+)")
LAST_OF_WESTERN_SCRIPTS = "\u0530"
_GENDER_WORDS = {
    "male": "m male man boy mr herr mannlich homme masculin hombre masculino maschio uomo mezczyzna muz man mand mies",
    "female": "f w female woman girl mrs ms miss frau weiblich femme feminin mujer femenino femmina donna kobieta zena "
    "vrouw kvinde kvinna kvinne nainen k",
    "other": "other diverse divers nonbinary x",
}
GENDERS = {word: gender for gender, words in _GENDER_WORDS.items() for word in words.split()}
COUNTRIES = {
    "uk": "GB", "united kingdom": "GB", "great britain": "GB", "england": "GB", "usa": "US", "united states": "US",
    "united states of america": "US", "germany": "DE", "deutschland": "DE", "france": "FR", "czech republic": "CZ",
    "czechia": "CZ", "poland": "PL", "polska": "PL", "spain": "ES", "russia": "RU", "greece": "GR",
}  # fmt: skip
SOUNDS = tuple((re.compile(written), spoken) for written, spoken in (
    ("^(kn|gn|pn)", "n"), ("^wr", "r"), ("^ps", "s"), ("ph", "f"), ("th", "t"), ("sch|sh|cz|ch|tsch", "s"),
    ("c(?=[eiy])", "s"), ("g(?=[eiy])", "j"), ("ck|[cqkg]", "k"), ("dge?|[jz]", "s"), ("d", "t"),
    ("[vw](?=[aeiouy])", "f"),
    ("v", "f"), ("x", "ks"), ("b", "p"), ("m", "n"),
))  # fmt: skip
_CACHE = 1 << 18


@lru_cache(_CACHE)
def repair_text(text: str | None) -> str | None:
    """White space made single; UTF-8 that was once read as Latin-1 or Windows-1252 repaired; None where empty."""
    if not text:
        return None
    if MOJIBAKE.search(text):
        with suppress(UnicodeEncodeError, UnicodeDecodeError):
            text = b"".join(c.encode("latin-1" if c < "\u0100" else "cp1252") for c in text).decode()
    return " ".join(text.split()) or None


@lru_cache(_CACHE)
def split_name(full_name: str | None) -> tuple[str | None, str | None, str | None]:
    """(first, middle, last) of a full name in Western order or as "Last, First", without titles."""
    text = repair_text(full_name)
    if text is None or text.lower() in NO_VALUES:
        return None, None, None
    if max(text) < LAST_OF_WESTERN_SCRIPTS:
        plain, swapped = PLAIN_NAME.fullmatch(text), PLAIN_NAME_REVERSED.fullmatch(text)
        words = plain.groups() if plain else swapped.groups()[::-1] if swapped else ()
        if words and not _special_words().intersection(word.lower() for word in words):
            return words[0], None, words[1]
    from nameparser import HumanName

    name = HumanName(text)
    return name.first or None, name.middle or None, name.last or None


@cache
def _special_words() -> frozenset[str]:
    """Words that the name parser treats in a way of their own: titles, particles, suffixes."""
    from nameparser.config import CONSTANTS as C

    sets = (C.titles, C.prefixes, C.conjunctions, C.suffix_acronyms, C.suffix_not_acronyms, C.first_name_titles)
    return frozenset(word for words in sets for word in words)


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
    """E.164 where the number or `country` (ISO) tells the country, else the digits without leading zeros.

    Numbers that cannot be dialled and placeholders give None. No country is made up for a number without one.
    """
    import phonenumbers

    text = "".join(c for c in EXTENSION.split(phone or "")[0] if c.isdigit() or c == "+")
    if len(set(text.strip("+"))) < 3:
        return None
    if text.startswith("00"):
        text = "+" + text[2:]
    with suppress(phonenumbers.NumberParseException):
        number = phonenumbers.parse(text, country)
        if phonenumbers.is_possible_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    digits = text.lstrip("0")
    return digits if digits.isdigit() and LEAST_DIGITS <= len(digits) <= MOST_DIGITS else None


@lru_cache(_CACHE)
def national_digits(phone: str | None) -> str | None:
    """A standardised number without its country: the form in which it is compared, since many state no country."""
    import phonenumbers

    if phone is None or not phone.startswith("+"):
        return phone
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return phone.lstrip("+0") or None
    return phonenumbers.national_significant_number(number).lstrip("0") or None


def phone_country(phone: str | None) -> str | None:
    """The country (ISO) of a standardised number, the main one of those that share its code; None without a code."""
    import phonenumbers

    try:
        return str(phonenumbers.region_code_for_country_code(phonenumbers.parse(phone or "").country_code or 0))
    except phonenumbers.NumberParseException:
        return None


@lru_cache(_CACHE)
def standardise_country(country: str | None) -> str | None:
    """ISO 3166 alpha-2, from a code or an English name; None where it is neither."""
    text = (country or "").strip()
    if len(text) == 2 and text.isalpha():
        return COUNTRIES.get(text.lower(), text.upper())
    return COUNTRIES.get(text.lower())


@lru_cache(_CACHE)
def standardise_code(code: str | None) -> str | None:
    """Letters and digits of a national id or the like in upper case; None for placeholders."""
    text = (fold(code) or "").upper()
    return None if text.lower() in NO_VALUES or len(set(text)) < 2 else text


@lru_cache(_CACHE)
def sounds_like(folded: str | None) -> str | None:
    """A rough phonetic key of a folded word: what typists, ears and transliterations mix up becomes one letter.

    After the idea of Metaphone (L. Philips, 1990), reduced to what European languages have in common.
    """
    if not folded:
        return None
    text = folded
    for written, spoken in SOUNDS:
        text = written.sub(spoken, text)
    head, tail = text[0], re.sub("[aeiouyhw]", "", text[1:])
    head = "a" if head in "aeiouyhw" else head
    return head + re.sub(r"(.)\1+", r"\1", tail)


@lru_cache(_CACHE)
def standardise_postcode(postcode: str | None) -> str | None:
    """Upper case, white space made single; None for placeholders."""
    text = (repair_text(postcode) or "").upper()
    return None if text.lower() in NO_VALUES or not text.strip("0 -") else text


def standardise_gender(gender: str | None) -> str | None:
    """female, male or other."""
    return GENDERS.get(fold(gender) or "")


@lru_cache(_CACHE)
def aliases(folded_name: str | None) -> tuple[str, ...]:
    """The name, its long forms and its nicknames, for names of the English nickname table."""
    if not folded_name:
        return ()
    namer = _nick_namer()
    return tuple(sorted({folded_name, *namer.canonicals_of(folded_name)}))


@lru_cache(_CACHE)
def is_first_name(word: str) -> bool:
    """Whether the nickname table knows the word."""
    namer, name = _nick_namer(), fold(word) or ""
    return bool(namer.canonicals_of(name) or namer.nicknames_of(name))


@lru_cache(1)
def _nick_namer():  # type: ignore[no-untyped-def]  # the library has no types
    from nicknames import NickNamer

    return NickNamer()
