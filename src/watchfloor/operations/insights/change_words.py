"""Says a change in the language of the page: what kind, of which object. The stored summary stays the record.

Summaries are written once, in English, by whatever made the change. Here a sentence is made anew from the
kind, the object and the recorded details; where the record is a person's own words, they stand beside it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import get_language, gettext, ngettext

from watchfloor.operations.policies.models import Policy
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.words import setting_names, state_names, title_of
from watchfloor.operations.shell import formats

_MOVED = re.compile(r"^(?P<person>\S+) moved from (?P<before>.+) to (?P<after>.+)\.$")
_STATES = re.compile(r"^(?P<name>.+): (?P<before>\w+) → (?P<after>\w+)\.$")
# What the product itself writes; anything else is a person's own words.
_OWN_WORDS = re.compile(
    r"( → \w+|: [\w, ]+ changed|: configured|: version \d+ takes effect|: \d+ reviewers joined"
    r"|^\S+ moved from .+|^\S+ (left|returned))\.$|^This operation is simulated:|^The simulation stood still"
)


_TITLED = ("queue", "policy")


class Change(Protocol):
    """What a change of the living operation and one of an imported log have in common."""

    @property
    def object_kind(self) -> str: ...  # noqa: D102 -- a column of the record
    @property
    def object_id(self) -> str: ...  # noqa: D102 -- a column of the record
    @property
    def object_version(self) -> int | None: ...  # noqa: D102 -- a column of the record
    @property
    def kind(self) -> str: ...  # noqa: D102 -- a column of the record
    @property
    def summary(self) -> str: ...  # noqa: D102 -- a column of the record
    @property
    def detail(self) -> Mapping[str, Any]: ...  # noqa: D102 -- a column of the record


@dataclass(frozen=True, slots=True)
class Told:
    """A change as people read it; `record` is what its author wrote, where the sentence does not say it."""

    sentence: str
    record: str = ""


def object_names() -> dict[str, str]:
    """Return the words for what can change."""
    return {
        "queue": gettext("queue"),
        "policy": gettext("policy"),
        "template": gettext("template"),
        "sop": gettext("SOP"),
        "calendar": gettext("calendar"),
        "logical_queue": gettext("logical queue"),
        "strategy": gettext("strategy"),
        "model": gettext("model"),
        "roster": gettext("roster"),
        "metric": gettext("metric"),
        "operation": gettext("operation"),
        "site": gettext("site"),
        "team": gettext("team"),
    }


def kind_names() -> dict[str, str]:
    """Return the words for what happened to it."""
    return {
        "created": gettext("created"),
        "changed": gettext("changed"),
        "retired": gettext("retired"),
        "incident": gettext("incident"),
        "recovered": gettext("recovered"),
        "paused": gettext("paused"),
        "simulated": gettext("simulated"),
    }


def told(changes: Sequence[Change], *, is_live: bool) -> list[Told]:
    """Return each change as a sentence in the language in force, in order."""
    language = (get_language() or "en").lower()
    if language.startswith("en"):
        return [Told(change.summary or _made(change, {})) for change in changes]
    names = _titles(changes) if is_live else {}
    return [_told(change, names, language) for change in changes]


def _told(change: Change, names: Mapping[tuple[str, str], str], language: str) -> Told:
    said = change.detail.get(f"summary_{language.replace('-', '_')}")
    if isinstance(said, str) and said:
        return Told(said)
    own = "" if _OWN_WORDS.search(change.summary) else change.summary
    return Told(_made(change, names), own)


def _titles(changes: Sequence[Change]) -> dict[tuple[str, str], str]:
    """Return the titles of the queues and policies named, by kind and id; the changes are within reach."""
    ids = {kind: {each.object_id for each in changes if each.object_kind == kind} for kind in _TITLED}
    found: dict[tuple[str, str], str] = {}
    if ids["queue"]:
        rows = Queue.objects.filter(slug__in=ids["queue"]).order_by("slug")
        found |= {("queue", queue.slug): title_of(queue) for queue in rows}
    if ids["policy"]:
        policies = Policy.objects.filter(slug__in=ids["policy"]).order_by("slug")
        found |= {("policy", each.slug): each.name_zh_hans or each.name for each in policies}
    return found


def _made(change: Change, names: Mapping[tuple[str, str], str]) -> str:
    """Return a sentence from kind, object and details."""
    name = names.get((change.object_kind, change.object_id), change.object_id)
    if change.object_kind == "queue" and (sentence := _of_queue(change, name)):
        return sentence
    if change.object_kind == "roster" and (sentence := _of_roster(change, name)):
        return sentence
    if change.object_kind == "operation" and (sentence := _of_operation(change)):
        return sentence
    parts = {
        "object": object_names().get(change.object_kind, change.object_kind),
        "name": name,
        "kind": kind_names().get(change.kind, change.kind),
        "version": change.object_version,
    }
    if change.object_version is not None and change.kind in ("created", "changed"):
        return gettext("%(object)s %(name)s: version %(version)s takes effect") % parts
    return gettext("%(object)s %(name)s: %(kind)s") % parts


def _of_queue(change: Change, name: str) -> str:
    state = change.detail.get("state")
    found = _STATES.match(change.summary)
    if isinstance(state, Mapping) or found:
        before, after = (
            (str(state.get("before")), str(state.get("after")))
            if isinstance(state, Mapping)
            else (found["before"], found["after"])
            if found
            else ("", "")
        )
        states = state_names()
        return gettext("%(name)s: from %(before)s to %(after)s") % {
            "name": name,
            "before": states.get(before, before),
            "after": states.get(after, after),
        }
    settings = setting_names()
    changed = [settings.get(key, key) for key, value in change.detail.items() if _is_difference(value)]
    if not changed:
        return ""
    return gettext("%(name)s: changed in %(settings)s") % {"name": name, "settings": ", ".join(changed)}


def _is_difference(value: object) -> bool:
    return isinstance(value, Mapping) and {"before", "after"} <= set(value)


def _of_roster(change: Change, name: str) -> str:
    if moved := _MOVED.match(change.summary):
        return gettext("%(person)s moved from %(before)s to %(after)s") % moved.groupdict()
    people = change.detail.get("reviewers")
    if not isinstance(people, list) or not people:
        return ""
    if change.kind == "created":
        return ngettext(
            "%(name)s: %(count)d reviewer joined", "%(name)s: %(count)d reviewers joined", len(people)
        ) % {"name": name, "count": len(people)}
    said = {"name": name, "people": ", ".join(map(str, people))}
    if change.kind == "retired":
        return gettext("%(name)s: %(people)s left") % said
    if change.summary.endswith(" returned."):
        return gettext("%(name)s: %(people)s returned") % said
    return ""


def _of_operation(change: Change) -> str:
    if change.kind == "simulated":
        return gettext("This operation is simulated: its people, cases and decisions are invented.")
    if change.kind == "paused" and (length := _length(change.detail)):
        return gettext("The simulation stood still for %(length)s; open deadlines moved by as much.") % {
            "length": length
        }
    return ""


def _length(detail: Mapping[str, Any]) -> str:
    try:
        start, end = datetime.fromisoformat(str(detail["from"])), datetime.fromisoformat(str(detail["to"]))
        return formats.duration((end - start).total_seconds())
    except (KeyError, ValueError, TypeError):
        return ""
