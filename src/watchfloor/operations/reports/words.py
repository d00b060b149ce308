"""How states, steps, fields and causes of the reports are called, in the language in force."""

from django.utils.translation import gettext


def state_names() -> dict[str, str]:
    """Return what each state of a report is called."""
    return {"draft": gettext("Draft"), "frozen": gettext("Frozen"), "published": gettext("Published")}


def act_names() -> dict[str, str]:
    """Return what each line of the freeze log is called."""
    return {
        "drawn": gettext("Numbers drawn"),
        "frozen": gettext("Frozen"),
        "published": gettext("Published"),
        "restated": gettext("Restated"),
    }


def step_names() -> dict[str, str]:
    """Return the steps in which a provider types in what no record holds."""
    return {
        "provider": gettext("Provider"),
        "orders": gettext("Orders of Member States"),
        "recipients": gettext("Active recipients"),
        "words": gettext("Qualitative texts"),
        "labels": gettext("What the log's labels stand for"),
    }


def field_names() -> dict[str, str]:
    """Return what the fields of the steps are called."""
    return {
        "provider": gettext("Name of the service provider"),
        "service": gettext("Name of the service"),
        "published_on": gettext("Date of publication"),
        "previous_on": gettext("Date of the latest previous report"),
        "is_hosting": gettext("A hosting service: notices apply"),
        "is_very_large": gettext("A very large platform or search engine: people and recipients apply"),
        "multi_category": gettext("One measure may count in several categories"),
        "multi_restriction": gettext("One measure may carry several restrictions"),
        "carry_over": gettext("Complaints carried over from the period before"),
        "manifestly_illegal": gettext("Suspensions for manifestly illegal content"),
        "unfounded_notices": gettext("Suspensions for unfounded notices"),
        "unfounded_complaints": gettext("Suspensions for unfounded complaints"),
        "orders": gettext(
            "One a line: category; keyword; scope; up to seven numbers. Blank is absent, 0 is none."
        ),
        "assigned": gettext("One a line: label or queue; category; keyword; law or terms; restriction."),
        "TOTAL": gettext("In total"),
    }


def cause_names() -> dict[str, str]:
    """Return what stands between the measures of the report and the statements of reasons."""
    return {
        "measures": gettext("Measures counted from the facts"),
        "no_record": gettext("decided before the record began: no statement could be built"),
        "withdrawn": gettext("withdrawn before a statement was built"),
        "replaced": gettext("replaced by a correction, which is stated instead"),
        "lifted": gettext("lifted before a statement was built"),
        "waiting": gettext("no statement was built yet"),
        "lagging": gettext("stated, and not in these facts yet"),
        "residual": gettext("Explained by nothing"),
        "statements": gettext("Statements of reasons of the period"),
    }
