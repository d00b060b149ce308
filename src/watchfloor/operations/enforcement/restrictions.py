"""What a decision restricts: stated with the answer, or derived from its action. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from watchfloor.operations.enforcement.models import Restriction
from watchfloor.operations.enforcement.vocabulary import (
    RESTRICTION_OF_ACTION,
    RESTRICTION_TYPES,
    SCOPE_OF,
)

LONGEST_DAYS = 36_500
_GIVEN = "restrictions"


def restrictions_of(row: Mapping[str, Any]) -> list[Restriction]:
    """Return the restrictions of a decision, one a type, starting when it was made.

    A decision that is not enforced, or finds no violation, restricts nothing. An answer may carry the field
    `restrictions`, a list of objects with `type` and, where they apply, `ends_at` or `days` and
    `territories`; otherwise the decision's action says the type, and the fields `restriction_days` and
    `territories` how long and where.
    """
    if not row["enforced"] or not row["violative"]:
        return []
    answer = row["answer"] if isinstance(row["answer"], Mapping) else {}
    given = answer.get(_GIVEN)
    stated = given if isinstance(given, list) else []
    by_type = {
        str(one["type"]): _restriction(row, str(one["type"]), one, is_given=True)
        for one in stated
        if isinstance(one, Mapping) and one.get("type") in RESTRICTION_TYPES
    }
    if by_type:
        return list(by_type.values())
    derived = RESTRICTION_OF_ACTION.get(row["action"])
    if derived is None:
        return []
    said = {"days": answer.get("restriction_days"), "territories": answer.get("territories")}
    return [_restriction(row, derived, said, is_given=False)]


def _restriction(
    row: Mapping[str, Any], type_: str, said: Mapping[str, Any], *, is_given: bool
) -> Restriction:
    starts_at: datetime = row["decided_at"]
    return Restriction(
        decision_id=row["decision_id"],
        type=type_,
        scope=SCOPE_OF[type_],
        territories=_territories(said.get("territories")),
        starts_at=starts_at,
        ends_at=_end(starts_at, said),
        is_given=is_given,
    )


def _end(starts_at: datetime, said: Mapping[str, Any]) -> datetime | None:
    days = said.get("days")
    if isinstance(days, int | float) and not isinstance(days, bool) and 0 < days <= LONGEST_DAYS:
        return starts_at + timedelta(days=days)
    written = said.get("ends_at")
    if isinstance(written, str):
        try:
            ends_at = datetime.fromisoformat(written)
        except ValueError:
            return None
        if ends_at.tzinfo is not None and ends_at > starts_at:
            return ends_at
    return None


def _territories(said: Any) -> list[str]:
    if not isinstance(said, list):
        return []
    return sorted({code for code in said if isinstance(code, str) and len(code) == 2 and code.isupper()})
