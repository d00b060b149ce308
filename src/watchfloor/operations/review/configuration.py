"""What a queue version asks of an answer, read once: versions never change, so the cache never goes stale."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from watchfloor.operations.policies.models import Label
from watchfloor.operations.policies.vocabulary import ACTIONS, SEVERITIES
from watchfloor.operations.queues.answers import faults
from watchfloor.operations.queues.models import QueueVersion
from watchfloor.operations.review.errors import AnswerRejectedError


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reviewer gives: labels, an action, and the template's free fields.

    An empty action means the action of the most severe label.
    """

    labels: tuple[str, ...] = ()
    action: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LabelRule:
    """What a label means for the decision."""

    violative: bool
    severity: str
    action: str


@dataclass(frozen=True, slots=True)
class AnswerRules:
    """The labels a reviewer may choose and the schema of the free fields."""

    labels: Mapping[str, LabelRule] | None
    schema: Mapping[str, Any]

    def settle(self, answer: Answer) -> Answer:
        """Return the answer with its action filled in.

        Raises:
            AnswerRejectedError: a label, the action or a field does not fit.

        """
        if self.labels is not None and (
            unknown := [code for code in answer.labels if code not in self.labels]
        ):
            raise AnswerRejectedError(
                f"Label {unknown[0]!r} cannot be chosen in this queue.",
                remedy=f"Choose among {', '.join(sorted(self.labels)) or 'no label'}.",
            )
        if answer.action and answer.action not in ACTIONS:
            raise AnswerRejectedError(
                f"Action {answer.action!r} is unknown.", remedy=f"Choose among {', '.join(ACTIONS)}."
            )
        if wrong := faults(self.schema, answer.fields):
            raise AnswerRejectedError(wrong[0], remedy="Fill the form as its template asks.")
        labels = tuple(dict.fromkeys(answer.labels))
        return Answer(labels=labels, action=answer.action or self._action(labels), fields=answer.fields)

    def violative(self, labels: tuple[str, ...], action: str) -> bool:
        """Return whether the labels find a violation; without a bound policy the action tells."""
        if self.labels is None:
            return bool(labels) and action != "none"
        return any(self.labels[code].violative for code in labels if code in self.labels)

    def _action(self, labels: tuple[str, ...]) -> str:
        rules = [self.labels[code] for code in labels] if self.labels is not None else []
        rules.sort(key=lambda rule: SEVERITIES.index(rule.severity) if rule.severity else len(SEVERITIES))
        return rules[0].action if rules else "none"


def rules_shown(lease_token: UUID) -> AnswerRules | None:
    """Return the rules under which the case of a lease is shown; None when the token cannot be of a lease.

    The token's last 32 bits name the queue version, and whether the template is the canary.
    """
    shown = lease_token.int & 0xFFFFFFFF
    try:
        return answer_rules(shown >> 1, is_canary=bool(shown & 1))
    except QueueVersion.DoesNotExist:
        return None


@lru_cache(maxsize=4096)
def answer_rules(queue_version_id: int, *, is_canary: bool = False) -> AnswerRules:
    """Return the rules of a queue version, or of its canary template."""
    version = QueueVersion.objects.select_related("template_version", "canary_template_version").get(
        pk=queue_version_id
    )
    labels = None
    if version.policy_version_id is not None:
        known = Label.objects.filter(policy_version_id=version.policy_version_id, deprecated=False)
        if version.label_subset:
            known = known.filter(code__in=version.label_subset)
        labels = {
            label.code: LabelRule(label.violative, label.severity, label.action)
            for label in known.order_by("code")
        }
    template = version.canary_template_version if is_canary else version.template_version
    return AnswerRules(labels, template.schema if template else {})
