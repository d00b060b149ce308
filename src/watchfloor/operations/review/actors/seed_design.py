"""Writes the design of the demo's queues: forms, procedures, logical queues, hours, a proposal."""

from datetime import date, datetime
from typing import Any

from watchfloor.operations.queues.calendars import save_calendar
from watchfloor.operations.queues.changes import propose_change
from watchfloor.operations.queues.logical import NewLogical, save_logical
from watchfloor.operations.queues.models import Queue, Sop
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.actors import AUTHOR, EMAIL_DOMAIN
from watchfloor.science.simulation import world as simulated

_KINDS = {
    "video": ["video", "text"],
    "live": ["video", "conversation"],
    "message": ["conversation", "text"],
    "account": ["image", "text"],
}
_SURE: dict[str, Any] = {
    "type": "string",
    "enum": ["sure", "unsure"],
    "title": "How sure are you?",
    "title_zh_hans": "您有多确定？",
    "enum_titles": {"sure": "Sure", "unsure": "Not sure"},
    "enum_titles_zh_hans": {"sure": "确定", "unsure": "不确定"},
}
_NOTE: dict[str, Any] = {
    "type": "string",
    "maxLength": 500,
    "title": "Note for the next reader",
    "title_zh_hans": "给下一位读者的备注",
}
_STEPS = (
    "1. Look at the whole content before you choose a label.\n\n"
    "2. Choose every label that applies; the most severe one decides the action.\n\n"
    "3. Where two labels seem to apply, read their texts and take the narrower one.\n\n"
    "4. Send the case up when a person may be in danger now, or when the policy does not cover it."
)
_STEPS_CHINESE = (
    "1. 选择标签之前，先看完全部内容。\n\n"
    "2. 选择所有适用的标签；处置由最严重的标签决定。\n\n"
    "3. 若有两个标签似乎都适用，请阅读其说明，取范围更窄的一个。\n\n"
    "4. 若有人可能正处于危险之中，或政策未涵盖该情形，请上报案件。"
)


def template_parts(*, surface: str, number: int) -> dict[str, Any]:
    """Return a template version's form: a note at first, how sure one is from the second version on."""
    fields = {"note": _NOTE} if number < 2 else {"sure": _SURE, "note": _NOTE}
    return {
        "schema": {"type": "object", "properties": fields, "additionalProperties": False},
        "layout": {"columns": 1, "content": "beside", "labels": "list"},
        "hotkeys": {},
        "media": {"kinds": _KINDS.get(surface, ["text", "image"]), "start": "paused", "sound": "muted"},
    }


def seed_procedures(described: simulated.Queue, queue: Queue) -> None:
    """Write every version of a queue's procedure that its settings name."""
    since = {version.sop_version: version for version in reversed(described.versions)}
    Sop.objects.bulk_create(
        Sop(
            queue=queue,
            version=number,
            title=f"How to work {described.title.en}",
            title_zh_hans=f"{described.title.zh_hans}操作规程",
            text=_text(_STEPS, "5. Say in the note what you were unsure of.", number),
            text_zh_hans=_text(_STEPS_CHINESE, "5. 请在备注中写明您不确定之处。", number),
            note=version.reason.en,
            policy_slug=described.policy,
            policy_number=version.policy_version,
            author=AUTHOR,
            published_at=version.effective_from,
        )
        for number, version in sorted(since.items())
    )


def _text(steps: str, last: str, number: int) -> str:
    return steps if number < 2 else f"{steps}\n\n{last}"


def seed_views(queues: dict[str, Queue]) -> None:
    """Write logical queues and a calendar."""
    now, by = max(queue.created_at for queue in queues.values()), Viewer.system(AUTHOR)
    for new in (
        NewLogical(
            slug="spanish",
            title="Everything in Spanish",
            title_zh_hans="全部西班牙语案件",
            conditions={"language": ["es"]},
            sla_seconds={"default": 12 * 3600},
            owner=AUTHOR,
        ),
        NewLogical(
            slug="critical",
            title="Critical, wherever it lies",
            title_zh_hans="全部危急案件",
            conditions={"severity": ["critical"]},
            sla_seconds={"default": 3600},
            sla_share=0.99,
            owner=AUTHOR,
        ),
    ):
        save_logical(new=new, by=by, now=now)
    save_calendar(
        slug="dublin-office",
        name="Dublin office",
        time_zone="Europe/Dublin",
        hours={str(day): [[9 * 60, 17 * 60 + 30]] for day in range(5)},
        holidays=[date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1)],
        by=by,
        now=now,
    )


def seed_proposal(queues: dict[str, Queue], *, now: datetime) -> None:
    """Write a change that the demo's strategist proposes and a visitor may approve."""
    live = [queue for queue in queues.values() if queue.state == "live" and queue.purpose == "production"]
    queue = min(live, key=lambda each: each.slug)
    if queue.current_version is None:
        return
    strategist = Viewer(name=f"strategist@{EMAIL_DOMAIN}", grants=Viewer.system().grants)
    propose_change(
        queue=queue,
        changes={"lease_seconds": queue.current_version.lease_seconds + 300, "starvation_share": 0.15},
        by=strategist,
        now=now,
        note="Reviewers run out of time on long cases, and low severities wait too long.",
    )
