"""Guards a page: signed in, and with a role that allows it. The viewer then stands on the request."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from watchfloor.operations.people.viewers import viewer_for
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError, Viewer


class PageRequest(HttpRequest):
    """A request whose viewer is known."""

    viewer: Viewer


class _View(Protocol):
    def __call__(self, request: PageRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


def page(permission: str) -> Callable[[_View], Callable[..., HttpResponseBase]]:
    """Return a decorator that lets viewers with `permission` through; others meet sign-in, 403 or 404."""

    def guard(view: _View) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.viewer = viewer_for(request.user)
            try:
                request.viewer.require(permission)
                return view(request, *args, **kwargs)
            except NotPermittedError as error:
                raise PermissionDenied(str(error)) from error
            except NotFoundError as error:
                raise Http404(str(error)) from error

        return guarded

    return guard
