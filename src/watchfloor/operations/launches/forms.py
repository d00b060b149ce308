"""The forms of the wizard: what a person types, read into the values that services take."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from watchfloor.operations.launches.models import Launch
from watchfloor.operations.people.models import DataBoundary
from watchfloor.operations.policies.models import Label, PolicyVersion
from watchfloor.operations.policies.vocabulary import SEVERITIES
from watchfloor.operations.policies.words import severity_names
from watchfloor.operations.quality.vocabulary import STRATA
from watchfloor.operations.queues.durations import typed
from watchfloor.operations.queues.forms import DurationField
from watchfloor.operations.queues.models import MODES, WELLNESS_CLASSES, Queue, TemplateVersion
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.queues.words import mode_names, purpose_names, title_of, wellness_names
from watchfloor.operations.record.viewers import Viewer

PURPOSES = ("production", "appeal", "training", "qa", "monitor")


class PercentField(forms.FloatField):
    """A share, typed in per cent."""

    def __init__(self, **options: Any) -> None:
        lowest, highest = options.pop("lowest", 0), options.pop("highest", 100)
        widget = forms.NumberInput(attrs={"step": "any"})
        super().__init__(min_value=lowest, max_value=highest, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        """Return a share in per cent; what was typed stays as it is."""
        return float(f"{value * 100:.6g}") if isinstance(value, float) else value

    def clean(self, value: Any) -> Any:
        """Return the share, 0 to 1."""
        percent = super().clean(value)
        return None if percent is None else float(f"{percent / 100:.6g}")


class WordsField(forms.CharField):
    """Codes, typed with commas or blanks between them."""

    def clean(self, value: Any) -> list[str]:
        """Return the codes, each once, in order."""
        words = super().clean(value).replace(",", " ").split()
        return list(dict.fromkeys(words))


class NewLaunchForm(forms.Form):
    """What the queue is, and whether it starts as a copy."""

    source = forms.ChoiceField(required=False, label=_("Copy the settings of"))
    title = forms.CharField(max_length=160, label=_("Title"))
    title_zh_hans = forms.CharField(max_length=160, required=False, label=_("Title in Chinese"))
    slug = forms.SlugField(max_length=70, label=_("Short name in addresses"))
    group = forms.CharField(max_length=80, label=_("Group"))
    surface = forms.CharField(max_length=40, label=_("Surface"))
    purpose = forms.ChoiceField(label=_("Purpose"))
    mode = forms.ChoiceField(label=_("Mode"))
    languages = WordsField(required=False, label=_("Languages"))
    markets = WordsField(required=False, label=_("Markets"))
    data_boundary = forms.ChoiceField(required=False, label=_("Data boundary"))
    owner = forms.CharField(max_length=254, label=_("Owner"))
    note = forms.CharField(max_length=400, required=False, label=_("What it is for"))

    def __init__(self, data: Any = None, *, viewer: Viewer, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.sources = {
            one.slug: one
            for one in queues(viewer=viewer).filter(current_version__isnull=False, purpose__in=PURPOSES)
        }
        purposes, modes = purpose_names(), mode_names()
        self._offer("source", [("", "–"), *((slug, title_of(one)) for slug, one in self.sources.items())])
        self._offer("purpose", [(one, purposes[one]) for one in PURPOSES])
        self._offer("mode", [(one, modes[one]) for one, _name in MODES])
        boundaries = DataBoundary.objects.order_by("slug").values_list("slug", "name")
        held = [
            (slug, name)
            for slug, name in boundaries
            if viewer.reaches("queues.change", {"data_boundary": slug})
        ]
        self._offer("data_boundary", [("", "–"), *held])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # each of them is a choice field

    def boundary(self) -> DataBoundary | None:
        """Return the boundary that was chosen."""
        slug = self.cleaned_data["data_boundary"]
        return DataBoundary.objects.get(slug=slug) if slug else None

    def source_queue(self) -> Queue | None:
        """Return the queue whose settings are copied."""
        return self.sources.get(self.cleaned_data["source"])


class PolicyForm(forms.Form):
    """The policy version in force, and the labels offered."""

    policy = forms.ChoiceField(label=_("Policy"))
    label_subset = forms.MultipleChoiceField(
        required=False,
        label=_("Labels offered"),
        help_text=_("None chosen means every label."),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, data: Any, *, settings: Mapping[str, Any]) -> None:
        super().__init__(
            data, initial={"policy": settings["policy"], "label_subset": settings["label_subset"]}
        )
        versions = PolicyVersion.objects.filter(state="published").order_by("policy__slug", "-version")
        named = [f"{slug} v{number}" for slug, number in versions.values_list("policy__slug", "version")]
        if settings["policy"] and settings["policy"] not in named:
            named.append(settings["policy"])
        self.fields["policy"].choices = [("", "–"), *((one, one) for one in named)]  # type: ignore[attr-defined]  # a choice field
        slug, _sep, number = str(settings["policy"]).rpartition(" v")
        labels = Label.objects.filter(
            policy_version__policy__slug=slug, policy_version__version=number or 0, deprecated=False
        )
        self.fields["label_subset"].choices = [  # type: ignore[attr-defined]  # a choice field
            (code, f"{name} ({code})") for code, name in labels.order_by("code").values_list("code", "name")
        ]


class TemplateForm(forms.Form):
    """The template version."""

    template = forms.ChoiceField(label=_("Template"))

    def __init__(self, data: Any, *, settings: Mapping[str, Any]) -> None:
        super().__init__(data, initial={"template": settings["template"]})
        versions = TemplateVersion.objects.order_by("template__slug", "-version")
        named = [f"{slug} v{number}" for slug, number in versions.values_list("template__slug", "version")]
        self.fields["template"].choices = [("", "–"), *((one, one) for one in named)]  # type: ignore[attr-defined]  # a choice field


class TrainingForm(forms.Form):
    """A training queue that exists already."""

    training_queue = forms.ChoiceField(required=False, label=_("Training queue"))
    certification_required = forms.BooleanField(required=False, label=_("Reviewers must be certified"))

    def __init__(self, data: Any, *, settings: Mapping[str, Any], viewer: Viewer) -> None:
        names = ("training_queue", "certification_required")
        super().__init__(data, initial={name: settings[name] for name in names})
        held = queues(viewer=viewer).filter(purpose="training")
        self.fields["training_queue"].choices = [("", "–"), *((one.slug, title_of(one)) for one in held)]  # type: ignore[attr-defined]  # a choice field


class CasesForm(forms.Form):
    """How much is enough."""

    gold_per_label = forms.IntegerField(min_value=1, max_value=1000, label=_("Golden cases a label"))
    boundary_per_label = forms.IntegerField(min_value=0, max_value=1000, label=_("Hard ones among them"))
    certified_per_language = forms.IntegerField(
        min_value=1, max_value=1000, label=_("Certified reviewers a language")
    )

    def __init__(self, data: Any, *, launch: Launch) -> None:
        super().__init__(data, initial={name: getattr(launch, name) for name in self.base_fields})


class CareForm(forms.Form):
    """The class of the content, what people may opt out of, and who is told of decisions."""

    wellness_class = forms.ChoiceField(label=_("Wellness class"))
    topics = WordsField(required=False, label=_("Topics one may opt out of"))
    callback_endpoint = forms.SlugField(required=False, label=_("Decisions are told to"))

    def __init__(self, data: Any, *, settings: Mapping[str, Any]) -> None:
        super().__init__(
            data,
            initial={
                "wellness_class": settings["wellness_class"],
                "topics": ", ".join(settings["topics"]),
                "callback_endpoint": settings["callback_endpoint"],
            },
        )
        words = wellness_names()
        self.fields["wellness_class"].choices = [(one, words[one]) for one in WELLNESS_CLASSES]  # type: ignore[attr-defined]  # a choice field


class TargetsForm(forms.Form):
    """Deadlines by severity, and what is to be reached."""

    on_time_target = PercentField(lowest=1, label=_("Decided in time, per cent"))
    accuracy_floor = PercentField(required=False, label=_("Accuracy surely at least, per cent"))
    agreement_floor = PercentField(required=False, label=_("Agreement (AC1) surely at least, per cent"))

    def __init__(self, data: Any, *, launch: Launch, settings: Mapping[str, Any]) -> None:
        names = ("on_time_target", "accuracy_floor", "agreement_floor")
        super().__init__(data, initial={name: getattr(launch, name) for name in names})
        words = severity_names() | {"default": _("others")}
        for severity in (*SEVERITIES, "default"):
            field = DurationField()
            field.required = False
            field.label = _("SLA: %(severity)s") % {"severity": words[severity]}
            held = settings["sla_seconds"].get(severity)
            field.initial = typed(held) if held else ""
            self.fields[f"sla__{severity}"] = field

    def sla_seconds(self) -> dict[str, int]:
        """Return the seconds by severity; call after `is_valid`."""
        found = {severity: self.cleaned_data[f"sla__{severity}"] for severity in (*SEVERITIES, "default")}
        return {severity: seconds for severity, seconds in found.items() if seconds}


class AuditsForm(forms.Form):
    """What the audits are divided by, and how well accuracy is to be known."""

    stratify_by = forms.ChoiceField(label=_("Divided by"))
    populations = forms.CharField(
        label=_("Reviews a month in each"),
        help_text=_("One a line: the name, a blank, how many reviews."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    half_width = PercentField(lowest=0.1, highest=50, label=_("Half-width, per cent"))
    accuracy = PercentField(lowest=1, highest=99.9, label=_("Accuracy expected, per cent"))

    def __init__(self, data: Any, *, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        self.fields["stratify_by"].choices = [(one, one) for one in STRATA]  # type: ignore[attr-defined]  # a choice field

    def clean_populations(self) -> dict[str, int]:
        """Return the reviews of each stratum."""
        found: dict[str, int] = {}
        for line in self.cleaned_data["populations"].splitlines():
            name, _sep, number = line.strip().rpartition(" ")
            if not line.strip():
                continue
            if not name or not number.isdecimal():
                raise forms.ValidationError(_("Write each line as a name, a blank and a number."))
            found[name.strip()] = int(number)
        return found


class StaffingForm(forms.Form):
    """The forecast of the peak hour, and who is there."""

    arrivals_per_hour = forms.FloatField(min_value=0.001, label=_("Cases in the peak hour"))
    handle_seconds = forms.FloatField(min_value=0.1, label=_("Handle time, seconds"))
    forecast_error = PercentField(label=_("Error of the forecast (standard deviation), per cent"))
    full_time = forms.FloatField(min_value=0, label=_("People employed for that hour"))
    shrinkage = PercentField(highest=95, label=_("Shrinkage, per cent"))
    occupancy_most = PercentField(lowest=5, label=_("Highest occupancy, per cent"))
    gap_limit = PercentField(label=_("Most chance of a gap, per cent"))

    def __init__(self, data: Any, *, initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))


class ProcedureForm(forms.Form):
    """The procedure's first words; later versions are written on the queue's own page."""

    title = forms.CharField(max_length=160, label=_("Title"))
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 12}))
    text_zh_hans = forms.CharField(
        required=False, label=_("Text in Chinese"), widget=forms.Textarea(attrs={"rows": 6})
    )
    required = forms.BooleanField(
        required=False, label=_("Serve cases only to those who confirmed that they read it")
    )

    def __init__(self, data: Any, *, settings: Mapping[str, Any]) -> None:
        super().__init__(data, initial={"required": settings["sop_required"]})


class CanaryForm(forms.Form):
    """The share of the cases that the canary takes."""

    canary_share = PercentField(lowest=0.1, label=_("Share of cases taken, per cent"))
