"""Every rate of the sample company in one place. Shares are of records unless a name says otherwise."""

from collections.abc import Iterable

# Share of people that a system knows, and how many records it then holds of one. Notes are no records of people.
KNOWN_TO = {
    "crm": 0.90,
    "finance": 0.66,
    "demographics": 0.62,
    "service": 0.34,
    "usage": 0.50,
    "bank": 0.30,
    "bureau": 0.35,
    "marketing": 0.55,
    "support": 0.40,
    "hr": 0.32,
    "lending": 0.30,
    "motor": 0.34,
    "notes": 0.0,
    "wealth": 0.38,
    "ecommerce": 0.50,
    "web": 0.42,
    "pos": 0.48,
}
SECOND_RECORD = {
    "crm": 0.11,
    "finance": 0.16,
    "demographics": 0.03,
    "service": 0.45,
    "usage": 0.22,
    "bank": 0.0,
    "bureau": 0.03,
    "marketing": 0.12,
    "support": 0.25,
    "hr": 0.02,
    "lending": 0.04,
    "motor": 0.22,
    "notes": 0.0,
    "wealth": 0.04,
    "ecommerce": 0.12,
    "web": 0.0,
    "pos": 0.12,
}

# The customer id on records of other systems than the crm.
ID_MISSING = 0.26
ID_WRONG = 0.075

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

# In support, marketing and bureau.
DETAIL_MISSING = 0.45  # of requesters who leave out their e-mail or telephone
DELIVERED_AGAIN = 0.02  # of events that come twice, in one delivery or in the next
NATIONAL_ID_MISSING = 0.20
NATIONAL_ID_WRONG = 0.02
CONSENT_WITHDRAWN = 0.35  # of contacts that change on a day

# Systems without ids: from how many days before the extract their ages may count, so that some are one year off.
AGE_LAG_DAYS = 60
IBAN_MISSING = 0.05  # of lending records
IBAN_MISTYPED = 0.02
CARD_MISSING = 0.08
DEBT = 0.15
DEBT_CHANGES_FORM = 0.4  # of debts, per day: text one day, an object the next
SEX_MISSING = 0.03  # of motor and hr records
TWIN_VEHICLES = 0.004  # of vehicles: another owner whose row is equal letter by letter
WEALTH_ID_MISSING = 0.07  # the national id, of wealth clients
WEALTH_ID_MISTYPED = 0.02
HOLDING_CLOSED = 0.002  # of wealth holdings, per day
BRANCH_CONTACTS = 0.5  # of a wealth client in the three months before the first day
BRANCH_CONTACT_PER_DAY = 0.04
NOTES_PER_DAY = 0.004  # notes on records, per person
NOTE_REPEATED = 0.2  # notes of a day that are written down again the next one

# The online shop: share of second records that are a guest's order; what happens to accounts and carts on a later day.
GUEST = 0.5
SHOP_PER_DAY = {"log_in": 0.08, "new_order": 0.05, "order_moves_on": 0.4, "account_deleted": 0.01, "cart_deleted": 0.03,
                "committed_late": 0.01, "set_back": 0.004}  # fmt: skip

# The web site, a day: visits of a person and events of a visit (about three events a person and day); by visit:
# log-ins, visits of strangers, visits on a relative's device; shares of events a day and two days late, and twice.
WEB_VISITS = 0.75
WEB_EVENTS_PER_VISIT = 4.0
WEB_LOGIN = 0.4
WEB_STRANGER = 0.1
WEB_LATE = (0.03, 0.01)
WEB_TWICE = 0.01
WEB_SHARED_DEVICE = 0.3

# Shops: receipts of a member in the three months before his first day and on a later one; shares of receipts without
# the loyalty card, with its number mistyped; members who bring something back on a day, and of those before its sale
# has arrived; receipts that come a day late, and twice; notes by receipt; people who buy and are no members.
POS_RECEIPTS = 2.5
POS_RECEIPTS_PER_DAY = 0.12
POS_WITHOUT_LOYALTY = 0.12
POS_MISTYPED = 0.01
POS_RETURNED = 0.08
POS_RETURN_FIRST = 0.2
POS_LATE = 0.02
POS_TWICE = 0.01
POS_NOTE = 0.05
POS_STRANGERS = 0.10


def records_per_person(systems: Iterable[str]) -> float:
    """How many records one person has over the systems, on average."""
    return sum(KNOWN_TO[system] * (1 + SECOND_RECORD[system]) for system in systems)


def web_events_per_visit(people: int, days: int) -> float:
    """How many events of the web site there are, if everybody whom it knows visits it once a day."""
    return people * KNOWN_TO["web"] * days * WEB_EVENTS_PER_VISIT * (1 + WEB_STRANGER)
