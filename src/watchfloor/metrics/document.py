"""Writes the reference page of the metrics: `python -m watchfloor.metrics.document`."""

import sys
from collections.abc import Iterator
from pathlib import Path

from watchfloor.metrics.catalogue import DEFINITIONS, Catalogue
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.metrics.lineage import lineage
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.succession import LOCK, lock_text

PAGE = Path("docs/reference/metrics.md")

_INTRODUCTION = """# Metrics

Every number that Watchfloor shows comes from one of the definitions below, and carries the definition's
version. This page is written from `src/watchfloor/metrics/definitions/` by `python -m
watchfloor.metrics.document`.

A metric says on which time basis it counts (`ENQ` enqueue cohort, `DONE` completion flow, `DUE` deadline
cohort, `SNAP` stock at an instant, `CLOCK` clock time cut at the edges, `FOLLOW` follow-up of the original
decision), and how it may be put together: `ADD` over anything, `SEMI` over entities but never over time,
`RATIO` by its numerator and denominator, `NON` only from the rows or their histogram. Only production
queues enter, unless a metric says otherwise. How intervals are made:
[Intervals](../explanation/intervals.md).

"""


def page(catalogue: Catalogue) -> str:
    """Return the reference page as Markdown."""
    return _INTRODUCTION + "\n".join(
        [*_overview(catalogue), *_details(catalogue), *_dimensions(), *_relations()]
    )


def _overview(catalogue: Catalogue) -> Iterator[str]:
    yield "| Metric | Name | 名称 | Formula | Time | Unit | Interval |"
    yield "|---|---|---|---|---|---|---|"
    for d in catalogue.values():
        yield (
            f"| [`{d.id}`](#{d.id}) | {d.name.en} | {d.name.zh_hans} | {d.formula.en} "
            f"| {d.time_basis} | {d.unit} | {_interval(d)} |"
        )
    yield ""


def _details(catalogue: Catalogue) -> Iterator[str]:
    for d in catalogue.values():
        traced = lineage(d)
        yield f"## {d.id}\n"
        yield f"**{d.name.en}** · {d.name.zh_hans} · version {d.version} · {d.code} · owner {d.owner}\n"
        yield f"{d.description.en}\n\n{d.description.zh_hans}\n"
        yield f"- Formula: {d.formula.en}"
        yield f"- Aggregation: `{d.additivity}`; time basis `{d.time_basis}`; unit {d.unit}; {_direction(d)}"
        yield f"- Interval: {_interval(d)}"
        if d.coverage is not None:
            yield f"- Coverage: {d.coverage.meaning.en}"
        yield f"- Trap: {d.trap.en}"
        yield f"- Guard: {d.guard.en}"
        if d.example is not None:
            yield f"- Example: {d.example.en} · {d.example.zh_hans}"
        facts = ", ".join(f"`{fact}`" for fact in traced.facts)
        yield f"- Facts: {facts}; columns: {', '.join(traced.columns)}"
        yield f"- Rows: `{traced.filter}`"
        yield f"- Split by: {', '.join(d.dimensions)}\n"


def _dimensions() -> Iterator[str]:
    yield "## Dimensions\n"
    yield "| Dimension | Column | Meaning |"
    yield "|---|---|---|"
    for dimension in DIMENSIONS.values():
        yield f"| `{dimension.name}` | {dimension.column or 'local clock'} | {dimension.doc} |"
    yield ""


def _relations() -> Iterator[str]:
    yield "## Relations\n"
    yield "| Relation | Row | Facts |"
    yield "|---|---|---|"
    for relation in RELATIONS.values():
        yield f"| `{relation.name}` | {relation.doc} | {', '.join(relation.facts)} |"
    yield ""


def _interval(definition: Definition) -> str:
    rule = definition.interval
    if rule.method == "none":
        return "none"
    return f"`{rule.method}` over {rule.cluster}s" if rule.cluster else f"`{rule.method}`"


def _direction(definition: Definition) -> str:
    return definition.direction.replace("_", " ")


def main() -> None:
    """Write the page into the repository that holds the current folder."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    catalogue = Catalogue.load()
    PAGE.write_text(page(catalogue), encoding="utf-8")
    (DEFINITIONS / LOCK).write_text(lock_text(catalogue.values()), encoding="utf-8")
    sys.stdout.write(f"{PAGE} and {LOCK} written.\n")


if __name__ == "__main__":
    main()
