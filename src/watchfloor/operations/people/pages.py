"""Guards a page: signed in, and with a role that allows it. The viewer then stands on the request."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, Protocol

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from watchfloor.operations.people.boundary_roles import seen_by
from watchfloor.operations.people.viewers import viewer_for
from watchfloor.operations.record.viewers import NotFoundError, NotPermittedError, Viewer


class PageRequest(HttpRequest):
    """A request whose viewer is known."""

    viewer: Viewer


class _View(Protocol):
    def __call__(self, request: PageRequest, /, *args: Any, **kwargs: Any) -> HttpResponseBase: ...


def page(permission: str, *, writes: bool = False) -> Callable[[_View], Callable[..., HttpResponseBase]]:
    """Return a decorator that lets viewers with `permission` through; others meet sign-in, 403 or 404.

    A GET reads in the database role of the viewer's data boundaries, and cannot write there; `writes` is for
    a page that must, such as one that claims a case when it is opened.
    """

    def guard(view: _View) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(request: PageRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.viewer = viewer_for(request.user)
            try:
                request.viewer.require(permission)
                with _boundaries(request, writes=writes):
                    return view(request, *args, **kwargs)
            except NotPermittedError as error:
                raise PermissionDenied(str(error)) from error
            except NotFoundError as error:
                raise Http404(str(error)) from error

        vars(guarded)["permission"] = permission  # the rule can be read off the view
        return guarded

    return guard


def _boundaries(request: PageRequest, *, writes: bool) -> AbstractContextManager[None]:
    reads = request.method in ("GET", "HEAD") and not writes
    return seen_by(request.viewer) if reads else nullcontext()
