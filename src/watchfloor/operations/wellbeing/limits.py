"""Writes of the rules: caps, also raised ones, the rhythm of severe cases, presentation, contacts.

Every write needs `wellbeing.change` where it holds; what concerns one person needs `wellbeing.view` too. The
audit trail says what changed and who changed it. Of a person's rule it names the row, never the person: that
somebody is given less may say something of their health.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import Reviewer, Site
from watchfloor.operations.record.services import Place, audit
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError, Viewer
from watchfloor.operations.wellbeing.care import (
    CONTACT_KINDS,
    LIMITED_CLASSES,
    MEASURES,
    SPANS,
    WELLNESS_CLASSES,
)
from watchfloor.operations.wellbeing.models import Cap, ClassPresentation, Contact, Override, Rhythm
from watchfloor.operations.wellbeing.presentation import ASPECTS

LONGEST_OVERRIDE = timedelta(hours=24)
SHORTEST_REASON = 10


class LimitError(WatchfloorError):
    """A limit cannot be set as asked."""


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a limit holds for: the operation, one site, or one person."""

    site: Site | None = None
    reviewer: Reviewer | None = None

    @property
    def scope(self) -> str:
        """The level: operation, site or person."""
        if self.reviewer:
            return "person"
        return "site" if self.site else "operation"

    @property
    def place(self) -> Place:
        """Where its audit entry belongs; of a person nothing is said."""
        return Place(site=self.site.slug if self.site else "")


EVERYBODY = Whom()


@dataclass(frozen=True, slots=True)
class Pace:
    """What a rhythm says: turns in a row, what comes between, and when a working day begins."""

    max_consecutive: int | None = None
    cool_down_cases: int = 1
    cool_down_minutes: int = 15
    day_starts_hour: int | None = None


@transaction.atomic
def set_cap(
    *,
    wellness_class: str,
    span: str,
    measure: str,
    most: int,
    by: Viewer,
    now: datetime,
    whom: Whom = EVERYBODY,
    reason: str = "",
) -> Cap:
    """Return the cap of a class for a span, set to `most` cases or minutes; one that stands is replaced.

    Raises:
        LimitError: the class, span, measure or number is none that a cap can have.

    """
    _may_change(by, whom)
    _check(wellness_class, span, measure, most)
    held = Cap.objects.filter(
        scope=whom.scope,
        site=whom.site,
        reviewer=whom.reviewer,
        wellness_class=wellness_class,
        span=span,
        measure=measure,
    )
    before = held.values_list("most", flat=True).first()
    held.delete()
    cap = Cap.objects.create(
        scope=whom.scope,
        site=whom.site,
        reviewer=whom.reviewer,
        wellness_class=wellness_class,
        span=span,
        measure=measure,
        most=most,
        set_by=by.name,
        set_at=now,
        reason=reason[:400],
    )
    audit(
        actor=by.name,
        action="set",
        object_kind="exposure_cap",
        object_id=str(cap.pk),
        before=None if before is None else {"most": before},
        after=_said_of(cap),
        now=now,
        place=whom.place,
    )
    return cap


@transaction.atomic
def remove_cap(*, cap_id: UUID, by: Viewer, now: datetime) -> None:
    """Take a cap away.

    Raises:
        NotFoundError: there is none of that id.

    """
    cap = Cap.objects.select_related("site", "reviewer__team__site").filter(pk=cap_id).first()
    if cap is None:
        raise NotFoundError(f"There is no cap {cap_id}.", remedy="It may have been removed already.")
    whom = Whom(site=cap.site, reviewer=cap.reviewer)
    _may_change(by, whom)
    audit(
        actor=by.name,
        action="remove",
        object_kind="exposure_cap",
        object_id=str(cap.pk),
        before=_said_of(cap),
        now=now,
        place=whom.place,
    )
    cap.delete()


@transaction.atomic
def set_rhythm(*, pace: Pace, by: Viewer, now: datetime, whom: Whom = EVERYBODY, reason: str = "") -> Rhythm:
    """Return the rhythm of the operation, a site or a person, set as asked.

    Raises:
        LimitError: a number lies outside its bounds.

    """
    _may_change(by, whom)
    if pace.max_consecutive is not None and not 1 <= pace.max_consecutive <= 1000:
        raise LimitError(
            f"{pace.max_consecutive} severe cases in a row is no limit.",
            remedy="Use 1 to 1000, or leave it empty.",
        )
    if not 1 <= pace.cool_down_minutes <= 1440 or not 0 <= pace.cool_down_cases <= 1000:
        raise LimitError(
            f"A cool-down of {pace.cool_down_cases} cases or {pace.cool_down_minutes} minutes is none.",
            remedy="Use 0 to 1000 cases and 1 to 1440 minutes.",
        )
    if pace.day_starts_hour is not None and not 0 <= pace.day_starts_hour < 24:
        raise LimitError(f"A day has no hour {pace.day_starts_hour}.", remedy="Use 0 to 23.")
    held = Rhythm.objects.filter(scope=whom.scope, site=whom.site, reviewer=whom.reviewer)
    said = ("max_consecutive", "cool_down_cases", "cool_down_minutes", "day_starts_hour")
    before = held.values(*said).first()
    held.delete()
    rhythm = Rhythm.objects.create(
        scope=whom.scope,
        site=whom.site,
        reviewer=whom.reviewer,
        set_by=by.name,
        set_at=now,
        reason=reason[:400],
        **{name: getattr(pace, name) for name in said},
    )
    audit(
        actor=by.name,
        action="set",
        object_kind="exposure_rhythm",
        object_id=str(rhythm.pk),
        before=before,
        after={"scope": whom.scope} | {name: getattr(pace, name) for name in said},
        now=now,
        place=whom.place,
    )
    return rhythm


@transaction.atomic
def grant_override(
    *,
    reviewer: Reviewer,
    wellness_class: str,
    span: str,
    measure: str,
    most: int,
    until: datetime,
    reason: str,
    by: Viewer,
    now: datetime,
) -> Override:
    """Return a cap raised for one person until an instant, a day ahead at most. The person sees it too.

    Raises:
        LimitError: the reason is missing, or the instant or the number cannot be.

    """
    _may_change(by, Whom(reviewer=reviewer))
    _check(wellness_class, span, measure, most)
    if len(reason.strip()) < SHORTEST_REASON:
        raise LimitError(
            f"The reason {reason.strip()!r} is shorter than {SHORTEST_REASON} characters.",
            remedy="Say why this person is to be given more than the cap.",
        )
    if not now < until <= now + LONGEST_OVERRIDE:
        raise LimitError(
            f"An override until {until:%Y-%m-%d %H:%M} lies in the past or more than 24 hours ahead.",
            remedy="Choose an instant within the next 24 hours; raise the cap itself for longer.",
        )
    override = Override.objects.create(
        reviewer=reviewer,
        wellness_class=wellness_class,
        span=span,
        measure=measure,
        most=most,
        until=until,
        reason=reason.strip()[:400],
        granted_by=by.name,
        granted_at=now,
    )
    audit(
        actor=by.name,
        action="override",
        object_kind="exposure_cap",
        object_id=str(override.pk),
        after={
            "wellness_class": wellness_class,
            "span": span,
            "measure": measure,
            "most": most,
            "until": until.isoformat(),
            "reason": "kept in the private record",
        },
        now=now,
    )
    return override


@transaction.atomic
def set_class_presentation(
    *, wellness_class: str, aspects: Mapping[str, bool | None], by: Viewer, now: datetime
) -> None:
    """Set how the operation shows media of a class; None follows the product's default."""
    _may_change(by, EVERYBODY)
    if wellness_class not in WELLNESS_CLASSES:
        raise LimitError(
            f"There is no class {wellness_class!r}.", remedy=f"Use {', '.join(WELLNESS_CLASSES)}."
        )
    chosen = {aspect: aspects.get(aspect) for aspect in ASPECTS}
    ClassPresentation.objects.update_or_create(wellness_class=wellness_class, defaults=chosen)
    audit(
        actor=by.name,
        action="set",
        object_kind="presentation",
        object_id=wellness_class,
        after=chosen,
        now=now,
    )


@transaction.atomic
def add_contact(
    *, name: str, kind: str, reach: str, by: Viewer, now: datetime, site: Site | None = None
) -> Contact:
    """Return somebody to talk to, shown to the people of a site, or to all.

    Raises:
        LimitError: the kind is unknown.

    """
    _may_change(by, Whom(site=site))
    if kind not in CONTACT_KINDS:
        raise LimitError(f"There is no kind {kind!r}.", remedy=f"Use {', '.join(CONTACT_KINDS)}.")
    contact = Contact.objects.create(name=name, kind=kind, reach=reach, site=site)
    audit(
        actor=by.name,
        action="add",
        object_kind="support_contact",
        object_id=str(contact.pk),
        after={"name": name, "kind": kind, "reach": reach},
        now=now,
        place=Whom(site=site).place,
    )
    return contact


@transaction.atomic
def remove_contact(*, contact_id: int, by: Viewer, now: datetime) -> None:
    """Take a contact away.

    Raises:
        NotFoundError: there is none of that id.

    """
    contact = Contact.objects.select_related("site").filter(pk=contact_id).first()
    if contact is None:
        raise NotFoundError(f"There is no contact {contact_id}.", remedy="It may have been removed already.")
    _may_change(by, Whom(site=contact.site))
    audit(
        actor=by.name,
        action="remove",
        object_kind="support_contact",
        object_id=str(contact.pk),
        before={"name": contact.name, "kind": contact.kind, "reach": contact.reach},
        now=now,
        place=Whom(site=contact.site).place,
    )
    contact.delete()


def _said_of(cap: Cap) -> dict[str, object]:
    return {
        "scope": cap.scope,
        "wellness_class": cap.wellness_class,
        "span": cap.span,
        "measure": cap.measure,
        "most": cap.most,
    }


def _check(wellness_class: str, span: str, measure: str, most: int) -> None:
    for value, allowed in ((wellness_class, LIMITED_CLASSES), (span, SPANS), (measure, MEASURES)):
        if value not in allowed:
            raise LimitError(f"{value!r} is none of {', '.join(allowed)}.", remedy="Use one of them.")
    if not 0 <= most <= 100_000:
        raise LimitError(
            f"{most} is outside 0 to 100000.", remedy="Use a number between; 0 keeps the class away."
        )


def _may_change(by: Viewer, whom: Whom) -> None:
    by.require("wellbeing.change")
    asked = ["wellbeing.change"]
    place = {"site": whom.site.slug if whom.site else ""}
    if whom.reviewer:
        boundary = whom.reviewer.data_boundary
        place = {
            "site": whom.reviewer.team.site.slug,
            "data_boundary": boundary.slug if boundary else "",
        }
        by.require("wellbeing.view")
        asked.append("wellbeing.view")
    if not all(by.reaches(permission, place) for permission in asked):
        raise NotPermittedError(
            f"{by.name} may not change a limit of this {whom.scope}: it lies outside their grants.",
            remedy="Ask an administrator for a grant that covers it.",
        )
