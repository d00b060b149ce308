"""Lays out the 11 sheets from what was counted and what was typed in. Pure; blank is absent, 0 is none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from watchfloor.operations.reports.dsa import terms

Cell = str | int | float | None
Counted = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its name, its header, its rows. None is a blank cell."""

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def column(self, title: str) -> int:
        """Return where a column stands.

        Raises:
            ValueError: the sheet has no such column.

        """
        return self.header.index(title)


@dataclass(frozen=True, slots=True)
class Declared:
    """What the provider types in and answers for.

    Attributes:
        provider: Name of the service provider.
        service: Name of the service.
        start: First day of the reporting period.
        end: Last day of it.
        published_on: Day of publication.
        previous_on: Day of publication of the report before; None is the first report.
        is_hosting: Whether it is a hosting service (sheet 4).
        is_very_large: A very large platform or search engine (sheets 9 and 10).
        multi_category: Declares that one measure may count in several categories.
        multi_restriction: Declares that one measure may carry several restrictions.
        carry_over: Complaints of the period before that were decided in this one.
        orders: Category, keyword and scope to the seven numbers of sheet 3; absent is blank.
        recipients: `TOTAL` and Member States to average monthly active recipients.
        suspensions: Reason to number.
        words: The texts of sheet 11.

    """

    provider: str
    service: str
    start: date
    end: date
    published_on: date | None = None
    previous_on: date | None = None
    is_hosting: bool = True
    is_very_large: bool = False
    multi_category: bool = False
    multi_restriction: bool = False
    carry_over: int | None = None
    orders: Mapping[tuple[str, str, str], Sequence[float | None]] = field(default_factory=dict)
    recipients: Mapping[str, int | None] = field(default_factory=dict)
    suspensions: Mapping[str, int | None] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def period(self) -> str:
        """The reporting period: one constant, the same in every row of every sheet."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"


def lay_out(declared: Declared, counted: Counted) -> tuple[Sheet, ...]:
    """Return the 11 sheets, in their order."""
    return (
        _identification(declared),
        _category_names(),
        _orders(declared),
        _notices(declared, counted),
        _own_initiative(terms.ILLEGAL, declared, counted, is_illegal=True),
        _own_initiative(terms.TERMS, declared, counted, is_illegal=False),
        _appeals(declared, counted),
        _automated(declared, counted),
        _people(declared, counted),
        _recipients(declared),
        _words(declared, counted),
    )


def row_keys(*, orders: bool) -> list[tuple[str, str]]:
    """Return the rows of a wide sheet, TOTAL first; each category before its keywords."""
    left_out = terms.NOT_SPECIFIED_NOTICE if orders else terms.NOT_SPECIFIED_ORDER
    keys = [("TOTAL", "")]
    for category in terms.CATEGORIES:
        if category != left_out:
            keys += [(category, ""), *((category, word) for word in terms.keywords_of(category))]
    return keys


def _head(declared: Declared, *, applies: bool = True) -> tuple[Cell, Cell, Cell]:
    return "Yes" if applies else "No", declared.service, declared.period


_HEAD = ("Applicability", "Service", "Reporting period")
_WIDE = (*_HEAD, "Category code", 'Description of "Other"')
_LONG = (*_HEAD, "Section", "Indicator", "Scope", "Value", "Contextual information")


def _with_context(indicators: Iterable[str]) -> tuple[str, ...]:
    named = tuple(indicators)
    return (*named, *(f"Contextual information: {name}" for name in named))


def _identification(declared: Declared) -> Sheet:
    said: tuple[tuple[str, Cell], ...] = (
        ("Name of the service provider", declared.provider or None),
        ("Date of the publication of the report", _day(declared.published_on)),
        ("Date of the publication of the latest previous report", _day(declared.previous_on)),
        ("Starting date of reporting period", _day(declared.start)),
        ("Ending date of reporting period", _day(declared.end)),
    )
    return Sheet(terms.IDENTIFICATION, ("Indicator", "Value"), said)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _category_names() -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for number, category in enumerate(terms.CATEGORIES, 1):
        rows.append((str(number), terms.label_of(category), None, terms.code_of(category), None))
        for letter, word in zip("abcdefghijkl", terms.keywords_of(category), strict=False):
            rows.append(
                (f"{number}{letter}", terms.label_of(word), None, terms.code_of(category, word), None)
            )
    header = ("Number", "Category label", "Description", "Category code", "Contextual information")
    return Sheet(terms.CATEGORY_NAMES, header, tuple(rows))


def _orders(declared: Declared) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    blank: tuple[Cell, ...] = (None,) * len(terms.ORDER_INDICATORS)
    for key in row_keys(orders=True):
        for scope in ("TOTAL", *terms.MEMBER_STATES):
            given = declared.orders.get((*key, scope))
            if given is None and (scope != "TOTAL" or key[1]):
                continue  # what nobody typed in is absent; categories and TOTAL show that it is
            values: tuple[Cell, ...] = tuple(given) if given is not None else blank
            rows.append((*_head(declared), terms.code_of(*key), None, scope, *values, *blank))
    return Sheet(terms.ORDERS, (*_WIDE, "Scope", *_with_context(terms.ORDER_INDICATORS)), tuple(rows))


def _notices(declared: Declared, counted: Counted) -> Sheet:
    found: Counted = counted["notices"]
    indicators = [
        *terms.NOTICE_INDICATORS,
        *(f"{name} (Trusted Flaggers)" for name in terms.NOTICE_INDICATORS),
    ]
    rows: list[tuple[Cell, ...]] = []
    for key in row_keys(orders=False):
        values: list[Cell] = []
        for who in ("all", "flagger"):
            if not counted["knows_sources"]:
                values += [None] * 5
                continue
            one = found.get(who, {}).get(terms.code_of(*key), {})
            values += [
                one.get("n", 0),
                one.get("items", 0),
                one.get("median"),
                one.get("law", 0),
                one.get("terms", 0),
            ]
        rows.append(
            (
                *_head(declared, applies=declared.is_hosting),
                terms.code_of(*key),
                None,
                *values,
                *[None] * len(indicators),
            )
        )
    return Sheet(terms.NOTICES, (*_WIDE, *_with_context(indicators)), tuple(rows))


def own_measures(counted: Counted) -> list[Counted]:
    """Return the groups of measures that no notice or order led to."""
    return [one for one in counted["measures"] if one["source"] == "own"]


def _own_initiative(name: str, declared: Declared, counted: Counted, *, is_illegal: bool) -> Sheet:
    groups = [one for one in own_measures(counted) if one["is_illegal"] == is_illegal]
    indicators = (terms.MEASURES, terms.DETECTED, *terms.RESTRICTIONS.values())
    rows: list[tuple[Cell, ...]] = []
    for category, word in row_keys(orders=False):
        held = [
            one
            for one in groups
            if category == "TOTAL" or (one["category"] == category and word in ("", one["keyword"]))
        ]
        values: list[Cell] = [_sum(held), _sum(held, lambda one: bool(one["is_detected"]))]
        values += [
            _sum(held, lambda one, column=column: column in {terms.COLUMN_OF[each] for each in one["types"]})  # type: ignore[misc]  # bound early
            for column in terms.RESTRICTIONS
        ]
        rows.append(
            (*_head(declared), terms.code_of(category, word), None, *values, *[None] * len(indicators))
        )
    return Sheet(name, (*_WIDE, *_with_context(indicators)), tuple(rows))


def _sum(groups: Iterable[Counted], keeps: Callable[[Counted], bool] = lambda _: True) -> int:
    return sum(int(one["n"]) for one in groups if keeps(one))


def _appeals(declared: Declared, counted: Counted) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    found: Counted = counted["appeals"]

    def add(section: str, indicator: str, scope: str, value: Cell, context: str | None = None) -> None:
        rows.append((*_head(declared), section, indicator, scope, value, context))

    def outcomes(section: str, indicator: str, one: Counted | None, *, omitted: bool) -> None:
        parts = [(terms.TOTAL_NUMBER, "n"), (terms.UPHELD, "upheld"), (terms.PARTIAL, "partial")]
        parts += [(terms.REVERSED, "reversed"), (terms.MEDIAN, "median")]
        for scope, name in [*parts, *([(terms.OMITTED, "omitted")] if omitted else [])]:
            value = None if one is None else one.get(name, None if name == "median" else 0)
            add(section, indicator, scope, value, terms.TIME_UNIT if name == "median" else None)

    complaints = found.get("complaints")
    outcomes(terms.SECTION_COMPLAINTS, terms.COMPLAINTS, complaints, omitted=True)
    new = None if complaints is None else complaints.get("new_restrictions")
    add(terms.SECTION_COMPLAINTS, terms.NEW_RESTRICTIONS, terms.TOTAL_NUMBER, new)
    for subject, indicator in terms.SUBJECTS.items():
        by_subject = found.get("subjects")
        one = None if by_subject is None else by_subject.get(subject, {})
        outcomes(terms.SECTION_COMPLAINTS, indicator, one, omitted=False)
    outcomes(terms.SECTION_DISPUTES, terms.DISPUTES, found.get("disputes"), omitted=True)
    share = (found.get("disputes") or {}).get("implemented")
    add(terms.SECTION_DISPUTES, terms.IMPLEMENTED, terms.TOTAL_NUMBER, share)
    for reason, indicator in terms.SUSPENSIONS.items():
        add(terms.SECTION_SUSPENSIONS, indicator, terms.TOTAL_NUMBER, declared.suspensions.get(reason))
    return Sheet(terms.APPEALS, _LONG, tuple(rows))


def _automated(declared: Declared, counted: Counted) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    section = "Automated means"
    in_scope: dict[str, Callable[[Counted], bool]] = {
        "Total number": lambda _: True,
        "Own-initiative": lambda one: one["source"] == "own",
        "NAM Total": lambda one: one["source"] in ("notice", "flagger"),
        "NAM Trusted Flagger": lambda one: one["source"] == "flagger",
    }
    for indicator, automated in ((terms.SOLELY_AUTOMATED, True), (terms.NOT_AUTOMATED, False)):
        for scope, keeps in in_scope.items():
            n = sum(
                one["n"]
                for one in counted["measures"]
                if keeps(one) and bool(one["is_automated"]) == automated
            )
            known = counted["knows_sources"] or scope == "Total number"
            rows.append((*_head(declared), section, indicator, scope, n if known else None, None))
    for indicator, name in (
        (terms.NOTICES_AUTOMATED, "automated"),
        (terms.NOTICES_NOT_AUTOMATED, "by_people"),
    ):
        for scope, who in (("NAM Total", "all"), ("NAM Trusted Flagger", "flagger")):
            held = counted["notices"].get(who, {}).get("TOTAL", {})
            value = held.get(name, 0) if counted["knows_sources"] else None
            rows.append((*_head(declared), section, indicator, scope, value, None))
    for name, indicator in terms.ACCURACY_INDICATORS.items():
        for scope in ("Total number", *(terms.LANGUAGES if declared.is_very_large else ())):
            one = counted["accuracy"]["machine"].get(scope, {}).get(name)
            value, context = (None, None) if one is None else (one["value"], said(one))
            rows.append((*_head(declared), section, indicator, scope, value, context))
    return Sheet(terms.AUTOMATED, _LONG, tuple(rows))


def said(estimate: Counted) -> str:
    """Return an estimate's interval and what it stands on, for its contextual cell."""
    corrected = ", corrected for auditors' errors" if estimate.get("is_corrected") else ""
    return (
        f"95% interval {estimate['low']:.4f} to {estimate['high']:.4f}; {estimate['n']} audits, "
        f"weighted by their sampling probability{corrected}"
    )


def _people(declared: Declared, counted: Counted) -> Sheet:
    found: Counted | None = counted["people"]
    rows: list[tuple[Cell, ...]] = []
    for indicator, name in ((terms.INTERNAL, "internal"), (terms.EXTERNAL, "external")):
        rows.append((*_lead(declared), indicator, "Total", found[name] if found else None, None))
    rows.append((*_lead(declared), terms.LINGUISTIC, "Total", found["total"] if found else None, None))
    spoken = found["languages"] if found else None
    for language in terms.LANGUAGES:
        value = None if spoken is None else spoken.get(language, 0)
        rows.append((*_lead(declared), terms.LINGUISTIC, language, value, None))
    return Sheet(terms.PEOPLE, _LONG, tuple(rows))


def _lead(declared: Declared) -> tuple[Cell, ...]:
    return (*_head(declared, applies=declared.is_very_large), "Human resources")


def _recipients(declared: Declared) -> Sheet:
    rows = tuple(
        (
            *_head(declared, applies=declared.is_very_large),
            "Active recipients",
            terms.ACTIVE_RECIPIENTS,
            scope,
            declared.recipients.get(scope),
        )
        for scope in ("TOTAL", *terms.MEMBER_STATES)
    )
    return Sheet(terms.RECIPIENTS, _LONG[:-1], rows)


def _words(declared: Declared, counted: Counted) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for name, indicator in terms.QUALITATIVE.items():
        text = declared.words.get(name, "").strip()
        if name == "indicators":
            text = "\n\n".join(part for part in (text, counted["accuracy"]["method"]) if part)
        if name == "headcount":
            text = text or HEADCOUNT
        applies = declared.is_very_large or name not in terms.OF_VERY_LARGE
        rows.append((*_head(declared, applies=applies), indicator, (text or None) if applies else None))
    return Sheet(terms.WORDS, (*_HEAD, "Indicator", "Value"), tuple(rows))


HEADCOUNT = (
    "A moderator is counted when she or he submitted at least one review "
    "in the reporting period; as internal "
    "when employed by the provider at the last of them, otherwise as "
    "external; and once for each language recorded."
)
