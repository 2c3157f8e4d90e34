"""Every rate of the sample company in one place. Shares are of records unless a name says otherwise."""

from collections.abc import Iterable

# Share of people that a system knows, and how many records it then holds of one.
KNOWN_TO = {"crm": 0.90, "finance": 0.66, "demographics": 0.62, "service": 0.34, "usage": 0.50}
SECOND_RECORD = {"crm": 0.11, "finance": 0.16, "demographics": 0.03, "service": 0.45, "usage": 0.22}

# The customer id on records of other systems than the crm.
ID_MISSING = 0.26
ID_WRONG = 0.04

# How many fields of a record are corrupted: 0, 1, 2, 3.
CORRUPTED_FIELDS = (0.50, 0.28, 0.16, 0.06)

# Share of people who share a household, and what is shared there.
IN_HOUSEHOLD = 0.24
HOUSEHOLD_SHARES_EMAIL = 0.08
HOUSEHOLD_SHARES_PHONE = 0.30
TWINS = 0.006
SAME_NAME_PARENT = 0.006
# Share of people who share everything with another one but the date of birth.
NAMESAKE = 0.001
# Share of people in a household whose name is of another country than the household's.
MIXED_HOUSEHOLD = 0.10

# Share of people by country; each has its own names, streets and notation.
COUNTRIES = {
    "en_GB": 0.36, "en_US": 0.14, "de_DE": 0.14, "fr_FR": 0.10, "cs_CZ": 0.09, "pl_PL": 0.07, "es_ES": 0.05,
    "ru_RU": 0.03, "el_GR": 0.02,
}  # fmt: skip

# Cases that fool a linkage, by record: a married woman under her former name and address, both names in the wrong
# fields, a folded name written by the rules of another language.
BEFORE_MARRIAGE = 0.05  # of records of people with a former name
NAME_ORDER = 0.006
OTHER_TRANSLITERATION = 0.25  # of folded names
# Share of people whom the crm does not know, and whose former id it has given to somebody else.
REUSED_ID = 0.05

MOJIBAKE = 0.01  # of values with diacritics
BAD_ROWS = 0.002  # physically broken rows, in crm and service
FIRST_SEEN = (0.92, 0.05, 0.03)  # share of people by the batch date on which systems see them first
CHANGED_PER_DAY = 0.06  # share of known crm, finance and demographics records delivered again with changes


def records_per_person(systems: Iterable[str]) -> float:
    """How many records one person has over the systems, on average."""
    return sum(KNOWN_TO[system] * (1 + SECOND_RECORD[system]) for system in systems)
