"""The form that a reviewer fills in: fields, labels with their keys, layout and media, ready to be drawn.

A template version says what is asked (`schema`), where (`layout`), by which keys (`hotkeys`) and how content
is shown (`media`); the bound policy says which labels there are. Nothing here draws: the console and the
editor's preview do. `template_faults` says what a template may not say. The vocabulary:

- `schema`: JSON Schema of the free fields. A field may add `title_zh_hans`, `description_zh_hans`,
  `enum_titles`, `enum_titles_zh_hans` (value to words), and `"format": "textarea"`.
- `layout`: `{"columns": 1 | 2, "content": "beside" | "above", "labels": "list" | "grid", "sections":
  [{"title": …, "title_zh_hans": …, "fields": [names]}]}`. Fields in no section follow in a last one.
- `hotkeys`: `{"labels": {code: key}, "fields": {name: key}}`; labels without a key get the next free one.
- `media`: `{"kinds": [...], "start": "paused" | "playing", "sound": "muted" | "on", "blurred": bool,
  "grey": bool, "translation": bool}`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchfloor.operations.policies.models import Label, PolicyVersion
from watchfloor.operations.queues.models import TemplateVersion

MEDIA_KINDS = ("text", "image", "video", "audio", "conversation")
FREE_KEYS = "1234567890qwertyuiopasdfghjklzxcvbnm"
CHINESE = "_zh_hans"


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a choice, in words."""

    value: str
    title: str
    title_zh_hans: str = ""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One free field. `kind` is text, long_text, number, integer, boolean, choice, choices or list."""

    name: str
    kind: str
    title: str
    title_zh_hans: str
    help: str
    help_zh_hans: str
    required: bool
    options: tuple[Option, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int | None = None
    default: Any = None
    hotkey: str = ""


@dataclass(frozen=True, slots=True)
class LabelSpec:
    """One label that may be chosen; `depth` is its place in the policy's tree."""

    code: str
    name: str
    name_zh_hans: str
    text: str
    severity: str
    action: str
    violative: bool
    depth: int
    hotkey: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that stand together."""

    title: str
    title_zh_hans: str
    fields: tuple[FieldSpec, ...]


@dataclass(frozen=True, slots=True)
class Media:
    """How content starts; a wellness class or the person's own setting may only be gentler."""

    kinds: tuple[str, ...] = MEDIA_KINDS
    start: str = "paused"
    sound: str = "muted"
    blurred: bool = False
    grey: bool = False
    translation: bool = True


@dataclass(frozen=True, slots=True)
class FormSpec:
    """A form, whole. `schema` is what `answers.faults` checks an answer's fields by."""

    template: str
    template_version: int | None
    policy: str
    policy_version: int | None
    labels: tuple[LabelSpec, ...]
    sections: tuple[Section, ...]
    columns: int
    content: str
    label_style: str
    media: Media
    schema: Mapping[str, Any]

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """Every field, in reading order."""
        return tuple(field for section in self.sections for field in section.fields)

    @property
    def hotkeys(self) -> dict[str, str]:
        """What each key does: `label:<code>` or `field:<name>`."""
        keys = {label.hotkey: f"label:{label.code}" for label in self.labels if label.hotkey}
        return keys | {field.hotkey: f"field:{field.name}" for field in self.fields if field.hotkey}


def forms_of(
    template_version: TemplateVersion | None,
    policy_version: PolicyVersion | None,
    label_subset: Iterable[str] = (),
) -> FormSpec:
    """Return the form of a template version over the labels of a policy version.

    Labels stand as the policy was written, each below its parent; those that the layout's `label_order` names
    come first, in its order. Deprecated labels are left out; an empty subset means every label. One query,
    none without a policy.
    """
    labels: list[Label] = []
    if policy_version is not None:
        labels = list(Label.objects.filter(policy_version=policy_version).order_by("pk"))
    return form_of(template_version, policy_version, labels, label_subset)


def form_of(
    template_version: TemplateVersion | None,
    policy_version: PolicyVersion | None,
    labels: Sequence[Label],
    label_subset: Iterable[str] = (),
) -> FormSpec:
    """Return the form over labels that are read already; pure."""
    template = template_version or TemplateVersion()
    layout: Mapping[str, Any] = template.layout or {}
    keys: Mapping[str, Any] = template.hotkeys or {}
    fields = _fields(template.schema or {}, keys.get("fields", {}))
    return FormSpec(
        template=template_version.template.slug if template_version else "",
        template_version=template_version.version if template_version else None,
        policy=policy_version.policy.slug if policy_version else "",
        policy_version=policy_version.version if policy_version else None,
        labels=_labels(_ordered(labels, layout.get("label_order", [])), set(label_subset), keys),
        sections=_sections(fields, layout),
        columns=layout.get("columns", 1),
        content=layout.get("content", "beside"),
        label_style=layout.get("labels", "list"),
        media=Media(**_media(template.media or {})),
        schema=template.schema or {},
    )


def _fields(schema: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, FieldSpec]:
    required = set(schema.get("required", []))
    return {
        name: _field(name, rule, name in required, keys.get(name, ""))
        for name, rule in schema.get("properties", {}).items()
    }


def _field(name: str, rule: Mapping[str, Any], required: bool, key: str) -> FieldSpec:
    items = rule.get("items", {})
    values = rule.get("enum") or (items.get("enum") if isinstance(items, dict) else None) or []
    words, chinese = rule.get("enum_titles", {}), rule.get(f"enum_titles{CHINESE}", {})
    return FieldSpec(
        name=name,
        kind=_kind(rule, has_values=bool(values)),
        title=rule.get("title", name.replace("_", " ").capitalize()),
        title_zh_hans=rule.get(f"title{CHINESE}", ""),
        help=rule.get("description", ""),
        help_zh_hans=rule.get(f"description{CHINESE}", ""),
        required=required,
        options=tuple(
            Option(str(value), words.get(str(value), str(value)), chinese.get(str(value), ""))
            for value in values
        ),
        minimum=rule.get("minimum"),
        maximum=rule.get("maximum"),
        max_length=rule.get("maxLength"),
        default=rule.get("default"),
        hotkey=key,
    )


def _kind(rule: Mapping[str, Any], *, has_values: bool) -> str:
    kind = rule.get("type", "string")
    if kind == "array":
        return "choices" if has_values else "list"
    if has_values:
        return "choice"
    if kind == "string":
        return "long_text" if rule.get("format") == "textarea" or rule.get("maxLength", 0) > 200 else "text"
    return str(kind)


def _ordered(labels: Sequence[Label], first: Sequence[str]) -> list[Label]:
    """Return the labels in reading order: those named first, then the policy's, each below its parent."""
    within = {each.pk: at for at, each in enumerate(labels)}
    parents = {each.pk: each.parent_id for each in labels}

    def path(label: Label) -> tuple[int, ...]:
        steps, at = [within[label.pk]], parents.get(label.pk)
        while at in within and len(steps) <= len(labels):
            steps.append(within[at])
            at = parents.get(at)
        return tuple(reversed(steps))

    named = {code: at for at, code in enumerate(first)}
    return sorted(labels, key=lambda each: (named.get(each.code, len(named)), path(each)))


def _labels(labels: Sequence[Label], subset: set[str], keys: Mapping[str, Any]) -> tuple[LabelSpec, ...]:
    offered = [each for each in labels if not each.deprecated and (not subset or each.code in subset)]
    given: Mapping[str, str] = keys.get("labels", {})
    taken = {*given.values(), *keys.get("fields", {}).values()}
    free = (key for key in FREE_KEYS if key not in taken)
    parents = {each.pk: each.parent_id for each in labels}
    return tuple(
        LabelSpec(
            code=each.code,
            name=each.name,
            name_zh_hans=each.name_zh_hans,
            text=each.text,
            severity=each.severity,
            action=each.action,
            violative=each.violative,
            depth=_depth(each.pk, parents),
            hotkey=given.get(each.code) or next(free, ""),
        )
        for each in offered
    )


def _depth(label: int, parents: Mapping[int, int | None]) -> int:
    depth, parent = 0, parents.get(label)
    while parent is not None and depth < len(parents):
        depth, parent = depth + 1, parents.get(parent)
    return depth


def _sections(fields: dict[str, FieldSpec], layout: Mapping[str, Any]) -> tuple[Section, ...]:
    left = dict(fields)
    sections = []
    for each in layout.get("sections", []):
        inside = tuple(left.pop(name) for name in each.get("fields", []) if name in left)
        if inside:
            sections.append(Section(each.get("title", ""), each.get(f"title{CHINESE}", ""), inside))
    if left:
        sections.append(Section("", "", tuple(left.values())))
    return tuple(sections)


def _media(written: Mapping[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in written.items() if name in Media.__dataclass_fields__}
    if "kinds" in known:
        known["kinds"] = tuple(known["kinds"])
    return known
