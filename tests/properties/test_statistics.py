"""Promises of the intervals: coverage on average over many truths and designs, and estimates without bias."""

import numpy as np
import pytest
from scipy import stats

from watchfloor.science.sampling import allocate
from watchfloor.science.sampling import stratified as draw_stratified
from watchfloor.science.uncertainty import (
    clopper_pearson,
    confidence_sequence,
    effective_wilson,
    hajek,
    jeffreys,
    overdispersed_binomial,
    overdispersion,
    stratified,
    wilson,
)

NOMINAL = 0.95
TRUTHS = np.linspace(0.005, 0.995, 199)


def coverage(interval, n, p):
    """Return the exact coverage at each truth (n is one number, p an array)."""
    k = np.arange(n + 1)
    bounds = interval(successes=k, trials=np.full(n + 1, n))
    inside = (bounds.low[:, None] <= p) & (p <= bounds.high[:, None])
    return (stats.binom.pmf(k[:, None], n, p) * inside).sum(axis=0)


@pytest.mark.parametrize("n", [5, 17, 60, 250])
def test_clopper_pearson_covers_at_least_nominal_at_every_truth(n):
    assert coverage(clopper_pearson, n, TRUTHS).min() >= NOMINAL - 1e-9


@pytest.mark.parametrize("interval", [wilson, jeffreys])
@pytest.mark.parametrize("n", [10, 30, 100, 250])
def test_the_other_intervals_cover_nominal_on_average(interval, n):
    assert coverage(interval, n, TRUTHS).mean() >= NOMINAL - 0.01


def test_a_sequence_covers_more_than_nominal_in_one_look():
    assert coverage(confidence_sequence, 100, TRUTHS).min() >= NOMINAL


DESIGNS = {
    # shares of the population, units drawn of each stratum
    "proportional": ((0.6, 0.3, 0.1), (120, 60, 20)),
    "equal": ((0.6, 0.3, 0.1), (66, 67, 67)),
    "risk first": ((0.85, 0.10, 0.05), (100, 50, 50)),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_stratified_samples_cover_nominal_on_average_over_truths(name):
    # Error rates of the strata from 1 % to 40 %, a thousand of them, ten samples each.
    rng = np.random.default_rng(1)
    shares, sizes = (np.array(each) for each in DESIGNS[name])
    rates = rng.beta(1.2, 8, (1000, 3))
    k = rng.binomial(sizes, rates[:, None, :], size=(1000, 10, 3))
    found = stratified(
        counts=np.broadcast_to(sizes, k.shape),
        successes=k,
        populations=np.broadcast_to(shares * 1e6, k.shape),
    )
    truth = (rates @ shares)[:, None]
    assert ((found.low <= truth) & (truth <= found.high)).mean() >= NOMINAL - 0.01
    error = (found.value - truth).std() / np.sqrt(found.value.size)
    assert abs((found.value - truth).mean()) < 4 * error


@pytest.mark.parametrize(
    ("shares", "rates", "sizes"),
    [
        ((0.9, 0.1), (0.02, 0.3), (100, 50)),
        ((0.9, 0.1), (0.02, 0.3), (40, 50)),
        ((0.85, 0.1, 0.05), (0.02, 0.1, 0.3), (100, 50, 50)),
        ((0.1,) * 10, (0.01,) * 10, (10,) * 10),
    ],
)
def test_a_heavy_stratum_whose_errors_were_not_seen_is_not_called_clean(shares, rates, sizes):
    rng = np.random.default_rng(6)
    k = rng.binomial(sizes, rates, size=(6000, len(sizes)))
    counts, populations = (np.broadcast_to(each, k.shape) for each in (sizes, np.array(shares) * 1e7))
    found = stratified(counts=counts, successes=k, populations=populations)
    truth = float(np.dot(shares, rates))
    assert ((found.low <= truth) & (truth <= found.high)).mean() >= NOMINAL - 0.01


def test_small_populations_need_their_correction():
    # Half of two hundred units is drawn: without the correction the interval would cover nearly always.
    rng = np.random.default_rng(2)
    hits = rng.integers(4, 60, 4000)
    k = rng.hypergeometric(hits, 200 - hits, 100)
    found = stratified(
        counts=np.full((4000, 1), 100), successes=k[:, None], populations=np.full((4000, 1), 200)
    )
    inside = ((found.low <= hits / 200) & (hits / 200 <= found.high)).mean()
    assert NOMINAL - 0.01 <= inside <= 0.98


def test_drawn_samples_with_recorded_probabilities_find_the_truth():
    rng = np.random.default_rng(3)
    frame = {name: [f"{name}{i}" for i in range(size)] for name, size in (("a", 300), ("b", 80), ("c", 30))}
    rates = {"a": 0.05, "b": 0.2, "c": 0.5}
    error = {unit: float(rng.random() < rates[name]) for name, units in frame.items() for unit in units}
    truth = np.mean(list(error.values()))
    # One stratum holds three quarters of all and shows no error in every fifth sample.
    sizes = allocate(populations={name: len(units) for name, units in frame.items()}, size=90, rule="equal")
    estimates, inside = [], 0
    for seed in range(150):
        sample = draw_stratified(strata=frame, sizes=sizes, seed=str(seed))
        found = hajek(
            y=[error[unit] for unit in sample.units],
            weights=[1 / sample.pi[unit] for unit in sample.units],
            strata=[sample.stratum_of[unit] for unit in sample.units],
            populations=[len(frame[name]) for name in sorted(frame)],
        )
        estimates.append(float(found.value))
        inside += bool(found.low <= truth <= found.high)
    assert abs(np.mean(estimates) - truth) < 3.5 * np.std(estimates) / np.sqrt(150)
    assert inside / 150 >= 0.90


def test_clustered_audits_cover_where_plain_wilson_does_not():
    # Sixty reviewers × twenty audits with ρ = 0.05: design effect 1.95.
    rng = np.random.default_rng(4)
    runs, reviewers, audits = 3000, 60, 20
    strength = 1 / 0.05 - 1
    skill = rng.beta(0.93 * strength, 0.07 * strength, (runs, reviewers))
    k = rng.binomial(audits, skill)
    n = reviewers * audits
    p = k.sum(axis=1) / n
    residuals = k - p[:, None] * audits
    variance = reviewers / (reviewers - 1) * (residuals**2).sum(axis=1) / n**2
    by_cluster = effective_wilson(
        estimate=p,
        variance=variance,
        weight_sum=n,
        weight_square_sum=n,
        n=n,
        degrees_of_freedom=reviewers - 1,
    )
    plain = wilson(successes=k.sum(axis=1), trials=n)
    inside = [((each.low <= 0.93) & (each.high >= 0.93)).mean() for each in (by_cluster, plain)]
    assert inside[0] >= NOMINAL - 0.01
    assert inside[1] < 0.88
    one = hajek(
        y=np.repeat([1.0, 0.0], 600), weights=np.ones(1200), clusters=np.repeat(np.arange(reviewers), audits)
    )
    assert float(one.n_eff) < 1200


def test_a_restless_census_covers_its_process_once_its_scatter_is_known():
    rng = np.random.default_rng(5)
    history = rng.binomial(200, rng.beta(90, 10, (2000, 28)))
    phi = overdispersion(successes=history, trials=np.full(history.shape, 200))
    today = rng.binomial(200, rng.beta(90, 10, 2000))
    wide = overdispersed_binomial(successes=today, trials=np.full(2000, 200), phi=phi)
    narrow = wilson(successes=today, trials=np.full(2000, 200))
    assert ((wide.low <= 0.9) & (wide.high >= 0.9)).mean() >= NOMINAL - 0.015
    assert ((narrow.low <= 0.9) & (narrow.high >= 0.9)).mean() < 0.80
