"""What people write about alerts and rules: an answer, an action, a rule, a channel."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from watchfloor.operations.alerts.models import AlertRule, Channel
from watchfloor.operations.alerts.rule_checks import NewRule
from watchfloor.operations.alerts.vocabulary import (
    BURN_PAIRS,
    CHANNEL_KINDS,
    COMPARISONS,
    DEDUPLICATIONS,
    KINDS,
    ROUTES,
    SEVERITIES,
)

_PAIR = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*[x×*/]\s*(\d+(?:\.\d+)?)\s*h?\s*$")
_WINDOWS = (
    (900, "15 min"), (3_600, "1 h"), (21_600, "6 h"), (86_400, "24 h"), (604_800, "7 d"), (2_419_200, "28 d"),
)  # fmt: skip
_EVERY = ((60, "1 min"), (300, "5 min"), (3_600, "1 h"), (86_400, "1 d"))


class UtcField(forms.DateTimeField):
    """An instant that people write in UTC, with or without saying so."""

    def to_python(self, value: Any) -> datetime | None:
        """Return the aware instant."""
        found = super().to_python(value)
        return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


class AcknowledgeForm(forms.Form):
    """What its new owner will do, by when."""

    plan = forms.CharField(max_length=2_000)
    due_at = UtcField(required=False)


class ResolveForm(forms.Form):
    """Why an alert ends by hand."""

    reason = forms.CharField(max_length=400)


class ActionForm(forms.Form):
    """Who does what by when, and which value is expected when."""

    what = forms.CharField(max_length=2_000)
    owner = forms.CharField(max_length=254, required=False)
    due_at = UtcField()
    expected = forms.FloatField()
    check_at = UtcField()


class ChannelForm(forms.Form):
    """Where alerts are told."""

    slug = forms.CharField(max_length=50)
    title = forms.CharField(max_length=120, required=False)
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in CHANNEL_KINDS])
    recipients = forms.CharField(max_length=4_000, required=False)
    url = forms.CharField(max_length=1_000, required=False)
    secret = forms.CharField(max_length=400, required=False)

    def clean_recipients(self) -> list[str]:
        """Return the addresses, one by one."""
        return [each for each in re.split(r"[\s,;]+", self.cleaned_data["recipients"]) if each]


class RuleForm(forms.Form):
    """A rule as people write it; `shares` says that its numbers are percentages."""

    slug = forms.SlugField(max_length=80, label=gettext_lazy("Name in addresses"))
    title = forms.CharField(max_length=160, label=gettext_lazy("Title"))
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in KINDS])
    metric_id = forms.CharField(max_length=48, required=False)
    scope = forms.CharField(max_length=4_000, required=False)
    by = forms.CharField(max_length=200, required=False)
    window_seconds = forms.TypedChoiceField(choices=_WINDOWS, coerce=int)
    every_seconds = forms.TypedChoiceField(choices=_EVERY, coerce=int)
    comparison = forms.ChoiceField(choices=[(each, each) for each in COMPARISONS])
    level = forms.FloatField(required=False)
    needed = forms.IntegerField(min_value=1, max_value=60)
    looked = forms.IntegerField(min_value=1, max_value=60)
    min_n = forms.IntegerField(min_value=0, max_value=1_000_000)
    growth_share = forms.FloatField(required=False, min_value=0)
    absolute_change = forms.FloatField(required=False, min_value=0)
    prior_min = forms.FloatField(required=False, min_value=0)
    burn_pairs = forms.CharField(max_length=200, required=False)
    severity = forms.ChoiceField(choices=[(each, each) for each in SEVERITIES])
    owner = forms.CharField(max_length=254, required=False)
    route = forms.ChoiceField(choices=[(each, each) for each in ROUTES])
    quiet_from = forms.TimeField(required=False)
    quiet_until = forms.TimeField(required=False)
    time_zone = forms.CharField(max_length=64)
    deduplicate = forms.ChoiceField(choices=[(each, each) for each in DEDUPLICATIONS])
    cool_down_minutes = forms.IntegerField(min_value=0, max_value=14 * 1_440)
    reason = forms.CharField(max_length=2_000, required=False)

    def __init__(self, *args: Any, channels: list[Channel], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels = channels
        self.fields["channels"] = forms.MultipleChoiceField(
            choices=[(one.slug, one.title) for one in channels], required=False
        )

    def clean_scope(self) -> dict[str, list[str]]:
        """Return dimension → values, from one `dimension:value,value` a line or a space."""
        kept: dict[str, list[str]] = {}
        for written in self.cleaned_data["scope"].split():
            name, colon, values = written.partition(":")
            found = [value for value in values.split(",") if value]
            if not colon or not found:
                raise forms.ValidationError(
                    gettext("%(written)s names no values: write dimension:value,value.")
                    % {"written": written}
                )
            kept.setdefault(name, []).extend(found)
        return kept

    def clean_by(self) -> list[str]:
        """Return the dimensions of the split."""
        return (
            list(dict.fromkeys(re.split(r"[\s,]+", self.cleaned_data["by"].strip())))
            if self.cleaned_data["by"].strip()
            else []
        )

    def clean_burn_pairs(self) -> list[list[float]]:
        """Return pairs of rate and hours, from `14.4×1h, 6×6h`."""
        pairs = []
        for written in filter(str.strip, self.cleaned_data["burn_pairs"].split(",")):
            found = _PAIR.match(written)
            if found is None:
                raise forms.ValidationError(
                    gettext("%(written)s is no burn rate: write 14.4×1h, 6×6h.")
                    % {"written": written.strip()}
                )
            pairs.append([float(found[1]), float(found[2])])
        return pairs

    def new_rule(self) -> NewRule:
        """Return what was written."""
        said = dict(self.cleaned_data)
        said.pop("channels")
        said["cool_down_seconds"] = 60 * said.pop("cool_down_minutes")
        return NewRule(**said)

    def chosen(self) -> list[Channel]:
        """Return the channels that were ticked."""
        ticked = set(self.cleaned_data.get("channels", ()))
        return [one for one in self.channels if one.slug in ticked]


def written_rule(rule: AlertRule | None) -> Mapping[str, Any]:
    """Return a rule as its form writes it; without one, what a new rule begins with."""
    if rule is None:
        return {
            "kind": "level",
            "metric_id": "sla_attainment",
            "by": "queue",
            "window_seconds": 21_600,
            "every_seconds": 60,
            "comparison": "below",
            "needed": 2,
            "looked": 3,
            "min_n": 30,
            "severity": "medium",
            "route": "rule",
            "time_zone": "UTC",
            "deduplicate": "unit",
            "cool_down_minutes": 60,
            "burn_pairs": ", ".join(f"{rate:g}×{hours}h" for rate, hours in BURN_PAIRS),
            "channels": [],
        }
    values = {name: getattr(rule, name) for name in NewRule.__dataclass_fields__}
    return values | {
        "scope": " ".join(f"{name}:{','.join(kept)}" for name, kept in rule.scope.items()),
        "by": ", ".join(rule.by),
        "burn_pairs": ", ".join(f"{rate:g}×{hours:g}h" for rate, hours in rule.burn_pairs),
        "quiet_from": f"{rule.quiet_from:%H:%M}" if rule.quiet_from else "",
        "quiet_until": f"{rule.quiet_until:%H:%M}" if rule.quiet_until else "",
        "cool_down_minutes": rule.cool_down_seconds // 60,
        "channels": [one.slug for one in rule.channels.all()],
    }
