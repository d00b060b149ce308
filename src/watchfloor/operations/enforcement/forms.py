"""What the pages of enforcement ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from watchfloor.operations.enforcement.models import LONGEST_ADDRESS
from watchfloor.operations.people.models import DataBoundary


class EndpointForm(forms.Form):
    """An endpoint's address, boundary and whether it is told."""

    url = forms.CharField(label=_("Address"), max_length=LONGEST_ADDRESS, required=False)
    active = forms.BooleanField(label=_("Tell it decisions"), required=False)
    boundary = forms.ChoiceField(label=_("Data boundary"), required=False)

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        known = DataBoundary.objects.order_by("slug").values_list("slug", "name")
        field = self.fields["boundary"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 -- declared so above
        field.choices = [("", _("outside every boundary")), *known]


class NewEndpointForm(forms.Form):
    """A new endpoint's name and address."""

    slug = forms.SlugField(label=_("Name"), max_length=50)
    url = forms.CharField(label=_("Address"), max_length=LONGEST_ADDRESS)


class SettlementForm(forms.Form):
    """An outcome given by hand."""

    outcome = forms.CharField(max_length=20)
    implemented = forms.NullBooleanField(required=False)
