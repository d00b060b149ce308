"""The parts of quality as tabs, and the way a refused act is shown on its own page."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from watchfloor.operations.people.pages import PageRequest


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of quality."""

    name: str
    url: str
    is_current: bool


def tabs(request: PageRequest, current: str) -> list[Tab]:
    """Return the tabs with the page that is shown marked."""
    del request
    parts = (
        ("overview", gettext("Overview")),
        ("gold", gettext("Golden cases")),
        ("training", gettext("Training")),
        ("certifications", gettext("Certifications")),
        ("designs", gettext("Sampling designs")),
    )
    return [Tab(name, reverse(f"quality:{key}"), key == current) for key, name in parts]
