"""The words people read for deliveries, restrictions, appeals and statements."""

from django.utils.translation import gettext


def delivery_state_names() -> dict[str, str]:
    """Return the words for the states of a delivery."""
    return {
        "dead": gettext("Dead letter"),
        "failed": gettext("Trying again"),
        "pending": gettext("Waiting"),
        "delivered": gettext("Delivered"),
    }


def kind_names() -> dict[str, str]:
    """Return the words for what a delivery tells of."""
    return {
        "made": gettext("Decision made"),
        "withdrawn": gettext("Decision withdrawn"),
        "lifted": gettext("Restriction lifted"),
    }


def restriction_names() -> dict[str, str]:
    """Return the words for types of restriction."""
    return {
        "removed": gettext("Removed"),
        "disabled": gettext("Access disabled"),
        "demoted": gettext("Shown less"),
        "age_restricted": gettext("Age restricted"),
        "interaction_restricted": gettext("Interaction restricted"),
        "labelled": gettext("Labelled"),
        "monetary_suspended": gettext("Payments suspended"),
        "monetary_terminated": gettext("Payments ended"),
        "service_partly_suspended": gettext("Part of the service suspended"),
        "service_suspended": gettext("Service suspended"),
        "service_partly_terminated": gettext("Part of the service ended"),
        "service_terminated": gettext("Service ended"),
        "account_suspended": gettext("Account suspended"),
        "account_terminated": gettext("Account closed"),
    }


def appeal_kind_names() -> dict[str, str]:
    """Return the words for kinds of appeal."""
    return {
        "internal_complaint": gettext("Internal complaint"),
        "counter_notice": gettext("Counter-notice"),
        "out_of_court": gettext("Out-of-court settlement"),
        "correction": gettext("Request for correction"),
    }


def role_names() -> dict[str, str]:
    """Return the words for who complains."""
    return {
        "user": gettext("User"),
        "notifier": gettext("Notifier"),
        "trusted_flagger": gettext("Trusted flagger"),
        "authority": gettext("Authority"),
        "business": gettext("Business"),
    }


def subject_names() -> dict[str, str]:
    """Return the words for what is appealed."""
    return {
        "visibility": gettext("Visibility of content"),
        "service": gettext("Provision of the service"),
        "account": gettext("Account"),
        "monetisation": gettext("Monetisation"),
        "no_action": gettext("No action on a notice"),
        "no_action_flagger": gettext("No action on a trusted flagger's notice"),
    }


def outcome_names() -> dict[str, str]:
    """Return the words for outcomes of an appeal; the empty one is still open."""
    return {
        "": gettext("Open"),
        "upheld": gettext("Upheld"),
        "partially_reversed": gettext("Reversed in part"),
        "reversed": gettext("Reversed"),
        "withdrawn": gettext("Taken back"),
        "omitted": gettext("Set aside"),
    }


def statement_state_names() -> dict[str, str]:
    """Return the words for the states of a statement."""
    return {
        "faulty": gettext("Faulty"),
        "ready": gettext("Ready"),
        "rejected": gettext("Rejected"),
        "accepted": gettext("Accepted"),
    }
