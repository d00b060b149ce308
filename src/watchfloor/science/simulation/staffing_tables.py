"""The facts of careers, cost, contracts, entitlements, expected times and views, as columns.

What is planted here is stated: `TRUTH` goes into the truth file, and explanations and metrics are tested
against it.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.columns import AnyColumn, Ids, Instants, Numbers, Table, coded
from watchfloor.science.simulation.facets import DAY_MS, Facets
from watchfloor.science.simulation.model import HOUR_MS, TURN_FACTORS
from watchfloor.science.simulation.world import SEVERITIES, Label, Reviewer

I64 = NDArray[np.int64]
WELLNESS_MINUTES_A_DAY = 40.0
HOURLY_COST = {"in_house": 38.0, "vendor": 22.0}
CONTRACTED_HOURS_A_DAY = 5.8
VIEWS_IN_72_HOURS = {"critical": 900.0, "high": 1_400.0, "medium": 2_000.0, "low": 2_600.0}
VIEW_EDGES_HOURS = (0, 1, 4, 12, 24, 72)
VIEW_DECAY_HOURS = 10.0
VIEWED_SHARE = 8
TRAINING_DAYS = 7
RECERTIFIED_SHARE = 0.92
TRUTH: dict[str, object] = {
    "wellness_minutes_a_day": WELLNESS_MINUTES_A_DAY,
    "hourly_cost": HOURLY_COST,
    "contracted_hours_a_person_day": CONTRACTED_HOURS_A_DAY,
    "view_decay_hours": VIEW_DECAY_HOURS,
    "training_days": TRAINING_DAYS,
    "recertified_share": RECERTIFIED_SHARE,
}


def staffing_tables(facets: Facets) -> Iterator[tuple[str, Table]]:
    """Yield each of these facts' name and columns, built when asked for."""
    yield "person_event", person_event_table(facets)
    yield "cost", cost_table(facets)
    yield "contract_hours", contract_table(facets)
    yield "entitlement", entitlement_table(facets)
    yield "standard_time", standard_table(facets)
    yield "view", view_table(facets)


def person_event_table(facets: Facets) -> dict[str, AnyColumn]:
    """Return the fact person_event: hired, trained, certified, first case, expired by a policy, left.

    People who learn in the history certify after about a week of training, a few take far longer; those who
    were there before are certified when they came. A new policy version ends every certificate of its queues,
    and most people earn it again within days.
    """
    world, rng = facets.world, np.random.default_rng([facets.seed, 8])
    end_ms = round(facets.end.timestamp() * 1000)
    rows: list[tuple[str, str, int, str | None, int | None, Reviewer]] = []
    for person in world.reviewers:
        hired = _noon(person.hired_on)
        left = _noon(person.left_on) if person.left_on else end_ms
        rows.append((person.code, "hired", hired, None, None, person))
        learns = person.hired_on >= world.start.date()
        for slug in person.queues:
            queue = world.queue(slug)
            first, last = queue.versions[0], queue.versions[-1]
            days = TRAINING_DAYS * float(rng.lognormal(0.0, 0.25)) if learns else 2.0
            certified = hired + round(days * DAY_MS)
            rows.append((person.code, "started_training", hired, slug, None, person))
            if certified >= left:
                continue
            # The queue's version of the time of the certificate is what was certified.
            changed = round(last.effective_from.timestamp() * 1000)
            known = last if certified >= changed or last is first else first
            rows.append((person.code, "certified", certified, slug, known.policy_version, person))
            cases_begin = certified if learns else hired + 3 * DAY_MS
            rows.append((person.code, "first_production_case", cases_begin + HOUR_MS, slug, None, person))
            for before, after in pairwise(queue.versions):
                ends = round(after.effective_from.timestamp() * 1000)
                if after.policy_version == before.policy_version or not certified < ends < left:
                    continue
                rows.append((person.code, "certification_expired", ends, slug, after.policy_version, person))
                if rng.random() < RECERTIFIED_SHARE:
                    again = ends + round(float(rng.uniform(0.2, 4.0)) * DAY_MS)
                    rows.append((person.code, "certified", again, slug, after.policy_version, person))
        if person.left_on:
            rows.append((person.code, "left", left, None, None, person))
    kept = sorted((row for row in rows if row[2] < end_ms), key=lambda row: (row[2], row[0], row[1]))
    versions = [row[4] for row in kept]
    return {
        "event_id": Ids("pe", np.arange(len(kept), dtype=np.int64)),
        "reviewer_id": coded([row[0] for row in kept]),
        "kind": coded([row[1] for row in kept]),
        "happened_at": Instants(np.array([row[2] for row in kept], dtype=np.int64)),
        "queue_id": coded([row[3] for row in kept]),
        "policy_version": _whole(versions),
        "site_id": coded([row[5].site for row in kept]),
        "team_id": coded([row[5].team for row in kept]),
        "employer_kind": coded([row[5].employer_kind for row in kept]),
    }


def cost_table(facets: Facets) -> dict[str, AnyColumn]:
    """Return the fact cost: hours on duty by month, site and main queue, at the rate of the employment."""
    out, people = facets.run.outputs, facets.world.reviewers
    months = _spans(facets, months=True)
    rows: list[tuple[int, int, str, str, str, float]] = []
    reviewer = out.activity_reviewer.astype(np.int64)
    start, end = out.activity_start_ms + facets.offset_ms, out.activity_end_ms + facets.offset_ms
    for begins, ends in months:
        seconds = np.maximum(0, np.minimum(end, ends) - np.maximum(start, begins)) / 1000.0
        hours = np.bincount(reviewer, weights=seconds, minlength=len(people)) / 3600.0
        groups: dict[tuple[str, str, str], float] = {}
        for person, spent in zip(people, hours, strict=True):
            place = (person.queues[0], person.site, person.employer_kind)
            groups[place] = groups.get(place, 0.0) + float(spent) * HOURLY_COST[person.employer_kind]
        rows += [(begins, ends, *place, round(cost, 2)) for place, cost in sorted(groups.items()) if cost]
    return {
        "cost_id": Ids("k", np.arange(len(rows), dtype=np.int64), 6),
        "queue_id": coded([row[2] for row in rows]),
        "site_id": coded([row[3] for row in rows]),
        "employer_kind": coded([row[4] for row in rows]),
        "started_at": _instants([row[0] for row in rows]),
        "ended_at": _instants([row[1] for row in rows]),
        "loaded_cost": Numbers(np.array([row[5] for row in rows], dtype=np.float64)),
        "currency": coded(["EUR"] * len(rows)),
    }


def contract_table(facets: Facets) -> dict[str, AnyColumn]:
    """Return the fact contract_hours: what each vendor site owes a month, by its heads."""
    world = facets.world
    rows = []
    for begins, ends in _spans(facets, months=True):
        for site in world.sites:
            if site.employer_kind == "vendor":
                heads = sum(person.site == site.slug for person in world.reviewers)
                hours = heads * CONTRACTED_HOURS_A_DAY * (5 / 7) * (ends - begins) / DAY_MS
                rows.append((site.vendor, site.slug, begins, ends, round(hours, 1)))
    return {
        "contract_hours_id": Ids("ch", np.arange(len(rows), dtype=np.int64), 6),
        "vendor": coded([row[0] for row in rows]),
        "site_id": coded([row[1] for row in rows]),
        "employer_kind": coded(["vendor"] * len(rows)),
        "started_at": _instants([row[2] for row in rows]),
        "ended_at": _instants([row[3] for row in rows]),
        "contracted_hours": Numbers(np.array([row[4] for row in rows], dtype=np.float64)),
    }


def entitlement_table(facets: Facets) -> dict[str, AnyColumn]:
    """Return the fact entitlement: wellness minutes owed a person and week, forty a working day."""
    rows: list[tuple[Reviewer, int, int]] = []
    for begins, ends in _spans(facets, months=False):
        for person in facets.world.reviewers:
            first = max(begins, _noon(person.hired_on))
            last = min(ends, _noon(person.left_on)) if person.left_on else ends
            if first < last:
                rows.append((person, first, last))
    minutes = [5 / 7 * (last - first) / DAY_MS * WELLNESS_MINUTES_A_DAY for _, first, last in rows]
    return {
        "entitlement_id": Ids("w", np.arange(len(rows), dtype=np.int64)),
        "reviewer_id": coded([person.code for person, _, _ in rows]),
        "site_id": coded([person.site for person, _, _ in rows]),
        "team_id": coded([person.team for person, _, _ in rows]),
        "employer_kind": coded([person.employer_kind for person, _, _ in rows]),
        "started_at": _instants([row[1] for row in rows]),
        "ended_at": _instants([row[2] for row in rows]),
        "wellness_minutes": Numbers(_rounded(minutes, 2)),
    }


def standard_table(facets: Facets) -> dict[str, AnyColumn]:
    """Return the fact standard_time: the mean of a practised reviewer by queue, label, language and turn."""
    world = facets.world
    factors = {item.code: item.handle_factor for item in world.languages}
    rows: list[tuple[str, str | None, str | None, int | None, float]] = []
    for queue in world.production_queues:
        labels = [label for label in world.policy(queue.policy).labels if label.selectable]
        mixed = _mixed_factor(queue.violative_share, labels)
        rows.append((queue.slug, None, None, None, queue.handle_seconds * mixed))
        for code in queue.languages:
            base = queue.handle_seconds * factors[code]
            rows.append((queue.slug, None, code, None, base * mixed))
            for label in labels:
                for turn, factor in enumerate(TURN_FACTORS[:3]):
                    rows.append((queue.slug, label.slug, code, turn, base * label.handle_factor * factor))
    seconds = np.array([row[4] for row in rows], dtype=np.float64)
    since = round((world.start - timedelta(days=1)).timestamp() * 1000)
    return {
        "standard_id": Ids("st", np.arange(len(rows), dtype=np.int64), 6),
        "queue_id": coded([row[0] for row in rows]),
        "label": coded([row[1] for row in rows]),
        "language": coded([row[2] for row in rows]),
        "turn": _whole([row[3] for row in rows]),
        "standard_seconds": Numbers(np.round(seconds, 2)),
        "standard_error": Numbers(_rounded(seconds * 0.02, 3)),
        "model_version": Numbers(np.ones(len(rows), dtype=np.int64)),
        "effective_from": _instants([since] * len(rows)),
    }


def view_table(facets: Facets) -> dict[str, AnyColumn]:
    """Return the fact view: views of every eighth object after its first case, falling off exponentially."""
    cases, rng = facets.cases, np.random.default_rng([facets.seed, 9])
    chosen = np.flatnonzero(facets.decided & (cases.object_number % VIEWED_SHARE == 0))
    _, firsts = np.unique(cases.object_number[chosen], return_index=True)
    number = chosen[firsts]
    mean = np.array([VIEWS_IN_72_HOURS[name] for name in SEVERITIES])[cases.severity[number]]
    total = mean * rng.lognormal(-0.5, 1.0, len(number))
    edges = np.array(VIEW_EDGES_HOURS, dtype=np.float64)
    decay = np.exp(-edges / VIEW_DECAY_HOURS)
    parts = (decay[:-1] - decay[1:]) / (decay[0] - decay[-1])
    views = np.round(np.outer(total, parts), 1).ravel()
    starts = (cases.at_ms[number][:, None] + (edges[:-1] * HOUR_MS).astype(np.int64)[None, :]).ravel()
    lengths = np.tile(((edges[1:] - edges[:-1]) * HOUR_MS).astype(np.int64), len(number))
    count = len(views)
    return {
        "view_id": Ids("v", np.arange(count, dtype=np.int64)),
        "object_id": Ids("o", np.repeat(cases.object_number[number], len(parts))),
        "started_at": facets.instants(starts),
        "ended_at": facets.instants(starts + lengths),
        "views": Numbers(views.astype(np.float64)),
        "estimated": Numbers(np.ones(count, dtype=bool)),
    }


def _mixed_factor(violative_share: float, labels: "list[Label]") -> float:
    violating = [label for label in labels if label.violative]
    passing = [label.handle_factor for label in labels if not label.violative]
    total = sum(label.weight for label in violating) or 1.0
    severe = sum(label.weight * label.handle_factor for label in violating) / total
    return violative_share * severe + (1.0 - violative_share) * (passing[0] if passing else 1.0)


def _rounded(values: "Sequence[float] | NDArray[np.float64]", digits: int) -> NDArray[np.float64]:
    return np.round(np.asarray(values, dtype=np.float64), digits).astype(np.float64)


def _spans(facets: Facets, *, months: bool) -> list[tuple[int, int]]:
    """Return the months, or weeks from Monday, that the history touches, as Unix milliseconds."""
    first, last = facets.world.start.astimezone(UTC).date(), facets.end.astimezone(UTC).date()
    at = first.replace(day=1) if months else first - timedelta(days=first.weekday())
    spans = []
    while at <= last:
        following = (at + timedelta(days=32)).replace(day=1) if months else at + timedelta(days=7)
        spans.append((_midnight(at), _midnight(following)))
        at = following
    return spans


def _midnight(day: date) -> int:
    return round(datetime.combine(day, time(0), tzinfo=UTC).timestamp() * 1000)


def _noon(day: date) -> int:
    return _midnight(day) + 12 * HOUR_MS


def _instants(unix_ms: "list[int]") -> Instants:
    return Instants(np.array(unix_ms, dtype=np.int64))


def _whole(values: "list[int | None]") -> Numbers:
    missing = np.array([value is None for value in values], dtype=bool)
    return Numbers(np.array([value or 0 for value in values], dtype=np.int64), missing)
