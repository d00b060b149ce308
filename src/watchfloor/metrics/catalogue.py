"""The governed catalogue: every metric definition, read from YAML and checked against the facts.

Owns loading, validation, suggestions for misspelt names, and the canonical form by which duplicates are
found.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from pydantic import ValidationError

from watchfloor.facts.schemas import PURPOSES
from watchfloor.kernel import nearest
from watchfloor.metrics.clause_checks import check_clauses, clause_form
from watchfloor.metrics.definition import Definition, DefinitionError, MetricError, Part
from watchfloor.metrics.derivation import check_derivations, derived_form
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.metrics.expressions import check_columns, conjuncts, parse
from watchfloor.metrics.relation import Relation
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.sampled import check_gaps, sampled_form, sampling_columns
from watchfloor.metrics.succession import check_succession, published

DEFINITIONS = Path(__file__).parent / "definitions"
_LARGEST_FILE_BYTES = 64_000
_IN_EACH_LANGUAGE = ("name", "description", "formula", "trap", "guard", "example", "meaning")


class _UniqueKeys(yaml.SafeLoader):
    """Reads plain YAML and refuses a key that stands twice, which YAML itself would overwrite silently."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return the mapping, after its keys were compared."""
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                "while reading a mapping", node.start_mark, f"the key {twice!r} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)


class UnknownMetricError(MetricError):
    """No metric of that name is defined."""


class Catalogue(Mapping[str, Definition]):
    """Every metric by id. Reading a name that does not exist suggests the nearest."""

    def __init__(self, definitions: Mapping[str, Definition]) -> None:
        self._definitions = MappingProxyType(dict(sorted(definitions.items())))

    @classmethod
    def load(cls, folder: Path | None = None) -> "Catalogue":
        """Return the catalogue of a folder of YAML files; without one, that of the product.

        Raises:
            DefinitionError: a file is wrong, two metrics share an id, or two say the same.

        """
        place = folder or DEFINITIONS
        before = published(place)
        found = [load_file(path) for path in sorted(place.glob("*.yaml"))]
        for definition in found:
            check_succession(definition, before)
        return cls.of(iter(found))

    @classmethod
    def standard(cls) -> "Catalogue":
        """Return the product's own catalogue, read once in a process."""
        return _standard()

    @classmethod
    def of(cls, definitions: Iterator[Definition]) -> "Catalogue":
        """Return the catalogue of `definitions`, after duplicates were looked for.

        Raises:
            DefinitionError: two metrics share an id, or two say the same.

        """
        by_id: dict[str, Definition] = {}
        by_form: dict[str, str] = {}
        for definition in definitions:
            if definition.id in by_id:
                raise DefinitionError(
                    f"Metric {definition.id!r} is defined twice.", remedy="Rename one of them."
                )
            same = by_form.setdefault(canonical_form(definition), definition.id)
            if same != definition.id:
                raise DefinitionError(
                    f"Metric {definition.id!r} says the same as {same!r}.",
                    remedy="Keep one and name the other in its description.",
                )
            by_id[definition.id] = definition
        check_gaps(by_id)
        check_derivations(by_id)
        return cls(by_id)

    def __getitem__(self, name: str) -> Definition:
        found = self._definitions.get(name)
        if found is None:
            guess = nearest(name, self._definitions)
            raise UnknownMetricError(
                f"There is no metric {name!r}.",
                remedy=f"Did you mean {guess!r}?" if guess else "`watchfloor metrics` lists them all.",
            )
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._definitions

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of every canonical form: what a reproducible report names."""
        text = "\n".join(f"{d.reference}={canonical_form(d)}" for d in self._definitions.values())
        return blake2b(text.encode(), digest_size=8).hexdigest()


@lru_cache(maxsize=1)
def _standard() -> Catalogue:
    return Catalogue.load()


def load_file(path: Path) -> Definition:
    """Return the definition that the file holds.

    Raises:
        DefinitionError: the file cannot be read or is wrong; the message names file, key, value and remedy.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(
            f"{path.name} cannot be read: {error}.", remedy="Save it as UTF-8 text."
        ) from error
    return load_text(text, file=path.name)


def load_text(text: str, *, file: str) -> Definition:
    """Return the definition that `text` holds; `file` names it in messages.

    Raises:
        DefinitionError: the text is no definition.

    """
    if len(text) > _LARGEST_FILE_BYTES:
        raise DefinitionError(
            f"{file} holds {len(text)} characters; a definition has at most {_LARGEST_FILE_BYTES}.",
            remedy="Keep one metric a file.",
        )
    try:
        if any(isinstance(token, yaml.AliasToken | yaml.AnchorToken) for token in yaml.scan(text)):
            raise DefinitionError(f"{file} uses YAML anchors.", remedy="Write every value out.")
        raw = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 -- a subclass of SafeLoader
    except yaml.YAMLError as error:
        raise DefinitionError(f"{file} is not YAML: {error}.", remedy="Correct it at that line.") from error
    try:
        definition = Definition.model_validate(raw)
    except ValidationError as error:
        raise DefinitionError(f"{file}: {_first_problem(error)}", remedy=_remedy(error)) from error
    _check_against_facts(definition, file)
    return definition


def canonical_form(definition: Definition) -> str:
    """Return what the metric computes as one line, equal for definitions that differ in spelling alone."""
    parts: list[Any] = [definition.primitive, definition.relation, definition.at, definition.probability]
    parts += [
        [e.canonical for e in conjuncts(text, where=definition.id)]
        for text in (definition.value, definition.filter)
    ]
    for part in (definition.numerator, definition.denominator):
        if part is not None:
            parts.append((part.relation or definition.relation, part.at or definition.at))
            parts.append([e.canonical for e in conjuncts(part.value, where=definition.id)])
            parts.append([e.canonical for e in conjuncts(part.filter, where=definition.id)])
    if definition.stock is not None:
        stock = definition.stock
        condition = [e.canonical for e in conjuncts(stock.condition, where=definition.id)]
        parts.append((stock.opened, stock.closed, stock.measure, condition))
    parts += [*clause_form(definition), *derived_form(definition), *sampled_form(definition)]
    parts.append(sorted(definition.purposes))
    return repr(parts)


def _check_against_facts(definition: Definition, file: str) -> None:
    relation = _relation(definition.relation, f"{file}: relation")
    _check_part(Part(at=definition.at, value=definition.value, filter=definition.filter), relation, file)
    for key in ("numerator", "denominator"):
        part: Part | None = getattr(definition, key)
        if part is not None:
            where = f"{file}: {key}"
            _check_part(part, _relation(part.relation or definition.relation, f"{where}.relation"), where)
    if definition.coverage is not None:
        _check_part(Part(filter=definition.coverage.of), relation, f"{file}: coverage.of")
        _check_part(Part(filter=definition.coverage.complete), relation, f"{file}: coverage.complete")
    if definition.stock is not None:
        stock = definition.stock
        for column in (stock.opened, stock.closed):
            check_columns(parse(column, where=file), known=relation.columns, where=f"{file}: stock")
        _check_part(Part(filter=stock.condition), relation, f"{file}: stock.condition")
    check_clauses(definition, file)
    for column in sampling_columns(definition):
        where = f"{file}: sample or entity"
        check_columns(parse(column, where=where), known=relation.columns, where=where)
    for purpose in definition.purposes:
        if purpose not in PURPOSES:
            raise DefinitionError(
                f"{file}: purpose {purpose!r} is unknown.", remedy=f"One of {', '.join(PURPOSES)}."
            )
    _check_dimensions(definition, file)


def _check_part(part: Part, relation: Relation, where: str) -> None:
    for key in ("at", "value", "filter"):
        text = getattr(part, key)
        if text is not None:
            expression = parse(text, where=f"{where}: {key}")
            check_columns(expression, known=relation.columns, where=f"{where}: {key}")


def _check_dimensions(definition: Definition, file: str) -> None:
    for relation in definition.relations:
        if definition.interval.cluster == "reviewer" and "reviewer_id" not in RELATIONS[relation].columns:
            raise DefinitionError(
                f"{file}: interval.cluster: relation {relation!r} records no reviewer.",
                remedy="Cluster by day.",
            )
    for name in definition.dimensions:
        dimension = DIMENSIONS.get(name)
        if dimension is None:
            guess = nearest(name, DIMENSIONS)
            raise DefinitionError(
                f"{file}: dimensions: {name!r} is unknown.",
                remedy=f"Did you mean {guess!r}?" if guess else f"One of {', '.join(DIMENSIONS)}.",
            )
        for relation in definition.relations:
            if dimension.column and dimension.column not in RELATIONS[relation].columns:
                raise DefinitionError(
                    f"{file}: dimensions: relation {relation!r} does not record {name!r}.",
                    remedy="Leave it out; a number is split only by what its facts record.",
                )


def _relation(name: str, where: str) -> Relation:
    if name not in RELATIONS:
        guess = nearest(name, RELATIONS)
        raise DefinitionError(
            f"{where}: {name!r} is unknown.",
            remedy=f"Did you mean {guess!r}?" if guess else f"One of {', '.join(RELATIONS)}.",
        )
    return RELATIONS[name]


def _worst(error: ValidationError) -> Any:
    """Return the problem to name: a key that should not be there explains a missing one."""
    problems = error.errors(include_url=False)
    return next((p for p in problems if p["type"] == "extra_forbidden"), problems[0])


def _first_problem(error: ValidationError) -> str:
    first = _worst(error)
    key = ".".join(str(step) for step in first["loc"]) or "the file"
    value = first.get("input")
    shown = "" if first["type"] == "missing" or isinstance(value, dict) else f" (value {value!r})"
    return f"{key}: {first['msg']}{shown}."


def _remedy(error: ValidationError) -> str:
    first = _worst(error)
    if first["type"] == "extra_forbidden":
        guess = nearest(str(first["loc"][-1]), Definition.model_fields)
        return f"Did you mean {guess!r}?" if guess else "Remove the key."
    if first["type"] == "model_type" and first["loc"] and first["loc"][-1] in _IN_EACH_LANGUAGE:
        return "Write it in each language, under `en` and `zh-Hans`."
    return "The reference page `metrics` describes every key."
