"""What a routing rule may ask of a case, and whether it holds. Pure: no database, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TEXTS = ("surface", "language", "market", "strategy", "source", "severity", "author")
LISTS = ("labels", "topics")
NUMBERS = ("risk_score", "media_seconds", "author_cases_90d", "author_violations_90d")
FIELDS = (*TEXTS, *LISTS, *NUMBERS)
OPERATORS: Mapping[str, tuple[str, ...]] = {
    "is": TEXTS,
    "is_not": TEXTS,
    "any_of": (*TEXTS, *LISTS),
    "none_of": (*TEXTS, *LISTS),
    "all_of": LISTS,
    "at_least": NUMBERS,
    "below": NUMBERS,
    "known": FIELDS,
    "unknown": FIELDS,
}
MOST_CONDITIONS = 20


@dataclass(frozen=True, slots=True)
class Routable:
    """What routing knows of a case. Blank text, an empty list and None all mean: not known.

    `key` is any text that names the case for good; it decides whether a queue on trial takes it.
    """

    key: str = ""
    surface: str = ""
    language: str = ""
    market: str = ""
    strategy: str = ""
    source: str = ""
    severity: str = ""
    author: str = ""
    labels: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    risk_score: float | None = None
    media_seconds: float | None = None
    author_cases_90d: int | None = None
    author_violations_90d: int | None = None


def holds(condition: Mapping[str, Any], case: Routable) -> bool:
    """Return whether one condition holds; a number that is not known meets no threshold.

    >>> holds({"field": "risk_score", "operator": "at_least", "value": 0.8}, Routable(risk_score=0.9))
    True
    >>> holds({"field": "labels", "operator": "any_of", "value": ["spam"]}, Routable())
    False
    """
    known = getattr(case, condition["field"])
    operator, wanted = condition["operator"], condition.get("value")
    if operator == "known":
        return _is_known(known)
    if operator == "unknown":
        return not _is_known(known)
    if operator in ("at_least", "below"):
        if known is None:
            return False
        return bool(known >= wanted) if operator == "at_least" else bool(known < wanted)
    if operator in ("is", "is_not"):
        return bool((known == wanted) == (operator == "is"))
    held: set[str] = set(known) if isinstance(known, tuple) else {known}
    if operator == "all_of":
        return bool(held >= set(wanted or ()))
    overlaps = bool(held & set(wanted or ()))
    asked: bool = operator == "any_of"
    return overlaps == asked


def _is_known(value: object) -> bool:
    return value not in ("", (), None)


def first_match(
    rules: Sequence[Sequence[Mapping[str, Any]]], case: Routable, *, after: int = -1
) -> int | None:
    """Return the index of the first rule after `after` whose conditions all hold; None without one.

    >>> first_match([[{"field": "language", "operator": "is", "value": "de"}], []], Routable(language="fr"))
    1
    """
    for index in range(after + 1, len(rules)):
        if all(holds(condition, case) for condition in rules[index]):
            return index
    return None


def condition_faults(conditions: Any) -> list[str]:
    """Return what is wrong with a rule's conditions, one sentence each; empty when they can be used."""
    if not isinstance(conditions, list | tuple):
        return [f"Conditions are a list, not {type(conditions).__name__}."]
    if len(conditions) > MOST_CONDITIONS:
        return [f"A rule has {len(conditions)} conditions; the limit is {MOST_CONDITIONS}."]
    faults = []
    for condition in conditions:
        if not isinstance(condition, Mapping) or set(condition) - {"field", "operator", "value"}:
            faults.append(f"{condition!r} is not a condition; give field, operator and value.")
            continue
        field, value = condition.get("field"), condition.get("value")
        operator = str(condition.get("operator"))
        if field not in FIELDS:
            faults.append(f"There is no field {field!r}; use one of {', '.join(FIELDS)}.")
        elif operator not in OPERATORS or field not in OPERATORS[operator]:
            usable = ", ".join(name for name, fields in OPERATORS.items() if field in fields)
            faults.append(f"Field {field!r} cannot be asked {operator!r}; use one of {usable}.")
        elif not _fits(operator, value):
            faults.append(f"{value!r} is no value for {field} {operator}.")
    return faults


def _fits(operator: str, value: Any) -> bool:
    if operator in ("known", "unknown"):
        return value is None
    if operator in ("at_least", "below"):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if operator in ("is", "is_not"):
        return isinstance(value, str)
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(each, str) for each in value)
