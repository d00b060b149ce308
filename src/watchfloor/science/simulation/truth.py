"""The truth about a simulated history: what was planted, how large, and what the people really are like.

Explanations are tested against it; nothing in the product reads it. JSON-ready: texts, numbers, lists, maps.
"""

from datetime import UTC, datetime

from watchfloor.science.simulation.history import History
from watchfloor.science.simulation.model import NOISE_SIGMA, OUTCOME_SHARES, REOPEN_SHARE
from watchfloor.science.simulation.schedule import ABSENCE_SHARE
from watchfloor.science.simulation.staffing_tables import TRUTH
from watchfloor.science.simulation.world import Cause, DemoWorld


def truth(world: DemoWorld, history: History) -> dict[str, object]:
    """Return everything that is known about the history because it was made."""
    return {
        "simulated": True,
        "seed": history.seed,
        "start": _iso(history.start),
        "end": _iso(history.end),
        "counts": {
            "cases": len(history.cases),
            "cases_decided": int(history.facets.decided.sum()),
            "cases_open": len(history.open_cases),
            "reviews": len(history.run.outputs.review_case),
            "reviews_left_out": history.left_out_reviews,
            "decisions": len(history.run.outputs.decision_case),
            "events": history.run.events,
        },
        "causes": [_cause(cause, history=history) for cause in world.causes],
        "model": {
            "handle_noise_sigma_log": NOISE_SIGMA,
            "learning_handle_extra": world.learning.handle_extra,
            "learning_error_extra": world.learning.error_extra,
            "learning_tau_cases": world.learning.tau_cases,
            "absence_share": ABSENCE_SHARE,
            "reopen_share": REOPEN_SHARE,
            "outcome_shares": dict(
                zip(("skipped", "timeout", "returned", "escalated"), OUTCOME_SHARES, strict=True)
            ),
        },
        "staffing": TRUTH,
        "sites": {site.slug: {"handle_factor": site.handle_factor} for site in world.sites},
        "queues": {
            queue.slug: {
                "daily_cases": queue.daily_cases,
                "handle_seconds": queue.handle_seconds,
                "violative_share": queue.violative_share,
                "double_share": queue.double_share,
            }
            for queue in world.production_queues
        },
        "reviewers": {
            reviewer.code: {
                "speed_factor": round(reviewer.speed_factor, 4),
                "error_share": round(reviewer.error_share, 4),
                "initial_cases": round(reviewer.initial_cases, 1),
            }
            for reviewer in world.reviewers
        },
    }


def _cause(cause: Cause, *, history: History) -> dict[str, object]:
    happened = cause.from_at < history.end
    return {
        "id": cause.id,
        "kind": cause.kind,
        "from": _iso(cause.from_at),
        "to": None if cause.to_at is None else _iso(cause.to_at),
        "in_history": happened,
        "scope": {name: list(values) for name, values in cause.scope},
        "metrics": list(cause.metrics),
        "distractor": cause.distractor,
        "size": {
            "handle_factor": cause.handle_factor,
            "volume_factor": cause.volume_factor,
            "violative_shift": cause.violative_shift,
            "ramp_seconds": cause.ramp_seconds,
        },
        "change_events": [
            change.id.removeprefix("distractor-")
            for change in history.world.changes
            if change.cause == cause.id
        ],
        "summary": {"en": cause.summary.en, "zh-Hans": cause.summary.zh_hans},
    }


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
