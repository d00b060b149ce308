"""Reads a proposed text against the catalogue in force: what it would change, and what forbids it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff

import yaml

from watchfloor.metrics import Catalogue
from watchfloor.metrics.catalogue import canonical_form, load_text
from watchfloor.metrics.definition import Definition, DefinitionError
from watchfloor.metrics.governing import with_versions
from watchfloor.metrics.succession import check_succession

_WORDS = frozenset({"name", "description", "formula", "trap", "guard", "example", "owner", "code", "family"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that can be proposed: its definition, and how it stands to the one in force.

    `computes_the_same` says that only words differ from the version in force.
    """

    definition: Definition
    current: Definition | None
    computes_the_same: bool
    changed: tuple[str, ...]


def read_draft(text: str, *, catalogue: Catalogue) -> Draft:
    """Return what the text proposes.

    Raises:
        DefinitionError: the text is no definition, does not raise its version, changes its time basis or
            unit without doing so, or says the same as another metric.

    """
    definition = load_text(text, file="definition")
    current = catalogue[definition.id] if definition.id in catalogue else None  # noqa: SIM401 -- its get() raises
    if current is not None:
        check_succession(definition, {current.id: (current.version, current.time_basis, current.unit)})
        if definition.version != current.version + 1:
            raise DefinitionError(
                f"version: {definition.id} is at {current.version}; the text says {definition.version}.",
                remedy=f"Write version: {current.version + 1}.",
            )
    elif definition.version != 1:
        raise DefinitionError(
            f"version: {definition.id} is new; the text says {definition.version}.",
            remedy="Write version: 1.",
        )
    # The whole catalogue with it: duplicates and broken derivations are refused here, not after approval.
    with_versions(catalogue, [definition])
    same = current is not None and canonical_form(current) == canonical_form(definition)
    return Draft(definition, current, same, _changed(current, definition))


def text_of(definition: Definition) -> str:
    """Return the definition as YAML, in the order of its fields, without what stands at its default."""
    plain = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    plain["version"] = definition.version
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=100)


def next_text(definition: Definition) -> str:
    """Return the text from which the next version is written."""
    return text_of(definition.model_copy(update={"version": definition.version + 1}))


def diff_of(before: str, after: str) -> list[tuple[str, str]]:
    """Return the lines of the difference, each with `+`, `-` or a blank before it.

    >>> diff_of("a: 1", "a: 2")
    [('-', 'a: 1'), ('+', 'a: 2')]
    """
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return [(line[:1], line[1:]) for line in lines if not line.startswith(("---", "+++", "@@"))]


def _changed(current: Definition | None, definition: Definition) -> tuple[str, ...]:
    if current is None:
        return ()
    before, after = (_plain(each) for each in (current, definition))
    names = [name for name in after if before.get(name) != after[name] and name != "version"]
    return tuple(sorted(names, key=lambda name: (name in _WORDS, name)))


def _plain(definition: Definition) -> Mapping[str, object]:
    return definition.model_dump(mode="json", by_alias=True)
