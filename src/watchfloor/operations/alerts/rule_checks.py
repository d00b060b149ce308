"""What a rule says, and the limits it has to keep: lists, windows, persistence, guards of each kind."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from math import isfinite
from zoneinfo import available_timezones

from watchfloor.operations.alerts.errors import RuleError
from watchfloor.operations.alerts.vocabulary import (
    BURN_PAIRS,
    COMPARISONS,
    DEDUPLICATIONS,
    KINDS,
    ROUTES,
    SEVERITIES,
    WATCHED_FACTS,
    WATCHED_PURPOSES,
)
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets.scopes import checked_scope

SHORTEST_WINDOW, LONGEST_WINDOW = 300, 28 * 86_400
MOST_LOOKED = 60
_SLUG = re.compile(r"[a-z0-9-]{1,80}\Z")


@dataclass(frozen=True, slots=True)
class NewRule:
    """What a rule says. Values stand in the metric's unit; a level of None is the target in force."""

    slug: str
    title: str
    metric_id: str = ""
    kind: str = "level"
    scope: Mapping[str, Sequence[str]] = field(default_factory=dict)
    by: Sequence[str] = ()
    window_seconds: int = 3_600
    every_seconds: int = 60
    comparison: str = "above"
    level: float | None = None
    needed: int = 2
    looked: int = 3
    min_n: int = 30
    growth_share: float | None = None
    absolute_change: float | None = None
    prior_min: float | None = None
    burn_pairs: Sequence[Sequence[float]] = ()
    severity: str = "medium"
    owner: str = ""
    route: str = "rule"
    quiet_from: time | None = None
    quiet_until: time | None = None
    time_zone: str = "UTC"
    deduplicate: str = "unit"
    cool_down_seconds: int = 3_600
    reason: str = ""


def check_lists(new: NewRule) -> None:
    """Refuse a rule whose name, title or choices are not from the closed lists.

    Raises:
        RuleError: the message says what is allowed.

    """
    for name, value, allowed in (
        ("kind", new.kind, KINDS),
        ("comparison", new.comparison, COMPARISONS),
        ("severity", new.severity, SEVERITIES),
        ("route", new.route, ROUTES),
        ("deduplicate", new.deduplicate, DEDUPLICATIONS),
    ):
        if value not in allowed:
            raise RuleError(f"{name} cannot be {value!r}.", remedy=f"Use {', '.join(allowed)}.")
    if not _SLUG.match(new.slug):
        raise RuleError(
            f"{new.slug!r} is no name of a rule.", remedy="Use small letters, digits and -, at most 80."
        )
    if not new.title.strip():
        raise RuleError("The rule has no title.", remedy="Say in a few words what it watches.")
    if new.time_zone not in available_timezones():
        raise RuleError(
            f"There is no time zone {new.time_zone!r}.", remedy="Write one such as Europe/Dublin."
        )


def checked(new: NewRule) -> dict[str, list[str]]:
    """Return the scope in canonical order, after every limit of the kind was held.

    Raises:
        RuleError: a limit is not kept; the message names it.
        ScopeError: the metric cannot be split or narrowed like that.

    """
    _check_numbers(new)
    if new.kind == "freshness":
        return _checked_freshness(new)
    definition = catalogue()[new.metric_id]
    scope = checked_scope(new.scope, definition=definition)
    checked_scope(dict.fromkeys(new.by, ("*",)), definition=definition)
    wrong = sorted(set(scope.get("purpose", ())) - set(WATCHED_PURPOSES))
    if wrong:
        raise RuleError(
            f"Queues for {', '.join(wrong)} set off no alert.",
            remedy=f"Watch {' or '.join(WATCHED_PURPOSES)} queues.",
        )
    if "reviewer" in (*scope, *new.by):
        raise RuleError(
            "Alerts name no person.", remedy="Watch a queue, team or site; people have their scorecards."
        )
    if new.kind == "burst" and not (new.growth_share and new.absolute_change and new.prior_min):
        raise RuleError(
            "A burst needs its growth, its daily change and the volume before, all above 0.",
            remedy="Give all three: one alone fires on noise.",
        )
    if new.kind == "yield" and (not new.prior_min or new.level is None):
        raise RuleError(
            "A yield needs its level and its least volume a day.", remedy="Give both, the volume above 0."
        )
    if new.kind == "budget_burn":
        _check_budget(new, unit=definition.unit)
    return scope


def _check_numbers(new: NewRule) -> None:
    if not SHORTEST_WINDOW <= new.window_seconds <= LONGEST_WINDOW:
        raise RuleError(
            f"A window of {new.window_seconds} s does not fit.",
            remedy="Take five minutes to four weeks.",
        )
    if not 60 <= new.every_seconds <= 86_400:
        raise RuleError(
            f"Looking every {new.every_seconds} s does not fit.", remedy="Take a minute to a day."
        )
    if not 1 <= new.needed <= new.looked <= MOST_LOOKED:
        raise RuleError(
            f"{new.needed} of the last {new.looked} evaluations cannot be.",
            remedy=f"Ask for 1 to {MOST_LOOKED}, and no more than are looked at.",
        )
    if (new.quiet_from is None) != (new.quiet_until is None):
        raise RuleError("Quiet hours have one end.", remedy="Give both ends, or none.")
    numbers = (new.level, new.growth_share, new.absolute_change, new.prior_min)
    if any(number is not None and not isfinite(number) for number in numbers):
        raise RuleError("A limit is no number.", remedy="Write a finite number.")


def _check_budget(new: NewRule, *, unit: str) -> None:
    if unit != "share":
        raise RuleError(f"{new.metric_id} has no error budget.", remedy="Choose a metric that is a share.")
    pairs = [tuple(pair) for pair in new.burn_pairs]
    if not pairs or any(len(pair) != 2 or pair[0] <= 0 or not 1 <= pair[1] <= 672 for pair in pairs):
        suggested = " and ".join(f"{rate:g}× over {hours} h" for rate, hours in BURN_PAIRS)
        raise RuleError("A budget needs its burn rates.", remedy=f"Usual for thirty days are {suggested}.")
    if new.level is not None and not 0 < new.level < 1:
        raise RuleError(f"{new.level:g} leaves no budget.", remedy="Give a share between 0 and 1.")


def _checked_freshness(new: NewRule) -> dict[str, list[str]]:
    if not new.level or new.level < 60:
        raise RuleError("Freshness needs its longest age.", remedy="Give at least 60 seconds.")
    wrong = sorted(set(new.scope.get("fact", ())) - set(WATCHED_FACTS))
    if wrong or set(new.scope) - {"fact"} or new.by:
        raise RuleError(
            "Freshness is asked of facts alone.", remedy=f"Name some of {', '.join(WATCHED_FACTS)}, or none."
        )
    return {name: sorted(values) for name, values in new.scope.items() if values}


def place_of(scope: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return where a rule belongs: the group and boundary of the queues it names, and its one site.

    Raises:
        RuleError: a queue is unknown, or they lie in different boundaries.

    """
    named = scope.get("queue", ())
    place = {"queue_group": "", "site": "", "data_boundary": ""}
    if len(scope.get("site", ())) == 1:
        place["site"] = scope["site"][0]
    if len(scope.get("data_boundary", ())) == 1:
        place["data_boundary"] = scope["data_boundary"][0]
    if not named:
        return place
    found = list(
        queues(viewer=Viewer.system("alerts")).select_related("data_boundary").filter(slug__in=list(named))
    )
    if unknown := sorted(set(named) - {queue.slug for queue in found}):
        raise RuleError(f"There is no queue {', '.join(unknown)}.", remedy="Check the names.")
    boundaries = {queue.data_boundary.slug if queue.data_boundary else "" for queue in found}
    if len(boundaries) > 1:
        raise RuleError(
            "The queues lie in different data boundaries.", remedy="Write one rule for each boundary."
        )
    groups = {queue.group for queue in found}
    return place | {
        "queue_group": groups.pop() if len(groups) == 1 else "",
        "data_boundary": boundaries.pop(),
    }
