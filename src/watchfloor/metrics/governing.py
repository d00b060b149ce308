"""Governs definitions: what two of them share, what a new version would change, and which are in force.

Pure: whoever asks brings the call that answers a query, so that a page asks within its viewer's reach and a
command over a whole store.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watchfloor.metrics.catalogue import Catalogue, canonical_form, load_file
from watchfloor.metrics.cells import Answer, Cell, Query
from watchfloor.metrics.definition import Definition, DefinitionError
from watchfloor.metrics.succession import check_succession

Ask = Callable[[Query, Catalogue], Answer]
_Key = tuple[tuple[tuple[str, tuple[str, ...]], ...], datetime | None, datetime, datetime]


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell by two versions of a metric; None where a version has no cell there."""

    cell_old: Cell | None
    cell_new: Cell | None

    @property
    def delta(self) -> float | None:
        """New − old; None where one of the two has no value."""
        before, after = _value(self.cell_old), _value(self.cell_new)
        return None if before is None or after is None else after - before

    @property
    def same(self) -> bool:
        """Whether readers of the old number would read the same of the new one: value and bounds."""
        return _shown(self.cell_old) == _shown(self.cell_new)


def duplicates(definitions: Iterable[Definition]) -> list[tuple[str, str]]:
    """Return the pairs of metrics that compute the same, the first of a form before each later one, by id."""
    first: dict[str, str] = {}
    found = []
    for definition in sorted(definitions, key=lambda one: one.id):
        known = first.setdefault(canonical_form(definition), definition.id)
        if known != definition.id:
            found.append((known, definition.id))
    return found


def dual_run(
    old: Definition | None,
    new: Definition,
    *,
    catalogue: Catalogue,
    queries: Sequence[Query],
    ask: Ask,
) -> list[Difference]:
    """Return both versions' cells beside each other, the biggest change first.

    Args:
        old: The version in force; None for a metric that is new.
        new: The version proposed, under the same id.
        catalogue: The definitions around them, which derived metrics read.
        queries: What to ask of both; their `metrics` are replaced by the metric's id.
        ask: Answers a query with a catalogue, both sides over the same facts.

    Raises:
        DefinitionError: the two are not versions of one metric, or what is derived from it no longer holds.
        RefusedError: a query has no honest answer by one of the versions.

    """
    if old is not None and old.id != new.id:
        raise DefinitionError(
            f"{old.id!r} and {new.id!r} are two metrics, not two versions of one.",
            remedy=f"Compare {old.id} with another version of {old.id}.",
        )
    before = _cells(old, catalogue, queries, ask) if old is not None else {}
    after = _cells(new, catalogue, queries, ask)
    found = [Difference(before.get(key), after.get(key)) for key in {**before, **after}]
    return sorted(found, key=_size, reverse=True)


def with_versions(catalogue: Catalogue, versions: Iterable[Definition]) -> Catalogue:
    """Return the catalogue with each version in the place of the one of its id; a new id is added.

    Raises:
        DefinitionError: one says the same as another metric, or what is derived from one no longer holds.

    """
    known = dict(catalogue)
    for definition in versions:
        known[definition.id] = definition
    return Catalogue.of(iter(known.values()))


def load_catalogue(extra: Path | None = None) -> Catalogue:
    """Return the product's catalogue with the approved versions in the folder `extra` in their places.

    Of several versions of one metric the highest is in force, also over the product's own.

    Raises:
        DefinitionError: a file is wrong, a version changes time basis or unit without being raised, or two
            metrics say the same.

    """
    standard = Catalogue.standard()
    if extra is None or not extra.is_dir():
        return standard
    newest: dict[str, Definition] = {}
    for path in sorted(extra.glob("*.yaml")):
        definition = load_file(path)
        known = newest.get(definition.id)
        if known is not None and known.version == definition.version and known != definition:
            raise DefinitionError(
                f"{path.name}: {definition.reference} stands twice and says two things.",
                remedy="Keep the approved text; raise the version of the other.",
            )
        if known is None or known.version < definition.version:
            newest[definition.id] = definition
    kept = []
    for definition in newest.values():
        own = standard.get(definition.id) if definition.id in standard else None
        if own is None or definition.version > own.version:
            kept.append(definition)
        elif definition.version == own.version:
            check_succession(definition, {own.id: (own.version, own.time_basis, own.unit)})
            kept.append(definition)
    return with_versions(standard, kept) if kept else standard


def _cells(
    definition: Definition, catalogue: Catalogue, queries: Sequence[Query], ask: Ask
) -> dict[tuple[int, _Key], Cell]:
    known = with_versions(catalogue, [definition])
    found: dict[tuple[int, _Key], Cell] = {}
    for number, query in enumerate(queries):
        asked = Query(
            (definition.id,), query.period, query.by, query.grain, query.where, query.time_zone, query.as_of
        )
        for cell in ask(asked, known).cells:
            found[number, (cell.scope.items, cell.bucket_start, cell.period.start, cell.period.end)] = cell
    return found


def _value(cell: Cell | None) -> float | None:
    return None if cell is None else cell.estimate.value


def _shown(cell: Cell | None) -> tuple[float | None, float | None, float | None] | None:
    if cell is None or cell.estimate.value is None:
        return None
    return cell.estimate.value, cell.estimate.low, cell.estimate.high


def _size(one: Difference) -> tuple[int, float, float]:
    """Order by: a value that comes or goes, then the size of the change, then how much stands behind it."""
    appears = int((_value(one.cell_old) is None) != (_value(one.cell_new) is None))
    n = max((cell.n for cell in (one.cell_old, one.cell_new) if cell is not None), default=0)
    return appears, abs(one.delta or 0.0), float(n)


__all__ = ["Difference", "canonical_form", "dual_run", "duplicates", "load_catalogue", "with_versions"]
