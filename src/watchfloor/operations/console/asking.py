"""What the console asks of the reviewer, in the language in force: labels, actions, the free fields.

The form itself is `queues.form_spec`; here it only gets words and an order to read it in.
"""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import get_language

from watchfloor.operations.policies.vocabulary import ACTIONS
from watchfloor.operations.policies.words import action_names, severity_names
from watchfloor.operations.queues.form_spec import FieldSpec, LabelSpec, Media, forms_of
from watchfloor.operations.queues.models import QueueVersion, TemplateVersion

RADIO_AT_MOST = 6
CONTROLS = {
    "text": "short",
    "long_text": "long",
    "number": "number",
    "integer": "number",
    "boolean": "check",
    "choices": "checks",
    "list": "lines",
}


@dataclass(frozen=True, slots=True)
class LabelChoice:
    """One label that may be chosen, with the key that chooses it."""

    code: str
    name: str
    text: str
    depth: int
    severity: str
    severity_name: str
    action_name: str
    is_violative: bool
    key: str


@dataclass(frozen=True, slots=True)
class Field:
    """One free field of the template, as a control."""

    name: str
    title: str
    help: str
    control: str
    is_required: bool
    key: str = ""
    options: tuple[tuple[str, str], ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    longest: int | None = None
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Everything that a case's form asks for."""

    labels: tuple[LabelChoice, ...]
    actions: tuple[tuple[str, str], ...]
    sections: tuple[tuple[str, tuple[Field, ...]], ...]
    has_policy: bool
    media: Media

    @property
    def has_clear_label(self) -> bool:
        """Whether the policy has a label of its own for "no violation"."""
        return any(not label.is_violative for label in self.labels)

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every free field, in reading order."""
        return tuple(field for _, fields in self.sections for field in fields)


def ask_of(*, queue_version_id: int, template_version_id: int | None) -> Ask:
    """Return what a case of that queue version, shown in that template, asks for in the language in force."""
    return _ask(queue_version_id, template_version_id, get_language() or "en")


@lru_cache(maxsize=1024)
def _ask(queue_version_id: int, template_version_id: int | None, language: str) -> Ask:
    """Return the form once read: versions never change, so the cache never goes stale."""
    version = QueueVersion.objects.select_related("policy_version__policy").get(pk=queue_version_id)
    templates = TemplateVersion.objects.select_related("template")
    template = templates.filter(pk=template_version_id).first() if template_version_id else None
    form = forms_of(template, version.policy_version, version.label_subset)
    chinese = language.startswith("zh")
    names = action_names()
    above = min((label.depth for label in form.labels if label.violative), default=0)
    return Ask(
        labels=tuple(_label(label, chinese=chinese, above=above) for label in form.labels),
        actions=tuple((action, names.get(action, action)) for action in ACTIONS),
        sections=tuple(
            (
                (chinese and section.title_zh_hans) or section.title,
                tuple(field_of(field, chinese=chinese) for field in section.fields),
            )
            for section in form.sections
            if section.fields
        ),
        has_policy=version.policy_version_id is not None,
        media=form.media,
    )


def _label(label: LabelSpec, *, chinese: bool, above: int) -> LabelChoice:
    return LabelChoice(
        code=label.code,
        name=(chinese and label.name_zh_hans) or label.name,
        text="" if label.text == label.name else label.text,
        depth=max(0, label.depth - above),
        severity=label.severity,
        severity_name=severity_names().get(label.severity, ""),
        action_name=action_names().get(label.action, ""),
        is_violative=label.violative,
        key=label.hotkey,
    )


def field_of(field: FieldSpec, *, chinese: bool) -> Field:
    """Return a field of the form as a control in one of the two languages."""
    options = tuple(
        (option.value, (chinese and option.title_zh_hans) or option.title) for option in field.options
    )
    control = CONTROLS.get(field.kind) or ("radios" if len(options) <= RADIO_AT_MOST else "select")
    return Field(
        name=field.name,
        title=(chinese and field.title_zh_hans) or field.title,
        help=(chinese and field.help_zh_hans) or field.help,
        control=control,
        is_required=field.required,
        key=field.hotkey,
        options=options,
        minimum=field.minimum,
        maximum=field.maximum,
        longest=field.max_length,
        is_whole=field.kind == "integer",
    )
