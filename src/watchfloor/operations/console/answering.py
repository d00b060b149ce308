"""Reads what the console's form sends: the answer in its template's types, faults by field, the timing."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from watchfloor.kernel import PeriodError, parse_instant
from watchfloor.operations.console.asking import Ask, Field
from watchfloor.operations.review.services import Answer, Timing

PREFIX = "field-"
LONGEST_TEXT = 4000
LARGEST_MS = 24 * 3600 * 1000


def answer_from(sent: QueryDict, *, ask: Ask) -> tuple[Answer, dict[str, str]]:
    """Return the answer, and what is wrong with it by the name of its control; empty when nothing is."""
    known = {choice.code for choice in ask.labels}
    labels = tuple(code for code in dict.fromkeys(sent.getlist("label")) if code)
    wrong: dict[str, str] = {}
    if ask.has_policy and any(code not in known for code in labels):
        wrong["label"] = gettext("This label cannot be chosen in this queue.")
    if ask.labels and not labels and sent.get("clear") != "on":
        wrong["label"] = gettext("Choose a label, or say that there is no violation.")
    action = sent.get("action", "")
    if action and action not in dict(ask.actions):
        wrong["action"] = gettext("This action is unknown.")
    values: dict[str, Any] = {}
    for field in ask.fields:
        value, fault = _value(field, sent)
        if fault:
            wrong[PREFIX + field.name] = fault
        elif value is not None:
            values[field.name] = value
    return Answer(labels=labels, action=action, fields=values), wrong


def _value(field: Field, sent: QueryDict) -> tuple[Any, str]:
    name = PREFIX + field.name
    if field.control == "check":
        return sent.get(name) == "on", ""
    if field.control == "checks":
        chosen = [value for value in sent.getlist(name) if value]
        if field.is_required and not chosen:
            return None, gettext("Choose at least one.")
        return (chosen or None), ""
    written = sent.get(name, "").strip()
    if not written:
        return None, gettext("This is needed.") if field.is_required else ""
    if len(written) > min(field.longest or LONGEST_TEXT, LONGEST_TEXT):
        limit = min(field.longest or LONGEST_TEXT, LONGEST_TEXT)
        return None, gettext("At most {n} characters.").format(n=limit)
    if field.control == "number":
        return _number(field, written)
    if field.control == "lines":
        return [line.strip() for line in written.splitlines() if line.strip()], ""
    if field.options and written not in dict(field.options):
        return None, gettext("Choose one of the values listed.")
    return written, ""


def _number(field: Field, written: str) -> tuple[Any, str]:
    try:
        value = float(written)
    except ValueError:
        return None, gettext("Write a number.")
    if (field.minimum is not None and value < field.minimum) or (
        field.maximum is not None and value > field.maximum
    ):
        return None, gettext("Write a number between {low} and {high}.").format(
            low="–" if field.minimum is None else f"{field.minimum:g}",
            high="–" if field.maximum is None else f"{field.maximum:g}",
        )
    return (int(value) if value.is_integer() else value), ""


def timing_from(sent: Mapping[str, str], *, claimed_at: datetime, now: datetime) -> Timing:
    """Return what the page measured, kept within what the lease allows.

    The page says how long the case was worked on (`handled_ms`: from its first sight to the answer, without
    long idle gaps). Whatever else passed since the claim (waiting as the next case, the seconds of undo) is
    idle and taken off the handle time.
    """
    elapsed_ms = max(0, int((now - claimed_at) / timedelta(milliseconds=1)))
    handled_ms = _milliseconds(sent.get("handled_ms"), most=elapsed_ms)
    measured: dict[str, Any] = {
        "first_render_at": _instant(sent.get("first_render_at"), since=claimed_at, until=now),
        "active_ms": _milliseconds(sent.get("active_ms"), most=elapsed_ms),
        "media_ms": _milliseconds(sent.get("media_ms"), most=elapsed_ms),
        "idle_ms": 0 if handled_ms is None else elapsed_ms - handled_ms,
        "visible_ms": _milliseconds(sent.get("visible_ms"), most=elapsed_ms),
        "visible_seconds": (_milliseconds(sent.get("visible_ms"), most=elapsed_ms) or 0) / 1000,
        "blurred": sent.get("blurred") == "1",
        "sound_on": sent.get("sound_on") == "1",
    }
    known = {each.name for each in fields(Timing)}
    return Timing(**{name: value for name, value in measured.items() if name in known})


def _milliseconds(written: str | None, *, most: int) -> int | None:
    if written is None or not written.isdigit() or len(written) > 12:
        return None
    return min(int(written), most, LARGEST_MS)


def _instant(written: str | None, *, since: datetime, until: datetime) -> datetime | None:
    """Return the instant, kept inside the lease: the clock of a browser may be wrong."""
    if not written:
        return None
    try:
        at = parse_instant(written)
    except PeriodError:
        return None
    return min(max(at, since), until)
