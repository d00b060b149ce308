"""The words people read for severities and actions."""

from django.utils.translation import gettext


def severity_names() -> dict[str, str]:
    """Return the words for severities."""
    return {
        "critical": gettext("Critical"),
        "high": gettext("High"),
        "medium": gettext("Medium"),
        "low": gettext("Low"),
    }


def action_names() -> dict[str, str]:
    """Return the words for actions."""
    return {
        "none": gettext("No action"),
        "remove": gettext("Remove"),
        "remove_and_refer": gettext("Remove and refer"),
        "disable": gettext("Disable access"),
        "demote": gettext("Demote"),
        "age_restrict": gettext("Restrict by age"),
        "interaction_restrict": gettext("Restrict interaction"),
        "label": gettext("Label"),
        "demonetise": gettext("Demonetise"),
        "suspend_service": gettext("Suspend the service"),
        "terminate_service": gettext("Terminate the service"),
        "restrict_contact": gettext("Restrict contact"),
        "lock_account": gettext("Lock the account"),
        "suspend_account": gettext("Suspend the account"),
        "terminate_account": gettext("Terminate the account"),
        "escalate": gettext("Escalate"),
    }
