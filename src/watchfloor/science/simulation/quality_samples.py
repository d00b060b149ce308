"""The facts of known answers: golden cases, reviews of hidden ones, calibration sessions, sampled views."""

import json

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.case_tables import OUTCOMES, submitted_rows
from watchfloor.science.simulation.columns import AnyColumn, Coded, Ids, Lists, Numbers, constant, lookup
from watchfloor.science.simulation.facets import DAY_MS, Facets

I64 = NDArray[np.int64]
GOLD_A_QUEUE = 6
GOLD_SEEN_A_QUEUE_DAY = 5.0
SESSION_EVERY_DAYS = 14
ITEMS_A_SESSION = 5
PEOPLE_A_SESSION = 8
VIEWS_A_DAY = 300
# The share of sampled views drawn because a model was suspicious, and how often each kind violates.
RISKY_SHARE = 0.25
VIOLATING = (0.002, 0.06)
VIEW_PI = (1e-5, 2e-4)


def gold_table(facets: Facets, *, number: I64, rng: np.random.Generator) -> dict[str, AnyColumn]:
    """Return the fact gold_case: a few adjudicated cases a queue."""
    cases = facets.cases
    slugs, action = facets.label_columns(cases.label[number])
    violative = np.array([item.violative for item in facets.model.labels])
    recorded = cases.at_ms[number] + DAY_MS
    return {
        "gold_id": Ids("g", np.arange(len(number), dtype=np.int64), 4),
        "gold_version": Numbers(np.ones(len(number), dtype=np.int64)),
        "case_id": Ids("c", number),
        "queue_id": lookup(cases.queue[number], tuple(item.slug for item in facets.world.queues)),
        "truth": Coded(
            cases.label[number].astype(np.int32),
            tuple(json.dumps({"label": slug}, separators=(",", ":")) for slug in slugs),
        ),
        "labels": Lists(cases.label[number].astype(np.int32), slugs),
        "action": action,
        "violative": Numbers(violative[cases.label[number]]),
        "rationale": constant("Adjudicated by two experts.", len(number)),
        "difficulty": Numbers(np.round(rng.beta(2.0, 3.0, len(number)), 2)),
        "recorded_at": facets.instants(recorded),
        "expires_at": facets.instants(recorded + 180 * DAY_MS),
    }


def gold_cases(facets: Facets, *, rng: np.random.Generator) -> I64:
    """Return the cases that became golden, in order: a few a queue."""
    numbers: list[int] = []
    for queue in range(len(facets.world.queues)):
        pool = np.flatnonzero((facets.cases.queue == queue) & facets.decided)
        numbers.extend(rng.choice(pool, min(GOLD_A_QUEUE, len(pool)), replace=False).tolist())
    return np.array(sorted(numbers), dtype=np.int64)


def gold_reviews(facets: Facets, *, rows: I64, gold: I64, rng: np.random.Generator) -> dict[str, AnyColumn]:
    """Return rows of the fact review: hidden golden cases between the others, answered as people answer."""
    out, cases = facets.run.outputs, facets.cases
    pool = submitted_rows(facets, rows=rows)
    queue = cases.queue[out.review_case[pool]]
    days = max((facets.end - facets.world.start).total_seconds() / 86_400, 1 / 24)
    size = np.maximum(np.bincount(queue, minlength=len(facets.world.queues)), 1)
    chosen = rng.random(len(pool)) < np.minimum(GOLD_SEEN_A_QUEUE_DAY * days / size, 1.0)[queue]
    of_queue = [np.flatnonzero(cases.queue[gold] == each) for each in range(len(facets.world.queues))]
    known = np.array([len(each) for each in of_queue])
    chosen &= known[queue] > 0
    pool, queue = pool[chosen], queue[chosen]
    drawn = rng.integers(0, 1 << 30, len(pool))
    place = np.array(
        [of_queue[q][d % known[q]] for q, d in zip(queue.tolist(), drawn.tolist(), strict=True)],
        dtype=np.int64,
    )
    at_ms = out.review_submitted_ms[pool] + 60_000
    case = gold[place]
    kept = at_ms > cases.at_ms[case] + DAY_MS
    pool, place, at_ms, case = pool[kept], place[kept], at_ms[kept], case[kept]
    reviewer = out.review_reviewer[pool].astype(np.int64)
    errors = np.array([item.error_share for item in facets.world.reviewers])
    right, first, many = cases.label[case], cases.first_label[case], cases.label_count[case]
    wrong = rng.random(len(pool)) < errors[reviewer]
    label = np.where(wrong, first + (right - first + 1) % many, right)
    slugs, action = facets.label_columns(label)
    answers = tuple(json.dumps({"label": slug}, separators=(",", ":")) for slug in slugs)
    handle = out.review_handle_ms[pool].astype(np.int64)
    count = len(pool)
    return {
        "review_id": Ids("r", np.arange(count, dtype=np.int64) + 800_000_000),
        "case_id": Ids("c", case),
        "kind": constant("first", count),
        "turn": Numbers(np.zeros(count, dtype=np.int64)),
        "reviewer_id": facets.reviewer_column(reviewer),
        **facets.person_columns(reviewer, at_ms=at_ms),
        **facets.queue_columns(case, at_ms=at_ms),
        "purpose": constant("qa", count),
        "assigned_at": facets.instants(at_ms - handle),
        "first_render_at": facets.instants(at_ms - handle + 400),
        "submitted_at": facets.instants(at_ms),
        "handle_ms": Numbers(handle),
        "active_ms": Numbers((handle * 0.92).astype(np.int64)),
        "media_ms": Numbers(handle, np.ones(count, dtype=bool)),
        "outcome": Coded(np.zeros(count, dtype=np.int32), OUTCOMES),
        "answer_json": Coded(label.astype(np.int32), answers),
        "labels": Lists(label.astype(np.int32), slugs),
        "action": action,
        "blind": Numbers(np.ones(count, dtype=bool)),
        "gold_id": Ids("g", place, 4),
    }


def calibration_table(facets: Facets, *, rows: I64, rng: np.random.Generator) -> dict[str, AnyColumn]:
    """Return the fact calibration_answer: a session a queue every second week, answered beforehand."""
    out, cases = facets.run.outputs, facets.cases
    pool = submitted_rows(facets, rows=rows)
    queue_of = cases.queue[out.review_case[pool]]
    every = SESSION_EVERY_DAYS * DAY_MS
    last_ms = round(facets.end.timestamp() * 1000) - facets.offset_ms
    parts: list[tuple[I64, I64, I64, I64]] = []
    for queue in range(len(facets.world.queues)):
        own = pool[queue_of == queue]
        for session, at in enumerate(range(every, last_ms, every)):
            known = own[out.review_submitted_ms[own] < at][-4_000:]
            people = np.unique(out.review_reviewer[known].astype(np.int64))
            if len(known) < ITEMS_A_SESSION or not len(people):
                continue
            items = rng.choice(known, ITEMS_A_SESSION, replace=False)
            there = rng.choice(people, min(PEOPLE_A_SESSION, len(people)), replace=False)
            case = np.repeat(out.review_case[items].astype(np.int64), len(there))
            who = np.tile(there, ITEMS_A_SESSION)
            number = np.full(len(case), queue * 1_000 + session, dtype=np.int64)
            parts.append((number, case, who, np.full(len(case), at, dtype=np.int64)))
    empty = np.zeros(0, dtype=np.int64)
    number, case, who, at_ms = (np.concatenate([empty, *(part[i] for part in parts)]) for i in range(4))
    errors = np.array([item.error_share for item in facets.world.reviewers])
    right, first, many = cases.label[case], cases.first_label[case], cases.label_count[case]
    wrong = rng.random(len(case)) < errors[who] * 1.5
    label = np.where(wrong, first + (right - first + 1) % many, right)
    slugs, _ = facets.label_columns(label)
    return {
        "session_id": Ids("k", number, 6),
        "item_id": Ids("c", case),
        "reviewer_id": facets.reviewer_column(who),
        **facets.person_columns(who, at_ms=at_ms),
        **facets.queue_columns(case, at_ms=at_ms),
        "answered_at": facets.instants(at_ms),
        "labels": Lists(label.astype(np.int32), slugs),
        "reference_labels": Lists(right.astype(np.int32), slugs),
        "agrees": Numbers(label == right),
    }


def impression_table(facets: Facets, *, rng: np.random.Generator) -> dict[str, AnyColumn]:
    """Return the fact impression: a weighted sample of views, a part of them where a model was suspicious."""
    days = max((facets.end - facets.world.start).total_seconds() / 86_400, 1 / 24)
    count = int(VIEWS_A_DAY * days)
    risky = (rng.random(count) < RISKY_SHARE).astype(np.int64)
    violating = rng.random(count) < np.array(VIOLATING)[risky]
    production = [place for place, item in enumerate(facets.world.queues) if item.purpose == "production"]
    queue = np.array(production, dtype=np.int64)[rng.integers(0, len(production), count)]
    at_ms = np.sort((rng.random(count) * days * DAY_MS).astype(np.int64))
    return {
        "impression_id": Ids("v", np.arange(count, dtype=np.int64)),
        "object_id": Ids("n", rng.integers(0, max(count // 2, 1), count)),
        "queue_id": lookup(queue, tuple(item.slug for item in facets.world.queues)),
        "language": lookup(rng.integers(0, len(facets.languages), count), facets.languages),
        "market": lookup(rng.integers(0, len(facets.markets), count), facets.markets),
        "viewed_at": facets.instants(at_ms),
        "views": Numbers(np.ceil(rng.lognormal(1.0, 0.8, count))),
        "pi": Numbers(np.array(VIEW_PI)[risky]),
        "violating": Numbers(violating),
    }
