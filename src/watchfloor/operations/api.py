"""The API: each feature's router under one description. Reference and try-out page at `/api/docs`."""

from watchfloor import __version__
from watchfloor.operations.alerts.api import router as alerts_router
from watchfloor.operations.api_document import DescribedAPI
from watchfloor.operations.api_errors import answer_errors
from watchfloor.operations.dashboards.api import router as dashboards_router
from watchfloor.operations.enforcement.api import router as enforcement_router
from watchfloor.operations.insights.api import router as insights_router
from watchfloor.operations.intake.api import router as intake_router
from watchfloor.operations.people.api_access import within_boundaries
from watchfloor.operations.quality.api import router as quality_router
from watchfloor.operations.queues.api import router as queues_router
from watchfloor.operations.review.api import router as review_router
from watchfloor.operations.review.api_claims import router as claims_router
from watchfloor.operations.scorecards.api import router as scorecards_router
from watchfloor.operations.targets.api import router as targets_router

api = DescribedAPI(
    title="Watchfloor",
    version=__version__,
    description="Enqueue cases, claim and review them, read queues and metric cells.",
    urls_namespace="api",
)
for _router in (
    queues_router,
    review_router,
    claims_router,
    enforcement_router,
    quality_router,
    insights_router,
    alerts_router,
    dashboards_router,
    intake_router,
    targets_router,
    scorecards_router,
):
    api.add_router("/v1", _router)
api.add_decorator(within_boundaries)
answer_errors(api)
