"""Exposure of teams: sums over whole weeks, shown for groups that are large enough and never for one person.

A cell stands for the people who contributed to it. Below `MINIMUM_GROUP` of them it is hidden; and where a
site's sum is shown, so many further teams are hidden that the difference stands for a group as large.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Count, Sum

from watchfloor.kernel import Period
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.wellbeing.models import Tally

MINIMUM_GROUP = 5
WEEKS = 4


@dataclass(frozen=True, slots=True)
class GroupSum:
    """What a group saw of a class; None where too few people stand behind it."""

    cases: int | None
    minutes: float | None
    cases_per_person_week: float | None


HIDDEN = GroupSum(None, None, None)


@dataclass(frozen=True, slots=True)
class SiteExposure:
    """A site's sum of one class and its teams'."""

    site: str
    wellness_class: str
    total: GroupSum
    teams: tuple[tuple[str, GroupSum], ...]


def whole_weeks(now: datetime) -> Period:
    """Return the last four whole weeks: sums over a period of one's choice could be subtracted."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = today - timedelta(days=today.weekday())
    return Period(end - timedelta(weeks=WEEKS), end)


def hidden_groups(people: Mapping[str, int], *, minimum: int = MINIMUM_GROUP) -> frozenset[str]:
    """Return which groups are hidden so that no sum, and no difference to the total, stands for too few.

    >>> sorted(hidden_groups({"a": 9, "b": 7, "c": 2}))
    ['b', 'c']
    >>> sorted(hidden_groups({"a": 9, "b": 7}))
    []
    """
    ranked = sorted(people, key=lambda group: (people[group], group))
    hidden = [group for group in ranked if people[group] < minimum]
    shown = [group for group in ranked if people[group] >= minimum]
    while shown and hidden and sum(people[group] for group in hidden) < minimum:
        hidden.append(shown.pop(0))
    return frozenset(hidden)


def team_exposure(*, viewer: Viewer, now: datetime) -> list[SiteExposure]:
    """Return the exposure of the sites and teams within reach of the last whole weeks, by site and class."""
    period = whole_weeks(now)
    reach = viewer.scope(
        "people.view", sites="reviewer__team__site__slug", data_boundary="reviewer__data_boundary__slug"
    )
    rows = (
        Tally.objects.filter(reach, hour_at__gte=period.start, hour_at__lt=period.end)
        .values("reviewer__team__site__name", "reviewer__team__name", "wellness_class")
        .annotate(people=Count("reviewer", distinct=True), total=Sum("cases"), shown_ms=Sum("visible_ms"))
        .order_by("reviewer__team__site__name", "-wellness_class", "reviewer__team__name")
    )
    by_site: dict[tuple[str, str], list[tuple[str, int, int, int]]] = {}
    for row in rows:
        key = (row["reviewer__team__site__name"], row["wellness_class"])
        by_site.setdefault(key, []).append(
            (row["reviewer__team__name"], row["people"], row["total"], row["shown_ms"])
        )
    return [_site(site, wellness, teams) for (site, wellness), teams in by_site.items()]


def _site(site: str, wellness_class: str, teams: Sequence[tuple[str, int, int, int]]) -> SiteExposure:
    hidden = hidden_groups({name: people for name, people, _, _ in teams})
    everybody = [sum(parts) for parts in zip(*((p, c, m) for _, p, c, m in teams), strict=True)]
    return SiteExposure(
        site=site,
        wellness_class=wellness_class,
        total=_sum(*everybody) if everybody[0] >= MINIMUM_GROUP else HIDDEN,
        teams=tuple((name, HIDDEN if name in hidden else _sum(p, c, m)) for name, p, c, m in teams),
    )


def _sum(people: int, cases: int, shown_ms: int) -> GroupSum:
    return GroupSum(cases, shown_ms / 60_000, cases / people / WEEKS)
