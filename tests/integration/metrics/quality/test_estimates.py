"""Estimates from audits against unit records with the same weights, strata and clusters."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue, Query, answer, refresh_rollups
from watchfloor.metrics.relation import ANY
from watchfloor.science.uncertainty.linearised import weighted_ratio

START = datetime(2026, 5, 4, tzinfo=UTC)
END = START + timedelta(days=10)
NOW = END + timedelta(days=3)
PERIOD = Period(START + timedelta(days=1, hours=7), END - timedelta(days=1))
LABELS = {"hate": ("hate.slur", "hate.threat", "hate.none"), "spam": ("spam.ads", "spam.none")}
CATALOGUE = Catalogue.load()


def units(rows, kind="review"):
    return [a for a in rows["audit"] if a["unit_kind"] == kind and a["verdict"] and a["unit_at"] in PERIOD]


def said(label):
    return lambda a: a["answer_violative"] if label == ANY else label in a["answer_labels"]


def holds(label):
    return lambda a: a["truth_violative"] if label == ANY else label in a["truth_labels"]


def _sides(metric, label):
    s, h = said(label), holds(label)
    return {
        "precision": (lambda a: s(a) and h(a), s),
        "recall": (lambda a: s(a) and h(a), h),
        "leakage_miss": (lambda a: h(a) and not s(a), h),
        "leakage_fo": (lambda a: h(a) and not s(a), lambda a: not s(a)),
        "overenf_fdr": (lambda a: s(a) and not h(a), s),
        "overenf_fpr": (lambda a: s(a) and not h(a), lambda a: not h(a)),
    }[metric]


PLAIN = {
    "accuracy": lambda a: a["verdict"] == "correct",
    "accuracy_action": lambda a: a["answer_action"] == a["truth_action"],
    "accuracy_family": lambda a: a["answer_families"] == a["truth_families"],
    "accuracy_exact": lambda a: a["answer_labels"] == a["truth_labels"],
    "critical_error_rate": lambda a: a["verdict"] == "incorrect" and a["severity"] == "critical",
    "qa_score": lambda a: 100 - {"critical": 100, "major": 50, "minor": 10, None: 0}[a["severity"]],
}
OF_DECISIONS = ("accuracy", "critical_error_rate", "qa_score")
BY_LABEL = ("precision", "recall", "leakage_miss", "leakage_fo", "overenf_fdr", "overenf_fpr")
DECIDED_BY_LABEL = [f"{m}_decision" for m in BY_LABEL]


def records(audits, top, bottom):
    return weighted_ratio(
        numerator=[float(top(a)) * bool(bottom(a)) for a in audits],
        denominator=[float(bool(bottom(a))) for a in audits],
        weights=[1 / a["pi"] for a in audits],
        strata=[a["stratum"] for a in audits],
        clusters=[a["reviewer_id"] for a in audits],
    )


@pytest.mark.parametrize("metric", [*PLAIN, *(f"{m}_decision" for m in OF_DECISIONS)])
def test_a_weighted_share_is_that_of_the_unit_records(ask, rows, metric):
    kind = "decision" if metric.endswith("_decision") else "review"
    top = PLAIN[metric.removesuffix("_decision")]
    cells = ask(metric, by=("queue",))
    assert {c.scope.as_dict()["queue"][0] for c in cells} == set(LABELS)
    for cell in cells:
        own = [a for a in units(rows, kind) if a["queue_id"] == cell.scope.as_dict()["queue"][0]]
        expected = records(own, top, lambda _: True)
        assert cell.estimate.value == pytest.approx(float(expected.value))
        assert cell.n == len(own)
        assert cell.weight_sum == pytest.approx(sum(1 / a["pi"] for a in own))
        if CATALOGUE[metric].interval.method in ("NE", "CB"):
            bounds = (float(expected.low), float(expected.high))
            assert (cell.estimate.low, cell.estimate.high) == pytest.approx(bounds)
        else:
            assert cell.estimate.low < cell.estimate.value < cell.estimate.high


@pytest.mark.parametrize("metric", [*BY_LABEL, *DECIDED_BY_LABEL])
def test_a_metric_of_labels_is_that_of_the_unit_records(ask, rows, metric):
    kind = "decision" if metric.endswith("_decision") else "review"
    audits = units(rows, kind)
    cells = {c.scope.as_dict()["label"][0]: c for c in ask(metric, by=("label",))}
    (whole,) = ask(metric)
    assert set(cells) == {label for labels in LABELS.values() for label in labels}
    for label, cell in [*cells.items(), (ANY, whole)]:
        top, bottom = _sides(metric.removesuffix("_decision"), label)
        own = [a for a in audits if label == ANY or a["queue_id"] == label.partition(".")[0]]
        expected = records(own, top, bottom)
        assert cell.estimate.value == pytest.approx(float(expected.value))
        assert cell.n == sum(bool(bottom(a)) for a in own)
        if CATALOGUE[metric].interval.method == "NE":
            bounds = (float(expected.low), float(expected.high))
            assert (cell.estimate.low, cell.estimate.high) == pytest.approx(bounds)


@pytest.mark.parametrize(("share", "lowest"), [(1.0, 1.0), (0.5, 0.9)])
def test_a_census_without_error_is_certain_and_a_sample_is_not(
    rows, make_rows, tmp_path, engine, share, lowest
):
    _, arrow = make_rows
    audits = [{**a, "verdict": "correct", "severity": None, "pi": share} for a in units(rows)[:60]]
    found = FactStore(tmp_path, "census")
    found.commit({"audit": arrow("audit", audits)}, published_at=END, source="test")
    query = Query(("accuracy",), PERIOD)
    (cell,) = answer(query, catalogue=CATALOGUE, store=found, engine=engine, now=NOW).cells
    assert cell.estimate.value == cell.estimate.high == 1.0
    assert lowest <= cell.estimate.low
    assert (cell.estimate.low == 1.0) == (share == 1.0)


def test_shares_of_causes_are_weighted_and_add_up(ask, rows):
    errors = [a for a in units(rows) if a["verdict"] == "incorrect"]
    total = sum(1 / a["pi"] for a in errors)
    cells = {c.scope.as_dict()["cause"][0]: c.estimate.value for c in ask("defect_share", by=("cause",))}
    for cause in ("human", "tool"):
        own = sum(1 / a["pi"] for a in errors if a["cause"] == cause)
        assert cells[cause] == pytest.approx(own / total)
    (named,) = ask("defect_share")
    assert named.estimate.value == pytest.approx(sum(cells.values()))


def test_confidence_is_held_against_what_was_right(ask, rows):
    audits = [a for a in units(rows) if a["answer_confidence"] is not None]
    weight = sum(1 / a["pi"] for a in audits)
    right = {a["audit_id"]: float(a["verdict"] == "correct") for a in audits}
    brier = sum((a["answer_confidence"] - right[a["audit_id"]]) ** 2 / a["pi"] for a in audits) / weight
    bins = defaultdict(lambda: [0.0, 0.0])
    for a in audits:
        place = min(int(a["answer_confidence"] * 10 + 1e-12), 9)
        bins[place][0] += right[a["audit_id"]] / a["pi"]
        bins[place][1] += a["answer_confidence"] / a["pi"]
    error = sum(abs(correct - stated) for correct, stated in bins.values()) / weight
    (cell,) = ask("calibration_brier")
    assert cell.estimate.value == pytest.approx(brier)
    (cell,) = ask("calibration_ece")
    assert cell.estimate.value == pytest.approx(error)
    assert cell.estimate.low < error < cell.estimate.high


def test_prevalence_weighs_views(ask, rows):
    judged = [v for v in rows["impression"] if v["violating"] is not None and v["viewed_at"] in PERIOD]
    weights = [v["views"] / v["pi"] for v in judged]
    bad = sum(w for w, v in zip(weights, judged, strict=True) if v["violating"])
    (cell,) = ask("prevalence")
    assert cell.estimate.value == pytest.approx(bad / sum(weights))
    assert 0 < cell.estimate.low < cell.estimate.value < cell.estimate.high < 1


@pytest.mark.parametrize(
    "metric", ["parity_gap", "parity_gap_site", "parity_gap_recall", "parity_gap_overenf"]
)
def test_a_gap_is_drawn_in_by_shrinkage(ask, metric):
    gap = CATALOGUE[metric].gap
    parts = [c.estimate.value for c in ask(gap.of, by=(gap.across,))]
    (cell,) = ask(metric)
    assert 0 <= cell.estimate.value < max(parts) - min(parts)
    assert cell.estimate.low <= cell.estimate.value <= cell.estimate.high


def test_a_young_cohort_says_how_much_of_it_was_followed(ask):
    period = Period(NOW - timedelta(days=10), NOW - timedelta(days=3))
    (cell,) = ask("accuracy", period=period)
    assert cell.coverage == pytest.approx(3 / 7)


@pytest.mark.parametrize(
    "metric",
    [
        "accuracy",
        "qa_score",
        "critical_error_rate",
        "agreement",
        "agreement_positive",
        "qa_coverage_reviewers",
    ],
)
def test_rollups_give_what_the_rows_give(ask, store, engine, metric):
    refresh_rollups(store=store, engine=engine, catalogue=CATALOGUE, now=NOW)
    whole = Period(START + timedelta(days=1), END - timedelta(days=1))
    raw = ask(metric, by=("queue",), period=whole)
    stored = ask(metric, by=("queue",), period=whole, rollups="auto")
    assert len(raw) == len(stored) == len(LABELS)
    for one, other in zip(raw, stored, strict=True):
        assert one.n == other.n
        parts = ("value", "low", "high")
        ours, theirs = ([getattr(c.estimate, part) for part in parts] for c in (one, other))
        assert ours == [each if each is None else pytest.approx(each, rel=1e-9) for each in theirs]
