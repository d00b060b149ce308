"""Decides which media a page may load: our own generated pictures and sounds, and the platform's origins."""

from collections.abc import Iterable
from urllib.parse import urlsplit

OWN_MEDIA = "/console/media/"


def is_allowed(url: str, *, origins: Iterable[str]) -> bool:
    """Return whether the address is one of ours, or lies at an origin that the operator named.

    >>> is_allowed("https://cdn.example.org/a.jpg", origins=["https://cdn.example.org"])
    True
    >>> is_allowed("https://cdn.example.org.evil.example/a.jpg", origins=["https://cdn.example.org"])
    False
    >>> is_allowed("javascript:alert(1)", origins=[]), is_allowed("/console/media/a.svg", origins=[])
    (False, True)
    """
    if url.startswith(OWN_MEDIA):
        return ".." not in url
    try:
        address = urlsplit(url)
    except ValueError:
        return False
    if address.scheme not in {"https", "http"} or not address.netloc or "@" in address.netloc:
        return False
    return f"{address.scheme}://{address.netloc}".lower() in {
        origin.rstrip("/").lower() for origin in origins
    }
