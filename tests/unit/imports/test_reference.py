"""Every key, check, observation, function, error and shipped mapping is documented."""

from pathlib import Path

import pytest

from watchfloor.facts.imports import errors, list_mappings
from watchfloor.facts.imports.checks import AUTOMATIC, CHECKS
from watchfloor.facts.imports.expressions import FUNCTIONS
from watchfloor.facts.imports.library import mapping_keys

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.fixture(scope="module")
def reference():
    return (DOCS / "reference" / "mappings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("part", sorted(mapping_keys()))
def test_every_key_of_a_part_stands_under_its_heading(reference, part):
    section = next(
        text for text in reference.split("\n## ")[1:] if f"{part}\n" in f"\n{text}".replace("### ", "")
    )
    if f"### {part}\n" in reference:
        section = reference.split(f"### {part}\n")[1]
    for key in mapping_keys()[part]:
        assert f"| `{key}` |" in section, f"{part}.{key}"


@pytest.mark.parametrize("name", [*CHECKS, *AUTOMATIC])
def test_every_observation_is_documented(reference, name):
    assert f"| `{name}` |" in reference


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_documented(reference, name):
    assert f"`{name}`" in reference


def test_every_error_is_documented(reference):
    names = [
        name
        for name in vars(errors)
        if name.endswith("Error") and name not in ("WatchfloorError", "ImportsError")
    ]
    assert len(names) == 4
    assert all(f"`{name}`" in reference for name in names)


def test_every_shipped_mapping_is_in_the_guide():
    guide = (DOCS / "howto" / "import-a-log.md").read_text(encoding="utf-8")
    assert all(f"| `{mapping.mapping}` |" in guide for mapping in list_mappings())
