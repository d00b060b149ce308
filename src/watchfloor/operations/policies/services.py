"""Writes of policies: draft a version, publish it, retire it. Published labels never change."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.policies.models import Label, Policy, PolicyVersion
from watchfloor.operations.policies.vocabulary import ACTIONS, DSA_KEYWORDS, SEVERITIES
from watchfloor.operations.record.services import audit, record_change
from watchfloor.operations.record.viewers import Viewer


class PolicyError(WatchfloorError):
    """A policy cannot be written as asked."""


class PublishRefusedError(PolicyError):
    """Labels of the draft are incomplete; `faults` lists each."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(
            f"The version cannot be published: {len(faults)} faults. {' '.join(faults[:20])}",
            remedy="Complete the labels listed and publish again.",
        )


@dataclass(frozen=True, slots=True)
class NewLabel:
    """A label of a draft; parent and successor are named by code."""

    code: str
    name: str
    text: str = ""
    severity: str = ""
    action: str = ""
    dsa_category: str = ""
    dsa_keyword: str = ""
    name_zh_hans: str = ""
    parent: str = ""
    violative: bool = True
    deprecated: bool = False
    successor: str = ""


@transaction.atomic
def create_policy(
    *, slug: str, name: str, by: Viewer, now: datetime, name_zh_hans: str = "", owner: str = ""
) -> Policy:
    """Return a new policy without versions."""
    by.require("policies.change")
    policy = Policy.objects.create(slug=slug, name=name, name_zh_hans=name_zh_hans, owner=owner)
    audit(
        actor=by.name,
        action="create",
        object_kind="policy",
        object_id=slug,
        after={"name": name, "owner": owner},
        now=now,
    )
    return policy


@transaction.atomic
def draft_version(
    *,
    policy: Policy,
    labels: Sequence[NewLabel],
    by: Viewer,
    now: datetime,
    text: str = "",
    summary: str = "",
) -> PolicyVersion:
    """Return a new draft, numbered after the newest version, with its own labels.

    Raises:
        PolicyError: a code stands twice, or a parent or successor is not among the labels.

    """
    by.require("policies.change")
    codes = [label.code for label in labels]
    if len(set(codes)) < len(codes):
        twice = next(code for code in codes if codes.count(code) > 1)
        raise PolicyError(
            f"Label {twice!r} stands twice in the version.", remedy="Give each label its own code."
        )
    for label in labels:
        for relation in (label.parent, label.successor):
            if relation and relation not in codes:
                raise PolicyError(
                    f"Label {label.code!r} names {relation!r}, which is not in the version.",
                    remedy="Add that label, or leave the name out.",
                )
    Policy.objects.select_for_update().get(pk=policy.pk)
    newest = policy.versions.aggregate(number=Max("version"))["number"] or 0
    version = PolicyVersion.objects.create(
        policy=policy, version=newest + 1, text=text, summary=summary, author=by.name
    )
    rows = {
        label.code: Label(
            policy_version=version,
            code=label.code,
            name=label.name,
            name_zh_hans=label.name_zh_hans,
            text=label.text,
            violative=label.violative,
            severity=label.severity,
            action=label.action,
            dsa_category=label.dsa_category,
            dsa_keyword=label.dsa_keyword,
            deprecated=label.deprecated,
        )
        for label in labels
    }
    Label.objects.bulk_create(rows.values())
    related = [label for label in labels if label.parent or label.successor]
    for label in related:
        row = rows[label.code]
        row.parent = rows.get(label.parent)
        row.successor = rows.get(label.successor)
    Label.objects.bulk_update([rows[label.code] for label in related], ["parent", "successor"])
    audit(
        actor=by.name,
        action="draft",
        object_kind="policy",
        object_id=policy.slug,
        after={"version": version.version, "labels": codes},
        now=now,
    )
    return version


@transaction.atomic
def publish(
    *, version: PolicyVersion, by: Viewer, now: datetime, effective_from: datetime | None = None
) -> PolicyVersion:
    """Return the version, published; the one in force before ends where this one starts.

    Raises:
        PublishRefusedError: a label lacks text, severity, action or regulatory mapping.
        PolicyError: the version is no draft.

    """
    by.require("policies.change")
    policy = Policy.objects.select_for_update().get(pk=version.policy_id)
    version = PolicyVersion.objects.select_for_update().get(pk=version.pk)
    if version.state != "draft":
        raise PolicyError(
            f"Version {version.version} of {policy.slug!r} is {version.state}, not a draft.",
            remedy="Draft a new version.",
        )
    if faults := publishing_faults(version):
        raise PublishRefusedError(faults)
    starts = effective_from or now
    earlier = policy.versions.filter(state="published", effective_to__isnull=True)
    earlier.update(effective_to=starts)
    if starts <= now:
        policy.versions.filter(state="published").update(state="retired")
    version.state, version.effective_from, version.published_at = "published", starts, now
    version.save()
    audit(
        actor=by.name,
        action="publish",
        object_kind="policy",
        object_id=policy.slug,
        before={"state": "draft"},
        after={"version": version.version, "state": "published", "effective_from": starts.isoformat()},
        now=now,
    )
    record_change(
        object_kind="policy",
        object_id=policy.slug,
        object_version=version.version,
        kind="created" if version.version == 1 else "changed",
        at=starts,
        author=by.name,
        summary=version.summary or f"{policy.name}: version {version.version} takes effect.",
    )
    return version


def publishing_faults(version: PolicyVersion, codes: Collection[str] = ()) -> list[str]:
    """Return what keeps the version from being published, one sentence each, by label.

    With `codes` only those labels are looked at: a queue may offer a part of them.
    """
    rows = version.labels.select_related("successor").order_by("code")
    labels = list(rows.filter(code__in=codes) if codes else rows)
    if not labels:
        return ["The version has no label."]
    return [fault for label in labels for fault in _label_faults(label)]


def _label_faults(label: Label) -> list[str]:
    if label.deprecated:
        return []
    faults = []
    if not label.text.strip():
        faults.append(f"Label {label.code!r} has no text.")
    if label.severity not in SEVERITIES and (label.violative or label.severity):
        faults.append(f"Label {label.code!r} needs a severity among {', '.join(SEVERITIES)}.")
    if label.action not in ACTIONS:
        faults.append(f"Label {label.code!r} needs an action among {', '.join(ACTIONS)}.")
    if label.violative:
        faults += _mapping_faults(label)
    return faults


def _mapping_faults(label: Label) -> list[str]:
    keywords = DSA_KEYWORDS.get(label.dsa_category)
    if keywords is None:
        return [f"Label {label.code!r} needs a DSA category; {label.dsa_category or 'none'!r} is not one."]
    if label.dsa_keyword and label.dsa_keyword not in keywords:
        return [f"Label {label.code!r}: keyword {label.dsa_keyword!r} is not of {label.dsa_category}."]
    if not label.dsa_keyword and keywords:
        return [f"Label {label.code!r} needs a DSA keyword of {label.dsa_category}, or OTHER."]
    return []
