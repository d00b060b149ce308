"""Which queue takes a case under a rule set. Pure: the rules, the queues' trials, and the case."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchfloor.operations.routing.conditions import Routable, first_match


@dataclass(frozen=True, slots=True)
class Target:
    """A queue as a rule set sees it: whether and what share of the cases it takes, and where it lies.

    No languages mean every language.
    """

    slug: str
    intake_share: float = 1.0
    data_boundary: str = ""
    languages: frozenset[str] = frozenset()
    accepts: bool = True

    def takes(self, case: Routable, *, boundary: str) -> bool:
        """Return whether the queue may take the case at all, its share on trial aside."""
        speaks = not self.languages or not case.language or case.language in self.languages
        return self.accepts and speaks and self.data_boundary == boundary


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

    A queue on trial takes its share and leaves the others to the rules below. A queue that takes no cases,
    or not this language, is passed over, so that a rule never rejects a case. With a `boundary`, only queues
    inside it may take the case; a queue inside a boundary takes only cases of that boundary.
    """
    index = first_match(plan.conditions, case)
    while index is not None:
        target = plan.targets[index]
        if target.takes(case, boundary=boundary) and draw(case.key, target.slug) < target.intake_share:
            return Routed(target.slug, index, plan.names[index], plan.version)
        index = first_match(plan.conditions, case, after=index)
    if plan.default is not None and plan.default.takes(case, boundary=boundary):
        return Routed(plan.default.slug, None, "", plan.version)
    return Routed("", None, "", plan.version)


@dataclass(frozen=True, slots=True)
class Moves:
    """Where cases stand and where rules would send them: case numbers by (from, to), moved or not."""

    by_pair: Mapping[tuple[str, str], tuple[int, ...]]
    total: int

    @property
    def moved(self) -> int:
        """How many cases would go elsewhere."""
        return sum(len(cases) for (before, after), cases in self.by_pair.items() if before != after)

    def arrivals(self) -> dict[str, tuple[int, int]]:
        """Return cases before and after, by queue."""
        counted: dict[str, tuple[int, int]] = {}
        for (before, after), cases in self.by_pair.items():
            then, now = counted.get(before, (0, 0))
            counted[before] = (then + len(cases), now)
            then, now = counted.get(after, (0, 0))
            counted[after] = (then, now + len(cases))
        return counted


def moves(plan: Plan, cases: Sequence[tuple[str, Routable, str]]) -> Moves:
    """Return where each case (its queue, what is known of it, its boundary) would go under the plan.

    >>> plan = Plan(1, ((),), ("all",), (Target("new"),))
    >>> moves(plan, [("old", Routable(), ""), ("new", Routable(), "")]).moved
    1
    """
    found: dict[tuple[str, str], list[int]] = {}
    for number, (before, case, boundary) in enumerate(cases):
        after = route_one(plan, case, boundary=boundary).queue
        found.setdefault((before, after), []).append(number)
    return Moves({pair: tuple(numbers) for pair, numbers in found.items()}, len(cases))


def asked_fields(plan: Plan) -> frozenset[str]:
    """Return the fields that any rule asks for, so that a costly one is read only when it is needed."""
    return frozenset(str(one["field"]) for conditions in plan.conditions for one in conditions)
