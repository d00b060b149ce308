"""Who calls the API: a client by its bearer token, or a signed-in person by the session of the pages."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer

from watchfloor.operations.people.access import client_of
from watchfloor.operations.people.boundary_roles import seen_by
from watchfloor.operations.people.request_limits import RequestLimit
from watchfloor.operations.people.viewers import viewer_for, viewer_for_client
from watchfloor.operations.record.viewers import Viewer

LIMIT = RequestLimit(per_minute=settings.WATCHFLOOR_API_REQUESTS_PER_MINUTE)


class Caller(HttpRequest):
    """A request of the API; `auth` is who calls."""

    auth: Viewer


class TokenAccess(HttpBearer):
    """`Authorization: Bearer wf_…`, a token that an administrator issued."""

    def authenticate(self, request: HttpRequest, token: str) -> Viewer:
        """Return the client as a viewer.

        Raises:
            TokenRefusedError: the token is unknown, expired or switched off.
            TooManyRequestsError: the client makes more requests than one may.

        """
        del request
        client = client_of(token=token, now=datetime.now(UTC))
        LIMIT.count(f"client:{client.slug}", at=time.monotonic())
        return viewer_for_client(client)


class SessionAccess(APIKeyCookie):
    """The session cookie of somebody signed in to the pages; writes need the CSRF token beside it."""

    param_name = settings.SESSION_COOKIE_NAME

    def _get_key(self, request: HttpRequest) -> str | None:
        """Without a session there is nothing to forge: the caller is unknown, not refused."""
        if self.param_name not in request.COOKIES:
            return None
        return super()._get_key(request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Viewer | None:
        """Return the signed-in user as a viewer, or None.

        Raises:
            TooManyRequestsError: they make more requests than one may.

        """
        del key
        if not request.user.is_authenticated:
            return None
        LIMIT.count(f"user {request.user.pk}", at=time.monotonic())
        return viewer_for(request.user)


def within_boundaries(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return the operation, its reads in the database role of the caller's data boundaries."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        viewer = getattr(request, "auth", None)
        if request.method not in ("GET", "HEAD") or not isinstance(viewer, Viewer):
            return view(request, *args, **kwargs)
        with seen_by(viewer):
            return view(request, *args, **kwargs)

    return guarded


ACCESS = [TokenAccess(), SessionAccess()]
