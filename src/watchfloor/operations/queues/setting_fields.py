"""The settings as a form groups and explains them: which stand together, of what kind, what each means."""

from dataclasses import dataclass

from django.utils.translation import gettext

GROUPS = ("content", "deadlines", "serving", "sites", "quality", "trial")

# Setting → (group, kind). The kinds are read and written by `forms`.
FIELDS: dict[str, tuple[str, str]] = {
    "policy": ("content", "choice"),
    "label_subset": ("content", "texts"),
    "template": ("content", "choice"),
    "sop_version": ("content", "choice"),
    "sop_required": ("content", "flag"),
    "wellness_class": ("content", "choice"),
    "topics": ("content", "texts"),
    "sla_seconds": ("deadlines", "by_severity"),
    "calendar": ("deadlines", "choice"),
    "sla_rules": ("deadlines", "rules"),
    "required_skills": ("serving", "choices"),
    "certification_required": ("serving", "flag"),
    "priority_lift": ("serving", "whole"),
    "starvation_share": ("serving", "share"),
    "lease_seconds": ("serving", "duration"),
    "escalation_queue": ("serving", "choice"),
    "callback_endpoint": ("serving", "text"),
    "site_shares": ("sites", "by_site"),
    "site_overflow": ("sites", "texts"),
    "overflow_after": ("sites", "share"),
    "double_share": ("quality", "share"),
    "consensus_required": ("quality", "whole"),
    "consensus_of": ("quality", "whole"),
    "gold_share": ("quality", "share"),
    "audit_share": ("quality", "share"),
    "qa_plan": ("quality", "json"),
    "training_queue": ("quality", "choice"),
    "canary_template": ("trial", "choice"),
    "canary_share": ("trial", "share"),
    "canary_slower_share": ("trial", "share"),
    "canary_disagreement_share": ("trial", "share"),
    "intake_share": ("trial", "share"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that stand together."""

    key: str
    title: str
    about: str


def group_names() -> list[Group]:
    """Return the groups in reading order, in the language in force."""
    words = {
        "content": (gettext("What is asked"), gettext("Policy, form and procedure a reviewer works by.")),
        "deadlines": (gettext("Deadlines"), gettext("Write times like 4h, 1d 12h or 90m.")),
        "serving": (gettext("Who is served what"), gettext("Who may take a case, and in which order.")),
        "sites": (gettext("Sites"), gettext("Shares of the work, and who helps out when a site is late.")),
        "quality": (gettext("Quality"), gettext("Second opinions, golden cases, audits and training.")),
        "trial": (
            gettext("Trials"),
            gettext("Try a template, or the queue itself, on a share of the cases."),
        ),
    }
    return [Group(key, *words[key]) for key in GROUPS]


def setting_helps() -> dict[str, str]:
    """Return what a setting means, where its name does not say it."""
    return {
        "label_subset": gettext("Codes, one a line. Empty offers every label of the policy."),
        "sop_required": gettext(
            "Only those who confirmed that they read the version in force are served cases."
        ),
        "topics": gettext("One a line."),
        "sla_seconds": gettext("A severity left empty takes the time of the others."),
        "calendar": gettext("With a calendar, deadlines count its open hours unless a rule says otherwise."),
        "sla_rules": gettext(
            "Asked in order; the first that matches sets the deadline. Commas set values apart; an empty "
            "field matches everything."
        ),
        "priority_lift": gettext("0 serves by severity alone."),
        "starvation_share": gettext("Keeps low severities from waiting for ever."),
        "site_shares": gettext("In per cent. All empty: every site serves it alike."),
        "site_overflow": gettext("Codes of sites in the order in which they help, one a line."),
        "consensus_required": gettext("In consensus mode only."),
        "consensus_of": gettext("In consensus mode only."),
        "qa_plan": gettext("JSON."),
        "canary_share": gettext("The case decides which template it is shown in, so it never changes."),
        "canary_slower_share": gettext(
            "When the whole interval of the difference lies above this, the trial cannot become the template."
        ),
        "canary_disagreement_share": gettext("In points of the cases reviewed twice; by its interval too."),
        "intake_share": gettext("Of a queue in canary; the other cases are routed on."),
    }
