"""Weighted ratios: totals of sampling units, their squares within strata, then cells, in one statement.

Semantics, numbered so that tests can refer to them:

1. A row weighs 1/π. Numerator and denominator are sums of weighted values.
2. The sampling unit is what the metric clusters over, inside its stratum; without a cluster every row is one.
3. Units without a denominator belong to the design: they are counted.
4. For `FPC` every weighted value is shortened by √(1 − π) before it is squared: a stratum that was audited
   whole adds nothing, and one of which a share f was drawn adds 1 − f of its variance.
5. A stratum with one unit is centred at zero, which overstates its variance rather than leave it out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from watchfloor.metrics.compiler.frame import Frame, Source, cluster_sql
from watchfloor.metrics.definition import Definition, Part
from watchfloor.metrics.expressions import parse
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.terms import Term, part_term

Sources = Callable[[tuple[str, str], Sequence[Term], frozenset[str]], Sequence[Source]]


@dataclass(frozen=True)
class WeightedMetric:
    """A weighted ratio with its terms."""

    definition: Definition

    @property
    def group(self) -> tuple[object, ...]:
        """What metrics of one statement share: relation, time column, strata and cluster."""
        sample, cluster = self.definition.sample, self.definition.interval.cluster
        return (self.definition.relation, self.definition.at, sample.strata if sample else (), cluster)

    @cached_property
    def terms(self) -> dict[str, Term]:
        """The sums it needs, by what they are."""
        d = self.definition
        assert d.numerator is not None  # noqa: S101 -- validated with the definition
        assert d.denominator is not None  # noqa: S101 -- validated with the definition
        assert d.sample is not None  # noqa: S101 -- validated with the definition
        pi = d.sample.pi
        drawn = f"{pi} > 0"
        left = f"sqrt(1.0 - {pi})" if d.interval.method == "FPC" else ""
        squared = f"(1.0 - {pi}) / ({pi} * {pi})" if left else f"1.0 / ({pi} * {pi})"
        top, bottom = d.numerator, d.denominator

        def term(part: Part, value: str) -> Term:
            return part_term(d, part, value=value, extra=drawn)

        def weighted(part: Part, shortened: str = "") -> Term:
            value = f"({part.value or '1.0'}) / {pi}"
            return term(part, f"{value} * {shortened}" if shortened else value)

        found = {
            "numerator": weighted(top),
            "denominator": weighted(bottom),
            "y": weighted(top, left),
            "x": weighted(bottom, left),
            "n": part_term(d, bottom, value=None, extra=drawn),
            "rows": part_term(d, Part(), value=None, extra=drawn),
            "weights": term(bottom, f"1.0 / {pi}"),
            "weight_squares": term(bottom, squared),
        }
        if d.interval.cluster is None:
            both = Part(filter=" AND ".join(f"({p.filter})" for p in (top, bottom) if p.filter) or None)
            y, x = (f"(({p.value or '1.0'}) / {pi}{f' * {left}' if left else ''})" for p in (top, bottom))
            found |= {
                "yy": term(top, f"{y} * {y}"),
                "yx": term(both, f"{y} * {x}"),
                "xx": term(bottom, f"{x} * {x}"),
            }
        return found


@dataclass(frozen=True)
class WeightedStatement:
    """One SELECT for metrics that share their sampling units."""

    sql: str
    metrics: tuple[WeightedMetric, ...]
    prunable: bool
    note: str


def compile_weighted(
    metrics: Sequence[WeightedMetric], *, frame: Frame, sources: Sources
) -> list[WeightedStatement]:
    """Return one statement for each set of metrics over the same units."""
    groups: dict[tuple[object, ...], list[WeightedMetric]] = {}
    for metric in metrics:
        groups.setdefault(metric.group, []).append(metric)
    return [_statement(tuple(group), frame, sources) for group in groups.values()]


SUMS = ("numerator", "denominator", "n", "weights", "weight_squares")
SQUARES = ("yy", "yx", "xx")
# Of strata in which every answer was the same: none an event, all of them one.
SAME = ("none", "all")


def _statement(metrics: tuple[WeightedMetric, ...], frame: Frame, sources: Sources) -> WeightedStatement:
    first = metrics[0].definition
    relation, at, cluster = first.relation, first.at or "", first.interval.cluster
    strata = first.sample.strata if first.sample else ()
    terms = list(dict.fromkeys(term for metric in metrics for term in metric.terms.values()))
    extra = frozenset({*strata, *(_cluster_columns(cluster)), *RELATIONS[relation].totals})
    found = sources((relation, at), terms, extra)
    names = {term: f"t{i}" for i, term in enumerate(terms)}
    pieces = [_scan(source, metrics[0], terms, names, frame, strata) for source in found]
    units = [*(f"s{i}" for i in range(len(strata))), *(["unit"] if cluster else [])]
    scan = pieces[0] if len(pieces) == 1 else _added(pieces, [*frame.keys, *units], names)
    columns = [*frame.keys]
    for i in range(len(metrics)):
        columns += _cell_columns(i)
    by_stratum = [*frame.keys, *units[: len(strata)]]
    inner = [*by_stratum]
    for i, metric in enumerate(metrics):
        inner += _stratum_columns(i, metric, names)
    sql = (
        f"SELECT {', '.join(columns)} FROM (SELECT {', '.join(inner)} FROM ({scan}) AS units"
        f"{_group(by_stratum)}) AS strata{_group(frame.keys)}"
    )
    note = " + ".join(dict.fromkeys(source.note for source in found))
    return WeightedStatement(sql, metrics, all(s.prunable or s.stored for s in found), note)


def _scan(
    source: Source,
    metric: WeightedMetric,
    terms: Sequence[Term],
    names: dict[Term, str],
    frame: Frame,
    strata: Sequence[str],
) -> str:
    definition = metric.definition
    relation, cluster = definition.relation, definition.interval.cluster
    columns = frame.key_columns(source.at)
    columns += [f"coalesce({column}, '') AS s{i}" for i, column in enumerate(strata)]
    if cluster == "object":
        columns.append("object_id AS unit")
    elif cluster is not None:
        unit = cluster_sql(cluster, at=source.at, relation=relation, dialect=frame.dialect)
        columns.append(f"{unit} AS unit")
    keys = len(columns)
    shared = frozenset[str]()
    if not source.stored:
        shared = frozenset.intersection(*(frozenset(term.conditions) for term in terms))
    known = frame.known_until_sql
    for term in terms:
        if source.stored:
            rendered = f"coalesce(sum({term.key}), 0)"
        else:
            rendered = term.render(frame.dialect, known_until=known, shared=shared)
        columns.append(f"{rendered} AS {names[term]}")
    conditions = [*frame.within(source.at, source.period), *frame.unasked(relation)]
    conditions += [
        f"({parse(c, where='filter').render(frame.dialect, known_until=known)})" for c in sorted(shared)
    ]
    grouped = _group([str(i + 1) for i in range(keys)])
    return f"SELECT {', '.join(columns)} FROM {source.sql} AS r WHERE {' AND '.join(conditions)}{grouped}"


def _stratum_columns(i: int, metric: WeightedMetric, names: dict[Term, str]) -> list[str]:
    """Return the sums over one stratum's units, with each product centred and scaled."""
    column = {what: f"CAST({names[term]} AS DOUBLE)" for what, term in metric.terms.items()}
    found = [f"sum({column[what]}) AS m{i}_{what}" for what in SUMS]
    plain = metric.definition.interval.cluster is None
    present = f"CASE WHEN {column['rows']} > 0 THEN 1 ELSE 0 END"
    units = f"sum({column['rows']})" if plain else f"sum({present})"
    found.append(f"{units} AS m{i}_units")
    for name in SQUARES:
        a, b = (column[side] for side in name)
        square = f"sum({column[name]})" if plain else f"sum({a} * {b})"
        centred = f"({square} - sum({a}) * sum({b}) / {units}) * {units} / ({units} - 1.0)"
        found.append(f"CASE WHEN {units} > 1 THEN {centred} ELSE {square} END AS m{i}_{name}")
    return [*found, f"sum({column['rows']}) AS m{i}_rows"]


def _cell_columns(i: int) -> list[str]:
    found = [f"sum(m{i}_{what}) AS m{i}_{what}" for what in (*SUMS, *SQUARES, "units", "rows")]
    for name, same in zip(
        SAME,
        (
            f"m{i}_numerator = 0",
            f"abs(m{i}_numerator - m{i}_denominator) <= 1e-9 * abs(m{i}_denominator)",
        ),
        strict=True,
    ):
        pure = f"m{i}_n > 1 AND {same}"
        width = f"m{i}_weight_squares * m{i}_n / (m{i}_n - 1.0)"
        found += [
            f"sum(CASE WHEN {pure} THEN m{i}_n ELSE 0 END) AS m{i}_units_{name}",
            f"sum(CASE WHEN {pure} THEN {width} ELSE 0.0 END) AS m{i}_spread_{name}",
        ]
    return [*found, f"sum(CASE WHEN m{i}_units > 0 THEN 1 ELSE 0 END) AS m{i}_strata"]


def _added(pieces: Sequence[str], keys: Sequence[str], names: dict[Term, str]) -> str:
    columns = [*keys, *(f"sum({name}) AS {name}" for name in names.values())]
    return f"SELECT {', '.join(columns)} FROM ({' UNION ALL '.join(pieces)}) AS pieces{_group(keys)}"


def _cluster_columns(cluster: str | None) -> tuple[str, ...]:
    return {"reviewer": ("reviewer_id",), "object": ("object_id",)}.get(cluster or "", ())


def _group(keys: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(keys)}" if keys else ""
