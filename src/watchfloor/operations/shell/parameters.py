"""Knows which parameters each page's address may carry, so that a misspelt one is named, not passed over."""

from collections.abc import Iterable

from watchfloor.kernel import nearest

EVERYWHERE = ("op", "at", "as_of", "sort")
OF_PAGE: dict[str, tuple[str, ...]] = {
    "insights:floor": ("q", "site", "language", "surface", "level", "logical"),
    "insights:floor_summary": ("logical",),
    "insights:explore": (
        "m",
        "by",
        "period",
        "from",
        "to",
        "grain",
        "where",
        "tz",
        "view",
        "against",
        "cohort",
    ),
    "alerts:list": ("state", "severity", "page"),
    "alerts:new_rule": ("metric_id", "scope", "by"),
    "alerts:wallboard": ("queue", "seconds", "theme"),
    "alerts:wallboard_parts": ("queue", "seconds", "theme"),
    "dashboards:detail": ("period", "from", "to", "edit"),
    "insights:changes": ("q", "kind", "period", "page"),
    "queues:list": ("q", "surface", "state"),
    "queues:changes": ("state", "page"),
    "reports:review": ("period",),
    "scorecards:board": ("period", "m", "order"),
    "scorecards:unit": ("period", "m", "order"),
    "scorecards:mine": ("period",),
    "scorecards:contracts": ("vendor",),
    "scorecards:contract": ("month",),
    "intake:edit_rules": ("from",),
    "queues:template": ("version",),
    "queues:sop": ("version",),
    "people:reviewers": ("site", "team", "language", "skill", "search", "page"),
    "policies:detail": ("version",),
    "wellbeing:people": ("code",),
    "launches:list": ("state", "page"),
    "launches:new": ("source",),
    "quality:gold": ("queue", "state", "label", "page"),
    "quality:design": ("page",),
    "targets:board": ("of", "q", "status", "m", "only"),
    "targets:applied": ("m", "where"),
    "targets:studio": (
        "metric",
        "by",
        "second",
        "history",
        "kind",
        "period",
        "starts",
        "ends",
        "parent",
        "where",
        "title",
        "reason",
    ),
    "targets:plans": ("state",),
    "targets:plan": ("order",),
    "enforcement:callbacks": ("state", "endpoint", "page"),
    "enforcement:appeals": ("outcome", "kind", "page"),
    "enforcement:statements": ("state", "page"),
}
_MEANT = {
    "operation": "op", "metric": "m", "metrics": "m", "last": "period", "since": "from", "start": "from",
    "until": "to", "end": "to", "dimension": "by", "split": "by", "group": "by", "filter": "where",
    "time_zone": "tz", "timezone": "tz", "known_at": "as_of", "asof": "as_of", "search": "q", "query": "q",
}  # fmt: skip


def ignored_parameters(names: Iterable[str], *, page: str) -> list[tuple[str, str]]:
    """Return the unknown names, each with what was probably meant; empty where nothing is near.

    >>> ignored_parameters(["m", "last"], page="insights:explore")
    [('last', 'period')]
    """
    known = (*EVERYWHERE, *OF_PAGE.get(page, ()))
    found = []
    for name in dict.fromkeys(names):
        if name in known:
            continue
        meant = _MEANT.get(name.lower().replace("-", "_"), "")
        found.append((name[:40], meant if meant in known else nearest(name, known) or ""))
    return found
