"""The words people read in quality: states, kinds and units, in the language in force."""

from django.utils.translation import gettext

from watchfloor.operations.policies.words import action_names


def gold_state_names() -> dict[str, str]:
    """Return the words for where a golden case stands."""
    return {
        "nominated": gettext("Awaits adjudication"),
        "contested": gettext("Contested"),
        "standing": gettext("Stands"),
        "expired": gettext("Expired"),
        "rejected": gettext("Not taken"),
    }


def strictness_names() -> dict[str, str]:
    """Return the words for the four numbers of a sequential test, all in per cent."""
    return {
        "failing": gettext("Must not pass: right answers, %"),
        "passing": gettext("Must pass: right answers, %"),
        "false_pass": gettext("Chance to pass by luck, %"),
        "false_fail": gettext("Chance to fail by bad luck, %"),
    }


def training_state_names() -> dict[str, str]:
    """Return the words for where a training stands."""
    return {
        "training": gettext("In training"),
        "graduated": gettext("Certified"),
        "failed": gettext("Not passed"),
        "superseded": gettext("Policy changed"),
    }


def training_kind_names() -> dict[str, str]:
    """Return the words for why somebody trains."""
    return {"first": gettext("First certification"), "recertification": gettext("Recertification")}


def design_kind_names() -> dict[str, str]:
    """Return the words for how a design draws."""
    return {
        "simple": gettext("Simple random"),
        "stratified": gettext("Stratified"),
        "systematic": gettext("Systematic"),
    }


def unit_kind_names() -> dict[str, str]:
    """Return the words for what a design draws."""
    return {"review": gettext("Single reviews"), "decision": gettext("Single decisions")}


def stratum_names() -> dict[str, str]:
    """Return the words for what a design may divide its frame by."""
    return {
        "queue": gettext("Queue"),
        "language": gettext("Language"),
        "market": gettext("Market"),
        "action": gettext("Action"),
        "violative": gettext("Violation found"),
        "severity": gettext("Severity found"),
        "strategy": gettext("Strategy"),
        "site": gettext("Site"),
        "team": gettext("Team"),
        "turn": gettext("Turn"),
        "wellness": gettext("Wellness class"),
    }


def stratum_words(stratum: str) -> list[str]:
    """Return what a stratum is divided by, each with its value, in words."""
    names = stratum_names()
    values = {
        "action": action_names(),
        "violative": {"violative": gettext("Yes"), "benign": gettext("No")},
    }
    pairs = [part.partition("=") for part in stratum.split("|") if part]
    return [f"{names.get(name, name)}: {values.get(name, {}).get(value, value)}" for name, _, value in pairs]


def allocation_names() -> dict[str, str]:
    """Return the words for how a sample is divided between strata."""
    return {
        "proportional": gettext("In proportion"),
        "equal": gettext("Equally"),
        "neyman": gettext("By expected errors (Neyman)"),
    }
