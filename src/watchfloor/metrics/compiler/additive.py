"""Counts, sums and ratios: one scan a relation, grouped by cell and cluster, then by cell.

Semantics, numbered so that tests can refer to them:

1. Terms that stand on the same relation and time column are added up in one scan.
2. A ratio whose sides stand on different relations joins its scans by UNION ALL before clusters are formed.
3. The variance needs Σ over clusters of n², n·d and d²; clusters are formed after the union, so that a
   reviewer's hours and reviews meet.
4. Metrics with different clusters share the scan; each cluster gets its own second level.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from watchfloor.metrics.compiler.frame import Frame, Source, cluster_sql
from watchfloor.metrics.definition import Cluster, Definition
from watchfloor.metrics.expressions import parse
from watchfloor.metrics.terms import RatioTerms, Term, bound_terms, coverage_terms, ratio_terms, single_term

ScanKey = tuple[str, str]


@dataclass(frozen=True)
class AdditiveMetric:
    """A metric with its terms, ready to be compiled."""

    definition: Definition
    ratio: RatioTerms | None
    term: Term | None
    coverage: tuple[Term | None, Term | None]
    bounds: tuple[Term, ...] = ()

    @property
    def terms(self) -> tuple[Term, ...]:
        """Every term it needs."""
        if self.ratio is not None:
            return self.ratio.all
        return tuple(term for term in (self.term, *self.bounds, *self.coverage) if term is not None)

    @property
    def cluster(self) -> Cluster | None:
        """What its variance is taken over."""
        return self.definition.interval.cluster


@dataclass
class Statement:
    """One SELECT and what it answers."""

    sql: str
    metrics: list[AdditiveMetric]
    prunable: bool
    notes: dict[str, str] = field(default_factory=dict)


def prepare(definition: Definition) -> AdditiveMetric:
    """Return the additive metric behind a count, sum or ratio."""
    if definition.primitive == "ratio":
        return AdditiveMetric(definition, ratio_terms(definition), None, (None, None))
    term, bounds = single_term(definition), bound_terms(definition)
    return AdditiveMetric(definition, None, term, coverage_terms(definition), bounds)


def compile_additive(
    metrics: Sequence[AdditiveMetric],
    *,
    frame: Frame,
    sources: Callable[[ScanKey, Sequence[Term], frozenset[str]], Sequence[Source]],
) -> list[Statement]:
    """Return the fewest statements that answer `metrics`.

    Args:
        metrics: What to answer.
        frame: The query.
        sources: Where the rows of a scan come from, given its key, terms and clusters.

    """
    return [_statement(group, frame, sources) for group in _connected(metrics)]


def block_of(metric: AdditiveMetric, metrics: Iterable[AdditiveMetric]) -> int:
    """Return the number of the block, one a cluster, that holds the metric's columns."""
    clusters = _clusters(metrics)
    return clusters.index(metric.cluster) if metric.cluster in clusters else 0


def _connected(metrics: Sequence[AdditiveMetric]) -> list[list[AdditiveMetric]]:
    """Group metrics that share a scan, directly or through others."""
    groups: list[tuple[set[ScanKey], list[AdditiveMetric]]] = []
    for metric in metrics:
        keys = {(term.relation, term.at) for term in metric.terms}
        touching = [group for group in groups if group[0] & keys]
        merged = (
            keys.union(*(group[0] for group in touching)),
            [m for g in touching for m in g[1]] + [metric],
        )
        groups = [group for group in groups if group not in touching] + [merged]
    return [group[1] for group in groups]


def _clusters(metrics: Iterable[AdditiveMetric]) -> list[Cluster]:
    return sorted({metric.cluster for metric in metrics if metric.cluster is not None})


def _statement(
    metrics: list[AdditiveMetric],
    frame: Frame,
    sources: Callable[[ScanKey, Sequence[Term], frozenset[str]], Sequence[Source]],
) -> Statement:
    terms = list(dict.fromkeys(term for metric in metrics for term in metric.terms))
    clusters = _clusters(metrics)
    scans: dict[ScanKey, list[Term]] = {}
    for term in terms:
        scans.setdefault((term.relation, term.at), []).append(term)
    pieces: list[str] = []
    notes: dict[ScanKey, str] = {}
    prunable = True
    for key, wanted in scans.items():
        found = sources(key, wanted, frozenset(clusters))
        notes[key] = " + ".join(dict.fromkeys(source.note for source in found))
        prunable = prunable and all(source.prunable or source.stored for source in found)
        pieces.extend(_scan(frame, key, wanted, terms, clusters, source) for source in found)
    sql = _levels(frame, pieces, metrics, terms, clusters)
    by_metric = {
        metric.definition.id: " + ".join(dict.fromkeys(notes[t.relation, t.at] for t in metric.terms))
        for metric in metrics
    }
    return Statement(sql, metrics, prunable, by_metric)


def _scan(
    frame: Frame,
    key: ScanKey,
    wanted: Sequence[Term],
    terms: Sequence[Term],
    clusters: Sequence[Cluster],
    source: Source,
) -> str:
    """Return the SELECT of one source: cells × clusters, a column for every term of the statement."""
    relation, _ = key
    columns = frame.key_columns(source.at)
    columns += [
        f"{cluster_sql(c, at=source.at, relation=relation, dialect=frame.dialect)} AS cluster_{c}"
        for c in clusters
    ]
    keys = len(columns)
    shared = frozenset[str]()
    if not source.stored:
        shared = frozenset.intersection(*(frozenset(term.conditions) for term in wanted))
    for term in terms:
        columns.append(f"{_term(term, wanted, source, frame, shared)} AS {term.key}_{terms.index(term)}")
    conditions = frame.within(source.at, source.period)
    conditions += _rendered(shared, frame)
    grouped = f" GROUP BY {', '.join(str(i + 1) for i in range(keys))}" if keys else ""
    return f"SELECT {', '.join(columns)} FROM {source.sql} AS s WHERE {' AND '.join(conditions)}{grouped}"


def _term(term: Term, wanted: Sequence[Term], source: Source, frame: Frame, shared: frozenset[str]) -> str:
    if term not in wanted:
        return "0"
    if source.stored:
        return f"coalesce(sum({term.key}), 0)"
    return term.render(frame.dialect, known_until=frame.known_until_sql, shared=shared)


def _rendered(conditions: Iterable[str], frame: Frame) -> list[str]:
    known = frame.known_until_sql
    return [
        f"({parse(c, where='filter').render(frame.dialect, known_until=known)})" for c in sorted(conditions)
    ]


def _levels(
    frame: Frame,
    pieces: Sequence[str],
    metrics: Sequence[AdditiveMetric],
    terms: Sequence[Term],
    clusters: Sequence[Cluster],
) -> str:
    names = {term: f"{term.key}_{i}" for i, term in enumerate(terms)}
    cells = list(frame.keys)
    cluster_names = [f"cluster_{cluster}" for cluster in clusters]
    inner = " UNION ALL ".join(pieces)
    if len(pieces) > 1:
        inner = _regroup(f"({inner}) AS pieces", [*cells, *cluster_names], names.values())
    if not clusters:
        columns = [*cells, *(f"sum({names[t]}) AS {names[t]}" for t in terms), "0 AS block"]
        return f"WITH scan AS ({inner}) SELECT {', '.join(columns)} FROM scan{_group(cells)}"
    blocks = []
    squares = [metric for metric in metrics if metric.cluster is not None and metric.ratio is not None]
    for number, cluster in enumerate(clusters):
        level = "scan"
        if len(clusters) > 1:
            level = f"({_regroup('scan', [*cells, f'cluster_{cluster}'], names.values())}) AS level"
        columns = [*cells, *(f"sum({names[t]}) AS {names[t]}" for t in terms)]
        for metric in squares:
            columns += _square_columns(metric, names, active=metric.cluster == cluster)
        columns.append(f"{number} AS block")
        blocks.append(f"SELECT {', '.join(columns)} FROM {level}{_group(cells)}")
    return f"WITH scan AS ({inner}) {' UNION ALL '.join(blocks)}"


def _square_columns(metric: AdditiveMetric, names: Mapping[Term, str], *, active: bool) -> list[str]:
    """Return Σn², Σnd, Σd² and the number of clusters, in columns named after the metric."""
    assert metric.ratio is not None  # noqa: S101 -- the caller keeps ratios only
    n, d = (
        f"CAST({names[metric.ratio.numerator]} AS DOUBLE)",
        f"CAST({names[metric.ratio.denominator]} AS DOUBLE)",
    )
    aggregates = {
        "nn": f"sum({n} * {n})",
        "nd": f"sum({n} * {d})",
        "dd": f"sum({d} * {d})",
        "clusters": f"sum(CASE WHEN {n} <> 0 OR {d} <> 0 THEN 1 ELSE 0 END)",
    }
    name = metric.definition.id
    return [f"{sql if active else '0'} AS {name}__{suffix}" for suffix, sql in aggregates.items()]


def _regroup(source: str, keys: Sequence[str], sums: Iterable[str]) -> str:
    columns = [*keys, *(f"sum({name}) AS {name}" for name in sums)]
    return f"SELECT {', '.join(columns)} FROM {source}{_group(keys)}"


def _group(keys: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(keys)}" if keys else ""
