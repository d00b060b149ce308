"""A mapping file is read as plain data, and every mistake in it is named."""

import pytest

from watchfloor.facts.imports import MappingError, list_mappings, load_mapping, mapping_from_text

MINIMAL = """
mapping: mine
title: Mine
sources:
  rows:
    match: "*.csv"
    columns: {at: {type: instant, time_zone: UTC}}
    facts:
      case:
        columns: {case_id: id, queue_id: {value: q}, purpose: {value: production}, enqueued_at: at}
"""


def refusal(text: str) -> str:
    with pytest.raises(MappingError) as caught:
        mapping_from_text(text, name="mine.yaml")
    return str(caught.value)


def test_a_minimal_mapping_is_read():
    mapping = mapping_from_text(MINIMAL)
    assert mapping.sources["rows"].facts["case"].columns["case_id"].column == "id"


def test_the_shipped_mappings_are_valid():
    assert {m.mapping for m in list_mappings()} == {
        "bpi2012",
        "cofacts",
        "dsa_transparency",
        "generic",
        "github_dmca",
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("mapping: mine", "mappin: mine"), "`mapping` is missing"),
        (("title: Mine", "title: Mine\ntitel: Mine"), "Did you mean `title`?"),
        (("title: Mine", "title: Mine\ntitle: Again"), "the key 'title' stands twice"),
        (("case_id: id", "case_ident: id"), "Did you mean 'case_id'?"),
        (("      case:", "      caze:"), "Did you mean 'case'?"),
        (("case_id: id, ", ""), "case_id must be mapped"),
        (("{value: production}", "{value: producing}"), "is not one of production"),
        (("{value: q}", "{value: q, column: x}"), "exactly one of"),
        (("case_id: id", "case_id: &a id"), "anchors and aliases are not allowed"),
        (("type: instant", "type: moment"), "sources.rows.columns.at.type"),
        (("time_zone: UTC", "time_zone: Mars/Olympus"), "'Mars/Olympus' is unknown"),
        (
            ('match: "*.csv"', 'match: "*.csv"\n    checks: [{check: negativ_lag}]'),
            "Did you mean 'negative_lag'?",
        ),
        (('match: "*.csv"', 'match: "*.csv"\n    checks: [{check: negative_lag, from: at}]'), "needs to"),
        (("title: Mine", "title: [Mine"), "line"),
        (("title: Mine", "title: !!python/object:os.system x"), "could not determine a constructor"),
        (
            ("title: Mine", "title: Mine\nplausible: {from: 2026-01-01, to: 2025-01-01}"),
            "is not after `from`",
        ),
    ],
)
def test_a_mistake_is_named_with_its_remedy(change, said):
    assert said in refusal(MINIMAL.replace(*change))


def test_a_bomb_of_aliases_is_refused_before_it_grows():
    bomb = "a: &a [x, x]\n" + "\n".join(
        f"{new}: &{new} [*{old}, *{old}, *{old}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert "anchors and aliases" in refusal(bomb)


def test_deep_nesting_is_refused():
    assert "levels are not allowed" in refusal("a: " + "[" * 500 + "]" * 500)


def test_a_giant_mapping_is_not_read(tmp_path):
    path = tmp_path / "giant.yaml"
    path.write_text("a: b\n" * 100_000)
    with pytest.raises(MappingError, match="at most"):
        load_mapping(path)


@pytest.mark.parametrize("name", ["cofact", "bpi2013"])
def test_an_unknown_mapping_suggests_the_nearest(name):
    with pytest.raises(MappingError, match="Did you mean"):
        load_mapping(name)


def test_a_mapping_that_is_no_utf8_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"title: caf\xe9\n")
    with pytest.raises(MappingError, match="not UTF-8"):
        load_mapping(path)
