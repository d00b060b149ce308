"""Gates that people answer: golden cases, certified reviewers, and how well the pilot went."""

from django.urls import reverse
from django.utils.translation import gettext

from watchfloor.operations.launches.gate import FAIL, PASS, UNKNOWN, Finding, Situation
from watchfloor.operations.launches.people_ready import (
    certified_by_language,
    gold_by_label,
    pilot_accuracy,
    pilot_agreement,
)

_SHOWN = 6


def _no_launch(at: Situation) -> Finding:
    return Finding(
        UNKNOWN,
        gettext("No launch is open for this queue, so nothing says how much is enough."),
        gettext("Open its launch."),
        reverse("launches:detail", args=[at.queue.slug]),
    )


def cases_are_gold(at: Situation) -> Finding:
    """Gate 6: each label has enough golden cases, hard ones among them; gold is adjudicated by two people."""
    if at.launch is None:
        return _no_launch(at)
    if at.version is None or at.version.policy_version_id is None:
        return Finding(FAIL, gettext("No policy version is bound."), gettext("Bind one."), at.step(1))
    needed, hard = at.launch.gold_per_label, at.launch.boundary_per_label
    labels = gold_by_label(at)
    short = [one for one in labels.values() if one.standing < needed or one.hard < hard]
    if short or not labels:
        told = ", ".join(f"{one.label} {one.standing} ({one.hard})" for one in short[:_SHOWN])
        more = " …" if len(short) > _SHOWN else ""
        return Finding(
            FAIL,
            gettext(
                "Each label needs %(needed)s golden cases, %(hard)s of them hard. "
                "Short, with hard ones in brackets: %(labels)s."
            )
            % {"needed": needed, "hard": hard, "labels": told + more},
            gettext("Nominate cases and have two people adjudicate each."),
            at.step(6),
        )
    return Finding(
        PASS,
        gettext("%(count)s golden cases stand, at least %(least)s a label, each adjudicated by two people.")
        % {
            "count": sum(one.standing for one in labels.values()),
            "least": min(one.standing for one in labels.values()),
        },
    )


def people_are_certified(at: Situation) -> Finding:
    """Gate 7: each language has enough people certified on the bound policy who may be served."""
    if at.launch is None:
        return _no_launch(at)
    if at.version is None or at.version.policy_version_id is None:
        return Finding(FAIL, gettext("No policy version is bound."), gettext("Bind one."), at.step(1))
    needed = at.launch.certified_per_language
    counts = {language: len(ids) for language, ids in certified_by_language(at).items()}
    told = ", ".join(f"{language or '–'} {count}" for language, count in counts.items())
    if any(count < needed for count in counts.values()):
        return Finding(
            FAIL,
            gettext("Certified on the bound policy: %(counts)s; each language needs %(needed)s.")
            % {"counts": told, "needed": needed},
            gettext("Train and certify more people."),
            at.step(7),
        )
    return Finding(
        PASS,
        gettext("Certified on the bound policy: %(counts)s. Shifts are not known here, so not by interval.")
        % {"counts": told},
    )


def pilot_is_good(at: Situation) -> Finding:
    """Gate 8: the lower bounds of the pilot's accuracy and AC1 reach the floors that a person set."""
    if at.launch is None:
        return _no_launch(at)
    floor, agreed_floor = at.launch.accuracy_floor, at.launch.agreement_floor
    if floor is None or agreed_floor is None:
        return Finding(
            UNKNOWN,
            gettext("Nobody has said what accuracy and agreement are enough."),
            gettext("Set the targets."),
            at.step(10),
        )
    accuracy, agreement = pilot_accuracy(at), pilot_agreement(at)
    if accuracy is None or agreement is None:
        missing = gettext("answers") if accuracy is None else gettext("cases that two people answered")
        return Finding(
            UNKNOWN,
            gettext("The pilot has no %(missing)s yet.") % {"missing": missing},
            gettext("Have the trainees answer, at least two of them the same cases."),
            at.step(8),
        )
    told = gettext(
        "Accuracy %(right)s of %(answers)s, surely at least %(low)s (floor %(floor)s); "
        "AC1 %(value)s over %(items)s cases, surely at least %(agreed)s (floor %(agreed_floor)s)."
    ) % {
        "right": accuracy.right,
        "answers": accuracy.answers,
        "low": f"{accuracy.low:.3f}",
        "floor": f"{floor:.3f}",
        "value": f"{agreement.value:.3f}",
        "items": agreement.items,
        "agreed": f"{agreement.low:.3f}",
        "agreed_floor": f"{agreed_floor:.3f}",
    }
    if accuracy.low < floor or agreement.low < agreed_floor:
        return Finding(
            FAIL,
            told,
            gettext("Train on, or look at the labels that people confuse: more answers narrow the bounds."),
            at.step(8),
        )
    return Finding(PASS, told)
