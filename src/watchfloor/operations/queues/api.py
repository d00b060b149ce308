"""The API of queues: read them, with their settings and versions; `design_api` writes them."""

from datetime import datetime

from ninja import Query, Router, Schema

from watchfloor.operations.people.api_access import ACCESS, Caller
from watchfloor.operations.queues import selectors
from watchfloor.operations.queues.design_api import CreatedOut, create
from watchfloor.operations.queues.design_api import router as design_router
from watchfloor.operations.queues.models import Queue, QueueVersion

router = Router(auth=ACCESS, tags=["queues"])
router.add_router("", design_router)


class QueueQuery(Schema):
    """What to keep of the queues."""

    group: str | None = None
    surface: str | None = None
    purpose: str | None = None
    state: str | None = None
    language: str | None = None
    site: str | None = None


class QueueOut(Schema):
    """A queue as it stands."""

    slug: str
    title: str
    title_zh_hans: str
    group: str
    tags: list[str]
    surface: str
    purpose: str
    mode: str
    state: str
    languages: list[str]
    markets: list[str]
    data_boundary: str | None
    owner: str
    version: int | None


class ChangeOut(Schema):
    """One setting before and after."""

    name: str
    before: object
    after: object


class VersionOut(Schema):
    """A version of a queue's configuration and what it changed."""

    version: int
    effective_from: datetime
    effective_to: datetime | None
    author: str
    note: str
    settings: dict[str, object]
    changes: list[ChangeOut]


class QueueDetailOut(QueueOut):
    """A queue with all its versions, newest first."""

    versions: list[VersionOut]


@router.get("/queues", response=list[QueueOut], summary="List queues")
def list_queues(request: Caller, query: Query[QueueQuery]) -> list[dict[str, object]]:
    """Return the queues within the caller's reach, by group and slug."""
    filters = selectors.QueueFilters(**query.dict())
    return [_queue(queue) for queue in selectors.queues(viewer=request.auth, filters=filters)]


@router.get("/queues/{slug}", response=QueueDetailOut, summary="Read a queue")
def read_queue(request: Caller, slug: str) -> dict[str, object]:
    """Return one queue with its versions and what each changed."""
    detail = selectors.queue_detail(viewer=request.auth, slug=slug)
    versions = [
        {
            **{name: getattr(view.version, name) for name in _VERSION_FIELDS},
            "settings": selectors.settings_of(view.version),
            "changes": [
                {"name": each.name, "before": each.before, "after": each.after} for each in view.changes
            ],
        }
        for view in detail.versions
    ]
    return {**_queue(detail.queue), "versions": versions}


# One address has its operations on one router.
router.post("/queues", response={201: CreatedOut}, summary="Create a queue")(create)

_VERSION_FIELDS = ("version", "effective_from", "effective_to", "author", "note")
_QUEUE_FIELDS = (
    "slug",
    "title",
    "title_zh_hans",
    "group",
    "tags",
    "surface",
    "purpose",
    "mode",
    "state",
    "languages",
    "markets",
    "owner",
)


def _queue(queue: Queue) -> dict[str, object]:
    version: QueueVersion | None = queue.current_version
    return {
        **{name: getattr(queue, name) for name in _QUEUE_FIELDS},
        "data_boundary": queue.data_boundary.slug if queue.data_boundary else None,
        "version": version.version if version else None,
    }
