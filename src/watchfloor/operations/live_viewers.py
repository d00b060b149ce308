"""Who a live connection belongs to: the session cookie's user, and the queues that user may see."""

from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.http import HttpRequest

from watchfloor.operations.people.viewers import viewer_for
from watchfloor.operations.review.floor import visible_slugs


@dataclass(frozen=True, slots=True)
class Audience:
    """One signed-in viewer: the queues whose rows may be sent."""

    queue_slugs: frozenset[str]


async def read_audience(session_key: str) -> Audience | None:
    """Return what the session may see, or None when nobody is signed in with it."""
    return await sync_to_async(_read_audience, thread_sensitive=False)(session_key)


def _read_audience(session_key: str) -> Audience | None:
    if not session_key:
        return None
    close_old_connections()
    try:
        request = HttpRequest()
        request.session = SessionStore(session_key)
        user = get_user(request)
        if not user.is_authenticated:
            return None
        viewer = viewer_for(user)
        return Audience(visible_slugs(viewer=viewer) if viewer.can("floor.view") else frozenset())
    finally:
        close_old_connections()
