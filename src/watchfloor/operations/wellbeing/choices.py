"""Writes that a person makes for themself: topics they are not given, how media is shown, what they tell.

Private. The audit trail notes that some private choice was made, not whose and not which; there is no event.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.wellbeing.care import INCIDENT_STATES, WELLNESS_CLASSES
from watchfloor.operations.wellbeing.models import (
    Incident,
    IncidentNote,
    OptOut,
    OwnPresentation,
    Rhythm,
    Topic,
)
from watchfloor.operations.wellbeing.presentation import ASPECTS
from watchfloor.operations.wellbeing.records import incident

SOMEBODY = "somebody, in private"
OWN = "the person"
"""Who set a rhythm that is a person's own choice."""
MOST_IN_A_ROW = 1000
MOST_MINUTES = 1440


class ChoiceError(WatchfloorError):
    """A choice names something that there is not."""


@transaction.atomic
def set_opt_outs(*, reviewer: Reviewer, topics: Iterable[str], now: datetime) -> None:
    """Keep exactly these topics from a person from now on. Nobody is told.

    Raises:
        ChoiceError: there is no such topic.

    """
    wanted = set(topics)
    known = set(Topic.objects.filter(slug__in=wanted).values_list("slug", flat=True))
    if unknown := sorted(wanted - known):
        raise ChoiceError(f"There is no topic {unknown[0]!r}.", remedy="Choose from the topics of the page.")
    OptOut.objects.filter(reviewer=reviewer).exclude(topic__in=wanted).delete()
    OptOut.objects.bulk_create(
        [OptOut(reviewer=reviewer, topic=topic) for topic in sorted(wanted)], ignore_conflicts=True
    )
    _note_choice(now)


@transaction.atomic
def set_own_rhythm(
    *,
    reviewer: Reviewer,
    max_consecutive: int | None,
    cool_down_cases: int,
    cool_down_minutes: int,
    now: datetime,
) -> None:
    """Set a person's own rhythm of severe cases; without a number in a row it is taken back.

    It only ever adds to what holds for them: of several rhythms the strictest does.

    Raises:
        ChoiceError: a number lies outside its bounds, or the wellbeing role set a rhythm for the person.

    """
    if (
        (max_consecutive is not None and not 1 <= max_consecutive <= MOST_IN_A_ROW)
        or not 0 <= cool_down_cases <= MOST_IN_A_ROW
        or not 1 <= cool_down_minutes <= MOST_MINUTES
    ):
        raise ChoiceError(
            f"{max_consecutive} in a row, {cool_down_cases} cases or {cool_down_minutes} minutes is none.",
            remedy=f"Use 1 to {MOST_IN_A_ROW} cases and 1 to {MOST_MINUTES} minutes.",
        )
    Reviewer.objects.select_for_update(of=("self",)).get(pk=reviewer.pk)
    held = Rhythm.objects.filter(scope="person", reviewer=reviewer)
    if held.exclude(set_by=OWN).exists():
        raise ChoiceError(
            "The wellbeing role set a rhythm for you.", remedy="Speak with them; they can change it."
        )
    held.delete()
    if max_consecutive is not None:
        Rhythm.objects.create(
            scope="person",
            reviewer=reviewer,
            max_consecutive=max_consecutive,
            cool_down_cases=cool_down_cases,
            cool_down_minutes=cool_down_minutes,
            set_by=OWN,
            set_at=now,
        )
    _note_choice(now)


@transaction.atomic
def set_own_presentation(
    *, reviewer: Reviewer, wellness_class: str, aspects: Mapping[str, bool | None], now: datetime
) -> None:
    """Set how media of a class is shown to a person; None follows the operation.

    Raises:
        ChoiceError: there is no such class.

    """
    if wellness_class not in WELLNESS_CLASSES:
        raise ChoiceError(
            f"There is no class {wellness_class!r}.", remedy=f"Use {', '.join(WELLNESS_CLASSES)}."
        )
    chosen = {aspect: aspects.get(aspect) for aspect in ASPECTS}
    if all(value is None for value in chosen.values()):
        OwnPresentation.objects.filter(reviewer=reviewer, wellness_class=wellness_class).delete()
    else:
        OwnPresentation.objects.update_or_create(
            reviewer=reviewer, wellness_class=wellness_class, defaults=chosen
        )
    _note_choice(now)


@transaction.atomic
def tell(*, reviewer: Reviewer, told: str, wants_contact: bool, now: datetime) -> Incident:
    """Return a private record of something hard, for the wellbeing role alone; words are not needed."""
    record = Incident.objects.create(
        reviewer=reviewer, told=told.strip(), wants_contact=wants_contact, opened_at=now
    )
    _note_choice(now)
    return record


@transaction.atomic
def follow_up(*, incident_id: UUID, state: str, note: str, by: Viewer, now: datetime) -> Incident:
    """Return the incident with a note added and in a state: open, in_contact or closed.

    Raises:
        ChoiceError: there is no such state.
        NotFoundError: there is no such incident within reach.

    """
    if state not in INCIDENT_STATES:
        raise ChoiceError(f"There is no state {state!r}.", remedy=f"Use {', '.join(INCIDENT_STATES)}.")
    record = incident(viewer=by, incident_id=incident_id)
    before = record.state
    record.state = state
    record.closed_at = now if state == "closed" else None
    record.save(update_fields=["state", "closed_at"])
    if note.strip():
        IncidentNote.objects.create(incident=record, at=now, author=by.name, text=note.strip())
    audit(
        actor=by.name,
        action="follow up",
        object_kind="private_record",
        object_id=str(record.pk),
        before={"state": before},
        after={"state": state, "noted": bool(note.strip())},
        now=now,
    )
    return record


def _note_choice(now: datetime) -> None:
    audit(actor=SOMEBODY, action="choose", object_kind="private_choice", object_id="", now=now)
