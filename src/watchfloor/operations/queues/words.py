"""The words people read for a queue: its title, state, mode, purpose, surface and settings."""

from django.utils.translation import get_language, gettext

from watchfloor.operations.policies.models import Policy
from watchfloor.operations.queues.models import LogicalQueue, Queue


def surface_names() -> dict[str, str]:
    """Return the words for the known surfaces in the language in force."""
    return {
        "search": gettext("Search"),
        "comment": gettext("Comments"),
        "message": gettext("Messages"),
        "video": gettext("Video"),
        "live": gettext("Live streams"),
        "account": gettext("Accounts"),
    }


def purpose_names() -> dict[str, str]:
    """Return the words for a queue's purposes."""
    return {
        "production": gettext("Production"),
        "training": gettext("Training"),
        "qa": gettext("Quality assurance"),
        "appeal": gettext("Appeals"),
        "monitor": gettext("Monitoring"),
    }


def state_names() -> dict[str, str]:
    """Return the words for a queue's states."""
    return {
        "draft": gettext("Draft"),
        "configured": gettext("Configured"),
        "policy_bound": gettext("Policy bound"),
        "template_aligned": gettext("Template aligned"),
        "training_ready": gettext("Training ready"),
        "calibrated": gettext("Calibrated"),
        "canary": gettext("Canary"),
        "live": gettext("Live"),
        "paused": gettext("Paused"),
        "recovering": gettext("Recovering"),
        "retired": gettext("Retired"),
    }


def mode_names() -> dict[str, str]:
    """Return the words for a queue's modes."""
    return {
        "label": gettext("One review"),
        "double_review": gettext("Two blind reviews, a third on conflict"),
        "sampled_double": gettext("Double review of a share of the cases"),
        "sample_audit": gettext("One review, a sample is audited"),
        "consensus": gettext("Reviews until enough of them agree"),
    }


def wellness_names() -> dict[str, str]:
    """Return the words for wellness classes."""
    return {"standard": gettext("Standard"), "elevated": gettext("Elevated"), "severe": gettext("Severe")}


def change_state_names() -> dict[str, str]:
    """Return the words for the states of a change request."""
    return {
        "proposed": gettext("Waits for approval"),
        "approved": gettext("Approved, waits for its instant"),
        "applied": gettext("Took effect"),
        "rejected": gettext("Rejected"),
        "withdrawn": gettext("Withdrawn"),
        "failed": gettext("Failed"),
        "rolled_back": gettext("Rolled back"),
    }


def setting_names() -> dict[str, str]:
    """Return the words for a version's settings."""
    return {
        "policy": gettext("Policy"),
        "label_subset": gettext("Labels offered"),
        "template": gettext("Template"),
        "sop_version": gettext("SOP version"),
        "sop_required": gettext("The procedure must be read"),
        "sla_seconds": gettext("Decided within (SLA)"),
        "required_skills": gettext("Skills required"),
        "certification_required": gettext("Certification"),
        "site_shares": gettext("Shares of sites"),
        "escalation_queue": gettext("Escalates to"),
        "double_share": gettext("Share reviewed twice"),
        "lease_seconds": gettext("Time to answer"),
        "priority_lift": gettext("Served earlier by severity classes"),
        "wellness_class": gettext("Wellness class"),
        "topics": gettext("Topics one may opt out of"),
        "sla_rules": gettext("Deadlines by case"),
        "calendar": gettext("Business hours"),
        "site_overflow": gettext("Sites that help out"),
        "overflow_after": gettext("Help is allowed after (share of the SLA)"),
        "starvation_share": gettext("Share served by deadline alone"),
        "consensus_required": gettext("Equal answers needed"),
        "consensus_of": gettext("Most reviews of a case"),
        "gold_share": gettext("Golden cases mixed in"),
        "audit_share": gettext("Share of reviews audited"),
        "qa_plan": gettext("Audit design"),
        "training_queue": gettext("Training queue"),
        "canary_template": gettext("Template on trial"),
        "canary_share": gettext("Share shown in the trial template"),
        "canary_slower_share": gettext("A trial may be slower by at most"),
        "canary_disagreement_share": gettext("A trial may raise disagreement by at most"),
        "intake_share": gettext("Share of cases taken"),
        "callback_endpoint": gettext("Decisions are told to"),
    }


def title_of(queue: Queue) -> str:
    """Return the queue's title in the language in force."""
    return (
        queue.title_zh_hans
        if (get_language() or "").startswith("zh") and queue.title_zh_hans
        else queue.title
    )


def logical_title(logical: LogicalQueue) -> str:
    """Return the logical queue's title in the language in force."""
    chinese = (get_language() or "").startswith("zh")
    return logical.title_zh_hans if chinese and logical.title_zh_hans else logical.title


def policy_title(policy: Policy) -> str:
    """Return the policy's name in the language in force."""
    chinese = (get_language() or "").startswith("zh")
    return policy.name_zh_hans if chinese and policy.name_zh_hans else policy.name


def media_names() -> dict[str, str]:
    """Return the words for kinds of media."""
    return {
        "text": gettext("text"),
        "image": gettext("image"),
        "video": gettext("video"),
        "audio": gettext("audio"),
        "conversation": gettext("conversation"),
    }
