"""A row expression sees its own row's columns and a closed list of functions, nothing else."""

import pytest

from watchfloor.facts.imports.errors import MappingError
from watchfloor.facts.imports.expressions import columns_of, render

COLUMNS = ("a", "b", "case", "started", "status")


def rendered(text: str) -> str:
    return render(text, columns=COLUMNS, column_sql=lambda name: f'"c:{name}"', where="here")


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("concat(\"case\", ':', a)", 'CONCAT("c:case", \':\', "c:a")'),
        ("case when status = 'X' then a end", 'CASE WHEN "c:status" = \'X\' THEN "c:a" END'),
        ("epoch_ms(a) - epoch_ms(b)", 'EPOCH_MS("c:a") - EPOCH_MS("c:b")'),
        ("[a, b]", '["c:a", "c:b"]'),
        ("try_cast(a as bigint)", 'TRY_CAST("c:a" AS BIGINT)'),
        ("a || '-' || b", '"c:a" || \'-\' || "c:b"'),
    ],
)
def test_scalar_expressions_are_rendered(text, sql):
    assert rendered(text) == sql


@pytest.mark.parametrize(
    "text",
    [
        "read_text('/etc/passwd')",
        "(select 1)",
        "getenv('HOME')",
        "sum(a)",
        "count(*)",
        "row_number() over ()",
        "a; drop table x",
        "cast(a as int)",
        "a::int",
        "t.a",
        "query('select 1')",
        "{'x': a}",
        "a[1]",
        "exists (select 1)",
        "unnest([a, b])",
        "lambda x: x",
        "",
        "a +",
        "try_cast(a as blob)",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(MappingError):
        rendered(text)


def test_an_unknown_column_suggests_the_nearest():
    with pytest.raises(MappingError, match="Did you mean 'status'"):
        rendered("upper(statsu)")


def test_a_very_long_expression_is_refused():
    with pytest.raises(MappingError, match="characters"):
        rendered(" || ".join(["a"] * 2000))


def test_the_columns_of_an_expression_are_found():
    assert columns_of("concat(a, started)", where="here") == ["a", "started"]
