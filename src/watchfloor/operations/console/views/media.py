"""Serves the demo's own pictures and sounds, made when asked for. Real media comes from the platform."""

from functools import lru_cache

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from watchfloor.operations.console.pictures import SCENES, picture
from watchfloor.operations.console.sounds import LONGEST_SECONDS, melody
from watchfloor.operations.people.pages import PageRequest, page

_KEPT = "private, max-age=86400, immutable"


@require_GET
@page("policies.view")
def drawn(request: PageRequest, scene: str, seed: int, step: int) -> HttpResponse:  # noqa: ARG001 -- the guard's
    """Answer one picture of the demo."""
    if scene not in SCENES or step > 99:
        raise Http404
    return HttpResponse(
        picture(scene=scene, seed=seed, step=step),
        content_type="image/svg+xml",
        headers={"Cache-Control": _KEPT},
    )


@require_GET
@page("policies.view")
def played(request: PageRequest, seed: int, seconds: int) -> HttpResponse:
    """Answer one sound of the demo, whole or the range that a player asks for."""
    if seconds > LONGEST_SECONDS:
        raise Http404
    sound = _sound(seed, seconds)
    headers = {"Cache-Control": _KEPT, "Accept-Ranges": "bytes"}
    asked = _range(request.headers.get("Range", ""), size=len(sound))
    if asked is None:
        return HttpResponse(sound, content_type="audio/wav", headers=headers)
    first, last = asked
    headers["Content-Range"] = f"bytes {first}-{last}/{len(sound)}"
    return HttpResponse(sound[first : last + 1], status=206, content_type="audio/wav", headers=headers)


@lru_cache(maxsize=16)
def _sound(seed: int, seconds: int) -> bytes:
    return melody(seed=seed, seconds=seconds)


def _range(written: str, *, size: int) -> tuple[int, int] | None:
    """Return the first and last byte of a single range, or None for the whole."""
    start, dash, end = written.removeprefix("bytes=").partition("-")
    if not written.startswith("bytes=") or not dash or not start.isdigit() or (end and not end.isdigit()):
        return None
    first, last = int(start), min(int(end) if end else size - 1, size - 1)
    return (first, last) if first <= last else None
