"""Who looks, and how far: roles, what each may do, and the scope of each grant. Pure; no database.

`people.viewers` builds a `Viewer` from a signed-in user or an API client. Selectors take it as `viewer` and
filter by its grants; views and services ask `viewer.require(permission)`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Q

from watchfloor.kernel import WatchfloorError

ALL_BOUNDARIES = "*"

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        "floor.view": "See the live floor and queue pages",
        "queues.view": "See queues and their versions",
        "queues.change": "Create and change queues",
        "policies.view": "See policies and labels",
        "policies.change": "Write and publish policies",
        "people.view": "See sites, teams and reviewers",
        "people.change": "Change sites, teams, reviewers and certifications",
        "cases.view": "See cases, reviews and decisions",
        "cases.enqueue": "Send cases",
        "cases.work": "Claim and review cases",
        "changes.view": "See the change log",
        "audit.view": "See the audit trail",
        "metrics.view": "Ask for metrics",
        "imports.view": "See import reports",
        "imports.run": "Import logs",
        "wellbeing.view": "See wellbeing records of one person",
        "access.change": "Grant roles and issue tokens",
        "queues.approve": "Approve changes of queues and launches",
        "strategies.change": "Change strategies and routing rules",
        "cases.assign": "Send, hold and re-assign cases",
        "cases.decide": "Let machines claim and submit for reviewers",
        "decisions.view": "Read the feed of decisions",
        "decisions.correct": "Correct, withdraw and reopen decisions",
        "callbacks.view": "See callbacks and dead letters",
        "callbacks.change": "Change callback endpoints and replay dead letters",
        "appeals.file": "File appeals",
        "appeals.view": "See appeals",
        "statements.export": "Export statements of reasons",
        "quality.view": "See audits, golden cases and disputes",
        "quality.audit": "Audit reviews and adjudicate disputes",
        "quality.change": "Write golden cases, sampling designs and certifications",
        "wellbeing.change": "Change exposure caps",
        "wellbeing.rules": "See the rules that limit exposure",
        "metrics.change": "Propose metric definitions",
        "metrics.approve": "Approve and retire metric definitions",
        "targets.view": "See targets and how they were set",
        "targets.change": "Propose and negotiate targets",
        "targets.approve": "Approve and publish targets",
        "scorecards.view": "See scorecards of teams, sites, vendors and queues",
        "scorecards.people": "See scorecards of reviewers",
        "contracts.view": "See vendor contracts, credits and invoice checks",
        "contracts.change": "Write vendor contracts and check invoices",
        "dashboards.change": "Compose and share dashboards",
        "alerts.view": "See alerts and their rules",
        "alerts.change": "Write alert rules and settle alerts",
        "reports.view": "See reports",
        "reports.publish": "Make, freeze and publish reports",
    }
)

_LOOK = (
    "floor.view",
    "queues.view",
    "policies.view",
    "changes.view",
    "metrics.view",
    "targets.view",
    "alerts.view",
    "wellbeing.rules",
)
_MEASURE = (
    "metrics.change",
    "targets.change",
    "scorecards.view",
    "contracts.view",
    "dashboards.change",
    "alerts.change",
    "reports.view",
)

ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "reviewer": frozenset({"policies.view", "cases.work", "wellbeing.rules"}),
        "auditor": frozenset(
            {
                *_LOOK,
                "scorecards.view",
                "cases.view",
                "cases.work",
                "quality.view",
                "quality.audit",
                "quality.change",
                "decisions.correct",
                "appeals.view",
            }
        ),
        "team_lead": frozenset(
            {
                *_LOOK,
                "scorecards.view",
                "scorecards.people",
                "targets.change",
                "alerts.change",
                "people.view",
                "cases.view",
                "cases.assign",
                "quality.view",
                "decisions.correct",
                "appeals.view",
            }
        ),
        "site_lead": frozenset(
            {
                *_LOOK,
                "scorecards.view",
                "scorecards.people",
                "targets.change",
                "alerts.change",
                "reports.view",
                "people.view",
                "people.change",
                "cases.view",
                "cases.assign",
                "quality.view",
            }
        ),
        "vendor_manager": frozenset(
            {
                *_LOOK,
                "scorecards.view",
                "contracts.view",
                "contracts.change",
                "targets.change",
                "reports.view",
                "people.view",
                "people.change",
            }
        ),
        "strategist": frozenset(
            {
                *_LOOK,
                *_MEASURE,
                "scorecards.people",
                "targets.approve",
                "reports.publish",
                "people.view",
                "cases.view",
                "queues.change",
                "queues.approve",
                "policies.change",
                "strategies.change",
                "cases.assign",
                "imports.view",
                "quality.view",
                "quality.change",
                "appeals.view",
                "callbacks.view",
                "decisions.view",
                "decisions.correct",
                "statements.export",
            }
        ),
        "analyst": frozenset(
            {
                *_LOOK,
                *_MEASURE,
                "scorecards.people",
                "metrics.approve",
                "reports.publish",
                "people.view",
                "cases.view",
                "imports.view",
                "imports.run",
                "quality.view",
                "appeals.view",
            }
        ),
        "engineer": frozenset(
            {
                *_LOOK,
                "cases.enqueue",
                "cases.decide",
                "decisions.view",
                "decisions.correct",
                "appeals.file",
                "appeals.view",
                "callbacks.view",
                "callbacks.change",
                "imports.view",
                "imports.run",
                "audit.view",
            }
        ),
        "regulator": frozenset({"policies.view", "metrics.view", "statements.export", "reports.view"}),
        "wellbeing": frozenset({"people.view", "wellbeing.view", "wellbeing.change", "wellbeing.rules"}),
        # What is kept of one person is for the wellbeing role alone; see docs/decisions/0012-wellbeing.md.
        "administrator": frozenset(PERMISSIONS) - {"wellbeing.view"},
    }
)


class NotPermittedError(WatchfloorError):
    """The viewer's roles do not allow what was asked."""

    status = 403


class NotFoundError(WatchfloorError):
    """There is no such thing within the viewer's reach; whether it exists elsewhere stays unsaid."""

    status = 404


@dataclass(frozen=True, slots=True)
class GrantScope:
    """One role and where it holds; blank means everywhere, save that a data boundary must be named.

    `data_boundary` blank sees only what lies outside every boundary; `*` sees all of them.
    """

    role: str
    queue_group: str = ""
    site: str = ""
    market: str = ""
    data_boundary: str = ""

    @property
    def permissions(self) -> frozenset[str]:
        """What the role allows."""
        return ROLES.get(self.role, frozenset())


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks: a name for the audit trail and the grants that hold now."""

    name: str
    grants: tuple[GrantScope, ...] = ()
    user_id: int | None = None

    @classmethod
    def system(cls, name: str = "system") -> "Viewer":
        """Return the viewer of background work, which sees everything."""
        return cls(name=name, grants=(GrantScope("administrator", data_boundary=ALL_BOUNDARIES),))

    @property
    def roles(self) -> frozenset[str]:
        """The roles held anywhere."""
        return frozenset(grant.role for grant in self.grants)

    def can(self, permission: str) -> bool:
        """Return whether any grant allows `permission`, somewhere."""
        return any(permission in grant.permissions for grant in self.grants)

    def require(self, permission: str) -> None:
        """Refuse unless a grant allows `permission`.

        Raises:
            NotPermittedError: none does.

        """
        if not self.can(permission):
            raise NotPermittedError(
                f"{self.name} may not: {PERMISSIONS[permission].lower()} ({permission}).",
                remedy="Ask an administrator for a role that allows it.",
            )

    def scope(
        self,
        permission: str,
        *,
        queue_group: str | None = None,
        sites: str | None = None,
        market: str | None = None,
        data_boundary: str | None = None,
    ) -> Q:
        """Return the filter for what the grants with `permission` reach.

        Each argument names the lookup that carries that dimension, or None where rows have none; an
        argument that ends in `__contains` is asked with a list. Without a grant nothing matches.
        """
        self.require(permission)
        reach = Q(pk__in=[])
        for grant in self.grants:
            if permission not in grant.permissions:
                continue
            one = Q()
            for lookup, value in (
                (queue_group, grant.queue_group),
                (sites, grant.site),
                (market, grant.market),
            ):
                if lookup and value:
                    one &= _equals(lookup, value)
            if data_boundary and grant.data_boundary != ALL_BOUNDARIES:
                one &= _within(data_boundary, grant.data_boundary)
            reach |= one if one else Q(pk__isnull=False)
        return reach

    def reaches(self, permission: str, place: Mapping[str, str | Iterable[str]]) -> bool:
        """Return whether a grant with `permission` covers a place given by its dimensions."""
        return any(permission in grant.permissions and _covers(grant, place) for grant in self.grants)


def _equals(lookup: str, value: str) -> Q:
    if lookup.endswith("__contains"):
        return Q(**{lookup: [value]})
    return Q(**{lookup: value})


def _within(lookup: str, boundary: str) -> Q:
    outside = Q(**{f"{lookup}__isnull": True}) if "__" in lookup else Q(**{lookup: ""})
    return outside | Q(**{lookup: boundary}) if boundary else outside


def _covers(grant: GrantScope, place: Mapping[str, str | Iterable[str]]) -> bool:
    for name in ("queue_group", "site", "market"):
        wanted = getattr(grant, name)
        held = place.get(name, "")
        held_values = {held} if isinstance(held, str) else set(held)
        if wanted and wanted not in held_values:
            return False
    boundary = place.get("data_boundary", "")
    return grant.data_boundary == ALL_BOUNDARIES or boundary in {"", grant.data_boundary}
