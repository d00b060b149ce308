"""The engine's rules stated a second time, slowly, with heaps of tuples and dictionaries.

It exists to check `engine` value for value on small operations, and as the yardstick of its speed: this is
how such a simulator is usually written in Python. It shares with the engine only the inputs and `chance`.
"""

import heapq
import math
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

from watchfloor.science.simulation import chance
from watchfloor.science.simulation.arrivals import Cases
from watchfloor.science.simulation.engine import CORRECTION, ESCALATED, FORCED_AFTER, MEETINGS_KEPT
from watchfloor.science.simulation.model import HOUR_MS, IDLE_CAP_MS, LEASE_MS, MAX_HANDLE_MS, Model
from watchfloor.science.simulation.schedule import AVAILABLE, NEVER, OFFLINE, Timetable

ReviewRow = tuple[int, int, int, int, int, int, int, int]
DecisionRow = tuple[int, int, int, int, int]
_ARRIVAL, _REOPENING, _PERSON = range(3)
_GOLDEN = 0x9E3779B97F4A7C15
_WORD = (1 << 64) - 1


@dataclass
class _Case:
    priority: int
    deadline_ms: int
    state: str = "future"
    turn: int = 0
    attempts: int = 0
    failures: int = 0
    first_answer: int = -1
    met: list[int] = field(default_factory=list)


@dataclass
class _Person:
    state: int = OFFLINE
    since_ms: int = 0
    experience: float = 0.0
    hand: tuple[int, int, int, int, int] | None = None
    next_ms: int = NEVER


@dataclass(frozen=True)
class ReferenceRun:
    """Reviews (case, reviewer, kind, assigned, submitted, handle, outcome, label) and decisions, in order."""

    reviews: tuple[ReviewRow, ...]
    decisions: tuple[DecisionRow, ...]
    open_cases: tuple[int, ...]
    events: int


def run_reference(
    *, model: Model, cases: Cases, timetable: Timetable, horizon_ms: int, seed: int
) -> ReferenceRun:
    """Return what happens to `cases` until `horizon_ms`, by the rules in `engine`, one event at a time."""
    return _Simulator(model, cases, timetable, seed).run(horizon_ms)


def _uniform(seed: int, case: int, attempt: int, purpose: int) -> float:
    """Return the same draw as `chance.uniform`, in Python's own integers."""
    word = _mixed((seed * _GOLDEN + case) & _WORD)
    word = _mixed((word + _GOLDEN * (attempt * 8 + purpose + 1)) & _WORD)
    return (word >> 11) / (1 << 53)


def _mixed(word: int) -> int:
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & _WORD
    return word ^ (word >> 31)


class _Simulator:
    def __init__(self, model: Model, cases: Cases, timetable: Timetable, seed: int) -> None:
        self.model, self.cases, self.seed = model, cases, seed
        people = model.people
        rows = list(zip(timetable.first[:-1].tolist(), timetable.first[1:].tolist(), strict=True))
        self.instants = [timetable.at_ms[a:b].tolist() for a, b in rows]
        self.states = [timetable.state[a:b].tolist() for a, b in rows]
        self.lanes_of = [
            people.lanes[a:b].tolist() for a, b in zip(people.lane_first, people.lane_first[1:], strict=False)
        ]
        self.members_of = [
            people.members[a:b].tolist()
            for a, b in zip(people.member_first, people.member_first[1:], strict=False)
        ]
        self.people = [_Person(experience=float(start)) for start in people.initial_cases]
        self.files = [
            _Case(int(priority), int(deadline))
            for priority, deadline in zip(cases.priority, cases.deadline_ms, strict=True)
        ]
        self.waiting: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self.agenda: list[tuple[int, int, int]] = []
        self.reviews: list[ReviewRow] = []
        self.decisions: list[DecisionRow] = []

    def run(self, horizon_ms: int) -> ReferenceRun:
        for number, at_ms in enumerate(self.cases.at_ms.tolist()):
            heapq.heappush(self.agenda, (at_ms, _ARRIVAL, number))
        for number, instants in enumerate(self.instants):
            self._plan(number, max(instants[0], 0))
        events = 0
        while self.agenda:
            now, source, number = heapq.heappop(self.agenda)
            if now >= horizon_ms:
                break
            if source == _PERSON and self.people[number].next_ms != now:
                continue  # overtaken: the person was given a case in the meantime
            events += 1
            if source == _PERSON:
                if self.people[number].hand is not None:
                    self._finish(number, now)
                self._proceed(number, now)
            else:
                if source == _REOPENING:
                    self.files[number].turn = CORRECTION
                self._offer(number, now)
        still_open = tuple(n for n, case in enumerate(self.files) if case.state in ("waiting", "in_review"))
        return ReferenceRun(tuple(self.reviews), tuple(self.decisions), still_open, events)

    def _plan(self, person: int, at_ms: int) -> None:
        self.people[person].next_ms = at_ms
        heapq.heappush(self.agenda, (at_ms, _PERSON, person))

    def _chance(self, case: int, attempt: int, purpose: int) -> float:
        return _uniform(self.seed, case, attempt, purpose)

    def _offer(self, number: int, now: int) -> None:
        case = self.files[number]
        free = [
            person
            for person in self.members_of[int(self.cases.lane[number])]
            if self.people[person].state == AVAILABLE and person not in case.met
        ]
        if free:
            self._start(number, min(free, key=lambda person: (self.people[person].since_ms, person)), now)
            return
        if case.state != "decided":
            case.state = "waiting"
        key = (case.priority, case.deadline_ms, number)
        heapq.heappush(self.waiting[int(self.cases.lane[number])], key)

    def _proceed(self, person: int, now: int) -> None:
        place = bisect_right(self.instants[person], now)
        state = self.states[person][place - 1] if place else OFFLINE
        if state == AVAILABLE:
            choices = [choice for lane in self.lanes_of[person] if (choice := self._head(lane, person))]
            if choices:
                key, lane = min(choices)
                self.waiting[lane].remove(key)
                heapq.heapify(self.waiting[lane])
                self._start(key[2], person, now)
                return
        if self.people[person].state != state:
            self.people[person].state, self.people[person].since_ms = state, now
        self._plan(person, self.instants[person][place])

    def _head(self, lane: int, person: int) -> tuple[tuple[int, int, int], int] | None:
        keys = self.waiting[lane]
        if keys and person not in self.files[keys[0][2]].met:
            return keys[0], lane
        takeable = [key for key in keys if person not in self.files[key[2]].met]
        return (min(takeable), lane) if takeable else None

    def _start(self, number: int, reviewer: int, now: int) -> None:
        case, person = self.files[number], self.people[reviewer]
        effects, people = self.model.effects, self.model.people
        attempt = case.attempts
        case.attempts += 1
        if len(case.met) < MEETINGS_KEPT:
            case.met.append(reviewer)
        hour = min(now // HOUR_MS, effects.queue_hour.shape[1] - 1)
        fresh = math.exp(-person.experience / effects.learning[2])
        luck = effects.noise[int(self._chance(number, attempt, chance.NOISE) * len(effects.noise))]
        duration = float(self.cases.base_ms[number]) * effects.turn[case.turn] * luck * people.speed[reviewer]
        duration *= 1.0 + effects.learning[0] * fresh
        site, queue = people.site[reviewer], self.cases.queue[number]
        duration *= effects.queue_hour[queue, hour] * effects.site_hour[site, hour]
        outcome = 0
        if case.failures < FORCED_AFTER:
            drawn = self._chance(number, attempt, chance.OUTCOME)
            outcome = next((1 + i for i, edge in enumerate(effects.outcome_edges) if drawn < edge), 0)
        if outcome in (1, 3):
            duration *= 0.3
        spent = max(2_000, min(int(duration), MAX_HANDLE_MS))
        handled = spent
        if outcome == 2:
            handled, spent = min(spent // 2 + IDLE_CAP_MS, LEASE_MS), LEASE_MS
        answer = self._answer(number, attempt, error=people.error[reviewer], fresh=fresh)
        person.hand = (number, now, handled, outcome, answer)
        person.state, person.since_ms = -1, now
        if case.state != "decided":
            case.state = "in_review"
        self._plan(reviewer, now + spent)

    def _answer(self, number: int, attempt: int, *, error: float, fresh: float) -> int:
        truth, clear = int(self.cases.label[number]), int(self.cases.first_label[number])
        slip = error * (1.0 + self.model.effects.learning[1] * fresh)
        if self._chance(number, attempt, chance.ANSWER) >= slip:
            return truth
        wrong = self._chance(number, attempt, chance.WRONG)
        if truth != clear and wrong < 0.6:
            return clear
        rest = wrong if truth == clear else (wrong - 0.6) / 0.4
        return clear + 1 + int(rest * (int(self.cases.label_count[number]) - 1))

    def _finish(self, reviewer: int, now: int) -> None:
        person = self.people[reviewer]
        if person.hand is None:
            return
        number, assigned, handled, outcome, answer = person.hand
        person.hand = None
        case = self.files[number]
        said = answer if outcome == 0 else -1
        row = len(self.reviews)
        self.reviews.append((number, reviewer, case.turn, assigned, now, handled, outcome, said))
        if outcome != 0:
            case.failures += 1
            if outcome == ESCALATED:
                case.priority = 0
            self._offer(number, now)
            return
        person.experience += 1.0
        case.failures = 0
        if case.turn == CORRECTION:
            self._decide(number, row, 1, 2, answer, now)
        elif not self.cases.double[number]:
            self._decide(number, row, 0, 0, answer, now)
        elif case.turn == 0:
            case.first_answer, case.turn = answer, 1
            self._offer(number, now)
        elif case.turn == 1 and case.first_answer != answer:
            case.turn = 2
            self._offer(number, now)
        else:
            self._decide(number, row, 0, 1 if case.turn == 1 else 3, answer, now)

    def _decide(self, number: int, row: int, version: int, rule: int, label: int, now: int) -> None:
        self.decisions.append((number, row, version, rule, label))
        self.files[number].state = "decided"
        share, mean_ms = self.model.effects.reopen
        if version == 0 and self._chance(number, 0, chance.REOPENS) < share:
            delay = -math.log(1.0 - self._chance(number, 0, chance.REOPEN_DELAY)) * mean_ms
            heapq.heappush(self.agenda, (now + 1 + int(delay), _REOPENING, number))
