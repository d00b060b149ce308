"""Sends the content security policy: nothing is loaded from elsewhere, no inline script runs.

The pages need neither inline styles nor `eval`: charts use Vega's expression interpreter, and their
style sheet is ours. Two parts written by others need more, on their own paths alone: the admin's
Alpine.js evaluates attributes (`'unsafe-eval'`) and it and the API reference set inline styles.
"""

from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_LOOSER_SCRIPT = {"/admin/": "'self' 'unsafe-inline' 'unsafe-eval'"}
# Only the pages that show cases load media from elsewhere.
_MEDIA_PAGES = "/console/"
_LOOSER_STYLE = ("/admin/", "/api/docs")


def live_origin(request: HttpRequest) -> str:
    """Return the origin of the live stream: as set, or the page's own host at the live port."""
    if written := str(settings.WATCHFLOOR_LIVE_URL):
        address = urlsplit(written)
        return f"{address.scheme}://{address.netloc}"
    host = urlsplit(f"//{request.get_host()}").hostname or "127.0.0.1"
    host = f"[{host}]" if ":" in host else host
    return f"{request.scheme}://{host}:{settings.WATCHFLOOR_LIVE_PORT}"


def live_base(request: HttpRequest) -> str:
    """Return the address under which the live stream answers, without a closing slash."""
    return str(settings.WATCHFLOOR_LIVE_URL).rstrip("/") or live_origin(request)


def policy_for(*, path: str, connect: str, media: Iterable[str] = ()) -> str:
    """Return the policy's text for a page at `path`; `connect` is a further origin it may read, or empty.

    `media` are the origins from which pictures, clips and sounds may be loaded.

    >>> policy_for(path="/", connect="").split("; ")[:3]
    ["default-src 'none'", "script-src 'self'", "style-src 'self'"]
    """
    script = next((value for start, value in _LOOSER_SCRIPT.items() if path.startswith(start)), "'self'")
    elsewhere = "".join(f" {origin}" for origin in media)
    style = "'self' 'unsafe-inline'" if path.startswith(_LOOSER_STYLE) else "'self'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {script}",
            f"style-src {style}",
            f"img-src 'self' data:{elsewhere}",
            f"media-src 'self'{elsewhere}",
            "font-src 'self'",
            f"connect-src 'self' {connect}".rstrip(),
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


class ContentSecurityPolicy:
    """Middleware that sets the policy on each answer that has none yet."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with the policy added."""
        response = self.get_response(request)
        response.headers.setdefault(
            "Content-Security-Policy",
            policy_for(
                path=request.path,
                connect=live_origin(request),
                media=settings.WATCHFLOOR_MEDIA_ORIGINS if request.path.startswith(_MEDIA_PAGES) else (),
            ),
        )
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response
