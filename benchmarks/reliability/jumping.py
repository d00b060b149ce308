"""Clocks of web requests that jump: what a request asks for by `X-Clock-Offset`, seconds, holds for it.

For histories alone: `benchmarks.reliability.jumping_settings` puts it into the web processes. Pages read the
instant by `django.utils.timezone.now`, sessions too; calls of the API keep the machine's clock.
"""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

_OFFSET_SECONDS: ContextVar[float] = ContextVar("offset", default=0.0)
_machine_now = timezone.now


def _now() -> datetime:
    return _machine_now() + timedelta(seconds=_OFFSET_SECONDS.get())


class JumpingClock:
    """Middleware that lets a request's clock be off by what the request asks for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        timezone.now = _now

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request by its own clock."""
        before = _OFFSET_SECONDS.set(float(request.headers.get("X-Clock-Offset", "0")))
        try:
            return self.get_response(request)
        finally:
            _OFFSET_SECONDS.reset(before)
