"""Both answers of an audit: what the audited unit says, what holds, and what each means under its policy."""

from dataclasses import dataclass
from typing import Any

from watchfloor.operations.policies.models import Label
from watchfloor.operations.quality.models import Audit
from watchfloor.operations.quality.standing import plain
from watchfloor.operations.review.configuration import answer_rules
from watchfloor.operations.review.models import Decision
from watchfloor.operations.review.resolution import Answered


@dataclass(frozen=True, slots=True)
class Meaning:
    """An answer as the fact audit keeps it: labels, their families, and whether it finds a violation."""

    labels: list[str]
    families: list[str]
    action: str
    violative: bool | None


def audited_answer(found: Audit) -> dict[str, Any]:
    """Return what the audited review or decision says."""
    if found.unit_kind == "decision":
        decision = Decision.objects.get(pk=found.unit_id)
        return plain(decision.labels, decision.action)
    assert found.review is not None  # noqa: S101 -- a drawn review is kept with its audit
    return plain(found.review.labels, found.review.action)


def truth_of(found: Audit) -> Answered | None:
    """Return the answer that holds for the audited case: adjudicated, else the auditor's."""
    if found.adjudicated_answer is not None:
        given = found.adjudicated_answer
        return Answered(tuple(given.get("labels", [])), str(given.get("action", "")))
    own = found.audit_review
    return Answered(tuple(own.labels), own.action) if own else None


def meaning_of(found: Audit, answer: Answered) -> Meaning:
    """Return what an answer means under the policy with which the case was reviewed."""
    version = found.case.queue_version
    labels = sorted(answer.labels)
    if version is None:
        return Meaning(labels, labels, answer.action, None)
    families = _families(version.policy_version_id, labels)
    violative = answer_rules(version.pk).violative(tuple(labels), answer.action)
    return Meaning(labels, families, answer.action, violative)


def _families(policy_version_id: int | None, labels: list[str]) -> list[str]:
    """Return the topmost ancestors of labels, each once, in order."""
    if policy_version_id is None or not labels:
        return labels
    known = Label.objects.filter(policy_version_id=policy_version_id).order_by("code")
    parents = dict(known.values_list("code", "parent__code"))
    found = set()
    for label in labels:
        top = label
        while (above := parents.get(top)) is not None and above != label:
            top = above
        found.add(top)
    return sorted(found)
