"""Reads of the catalogue: every metric with where it stands, and one with its versions and its lineage."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.kernel import Period
from watchfloor.metrics.availability import Availability
from watchfloor.metrics.definition import Definition
from watchfloor.operations.catalogue.models import Proposal, Restatement, Retirement
from watchfloor.operations.cells.warehouse import catalogue, store_of
from watchfloor.operations.record.models import ChangeEvent
from watchfloor.operations.record.viewers import NotFoundError, Viewer

_LOOKED_BACK = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Listed:
    """A metric in the list. `state` is `in_force`, `proposed` (a version waits) or `retired`."""

    definition: Definition
    state: str
    open_proposal: Proposal | None
    replacement: str
    no_data: str


def listed(
    *, viewer: Viewer, operation: str, now: datetime, family: str = "", sought: str = ""
) -> list[Listed]:
    """Return the metrics by family and code, narrowed by family and by words of id or name."""
    viewer.require("metrics.view")
    opened = {each.metric_id: each for each in Proposal.objects.filter(state__in=("draft", "proposed"))}
    retired = {each.metric_id: each for each in Retirement.objects.all()}
    availability = Availability(store_of(operation).snapshot(), Period(now - _LOOKED_BACK, now), now)
    found = []
    for definition in catalogue().values():
        if family and definition.family != family:
            continue
        written = f"{definition.id} {definition.code} {definition.name.en} {definition.name.zh_hans}".lower()
        if not all(word in written for word in sought.lower().split()):
            continue
        waiting = opened.get(definition.id)
        state = "retired" if definition.id in retired else ("proposed" if waiting else "in_force")
        gone = retired.get(definition.id)
        found.append(
            Listed(
                definition,
                state,
                waiting,
                gone.replacement if gone else "",
                availability.why_not(definition) or "",
            )
        )
    return sorted(found, key=lambda one: (_FAMILIES.index(one.definition.family), _code(one.definition)))


def definition_of(metric_id: str) -> Definition:
    """Return the definition in force.

    Raises:
        NotFoundError: there is none of that id.

    """
    known = catalogue()
    if metric_id not in known:
        raise NotFoundError(f"There is no metric {metric_id!r}.", remedy="The catalogue lists them all.")
    return known[metric_id]


def in_force(metric_id: str) -> Definition | None:
    """Return the definition in force, None where there is none of that id."""
    known = catalogue()
    return known[metric_id] if metric_id in known else None  # noqa: SIM401 -- its get() suggests, and raises


def proposal_of(proposal_id: int) -> Proposal:
    """Return a proposal.

    Raises:
        NotFoundError: there is none.

    """
    found = Proposal.objects.filter(pk=proposal_id).first()
    if found is None:
        raise NotFoundError(
            f"There is no proposal {proposal_id}.", remedy="The catalogue lists the open ones."
        )
    return found


def proposals_of(metric_id: str) -> list[Proposal]:
    """Return every proposal about a metric, the newest first."""
    return list(Proposal.objects.filter(metric_id=metric_id))


def open_proposals() -> list[Proposal]:
    """Return the proposals that wait for somebody."""
    return list(Proposal.objects.filter(state__in=("draft", "proposed")))


def restatements(metric_id: str = "") -> list[Restatement]:
    """Return the numbers that read otherwise since a version was approved, the newest first."""
    rows = Restatement.objects.all()
    return list((rows.filter(metric_id=metric_id) if metric_id else rows)[:50])


def retirement_of(metric_id: str) -> Retirement | None:
    """Return the metric's retirement, if it is retired."""
    return Retirement.objects.filter(metric_id=metric_id).first()


def changes_of(metric_id: str) -> list[ChangeEvent]:
    """Return what happened to the metric's definition, the newest first."""
    return list(ChangeEvent.objects.filter(object_kind="metric", object_id=metric_id).order_by("-at")[:20])


_FAMILIES = ("efficiency", "quality", "people", "capacity")


def _code(definition: Definition) -> tuple[str, int, str]:
    """Return the order of a metric's code: E2 before E13."""
    letters = definition.code.rstrip("0123456789abcdefghijklmnopqrstuvwxyz_-")
    digits = "".join(each for each in definition.code[len(letters) :] if each.isdigit())
    return letters, int(digits or 0), definition.id
