"""What keeps a template version from being saved, or from being bound to a policy. Sentences for people.

The shapes of layout, keys and media are JSON Schemas themselves, checked by the same library as answers.
"""

from collections.abc import Iterable
from typing import Any

from watchfloor.operations.queues.answers import faults, schema_faults
from watchfloor.operations.queues.form_spec import MEDIA_KINDS
from watchfloor.operations.queues.models import TemplateVersion

# Enter, Escape, Tab, the space bar, ? and / belong to the console, so a key is one letter or digit.
_KEYS = {"type": "object", "additionalProperties": {"type": "string", "pattern": "^[0-9A-Za-z]$"}}

LAYOUT = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "columns": {"enum": [1, 2]},
        "content": {"enum": ["beside", "above"]},
        "labels": {"enum": ["list", "grid"]},
        "label_order": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
        "sections": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["fields"],
                "properties": {
                    "title": {"type": "string", "maxLength": 80},
                    "title_zh_hans": {"type": "string", "maxLength": 80},
                    "fields": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
    },
}
HOTKEYS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"labels": _KEYS, "fields": _KEYS},
}
MEDIA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "kinds": {"type": "array", "items": {"enum": list(MEDIA_KINDS)}, "minItems": 1, "uniqueItems": True},
        "start": {"enum": ["paused", "playing"]},
        "sound": {"enum": ["muted", "on"]},
        "blurred": {"type": "boolean"},
        "grey": {"type": "boolean"},
        "translation": {"type": "boolean"},
    },
}
_WORDS = {
    "type": "object",
    "properties": {
        **{
            name: {"type": "string"}
            for name in ("title", "title_zh_hans", "description", "description_zh_hans")
        },
        **{
            name: {"type": "object", "additionalProperties": {"type": "string"}}
            for name in ("enum_titles", "enum_titles_zh_hans")
        },
    },
}


def template_faults(template: TemplateVersion) -> list[str]:
    """Return what is wrong with a template version, one sentence each; empty when it can be saved."""
    wrong = [f"Schema: {fault}" for fault in schema_faults(template.schema)]
    for part, shape in (("layout", LAYOUT), ("hotkeys", HOTKEYS), ("media", MEDIA)):
        wrong += [f"{part.capitalize()}: {fault}" for fault in _shape_faults(shape, getattr(template, part))]
    if wrong:
        return wrong
    asked: dict[str, Any] = template.schema.get("properties", {})
    for name, rule in asked.items():
        wrong += [f"Field {name!r}: {fault}" for fault in _shape_faults(_WORDS, rule)]
    return [*wrong, *_place_faults(template, asked), *_key_faults(template, asked)]


def fit_faults(template: TemplateVersion, codes: Iterable[str]) -> list[str]:
    """Return where a template does not fit the labels that a queue offers, one sentence each."""
    missing = sorted(set(template.hotkeys.get("labels", {})) - set(codes))
    return [
        f"The template gives a key to label {code!r}, which the bound policy does not offer."
        for code in missing
    ]


def _shape_faults(shape: dict[str, Any], value: Any) -> list[str]:
    return faults(shape, value) if isinstance(value, dict) else ["It is no mapping."]


def _place_faults(template: TemplateVersion, asked: dict[str, Any]) -> list[str]:
    placed = [name for each in template.layout.get("sections", []) for name in each["fields"]]
    return [
        *(f"The layout places field {name!r}, which is not asked." for name in placed if name not in asked),
        *(f"The layout places field {name!r} twice." for name in asked if placed.count(name) > 1),
    ]


def _key_faults(template: TemplateVersion, asked: dict[str, Any]) -> list[str]:
    fields = template.hotkeys.get("fields", {})
    pressed = [key.lower() for key in (*template.hotkeys.get("labels", {}).values(), *fields.values())]
    return [
        *(f"A key is given to field {name!r}, which is not asked." for name in fields if name not in asked),
        *(f"Key {key!r} stands twice." for key in sorted(set(pressed)) if pressed.count(key) > 1),
    ]
