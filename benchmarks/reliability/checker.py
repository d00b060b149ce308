"""Finds what must not be in a history. Pure: calls and what was kept go in, faults come out.

Calls without an answer may have happened or not; everything acknowledged must have, once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.reliability.aftermath_checker import aftermath_faults
from benchmarks.reliability.history import ENDINGS, Call, Kept, KeptDecision, KeptReview

ANSWERS_NEEDED = {"last_turn": 1, "majority": 2, "third_breaks_tie": 3}
OUTCOMES = {
    "submit": "submitted",
    "skip": "skipped",
    "release": "returned",
    "hold": "returned",
    "escalate": "escalated",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that was broken, and where."""

    rule: str
    detail: str


def faults(calls: Sequence[Call], kept: Kept) -> list[Fault]:
    """Return every fault of a history; none is what is asked for."""
    tokens = _by_token(calls)
    return [
        *_cases_lost(calls, kept),
        *_places(kept),
        *_turns_twice(kept),
        *_met_again(calls, kept),
        *_stale_tokens(tokens),
        *_late_tokens(calls, tokens),
        *_answers_lost(calls, kept),
        *_decisions(kept),
        *_callbacks(kept),
        *_facts(kept),
        *(Fault(rule, detail) for rule, detail in aftermath_faults(calls, kept)),
        *(Fault("counters", f"{name}: {one} and {other}") for name, (one, other) in _unequal(kept)),
    ]


def _unequal(kept: Kept) -> list[tuple[str, tuple[int, int]]]:
    return [(name, pair) for name, pair in kept.counters.items() if pair[0] != pair[1]]


def _by_token(calls: Iterable[Call]) -> dict[str, list[Call]]:
    """Return the calls that name a lease, with the claim that gave it, in order."""
    found: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        token = call.answer.get("token") if call.kind == "claim" else call.asked.get("token")
        if token:
            found[token].append(call)
    return found


def _cases_lost(calls: Iterable[Call], kept: Kept) -> Iterator[Fault]:
    made: dict[str, str] = {}
    for call in calls:
        if call.kind != "enqueue" or not call.is_ok:
            continue
        for key, case in call.answer["cases"].items():
            if case not in kept.cases:
                yield Fault("case lost", f"{case} was accepted under {key} and is nowhere")
            if made.setdefault(key, case) != case:
                yield Fault("case made twice", f"{key} made {made[key]} and {case}")


def _places(kept: Kept) -> Iterator[Fault]:
    children: dict[str, bool] = defaultdict(bool)  # whether a case that was sent up came back decided
    for case in kept.cases.values():
        if case.parent:
            children[case.parent] |= "decided" in case.places
    for name, case in kept.cases.items():
        places = [place for place in case.places if place != "decided"]
        if len(places) > 1:
            yield Fault("case in two places", f"{name}: {', '.join(places)}")
        if not case.places and (name not in children or children[name]):
            yield Fault("case lost", f"{name} neither waits nor is held nor decided")


def _turns_twice(kept: Kept) -> Iterator[Fault]:
    answers = [review for review in kept.reviews.values() if _is_turn(review)]
    for (case, turn), count in Counter((each.case, each.turn) for each in answers).items():
        if count > 1:
            yield Fault("turn reviewed twice", f"{case}, turn {turn}: {count} times")
    for (case, person), count in Counter((each.case, each.reviewer) for each in answers).items():
        if count > 1:
            yield Fault("person reviewed twice", f"{person} on {case}: {count} times")


def _is_turn(review: KeptReview) -> bool:
    return review.outcome == "submitted" and review.turn is not None


def _met_again(calls: Sequence[Call], kept: Kept) -> Iterator[Fault]:
    """Find people who were served a case, or its parent's or child's, that they had worked on."""
    worked: dict[tuple[str, str], float] = {}
    for call in calls:
        if call.is_ok and call.kind in ("submit", "skip", "escalate") and call.ended is not None:
            key = (call.asked["reviewer"], _root(kept, call.asked["case"]))
            worked[key] = min(call.ended, worked.get(key, call.ended))
    for call in calls:
        if call.kind == "claim" and call.is_ok and "case" in call.answer:
            person, case = call.asked["reviewer"], call.answer["case"]
            if worked.get((person, _root(kept, case)), call.began) < call.began:
                yield Fault("person served again", f"{person} was served {case} after working on it")


def _root(kept: Kept, case: str) -> str:
    while (found := kept.cases.get(case)) and found.parent:
        case = found.parent
    return case


def _stale_tokens(tokens: dict[str, list[Call]]) -> Iterator[Fault]:
    for token, calls in tokens.items():
        given = [call for call in calls if call.kind == "claim" and call.is_ok]
        # A page shows somebody again what they hold; nobody else may, and nothing else does.
        claimed = [call for call in given if not call.answer.get("shown")]
        if len(claimed) > 1 or len({call.asked.get("reviewer") for call in given}) > 1:
            yield Fault("lease given twice", f"{token}: {len(given)} claims")
        ends = [call for call in calls if call.kind in ENDINGS and call.is_ok]
        if len(ends) > 1:
            yield Fault("stale token accepted", f"{token} ended {len(ends)} times")
        ended = min((call.ended or 0.0 for call in ends), default=None)
        for call in calls:
            if ended is not None and call.kind in ("renew", "start") and call.is_ok and call.began > ended:
                yield Fault("stale token accepted", f"{token} was renewed after its end")
        yield from _expired(token, calls)


def _expired(token: str, calls: list[Call]) -> Iterator[Fault]:
    """Find calls accepted at or after the last instant that the lease was known to hold until."""
    until: float | None = None
    for call in calls:
        at = call.began if call.clock is None else call.clock
        if call.kind != "claim" and call.is_ok and until is not None and at >= until:
            yield Fault("stale token accepted", f"{token}: {call.kind} {at - until:.3f} s after its expiry")
        if call.kind in ("claim", "renew", "start"):
            if call.is_ok:
                until = call.answer["expires"]
            elif call.result == "unknown":
                until = None  # it may have been prolonged


def _late_tokens(calls: Sequence[Call], tokens: dict[str, list[Call]]) -> Iterator[Fault]:
    """Find endings accepted by a token whose case had been given to somebody else since."""
    claims: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        if call.kind == "claim" and call.is_ok and "case" in call.answer:
            claims[call.answer["case"]].append(call)
    for token, its in tokens.items():
        own = next((call for call in its if call.kind == "claim" and call.is_ok), None)
        if own is None or own.ended is None:
            continue
        for call in its:
            if call.kind not in ENDINGS or not call.is_ok:
                continue
            for other in claims[own.answer["case"]]:
                after_ours = other.began > own.ended and other.answer["token"] != token
                if after_ours and other.ended is not None and other.ended < call.began:
                    yield Fault("stale token accepted", f"{token} after {other.answer['token']} was given")


def _answers_lost(calls: Iterable[Call], kept: Kept) -> Iterator[Fault]:
    by_turn = {(each.case, each.reviewer, each.outcome): each for each in kept.reviews.values()}
    for call in calls:
        if not call.is_ok or call.kind not in ENDINGS:
            continue
        if "review" not in call.answer:  # a page says that it was taken, and names nothing
            turn = (call.asked["case"], call.asked["reviewer"], OUTCOMES[call.kind])
            if turn not in by_turn and (call.kind == "submit" or not call.asked.get("ahead")):
                yield Fault("answer lost", f"{call.kind} by {turn} on a page")
            elif call.kind == "submit" and list(by_turn[turn].labels) != call.asked["labels"]:
                yield Fault("answer changed", f"{turn} has {by_turn[turn].labels}")
            continue
        name, asked = call.answer.get("review"), call.asked
        review = kept.reviews.get(str(name))
        if review is None:
            if call.kind == "submit" or not call.asked.get("ahead"):
                yield Fault("answer lost", f"{call.kind} of {asked['token']}: there is no review {name}")
            continue
        if (review.case, review.outcome) != (asked["case"], OUTCOMES[call.kind]):
            yield Fault("answer changed", f"{name} is {review.outcome} of {review.case}")
        if call.kind == "submit" and list(review.labels) != asked["labels"]:
            yield Fault("answer changed", f"{name} has {review.labels}, sent was {asked['labels']}")
        decision = call.answer.get("decision")
        if decision and decision not in kept.decisions:
            yield Fault("decision lost", f"{decision} was acknowledged with {name}")


def _decisions(kept: Kept) -> Iterator[Fault]:
    answers: dict[str, list[KeptReview]] = defaultdict(list)
    for review in kept.reviews.values():
        if review.outcome == "submitted":
            answers[review.case].append(review)
    by_case: dict[str, list[tuple[str, KeptDecision]]] = defaultdict(list)
    for name, decision in kept.decisions.items():
        by_case[decision.case].append((name, decision))
        deciding = kept.reviews.get(decision.review or "")
        if deciding is None:
            yield Fault("decision without reviews", f"{name} names review {decision.review}")
            continue
        given = answers[deciding.case]
        if len(given) < ANSWERS_NEEDED.get(decision.rule, 1):
            yield Fault("decision without reviews", f"{name} by {decision.rule} from {len(given)} answers")
        wanted = (set(decision.labels), decision.action)
        if all((set(each.labels), each.action) != wanted for each in given):
            yield Fault("decision without reviews", f"{name} decides what nobody answered")
    for case, made in by_case.items():
        last = None
        for number, (name, decision) in enumerate(sorted(made, key=lambda pair: pair[1].version)):
            if decision.version != number or decision.supersedes != last:
                yield Fault("decisions out of order", f"{case}: {name} is version {decision.version}")
            last = name


def _callbacks(kept: Kept) -> Iterator[Fault]:
    bodies: dict[str, set[str]] = defaultdict(set)
    taken = set()
    for receipt in kept.receipts:
        bodies[receipt.key].add(receipt.digest)
        if 200 <= receipt.status < 300:
            taken.add(receipt.key)
    for key, digests in bodies.items():
        if key not in kept.decisions:
            yield Fault("callback of nothing", f"{key} is no decision")
        if len(digests) > 1:
            yield Fault("callback not idempotent", f"{key} was told in {len(digests)} ways")
    for name, decision in kept.decisions.items():
        if decision.is_told and name not in taken:
            yield Fault("callback missing", f"{name} was told nobody")


def _facts(kept: Kept) -> Iterator[Fault]:
    for fact, rows in kept.rows.items():
        found = kept.facts.get(fact, {})
        for key in rows.keys() - found.keys():
            yield Fault("fact missing", f"{fact} {key}")
        for key in found.keys() - rows.keys():
            yield Fault("fact of nothing", f"{fact} {key}")
        for key in rows.keys() & found.keys():
            if rows[key] != found[key]:
                yield Fault("fact differs", f"{fact} {key}: {found[key]}, kept is {rows[key]}")
        if kept.fact_rows.get(fact, 0) != len(found):
            yield Fault("fact twice", f"{fact}: {kept.fact_rows.get(fact, 0)} rows of {len(found)} keys")
