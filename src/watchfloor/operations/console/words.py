"""The words of the console that data chooses: reasons, states, why there is no case, texts for scripts."""

from django.utils.translation import gettext, ngettext

from watchfloor.operations.console.emptiness import LISTED, Emptiness


def wellness_names() -> dict[str, str]:
    """Return the words for wellness classes, as the notice before a case says them."""
    return {
        "standard": gettext("Standard"),
        "elevated": gettext("May be upsetting"),
        "severe": gettext("Severe"),
    }


def skip_reasons() -> list[tuple[str, str]]:
    """Return the reasons for skipping a case, by the word that is recorded."""
    return [
        ("language", gettext("I do not read this language well enough")),
        ("topic", gettext("I would rather not see this topic")),
        ("media", gettext("The content does not load")),
        ("conflict", gettext("I know somebody in it")),
        ("wrong queue", gettext("It does not belong in this queue")),
        ("other", gettext("Another reason")),
    ]


def hold_choices() -> list[tuple[int, str]]:
    """Return the spans for which a case may be set aside, in hours."""
    return [(hours, ngettext("{n} hour", "{n} hours", hours).format(n=hours)) for hours in (1, 4, 24, 72)]


def state_names() -> dict[str, str]:
    """Return the words for what a reviewer is doing."""
    return {
        "handling": gettext("In a case"),
        "available": gettext("Available"),
        "break": gettext("On a break"),
        "wellness": gettext("Wellness time"),
        "training": gettext("In training"),
        "meeting": gettext("In a meeting"),
        "offline": gettext("Away"),
    }


def obstacle_names() -> dict[str, str]:
    """Return the words for what keeps a queue's cases from somebody."""
    return {
        "language": gettext("serves languages you are not listed for"),
        "skill": gettext("asks for a skill you do not have yet"),
        "site": gettext("is worked on at other sites"),
        "certification": gettext("needs a certification on its current policy version"),
        "procedure": gettext("asks you to read its procedure first"),
        "resting": gettext("rests for you until your exposure limit frees up"),
        "opted_out": gettext("holds a topic you opted out of"),
    }


def empty_words(empty: Emptiness) -> dict[str, object]:
    """Return the heading, the explanation and the closed queues of an empty console."""
    texts = {
        "no_queue": (
            gettext("No queue is open to you"),
            gettext(
                "Each queue asks for something you are not set up for yet. Your team lead can change it."
            ),
        ),
        "resting": (
            gettext("Your limit for today's difficult content is reached"),
            gettext("The cases go to others, and nothing is expected of you. Other content comes by itself."),
        ),
        "seen": (
            gettext("What waits was already with you"),
            gettext("Nobody reviews a case twice. New ones come to you as they arrive."),
        ),
        "elsewhere": (
            gettext("What waits is with other sites for now"),
            gettext("It comes to you by itself if they do not get to it in time."),
        ),
        "no_backlog": (
            gettext("Nothing waits in your queues"),
            gettext("Every case that is yours to review is in good hands. This page looks again by itself."),
        ),
    }
    title, text = texts[empty.kind]
    names = obstacle_names()
    # What the person can open by themselves stands first.
    closed = sorted(empty.closed, key=lambda one: one.obstacle != "procedure")
    if empty.kind == "no_queue" and closed and closed[0].obstacle == "procedure":
        title = gettext("A procedure waits to be read")
        text = gettext("Read it and confirm that you did; then its cases come to you.")
    return {
        "title": title,
        "text": text,
        "closed": [(one, names[one.obstacle]) for one in closed[:LISTED]],
        "more": max(0, len(empty.closed) - LISTED),
    }


def page_words() -> dict[str, str]:
    """Return the texts that the console's script needs."""
    return {
        "sent": gettext("Answer ready to send"),
        "sending_in": gettext("goes out in {n} s"),
        "skipped": gettext("Left to somebody else"),
        "returned": gettext("Put back"),
        "escalated": gettext("Sent up"),
        "held": gettext("Set aside"),
        "moved": gettext("Sent on"),
        "undone": gettext("Taken back. Nothing was sent."),
        "recorded": gettext("Recorded"),
        "stale_title": gettext("This case went on without you"),
        "stale_text": gettext(
            "Its lease ended before the answer arrived, so it was not recorded. "
            "What you wrote is kept here, and comes back if the case does."
        ),
        "offline": gettext("The server cannot be reached. Your answers are kept and sent as soon as it can."),
        "finished": gettext("{n} today"),
        "held_until": gettext("Yours until {time}"),
        "held_renews": gettext("Yours while you work"),
        "ended": gettext("The lease has ended"),
        "draft_kept": gettext("Draft kept"),
        "draft_back": gettext("Your draft is back"),
        "choose": gettext("Choose a label, or say that there is no violation."),
        "needed": gettext("This is needed."),
        "number": gettext("Write a number."),
        "none_found": gettext("No label fits"),
        "failed": gettext("This did not work. Nothing was lost; try again."),
        "show": gettext("Show"),
        "hide": gettext("Hide"),
        "play": gettext("Play"),
        "pause": gettext("Pause"),
        "sound_on": gettext("Sound on"),
        "sound_off": gettext("Sound off"),
        "new_case": gettext("Next case: {queue}"),
        "none_alike": gettext("No waiting case looks like this one."),
        "answer_all": gettext("Answer {n} cases"),
        "cases": gettext("{n} cases"),
        "answered": gettext("{n} cases answered."),
        "left_out": gettext("{n} went on without you and were left."),
        "loading": gettext("Looking for a case…"),
        "media_failed": gettext("The media could not be loaded."),
    }


def case_state_names() -> dict[str, str]:
    """Return the words for where a case stands."""
    return {
        "waiting": gettext("Waiting"),
        "in_review": gettext("In review"),
        "decided": gettext("Decided"),
        "escalated": gettext("Sent up"),
        "on_hold": gettext("Set aside"),
        "closed": gettext("Closed without a decision"),
    }


def kind_names() -> dict[str, str]:
    """Return the words for the kinds of a review."""
    return {
        "first": gettext("First review"),
        "second": gettext("Second review"),
        "third": gettext("Third review"),
        "audit": gettext("Audit"),
        "correction": gettext("Correction"),
    }


def outcome_names() -> dict[str, str]:
    """Return the words for how a turn ended."""
    return {
        "submitted": gettext("answered"),
        "skipped": gettext("skipped"),
        "timeout": gettext("lease ended"),
        "returned": gettext("put back"),
        "escalated": gettext("sent up"),
    }


def rule_names() -> dict[str, str]:
    """Return the words for the rules by which reviews become a decision."""
    return {
        "last_turn": gettext("decided by the review"),
        "majority": gettext("both reviews agree"),
        "third_breaks_tie": gettext("the third review decides"),
        "consensus_posterior": gettext("decided by consensus"),
        "correction_wins": gettext("corrected"),
        "imported": gettext("imported"),
    }


def verdict_names() -> dict[str, str]:
    """Return the words for what an audit found."""
    return {"correct": gettext("Correct"), "incorrect": gettext("Not correct")}


def error_severity_names() -> dict[str, str]:
    """Return the words for how grave an error is."""
    return {"critical": gettext("Critical"), "major": gettext("Major"), "minor": gettext("Minor")}


def cause_names() -> dict[str, str]:
    """Return the words for why an error happened."""
    return {
        "policy_unclear": gettext("The policy is unclear"),
        "training": gettext("Training"),
        "tool": gettext("The tool"),
        "strategy": gettext("The strategy that sent it"),
        "human": gettext("Oversight"),
        "gold_wrong": gettext("The reference was wrong"),
    }


def level_names() -> dict[str, str]:
    """Return the words for whose turn a dispute is."""
    return {
        "reviewer": gettext("With the reviewer"),
        "qa": gettext("With quality assurance"),
        "adjudicator": gettext("With an adjudicator"),
        "policy": gettext("With the owner of the policy"),
    }


def ruling_names() -> dict[str, str]:
    """Return the words for the acts of a dispute."""
    return {
        "filed": gettext("Disputed"),
        "upheld": gettext("The reviewer was right"),
        "rejected": gettext("The audit stands"),
        "escalated": gettext("Taken further"),
        "referred": gettext("Referred one level up"),
        "grey": gettext("Grey case: the policy does not decide it"),
        "accepted": gettext("Accepted"),
        "lapsed": gettext("Time ran out"),
    }
