"""The present of a simulated operation: who is on duty, what arrives, how long a turn takes and what it says.

The live actor reads the clock and talks to the operation's services; here are only the answers to its
questions, by the same laws as the history. Build a `LiveOperation` for the days ahead and build a new one
when they have passed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np

from watchfloor.science.simulation.arrivals import Rates, describe_cases, market_codes, rates
from watchfloor.science.simulation.model import (
    HOUR_MS,
    LEASE_MS,
    MAX_HANDLE_MS,
    NOISE_SIGMA,
    OUTCOME_SHARES,
    TURN_FACTORS,
    Model,
    build_model,
    may_take,
)
from watchfloor.science.simulation.schedule import STATES, Timetable, build_schedule
from watchfloor.science.simulation.world import LANGUAGE_CODES, SEVERITIES, DemoWorld, Label

CASES_A_SHIFT = 70
OUTCOMES = ("skipped", "timeout", "returned", "escalated")


@dataclass(frozen=True, slots=True)
class LiveCase:
    """A case that arrives at `at`. `true_label` is what it really is: for the actor, not for the product."""

    at: datetime
    queue: str
    strategy: str
    language: str
    market: str
    data_boundary: str | None
    priority: int
    severity_hint: str
    risk_score: float
    media_seconds: float | None
    true_label: str


@dataclass(frozen=True, slots=True)
class Turn:
    """How a turn goes: it takes `handle_seconds`, ends as `outcome`, and says `label` if it was submitted."""

    handle_seconds: float
    outcome: str
    label: str | None
    action: str | None
    violative: bool | None


@dataclass(frozen=True)
class LiveOperation:
    """A world ready to be asked about any instant from its start to `until`."""

    model: Model
    timetable: Timetable
    until: datetime

    @classmethod
    def build(cls, world: DemoWorld, *, until: datetime) -> "LiveOperation":
        """Return the operation for instants up to `until`; a week ahead takes about a tenth of a second."""
        schedule = build_schedule(world, end=until, rng=np.random.default_rng([world.seed, 7]))
        return cls(build_model(world, end=until), schedule.timetable, until)

    @property
    def world(self) -> DemoWorld:
        """The world behind."""
        return self.model.world

    @cached_property
    def _rates(self) -> Rates:
        return rates(self.model)

    @cached_property
    def _reviewer_numbers(self) -> dict[str, int]:
        return {reviewer.code: number for number, reviewer in enumerate(self.world.reviewers)}

    @cached_property
    def _queue_numbers(self) -> dict[str, int]:
        return {queue.slug: number for number, queue in enumerate(self.world.queues)}

    @cached_property
    def _labels(self) -> dict[str, Label]:
        return {label.slug: label for label in self.model.labels}

    def arrivals(
        self, *, since: datetime, until: datetime, rng: np.random.Generator, scale: float = 1.0
    ) -> list[LiveCase]:
        """Return the cases that arrive in `[since, until)`, in order; `scale` multiplies their number."""
        if until <= since:
            return []
        hours = (until - since) / timedelta(hours=1)
        streams = self._rates
        expected = streams.actual[:, self._hour(since)] * hours * scale
        stream = np.repeat(np.arange(len(expected)), rng.poisson(expected))
        begin_ms = (since - self.world.start) // timedelta(milliseconds=1)
        length_ms = max((until - since) // timedelta(milliseconds=1), 1)
        at_ms = np.sort(begin_ms + rng.integers(0, length_ms, len(stream)))
        stream = rng.permutation(stream)
        cases = describe_cases(
            self.model,
            at_ms=at_ms,
            queue=streams.queue[stream],
            strategy=streams.strategy[stream],
            language=streams.language[stream],
            rng=rng,
        )
        markets = market_codes(self.model)
        described = []
        for number in range(len(cases)):
            queue = self.world.queues[cases.queue[number]]
            media = float(cases.media_seconds[number])
            described.append(
                LiveCase(
                    at=self.world.start + timedelta(milliseconds=int(at_ms[number])),
                    queue=queue.slug,
                    strategy=self.world.strategies[cases.strategy[number]].slug,
                    language=LANGUAGE_CODES[cases.language[number]],
                    market=markets[cases.market[number]],
                    data_boundary=queue.data_boundary,
                    priority=int(cases.priority[number]),
                    severity_hint=SEVERITIES[cases.severity[number]],
                    risk_score=float(cases.risk[number]),
                    media_seconds=None if np.isnan(media) else media,
                    true_label=self.model.labels[cases.label[number]].slug,
                )
            )
        return described

    def planned_arrivals(self, *, queue: str, at: datetime) -> float:
        """Return the cases planned for the hour that begins at `at`."""
        mine = self._rates.queue == self._queue_numbers[queue]
        return float(self._rates.planned[mine, self._hour(at)].sum())

    def state(self, *, reviewer: str, at: datetime) -> str:
        """Return what the reviewer does at `at` by the timetable; `available` stands for working on cases."""
        number = self._reviewer_numbers[reviewer]
        row = slice(int(self.timetable.first[number]), int(self.timetable.first[number + 1]))
        at_ms = (at - self.world.start) // timedelta(milliseconds=1)
        place = int(np.searchsorted(self.timetable.at_ms[row], at_ms, side="right")) - 1
        return "offline" if place < 0 else STATES[int(self.timetable.state[row][place])]

    def next_change(self, *, reviewer: str, at: datetime) -> datetime | None:
        """Return when the reviewer's state changes next, or None when it is not known yet."""
        number = self._reviewer_numbers[reviewer]
        row = slice(int(self.timetable.first[number]), int(self.timetable.first[number + 1]))
        at_ms = (at - self.world.start) // timedelta(milliseconds=1)
        times = self.timetable.at_ms[row]
        place = int(np.searchsorted(times, at_ms, side="right"))
        if place >= len(times) - 1:
            return None
        return self.world.start + timedelta(milliseconds=int(times[place]))

    def may_take(self, *, reviewer: str, queue: str, language: str) -> bool:
        """Return whether the reviewer may take cases of the queue in the language."""
        number = self._reviewer_numbers[reviewer]
        trained = may_take(self.world, reviewer=number, queue=self._queue_numbers[queue])
        return trained and language in self.world.reviewers[number].languages

    def turn(
        self,
        *,
        reviewer: str,
        queue: str,
        language: str,
        at: datetime,
        rng: np.random.Generator,
        true_label: str | None = None,
        media_seconds: float | None = None,
        turn: int = 0,
        may_fail: bool = True,
    ) -> Turn:
        """Return how a turn that begins at `at` goes, by the same laws as in the history.

        A case whose truth nobody knows (it came from outside) violates with the queue's share. With
        `may_fail` false the turn ends by an answer.
        """
        person = self.world.reviewers[self._reviewer_numbers[reviewer]]
        number = self._queue_numbers[queue]
        truth = self._labels.get(true_label or "") or self._draw_label(number, rng=rng)
        fresh = float(np.exp(-self.experience(reviewer=reviewer, at=at) / self.world.learning.tau_cases))
        seconds = self._expected_seconds(number, language=language, label=truth, media_seconds=media_seconds)
        seconds *= TURN_FACTORS[min(turn, len(TURN_FACTORS) - 1)] * person.speed_factor
        seconds *= 1 + self.world.learning.handle_extra * fresh
        effects, hour = self.model.effects, self._hour(at)
        site = [item.slug for item in self.world.sites].index(person.site)
        seconds *= float(effects.queue_hour[number, hour] * effects.site_hour[site, hour])
        seconds *= float(np.exp(NOISE_SIGMA * rng.standard_normal() - NOISE_SIGMA**2 / 2))
        outcome = self._outcome(rng) if may_fail else "submitted"
        if outcome == "timeout":
            return Turn(LEASE_MS / 1000, outcome, None, None, None)
        seconds = min(
            max(seconds * (0.3 if outcome in ("skipped", "returned") else 1.0), 2.0), MAX_HANDLE_MS / 1000
        )
        if outcome != "submitted":
            return Turn(seconds, outcome, None, None, None)
        wrong = rng.random() < person.error_share * (1 + self.world.learning.error_extra * fresh)
        said = self._wrong_label(truth, at=at, rng=rng) if wrong else truth
        return Turn(seconds, outcome, said.slug, said.action, said.violative)

    def experience(self, *, reviewer: str, at: datetime) -> float:
        """Return about how many cases the reviewer has handled by `at`."""
        person = self.world.reviewers[self._reviewer_numbers[reviewer]]
        since = max(person.hired_on, self.world.start.date())
        days = max((at.date() - since).days, 0)
        return person.initial_cases + days * 5 / 7 * CASES_A_SHIFT

    def _hour(self, at: datetime) -> int:
        hour = (at - self.world.start) // timedelta(milliseconds=HOUR_MS)
        if not 0 <= hour < self.model.hours:
            raise ValueError(
                f"at={at.isoformat()} lies outside {self.world.start.isoformat()} to "
                f"{self.until.isoformat()}; build the operation for a later end."
            )
        return hour

    def _outcome(self, rng: np.random.Generator) -> str:
        drawn = rng.random()
        for name, edge in zip(OUTCOMES, np.cumsum(OUTCOME_SHARES), strict=True):
            if drawn < edge:
                return name
        return "submitted"

    def _expected_seconds(
        self, queue: int, *, language: str, label: Label, media_seconds: float | None
    ) -> float:
        described = self.world.queues[queue]
        by_code = {item.code: item.handle_factor for item in self.world.languages}
        length = media_seconds / described.media_seconds if media_seconds and described.media_seconds else 1.0
        factor = by_code.get(language, 1.0) * label.handle_factor * (0.7 + 0.3 * min(length, 4.0))
        return described.handle_seconds * factor

    def _draw_label(self, queue: int, *, rng: np.random.Generator) -> Label:
        described = self.world.queues[queue]
        clear, *leaves = self._choices(described.policy)
        if rng.random() >= described.violative_share:
            return clear
        return leaves[int(rng.integers(len(leaves)))]

    def _wrong_label(self, truth: Label, *, at: datetime, rng: np.random.Generator) -> Label:
        policy = truth.slug.split(".")[0]
        launched = {
            version.number for version in self.world.policy(policy).versions if version.effective_from <= at
        }
        offered = [
            label for label in self._choices(policy) if label.since_version <= max(launched, default=1)
        ]
        clear, *leaves = offered
        if truth.violative and rng.random() < 0.6:
            return clear
        others = [label for label in leaves if label.slug != truth.slug] or [clear]
        return others[int(rng.integers(len(others)))]

    def _choices(self, policy: str) -> list[Label]:
        return [label for label in self.world.policy(policy).labels if label.selectable]
