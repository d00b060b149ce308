"""Reads of alerts and rules within the viewer's reach: the gravest first, queues beyond reach not at all."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from watchfloor.metrics import Catalogue
from watchfloor.operations.alerts.models import Alert, AlertRule, Channel, LaunchWaiver
from watchfloor.operations.alerts.vocabulary import DEADLINE_METRICS, STANDING
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.viewers import ALL_BOUNDARIES, NotFoundError, Viewer

PERMISSION = "alerts.view"


def alerts(*, viewer: Viewer, states: Iterable[str] | None = None) -> QuerySet[Alert]:
    """Return the alerts within reach, by severity, then by what is at stake.

    An alert about a queue is seen by whoever sees the queue; another one by those whose grants cover it.
    """
    of_queue = Q(queue__isnull=False) & reach(viewer=viewer, permission=PERMISSION, prefix="queue__")
    elsewhere = Q(queue__isnull=True) & viewer.scope(
        PERMISSION, queue_group="queue_group", sites="site", data_boundary="data_boundary"
    )
    rows = Alert.objects.filter(of_queue | elsewhere).select_related("rule", "queue")
    return rows if states is None else rows.filter(state__in=list(states))


def alert(*, viewer: Viewer, alert_id: int) -> Alert:
    """Return one alert.

    Raises:
        NotFoundError: there is none within reach.

    """
    found = alerts(viewer=viewer).filter(pk=alert_id).first()
    if found is None:
        raise NotFoundError(f"There is no alert {alert_id}.", remedy="Check its number and your access.")
    return found


def rules(*, viewer: Viewer) -> QuerySet[AlertRule]:
    """Return the rules within reach with `standing`, how many of their alerts stand.

    A rule for everything is seen by everybody who sees alerts; its alerts are not.
    """
    viewer.require(PERMISSION)
    grants = [grant for grant in viewer.grants if PERMISSION in grant.permissions]
    within = Q(pk__in=[])
    for grant in grants:
        one = Q(queue_group="") | Q(queue_group=grant.queue_group) if grant.queue_group else Q()
        if grant.site:
            one &= Q(site="") | Q(site=grant.site)
        if grant.data_boundary != ALL_BOUNDARIES:
            one &= Q(data_boundary__in=("", grant.data_boundary))
        within |= one if one else Q(pk__isnull=False)
    return AlertRule.objects.filter(within).annotate(
        standing=Count("alerts", filter=Q(alerts__state__in=STANDING))
    )


def rule(*, viewer: Viewer, slug: str) -> AlertRule:
    """Return one rule.

    Raises:
        NotFoundError: there is none within reach.

    """
    found = rules(viewer=viewer).filter(slug=slug).first()
    if found is None:
        raise NotFoundError(f"There is no alert rule {slug!r}.", remedy="Check its name and your access.")
    return found


def channels(*, viewer: Viewer) -> QuerySet[Channel]:
    """Return the channels that the viewer's boundaries reach."""
    viewer.require(PERMISSION)
    return Channel.objects.filter(viewer.scope(PERMISSION, data_boundary="data_boundary"))


def standing_by_queue(*, viewer: Viewer) -> Mapping[str, int]:
    """Return how many alerts stand of each queue within reach, by slug."""
    rows = alerts(viewer=viewer, states=STANDING).filter(queue__isnull=False).order_by()
    return dict(rows.values_list("queue__slug").annotate(count=Count("pk")))


def rules_for(queue: Queue) -> list[AlertRule]:
    """Return the active rules that watch this queue, each by its own name or through a split or a filter."""
    group = {"queue": queue.slug, "surface": queue.surface, "purpose": queue.purpose}
    if queue.data_boundary is not None:
        group["data_boundary"] = queue.data_boundary.slug
    found = AlertRule.objects.filter(state="active").exclude(kind="freshness").prefetch_related("channels")
    boundary = queue.data_boundary.slug if queue.data_boundary else ""
    return [
        one
        for one in found.order_by("slug")
        if _covers(one, group) and one.data_boundary in ("", boundary) and _sees(one, queue)
    ]


def _covers(rule: AlertRule, held: Mapping[str, str]) -> bool:
    return all(name not in held or held[name] in values for name, values in rule.scope.items() if values)


def _sees(rule: AlertRule, queue: Queue) -> bool:
    """Return whether the rule looks at the queue itself, not at a total that it is part of."""
    named = set(rule.scope.get("queue", ())) == {queue.slug}
    return "queue" in rule.by or named


def is_about(rule: AlertRule, about: str) -> bool:
    """Return whether a rule watches that cases are decided in time (`deadline`), or how well (`quality`)."""
    if about == "deadline":
        return rule.metric_id in DEADLINE_METRICS
    known = Catalogue.standard()
    return rule.metric_id in known and known[rule.metric_id].family == "quality"


def tested_channels(rule: AlertRule) -> list[Channel]:
    """Return the rule's channels that were tried and answered."""
    return [one for one in rule.channels.all() if one.active and one.tested_at is not None]


def waivers(queue: Queue) -> Mapping[str, LaunchWaiver]:
    """Return what was waived for the queue, by `deadline` and `quality`."""
    return {one.about: one for one in LaunchWaiver.objects.filter(queue=queue)}


def told_lately(rule: AlertRule, *, since: datetime) -> int:
    """Return how often the rule fired since an instant."""
    return rule.alerts.filter(fired_at__gte=since).count()
