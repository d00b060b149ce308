"""The governed catalogue of metrics: definitions in YAML, compiled to SQL, answered as cells with intervals.

Start with `answer`; `Catalogue` holds the definitions, `rollups` makes answers fast.
"""

from watchfloor.metrics.answering import answer
from watchfloor.metrics.catalogue import Catalogue, UnknownMetricError
from watchfloor.metrics.cells import Answer, Cell, Query
from watchfloor.metrics.definition import Definition, DefinitionError, MetricError
from watchfloor.metrics.dimensions import DIMENSIONS, UNKNOWN
from watchfloor.metrics.questions import RefusedError
from watchfloor.metrics.rollups.refresh import refresh_rollups

__all__ = [
    "DIMENSIONS",
    "UNKNOWN",
    "Answer",
    "Catalogue",
    "Cell",
    "Definition",
    "DefinitionError",
    "MetricError",
    "Query",
    "RefusedError",
    "UnknownMetricError",
    "answer",
    "refresh_rollups",
]
