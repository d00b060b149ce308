"""What is wrong with a queue's design: deadlines, sites, consensus, shares, template, training."""

import re
from typing import Any

from watchfloor.operations.people.models import Site
from watchfloor.operations.policies.models import Label
from watchfloor.operations.policies.vocabulary import SEVERITIES
from watchfloor.operations.queues.answers import faults
from watchfloor.operations.queues.deadlines import CLOCKS, CONDITIONS, business_hours, calendar_faults
from watchfloor.operations.queues.models import QueueVersion, Sop
from watchfloor.operations.queues.template_faults import fit_faults

LONGEST_SLA_SECONDS = 366 * 86400
LONGEST_SLA_WEEKS = 104
MOST_REVIEWS = 9
_TOPIC = re.compile(r"\A[a-z0-9][a-z0-9_-]{0,39}\Z")
_VALUES = {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
_RULE = {
    "type": "object",
    "required": ["seconds"],
    "additionalProperties": False,
    "properties": {
        "severity": _VALUES | {"items": {"enum": list(SEVERITIES)}},
        "source": _VALUES,
        "market": _VALUES | {"items": {"type": "string", "pattern": "^[A-Z]{2}$"}},
        "seconds": {"type": "number", "minimum": 1, "maximum": LONGEST_SLA_SECONDS},
        "clock": {"enum": list(CLOCKS)},
    },
}
_SHARES = {
    "overflow_after": "The share of the SLA after which others help",
    "starvation_share": "The share served by deadline alone",
    "gold_share": "The share of golden cases",
    "audit_share": "The share of reviews audited",
    "canary_share": "The share shown in the trial template",
    "canary_slower_share": "The share by which a trial may be slower",
    "canary_disagreement_share": "The share by which a trial may raise disagreement",
    "intake_share": "The share of cases taken",
}


def design_faults(version: QueueVersion) -> list[str]:
    """Return what is wrong with the design, one sentence each; empty when it holds."""
    return [
        *_rule_faults(version),
        *_calendar_faults(version),
        *_site_faults(version),
        *_consensus_faults(version),
        *_share_faults(version),
        *_template_faults(version),
        *_queue_faults(version),
        *_sop_faults(version),
    ]


def _rule_faults(version: QueueVersion) -> list[str]:
    if not isinstance(version.sla_rules, list):
        return ["The deadlines by case are no list of rules."]
    wrong: list[str] = []
    for number, rule in enumerate(version.sla_rules, start=1):
        if not isinstance(rule, dict):
            wrong.append(f"Deadline rule {number} is no mapping.")
            continue
        wrong += [f"Deadline rule {number}: {fault}" for fault in faults(_RULE, rule)]
        if rule.get("clock") == "business" and version.calendar is None:
            wrong.append(f"Deadline rule {number} counts business hours, but no calendar is chosen.")
        is_last = number == len(version.sla_rules)
        if not is_last and not any(rule.get(name) for name in CONDITIONS):
            wrong.append(f"Deadline rule {number} matches every case; the rules after it are never asked.")
    return wrong


def _calendar_faults(version: QueueVersion) -> list[str]:
    if version.calendar is None:
        return []
    if wrong := calendar_faults(version.calendar):
        return wrong
    week = business_hours(version.calendar).open_minutes_a_week * 60
    counted = [*version.sla_seconds.values(), *(_seconds(rule) for rule in version.sla_rules)]
    longest = max((each for each in counted if isinstance(each, int | float)), default=0)
    if longest > week * LONGEST_SLA_WEEKS:
        return [
            (
                f"{longest / 3600:.0f} h would take longer than {LONGEST_SLA_WEEKS} weeks of calendar "
                f"{version.calendar.slug!r}, open {week / 3600:.0f} h a week."
            )
        ]
    return []


def _seconds(rule: Any) -> float:
    counts = isinstance(rule, dict) and rule.get("clock") != "elapsed"
    seconds = rule.get("seconds", 0) if counts else 0
    return seconds if isinstance(seconds, int | float) else 0


def _site_faults(version: QueueVersion) -> list[str]:
    named = list(version.site_overflow)
    known = set(Site.objects.filter(slug__in=named).values_list("slug", flat=True)) if named else set()
    wrong = [f"There is no site {slug!r} to help out." for slug in named if slug not in known]
    if len(set(named)) < len(named):
        wrong.append("A site stands twice among those that help out.")
    if version.site_shares and not any(version.site_shares.values()):
        wrong.append("Every site's share is 0; nobody would be served.")
    return wrong


def _consensus_faults(version: QueueVersion) -> list[str]:
    required, most = version.consensus_required, version.consensus_of
    if version.queue.mode != "consensus":
        if required or most:
            return [
                f"Equal answers are counted in consensus mode; this queue's mode is {version.queue.mode}."
            ]
        return []
    if not 2 <= required <= most <= MOST_REVIEWS:
        return [
            (
                f"{required} equal answers of {most} reviews cannot be: ask for 2 or more, of as many "
                f"reviews or more, {MOST_REVIEWS} at most."
            )
        ]
    return []


def _share_faults(version: QueueVersion) -> list[str]:
    return [
        f"{words} is {getattr(version, name)}; it lies between 0 and 1."
        for name, words in _SHARES.items()
        if not 0 <= getattr(version, name) <= 1
    ]


def _template_faults(version: QueueVersion) -> list[str]:
    wrong = []
    trial = version.canary_template_version
    if version.canary_share > 0 and trial is None:
        wrong.append("A share of the cases is to be shown in a trial template, but none is chosen.")
    if trial is not None and trial.pk == version.template_version_id:
        wrong.append("The trial template is the one in force; choose another version.")
    elif trial and version.template_version and trial.version == version.template_version.version:
        wrong.append(f"Both templates are v{trial.version}; facts tell them apart by that number alone.")
    if trial is not None and version.template_version is None:
        wrong.append("A trial needs a template in force to be compared with.")
    asked = [each for each in (version.template_version, trial) if each and each.hotkeys.get("labels")]
    if asked and version.policy_version is not None:
        offered = Label.objects.filter(policy_version=version.policy_version, deprecated=False)
        if version.label_subset:
            offered = offered.filter(code__in=version.label_subset)
        codes = set(offered.values_list("code", flat=True))
        wrong += [fault for each in asked for fault in fit_faults(each, codes)]
    return wrong


def _queue_faults(version: QueueVersion) -> list[str]:
    wrong = []
    training = version.training_queue
    if training is not None:
        if training.pk == version.queue_id:
            wrong.append("A queue cannot be its own training queue.")
        elif training.purpose != "training":
            wrong.append(f"Queue {training.slug!r} is no training queue; its purpose is {training.purpose}.")
        if training.data_boundary_id != version.queue.data_boundary_id:
            wrong.append("The training queue lies on the other side of the data boundary.")
    wrong += [
        f"Topic {topic!r} is no plain word; write lower-case letters, digits, hyphens."
        for topic in version.topics
        if not _TOPIC.match(topic)
    ]
    if not isinstance(version.qa_plan, dict):
        wrong.append("The audit design is no mapping.")
    return wrong


def _sop_faults(version: QueueVersion) -> list[str]:
    number, current = version.sop_version, version.queue.current_version
    if version.sop_required and (number is None or not _is_published(version)):
        return [
            "The procedure must be read, but none that was published is in force; nobody would be served."
        ]
    if current is not None and number == current.sop_version:
        return []  # what is in force stays, as where a log named it
    if number is None or _is_published(version):
        return []
    return [f"Procedure version {number} of this queue has not been published."]


def _is_published(version: QueueVersion) -> bool:
    if version.sop_version is None:
        return False
    return Sop.objects.filter(queue_id=version.queue_id, version=version.sop_version).exists()
