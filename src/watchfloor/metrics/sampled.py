"""Checks what only definitions of sampled metrics say: how rows were drawn, what is counted, which gap."""

from collections.abc import Mapping

from watchfloor.kernel import nearest
from watchfloor.metrics.definition import Definition, DefinitionError


def sampling_columns(definition: Definition) -> tuple[str, ...]:
    """Return the columns that say how a row was drawn, or which entity is counted."""
    sample = (definition.sample.pi, *definition.sample.strata) if definition.sample else ()
    return (*sample, definition.entity.column) if definition.entity else sample


def sampled_form(definition: Definition) -> list[object]:
    """Return what canonical forms of sampled metrics hold beyond those of others; empty for the others."""
    clauses = (definition.sample, definition.coefficient, definition.entity, definition.gap)
    if all(clause is None for clause in clauses):
        return []
    return [clauses, definition.interval]


def check_gaps(known: Mapping[str, Definition]) -> None:
    """Refuse a gap between values of something that is not estimated, or that it cannot be split by.

    Raises:
        DefinitionError: `gap.of` is no weighted ratio, or `gap.across` does not split it.

    """
    for definition in known.values():
        if definition.gap is None:
            continue
        base = known.get(definition.gap.of)
        if base is None or base.primitive != "weighted_ratio":
            weighted = [other.id for other in known.values() if other.primitive == "weighted_ratio"]
            guess = nearest(definition.gap.of, weighted)
            raise DefinitionError(
                f"{definition.id}: gap.of: {definition.gap.of!r} is no weighted ratio.",
                remedy=f"Did you mean {guess!r}?" if guess else "Name a metric estimated from a sample.",
            )
        if definition.gap.across not in base.dimensions or definition.gap.across in definition.dimensions:
            raise DefinitionError(
                f"{definition.id}: gap.across: {definition.gap.across!r} must split {base.id!r} alone.",
                remedy=f"Dimensions of {base.id}: {', '.join(base.dimensions)}.",
            )
