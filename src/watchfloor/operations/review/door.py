"""The door for cases from outside: strategies admit them, rules choose the queue of those that name none.

Cases that the operation itself makes (escalations, appeals, training, golden cases) do not pass here: they go
to `review.enqueueing` with their queue. A refused case does not reject its batch; a wrong one does.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import reach
from watchfloor.operations.record.statements import run
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.cases import Enqueued, NewCase, storable
from watchfloor.operations.review.enqueueing import accepted_before, enqueue_batch
from watchfloor.operations.review.errors import BatchRejectedError, ItemError, StrategyRefusedError
from watchfloor.operations.routing.conditions import Routable
from watchfloor.operations.routing.rules import Plan, Routed, asked_fields
from watchfloor.operations.routing.selectors import active_plan, registered
from watchfloor.operations.routing.services import (
    Admission,
    Admitted,
    Refusal,
    Trace,
    admit,
    count_refused,
    record_routes,
    route_batch,
    settle,
)

AUTHOR_HISTORY = timedelta(days=90)
AUTHOR_FIELDS = frozenset({"author_cases_90d", "author_violations_90d"})
__all__ = ["AuthorHistory", "Refusal", "author_history", "enter", "enter_batch", "routable", "route_case"]

_NOBODY = Admitted((), frozenset(), {})


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """An author's decided cases of the last ninety days, and how many of them were violative."""

    cases: int = 0
    violations: int = 0


def enter(*, case: NewCase, now: datetime, client: str = "", by: Viewer | None = None) -> Enqueued:
    """Return the case enqueued, or the one its client key already made.

    Raises:
        BatchRejectedError: the case is wrong, or no rule leads it anywhere.
        StrategyRefusedError: its strategy may not send it now.

    """
    result = enter_batch(cases=[case], now=now, client=client, by=by)[0]
    if isinstance(result, Refusal):
        raise StrategyRefusedError(result.message, remedy=result.remedy)
    return result


def enter_batch(
    *, cases: Sequence[NewCase], now: datetime, client: str = "", by: Viewer | None = None
) -> list[Enqueued | Refusal]:
    """Return what became of each case, in order: enqueued, made before, or refused by its strategy.

    What a client key already made is answered again, whatever its strategy and the rules say by now, and is
    neither counted nor refused.

    Raises:
        BatchRejectedError: a case is wrong or no rule leads it anywhere; nothing was enqueued.

    """
    ruled = registered(slugs={case.strategy_id for case in cases if storable(case.strategy_id)} - {""})
    if not ruled and all(case.queue and not case.labels and not case.surface for case in cases):
        return list(enqueue_batch(cases=cases, now=now, client=client, by=by))
    with transaction.atomic():
        return _Door(cases, ruled, now, client, by).open()


def route_case(*, case: NewCase, now: datetime, client: str, by: Viewer | None = None) -> str:
    """Return the queue that the case names or that the rules in force choose for it; nothing is written.

    Raises:
        BatchRejectedError: no rule leads it anywhere within the caller's reach.

    """
    if case.queue:
        return case.queue
    return _Door([case], frozenset(), now, client, by).choose()


class _Door:
    """One batch on its way through; `results` holds what is known of each case so far."""

    def __init__(
        self,
        cases: Sequence[NewCase],
        ruled: frozenset[str],
        now: datetime,
        client: str,
        by: Viewer | None,
    ) -> None:
        self.cases, self.ruled, self.now, self.client, self.by = cases, ruled, now, client, by
        self.results: dict[int, Enqueued | Refusal] = {}

    def open(self) -> list[Enqueued | Refusal]:
        """Return the results in order, everything written."""
        self._answer_known(
            index for index, case in enumerate(self.cases) if not case.queue or case.strategy_id in self.ruled
        )
        admitted = self._admit()
        for refusal in admitted.refusals:
            self.results[refusal.index] = refusal
        accepted = {index: case for index, case in enumerate(self.cases) if index not in self.results}
        routed = self._route(accepted)
        chosen = {
            index: replace(case, queue=routed[index].queue) if index in routed else case
            for index, case in accepted.items()
        }
        made = self._enqueue(chosen)
        record_routes(traces=[_trace(self.cases[index], each, routed.get(index)) for index, each in made])
        counts = Counter(self.cases[index].strategy_id for index, _ in made)
        settle(admitted=admitted, made=counts, now=self.now)
        # Somebody else's retry may have got in before us: it was accepted, so it is not refused.
        self._answer_known([index for index, one in self.results.items() if isinstance(one, Refusal)])
        refused = [one for one in self.results.values() if isinstance(one, Refusal)]
        count_refused(refusals=refused, now=self.now)
        return [self.results[index] for index in range(len(self.cases))]

    def choose(self) -> str:
        """Return the queue of the one case."""
        return self._route({0: self.cases[0]})[0].queue

    def _answer_known(self, indexes: Iterable[int]) -> None:
        keyed = {
            index: str(self.cases[index].client_key)
            for index in indexes
            if self.cases[index].client_key is not None and storable(self.cases[index].client_key)
        }
        known = accepted_before(client=self.client, keys=sorted(set(keyed.values())))
        for index, key in keyed.items():
            if key in known:
                self.results[index] = Enqueued(case_id=known[key], client_key=key, created=False)

    def _admit(self) -> Admitted:
        fresh = [
            Admission(index, case.strategy_id, _lasting_key(case, index, self.now))
            for index, case in enumerate(self.cases)
            if index not in self.results and case.strategy_id in self.ruled
        ]
        return admit(cases=fresh, now=self.now) if fresh else _NOBODY

    def _route(self, accepted: Mapping[int, NewCase]) -> dict[int, Routed]:
        waiting = {index: case for index, case in accepted.items() if not case.queue}
        if not waiting:
            return {}
        plan = active_plan()
        if plan is None:
            raise self._rejected(waiting, "No routing rules are in force.", "Name the queue of each case.")
        history = self._history(plan, waiting.values())
        routables = [
            routable(case, key=_lasting_key(case, index, self.now), history=history.get(case.author_id))
            for index, case in waiting.items()
        ]
        routed = dict(zip(waiting, route_batch(cases=routables, plan=plan), strict=True))
        nowhere = [index for index, one in routed.items() if not one.queue]
        if nowhere:
            raise self._rejected(
                nowhere,
                f"No rule of routing version {plan.version} leads this case to a queue that takes it.",
                "Name its queue, or give the rules a default queue for its language.",
            )
        self._check_reach(routed)
        return routed

    def _check_reach(self, routed: Mapping[int, Routed]) -> None:
        """Refuse what the rules send out of the caller's reach, without saying where that is."""
        if self.by is None:
            return
        within = reach(viewer=self.by, permission="cases.enqueue")
        slugs = {one.queue for one in routed.values()}
        reached = set(Queue.objects.filter(within, slug__in=slugs).values_list("slug", flat=True))
        if outside := [index for index, one in routed.items() if one.queue not in reached]:
            raise self._rejected(
                outside,
                "The routing rules lead this case to a queue outside the caller's reach.",
                "Name a queue, or ask an administrator for a wider grant.",
            )

    def _history(self, plan: Plan, cases: Iterable[NewCase]) -> Mapping[str, AuthorHistory]:
        if not asked_fields(plan) & AUTHOR_FIELDS:
            return {}
        authors = {case.author_id for case in cases if case.author_id and storable(case.author_id)}
        return author_history(client=self.client, authors=authors, now=self.now)

    def _enqueue(self, chosen: Mapping[int, NewCase]) -> list[tuple[int, Enqueued]]:
        """Enqueue what is left, note its results, and return what this call made."""
        if not chosen:
            return []
        places = list(chosen)
        try:
            entered = enqueue_batch(cases=list(chosen.values()), now=self.now, client=self.client, by=self.by)
        except BatchRejectedError as error:
            items = [replace(item, index=places[item.index]) for item in error.items]
            raise BatchRejectedError(items, size=len(self.cases)) from error
        pairs = list(zip(places, entered, strict=True))
        self.results.update(pairs)
        return [(index, each) for index, each in pairs if each.created]

    def _rejected(self, indexes: Iterable[int], message: str, remedy: str) -> BatchRejectedError:
        items = [ItemError(index, "queue", message, remedy) for index in indexes]
        return BatchRejectedError(items, size=len(self.cases))


def routable(case: NewCase, *, key: str = "", history: AuthorHistory | None = None) -> Routable:
    """Return what routing may know of a case on its way in."""
    return Routable(
        key=key,
        surface=case.surface,
        language=case.language,
        market=case.market,
        strategy=case.strategy_id,
        source=case.source,
        severity=case.severity_hint,
        author=case.author_id,
        labels=tuple(case.labels),
        topics=tuple(case.topics),
        risk_score=case.risk_score,
        media_seconds=case.media_seconds,
        author_cases_90d=history.cases if history else 0,
        author_violations_90d=history.violations if history else 0,
    )


def author_history(*, client: str, authors: set[str], now: datetime) -> dict[str, AuthorHistory]:
    """Return the history of those authors who have one, from at most their newest thousand cases."""
    if not authors:
        return {}
    parameters = {"client": client, "authors": sorted(authors), "since": now - AUTHOR_HISTORY, "now": now}
    rows = run("review", "author_history", parameters)
    return {row["author_id"]: AuthorHistory(row["cases"], row["violations"]) for row in rows}


def _lasting_key(case: NewCase, index: int, now: datetime) -> str:
    """Return what names the case for good; without any, a key of its own, so that shares still hold."""
    return case.client_key or case.object_id or f"{now.isoformat()}/{index}"


def _trace(case: NewCase, made: Enqueued, routed: Routed | None) -> Trace:
    position = routed.rule + 1 if routed is not None and routed.rule is not None else None
    version = routed.version if routed is not None else None
    return Trace(made.case_id, version, position, case.surface, tuple(case.labels))
