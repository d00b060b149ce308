"""Finds a mapping, reads it, and checks that every name in it exists.

The shape of a mapping is `facts.imports.mapping`; what it becomes in SQL is `facts.imports.columns`.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from watchfloor.facts.imports.checks import CHECKS, instant_columns
from watchfloor.facts.imports.columns import map_values, plan_source
from watchfloor.facts.imports.errors import MappingError
from watchfloor.facts.imports.expressions import columns_of
from watchfloor.facts.imports.mapping import Check, FactColumn, FactRule, Mapping, Source
from watchfloor.facts.imports.typing_sql import is_instant
from watchfloor.facts.imports.yaml_text import parse_yaml, read_yaml
from watchfloor.facts.schemas import TABLES
from watchfloor.kernel import nearest

SHIPPED = Path(__file__).resolve().parent.parent / "mappings"


def list_mappings() -> list[Mapping]:
    """Return the mappings that ship with the product, by name."""
    return [load_mapping(path) for path in sorted(SHIPPED.glob("*.yaml"))]


def load_mapping(name_or_path: str | Path) -> Mapping:
    """Return the shipped mapping of that name, or the one in that file.

    Raises:
        MappingError: there is none, or it is not valid.

    """
    path = mapping_path(name_or_path)
    return _checked(read_yaml(path), name=str(path))


def mapping_path(name_or_path: str | Path) -> Path:
    """Return the file that holds the mapping.

    Raises:
        MappingError: there is none.

    """
    text = str(name_or_path)
    shipped = sorted(path.stem for path in SHIPPED.glob("*.yaml"))
    if text in shipped:
        return SHIPPED / f"{text}.yaml"
    path = Path(text)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    near = nearest(text, shipped)
    raise MappingError(
        f"There is no mapping {text!r}.",
        remedy=f"Did you mean {near!r}?" if near else f"Shipped: {', '.join(shipped)}; or name a YAML file.",
    )


def mapping_from_text(text: str, *, name: str = "mapping") -> Mapping:
    """Return the mapping that a YAML text holds.

    Raises:
        MappingError: it is not valid.

    """
    return _checked(parse_yaml(text, name=name), name=name)


def source_columns(source: Source) -> set[str]:
    """Return every source column that the source's rules name."""
    names = set(source.columns)
    for rule in source.facts.values():
        names |= _rule_columns(rule)
    for check in source.checks:
        names |= set(check_columns(check))
    return names


def check_columns(check: Check) -> list[str]:
    """Return the source columns that a check reads."""
    given = [check.column, check.start, check.end, *(check.columns or [])]
    return [name for name in given if name is not None]


def _checked(data: dict[str, Any], *, name: str) -> Mapping:
    try:
        mapping = Mapping.model_validate(data)
    except ValidationError as error:
        raise _shape_error(error, name) from error
    for source_name, source in mapping.sources.items():
        for fact, rule in source.facts.items():
            _check_fact(fact, rule, mapping, where=f"{name}: sources.{source_name}.facts.{fact}")
        for number, check in enumerate(source.checks):
            _check_check(check, source, where=f"{name}: sources.{source_name}.checks[{number}]")
        _check_values(source_name, source, mapping, name=name)
    return mapping


def _check_values(source_name: str, source: Source, mapping: Mapping, *, name: str) -> None:
    """Make the source's SQL once, so that a wrong constant, zone or expression is found at once."""
    columns = tuple(sorted({*source_columns(source), *source.optional_columns}))
    try:
        plan_source(source_name, source, mapping, columns=columns, now=_ANY_INSTANT)
        for fact, rule in source.facts.items():
            for column, given in rule.columns.items():
                if given.origin in ("rank", "lookup") and given.values is not None:
                    where = f"sources.{source_name}.facts.{fact}.columns.{column}"
                    map_values("x", given, TABLES[fact].by_name[column], where=where)
    except MappingError as error:
        raise MappingError(f"{name}: {error.message}", remedy=error.remedy) from error


def _check_fact(fact: str, rule: FactRule, mapping: Mapping, *, where: str) -> None:
    if fact not in TABLES:
        raise _unknown("fact", fact, TABLES, where)
    table = TABLES[fact]
    for name, given in rule.columns.items():
        if name not in table.by_name:
            raise _unknown("column", name, table.by_name, where)
        if given.lookup is not None:
            _check_lookup(given, mapping, where=f"{where}.columns.{name}")
    missing = [
        c.name for c in table.columns if (c.required or c.name in table.key) and c.name not in rule.columns
    ]
    if missing:
        raise MappingError(
            f"{where}.columns: {', '.join(missing)} must be mapped.",
            remedy="; ".join(f"{name}: {table.by_name[name].doc}" for name in missing),
        )
    ranked = [name for name in table.key if rule.columns[name].origin in ("rank", "lookup")]
    if ranked:
        raise MappingError(f"{where}.columns.{ranked[0]}: a key cannot come from a rank or a lookup.")
    if rule.one_per is not None and rule.one_per.fact_instant not in rule.columns:
        raise MappingError(f"{where}.one_per.fact_instant: {rule.one_per.fact_instant!r} is not mapped.")


def _check_lookup(given: FactColumn, mapping: Mapping, *, where: str) -> None:
    assert given.lookup is not None  # noqa: S101  the caller looked
    other = given.lookup.fact
    if other not in TABLES:
        raise _unknown("fact", other, TABLES, where)
    if given.lookup.take not in TABLES[other].by_name:
        raise _unknown("column", given.lookup.take, TABLES[other].by_name, where)
    if len(TABLES[other].key) != 1:
        raise MappingError(f"{where}.lookup: the fact {other!r} has a key of several columns.")
    for source in mapping.sources.values():
        rule = source.facts.get(other)
        if rule and any(column.lookup is not None for column in rule.columns.values()):
            raise MappingError(f"{where}.lookup: the fact {other!r} itself is made with a lookup.")


def _check_check(check: Check, source: Source, *, where: str) -> None:
    if check.check not in CHECKS:
        raise _unknown("check", check.check, CHECKS, where)
    needed = CHECKS[check.check].needs
    missing = [name for name in needed if getattr(check, _ATTRIBUTE.get(name, name)) is None]
    if missing:
        raise MappingError(
            f"{where}: {check.check} needs {', '.join(missing)}.", remedy=CHECKS[check.check].doc
        )
    for column in instant_columns(check):
        if not is_instant(source.columns.get(column)):
            raise MappingError(
                f"{where}: {column!r} is not typed as an instant.",
                remedy="Type it under the source's `columns`.",
            )


_ANY_INSTANT = datetime(2026, 1, 1, tzinfo=UTC)  # the check does not look at the range of instants
_ATTRIBUTE = {"from": "start", "to": "end"}


def _rule_columns(rule: FactRule) -> set[str]:
    names: set[str] = set()
    if rule.when is not None:
        names |= set(columns_of(rule.when, where="when"))
    if rule.one_per is not None:
        names.add(rule.one_per.earliest)
    if rule.latest_by is not None:
        names.add(rule.latest_by)
    for name, given in rule.columns.items():
        names |= {given.column} if given.column else set()
        names |= set(given.json_of or [])
        if given.expression is not None:
            names |= set(columns_of(given.expression, where=f"columns.{name}"))
        if given.rank is not None:
            names |= {*given.rank.within, given.rank.order_by}
        if given.lookup is not None:
            names.add(given.lookup.key)
    return names


def _unknown(kind: str, name: str, known: Iterable[str], where: str) -> MappingError:
    names = sorted(known)
    near = nearest(name, names)
    return MappingError(
        f"{where}: there is no {kind} {name!r}.",
        remedy=f"Did you mean {near!r}?" if near else f"Known: {', '.join(names)}.",
    )


def _shape_error(error: ValidationError, name: str) -> MappingError:
    found = error.errors()[0]
    place = ".".join(str(part) for part in found["loc"])
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if found["type"] == "missing":
        return MappingError(
            f"{name}: the key `{place}` is missing{more}.", remedy="See docs/reference/mappings.md."
        )
    if found["type"] == "extra_forbidden":
        near = nearest(str(found["loc"][-1]), _all_keys())
        return MappingError(
            f"{name}: the key `{place}` is unknown{more}.",
            remedy=f"Did you mean `{near}`?" if near else "See docs/reference/mappings.md.",
        )
    return MappingError(
        f"{name}: `{place}`: {found['msg'].removeprefix('Value error, ')}{more}.",
        remedy="See docs/reference/mappings.md.",
    )


def mapping_keys() -> dict[str, tuple[str, ...]]:
    """Return the keys that each part of a mapping may have, as they are written in YAML."""
    found: dict[str, tuple[str, ...]] = {}

    def visit(model: type[BaseModel]) -> None:
        if model.__name__ in found:
            return
        found[model.__name__] = tuple(info.alias or name for name, info in model.model_fields.items())
        for info in model.model_fields.values():
            for inner in _models_in(info.annotation):
                visit(inner)

    visit(Mapping)
    return found


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in get_args(annotation) for model in _models_in(inner)]


def _all_keys() -> set[str]:
    return {key for keys in mapping_keys().values() for key in keys}
