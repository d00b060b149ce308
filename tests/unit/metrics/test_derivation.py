"""Derived metrics: what an expression may say, and what it is told when it means nothing."""

import pytest

from watchfloor.metrics.catalogue import DEFINITIONS, Catalogue, load_text
from watchfloor.metrics.definition import DefinitionError
from watchfloor.metrics.derivation import evaluate, inputs_of, tree_of, with_inputs
from watchfloor.metrics.succession import check_succession, lock_text

STANDARD = list(Catalogue.standard().values())
ATTRITION = (DEFINITIONS / "attrition.yaml").read_text(encoding="utf-8")


def derived(expression: str, dimensions: str = "site") -> str:
    lines = [
        line for line in ATTRITION.splitlines() if not line.startswith(("expression", "dimensions", "id:"))
    ]
    return "\n".join(["id: tried", *lines, f"expression: {expression}", f"dimensions: [{dimensions}]"])


@pytest.mark.parametrize(
    ("expression", "dimensions", "told"),
    [
        ("leavers / headcount", "site", "by the stock 'headcount'"),
        ("leaver / 2", "site", "Did you mean 'leavers'"),
        ("(occupancy + utilisation) / 2", "site", "averages a ratio"),
        ("leavers / headcount_opening * 2", "site", "by the stock"),
        ("leavers * 2", "queue", "does not split its input"),
        ("tried + leavers", "site", "reads itself"),
        ("leavers ** 2", "site", "is not allowed"),
        ("open('x')", "site", "is not allowed"),
        ("leavers +", "site", "no arithmetic"),
    ],
)
def test_an_expression_that_means_nothing_is_refused(expression, dimensions, told):
    with pytest.raises(DefinitionError) as refused:
        Catalogue.of(iter([*STANDARD, load_text(derived(expression, dimensions), file="tried.yaml")]))
    assert told in str(refused.value)
    assert "tried" in str(refused.value)


def test_a_stock_may_stand_below_as_the_mean_of_both_ends():
    text = derived("leavers / ((headcount_opening + headcount) / 2)")
    assert "tried" in Catalogue.of(iter([*STANDARD, load_text(text, file="tried.yaml")]))


def test_inputs_come_before_what_reads_them():
    known = Catalogue.standard()
    ordered = [d.id for d in with_inputs((known["skill_depth"],), known)]
    assert ordered.index("workload_hours") < ordered.index("required_fte") < ordered.index("skill_depth")
    assert inputs_of(known["required_fte"]) == ("workload_hours", "shrinkage_planned")


def test_a_hundred_seats_at_thirty_percent_shrinkage_need_a_hundred_and_forty_three():
    tree = tree_of("seats / (1 - shrinkage)", where="test")
    assert evaluate(tree, {"seats": 100.0, "shrinkage": 0.3}) == pytest.approx(142.857, abs=5e-4)


def test_a_ratio_of_rows_may_not_be_averaged():
    aht = (DEFINITIONS / "aht.yaml").read_text(encoding="utf-8")
    wrong = aht.replace("handle_ms / 1000.0", "active_ms / handle_ms")
    with pytest.raises(DefinitionError, match=r"aht.yaml: numerator.value: .*averages a ratio"):
        load_text(wrong, file="aht.yaml")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("time_basis: DONE", "time_basis: ENQ"), "time_basis: changed from DONE to ENQ under version 1"),
        (("unit: s", "unit: h"), "unit: changed from s to h under version 1"),
    ],
)
def test_a_time_basis_or_unit_changes_with_a_new_version_only(change, told):
    aht = (DEFINITIONS / "aht.yaml").read_text(encoding="utf-8")
    before = {"aht": (1, "DONE", "s")}
    changed = load_text(aht.replace(*change), file="aht.yaml")
    with pytest.raises(DefinitionError, match=told):
        check_succession(changed, before)
    check_succession(
        load_text(aht.replace(*change).replace("version: 1", "version: 2"), file="aht.yaml"), before
    )


def test_the_lock_holds_what_is_published():
    assert (DEFINITIONS / "published.lock").read_text(encoding="utf-8") == lock_text(
        Catalogue.load().values()
    ), "run `python -m watchfloor.metrics.document`"


def test_what_is_about_how_people_are_is_never_split_by_person():
    for name in ("active_share", "exposure_minutes", "egregious_seen", "wellness_uptake"):
        definition = Catalogue.standard()[name]
        assert definition.people == "team_level"
        assert not definition.rankable
        assert "reviewer" not in definition.dimensions
    text = (DEFINITIONS / "exposure_minutes.yaml").read_text(encoding="utf-8")
    by_person = text.replace("dimensions: [", "dimensions: [reviewer, ")
    with pytest.raises(DefinitionError, match="cannot be split by reviewer"):
        load_text(by_person, file="exposure_minutes.yaml")


def test_section_six_is_defined_whole():
    owed = [
        "intake",
        "completed",
        "review_completion_cohort",
        "review_completion_flow",
        "aht",
        "active_share",
        "throughput",
        "earned_time",
        "utilisation",
        "occupancy",
        "shrinkage",
        "adherence",
        "conformance",
        "tat_p50",
        "tat_p90",
        "tat_p95",
        "tat_p99",
        "sla_attainment",
        "harm_weighted_delay",
        "backlog",
        "backlog_hours",
        "backlog_age_p50",
        "backlog_age_p95",
        "backlog_age_max",
        "cost_per_case",
        "reopen_rate",
        "skip_rate",
        "return_rate",
        "timeout_rate",
        "escalation_rate",
        "touches",
        "strategy_yield",
        "automation_share",
        "tenure",
        "learning_curve",
        "speed_to_proficiency",
        "exposure_minutes",
        "egregious_seen",
        "wellness_uptake",
        "attrition",
        "absence",
        "skill_depth",
        "certification_validity",
        "wape",
        "mape",
        "bias",
        "mase",
        "rmsse",
        "pinball_p10",
        "pinball_p90",
        "coverage",
        "workload_hours",
        "required_fte",
        "staffing_gap",
        "intraday_variance_volume",
        "intraday_variance_aht",
        "intraday_variance_heads",
        "schedule_efficiency",
        "load",
        "vendor_delivery",
    ]
    assert set(owed) <= set(Catalogue.standard())
