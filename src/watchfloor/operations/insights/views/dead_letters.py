"""Dead letters: events of the operation that are no fact rows, why, what to do, and trying them again."""

import json
from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from watchfloor.facts.event_rows import DeadLetter, reason_now
from watchfloor.facts.replay import Replayed
from watchfloor.facts.schemas import TABLES
from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.warehouse import store_of
from watchfloor.operations.insights.replaying import letters_within, replay_letters
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.shell.asked import asked_for

MOST_SHOWN = 200


@page("imports.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the events that were set aside, newest first, as far as the viewer's data boundaries reach."""
    return _shown(request)


@require_POST
@page("imports.run")
def replay(request: PageRequest) -> HttpResponse:
    """Try the events within the viewer's reach again, and show what became of them."""
    if not asked_for(request).is_live:
        return _shown(request, status=409)
    try:
        store = store_of(asked_for(request).operation)
        return _shown(request, done=replay_letters(store=store, by=request.viewer, now=timezone.now()))
    except WatchfloorError as error:
        return _shown(request, problem=error, status=409)


def _shown(
    request: PageRequest,
    *,
    done: Replayed | None = None,
    problem: WatchfloorError | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = asked_for(request)
    within, beyond = letters_within(
        store=store_of(asked.operation), viewer=request.viewer, permission="imports.view"
    )
    found_now = {letter.event_id: letter.reason for letter in done.staying} if done else {}
    context = {
        "operation": asked.operation,
        "letters": [_line(letter, found_now.get(letter.event_id)) for letter in within[:MOST_SHOWN]],
        "total": len(within) + beyond,
        "beyond": beyond,
        "not_shown": max(0, len(within) - MOST_SHOWN),
        "may_replay": asked.is_live and request.viewer.can("imports.run"),
        "done": done,
        "problem": problem,
    }
    return render(request, "insights/dead_letters.html", context, status=status)


def _line(letter: DeadLetter, tried: str | None) -> dict[str, Any]:
    reason = tried or reason_now(letter)
    return {
        "letter": letter,
        "at": _instant(letter.at),
        "event": _readable(letter.payload),
        "reason": reason or letter.reason,
        "reads": reason is None,
        "remedy": remedy_of(letter, reads=reason is None),
    }


def remedy_of(letter: DeadLetter, *, reads: bool) -> str:
    """Return what to do about a letter; `reads` when the present version can make a row of it."""
    if reads:
        return gettext(
            "This version can read it: try again. It becomes a row, unless a later one of its key stands."
        )
    if letter.fact not in TABLES:
        return gettext(
            "The process that wrote it knows a fact that this version does not. "
            "Bring this installation to that version, then try again."
        )
    return gettext(
        "An event is never written anew. Where the program that wrote or reads it is at fault, bring in its "
        "correction and try again; until then the facts do without this row."
    )


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _readable(payload: str) -> str:
    try:
        return json.dumps(json.loads(payload), ensure_ascii=False, indent=2, sort_keys=True)
    except ValueError:
        return payload
