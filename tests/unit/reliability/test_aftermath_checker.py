"""The checker of what follows decisions finds each fault that is planted, and nothing where all is well."""

from dataclasses import replace

import pytest
from benchmarks.reliability.aftermath_checker import aftermath_faults
from benchmarks.reliability.history import Call, Kept, KeptAppeal, KeptAudit, KeptCase, KeptDecision

SCAM = KeptDecision("c1", 0, "last_turn", "v1", ("scam",), "remove")
CORRECTED = KeptDecision("c1", 1, "correction_wins", "v3", ("fine",), "none", supersedes="d1")
RULING = KeptDecision("c2", 0, "last_turn", "v2", ("fine",), "none")
APPEAL = KeptAppeal("k1", "c1", "d1", "c2", "reversed", "d2", "d3")
AUDIT = KeptAudit("done", "incorrect")
DISPUTED = KeptAudit("done", "correct", "upheld", "qa", "upheld", ("filed", "upheld"))


def call(kind, asked, answer, result="ok"):
    return Call("one", kind, 1.0, 2.0, result, None, asked, answer)


CALLS = [
    call("correct", {"case": "c1", "labels": ["fine"]}, {"decision": "d3"}),
    call("appeal", {"key": "k1", "case": "c1"}, {"appeal": "a1"}),
    call("appeal", {"key": "k1", "case": "c1"}, {"appeal": "a1"}),
    call("draw", {"design": "one-1"}, {"audits": ["u1", "u2"]}),
    call("audit", {"audit": "u1", "auditor": "r2"}, {"verdict": "incorrect", "reviewer": "r1"}),
    call("audit", {"audit": "u2", "auditor": "r2"}, {"verdict": "incorrect", "reviewer": "r1"}),
    call("dispute", {"audit": "u2"}, {"dispute": 1}),
    call("rule", {"audit": "u2", "ruling": "upheld"}, {"level": "qa", "outcome": "upheld"}),
]
WHOLE = Kept(
    cases={"c1": KeptCase(places=("decided",)), "c2": KeptCase(parent="c1", places=("decided",))},
    decisions={"d1": SCAM, "d2": RULING, "d3": CORRECTED},
    appeals={"a1": APPEAL},
    audits={"u1": AUDIT, "u2": DISPUTED},
)


def rules(calls=CALLS, **kept):
    return {rule for rule, _ in aftermath_faults(calls, replace(WHOLE, **kept))}


def test_an_aftermath_without_a_fault_has_none():
    assert rules() == set()
    assert rules(calls=[]) == set()


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("correction lost", {"decisions": {"d1": SCAM, "d2": RULING}, "appeals": {}}),
        ("correction changed", {"decisions": {**WHOLE.decisions, "d3": replace(CORRECTED, labels=("x",))}}),
        ("correction changed", {"decisions": {**WHOLE.decisions, "d3": replace(CORRECTED, supersedes=None)}}),
        ("appeal lost", {"appeals": {}}),
        ("appeal lost", {"appeals": {"a1": replace(APPEAL, case="c9")}}),
        ("appeal filed twice", {"appeals": {"a1": APPEAL, "a2": APPEAL}}),
        (
            "appeal filed twice",
            {"appeals": {name: KeptAppeal(name, "c1", "d1", "c2") for name in ("a1", "a2")}},
        ),
        ("appeal without its case", {"appeals": {"a1": replace(APPEAL, opened=None)}}),
        ("appeal without its case", {"cases": {"c1": KeptCase(), "c2": KeptCase(parent="c9")}}),
        ("appeal not settled", {"appeals": {"a1": KeptAppeal("k1", "c1", "d1", "c2")}}),
        ("appeal settled by nothing", {"appeals": {"a1": replace(APPEAL, ruling="d1")}}),
        ("appeal settled wrongly", {"appeals": {"a1": replace(APPEAL, outcome="upheld")}}),
        (
            "appeal without its correction",
            {"decisions": {"d1": SCAM, "d2": RULING}, "appeals": {"a1": replace(APPEAL, correction=None)}},
        ),
        ("appeal without its correction", {"appeals": {"a1": replace(APPEAL, correction="d1")}}),
        ("audit lost", {"audits": {"u1": AUDIT}}),
        ("verdict lost", {"audits": {"u1": replace(AUDIT, state="taken"), "u2": DISPUTED}}),
        ("verdict changed", {"audits": {"u1": replace(AUDIT, verdict="correct"), "u2": DISPUTED}}),
        ("dispute of nothing", {"audits": {"u1": replace(AUDIT, steps=("filed",)), "u2": DISPUTED}}),
        (
            "dispute filed twice",
            {"audits": {"u1": AUDIT, "u2": replace(DISPUTED, steps=("filed", "filed", "upheld"))}},
        ),
        ("dispute settled wrongly", {"audits": {"u1": AUDIT, "u2": replace(DISPUTED, verdict="incorrect")}}),
        ("dispute settled wrongly", {"audits": {"u1": AUDIT, "u2": replace(DISPUTED, outcome="")}}),
        ("ruling lost", {"audits": {"u1": AUDIT, "u2": replace(DISPUTED, steps=("filed",))}}),
    ],
)
def test_each_fault_in_what_was_kept_is_found(rule, kept):
    assert rule in rules(**kept)


def test_an_audit_is_judged_once_and_a_correction_acknowledged_once():
    assert "audit judged twice" in rules([*CALLS, CALLS[4]])
    assert "correction changed" in rules([*CALLS, CALLS[0]])


def test_a_ruling_that_nobody_acknowledged_may_stand_or_not():
    unknown = [*CALLS[:7], replace(CALLS[7], result="unknown", answer={})]
    assert rules(unknown) == set()
    open_yet = replace(DISPUTED, verdict="incorrect", dispute_state="open", outcome="", steps=("filed",))
    assert rules(unknown, audits={"u1": AUDIT, "u2": open_yet}) == set()
    twice = replace(DISPUTED, steps=("filed", "upheld", "upheld"))
    assert "ruling lost" in rules(unknown, audits={"u1": AUDIT, "u2": twice}), "asked for once at the most"
