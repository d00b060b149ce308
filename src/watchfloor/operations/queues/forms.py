"""The form of a queue's settings: plain values in, plain values out, under the names of `settings_of`."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import get_language, gettext

from watchfloor.operations.people.models import Site, Skill
from watchfloor.operations.policies.models import PolicyVersion
from watchfloor.operations.policies.vocabulary import SEVERITIES
from watchfloor.operations.policies.words import severity_names
from watchfloor.operations.queues.durations import typed, typed_seconds
from watchfloor.operations.queues.models import WELLNESS_CLASSES, Calendar, Queue, TemplateVersion
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.queues.setting_fields import FIELDS, Group, group_names, setting_helps
from watchfloor.operations.queues.sops import sop_text
from watchfloor.operations.queues.words import setting_names, title_of, wellness_names
from watchfloor.operations.record.viewers import Viewer

SPARE_RULES = 2
RULE_PARTS = ("severity", "source", "market", "within", "clock")
_SEVERITIES = (*SEVERITIES, "default")


class SettingsForm(forms.Form):
    """Every setting of a queue; compound settings have one field a part (`sla_seconds__critical`)."""

    note = forms.CharField(max_length=400, required=False)
    effective_at = forms.DateTimeField(required=False)

    def __init__(self, data: Any = None, *, queue: Queue, current: Mapping[str, Any], viewer: Viewer) -> None:
        super().__init__(data)
        self.queue, self.current, self.viewer = queue, current, viewer
        self.sites = list(Site.objects.filter(active=True).order_by("slug"))
        self.rule_count = self._rule_count()
        for name, (_, kind) in FIELDS.items():
            for key, field, value in getattr(self, f"_{kind}")(name, current[name]):
                field.required, field.initial = False, value
                self.fields[key] = field
                if isinstance(field.widget, forms.Textarea):
                    field.widget.attrs |= {"rows": 3}

    @property
    def groups(self) -> list[tuple[Group, list[dict[str, Any]]]]:
        """The settings as the page draws them."""
        names, helps = setting_names(), setting_helps()
        groups = []
        for group in group_names():
            entries = []
            for name, (of, kind) in FIELDS.items():
                if of == group.key:
                    entry = {"name": name, "title": names[name], "help": helps.get(name, ""), "kind": kind}
                    entries.append(entry | self._drawn(name, kind))
            groups.append((group, entries))
        return groups

    def plain(self) -> dict[str, Any]:
        """Return every setting as a plain value; call after `is_valid`."""
        return {name: getattr(self, f"_read_{kind}", self._read)(name) for name, (_, kind) in FIELDS.items()}

    def _drawn(self, name: str, kind: str) -> dict[str, Any]:
        if kind == "by_severity":
            words = severity_names() | {"default": gettext("others")}
            return {"parts": [(words[each], self[f"{name}__{each}"]) for each in _SEVERITIES]}
        if kind == "by_site":
            return {"parts": [(site.name, self[f"{name}__{site.slug}"]) for site in self.sites]}
        if kind == "rules":
            rows = range(self.rule_count)
            return {"rows": [[self[f"{name}__{row}__{part}"] for part in RULE_PARTS] for row in rows]}
        return {"field": self[name]}

    # -- What each kind draws: (key, field, initial) -------------------------------------------------------

    def _choice(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        choices = [("", "–"), *self._options(name)]
        if value not in (None, "") and str(value) not in {key for key, _ in choices}:
            choices.append((str(value), str(value)))
        return [(name, forms.ChoiceField(choices=choices), "" if value is None else str(value))]

    def _options(self, name: str) -> list[tuple[str, str]]:
        if name == "wellness_class":
            words = wellness_names()
            return [(each, words[each]) for each in WELLNESS_CLASSES]
        if name == "policy":
            policies = PolicyVersion.objects.exclude(state="draft").order_by("policy__slug", "-version")
            return _named(policies.values_list("policy__slug", "version"))
        if name in ("template", "canary_template"):
            templates = TemplateVersion.objects.order_by("template__slug", "-version")
            return _named(templates.values_list("template__slug", "version"))
        if name == "calendar":
            return list(Calendar.objects.order_by("slug").values_list("slug", "name"))
        if name == "sop_version":
            procedures = self.queue.sops.order_by("-version")
            language = get_language() or "en"
            return [
                (str(each.version), f"v{each.version} {sop_text(each, language)[0]}") for each in procedures
            ]
        reached = queues(viewer=self.viewer).exclude(pk=self.queue.pk)
        if name == "training_queue":
            reached = reached.filter(purpose="training")
        return [(each.slug, title_of(each)) for each in reached]

    def _choices(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        field = forms.MultipleChoiceField(
            choices=Skill.objects.order_by("slug").values_list("slug", "name"),
            widget=forms.CheckboxSelectMultiple,
        )
        return [(name, field, value)]

    def _texts(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        return [(name, forms.CharField(widget=forms.Textarea), "\n".join(value))]

    def _json(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        written = json.dumps(value, indent=2, ensure_ascii=False) if value else ""
        return [(name, forms.CharField(widget=forms.Textarea), written)]

    def _text(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        return [(name, forms.CharField(max_length=50), value)]

    def _flag(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        return [(name, forms.BooleanField(), value)]

    def _whole(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        return [(name, forms.IntegerField(min_value=0, max_value=99), value)]

    def _share(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        field = forms.FloatField(min_value=0, max_value=100, widget=forms.NumberInput(attrs={"step": "any"}))
        return [(name, field, _percent(value))]

    def _duration(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        return [(name, DurationField(), typed(value))]

    def _by_severity(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        return [
            (f"{name}__{each}", DurationField(), typed(value[each]) if each in value else "")
            for each in _SEVERITIES
        ]

    def _by_site(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        return [
            (f"{name}__{site.slug}", field, shown)
            for site in self.sites
            for _, field, shown in self._share(name, value.get(site.slug))
        ]

    def _rules(self, name: str, value: Any) -> list[tuple[str, forms.Field, Any]]:
        clocks = [
            ("", gettext("as the calendar says")),
            ("elapsed", gettext("elapsed time")),
            ("business", gettext("business hours")),
        ]
        drawn: list[tuple[str, forms.Field, Any]] = []
        for row in range(self.rule_count):
            rule = value[row] if row < len(value) else {}
            for part in RULE_PARTS[:3]:
                key = f"{name}__{row}__{part}"
                drawn.append((key, forms.CharField(max_length=200), ", ".join(rule.get(part, []))))
            within = typed(rule["seconds"]) if rule else ""
            drawn.append((f"{name}__{row}__within", DurationField(), within))
            drawn.append((f"{name}__{row}__clock", forms.ChoiceField(choices=clocks), rule.get("clock", "")))
        return drawn

    def _rule_count(self) -> int:
        return min(len(self.current["sla_rules"]) + SPARE_RULES, 50)

    # -- What each kind reads back ---------------------------------------------------------------------------

    def _read(self, name: str) -> Any:
        return self.cleaned_data[name]

    def _read_choice(self, name: str) -> Any:
        value = self.cleaned_data[name]
        return (int(value) if value else None) if name == "sop_version" else value

    def _read_choices(self, name: str) -> list[str]:
        return sorted(self.cleaned_data[name])

    def _read_texts(self, name: str) -> list[str]:
        words = self.cleaned_data[name].replace(",", "\n").split("\n")
        return [word.strip() for word in words if word.strip()]

    def _read_json(self, name: str) -> Any:
        return self.cleaned_data[name]

    def clean_qa_plan(self) -> Any:
        """Return the audit design, read."""
        written = self.cleaned_data["qa_plan"].strip()
        try:
            return json.loads(written) if written else {}
        except ValueError as error:
            raise forms.ValidationError(gettext("This is no JSON.")) from error

    def _read_whole(self, name: str) -> int:
        return int(self.cleaned_data[name] or 0)

    def _read_share(self, name: str) -> float:
        return _share(self.cleaned_data[name] or 0.0)

    def _read_duration(self, name: str) -> int:
        return int(self.cleaned_data[name] or self.current[name])

    def _read_by_severity(self, name: str) -> dict[str, int]:
        kept = {each: self.cleaned_data[f"{name}__{each}"] for each in _SEVERITIES}
        return {each: seconds for each, seconds in kept.items() if seconds}

    def _read_by_site(self, name: str) -> dict[str, float]:
        kept = {site.slug: self.cleaned_data[f"{name}__{site.slug}"] for site in self.sites}
        closed = {slug: share for slug, share in self.current[name].items() if slug not in kept}
        return closed | {slug: _share(value) for slug, value in kept.items() if value is not None}

    def _read_rules(self, name: str) -> list[dict[str, Any]]:
        rules = []
        for row in range(self.rule_count):
            part = {each: self.cleaned_data[f"{name}__{row}__{each}"] for each in RULE_PARTS}
            if not part["within"]:
                continue
            rule: dict[str, Any] = {"seconds": part["within"]}
            for each in RULE_PARTS[:3]:
                if values := [word.strip() for word in part[each].split(",") if word.strip()]:
                    rule[each] = values
            if part["clock"]:
                rule["clock"] = part["clock"]
            rules.append(rule)
        return rules


class DurationField(forms.CharField):
    """A typed duration; its value is seconds, or None when left empty."""

    def __init__(self) -> None:
        super().__init__(widget=forms.TextInput(attrs={"maxlength": 40}))

    def to_python(self, value: Any) -> Any:
        """Return the seconds.

        Raises:
            ValidationError: it is no duration.

        """
        written = super().to_python(value)
        if not written:
            return None
        try:
            return typed_seconds(written[:80])
        except ValueError as error:
            raise forms.ValidationError(gettext("Write a duration like 4h, 1d 12h or 90m.")) from error


def _named(versions: Iterable[tuple[str, int]]) -> list[tuple[str, str]]:
    return [(f"{slug} v{number}", f"{slug} v{number}") for slug, number in versions]


def _percent(share: Any) -> Any:
    if share is None:
        return None
    percent = float(f"{share * 100:.6g}")
    return int(percent) if percent.is_integer() else percent


def _share(percent: float) -> float:
    return float(f"{percent / 100:.6g}")
