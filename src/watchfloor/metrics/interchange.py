"""Writes the catalogue as an Ossie (Open Semantic Interchange) document, so that other tools read it.

Follows the core specification 0.2.0.dev0 of Apache Ossie, in development. A dataset is a relation, a metric
the SQL over its rows. What the specification has no word for travels whole in a custom extension: the
definition itself, from which `read_ossie` gives back the same catalogue. Where SQL over rows would not say
the number (designs, survival, coefficients), the expression is the nearest sum and the extension says so.
"""

import json
from collections.abc import Iterable
from typing import Any

import yaml

from watchfloor.metrics.catalogue import Catalogue, load_text
from watchfloor.metrics.definition import Definition, DefinitionError
from watchfloor.metrics.dialects import DIALECTS
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.metrics.relations import RELATIONS
from watchfloor.metrics.terms import ADDITIVE, Term, part_term, ratio_terms, single_term

OSSIE_VERSION = "0.2.0.dev0"
VENDOR = "WATCHFLOOR"
_NOW = "CURRENT_TIMESTAMP"


def ossie_document(catalogue: Catalogue) -> dict[str, Any]:
    """Return the catalogue as an Ossie document of plain values."""
    names = dict.fromkeys(name for d in catalogue.values() for name in d.relations)
    return {
        "version": OSSIE_VERSION,
        "semantic_model": [
            {
                "name": "watchfloor",
                "description": "Work of a review operation: efficiency, quality, people, capacity.",
                "ai_context": {
                    "instructions": "A ratio is computed again from its parts over the wider scope; it is "
                    "never added or averaged. A stock is never added over time."
                },
                "datasets": [_dataset(name, catalogue.values()) for name in names],
                "metrics": [_metric(definition) for definition in catalogue.values()],
                "custom_extensions": [_extension({"catalogue": catalogue.fingerprint})],
            }
        ],
    }


def ossie_text(catalogue: Catalogue) -> str:
    """Return the Ossie document as YAML."""
    return yaml.safe_dump(ossie_document(catalogue), sort_keys=False, allow_unicode=True, width=100)


def read_ossie(text: str) -> Catalogue:
    """Return the catalogue that an export of ours holds.

    Raises:
        DefinitionError: the text is no Ossie document of the version we follow, or a metric carries no
            definition of ours.

    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise DefinitionError(f"The document is not YAML: {error}.", remedy="Correct it there.") from error
    version = document.get("version") if isinstance(document, dict) else None
    if version != OSSIE_VERSION:
        raise DefinitionError(
            f"version: {version!r} is not the Ossie version that is read.", remedy=f"Write {OSSIE_VERSION}."
        )
    found = []
    for model in document.get("semantic_model") or ():
        for metric in model.get("metrics") or ():
            own = [e for e in metric.get("custom_extensions") or () if e.get("vendor_name") == VENDOR]
            if not own:
                raise DefinitionError(
                    f"metrics.{metric.get('name')}: no extension of {VENDOR} says what it computes.",
                    remedy="Write it as a definition; SQL alone states no time basis and no interval.",
                )
            plain = json.loads(own[0]["data"])["definition"]
            found.append(load_text(json.dumps(plain), file=f"metrics.{metric.get('name')}"))
    return Catalogue.of(iter(found))


def _dataset(name: str, definitions: Iterable[Definition]) -> dict[str, Any]:
    relation = RELATIONS[name]
    times = {d.at for d in definitions if name in d.relations and d.at}
    split = {d.column for d in DIMENSIONS.values()}
    return {
        "name": name,
        "source": f"fact_{relation.facts[0]}" if relation.sql is None else f"watchfloor.{name}",
        "description": relation.doc,
        "fields": [
            {
                "name": column,
                "expression": _expression(column),
                **({"dimension": {"is_time": column in times}} if column in split | times else {}),
            }
            for column in relation.columns
        ],
    }


def _metric(definition: Definition) -> dict[str, Any]:
    exact, text = _sql(definition)
    plain = definition.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {
        "name": definition.id,
        "expression": _expression(text),
        "description": definition.description.en,
        "ai_context": {
            "instructions": f"{definition.formula.en} {definition.trap.en} {definition.guard.en}",
            "synonyms": [definition.name.en, definition.name.zh_hans],
        },
        "custom_extensions": [_extension({"exact": exact, "definition": plain})],
    }


def _sql(definition: Definition) -> tuple[bool, str]:
    """Return whether SQL over rows says the number, and that SQL or the nearest sum."""
    if definition.expression is not None:
        return False, definition.expression
    if definition.primitive == "ratio":
        terms = ratio_terms(definition)
        clock = any(RELATIONS[t.relation].clock for t in (terms.numerator, terms.denominator))
        return not clock, f"{_rendered(terms.numerator)} / NULLIF({_rendered(terms.denominator)}, 0)"
    if definition.primitive in ADDITIVE:
        exact = definition.primitive != "cumulative" and not RELATIONS[definition.relation].clock
        return exact, _rendered(single_term(definition))
    if definition.primitive == "distinct":
        return True, f"COUNT(DISTINCT {definition.relation}.{definition.value})"
    if definition.numerator is not None and definition.denominator is not None and definition.at is not None:
        top, bottom = (
            _rendered(part_term(definition, part, value=None))
            for part in (definition.numerator, definition.denominator)
        )
        return False, f"{top} / NULLIF({bottom}, 0)"
    return False, "COUNT(*)"


def _rendered(term: Term) -> str:
    return term.render(DIALECTS["spark"], known_until=_NOW)


def _expression(text: str) -> dict[str, Any]:
    return {"dialects": [{"dialect": "ANSI_SQL", "expression": text}]}


def _extension(data: dict[str, Any]) -> dict[str, str]:
    return {"vendor_name": VENDOR, "data": json.dumps(data, ensure_ascii=False, sort_keys=True)}
