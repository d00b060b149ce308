"""Dead letters: events of the operation that are no fact rows, why, and what to do about them."""

import json
from collections.abc import Mapping

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from watchfloor.facts.event_rows import DeadLetter
from watchfloor.facts.export import dead_letters
from watchfloor.facts.schemas import TABLES
from watchfloor.operations.cells.warehouse import store_of
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.shell.asked import asked_for

MOST_SHOWN = 200
# No boundary has this name, so only those who see every boundary see what cannot be placed.
_UNPLACED = "?"


@page("imports.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the events that were set aside, newest first, as far as the viewer's data boundaries reach."""
    operation = asked_for(request).operation
    found = sorted(dead_letters(store=store_of(operation)), key=lambda letter: -letter.event_id)
    within = [letter for letter in found if _is_within(request.viewer, letter)]
    return render(
        request,
        "insights/dead_letters.html",
        {
            "operation": operation,
            "letters": [
                {"letter": letter, "event": _readable(letter.payload), "remedy": remedy_of(letter)}
                for letter in within[:MOST_SHOWN]
            ],
            "total": len(found),
            "beyond": len(found) - len(within),
            "not_shown": max(0, len(within) - MOST_SHOWN),
        },
    )


def remedy_of(letter: DeadLetter) -> str:
    """Return what to do about a letter."""
    if letter.fact not in TABLES:
        return gettext(
            "The process that wrote it knows a fact that this version does not. Bring both to one version; "
            "the next change of the same object writes it anew."
        )
    return gettext(
        "Correct the value that the reason names where it comes from. The next change of the same object "
        "writes it anew, and the facts then hold it."
    )


def _is_within(viewer: Viewer, letter: DeadLetter) -> bool:
    try:
        payload = json.loads(letter.payload)
    except ValueError:
        payload = None
    boundary = payload.get("data_boundary", _UNPLACED) if isinstance(payload, Mapping) else _UNPLACED
    return viewer.reaches("imports.view", {"data_boundary": str(boundary or "")})


def _readable(payload: str) -> str:
    try:
        return json.dumps(json.loads(payload), ensure_ascii=False, indent=2, sort_keys=True)
    except ValueError:
        return payload
