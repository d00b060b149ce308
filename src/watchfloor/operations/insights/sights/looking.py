"""Answers a question in the view that it asks for."""

from collections.abc import Callable, Mapping
from datetime import datetime

from watchfloor.operations.insights.question import Question
from watchfloor.operations.insights.sights.cohort import cohort
from watchfloor.operations.insights.sights.compare import compare
from watchfloor.operations.insights.sights.heat import heatmap
from watchfloor.operations.insights.sights.parts import Look, Sight
from watchfloor.operations.insights.sights.plain import multiples, plain, table
from watchfloor.operations.insights.sights.spread import distribution, percentiles
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.shell.asked import Asked

VIEWS: Mapping[str, Callable[[Look], Sight]] = {
    "lines": plain,
    "table": table,
    "multiples": multiples,
    "distribution": distribution,
    "percentiles": percentiles,
    "heatmap": heatmap,
    "cohort": cohort,
    "compare": compare,
}


def look(question: Question, *, viewer: Viewer, asked: Asked, now: datetime) -> Sight:
    """Return what the question looks like to this viewer, in its view.

    Raises:
        WatchfloorError: there is no honest answer in this view; the message says why and what to ask instead.

    """
    return VIEWS[question.view](Look.of(question, viewer=viewer, asked=asked, now=now))
