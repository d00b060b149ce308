"""The API: each feature's router under one description. Reference and try-out page at `/api/docs`."""

import importlib
import importlib.util

from ninja import NinjaAPI

from watchfloor import __version__
from watchfloor.operations.api_errors import answer_errors

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


answer_errors(api)
