"""Checks a statement of reasons by every rule of the transparency database, and by ours where that is lax.

We are stricter in six places: an end lies on or after the start, a territorial scope is given, a keyword
belongs to one of its statement's categories, a text that the database would drop is refused, an unknown
field is refused, and a text holds no e-mail address, because a statement holds no personal data.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from watchfloor.operations.enforcement import statement_terms as terms

_PUID = re.compile(r"[a-zA-Z0-9_-]+\Z")
_EAN = re.compile(r"[0-9]{13}\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")

_ONE_OF = {
    "decision_monetary": terms.MONETARY,
    "decision_provision": terms.PROVISION,
    "decision_account": terms.ACCOUNT,
    "account_type": terms.ACCOUNT_TYPES,
    "decision_ground": terms.GROUNDS,
    "incompatible_content_illegal": terms.YES_NO,
    "category": terms.CATEGORIES,
    "source_type": terms.SOURCES,
    "automated_detection": terms.YES_NO,
    "automated_decision": terms.AUTOMATED_DECISIONS,
}
_SOME_OF = {
    "decision_visibility": frozenset(terms.VISIBILITY),
    "content_type": frozenset(terms.CONTENT_TYPES),
    "category_addition": frozenset(terms.CATEGORIES),
    "category_specification": terms.KEYWORDS,
    "territorial_scope": frozenset(terms.TERRITORIES),
}
_DATES = ("content_date", "application_date", *terms.END_DATES)
_REQUIRED = (
    "decision_ground",
    "content_type",
    "category",
    "territorial_scope",
    "content_date",
    "application_date",
    "decision_facts",
    "source_type",
    "automated_detection",
    "automated_decision",
    "puid",
)
_RESTRICTIONS = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
FIELDS = frozenset(
    {*_ONE_OF, *_SOME_OF, *_DATES, *terms.LONGEST, "content_language", "content_id", "content_id_ean"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a statement."""

    field: str
    message: str


def faults(statement: Mapping[str, Any]) -> list[Fault]:
    """Return everything that is wrong with the statement; empty when it may be sent.

    >>> [each.field for each in faults({"puid": "a b"})][:2]
    ['decision_visibility', 'decision_ground']
    """
    given = {name: value for name, value in statement.items() if value not in (None, "", [])}
    return [
        *(Fault(name, "There is no such field.") for name in sorted(set(given) - FIELDS)),
        *_missing(given),
        *_terms(given),
        *_texts(given),
        *_conditions(given),
        *_categories(given),
        *_days(given),
        *_identifiers(given),
    ]


def _missing(given: Mapping[str, Any]) -> Iterator[Fault]:
    if not any(name in given for name in _RESTRICTIONS):
        yield Fault("decision_visibility", f"One of {', '.join(_RESTRICTIONS)} is required.")
    for name in _REQUIRED:
        if name not in given:
            yield Fault(name, "It is required.")


def _terms(given: Mapping[str, Any]) -> Iterator[Fault]:
    for name, allowed in _ONE_OF.items():
        if name in given and given[name] not in allowed:
            yield Fault(name, f"{given[name]!r} is not one of {', '.join(allowed)}.")
    for name, members in _SOME_OF.items():
        if name not in given:
            continue
        value = given[name]
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            yield Fault(name, "It is a list of codes.")
            continue
        for unknown in sorted(set(value) - members):
            yield Fault(name, f"{unknown!r} is not one of its codes.")
        if len(set(value)) < len(value):
            yield Fault(name, "A code stands twice.")


def _texts(given: Mapping[str, Any]) -> Iterator[Fault]:
    for name, longest in terms.LONGEST.items():
        if name not in given:
            continue
        value = given[name]
        if not isinstance(value, str):
            yield Fault(name, "It is a text.")
            continue
        if len(value) > longest:
            yield Fault(name, f"It has {len(value)} characters, more than {longest}.")
        if name != "puid" and _MAIL.search(value):
            yield Fault(name, "It holds an e-mail address; a statement holds no personal data.")
    url = given.get("decision_ground_reference_url")
    if isinstance(url, str) and not _is_url(url):
        yield Fault("decision_ground_reference_url", f"{url[:80]!r} is no address.")


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"\s", text)


def _conditions(given: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield the fields that others ask for, and those that others rule out."""
    ground = given.get("decision_ground")
    for asked, holds, why, required in (
        (
            "decision_visibility_other",
            terms.VISIBILITY_OTHER in _list(given, "decision_visibility"),
            terms.VISIBILITY_OTHER,
            True,
        ),
        (
            "decision_monetary_other",
            given.get("decision_monetary") == terms.MONETARY_OTHER,
            terms.MONETARY_OTHER,
            True,
        ),
        (
            "content_type_other",
            terms.CONTENT_TYPE_OTHER in _list(given, "content_type"),
            terms.CONTENT_TYPE_OTHER,
            True,
        ),
        ("illegal_content_legal_ground", ground == terms.ILLEGAL, terms.ILLEGAL, True),
        ("illegal_content_explanation", ground == terms.ILLEGAL, terms.ILLEGAL, True),
        ("incompatible_content_ground", ground == terms.INCOMPATIBLE, terms.INCOMPATIBLE, True),
        ("incompatible_content_explanation", ground == terms.INCOMPATIBLE, terms.INCOMPATIBLE, True),
        ("incompatible_content_illegal", ground == terms.INCOMPATIBLE, terms.INCOMPATIBLE, False),
        (
            "category_specification_other",
            terms.KEYWORD_OTHER in _list(given, "category_specification"),
            terms.KEYWORD_OTHER,
            False,
        ),
        ("source_identity", given.get("source_type") != terms.VOLUNTARY, "another source", False),
    ):
        if required and holds and asked not in given:
            yield Fault(asked, f"It is required with {why}.")
        if not holds and asked in given and not (why in terms.GROUNDS and ground is None):
            yield Fault(asked, f"It is given only with {why}.")


def _categories(given: Mapping[str, Any]) -> Iterator[Fault]:
    categories = [str(given.get("category")), *_list(given, "category_addition")]
    allowed = {terms.KEYWORD_OF_NO_CATEGORY}.union(
        *(terms.KEYWORDS_OF.get(category, frozenset()) for category in categories)
    )
    if given.get("category") not in terms.CATEGORIES:
        return  # told already; nothing could belong to it
    for keyword in _list(given, "category_specification"):
        if keyword in terms.KEYWORDS and keyword not in allowed:
            yield Fault("category_specification", f"{keyword!r} belongs to none of its categories.")


def _days(given: Mapping[str, Any]) -> Iterator[Fault]:
    days: dict[str, date] = {}
    for name in _DATES:
        if name not in given:
            continue
        day = _day(given[name])
        if day is None:
            yield Fault(name, f"{given[name]!r} is no day, YYYY-MM-DD.")
            continue
        days[name] = day
        earliest = {
            "content_date": terms.EARLIEST_CONTENT,
            "application_date": terms.EARLIEST_APPLICATION,
        }.get(name, date.min)
        if not earliest <= day <= terms.LATEST:
            span = f"from {earliest} to" if earliest > date.min else "up to"
            yield Fault(name, f"{day} does not lie {span} {terms.LATEST}.")
    start = days.get("application_date")
    for name in terms.END_DATES:
        if start is not None and name in days and days[name] < start:
            yield Fault(name, f"{days[name]} lies before the application date {start}.")


def _day(value: object) -> date | None:
    if not isinstance(value, str) or not _DAY.match(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _identifiers(given: Mapping[str, Any]) -> Iterator[Fault]:
    puid, language = given.get("puid"), given.get("content_language")
    if isinstance(puid, str) and not _PUID.match(puid):
        yield Fault("puid", "It holds more than letters, digits, - and _.")
    if language is not None and language not in terms.LANGUAGES:
        yield Fault("content_language", f"{language!r} is no ISO 639-1 code in upper case.")
    named, plain = given.get("content_id"), given.get("content_id_ean")
    if named is not None:
        fits = isinstance(named, Mapping) and set(named) == {"EAN-13"} and _is_ean(named["EAN-13"])
        if not fits:
            yield Fault("content_id", 'It is {"EAN-13": "<13 digits>"}.')
    if plain is not None and not _is_ean(plain):
        yield Fault("content_id_ean", "It has 13 digits.")
    if named is not None and plain is not None:
        yield Fault("content_id_ean", "It is given once, here or in content_id.")


def _is_ean(value: object) -> bool:
    return isinstance(value, str) and _EAN.match(value) is not None


def _list(given: Mapping[str, Any], name: str) -> list[str]:
    value = given.get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
