"""Definition files: what is accepted, and what a wrong one is told."""

import re

import pytest

from watchfloor.metrics.catalogue import DEFINITIONS, Catalogue, UnknownMetricError, canonical_form, load_text
from watchfloor.metrics.definition import DefinitionError
from watchfloor.metrics.expressions import conjuncts, parse

AHT = (DEFINITIONS / "aht.yaml").read_text(encoding="utf-8")
SPOKEN_TRAP = AHT[AHT.index("trap:") : AHT.index("\nguard:")]


def test_the_product_defines_what_it_promises():
    owed = (
        "intake completed reviews aht active_share throughput tat_p50 tat_p90 tat_p95 sla_attainment backlog "
        "backlog_age_p50 backlog_age_p95 backlog_age_max share_overdue reopen_rate escalation_rate skip_rate "
        "return_rate timeout_rate review_completion_cohort review_completion_flow occupancy"
    )
    assert set(owed.split()) <= set(Catalogue.load())


def test_every_metric_speaks_both_languages():
    for definition in Catalogue.standard().values():
        assert definition.name.in_language("zh-hans") == definition.name.zh_hans
        meanings = [definition.coverage.meaning] if definition.coverage else []
        for text in (
            definition.description,
            definition.formula,
            definition.trap,
            definition.guard,
            *meanings,
        ):
            symbols = text is definition.formula and not re.search("[a-z]{5}", text.en)
            chinese = any("\u4e00" <= letter <= "\u9fff" for letter in text.zh_hans)
            assert chinese or symbols, definition.id
            assert not any("\u4e00" <= letter <= "\u9fff" for letter in text.en), definition.id
        assert definition.name.in_language("en") == definition.name.en


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("handle_ms / 1000.0", "handel_ms / 1000.0"), "Did you mean 'handle_ms'"),
        (("handle_ms / 1000.0", "sum(handle_ms)"), "not allowed in a row expression"),
        (("handle_ms / 1000.0", "now()"), "not allowed in a row expression"),
        (("handle_ms / 1000.0", "(SELECT 1)"), "not allowed in a row expression"),
        (("handle_ms / 1000.0", "read_csv('/etc/passwd')"), "not allowed in a row expression"),
        (("handle_ms / 1000.0", "handle_ms +"), "is not an expression"),
        (("handle_ms / 1000.0", "seconds_between(submitted_at)"), "takes 2 arguments"),
        (("relation: review", "relation: reviews"), "Did you mean 'review'"),
        (("unit: s", "unit: seconds"), "unit: "),
        (("unit: s", "unitt: s"), "Did you mean 'unit'"),
        (("version: 1", "version: 0"), "version: "),
        (("primitive: ratio", "primitive: count"), "takes no `numerator`"),
        (("{method: CB, cluster: reviewer}", "{method: CB}"), "need a cluster"),
        (("additivity: RATIO", "additivity: ADD"), "primitive ratio is RATIO"),
        (("[queue,", "[queu,"), "Did you mean 'queue'"),
        (("id: aht", "id: aht\nid: again"), "stands twice"),
        (("id: aht", "id: Average Handle"), "id: "),
        (("  zh-Hans: 只考核速度会漏放违规内容。\n", ""), "trap.zh-Hans: Field required"),
        ((SPOKEN_TRAP, "trap: Speed alone."), "under `en` and `zh-Hans`"),
        (("denominator: {}", "denominator: {relation: case, at: enqueued_at}"), "records no reviewer"),
        (("owner: workflow-analytics", "owner: &a workflow-analytics"), "anchors"),
        ((AHT, "x" * 100_000), "characters"),
        ((AHT, "- just\n- a list"), "aht.yaml"),
    ],
)
def test_a_wrong_definition_is_told_what_is_wrong(change, told):
    with pytest.raises(DefinitionError) as refused:
        load_text(AHT.replace(*change), file="aht.yaml")
    assert told in str(refused.value)
    assert "aht.yaml" in str(refused.value)


def test_two_spellings_of_one_metric_are_a_duplicate():
    other = AHT.replace("id: aht", "id: handling").replace(
        "kind IN ('first', 'second', 'third') AND outcome = 'submitted' AND handle_ms IS NOT NULL",
        "handle_ms is not null and OUTCOME = 'submitted' and (kind in ('third', 'first', 'second'))",
        1,
    )
    one, two = load_text(AHT, file="aht.yaml"), load_text(other, file="handling.yaml")
    assert canonical_form(one) == canonical_form(two)
    with pytest.raises(DefinitionError, match="says the same as 'aht'"):
        Catalogue.of(iter([one, two]))


def test_an_unknown_metric_gets_a_suggestion():
    with pytest.raises(UnknownMetricError, match="Did you mean 'backlog'"):
        _ = Catalogue.standard()["bakclog"]


def test_conditions_are_taken_apart_and_ordered():
    parts = conjuncts("b = 1 AND (a > 2 AND c IS NULL)", where="test")
    assert [part.canonical for part in parts] == ["a > 2", "b = 1", "c IS NULL"]


def test_an_alternative_stays_one_condition():
    (part,) = conjuncts("(a = 1 OR b = 2)", where="test")
    assert set(part.columns) == {"a", "b"}
    assert parse("a = 1 OR b = 2", where="test").canonical == parse("b = 2 OR a = 1", where="test").canonical
