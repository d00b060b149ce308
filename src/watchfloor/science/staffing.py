r"""How many people a queue needs, and how sure that is: Erlang C, shrinkage, and the chance of a gap.

Owns the closed formulas of a queue with Poisson arrivals, exponential handle times and equal servers. They
are for the peak interval of a plan and for signing off a launch; they ignore shifts, breaks within the
interval, priorities and abandonment. Overload and mixed classes are for the simulation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

MOST_AGENTS = 20_000
_QUANTILES = special.ndtri((np.arange(99) + 0.5) / 99)


@dataclass(frozen=True, slots=True)
class Demand:
    """What comes in the peak hour, how long a case takes, and what is promised. Durations are seconds."""

    arrivals_per_hour: float
    handle_seconds: float
    sla_seconds: float
    on_time_share: float
    occupancy_most: float = 0.9

    @property
    def load(self) -> float:
        """The work offered, in people busy all the time."""
        return self.arrivals_per_hour * self.handle_seconds / 3600.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What a demand asks of a staff, and the chance that the staff falls short.

    `gap_probability` is the chance that the arrivals exceed what the staff can serve within the promise;
    `on_time_probability` the share of cases begun in time, averaged over the forecast's spread.
    """

    agents: int
    full_time: float
    occupancy: float
    seated: float
    gap_probability: float
    on_time_probability: float


@dataclass(frozen=True, slots=True)
class Feasibility:
    """Whether every deadline can be met; if not, the person-hours missing between `begins` and `ends`."""

    feasible: bool
    shortfall: float
    begins: float
    ends: float


def erlang_c(*, agents: int, load: float) -> float:
    """Return the probability that a case waits; 1 where the load is not below the agents.

    Examples
    --------
    >>> round(erlang_c(agents=2, load=1.0), 6)
    0.333333
    """
    if load <= 0.0:
        return 0.0
    if load >= agents:
        return 1.0
    blocked = 1.0
    for server in range(1, agents + 1):
        blocked = load * blocked / (server + load * blocked)
    return blocked / (1.0 - load / agents * (1.0 - blocked))


def on_time(*, agents: int, demand: Demand) -> float:
    r"""Return the share of cases that begin early enough to end within the promise, on average.

    Notes
    -----
    :math:`1 - C(c, a)\,e^{-(c - a)\,t/h}` with :math:`t` the promise less the handle time :math:`h`.
    """
    wait = demand.sla_seconds - demand.handle_seconds
    if wait < 0.0 or demand.load >= agents:
        return 0.0
    waits = erlang_c(agents=agents, load=demand.load)
    return 1.0 - waits * math.exp(-(agents - demand.load) * wait / demand.handle_seconds)


def required_agents(demand: Demand) -> int:
    """Return the fewest people seated that keep the promise without exceeding the occupancy.

    Raises
    ------
    ValueError
        The promise is shorter than the handle time, or more than `MOST_AGENTS` would be needed.

    Examples
    --------
    >>> required_agents(Demand(100, 180, 200, 0.8, 1.0))
    8
    """
    if demand.sla_seconds < demand.handle_seconds:
        raise ValueError(
            f"A promise of {demand.sla_seconds:g} s is shorter than the handle time of "
            f"{demand.handle_seconds:g} s; promise more time."
        )
    agents = max(1, math.floor(demand.load) + 1, math.ceil(demand.load / demand.occupancy_most - 1e-9))
    while on_time(agents=agents, demand=demand) < demand.on_time_share:
        agents += 1
        if agents > MOST_AGENTS:
            raise ValueError(f"More than {MOST_AGENTS} people would be needed; check the forecast.")
    return agents


def with_shrinkage(seated: float, *, shrinkage: float) -> float:
    """Return how many must be employed so that `seated` are at work.

    Examples
    --------
    >>> round(with_shrinkage(100, shrinkage=0.30), 3)
    142.857
    """
    if not 0.0 <= shrinkage < 1.0:
        raise ValueError(f"shrinkage={shrinkage} is outside [0, 1).")
    return seated / (1.0 - shrinkage)


def plan(*, demand: Demand, full_time: float, shrinkage: float, forecast_error: float) -> Plan:
    """Return what the demand asks for, and the chance that `full_time` people fall short of it.

    Parameters
    ----------
    demand : Demand
        The peak hour as it is forecast.
    full_time : float
        People employed for that hour, before shrinkage.
    shrinkage : float
        Share of their time not at work, in [0, 1).
    forecast_error : float
        Standard deviation of the arrivals, as a share of the forecast; the spread is taken as normal.
    """
    agents = required_agents(demand)
    seated = full_time * (1.0 - shrinkage)
    seats = math.floor(seated + 1e-9)
    scenarios = [_scaled(demand, max(0.0, 1.0 + forecast_error * float(z))) for z in _QUANTILES]
    return Plan(
        agents=agents,
        full_time=with_shrinkage(agents, shrinkage=shrinkage),
        occupancy=demand.load / agents,
        seated=seated,
        gap_probability=_gap(demand, seats, forecast_error),
        on_time_probability=float(np.mean([on_time(agents=seats, demand=one) for one in scenarios])),
    )


def _gap(demand: Demand, seats: int, forecast_error: float) -> float:
    """Return the chance that the arrivals exceed the most that the seats serve within the promise."""
    if seats < 1:
        return 1.0
    low, high = 0.0, 1.0
    while _fits(_scaled(demand, high), seats) and high < 1024.0:
        low, high = high, high * 2.0
    for _ in range(50):
        middle = (low + high) / 2.0
        low, high = (middle, high) if _fits(_scaled(demand, middle), seats) else (low, middle)
    if forecast_error <= 0.0:
        return 0.0 if low >= 1.0 - 1e-9 else 1.0
    return float(special.ndtr(-(low - 1.0) / forecast_error))


def _fits(demand: Demand, seats: int) -> bool:
    return (
        demand.load < seats
        and demand.load / seats <= demand.occupancy_most + 1e-12
        and on_time(agents=seats, demand=demand) >= demand.on_time_share
    )


def _scaled(demand: Demand, factor: float) -> Demand:
    return Demand(
        demand.arrivals_per_hour * factor,
        demand.handle_seconds,
        demand.sla_seconds,
        demand.on_time_share,
        demand.occupancy_most,
    )


def deferred_feasible(
    *,
    released_at: Sequence[float],
    due_at: Sequence[float],
    work: Sequence[float],
    capacity_at: Sequence[float],
    capacity: Sequence[float],
) -> Feasibility:
    """Return whether deferred work can all be done by its deadlines, and the tightest stretch of time.

    Parameters
    ----------
    released_at, due_at : sequences of shape (n,)
        When each case could first be worked on, and its deadline, hours. The open backlog is released at the
        beginning of the plan, not left out.
    work : sequence of shape (n,)
        Standard work of each case, person-hours.
    capacity_at : sequence of shape (k,)
        Ascending edges of the plan, hours.
    capacity : sequence of shape (k − 1,)
        People at work between the edges.

    Notes
    -----
    Earliest deadline first meets every deadline that can be met at all. It does exactly if for every s < t
    the work released at or after s and due by t does not exceed the capacity in [s, t]. Only releases and
    deadlines need to be tried as s and t. The test lets a case be split between people, and be worked on
    by several.

    Examples
    --------
    >>> deferred_feasible(released_at=[0, 0], due_at=[2, 4], work=[3, 4], capacity_at=[0, 4], capacity=[2])
    Feasibility(feasible=True, shortfall=0.0, begins=0.0, ends=4.0)
    """
    begins, ends = np.asarray(released_at, dtype=float), np.asarray(due_at, dtype=float)
    hours = np.asarray(work, dtype=float)
    if (ends < begins).any():
        raise ValueError("A case is due before it is released; correct its deadline.")
    edges = np.asarray(capacity_at, dtype=float)
    reached = np.concatenate([[0.0], np.cumsum(np.diff(edges) * np.asarray(capacity, dtype=float))])
    tightest = Feasibility(True, 0.0, 0.0, 0.0)
    worst = -math.inf
    for start in np.unique(begins):
        kept = begins >= start
        order = np.argsort(ends[kept], kind="stable")
        due, owed = ends[kept][order], np.cumsum(hours[kept][order])
        offered = np.interp(due, edges, reached) - np.interp(start, edges, reached)
        short = owed - offered
        place = int(len(short) - 1 - np.argmax(short[::-1]))
        if short[place] > worst:
            worst = float(short[place])
            tightest = Feasibility(worst <= 1e-9, max(0.0, worst), float(start), float(due[place]))
    return tightest
