"""Says what a number can be split by, in the language in force."""

from django.utils.translation import gettext


def dimension_names() -> dict[str, str]:
    """Return the words for each dimension in the language in force."""
    return {
        "queue": gettext("Queue"),
        "surface": gettext("Surface"),
        "purpose": gettext("Purpose"),
        "strategy": gettext("Strategy"),
        "language": gettext("Language"),
        "market": gettext("Market"),
        "data_boundary": gettext("Data boundary"),
        "site": gettext("Site"),
        "team": gettext("Team"),
        "employer": gettext("Employer"),
        "tenure_band": gettext("Tenure"),
        "reviewer": gettext("Reviewer"),
        "policy_version": gettext("Policy version"),
        "label": gettext("Label"),
        "cause": gettext("Cause"),
        "hour": gettext("Hour of day"),
        "weekday": gettext("Weekday"),
    }
