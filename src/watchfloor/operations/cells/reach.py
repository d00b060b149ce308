"""Narrows a question about metrics to what the viewer's grants reach."""

from collections.abc import Mapping

from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, GrantScope, Viewer

Where = Mapping[str, tuple[str, ...]]
_NOTHING = ("(nothing within your grants)",)


def within_reach(where: Where, *, viewer: Viewer, is_live: bool) -> dict[str, tuple[str, ...]]:
    """Return the filters with the viewer's own limits added; unlimited viewers get them back as they were.

    Grants that differ in more than one dimension cannot be said as one filter; the first of them holds then,
    which shows less than the viewer may see, never more.
    """
    viewer.require("metrics.view")
    grants = [grant for grant in viewer.grants if "metrics.view" in grant.permissions]
    limited = dict(where)
    if any(_is_unlimited(grant) for grant in grants):
        return limited
    scopes = {(grant.queue_group, grant.site, grant.market, grant.data_boundary) for grant in grants}
    differing = sum(len({scope[at] for scope in scopes}) > 1 for at in range(4))
    held = grants if differing <= 1 else grants[:1]
    if is_live:
        narrowed = Viewer(name=viewer.name, grants=tuple(held), user_id=viewer.user_id)
        seen = queues(viewer=narrowed, permission="metrics.view").values_list("slug", flat=True)
        _narrow(limited, "queue", tuple(sorted(seen)))
    elif any(grant.queue_group for grant in held):
        _narrow(limited, "queue", _NOTHING)
    for name in ("site", "market"):
        values = tuple(sorted({getattr(grant, name) for grant in held}))
        if values and all(values):
            _narrow(limited, name, values)
    return limited


def _is_unlimited(grant: GrantScope) -> bool:
    return not (grant.queue_group or grant.site or grant.market) and grant.data_boundary == ALL_BOUNDARIES


def _narrow(where: dict[str, tuple[str, ...]], name: str, allowed: tuple[str, ...]) -> None:
    wanted = where.get(name)
    kept = tuple(value for value in wanted if value in allowed) if wanted else allowed
    where[name] = kept or _NOTHING
