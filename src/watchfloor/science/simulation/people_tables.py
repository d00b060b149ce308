"""The facts of people's time: activity, planned shifts, and exposure to severe content."""

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.columns import AnyColumn, Coded, Ids, Numbers, lookup
from watchfloor.science.simulation.engine import Outputs
from watchfloor.science.simulation.facets import DAY_MS, Facets
from watchfloor.science.simulation.schedule import STATES, Plan

I64 = NDArray[np.int64]


def activity_table(facets: Facets, *, outputs: Outputs) -> dict[str, AnyColumn]:
    """Return the fact activity_interval; time off duty has no row."""
    count = len(outputs.activity_state)
    reviewer = outputs.activity_reviewer.astype(np.int64)
    start = outputs.activity_start_ms
    return {
        "interval_id": Ids("a", np.arange(count, dtype=np.int64)),
        "reviewer_id": facets.reviewer_column(reviewer),
        **facets.person_columns(reviewer, at_ms=start),
        "state": Coded(outputs.activity_state.astype(np.int32), STATES),
        "started_at": facets.instants(start),
        "ended_at": facets.instants(outputs.activity_end_ms),
    }


def shift_table(facets: Facets, *, plan: Plan) -> dict[str, AnyColumn]:
    """Return the fact shift_plan for planned intervals that begin in the history or the two days after it."""
    horizon_ms = round(facets.end.timestamp() * 1000) - facets.offset_ms
    kept = (plan.start_ms >= 0) & (plan.start_ms < horizon_ms + 2 * DAY_MS)
    reviewer = plan.reviewer[kept]
    main_queue = tuple(item.queues[0] for item in facets.world.reviewers)
    return {
        "shift_id": Ids("s", np.arange(len(reviewer), dtype=np.int64)),
        "reviewer_id": facets.reviewer_column(reviewer),
        **facets.person_columns(reviewer, at_ms=plan.start_ms[kept]),
        "queue_id": lookup(reviewer, main_queue),
        "scheduled_state": Coded(plan.state[kept].astype(np.int32), STATES),
        "started_at": facets.instants(plan.start_ms[kept]),
        "ended_at": facets.instants(plan.end_ms[kept]),
    }


def exposure_table(facets: Facets) -> dict[str, AnyColumn]:
    """Return the fact exposure: visible seconds of violating content by person, UTC day and severity."""
    out, cases = facets.run.outputs, facets.cases
    severity_of = np.array([facets.severities.index(label.severity) for label in facets.model.labels])
    shown = cases.label[out.review_case] != cases.first_label[out.review_case]
    case = out.review_case[shown]
    start = out.review_assigned_ms[shown]
    midnight = facets.offset_ms % DAY_MS
    day = (start + midnight) // DAY_MS
    severity = severity_of[cases.label[case]]
    visible = np.minimum(
        out.review_handle_ms[shown] / 1000 * 0.7, np.nan_to_num(cases.media_seconds[case], nan=60.0)
    )
    key = (out.review_reviewer[shown].astype(np.int64) * 10_000 + day) * len(facets.severities) + severity
    keys, place = np.unique(key, return_inverse=True)
    seconds = np.bincount(place, weights=visible)
    reviewer, rest = np.divmod(keys, 10_000 * len(facets.severities))
    day, severity = np.divmod(rest, len(facets.severities))
    people = facets.world.reviewers
    begins = day * DAY_MS - midnight
    return {
        "exposure_id": Ids("e", np.arange(len(keys), dtype=np.int64)),
        "reviewer_id": facets.reviewer_column(reviewer),
        "site_id": lookup(reviewer, tuple(item.site for item in people)),
        "team_id": lookup(reviewer, tuple(item.team for item in people)),
        "severity": Coded(severity.astype(np.int32), facets.severities),
        "started_at": facets.instants(begins),
        "ended_at": facets.instants(begins + DAY_MS),
        "visible_seconds": Numbers(np.round(seconds, 1)),
        "blurred": Numbers(severity <= 1),
        "sound_on": Numbers(severity >= 2),
        "items": Numbers(np.bincount(place).astype(np.int64)),
    }
