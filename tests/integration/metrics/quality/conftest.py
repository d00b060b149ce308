"""A small random operation with audits, gold, appeals, sampled views and calibration sessions."""

import random
from datetime import UTC, datetime, timedelta

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
BENIGN = frozenset({"hate.none", "spam.none"})


def _place(rng, queue):
    return {
        "queue_id": queue,
        "purpose": "production",
        "surface": "comment",
        "language": rng.choice(["en", "pt", "zh"]),
        "market": "IE",
    }


def _person(number):
    return {"reviewer_id": f"r{number:02d}", "site_id": f"s{number % 3}", "tenure_band": "366+"}


def _audit(rng, number):
    queue = rng.choice(list(LABELS))
    truth = rng.choice(LABELS[queue])
    said = truth if rng.random() < 0.8 else rng.choice(LABELS[queue])
    pi = rng.choice([0.05, 0.2, 0.6])
    wrong = said != truth
    unit_at = START + timedelta(seconds=rng.randrange(864_000))
    return {
        "audit_id": f"q{number}",
        "unit_kind": "decision" if rng.random() < 0.3 else "review",
        "unit_id": f"u{number}",
        "case_id": f"c{number}",
        **_person(rng.randrange(12)),
        **_place(rng, queue),
        "unit_at": unit_at,
        "audited_at": unit_at + timedelta(seconds=rng.randrange(3_600, 200_000)),
        "design_id": "d",
        "stratum": f"{queue}-{pi}",
        "pi": pi,
        "verdict": None if rng.random() < 0.03 else ("incorrect" if wrong else "correct"),
        "severity": rng.choice(["critical", "major", "minor"]) if wrong else None,
        "cause": rng.choice(["human", "tool", None]) if wrong else None,
        "dispute_state": rng.choice(["none", "open", "upheld", "rejected", "grey"]) if wrong else "none",
        "answer_labels": [said],
        "answer_families": [queue if said not in BENIGN else "none"],
        "answer_action": "none" if said in BENIGN else "remove",
        "answer_violative": said not in BENIGN,
        "answer_confidence": round(rng.uniform(0.3, 1.0), 2) if rng.random() < 0.9 else None,
        "truth_labels": [truth],
        "truth_families": [queue if truth not in BENIGN else "none"],
        "truth_action": "none" if truth in BENIGN else "remove",
        "truth_violative": truth not in BENIGN,
        "auditor_verdict": rng.choice([None, None, "correct", "incorrect"]),
    }


def _reviews(rng):
    rows = []
    for number in range(260):
        queue = rng.choice(list(LABELS))
        at = START + timedelta(seconds=rng.randrange(860_000))
        place = _place(rng, queue)
        first = rng.choice(LABELS[queue])
        for turn, kind in enumerate(("first", "second")[: rng.choice([1, 2, 2])]):
            label = first if rng.random() < 0.7 else rng.choice(LABELS[queue])
            rows.append(
                {
                    "review_id": f"c{number}-{turn}",
                    "case_id": f"c{number}",
                    "kind": kind,
                    "turn": turn,
                    **_person(rng.randrange(12)),
                    **place,
                    "submitted_at": at + timedelta(minutes=30 * turn),
                    "outcome": "submitted",
                    "labels": [label],
                    "action": "none" if label in BENIGN else "remove",
                    "blind": True,
                }
            )
    return rows


def _gold(rng):
    gold = [
        {
            "gold_id": f"g{n}",
            "gold_version": version,
            "queue_id": "hate",
            "labels": [LABELS["hate"][(n + version) % 3]],
            "violative": LABELS["hate"][(n + version) % 3] not in BENIGN,
            "recorded_at": START - timedelta(days=9) + timedelta(days=6 * version),
        }
        for n in range(4)
        for version in (1, 2)
    ]
    seen = [
        {
            "review_id": f"gold{n}",
            "case_id": f"x{n}",
            "kind": "first",
            **_person(n % 12),
            **_place(rng, "hate"),
            "purpose": "qa",
            "submitted_at": START + timedelta(hours=1 + n),
            "outcome": "submitted",
            "labels": [rng.choice(LABELS["hate"])],
            "gold_id": f"g{n % 4}",
        }
        for n in range(200)
    ]
    return gold, seen


def _rows():
    rng = random.Random(41)
    gold, seen = _gold(rng)
    decisions = [
        {
            "decision_id": f"d{n}",
            "case_id": f"c{n}",
            "decision_version": 0,
            **_person(n % 12),
            **_place(rng, rng.choice(list(LABELS))),
            "rule": "last_turn",
            "decided_at": START + timedelta(minutes=n * 30),
            "enforced": n % 3 != 0,
        }
        for n in range(400)
    ]
    appeals = [
        {
            "appeal_id": f"p{n}",
            "decision_id": f"d{n * 3 + 1}",
            **_place(rng, "hate"),
            "kind": "internal_complaint",
            "filed_at": START + timedelta(hours=3 * n + 2, days=rng.choice([0, 0, 40])),
            "decided_at": START + timedelta(days=2, hours=n),
            "outcome": rng.choice(["upheld", "reversed", "partially_reversed", "withdrawn"]),
        }
        for n in range(70)
    ]
    return {
        "audit": [_audit(rng, number) for number in range(700)],
        "review": [*_reviews(rng), *seen],
        "gold_case": gold,
        "decision": decisions,
        "appeal": appeals,
        "audit_stratum": [
            {
                "draw_id": f"d/{n}",
                "design_id": "d",
                "stratum": f"s{n}",
                "queue_id": "hate",
                "purpose": "production",
                "frame_start_at": START + timedelta(hours=9 * n),
                "population": rng.choice([0, 5, 40]),
                "size": rng.choice([0, 1, 4]),
            }
            for n in range(24)
        ],
        "impression": [
            {
                "impression_id": f"v{n}",
                "object_id": f"o{n % 150}",
                "language": "en",
                "viewed_at": START + timedelta(minutes=20 * n),
                "views": float(rng.randrange(1, 9)),
                "pi": rng.choice([1e-4, 1e-3]),
                "violating": rng.choice([True, *[False] * 9, None]),
            }
            for n in range(600)
        ],
        "calibration_answer": [
            {
                "session_id": "k1",
                "item_id": f"c{n // 10}",
                **_person(n % 10),
                **_place(rng, "hate"),
                "answered_at": START + timedelta(days=3, minutes=n),
                "agrees": rng.random() < 0.85,
            }
            for n in range(80)
        ],
    }


@pytest.fixture(scope="module")
def rows():
    return _rows()


@pytest.fixture(scope="module")
def store(tmp_path_factory, make_rows, rows) -> FactStore:
    _, arrow = make_rows
    found = FactStore(tmp_path_factory.mktemp("quality"), "quality")
    found.commit({n: arrow(n, part) for n, part in rows.items()}, published_at=END, source="test")
    return found


@pytest.fixture
def ask(store, engine):
    def asked(metric, *, rollups="never", **extra):
        query = Query((metric,), extra.pop("period", PERIOD), **extra)
        return answer(query, catalogue=CATALOGUE, store=store, engine=engine, now=NOW, rollups=rollups).cells

    return asked
