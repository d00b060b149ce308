"""What the wellbeing pages ask for, read and checked."""

from typing import Any

from django import forms

from watchfloor.operations.people.models import Site
from watchfloor.operations.wellbeing.care import (
    CONTACT_KINDS,
    INCIDENT_STATES,
    LIMITED_CLASSES,
    MEASURES,
    SPANS,
    WELLNESS_CLASSES,
)
from watchfloor.operations.wellbeing.presentation import ASPECTS

_CHOICE = {"": None, "yes": True, "no": False}


def _pairs(values: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


class CapForm(forms.Form):
    """A cap."""

    wellness_class = forms.ChoiceField(choices=_pairs(LIMITED_CLASSES))
    span = forms.ChoiceField(choices=_pairs(SPANS))
    measure = forms.ChoiceField(choices=_pairs(MEASURES))
    most = forms.IntegerField(min_value=0, max_value=100_000)
    site = forms.ModelChoiceField(Site.objects.all(), to_field_name="slug", required=False)
    reason = forms.CharField(max_length=400, required=False)


class OverrideForm(forms.Form):
    """A cap raised for one person, for some hours."""

    wellness_class = forms.ChoiceField(choices=_pairs(LIMITED_CLASSES))
    span = forms.ChoiceField(choices=_pairs(SPANS))
    measure = forms.ChoiceField(choices=_pairs(MEASURES))
    most = forms.IntegerField(min_value=0, max_value=100_000)
    hours = forms.IntegerField(min_value=1, max_value=24)
    reason = forms.CharField(max_length=400, min_length=10)


class RhythmForm(forms.Form):
    """Severe cases in a row, what comes between, when a day begins."""

    max_consecutive = forms.IntegerField(min_value=1, max_value=1000, required=False)
    cool_down_cases = forms.IntegerField(min_value=0, max_value=1000)
    cool_down_minutes = forms.IntegerField(min_value=1, max_value=1440)
    day_starts_hour = forms.IntegerField(min_value=0, max_value=23, required=False)
    site = forms.ModelChoiceField(Site.objects.all(), to_field_name="slug", required=False)


class OwnRhythmForm(forms.Form):
    """A person's own rhythm; an empty number in a row takes it back."""

    max_consecutive = forms.IntegerField(min_value=1, max_value=1000, required=False)
    cool_down_cases = forms.IntegerField(min_value=0, max_value=1000)
    cool_down_minutes = forms.IntegerField(min_value=1, max_value=1440)


class PresentationForm(forms.Form):
    """How media of a class is shown: yes, no, or as the level above says."""

    wellness_class = forms.ChoiceField(choices=_pairs(WELLNESS_CLASSES))

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for aspect in ASPECTS:
            self.fields[aspect] = forms.ChoiceField(choices=_pairs(tuple(_CHOICE)), required=False)

    @property
    def aspects(self) -> dict[str, bool | None]:
        """What was chosen of each aspect."""
        return {aspect: _CHOICE[self.cleaned_data[aspect]] for aspect in ASPECTS}


class ContactForm(forms.Form):
    """Somebody to talk to."""

    name = forms.CharField(max_length=120)
    kind = forms.ChoiceField(choices=_pairs(CONTACT_KINDS))
    reach = forms.CharField(max_length=254)
    site = forms.ModelChoiceField(Site.objects.all(), to_field_name="slug", required=False)


class TellForm(forms.Form):
    """Something hard, told in private; words are not needed."""

    told = forms.CharField(max_length=8000, required=False)
    wants_contact = forms.BooleanField(required=False)


class FollowUpForm(forms.Form):
    """A note on a private record, and where it stands."""

    state = forms.ChoiceField(choices=_pairs(INCIDENT_STATES))
    note = forms.CharField(max_length=8000, required=False)
