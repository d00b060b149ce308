"""What follows a row: how long until something happens, whether it happened in time, the largest, learning.

Each statement groups in the engine, so that what comes back is small whatever the number of rows:

1. Survival returns events and losses by fine logarithmic bucket of the duration; a duration beyond the
   horizon is cut there and counts as not over, so that a share at the horizon is exact.
2. A conversion counts only rows that were followed for the whole time; the others are reported beside them.
3. Learning returns sums by person and logarithmic bucket of experience.
"""

from watchfloor.metrics.compiler.frame import Frame, Source
from watchfloor.metrics.compiler.orders import FINE
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.expressions import conjuncts, parse
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.terms import row_conditions

EXPERIENCE_STEPS = 6


def source_of(definition: Definition, frame: Frame) -> Source:
    """Return where the metric's own rows come from."""
    assert definition.at is not None  # noqa: S101 -- validated with the definition
    return frame.raw(definition.relation, definition.at, frame.grid.period)


def survival_sql(definition: Definition, *, frame: Frame) -> str:
    """Return the SELECT of keys, `k`, `events` and `lost`: who ended or was lost sight of, by duration."""
    survival = definition.survival
    assert survival is not None  # noqa: S101 -- validated with the definition
    until = frame.known_until_sql
    lost = f"coalesce({survival.censored}, {until})" if survival.censored else until
    over = f"least(coalesce({survival.ends}, {until}), {lost}, {until})"
    seconds = f"greatest(0.0, {frame.dialect.seconds_between(survival.begins, over)})"
    happened = f"{survival.ends} IS NOT NULL AND {survival.ends} <= {until} AND {survival.ends} <= {lost}"
    if survival.horizon_seconds is not None:
        limit = f"{survival.horizon_seconds!r}"
        happened = f"({happened}) AND {seconds} <= {limit}"
        seconds = f"least({seconds}, {limit})"
    source = source_of(definition, frame)
    columns = [*frame.key_columns(source.at), f"{FINE.index_sql(seconds)} AS k"]
    columns += [f"count(*) FILTER (WHERE {happened}) AS events"]
    columns += [f"count(*) FILTER (WHERE NOT ({happened})) AS lost"]
    begun = [f"{survival.begins} IS NOT NULL", f"{survival.begins} < {until}"]
    return _grouped(
        columns, source, [*conditions_of(definition, frame, source), *begun], keys=len(columns) - 2
    )


def conversion_sql(definition: Definition, *, frame: Frame) -> str:
    """Return the SELECT of keys, `n` rows followed long enough, `converted` of them, and `eligible` rows."""
    conversion = definition.conversion
    assert conversion is not None  # noqa: S101 -- validated with the definition
    source = source_of(definition, frame)
    own = conditions_of(definition, frame, source)
    entity = RELATIONS[definition.relation].entity
    other = RELATIONS[conversion.relation].entity
    seconds = frame.dialect.seconds_between(f"b.{source.at}", "c.follows_at")
    met = [_render(e.canonical, frame) for e in conjuncts(conversion.filter, where=definition.id)]
    follows = (
        f"SELECT {other} AS entity, {conversion.at} AS follows_at "
        f"FROM {frame.rows_of(conversion.relation)} AS f "
        f"WHERE {' AND '.join([*met, f'{conversion.at} < {frame.known_until_sql}'])}"
    )
    base = f"(SELECT * FROM {source.sql} AS s WHERE {' AND '.join(own)})"
    first = (
        f"SELECT b.{entity} AS entity, min({seconds}) AS after_seconds FROM {base} AS b "
        f"JOIN ({follows}) AS c ON c.entity = b.{entity} AND {seconds} >= 0 GROUP BY b.{entity}"
    )
    mature = (
        f"{frame.dialect.seconds_between(source.at, frame.known_until_sql)} >= {conversion.within_seconds!r}"
    )
    within = f"m.after_seconds < {conversion.within_seconds!r}"
    columns = [*frame.key_columns(source.at), f"count(*) FILTER (WHERE {mature}) AS n"]
    columns += [f"count(*) FILTER (WHERE {mature} AND {within}) AS converted", "count(*) AS eligible"]
    keys = len(columns) - 3
    grouped = f" GROUP BY {', '.join(str(i + 1) for i in range(keys))}" if keys else ""
    return (
        f"SELECT {', '.join(columns)} FROM {base} AS s "
        f"LEFT JOIN ({first}) AS m ON m.entity = s.{entity}{grouped}"
    )


def largest_sql(definition: Definition, *, frame: Frame) -> str:
    """Return the SELECT of keys, `n` observations and the largest `value`."""
    source = source_of(definition, frame)
    value = _value(definition, frame)
    columns = [*frame.key_columns(source.at), f"count({value}) AS n", f"max({value}) AS value"]
    return _grouped(columns, source, conditions_of(definition, frame, source), keys=len(columns) - 2)


def learning_sql(definition: Definition, *, frame: Frame) -> str:
    """Return the SELECT of keys, `person`, experience bucket `k`, `n`, and sums of experience and value."""
    assert definition.learning is not None  # noqa: S101 -- validated with the definition
    source = source_of(definition, frame)
    x = _render(parse(definition.learning.experience, where=definition.id).canonical, frame)
    bucket = f"CAST(floor(ln(1.0 + greatest(0.0, {x})) * {EXPERIENCE_STEPS}) AS INTEGER)"
    columns = [*frame.key_columns(source.at), "reviewer_id AS person", f"{bucket} AS k"]
    keys = len(columns)
    columns += ["count(*) AS n", f"sum({x}) AS x_sum", f"sum({_value(definition, frame)}) AS y_sum"]
    return _grouped(columns, source, conditions_of(definition, frame, source), keys=keys)


def conditions_of(definition: Definition, frame: Frame, source: Source) -> list[str]:
    """Return the conditions that keep the metric's rows of the period and of the query's restrictions."""
    own = [f"({_render(text, frame)})" for text in row_conditions(definition)]
    return [*frame.within(source.at, source.period), *own]


def _value(definition: Definition, frame: Frame) -> str:
    assert definition.value is not None  # noqa: S101 -- validated with the definition
    return _render(parse(definition.value, where=definition.id).canonical, frame)


def _render(canonical: str, frame: Frame) -> str:
    return parse(canonical, where="row").render(frame.dialect, known_until=frame.known_until_sql)


def _grouped(columns: list[str], source: Source, conditions: list[str], *, keys: int) -> str:
    grouped = f" GROUP BY {', '.join(str(i + 1) for i in range(keys))}" if keys else ""
    return f"SELECT {', '.join(columns)} FROM {source.sql} AS s WHERE {' AND '.join(conditions)}{grouped}"
