"""Gate 5: people who must not get in try every door, and are refused; somebody who may is let in.

Without the control a refusal proves nothing: the case could be unclaimable for another reason. So the same
case is claimed by an insider at the end.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection, transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.launches.rehearsal import CLIENT, Stage, rehearsed
from watchfloor.operations.launches.round_trip import Outcome
from watchfloor.operations.people.boundary_roles import seen_by
from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import queue as one_queue
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.viewers import GrantScope, Viewer
from watchfloor.operations.review.models import Case
from watchfloor.operations.review.selectors import CaseFilters, case_view, cases
from watchfloor.operations.review.services import NewCase, enqueue


def run_boundary_test(*, queue: Queue, now: datetime) -> Outcome:
    """Return whether everybody who must not be served, see or search was refused."""
    attempts: list[dict[str, Any]] = []
    seen: dict[str, Any] = {
        "boundary": queue.data_boundary.slug if queue.data_boundary else "",
        "attempts": attempts,
    }
    try:
        with rehearsed(queue=queue, now=now) as stage:
            case_id = stage.case()
            _claims(stage, attempts)
            if stage.queue.data_boundary is not None:
                for name, boundary in _elsewhere(stage.queue.data_boundary):
                    _looks(stage, case_id, name, boundary, attempts)
            taken = stage.claim(stage.insider())
            seen["control"] = {"who": "insider", "claimed": taken is not None and taken.case_id == case_id}
    except (WatchfloorError, DatabaseError) as error:
        return Outcome(passed=False, reason=str(error)[:400], evidence=seen)
    if through := [one for one in attempts if not one["refused"]]:
        told = f"{through[0]['who']} got through: {through[0]['door']}."
        return Outcome(passed=False, reason=told, evidence=seen)
    if not seen["control"]["claimed"]:
        return Outcome(passed=False, reason="An insider was not served either.", evidence=seen)
    return Outcome(passed=True, reason="", evidence=seen)


def _elsewhere(boundary: DataBoundary) -> list[tuple[str, DataBoundary | None]]:
    other = DataBoundary.objects.exclude(pk=boundary.pk).order_by("slug").first()
    other = other or DataBoundary.objects.create(slug="synthetic-elsewhere", name="Synthetic")
    return [("outside every boundary", None), ("inside another boundary", other)]


def _claims(stage: Stage, attempts: list[dict[str, Any]]) -> None:
    """Have every kind of person who must not be served claim from the queue."""
    inside, version = stage.queue.data_boundary, stage.version
    people = [("switched off", stage.person(boundary=inside, is_active=False))]
    if inside is not None:
        people += [(name, stage.person(boundary=boundary)) for name, boundary in _elsewhere(inside)]
    if version.certification_required:
        people.append(("without the certification", stage.person(boundary=inside, is_certified=False)))
    if version.sop_required:
        people.append(("who has not read the procedure", stage.person(boundary=inside, is_reader=False)))
    if version.required_skills:
        people.append(("without the skills", stage.person(boundary=inside, is_skilled=False)))
    if stage.queue.languages:
        people.append(("without the language", stage.person(boundary=inside, is_speaking=False)))
    for who, person in people:
        refused = stage.claim(person) is None
        attempts.append({"who": f"a reviewer {who}", "door": "claim", "refused": refused})


def _looks(
    stage: Stage, case_id: UUID, name: str, boundary: DataBoundary | None, attempts: list[dict[str, Any]]
) -> None:
    """Have an administrator of another side look for the queue and its case, at every door."""
    held = boundary.slug if boundary else ""
    viewer = Viewer(name="synthetic", grants=(GrantScope("administrator", data_boundary=held),))
    engineer = Viewer(name="synthetic", grants=(GrantScope("engineer", data_boundary=held),))
    who, slug = f"an administrator {name}", stage.queue.slug
    object_id = Case.objects.values_list("object_id", flat=True).get(pk=case_id)
    new = NewCase(queue=slug, object_id="synthetic", purpose="monitor")
    doors: list[tuple[str, Callable[[], bool]]] = [
        ("see the queue", lambda: _raises(lambda: one_queue(viewer=viewer, slug=slug))),
        ("list the queues", lambda: not queues(viewer=viewer).filter(slug=slug).exists()),
        ("see the case", lambda: _raises(lambda: case_view(viewer=viewer, case_id=case_id))),
        (
            "search for the object",
            lambda: not cases(viewer=viewer, filters=CaseFilters(object_id=object_id)).exists(),
        ),
        (
            "count the queue's cases",
            lambda: not cases(viewer=viewer, filters=CaseFilters(queue=slug)).exists(),
        ),
        ("read the table behind the pages", lambda: _unseen(viewer, case_id)),
        ("send a case there", lambda: _raises(lambda: _send(engineer, new, stage.now))),
    ]
    for door, refused in doors:
        _try(attempts, who, door, refused)


def _send(viewer: Viewer, new: NewCase, now: datetime) -> None:
    with transaction.atomic():
        enqueue(case=new, now=now, client=CLIENT, by=viewer)


def _unseen(viewer: Viewer, case_id: UUID) -> bool:
    """Return whether the page's own database role sees nothing, with no filter of ours before it."""
    with seen_by(viewer), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM review_case WHERE id = %s", [case_id])
        return bool(cursor.fetchone()[0] == 0)


def _raises(look: Callable[[], object]) -> bool:
    try:
        look()
    except WatchfloorError:
        return True
    return False


def _try(attempts: list[dict[str, Any]], who: str, door: str, refused: Callable[[], bool]) -> None:
    attempts.append({"who": who, "door": door, "refused": refused()})
