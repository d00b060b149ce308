"""Agreement, counts and waits against plain Python over the same rows."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median_low

import pytest

from watchfloor.facts.store import FactStore
from watchfloor.kernel import Period
from watchfloor.metrics import Catalogue, Query, answer

START = datetime(2026, 5, 4, tzinfo=UTC)
END = START + timedelta(days=10)
NOW = END + timedelta(days=3)
PERIOD = Period(START + timedelta(days=1, hours=7), END - timedelta(days=1))
LABELS = {"hate": ("hate.slur", "hate.threat", "hate.none"), "spam": ("spam.ads", "spam.none")}
CATALOGUE = Catalogue.load()


def pairs(rows, column):
    by_case = defaultdict(list)
    for r in sorted(rows["review"], key=lambda r: r["submitted_at"]):
        if r["purpose"] == "production":
            by_case[r["case_id"]].append(r)
    both = [v for v in by_case.values() if len(v) == 2 and v[1]["submitted_at"] in PERIOD]
    return [tuple(column(r) for r in v) for v in both]


def test_agreement_is_that_of_the_pairs(ask, rows):
    votes = pairs(rows, lambda r: r["labels"][0])
    items = len(votes)
    observed = sum(a == b for a, b in votes) / items
    shares = [n / (2 * items) for n in Counter(v for pair in votes for v in pair).values()]
    by_fleiss = sum(s * s for s in shares)
    by_ac1 = sum(s * (1 - s) for s in shares) / (len(shares) - 1)
    first, second = (Counter(pair[side] for pair in votes) for side in (0, 1))
    by_cohen = sum(first[label] * second[label] for label in first) / items**2
    counts = Counter(v for pair in votes for v in pair)
    n = 2 * items
    expected = sum(counts[a] * counts[b] for a in counts for b in counts if a != b) / (n * (n - 1))
    acts = pairs(rows, lambda r: r["action"] != "none")
    a, d = sum(x and y for x, y in acts), sum(not x and not y for x, y in acts)
    odd = items - a - d
    for metric, value in {
        "agreement": (observed - by_ac1) / (1 - by_ac1),
        "agreement_fleiss": (observed - by_fleiss) / (1 - by_fleiss),
        "agreement_cohen": (observed - by_cohen) / (1 - by_cohen),
        "agreement_alpha": 1 - (1 - observed) / expected,
        "agreement_observed": observed,
        "agreement_positive": 2 * a / (2 * a + odd),
        "agreement_negative": 2 * d / (2 * d + odd),
    }.items():
        (cell,) = ask(metric)
        assert cell.estimate.value == pytest.approx(value), metric
        assert cell.n == items
        assert cell.estimate.low < value < cell.estimate.high


def _ratios(rows):
    audits = [a for a in rows["audit"] if a["unit_at"] in PERIOD]
    again = [a for a in rows["audit"] if a["audited_at"] in PERIOD and a["auditor_verdict"]]
    ruled = [a for a in audits if a["dispute_state"] in ("upheld", "rejected", "grey")]
    filed = {p["decision_id"]: p["filed_at"] for p in rows["appeal"]}
    enforced = [d for d in rows["decision"] if d["enforced"] and d["decided_at"] in PERIOD]
    month = timedelta(days=30)
    soon = [d for d in enforced if d["decision_id"] in filed
            and filed[d["decision_id"]] - d["decided_at"] <= month]  # fmt: skip
    points = {"reversed": 1.0, "partially_reversed": 0.5, "upheld": 0.0}
    settled = [p for p in rows["appeal"] if p["decided_at"] in PERIOD and p["outcome"] in points]
    newest = {}
    for g in sorted(rows["gold_case"], key=lambda g: g["gold_version"]):
        newest.setdefault(g["gold_id"], []).append(g)
    seen = []
    for r in rows["review"]:
        if r.get("gold_id") and r["submitted_at"] in PERIOD:
            gold = [g for g in newest[r["gold_id"]] if g["recorded_at"] <= r["submitted_at"]][-1]
            seen.append((gold["labels"] == r["labels"], gold["violative"]))
    drawn = [s for s in rows["audit_stratum"] if s["frame_start_at"] in PERIOD and s["population"]]
    decided = [d for d in rows["decision"] if d["decided_at"] in PERIOD]
    sessions = [c for c in rows["calibration_answer"] if c["answered_at"] in PERIOD]
    return {
        "appeal_rate": (len(soon), len(enforced)),
        "overturn_rate": (sum(points[p["outcome"]] for p in settled), len(settled)),
        "calibration": (sum(c["agrees"] for c in sessions), len(sessions)),
        "gold_accuracy": (sum(ok for ok, _ in seen), len(seen)),
        "gold_accuracy_violating": (sum(ok for ok, bad in seen if bad), sum(bad for _, bad in seen)),
        "gold_accuracy_benign": (sum(ok for ok, bad in seen if not bad), sum(not bad for _, bad in seen)),
        "qa_coverage": (len(audits), len(decided)),
        "qa_coverage_strata": (sum(s["size"] > 0 for s in drawn), len(drawn)),
        "audit_the_auditor": (sum(a["auditor_verdict"] == "correct" for a in again), len(again)),
        "dispute_rate": (sum(a["dispute_state"] != "none" for a in audits), len(audits)),
        "dispute_win_rate": (sum(a["dispute_state"] == "upheld" for a in ruled), len(ruled)),
    }


@pytest.mark.parametrize(
    "metric",
    [
        "appeal_rate", "overturn_rate", "calibration", "gold_accuracy", "gold_accuracy_violating",
        "gold_accuracy_benign", "qa_coverage", "qa_coverage_strata", "audit_the_auditor", "dispute_rate",
        "dispute_win_rate",
    ],
)  # fmt: skip
def test_a_ratio_is_that_of_the_rows(ask, rows, metric):
    top, bottom = _ratios(rows)[metric]
    (cell,) = ask(metric)
    assert (cell.numerator, cell.denominator) == pytest.approx((top, bottom))
    assert top
    assert cell.estimate.value == pytest.approx(top / bottom)


def test_reviewers_with_five_audits_are_counted_among_the_active(ask, rows):
    audits = Counter(a["reviewer_id"] for a in rows["audit"] if a["unit_at"] in PERIOD)
    active = {
        r["reviewer_id"]
        for r in rows["review"]
        if r["purpose"] == "production" and r["submitted_at"] in PERIOD
    }
    (cell,) = ask("qa_coverage_reviewers")
    assert cell.denominator == len(active)
    assert cell.numerator == sum(audits[person] >= 5 for person in active)


def test_time_to_signal_is_the_median(ask, rows):
    waits = [
        (a["audited_at"] - a["unit_at"]).total_seconds() for a in rows["audit"] if a["unit_at"] in PERIOD
    ]
    (cell,) = ask("time_to_signal")
    assert cell.estimate.value == pytest.approx(median_low(waits))


def test_empty_facts_are_named(make_rows, rows, tmp_path, engine):
    _, arrow = make_rows
    bare = FactStore(tmp_path, "bare")
    bare.commit({"review": arrow("review", rows["review"])}, published_at=END, source="test")
    for metric, fact in {"prevalence": "impression", "accuracy": "audit", "gold_accuracy": "gold_case",
                         "calibration": "calibration_answer", "parity_gap": "audit"}.items():  # fmt: skip
        query = Query((metric,), PERIOD)
        (cell,) = answer(query, catalogue=CATALOGUE, store=bare, engine=engine, now=NOW).cells
        assert cell.reason == f"no data: fact {fact} is empty"


def test_every_definition_is_checked_somewhere():
    texts = [p.read_text(encoding="utf-8") for p in Path(__file__).parent.glob("test_*.py")]
    quality = [d.id.removesuffix("_decision") for d in CATALOGUE.values() if d.code.startswith("Q")]
    unchecked = [name for name in quality if not any(f'"{name}"' in text for text in texts)]
    assert not unchecked
