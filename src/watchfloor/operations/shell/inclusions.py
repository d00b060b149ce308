"""Parts that a higher feature shows on a lower page, registered by name: the lower one knows none of them.

A part is a function of the request, the viewer and what the page is about; it returns HTML or nothing. The
feature registers it when Django is ready, so pages never import upwards.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

Part = Callable[..., str]

_PARTS: dict[str, list[Part]] = {}


def register(place: str, part: Part) -> None:
    """Let `part` be shown at `place`, once."""
    parts = _PARTS.setdefault(place, [])
    if part not in parts:
        parts.append(part)


def included(place: str, *, request: HttpRequest, **about: Any) -> SafeString:
    """Return what was registered for a place, one after the other; empty without any or without a viewer."""
    if getattr(request, "viewer", None) is None:
        return SafeString("")
    made = "".join(part(request, **about) for part in _PARTS.get(place, ()))
    return mark_safe(made)  # noqa: S308 -- each part is a rendered template
