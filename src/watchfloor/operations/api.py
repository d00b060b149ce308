"""The API: each feature's router under one description. Reference and try-out page at `/api/docs`."""

import importlib
import importlib.util

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from watchfloor import __version__
from watchfloor.kernel import WatchfloorError

api = NinjaAPI(
    title="Watchfloor",
    version=__version__,
    description="Enqueue cases, claim and review them, read queues and metric cells.",
    urls_namespace="api",
)

for _feature in ("queues", "review", "insights"):
    _name = f"watchfloor.operations.{_feature}.api"
    if importlib.util.find_spec(_name):
        api.add_router("/v1", importlib.import_module(_name).router)


@api.exception_handler(WatchfloorError)
def say_what_is_wrong(request: HttpRequest, error: WatchfloorError) -> HttpResponse:
    """Return the error's message and remedy: the request could not be carried out as it was put."""
    status = int(getattr(error, "status", 422))
    return api.create_response(request, {"detail": error.message, "remedy": error.remedy}, status=status)
