"""The cases that arrive: how many each hour, from which strategy and language, and what they turn out to be.

A case's volume breathes with its language's day and week, is overdispersed from day to day and hour to hour,
and moves with the planted causes. What a case truly is (its label) is drawn here; what reviewers say of it
is the engine's matter.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.model import HOUR_MS, Model, presence
from watchfloor.science.simulation.seasonality import hourly_profile
from watchfloor.science.simulation.world import LANGUAGE_CODES

DAY_DISPERSION = 0.06
HOUR_DISPERSION = 0.12
DUPLICATE_SHARE = 0.02

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Cases:
    """Cases in order of arrival, as codes and numbers; times in milliseconds since the world's start."""

    at_ms: I64
    queue: I64
    language: I64
    strategy: I64
    lane: I64
    severity: I64
    priority: I64
    deadline_ms: I64
    double: NDArray[np.bool_]
    label: I64
    first_label: I64
    label_count: I64
    base_ms: F64
    media_seconds: F64
    risk: F64
    market: I64
    object_number: I64

    def __len__(self) -> int:
        return len(self.at_ms)


@dataclass(frozen=True)
class Rates:
    """Expected cases an hour by stream (queue, strategy, language), shape (streams, hours)."""

    queue: I64
    strategy: I64
    language: I64
    planned: F64
    actual: F64


def rates(model: Model) -> Rates:
    """Return the expected arrivals of every stream: as planned (no causes but known ends) and as caused."""
    world, hours = model.world, model.hours
    profiles = {
        item.code: hourly_profile(item, first_hour=world.start, hours=hours) for item in world.languages
    }
    strategy_of = {strategy.slug: number for number, strategy in enumerate(world.strategies)}
    rows = []
    for number, queue in enumerate(world.queues):
        by_code = zip(queue.languages, queue.language_shares, strict=True)
        by_strategy = list(zip(queue.strategies, queue.strategy_shares, strict=True))
        for code, language_share in by_code:
            hourly = queue.daily_cases / 24 * language_share * profiles[code]
            for slug, strategy_share in by_strategy:
                position = (number, strategy_of[slug], LANGUAGE_CODES.index(code))
                rows.append((*position, hourly * strategy_share))
    queues, strategies, languages, planned = zip(*rows, strict=True)
    codes = [np.array(item, dtype=np.int64) for item in (queues, strategies, languages)]
    plan = np.array(planned)
    actual = plan.copy()
    for cause in world.causes:
        if cause.volume_factor == 1.0:
            continue
        scope = dict(cause.scope)
        hit = np.isin(codes[0], _places(scope["queue"], [item.slug for item in world.queues]))
        hit &= np.isin(codes[1], _places(scope["strategy"], [item.slug for item in world.strategies]))
        hit &= np.isin(codes[2], _places(scope.get("language", LANGUAGE_CODES), list(LANGUAGE_CODES)))
        factor = 1 + (cause.volume_factor - 1) * presence(cause, world=world, hours=hours)
        actual[hit] *= factor
        if cause.kind == "strategy_end":  # known in advance, so the plan follows it
            plan[hit] *= factor
    return Rates(codes[0], codes[1], codes[2], plan, actual)


def _places(kept: tuple[str, ...], names: list[str]) -> list[int]:
    return [place for place, name in enumerate(names) if name in kept]


def draw_cases(model: Model, *, horizon_ms: int, rng: np.random.Generator) -> Cases:
    """Return all cases that arrive in `[0, horizon_ms)`, in order of arrival."""
    streams = rates(model)
    days = model.hours // 24 + 2
    shape_day = 1 / DAY_DISPERSION**2
    daily = rng.gamma(shape_day, 1 / shape_day, size=(len(streams.queue), days))
    hourly = rng.gamma(1 / HOUR_DISPERSION**2, HOUR_DISPERSION**2, size=streams.actual.shape)
    expected = streams.actual * hourly * np.repeat(daily, 24, axis=1)[:, : model.hours]
    counts = rng.poisson(expected)
    stream, hour = np.nonzero(counts)
    repeats = counts[stream, hour]
    stream = np.repeat(stream, repeats)
    at_ms = np.repeat(hour.astype(np.int64) * HOUR_MS, repeats) + rng.integers(0, HOUR_MS, len(stream))
    inside = at_ms < horizon_ms
    order = np.argsort(at_ms[inside], kind="stable")
    stream, at_ms = stream[inside][order], at_ms[inside][order]
    return describe_cases(
        model,
        at_ms=at_ms,
        queue=streams.queue[stream],
        strategy=streams.strategy[stream],
        language=streams.language[stream],
        rng=rng,
    )


def describe_cases(
    model: Model, *, at_ms: I64, queue: I64, strategy: I64, language: I64, rng: np.random.Generator
) -> Cases:
    """Return the cases with everything that is drawn once a case: severity, truth, length, market, object."""
    count = len(at_ms)
    severity = _pick(np.array([item.severity_shares for item in model.world.queues]), row=queue, rng=rng)
    lift = np.array([item.priority_lift for item in model.world.queues], dtype=np.int64)
    sla_ms = np.array([item.sla_seconds for item in model.world.queues], dtype=np.int64) * 1000
    label, label_count = _labels(model, at_ms=at_ms, queue=queue, strategy=strategy, rng=rng)
    mean_media = np.array([item.media_seconds or 0.0 for item in model.world.queues])[queue]
    media = mean_media * np.exp(0.7 * rng.standard_normal(count, dtype=np.float32) - 0.245)
    objects = np.arange(count)
    repeated = rng.random(count) < DUPLICATE_SHARE
    objects[repeated] = np.maximum(objects[repeated] - rng.integers(1, 400, int(repeated.sum())), 0)
    return Cases(
        at_ms=at_ms,
        queue=queue,
        language=language,
        strategy=strategy,
        lane=model.lane_of[queue, language],
        severity=severity,
        priority=np.maximum(severity - lift[queue], 0),
        deadline_ms=at_ms + sla_ms[queue, severity],
        double=rng.random(count) < np.array([item.double_share for item in model.world.queues])[queue],
        label=label,
        first_label=model.first_label[queue],
        label_count=label_count,
        base_ms=_base_ms(
            model, queue=queue, language=language, label=label, media=media, mean_media=mean_media
        ),
        media_seconds=np.where(mean_media > 0, np.round(media, 1), np.nan),
        risk=_risk(model, strategy=strategy, violative=label != model.first_label[queue], rng=rng),
        market=_markets(model, language=language, rng=rng),
        object_number=objects,
    )


def market_codes(model: Model) -> tuple[str, ...]:
    """Return the markets in the order of their codes."""
    return tuple(sorted({market for item in model.world.languages for market, _ in item.markets}))


def _pick(shares: F64, *, row: I64, rng: np.random.Generator) -> I64:
    """Return one column for every entry of `row`, drawn with the shares in that row."""
    edges = np.cumsum(shares, axis=1)
    edges[:, -1] = 1.0 + 1e-9
    drawn = rng.random(len(row))
    picked = np.zeros(len(row), dtype=np.int64)
    for column in range(shares.shape[1] - 1):
        picked += drawn >= edges[row, column]
    return picked


def _labels(
    model: Model, *, at_ms: I64, queue: I64, strategy: I64, rng: np.random.Generator
) -> tuple[I64, I64]:
    """Return the true label of every case, and how many labels its policy offered when it arrived."""
    world = model.world
    hour = np.minimum(at_ms // HOUR_MS, model.hours - 1)
    shift = np.zeros((len(world.queues), model.hours))
    launched = np.zeros((len(world.queues), model.hours), dtype=np.int64)
    for cause in world.causes:
        if cause.violative_shift:
            touched = [item.slug in dict(cause.scope)["queue"] for item in world.queues]
            present = presence(cause, world=world, hours=model.hours)
            shift[touched] += cause.violative_shift * present
            launched[touched] |= (present > 0).astype(np.int64)
    base = np.array([item.violative_share for item in world.queues])
    tilt = np.array([item.violative_factor for item in world.strategies])
    share = np.minimum(base[queue] * tilt[strategy], 0.95) + shift[queue, hour]
    violative = rng.random(len(queue)) < share
    sizes, before, after = [], [], []
    for item in world.queues:
        leaves = [label for label in world.policy(item.policy).labels if label.violative and label.selectable]
        weights = np.zeros(6)
        weights[: len(leaves)] = [label.weight for label in leaves]
        grown = weights.copy()
        newcomers = [place for place, label in enumerate(leaves) if label.since_version > 1]
        for place in newcomers:
            grown *= 0.8
            grown[place] = 0.2
        before.append(weights / weights.sum())
        after.append(grown / grown.sum())
        sizes.append((1 + len(leaves) - len(newcomers), 1 + len(leaves)))
    now = launched[queue, hour]
    table = np.concatenate([np.array(before), np.array(after)])
    leaf = _pick(table, row=queue + now * len(world.queues), rng=rng)
    label = model.first_label[queue] + np.where(violative, 1 + leaf, 0)
    return label, np.array(sizes, dtype=np.int64)[queue, now]


def _base_ms(model: Model, *, queue: I64, language: I64, label: I64, media: F64, mean_media: F64) -> F64:
    """Return the handle time a practised reviewer at an average site needs, before noise, milliseconds."""
    seconds = np.array([item.handle_seconds for item in model.world.queues])[queue]
    by_code = {item.code: item.handle_factor for item in model.world.languages}
    seconds = seconds * np.array([by_code[code] for code in LANGUAGE_CODES])[language]
    seconds = seconds * np.array([item.handle_factor for item in model.labels])[label]
    length = np.divide(media, mean_media, out=np.ones_like(media), where=mean_media > 0)
    result: F64 = seconds * (0.7 + 0.3 * np.minimum(length, 4.0)) * 1000.0
    return result


def _risk(model: Model, *, strategy: I64, violative: NDArray[np.bool_], rng: np.random.Generator) -> F64:
    mean = np.array([item.risk_mean for item in model.world.strategies])[strategy]
    centre = np.clip(mean + np.where(violative, 0.08, -0.05), 0.03, 0.97)
    spread = rng.standard_normal(len(strategy), dtype=np.float32) * 0.12
    risk: F64 = np.round(np.clip(centre + spread, 0.001, 0.999), 3)
    return risk


def _markets(model: Model, *, language: I64, rng: np.random.Generator) -> I64:
    codes = market_codes(model)
    shares = np.zeros((len(LANGUAGE_CODES), len(codes)))
    for item in model.world.languages:
        for market, share in item.markets:
            shares[LANGUAGE_CODES.index(item.code), codes.index(market)] = share
    return _pick(shares, row=language, rng=rng)
