"""Checks an answer's free fields against a template's schema: the part of JSON Schema that templates use."""

from collections.abc import Mapping
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list, tuple),
    "object": (dict,),
}


def faults(schema: Mapping[str, Any], fields: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with `fields`, one sentence each; empty when they fit.

    Understood: `properties` with `type` and `enum`, `required`, `additionalProperties: false`.

    >>> faults({"required": ["note"]}, {})
    ["Field 'note' is missing."]
    >>> faults({"properties": {"n": {"type": "integer"}}}, {"n": True})
    ["Field 'n' is no integer."]
    """
    wrong = [f"Field {name!r} is missing." for name in schema.get("required", []) if name not in fields]
    properties = schema.get("properties", {})
    for name, value in fields.items():
        rule = properties.get(name)
        if rule is None:
            if schema.get("additionalProperties") is False:
                wrong.append(f"Field {name!r} is not in the template.")
            continue
        kind = rule.get("type")
        if kind in _TYPES and (
            not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")
        ):
            wrong.append(f"Field {name!r} is no {kind}.")
        elif "enum" in rule and value not in rule["enum"]:
            wrong.append(f"Field {name!r} is {value!r}, not one of {', '.join(map(str, rule['enum']))}.")
    return wrong
