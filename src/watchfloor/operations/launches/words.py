"""The words people read of launches: steps, what each asks, statuses, and what a page may do next."""

from django.utils.translation import gettext


def step_names() -> dict[str, str]:
    """Return the words for the wizard's steps, in their order."""
    return {
        "policy": gettext("Policy"),
        "template": gettext("Template"),
        "training": gettext("Training and pilot"),
        "cases": gettext("Cases and people"),
        "boundary": gettext("Boundary and care"),
        "targets": gettext("SLA and targets"),
        "audits": gettext("Audit plan"),
        "staffing": gettext("Staffing"),
        "procedure": gettext("Procedure"),
        "canary": gettext("Canary"),
        "rollback": gettext("Way back"),
    }


def step_leads() -> dict[str, str]:
    """Return what each step is about, in a sentence."""
    return {
        "policy": gettext("Which policy decides, and which of its labels reviewers may choose here."),
        "template": gettext("Which form reviewers fill in."),
        "training": gettext(
            "Where people train without enforcing anything, and a pilot that takes cases before the launch, "
            "so that experts find golden cases."
        ),
        "cases": gettext("How many golden cases and certified people are enough, and how many there are."),
        "boundary": gettext(
            "A synthetic case goes round and outsiders try every door; nothing of it remains. "
            "Care settings follow the class of the content."
        ),
        "targets": gettext(
            "What is promised, and what the pilot must surely reach. The product ships no values."
        ),
        "audits": gettext(
            "How many reviews a stratum are audited so that accuracy is known to a half-width."
        ),
        "staffing": gettext("Whether enough people are there in the peak hour; a person signs it."),
        "procedure": gettext("The written procedure, and who has read it."),
        "canary": gettext("A share of the cases first; then live."),
        "rollback": gettext("The switch is thrown before it is needed."),
    }


def status_names() -> dict[str, str]:
    """Return the words for a gate's status."""
    return {"pass": gettext("Passes"), "fail": gettext("Fails"), "unknown": gettext("Not known")}


def evidence_words() -> dict[str, str]:
    """Return the words for what tests keep: their steps, who tried, and at which door."""
    return {
        "enqueue": gettext("Enqueued"),
        "assign": gettext("Assigned"),
        "submit": gettext("Submitted"),
        "logical": gettext("Held by its logical queues"),
        "decide": gettext("Decided"),
        "callback": gettext("Called back"),
        "paused": gettext("Paused"),
        "on again": gettext("On again"),
        "pause and go on, for real": gettext("Paused and on again, for real"),
        "insider": gettext("somebody who may"),
        "a reviewer switched off": gettext("a reviewer switched off"),
        "a reviewer outside every boundary": gettext("a reviewer outside every boundary"),
        "a reviewer inside another boundary": gettext("a reviewer inside another boundary"),
        "a reviewer without the certification": gettext("a reviewer without the certification"),
        "a reviewer without the skills": gettext("a reviewer without the skills"),
        "a reviewer without the language": gettext("a reviewer without the language"),
        "an administrator outside every boundary": gettext("an administrator outside every boundary"),
        "an administrator inside another boundary": gettext("an administrator inside another boundary"),
        "claim": gettext("claim a case"),
        "see the queue": gettext("see the queue"),
        "list the queues": gettext("list the queues"),
        "see the case": gettext("see the case"),
        "search for the object": gettext("search for the object"),
        "count the queue's cases": gettext("count the queue's cases"),
        "read the table behind the pages": gettext("read the table behind the pages"),
        "send a case there": gettext("send a case there"),
    }


def move_names() -> dict[str, str]:
    """Return the words for the ways a launch may go."""
    return {
        "advance": gettext("Check the gates again"),
        "canary": gettext("Start the canary"),
        "promote": gettext("Promote to live"),
        "pause": gettext("Pause"),
        "back": gettext("Back to the canary"),
        "resume_canary": gettext("Go on in the canary"),
        "resume_live": gettext("Go on live"),
        "open_through": gettext("Run its tests and open it"),
    }
