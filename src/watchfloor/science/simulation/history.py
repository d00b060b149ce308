"""The history of an operation as the facts' columns, and the cases that are still open at its end.

`simulate_history` draws the cases, plays them, and describes what happened. Only decided cases become facts:
an undecided one will be enqueued, with its first instant, in the operation that goes on from here, and its
facts will come from there. The turns already spent on such a case are left out of the reviews, so the case
starts its turns anew; `left_out_reviews` says how many that were.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.arrivals import Cases, draw_cases
from watchfloor.science.simulation.case_tables import case_table, decision_table, review_table
from watchfloor.science.simulation.columns import Table
from watchfloor.science.simulation.engine import DECIDED
from watchfloor.science.simulation.facets import Facets
from watchfloor.science.simulation.model import Model, build_model
from watchfloor.science.simulation.people_tables import activity_table, exposure_table, shift_table
from watchfloor.science.simulation.quality_samples import (
    calibration_table,
    gold_cases,
    gold_reviews,
    gold_table,
    impression_table,
)
from watchfloor.science.simulation.quality_tables import appeal_table, audit_tables
from watchfloor.science.simulation.record_tables import change_table, forecast_table
from watchfloor.science.simulation.run import Run, open_cases, run
from watchfloor.science.simulation.schedule import Schedule, build_schedule
from watchfloor.science.simulation.staffing_tables import staffing_tables
from watchfloor.science.simulation.world import DemoWorld

MAX_DAYS = 180


@dataclass(frozen=True)
class OpenCase:
    """A case that waits, or is in review, at the end of the history."""

    case_id: str
    object_id: str
    queue: str
    strategy: str
    language: str
    market: str
    data_boundary: str | None
    enqueued_at: datetime
    deadline_at: datetime
    priority: int
    severity_hint: str
    risk_score: float
    media_seconds: float | None
    true_label: str
    in_review: bool


@dataclass(frozen=True)
class History:
    """What happened from `start` to `end`, with everything it was made from."""

    world: DemoWorld
    start: datetime
    end: datetime
    seed: int
    model: Model
    cases: Cases
    schedule: Schedule
    run: Run
    facets: Facets
    open_cases: tuple[OpenCase, ...]
    left_out_reviews: int
    kept_reviews: NDArray[np.int64]

    def tables(self) -> Iterator[tuple[str, Table]]:
        """Yield each fact's name and columns, built when asked for so that memory holds one at a time."""
        facets, outputs = self.facets, self.run.outputs
        chance = np.random.default_rng([self.seed, 5])
        yield "case", case_table(facets)
        reviews = review_table(facets, rows=self.kept_reviews)
        yield "review", reviews
        for audits, audit_reviews, strata in audit_tables(facets, rows=self.kept_reviews, rng=chance):
            yield "review", audit_reviews
            yield "audit", audits
            yield "audit_stratum", strata
        yield "decision", decision_table(facets, rng=chance)
        yield "appeal", appeal_table(facets, rng=chance)
        yield "exposure", exposure_table(facets)
        yield "activity_interval", activity_table(facets, outputs=outputs)
        yield "shift_plan", shift_table(facets, plan=self.schedule.plan)
        yield "forecast", forecast_table(facets, rng=chance)
        yield "change_event", change_table(self.world)
        gold = gold_cases(facets, rng=chance)
        yield "gold_case", gold_table(facets, number=gold, rng=chance)
        yield "review", gold_reviews(facets, rows=self.kept_reviews, gold=gold, rng=chance)
        yield "calibration_answer", calibration_table(facets, rows=self.kept_reviews, rng=chance)
        yield "impression", impression_table(facets, rng=chance)
        yield from staffing_tables(facets)


def simulate_history(
    world: DemoWorld, *, start: datetime | None = None, end: datetime | None = None, seed: int | None = None
) -> History:
    """Return the operation's history in `[start, end)`.

    Args:
        world: The description; its own start, end and seed are the defaults.
        start: Must equal the world's start: people's experience and planted causes count from there.
        end: Aware instant; at most 180 days after the start.
        seed: Chance of arrivals, people's days and outcomes.

    Raises:
        ValueError: `start` differs from the world's, or the period is empty or too long.

    """
    first = world.start if start is None else start
    last = world.end if end is None else end
    number = world.seed if seed is None else seed
    if first != world.start:
        raise ValueError(
            f"start={first} is not the world's start {world.start}; build a world that starts there."
        )
    if not timedelta(0) < last - first <= timedelta(days=MAX_DAYS):
        raise ValueError(f"The history from {first} to {last} is empty or longer than {MAX_DAYS} days.")
    model = build_model(world, end=last)
    horizon_ms = (last - first) // timedelta(milliseconds=1)
    cases = draw_cases(model, horizon_ms=horizon_ms, rng=np.random.default_rng([number, 3]))
    schedule = build_schedule(world, end=last, rng=np.random.default_rng([number, 4]))
    played = run(model=model, cases=cases, timetable=schedule.timetable, horizon_ms=horizon_ms, seed=number)
    facets = Facets.of(model, cases=cases, run=played, end=last, seed=number)
    decided = played.outputs.case_state[played.outputs.review_case] == DECIDED
    return History(
        world=world,
        start=first,
        end=last,
        seed=number,
        model=model,
        cases=cases,
        schedule=schedule,
        run=played,
        facets=facets,
        open_cases=_open_cases(facets, numbers=open_cases(played), in_review=played.in_review),
        left_out_reviews=int((~decided).sum()),
        kept_reviews=np.flatnonzero(decided),
    )


def _open_cases(
    facets: Facets, *, numbers: NDArray[np.int64], in_review: NDArray[np.int64]
) -> tuple[OpenCase, ...]:
    cases, world = facets.cases, facets.model.world
    busy = set(in_review.tolist())
    described = []
    for number in numbers.tolist():
        queue = world.queues[cases.queue[number]]
        media = float(cases.media_seconds[number])
        described.append(
            OpenCase(
                case_id=facets.case_id(number),
                object_id=facets.object_id(number),
                queue=queue.slug,
                strategy=world.strategies[cases.strategy[number]].slug,
                language=facets.languages[cases.language[number]],
                market=facets.markets[cases.market[number]],
                data_boundary=queue.data_boundary,
                enqueued_at=world.start + timedelta(milliseconds=int(cases.at_ms[number])),
                deadline_at=world.start + timedelta(milliseconds=int(cases.deadline_ms[number])),
                priority=int(cases.priority[number]),
                severity_hint=facets.severities[cases.severity[number]],
                risk_score=float(cases.risk[number]),
                media_seconds=None if np.isnan(media) else media,
                true_label=facets.model.labels[cases.label[number]].slug,
                in_review=number in busy,
            )
        )
    return tuple(described)
