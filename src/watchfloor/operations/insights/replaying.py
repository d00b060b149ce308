"""Events that were set aside, as far as a viewer reaches, and trying them again. Facts: `facts.replay`."""

import json
from collections.abc import Mapping
from datetime import datetime

from watchfloor.facts.event_rows import DeadLetter
from watchfloor.facts.export import dead_letters
from watchfloor.facts.replay import Replayed, replay_dead_letters
from watchfloor.facts.store import FactStore
from watchfloor.operations.record.database import database_dsn
from watchfloor.operations.record.services import audit
from watchfloor.operations.record.viewers import Viewer

# No boundary has this name, so only those who see every boundary see what cannot be placed.
_UNPLACED = "?"
MOST_NOTED = 200


def letters_within(*, store: FactStore, viewer: Viewer, permission: str) -> tuple[list[DeadLetter], int]:
    """Return the letters that a viewer reaches, newest first, and how many lie beyond."""
    found = sorted(dead_letters(store=store), key=lambda letter: -letter.event_id)
    within = [letter for letter in found if _is_within(viewer, letter, permission)]
    return within, len(found) - len(within)


def replay_letters(*, store: FactStore, by: Viewer, now: datetime) -> Replayed:
    """Return what became of the letters within reach, each tried once as the present version reads it.

    The facts are published before the audit entry is written: rows cannot be taken back, a letter that is
    settled already is not tried again.

    Raises:
        NotPermittedError: the caller may not write facts.
        StoreBusyError: the export is at work.

    """
    by.require("imports.run")
    letters, _ = letters_within(store=store, viewer=by, permission="imports.run")
    tried = {letter.event_id for letter in letters}
    found = replay_dead_letters(dsn=database_dsn(), store=store, now=now, event_ids=tried)
    audit(
        actor=by.name,
        action="dead_letters_replayed",
        object_kind="facts",
        object_id=store.operation,
        after={
            "tried": len(tried),
            "rows": list(found.rows[:MOST_NOTED]),
            "superseded": list(found.superseded[:MOST_NOTED]),
            "staying": len(found.staying),
            "version": found.version,
        },
        now=now,
    )
    return found


def _is_within(viewer: Viewer, letter: DeadLetter, permission: str) -> bool:
    try:
        payload = json.loads(letter.payload)
    except ValueError:
        payload = None
    boundary = payload.get("data_boundary", _UNPLACED) if isinstance(payload, Mapping) else _UNPLACED
    return viewer.reaches(permission, {"data_boundary": str(boundary or "")})
