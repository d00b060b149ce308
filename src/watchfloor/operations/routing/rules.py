"""Which queue takes a case under a rule set. Pure: the rules, the queues' trials, and the case."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchfloor.operations.routing.conditions import Routable, first_match


@dataclass(frozen=True, slots=True)
class Target:
    """A queue as a rule set sees it: what share of the cases it takes, and its data boundary."""

    slug: str
    intake_share: float = 1.0
    data_boundary: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A rule set ready to be asked: conditions and target of each rule in order, and the default."""

    version: int
    conditions: tuple[tuple[Mapping[str, Any], ...], ...]
    names: tuple[str, ...]
    targets: tuple[Target, ...]
    default: Target | None = None


@dataclass(frozen=True, slots=True)
class Routed:
    """Where a case goes and by which rule; `rule` is None for the default, `queue` blank for nowhere."""

    queue: str
    rule: int | None = None
    rule_name: str = ""
    version: int = 0


def draw(key: str, salt: str) -> float:
    """Return a number in [0, 1) that depends on the key and the salt alone, so that a retry draws alike.

    >>> draw("case-1", "spam") == draw("case-1", "spam")
    True
    """
    digest = hashlib.blake2b(f"{salt}\x1f{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def route_one(plan: Plan, case: Routable, *, boundary: str = "") -> Routed:
    """Return where the case goes: the first matching rule whose queue takes it, else the default.

    A queue on trial takes its share and leaves the others to the rules below. With a `boundary`, only
    queues inside it may take the case; a queue inside a boundary takes only cases of that boundary.
    """
    index = first_match(plan.conditions, case)
    while index is not None:
        target = plan.targets[index]
        if target.data_boundary == boundary and draw(case.key, target.slug) < target.intake_share:
            return Routed(target.slug, index, plan.names[index], plan.version)
        index = first_match(plan.conditions, case, after=index)
    if plan.default is not None and plan.default.data_boundary == boundary:
        return Routed(plan.default.slug, None, "", plan.version)
    return Routed("", None, "", plan.version)


def moves(before: Plan | None, after: Plan, cases: Sequence[Routable]) -> dict[tuple[str, str], list[int]]:
    """Return which cases (by index) go elsewhere, by the queues before and after.

    Without a plan before, a case's place before is blank.
    """
    moved: dict[tuple[str, str], list[int]] = {}
    for index, case in enumerate(cases):
        then = route_one(before, case).queue if before else ""
        now = route_one(after, case).queue
        if then != now:
            moved.setdefault((then, now), []).append(index)
    return moved
