"""What the fact tables share: the queue's and the person's columns, versions in force, ids and instants."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.arrivals import Cases, market_codes
from watchfloor.science.simulation.columns import (
    MISSING_MS,
    AnyColumn,
    Coded,
    Instants,
    Numbers,
    constant,
    lookup,
)
from watchfloor.science.simulation.engine import DECIDED
from watchfloor.science.simulation.model import Model
from watchfloor.science.simulation.run import Run
from watchfloor.science.simulation.world import LANGUAGE_CODES, SEVERITIES, DemoWorld

I64 = NDArray[np.int64]
DAY_MS = 86_400_000
TENURE_BANDS = ("0-30", "31-90", "91-180", "181-365", "366+")
_BAND_EDGES = np.array([31, 91, 181, 366])


@dataclass(frozen=True)
class Facets:
    """Cases and their run, with the lookups from which columns are made."""

    model: Model
    cases: Cases
    run: Run
    end: datetime
    seed: int
    decided: NDArray[np.bool_]
    hired_ms: I64
    offset_ms: int
    severities: tuple[str, ...] = SEVERITIES
    languages: tuple[str, ...] = LANGUAGE_CODES
    markets: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, model: Model, *, cases: Cases, run: Run, end: datetime, seed: int) -> "Facets":
        """Return the facets of a finished run."""
        start = model.world.start
        hired = [
            round((reviewer.hired_on - start.date()) / timedelta(days=1))
            for reviewer in model.world.reviewers
        ]
        return cls(
            model=model,
            cases=cases,
            run=run,
            end=end,
            seed=seed,
            decided=run.outputs.case_state == DECIDED,
            hired_ms=np.array(hired, dtype=np.int64) * DAY_MS,
            offset_ms=round(start.timestamp() * 1000),
            markets=market_codes(model),
        )

    @property
    def world(self) -> DemoWorld:
        """The world that was simulated."""
        return self.model.world

    def instants(self, ms: I64) -> Instants:
        """Return instants from milliseconds since the world's start."""
        return Instants(ms + self.offset_ms)

    def missing_instants(self, count: int) -> Instants:
        """Return a column without an instant in any row."""
        return Instants(np.full(count, MISSING_MS, dtype=np.int64))

    def case_id(self, number: int) -> str:
        """Return the id of one case; `columns.Ids` writes the same for many."""
        return f"c{number:09d}"

    def object_id(self, number: int) -> str:
        """Return the id of the case's content object."""
        return f"o{int(self.cases.object_number[number]):09d}"

    def queue_columns(self, case: I64, *, at_ms: I64) -> dict[str, AnyColumn]:
        """Return the columns that say which queue a case stood in, as configured at `at_ms`."""
        cases, queues = self.cases, self.world.queues
        queue = cases.queue[case]
        return {
            "queue_id": lookup(queue, tuple(item.slug for item in queues)),
            "queue_version": Numbers(self.version_at(queue, at_ms=at_ms, part="number")),
            "purpose": lookup(queue, tuple(item.purpose for item in queues)),
            "surface": lookup(queue, tuple(item.surface for item in queues)),
            "strategy_id": lookup(cases.strategy[case], tuple(item.slug for item in self.world.strategies)),
            "language": lookup(cases.language[case], self.languages),
            "market": lookup(cases.market[case], self.markets),
            "data_boundary": lookup(queue, tuple(item.data_boundary for item in queues)),
        }

    def person_columns(self, reviewer: I64, *, at_ms: I64) -> dict[str, AnyColumn]:
        """Return the columns that say who the reviewer was at `at_ms`."""
        people = self.world.reviewers
        tenure_days = np.maximum(at_ms - self.hired_ms[reviewer], 0) // DAY_MS
        return {
            "site_id": lookup(reviewer, tuple(item.site for item in people)),
            "team_id": lookup(reviewer, tuple(item.team for item in people)),
            "employer_kind": lookup(reviewer, tuple(item.employer_kind for item in people)),
            "tenure_band": Coded(
                np.searchsorted(_BAND_EDGES, tenure_days, side="right").astype(np.int32), TENURE_BANDS
            ),
        }

    def reviewer_column(self, reviewer: I64) -> Coded:
        """Return the reviewers' codes."""
        return lookup(reviewer, tuple(item.code for item in self.world.reviewers))

    def version_at(self, queue: I64, *, at_ms: I64, part: str) -> I64:
        """Return the number named `part` of the queue version in force at `at_ms`."""
        first = np.array([getattr(item.versions[0], part) for item in self.world.queues], dtype=np.int64)
        last = np.array([getattr(item.versions[-1], part) for item in self.world.queues], dtype=np.int64)
        changed = [
            (item.versions[-1].effective_from - self.world.start) // timedelta(milliseconds=1)
            for item in self.world.queues
        ]
        result: I64 = np.where(at_ms >= np.array(changed, dtype=np.int64)[queue], last[queue], first[queue])
        return result

    def label_columns(self, label: I64) -> tuple[tuple[str, ...], Coded]:
        """Return all label slugs, and the action column of the labels given (−1 is no answer)."""
        slugs = tuple(item.slug for item in self.model.labels)
        actions = (*(item.action for item in self.model.labels), None)
        return slugs, lookup(label, actions)

    def none(self, count: int) -> Coded:
        """Return a column of missing texts."""
        return constant(None, count)
