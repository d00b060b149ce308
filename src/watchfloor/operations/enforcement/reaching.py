"""How far a viewer reaches among cases: by the queue they are in, and their own market."""

from django.db.models import Q

from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.viewers import Viewer


def case_reach(*, viewer: Viewer, permission: str, prefix: str = "") -> Q:
    """Return the filter for cases within reach of `permission`; `prefix` leads to the case (`case__`).

    Raises:
        NotPermittedError: no grant of the viewer has the permission.

    """
    within = reach(viewer=viewer, permission=permission, prefix=f"{prefix}queue__")
    markets = {grant.market for grant in viewer.grants if permission in grant.permissions}
    return within if "" in markets else within & Q(**{f"{prefix}market__in": [*markets, ""]})
