"""Who uses a metric: other features say so when they start, for a definition is not changed behind them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.targets.models import Target


@dataclass(frozen=True, slots=True)
class Use:
    """Something that stands on a metric: what it is, its name, its address."""

    kind: str
    name: str
    url: str = ""


Finder = Callable[[str, Viewer], list[Use]]
_FINDERS: list[Finder] = []


def register(finder: Finder) -> None:
    """Let a feature say what of it stands on a metric, within a viewer's reach."""
    _FINDERS.append(finder)


def uses_of(metric_id: str, *, viewer: Viewer) -> list[Use]:
    """Return everything that stands on the metric, as far as the viewer may see it."""
    found = _targets(metric_id, viewer)
    for finder in _FINDERS:
        found += finder(metric_id, viewer)
    return found


def _targets(metric_id: str, viewer: Viewer) -> list[Use]:
    if not viewer.can("targets.view"):
        return []
    held = Target.objects.filter(metric_id=metric_id, closed_at__isnull=True, withdrawn=False).count()
    return [Use(gettext("Targets"), str(held), reverse("targets:board") + f"?m={metric_id}")] if held else []
