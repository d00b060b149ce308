"""Words of the catalogue's pages."""

from django.utils.translation import gettext


def state_names() -> dict[str, str]:
    """Return the words for states of definitions and proposals."""
    return {
        "in_force": gettext("In force"),
        "draft": gettext("Draft"),
        "proposed": gettext("Proposed"),
        "approved": gettext("Approved"),
        "rejected": gettext("Rejected"),
        "withdrawn": gettext("Withdrawn"),
        "retired": gettext("Retired"),
    }


def family_names() -> dict[str, str]:
    """Return the words for the families of metrics."""
    return {
        "efficiency": gettext("Efficiency"),
        "quality": gettext("Quality"),
        "people": gettext("People"),
        "capacity": gettext("Capacity"),
    }
