"""What is planted can be measured at its true size where it acts, and nothing happens where it does not."""

from datetime import timedelta

import numpy as np
import pytest

from watchfloor.science.simulation import History
from watchfloor.science.simulation.engine import FIRST, SUBMITTED
from watchfloor.science.simulation.world import Cause

HOUR_MS = 3_600_000


def elapsed_ms(history: History, cause: Cause) -> int:
    return (cause.from_at - history.start) // timedelta(milliseconds=1)


def log_handle_effect(history: History, *, rows: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Return the factor on handle time after against before, and its standard error, on the log scale.

    Each review is first divided by what its case, person and experience make expected, so that a change of
    mix is no effect.
    """
    out, cases, model = history.run.outputs, history.cases, history.model
    case, person = out.review_case[rows], out.review_reviewer[rows]
    expected = np.log(cases.base_ms[case]) + np.log(model.people.speed[person])
    residual = np.log(out.review_handle_ms[rows]) - expected
    before, later = residual[~after], residual[after]
    error = np.sqrt(before.var() / len(before) + later.var() / len(later))
    return float(np.exp(later.mean() - before.mean())), float(error)


def first_answers(history: History, *, queue: str | None = None, site: str | None = None) -> np.ndarray:
    out = history.run.outputs
    kept = (out.review_kind == FIRST) & (out.review_outcome == SUBMITTED)
    if queue is not None:
        number = [item.slug for item in history.world.queues].index(queue)
        kept &= history.cases.queue[out.review_case] == number
    if site is not None:
        number = [item.slug for item in history.world.sites].index(site)
        kept &= history.model.people.site[out.review_reviewer] == number
    seasoned = (
        out.experience[out.review_reviewer] > 12_000
    )  # six times the learning constant: no learning left
    return np.flatnonzero(kept & seasoned)


def test_the_policy_launch_lengthens_harassment_reviews_by_its_true_factor(history: History) -> None:
    cause = history.world.cause("policy-launch-harassment")
    for queue in ("comment-harassment-en", "comment-harassment-es"):
        rows = first_answers(history, queue=queue)
        # Only people outside Manila: there the drift works at the same time.
        manila = history.model.people.site[history.run.outputs.review_reviewer[rows]] == 2
        rows = rows[~manila] if queue.endswith("es") else rows
        after = history.run.outputs.review_assigned_ms[rows] >= elapsed_ms(history, cause) + HOUR_MS
        factor, error = log_handle_effect(history, rows=rows, after=after)
        drifted = 1.2 if queue.endswith("en") else 1.0
        assert (
            cause.handle_factor * np.exp(-4 * error)
            < factor
            < cause.handle_factor * drifted * np.exp(4 * error)
        )


def test_the_policy_launch_brings_a_new_label_and_more_violations(history: History) -> None:
    cause = history.world.cause("policy-launch-harassment")
    labels = [label.slug for label in history.model.labels]
    number = [item.slug for item in history.world.queues].index("comment-harassment-en")
    cases = history.cases
    mine = cases.queue == number
    after = cases.at_ms >= elapsed_ms(history, cause) + HOUR_MS
    before = mine & (cases.at_ms < elapsed_ms(history, cause))
    new_label = cases.label == labels.index("harassment.pile_on")
    assert not (new_label & before).any()
    assert 0.03 < new_label[mine & after].mean() < 0.10
    violative = cases.label != cases.first_label
    shift = violative[mine & after].mean() - violative[before].mean()
    assert shift == pytest.approx(cause.violative_shift, abs=0.015)


def test_the_template_shortens_account_reviews_by_its_true_factor(history: History) -> None:
    cause = history.world.cause("template-accounts")
    rows = first_answers(history, queue="account-impersonation")
    rows = rows[history.model.people.site[history.run.outputs.review_reviewer[rows]] != 2]
    after = history.run.outputs.review_assigned_ms[rows] >= elapsed_ms(history, cause) + HOUR_MS
    factor, error = log_handle_effect(history, rows=rows, after=after)
    assert factor == pytest.approx(cause.handle_factor, abs=4 * error)


def test_manila_grows_slower_and_the_other_sites_do_not(history: History) -> None:
    cause = history.world.cause("vendor-drift-manila")
    last_day = round((history.end - history.start).total_seconds() * 1000) - 24 * HOUR_MS
    touched = {
        "comment-harassment-en",
        "comment-harassment-es",
        "message-reports-eu",
        "account-impersonation",
    }
    steady = np.array([queue.slug not in touched for queue in history.world.queues])
    out = history.run.outputs
    for site in history.world.sites:
        rows = first_answers(history, site=site.slug)
        rows = rows[steady[history.cases.queue[out.review_case[rows]]]]
        begun = out.review_assigned_ms[rows]
        rows = rows[(begun < elapsed_ms(history, cause)) | (begun >= last_day)]
        factor, error = log_handle_effect(history, rows=rows, after=out.review_assigned_ms[rows] >= last_day)
        if site.slug == "manila":
            # The ramp ends with the history: on its last day it is at 0.82 to 1 of its height.
            assert 1 + 0.75 * (cause.handle_factor - 1) < factor < cause.handle_factor * 1.03
        else:
            assert factor == pytest.approx(1.0, abs=4 * error + 0.01)


def test_the_outage_sends_six_times_the_volume_of_one_strategy_and_its_queue_piles_up(
    history: History, first_decided_ms: np.ndarray
) -> None:
    cause = history.world.cause("model-outage-short-feed")
    assert cause.to_at is not None
    cases, world = history.cases, history.world
    begin = elapsed_ms(history, cause)
    length = (cause.to_at - cause.from_at) // timedelta(milliseconds=1)
    queue = [item.slug for item in world.queues].index("video-short-feed")
    strategy = [item.slug for item in world.strategies].index("video-classifier")
    mine = (cases.queue == queue) & (cases.strategy == strategy) & (cases.language == 0)

    def arrivals(since: int) -> int:
        return int((mine & (cases.at_ms >= since) & (cases.at_ms < since + length)).sum())

    usual = np.mean([arrivals(begin - 24 * HOUR_MS * days) for days in range(1, 8)])
    assert arrivals(begin) / usual == pytest.approx(cause.volume_factor, rel=0.15)

    def backlog(at_ms: int) -> int:
        entered = (cases.queue == queue) & (cases.at_ms <= at_ms)
        return int((entered & ((first_decided_ms < 0) | (first_decided_ms > at_ms))).sum())

    ordinary = np.median([backlog(hour * HOUR_MS) for hour in range(24, begin // HOUR_MS, 7)])
    assert backlog(begin + length) > 10 * ordinary


def test_the_ended_strategy_sends_nothing_more(history: History) -> None:
    cause = history.world.cause("strategy-end-keyword-sweep")
    strategy = [item.slug for item in history.world.strategies].index("keyword-sweep")
    sent = history.cases.at_ms[history.cases.strategy == strategy]
    assert len(sent) > 1000
    assert sent.max() < elapsed_ms(history, cause) + HOUR_MS


def test_the_cohort_is_young_and_slow(history: History) -> None:
    cause = history.world.cause("cohort-casablanca")
    out, world = history.run.outputs, history.world
    hired = np.array([reviewer.hired_on == cause.from_at.date() for reviewer in world.reviewers])
    assert hired.sum() == 10
    rows = np.flatnonzero(hired[out.review_reviewer])
    # Five shifts of training come first.
    assert out.review_assigned_ms[rows].min() > elapsed_ms(history, cause) + 4 * 24 * HOUR_MS
    seasoned = first_answers(history, site="casablanca")
    everything = np.concatenate([seasoned, rows])
    young = np.arange(len(everything)) >= len(seasoned)
    factor, _ = log_handle_effect(history, rows=everything, after=young)
    assert 1.2 < factor < 1 + world.learning.handle_extra


def test_the_learning_curve_can_be_recovered(history: History) -> None:
    out, world = history.run.outputs, history.world
    reached = out.experience
    started = history.model.people.initial_cases
    # Experience at each review: how many answers the person had given before it.
    order = np.lexsort((out.review_submitted_ms, out.review_reviewer))
    answered = (out.review_outcome[order] == SUBMITTED).astype(np.int64)
    running = np.cumsum(answered) - answered
    person = out.review_reviewer[order]
    first = np.searchsorted(person, np.arange(len(reached)))
    offset = running[np.minimum(first, len(running) - 1)]
    experience = started[person] + running - offset[person]
    rows = order
    kept = (answered == 1) & (out.review_kind[rows] == FIRST) & (history.model.people.site[person] < 2)
    expected = np.log(history.cases.base_ms[out.review_case[rows]]) + np.log(
        history.model.people.speed[person]
    )
    residual = np.exp((np.log(out.review_handle_ms[rows]) - expected)[kept])
    curve = world.learning
    basis = np.exp(-experience[kept] / curve.tau_cases)
    design = np.column_stack([np.ones(len(basis)), basis])
    (level, extra), *_ = np.linalg.lstsq(design, residual, rcond=None)
    assert extra / level == pytest.approx(curve.handle_extra, rel=0.2)


def test_distractors_change_nothing(history: History) -> None:
    out, cases = history.run.outputs, history.cases
    for cause in history.world.causes:
        if not cause.distractor:
            continue
        (queue,) = dict(cause.scope)["queue"]
        rows = first_answers(history, queue=queue)
        rows = rows[history.model.people.site[out.review_reviewer[rows]] != 2]
        after = out.review_assigned_ms[rows] >= elapsed_ms(history, cause)
        factor, error = log_handle_effect(history, rows=rows, after=after)
        assert factor == pytest.approx(1.0, abs=4 * error + 0.01), cause.id
        number = [item.slug for item in history.world.queues].index(queue)
        mine = cases.queue == number
        late = cases.at_ms >= elapsed_ms(history, cause)
        violative = cases.label != cases.first_label
        spread = np.sqrt(0.25 / min((mine & late).sum(), (mine & ~late).sum()))
        shift = violative[mine & late].mean() - violative[mine & ~late].mean()
        assert abs(shift) < 4 * spread, cause.id
