"""Statements for agreement, calibration of confidence, and shares of people or strata that were reached."""

from collections.abc import Sequence

from watchfloor.metrics.compiler.frame import Frame, Source
from watchfloor.metrics.compiler.weighted import Sources
from watchfloor.metrics.definition import Definition, Part
from watchfloor.metrics.expressions import parse
from watchfloor.metrics.terms import Term, part_term

BINS = 10


def rating_term(definition: Definition) -> Term:
    """Return the count of items that an agreement coefficient stands on."""
    return part_term(definition, Part(), value=None)


def votes_sql(definition: Definition, *, frame: Frame, sources: Sources) -> tuple[str, str]:
    """Return the SELECT of keys, `votes` and `items`, and where it reads from.

    Items with the same votes are one row: what a coefficient needs adds up over days and queues.
    """
    term, column = rating_term(definition), definition.value or "votes"
    found = sources((term.relation, term.at), [term], frozenset({column}))
    names = [*frame.keys, "votes"]
    pieces = [_scan(source, term, [f"{column} AS votes"], [(term, "items")], frame) for source in found]
    sql = (
        f"SELECT {', '.join(names)}, sum(items) AS items FROM ({' UNION ALL '.join(pieces)}) AS pieces "
        f"GROUP BY {', '.join(names)}"
    )
    return sql, _note(found)


def calibration_sql(definition: Definition, *, frame: Frame) -> tuple[str, str]:
    """Return the SELECT of keys, `unit`, `bin` and weighted sums: all, correct, stated, and `n`."""
    assert definition.numerator is not None  # noqa: S101 -- validated with the definition
    assert definition.sample is not None  # noqa: S101 -- validated with the definition
    stated, pi = definition.value or "", definition.sample.pi
    known = f"{pi} > 0 AND {stated} IS NOT NULL"

    def term(part: Part, value: str | None) -> Term:
        return part_term(definition, part, value=value, extra=known)

    weight = f"1.0 / {pi}"
    bottom = definition.denominator or Part()
    sums = [
        (term(bottom, weight), "w"),
        (term(definition.numerator, weight), "correct"),
        (term(bottom, f"({stated}) / {pi}"), "stated"),
        (term(bottom, None), "n"),
    ]
    place = f"least(greatest(floor(({stated}) * {BINS}), 0), {BINS - 1})"
    shown = parse(place, where=definition.id).render(frame.dialect, known_until=frame.known_until_sql)
    extra = ["reviewer_id AS unit", f"CAST({shown} AS INTEGER) AS bin"]
    base = sums[0][0]
    source = frame.raw(base.relation, base.at, frame.grid.period)
    return _scan(source, base, extra, sums, frame), source.note


def entity_share_sql(definition: Definition, *, frame: Frame, sources: Sources) -> tuple[str, str]:
    """Return the SELECT of keys, `reached` and `entities`, and where it reads from."""
    assert definition.entity is not None  # noqa: S101 -- validated with the definition
    column, least = definition.entity.column, definition.entity.at_least
    notes: list[Source] = []
    pieces = []
    for term, name in zip(entity_terms(definition), ("a", "b"), strict=True):
        found = sources((term.relation, term.at), [term], frozenset({column}))
        notes += found
        other = "0 AS b" if name == "a" else "0 AS a"
        for source in found:
            scan = _scan(source, term, [f"{column} AS entity"], [(term, name)], frame)
            named = ", ".join([*frame.keys, "entity"])
            both = f"{name}, {other}" if name == "a" else f"{other}, {name}"
            pieces.append(f"SELECT {named}, {both} FROM ({scan}) AS s_{name}")
    keys = [*frame.keys, "entity"]
    inner = (
        f"SELECT {', '.join(keys)}, sum(a) AS a, sum(b) AS b FROM ({' UNION ALL '.join(pieces)}) AS pieces "
        f"GROUP BY {', '.join(keys)}"
    )
    columns = [
        *frame.keys,
        f"sum(CASE WHEN a >= {least} AND b > 0 THEN 1 ELSE 0 END) AS reached",
        "sum(CASE WHEN b > 0 THEN 1 ELSE 0 END) AS entities",
    ]
    grouped = f" GROUP BY {', '.join(frame.keys)}" if frame.keys else ""
    sql = f"SELECT {', '.join(columns)} FROM ({inner}) AS entities WHERE entity IS NOT NULL{grouped}"
    return sql, _note(notes)


def entity_terms(definition: Definition) -> tuple[Term, Term]:
    """Return the counts whose rows reach an entity, and those that make it one to be reached."""
    assert definition.numerator is not None  # noqa: S101 -- validated with the definition
    assert definition.denominator is not None  # noqa: S101 -- validated with the definition
    return (
        part_term(definition, definition.numerator, value=None),
        part_term(definition, definition.denominator, value=None),
    )


def _scan(
    source: Source, base: Term, extra: Sequence[str], sums: Sequence[tuple[Term, str]], frame: Frame
) -> str:
    known = frame.known_until_sql
    columns = [*frame.key_columns(source.at), *extra]
    keys = ", ".join(str(i + 1) for i in range(len(columns)))
    shared = frozenset[str]()
    if not source.stored:
        shared = frozenset.intersection(*(frozenset(term.conditions) for term, _ in sums))
    for term, name in sums:
        stored = f"coalesce(sum({term.key}), 0)"
        rendered = stored if source.stored else term.render(frame.dialect, known_until=known, shared=shared)
        columns.append(f"{rendered} AS {name}")
    conditions = [*frame.within(source.at, source.period), *frame.unasked(base.relation)]
    conditions += [
        f"({parse(c, where='filter').render(frame.dialect, known_until=known)})" for c in sorted(shared)
    ]
    return (
        f"SELECT {', '.join(columns)} FROM {source.sql} AS r WHERE {' AND '.join(conditions)} GROUP BY {keys}"
    )


def _note(sources: Sequence[Source]) -> str:
    return " + ".join(dict.fromkeys(source.note for source in sources))
