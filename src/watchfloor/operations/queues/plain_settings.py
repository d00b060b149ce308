"""Settings as plain values, as people, forms and the API write them, read back into settings.

The other way is `selectors.settings_of`; both speak of the same names. A change names the settings that it
changes and leaves the others alone.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.queues.configuring import QueueError, Settings
from watchfloor.operations.queues.models import Calendar, Queue, TemplateVersion

_VERSION = re.compile(r"\A([-\w]+) v(\d{1,9})\Z")
_RENAMED = {
    "policy": "policy_version",
    "template": "template_version",
    "canary_template": "canary_template_version",
}


def settings_with(base: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return the settings with some replaced by plain values, each under its name of `settings_of`.

    Raises:
        QueueError: a name is unknown, or a value is not of its kind; `faults` lists each.

    """
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for name, written in changes.items():
        if name not in READERS:
            wrong.append(f"There is no setting {name!r}.")
            continue
        try:
            values[_RENAMED.get(name, name)] = READERS[name](written)
        except ValueError as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        raise QueueError(
            f"The settings cannot be read: {' '.join(wrong)}",
            remedy="Write each as the queue's page and GET /api/v1/queues/{slug} show it.",
            faults=tuple(wrong),
        )
    return replace(base, **values)


def _policy(written: Any) -> PolicyVersion | None:
    if not written:
        return None
    slug, number = _named(written)
    found = PolicyVersion.objects.select_related("policy").filter(policy__slug=slug, version=number).first()
    if found is None:
        raise ValueError(f"There is no policy version {written!r}.")
    return found


def _template(written: Any) -> TemplateVersion | None:
    if not written:
        return None
    slug, number = _named(written)
    rows = TemplateVersion.objects.select_related("template")
    found = rows.filter(template__slug=slug, version=number).first()
    if found is None:
        raise ValueError(f"There is no template version {written!r}.")
    return found


def _named(written: Any) -> tuple[str, int]:
    match = _VERSION.match(written) if isinstance(written, str) else None
    if match is None:
        raise ValueError(f"{written!r} is no version; write it like 'spam v2'.")
    return match[1], int(match[2])


def _queue(written: Any) -> Queue | None:
    if not written:
        return None
    found = Queue.objects.filter(slug=str(written)).first()
    if found is None:
        raise ValueError(f"There is no queue {written!r}.")
    return found


def _calendar(written: Any) -> Calendar | None:
    if not written:
        return None
    found = Calendar.objects.filter(slug=str(written)).first()
    if found is None:
        raise ValueError(f"There is no calendar {written!r}.")
    return found


def _texts(written: Any) -> tuple[str, ...]:
    if not isinstance(written, list | tuple) or any(not isinstance(each, str) for each in written):
        raise ValueError("give a list of texts.")
    return tuple(written)


def _rules(written: Any) -> tuple[Any, ...]:
    if not isinstance(written, list | tuple):
        raise ValueError("give a list of rules.")
    return tuple(written)


def _mapping(written: Any) -> Mapping[str, Any]:
    if not isinstance(written, dict):
        raise ValueError("give a mapping.")
    return written


def _numbers(written: Any) -> Mapping[str, float]:
    if any(
        isinstance(each, bool) or not isinstance(each, int | float) for each in _mapping(written).values()
    ):
        raise ValueError("give a number for each name.")
    return dict(written)


def _flag(written: Any) -> bool:
    if not isinstance(written, bool):
        raise ValueError("give true or false.")
    return written


def _whole(written: Any) -> int:
    if isinstance(written, bool) or not isinstance(written, int) or not 0 <= written < 2**15:
        raise ValueError("give a whole number from 0 to 32767.")
    return written


def _seconds(written: Any) -> int:
    if isinstance(written, bool) or not isinstance(written, int) or not 0 < written < 2**31:
        raise ValueError("give whole seconds above 0.")
    return written


def _number(written: Any) -> float:
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise ValueError("give a number.")
    return float(written)


def _text(written: Any) -> str:
    if not isinstance(written, str):
        raise ValueError("give a text.")
    return written


def _sop(written: Any) -> int | None:
    return None if written in (None, "") else _whole(written)


READERS: Mapping[str, Callable[[Any], Any]] = {
    "policy": _policy,
    "label_subset": _texts,
    "template": _template,
    "sop_version": _sop,
    "sop_required": _flag,
    "sla_seconds": _numbers,
    "required_skills": _texts,
    "certification_required": _flag,
    "site_shares": _numbers,
    "escalation_queue": _queue,
    "double_share": _number,
    "lease_seconds": _seconds,
    "priority_lift": _whole,
    "wellness_class": _text,
    "topics": _texts,
    "sla_rules": _rules,
    "calendar": _calendar,
    "site_overflow": _texts,
    "overflow_after": _number,
    "starvation_share": _number,
    "consensus_required": _whole,
    "consensus_of": _whole,
    "gold_share": _number,
    "audit_share": _number,
    "qa_plan": _mapping,
    "training_queue": _queue,
    "canary_template": _template,
    "canary_share": _number,
    "canary_slower_share": _number,
    "canary_disagreement_share": _number,
    "intake_share": _number,
    "callback_endpoint": _text,
}
