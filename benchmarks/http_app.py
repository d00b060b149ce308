"""The operation's web application with one more address, `/nothing`, that does nothing: a yardstick."""

from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, path
from django.views.decorators.csrf import csrf_exempt

from watchfloor.operations.wsgi import application

__all__ = ["application"]


@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponse:
    """Answer at once, after every middleware; the body is read, or the server closes the connection."""
    return HttpResponse(request.body or b"{}", content_type="application/json")


get_resolver().url_patterns.insert(0, path("api/v1/nothing", nothing))
