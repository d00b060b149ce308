"""The rule editor's form: plain fields in, rules out. Every act is a submit, so the keyboard is enough."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from watchfloor.operations.routing.conditions import LISTS, NUMBERS
from watchfloor.operations.routing.models import Rule, RuleSet
from watchfloor.operations.routing.services import NewRule

_ACT = re.compile(r"(up|down|remove|add|more|less)(?::(\d{1,3}))?(?::(\d{1,3}))?")
_MANY = ("any_of", "none_of", "all_of")
_BARE = ("known", "unknown")
KEPT = "(kept)"


@dataclass(frozen=True, slots=True)
class DraftCondition:
    """A condition as it is typed; lists are set apart by commas."""

    field: str = "language"
    operator: str = "is"
    value: str = ""


@dataclass(frozen=True, slots=True)
class DraftRule:
    """A rule as it is typed; `kept` is the row of a rule whose queue is out of the editor's reach."""

    name: str = ""
    queue: str = ""
    conditions: tuple[DraftCondition, ...] = ()
    kept: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule set as it is typed; `focus` names the field that the last act leaves the reader at."""

    rules: tuple[DraftRule, ...] = ()
    default_queue: str = ""
    note: str = ""
    focus: str = ""


def draft_of(rule_set: RuleSet | None, *, reached: Container[str]) -> Draft:
    """Return an editable copy of a rule set; rules for queues out of reach are kept closed."""
    if rule_set is None:
        return Draft(rules=(DraftRule(),))
    default = rule_set.default_queue
    return Draft(
        rules=tuple(
            DraftRule(rule.name, rule.queue.slug, tuple(_typed(one) for one in rule.conditions))
            if rule.queue.slug in reached
            else DraftRule(kept=rule.pk)
            for rule in rule_set.rules.all()
        ),
        default_queue="" if default is None else default.slug if default.slug in reached else KEPT,
    )


def read_draft(posted: Mapping[str, Any]) -> Draft:
    """Return what the form holds, in its order."""
    rules: dict[int, dict[int, DraftCondition]] = {}
    for name in posted:
        if match := re.fullmatch(r"r(\d{1,3})-(?:name|kept|c(\d{1,3})-field)", name):
            number = int(match[1])
            held = rules.setdefault(number, {})
            if match[2] is not None:
                place = f"r{number}-c{match[2]}"
                held[int(match[2])] = DraftCondition(
                    str(posted.get(f"{place}-field", "")),
                    str(posted.get(f"{place}-operator", "")),
                    str(posted.get(f"{place}-value", "")).strip(),
                )
    return Draft(
        rules=tuple(
            DraftRule(
                str(posted.get(f"r{number}-name", "")).strip(),
                str(posted.get(f"r{number}-queue", "")),
                tuple(conditions[key] for key in sorted(conditions)),
                _row_number(posted.get(f"r{number}-kept", "")),
            )
            for number, conditions in sorted(rules.items())
        ),
        default_queue=str(posted.get("default_queue", "")),
        note=str(posted.get("note", "")).strip(),
    )


def act(draft: Draft, asked: str) -> Draft:
    """Return the draft after an act: `up:2`, `down:2`, `remove:2`, `add`, `more:2` or `less:2:0`."""
    match = _ACT.fullmatch(asked)
    if match is None:
        return draft
    what, rule, condition = match[1], int(match[2] or 0), int(match[3] or 0)
    rules = list(draft.rules)
    if what == "add":
        return replace(draft, rules=(*rules, DraftRule()), focus=f"r{len(rules)}-name")
    if rule >= len(rules):
        return draft
    if what in ("up", "down"):
        to = max(0, min(len(rules) - 1, rule + (-1 if what == "up" else 1)))
        rules.insert(to, rules.pop(rule))
        return replace(draft, rules=tuple(rules), focus=f"{what}:{to}")
    if what == "remove":
        del rules[rule]
        return replace(draft, rules=tuple(rules), focus="add")
    rules[rule], focus = _conditions(rules[rule], rule, what, condition)
    return replace(draft, rules=tuple(rules), focus=focus)


def new_rules(draft: Draft) -> list[NewRule]:
    """Return the rules as the service takes them; what cannot be a condition stays, for it to name."""
    rows = Rule.objects.filter(pk__in=[rule.kept for rule in draft.rules if rule.kept]).select_related(
        "queue"
    )
    kept = {row.pk: NewRule(row.name, row.queue.slug, tuple(row.conditions)) for row in rows.order_by("pk")}
    return [
        kept[rule.kept]
        if rule.kept in kept
        else NewRule(rule.name or rule.queue, rule.queue, tuple(_condition(one) for one in rule.conditions))
        for rule in draft.rules
    ]


def written(condition: Mapping[str, Any]) -> str:
    """Return a condition's value as it is typed."""
    value = condition.get("value")
    if value is None:
        return ""
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)


def _row_number(written_number: object) -> int:
    text = str(written_number)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _conditions(rule: DraftRule, number: int, what: str, condition: int) -> tuple[DraftRule, str]:
    held: Sequence[DraftCondition] = rule.conditions
    if what == "more":
        kept = (*held, DraftCondition())
        return replace(rule, conditions=kept), f"r{number}-c{len(held)}-field"
    kept = tuple(one for place, one in enumerate(held) if place != condition)
    return replace(rule, conditions=kept), f"more:{number}"


def _typed(condition: Mapping[str, Any]) -> DraftCondition:
    return DraftCondition(str(condition["field"]), str(condition["operator"]), written(condition))


def _condition(one: DraftCondition) -> dict[str, Any]:
    made: dict[str, Any] = {"field": one.field, "operator": one.operator}
    if one.operator in _BARE:
        return made
    if one.operator in _MANY or one.field in LISTS:
        return made | {"value": [part.strip() for part in one.value.split(",") if part.strip()]}
    if one.field in NUMBERS:
        try:
            return made | {"value": float(one.value)}
        except ValueError:
            return made | {"value": one.value}
    return made | {"value": one.value}
