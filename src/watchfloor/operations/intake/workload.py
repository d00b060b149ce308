"""What a strategy's cases would ask of people: hours, heads, waits and price. Pure arithmetic, shown in full.

The shares are defaults of planning, stated beside every result; a forecast of its own is better.
"""

from dataclasses import dataclass

HOURS_A_WEEK = 40.0
SHRINKAGE = 0.30
OCCUPANCY = 0.80
PEAK_FACTOR = 1.8
PEAK_HOURS = 4


@dataclass(frozen=True, slots=True)
class Workload:
    """The work of a strategy at its expected volume.

    Attributes:
        hours_a_day: Hours of handling a day.
        heads: Full-time people who cover it, after shrinkage and occupancy.
        at_peak: People needed at once in a peak hour.
        backlog_after_peak: Cases that wait after the peak, with people for the mean hour alone.
        longest_wait_seconds: How long the last of them waits.
        true_positives_a_day: Expected violative cases; None without an expected share.
        cost_a_day: In the operation's currency; None without a cost.
        cost_per_true_positive: None without both, or where nothing is expected to be found.

    """

    hours_a_day: float
    heads: float
    at_peak: float
    backlog_after_peak: float
    longest_wait_seconds: float
    true_positives_a_day: float | None = None
    cost_a_day: float | None = None
    cost_per_true_positive: float | None = None


def workload(
    *,
    cases_a_day: float,
    handle_seconds: float,
    violative_share: float | None = None,
    cost_per_hour: float | None = None,
) -> Workload:
    """Return what the cases ask of people.

    >>> work = workload(cases_a_day=960, handle_seconds=120, violative_share=0.25, cost_per_hour=20)
    >>> work.hours_a_day, round(work.heads, 1), work.cost_per_true_positive
    (32.0, 10.0, 2.6666666666666665)
    """
    hours = cases_a_day * handle_seconds / 3600
    mean_hour = cases_a_day / 24
    served = mean_hour  # people for the mean hour decide as many as arrive in it
    backlog = (PEAK_FACTOR - 1) * mean_hour * PEAK_HOURS
    found = cases_a_day * violative_share if violative_share is not None else None
    cost = hours * cost_per_hour if cost_per_hour is not None else None
    return Workload(
        hours_a_day=hours,
        heads=hours * 7 / (HOURS_A_WEEK * (1 - SHRINKAGE) * OCCUPANCY),
        at_peak=PEAK_FACTOR * mean_hour * handle_seconds / 3600 / OCCUPANCY,
        backlog_after_peak=backlog,
        longest_wait_seconds=backlog / served * 3600 if served else 0.0,
        true_positives_a_day=found,
        cost_a_day=cost,
        cost_per_true_positive=cost / found if cost is not None and found else None,
    )
