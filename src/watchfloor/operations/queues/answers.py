"""Checks an answer's free fields against a template's schema, and a schema against JSON Schema itself.

Draft 2020-12, checked by the `jsonschema` library; nothing is ever fetched. Schemas are compiled once.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types
from jsonschema.exceptions import SchemaError, ValidationError  # type: ignore[import-untyped]  # see above
from referencing import Registry

KINDS = ("string", "number", "integer", "boolean", "array")
_REFUSED = ("$ref", "$dynamicRef", "$recursiveRef")
_SENTENCES = {
    "type": "Field {name!r} is no {limit}.",
    "minLength": "Field {name!r} is shorter than {limit} characters.",
    "maxLength": "Field {name!r} is longer than {limit} characters.",
    "minimum": "Field {name!r} is {value!r}, below {limit}.",
    "maximum": "Field {name!r} is {value!r}, above {limit}.",
    "minItems": "Field {name!r} has fewer than {limit} entries.",
    "maxItems": "Field {name!r} has more than {limit} entries.",
    "uniqueItems": "Field {name!r} names an entry twice.",
    "pattern": "Field {name!r} is {value!r}, not of the form {limit}.",
}


def faults(schema: Mapping[str, Any], fields: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with `fields`, one sentence each; empty when they fit.

    >>> faults({"required": ["note"]}, {})
    ["Field 'note' is missing."]
    >>> faults({"properties": {"n": {"type": "integer"}}}, {"n": True})
    ["Field 'n' is no integer."]
    >>> faults({"properties": {"n": {"enum": ["a", "b"]}}}, {"n": "c"})
    ["Field 'n' is 'c', not one of a, b."]
    """
    if not schema:
        return []
    found = _validator(json.dumps(schema, sort_keys=True)).iter_errors(_plain(fields))
    wrong: dict[str, None] = {}
    for error in sorted(found, key=lambda each: [str(part) for part in each.absolute_path]):
        wrong |= dict.fromkeys(_sentences(error))
    return list(wrong)


def schema_faults(schema: Any) -> list[str]:
    """Return what keeps a schema from asking for an answer's fields, one sentence each."""
    if schema == {}:
        return []
    if not isinstance(schema, dict) or schema.get("type", "object") != "object":
        return ["The schema describes no object; an answer's fields are one."]
    if refused := [name for name in _REFUSED if f'"{name}"' in json.dumps(schema)]:
        return [f"The schema uses {refused[0]}; write the rule out where it is needed."]
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = ".".join(str(part) for part in error.absolute_path) or "the schema"
        return [f"It is no JSON Schema at {where}: {error.message[:200]}"]
    properties = schema.get("properties", {})
    wrong = [
        f"Field {name!r} is of type {rule.get('type')!r}; a form asks for {', '.join(KINDS)}."
        for name, rule in properties.items()
        if not isinstance(rule, dict) or (rule.get("type") not in KINDS and "enum" not in rule)
    ]
    missing = [name for name in schema.get("required", []) if name not in properties]
    return [*wrong, *(f"Field {name!r} is required but not described." for name in missing)]


@lru_cache(maxsize=1024)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema), registry=Registry())


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: tuples are arrays."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _sentences(error: ValidationError) -> list[str]:
    path = [str(part) for part in error.absolute_path]
    name = ".".join(path)
    if error.validator == "required":
        return [
            f"Field {'.'.join([*path, each])!r} is missing."
            for each in error.validator_value
            if each not in error.instance
        ]
    if error.validator == "additionalProperties" and error.validator_value is False:
        known = error.schema.get("properties", {})
        return [
            f"Field {'.'.join([*path, each])!r} is not in the template."
            for each in error.instance
            if each not in known
        ]
    if error.validator == "enum":
        among = ", ".join(map(str, error.validator_value))
        return [f"Field {name!r} is {error.instance!r}, not one of {among}."]
    sentence = _SENTENCES.get(str(error.validator))
    if sentence is None:
        return [f"Field {name!r}: {error.message[:200]}"]
    return [sentence.format(name=name, limit=error.validator_value, value=error.instance)]
