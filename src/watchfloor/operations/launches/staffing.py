"""Gate 9's arithmetic for one queue: the forecast a person gives, against what the queue promises."""

from dataclasses import asdict, dataclass
from typing import Any

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.queues.models import QueueVersion
from watchfloor.science.staffing import Demand, Plan, plan


class StaffingError(WatchfloorError):
    """The forecast cannot be computed with."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a person expects of the peak hour, and whom they have. Shares are 0 to 1."""

    arrivals_per_hour: float
    handle_seconds: float
    forecast_error: float
    full_time: float
    shrinkage: float
    occupancy_most: float = 0.9


def staffing_plan(*, forecast: Forecast, version: QueueVersion, on_time_share: float) -> Plan:
    """Return what the forecast asks for under the queue's shortest deadline.

    Double reviews count as further cases: with a share doubled, so many more arrive.

    Raises:
        StaffingError: a figure is out of range, or the promise cannot be kept by any staff.

    """
    _check(forecast)
    seconds = [*version.sla_seconds.values(), *(rule["seconds"] for rule in version.sla_rules)]
    demand = Demand(
        arrivals_per_hour=forecast.arrivals_per_hour * reviews_a_case(version),
        handle_seconds=forecast.handle_seconds,
        sla_seconds=float(min(seconds)),
        on_time_share=on_time_share,
        occupancy_most=forecast.occupancy_most,
    )
    try:
        return plan(
            demand=demand,
            full_time=forecast.full_time,
            shrinkage=forecast.shrinkage,
            forecast_error=forecast.forecast_error,
        )
    except ValueError as error:
        raise StaffingError(str(error), remedy="Correct the forecast, or the queue's deadlines.") from error


def reviews_a_case(version: QueueVersion) -> float:
    """Return how many reviews a case takes at least, on average."""
    mode = version.queue.mode
    if mode == "double_review":
        return 2.0
    if mode == "sampled_double":
        return 1.0 + version.double_share
    if mode == "consensus":
        return float(max(1, version.consensus_required))
    return 1.0


def staffing_evidence(*, forecast: Forecast, found: Plan, version: QueueVersion) -> dict[str, Any]:
    """Return the sign-off's figures as they are kept."""
    return {
        **asdict(forecast),
        "reviews_a_case": reviews_a_case(version),
        "required_agents": found.agents,
        "required_full_time": found.full_time,
        "occupancy": found.occupancy,
        "seated": found.seated,
        "gap_probability": found.gap_probability,
        "on_time_probability": found.on_time_probability,
    }


def _check(forecast: Forecast) -> None:
    for name, value, low, high in (
        ("arrivals an hour", forecast.arrivals_per_hour, 0.001, 1e6),
        ("handle time in seconds", forecast.handle_seconds, 0.1, 86400.0),
        ("error of the forecast", forecast.forecast_error, 0.0, 1.0),
        ("full-time people", forecast.full_time, 0.0, 1e5),
        ("shrinkage", forecast.shrinkage, 0.0, 0.95),
        ("highest occupancy", forecast.occupancy_most, 0.05, 1.0),
    ):
        if not low <= value <= high:
            raise StaffingError(
                f"The {name} is {value:g}; it lies between {low:g} and {high:g}.", remedy="Correct it."
            )
