"""Standard operating procedures: versions of a queue's written procedure, and who has read them.

A version is in force while the queue's configuration names it, so putting it in force is a change of the
queue like any other, and facts carry its number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff

from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.people.models import Reviewer
from watchfloor.operations.queues.configuring import place_of, require_reach
from watchfloor.operations.queues.models import Queue, QueueVersion, Sop, SopAcknowledgement
from watchfloor.operations.record.services import audit, record_change
from watchfloor.operations.record.viewers import Viewer


class SopError(WatchfloorError):
    """A procedure cannot be published as asked."""


@dataclass(frozen=True, slots=True)
class NewSop:
    """A procedure's title and text; the Chinese ones may follow later as a new version."""

    title: str
    text: str
    title_zh_hans: str = ""
    text_zh_hans: str = ""
    note: str = ""


@transaction.atomic
def publish_sop(*, queue: Queue, new: NewSop, by: Viewer, now: datetime) -> Sop:
    """Return the queue's next version of its procedure; it is in force once the queue names it.

    Raises:
        SopError: title or text is missing, or nothing differs from the version before.

    """
    require_reach(by, queue, "queues.change")
    if not new.title.strip() or not new.text.strip():
        raise SopError("A procedure needs a title and a text.", remedy="Write both.")
    Queue.objects.select_for_update().get(pk=queue.pk)
    newest = queue.sops.order_by("-version").first()
    written = (new.title, new.text, new.title_zh_hans, new.text_zh_hans)
    if newest and written == (newest.title, newest.text, newest.title_zh_hans, newest.text_zh_hans):
        raise SopError(f"The text equals version {newest.version}.", remedy="Change something.")
    bound = queue.current_version
    number = queue.sops.aggregate(number=Max("version"))["number"] or 0
    sop = Sop.objects.create(
        queue=queue,
        version=number + 1,
        title=new.title.strip(),
        title_zh_hans=new.title_zh_hans.strip(),
        text=new.text,
        text_zh_hans=new.text_zh_hans,
        note=new.note,
        policy_slug=bound.policy_slug if bound else "",
        policy_number=bound.policy_number if bound else None,
        template_version_id=bound.template_version_id if bound else None,
        author=by.name,
        published_at=now,
    )
    audit(
        actor=by.name,
        action="publish_sop",
        object_kind="queue",
        object_id=queue.slug,
        after={"sop_version": sop.version, "title": sop.title, "note": sop.note},
        now=now,
        place=place_of(queue),
    )
    record_change(
        object_kind="sop",
        object_id=queue.slug,
        object_version=sop.version,
        kind="changed" if newest else "created",
        at=now,
        author=by.name,
        summary=sop.note or f"{queue.title}: procedure version {sop.version} published.",
        place=place_of(queue),
    )
    return sop


def acknowledge(*, sop: Sop, reviewer: Reviewer, now: datetime) -> SopAcknowledgement:
    """Return the note that the reviewer has read this version; a second time changes nothing."""
    try:
        with transaction.atomic():
            read = SopAcknowledgement.objects.create(sop=sop, reviewer=reviewer, at=now)
            audit(
                actor=reviewer.code,
                action="acknowledge_sop",
                object_kind="queue",
                object_id=sop.queue.slug,
                after={"sop_version": sop.version},
                now=now,
                place=place_of(sop.queue),
            )
            return read
    except IntegrityError:
        return SopAcknowledgement.objects.get(sop=sop, reviewer=reviewer)


def sop_of(version: QueueVersion) -> Sop | None:
    """Return the procedure that a queue version puts in force, if it names one."""
    if version.sop_version is None:
        return None
    return Sop.objects.filter(queue_id=version.queue_id, version=version.sop_version).first()


def has_read(*, sop: Sop, reviewer: Reviewer) -> bool:
    """Return whether the reviewer has acknowledged this version."""
    return SopAcknowledgement.objects.filter(sop=sop, reviewer=reviewer).exists()


def unread_procedures(*, reviewer: Reviewer, among: Iterable[Queue]) -> list[Sop]:
    """Return the procedures that the reviewer must confirm before these queues serve them, by queue."""
    asked = Q(pk__in=[])
    for queue in among:
        version = queue.current_version
        if version is not None and version.sop_required:
            asked |= Q(queue=queue, version=version.sop_version)
    rows = Sop.objects.filter(asked).exclude(acknowledgements__reviewer=reviewer)
    return list(rows.select_related("queue").order_by("queue__slug"))


def text_changes(before: str, after: str) -> list[tuple[str, str]]:
    """Return the lines that differ, each with `added`, `removed` or `same`; three lines around each change.

    >>> text_changes("a\\nb", "a\\nc")
    [('same', 'a'), ('removed', 'b'), ('added', 'c')]
    """
    kinds = {"+": "added", "-": "removed", " ": "same"}
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=3))[2:]
    return [(kinds[line[0]], line[1:]) for line in lines if line[0] in kinds]


def sop_text(sop: Sop, language: str) -> tuple[str, str]:
    """Return title and text in the language, English where the other one is missing."""
    if language.startswith("zh") and sop.text_zh_hans:
        return sop.title_zh_hans or sop.title, sop.text_zh_hans
    return sop.title, sop.text
