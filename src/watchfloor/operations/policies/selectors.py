"""Reads of policies. A policy belongs to the whole operation: the permission alone decides."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery

from watchfloor.operations.policies.models import Label, Policy, PolicyVersion
from watchfloor.operations.record.viewers import NotFoundError, Viewer


@dataclass(frozen=True, slots=True)
class LabelChange:
    """How a label differs from the version before: added, removed, or fields with before and after."""

    code: str
    kind: str
    fields: Mapping[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class PolicyDetail:
    """A policy, its versions newest first, and the one shown with its labels and what changed in it."""

    policy: Policy
    versions: tuple[PolicyVersion, ...]
    shown: PolicyVersion | None
    labels: tuple[Label, ...]
    changes: tuple[LabelChange, ...]


def policies(*, viewer: Viewer) -> QuerySet[Policy]:
    """Return the policies by slug, with the published version's number, start and labels."""
    viewer.require("policies.view")
    published = PolicyVersion.objects.filter(policy=OuterRef("pk"), state="published").order_by("-version")
    return Policy.objects.annotate(
        version_count=Count("versions"),
        published_version=Subquery(published.values("version")[:1]),
        effective_from=Subquery(published.values("effective_from")[:1]),
        label_count=Subquery(
            published.annotate(labelled=Count("labels", filter=Q(labels__deprecated=False))).values(
                "labelled"
            )[:1],
            output_field=IntegerField(),
        ),
    ).order_by("slug")


def policy_detail(*, viewer: Viewer, slug: str, version: int | None = None) -> PolicyDetail:
    """Return a policy with one of its versions: the one asked for, else the published one, else the newest.

    Raises:
        NotFoundError: there is no such policy or version.

    """
    policy = policies(viewer=viewer).filter(slug=slug).first()
    if policy is None:
        raise NotFoundError(f"There is no policy {slug!r}.", remedy="Choose one from the list of policies.")
    versions = tuple(policy.versions.order_by("-version"))
    shown = _shown(versions, version)
    if version is not None and shown is None:
        raise NotFoundError(
            f"Policy {slug!r} has no version {version}.",
            remedy=f"It has versions {', '.join(str(each.version) for each in reversed(versions))}.",
        )
    if shown is None:
        return PolicyDetail(policy, versions, None, (), ())
    before = next((each for each in versions if each.version < shown.version), None)
    wanted = [shown.pk, *([before.pk] if before else [])]
    rows = Label.objects.filter(policy_version__in=wanted).select_related("parent", "successor")
    labels = tuple(rows.order_by("policy_version", "code"))
    now = tuple(label for label in labels if label.policy_version_id == shown.pk)
    then = tuple(label for label in labels if before and label.policy_version_id == before.pk)
    return PolicyDetail(policy, versions, shown, now, label_changes(then, now) if before else ())


def _shown(versions: tuple[PolicyVersion, ...], number: int | None) -> PolicyVersion | None:
    if number is not None:
        return next((each for each in versions if each.version == number), None)
    published = next((each for each in versions if each.state == "published"), None)
    return published or (versions[0] if versions else None)


_COMPARED = (
    "name",
    "name_zh_hans",
    "text",
    "violative",
    "severity",
    "action",
    "dsa_category",
    "dsa_keyword",
    "deprecated",
)


def label_changes(before: tuple[Label, ...], after: tuple[Label, ...]) -> tuple[LabelChange, ...]:
    """Return how the labels differ, by code."""
    then, now = {label.code: label for label in before}, {label.code: label for label in after}
    changes = []
    for code in sorted(then.keys() | now.keys()):
        if code not in then or code not in now:
            changes.append(LabelChange(code, "added" if code in now else "removed", {}))
            continue
        fields = {
            name: (getattr(then[code], name), getattr(now[code], name))
            for name in _COMPARED
            if getattr(then[code], name) != getattr(now[code], name)
        }
        if fields:
            changes.append(LabelChange(code, "changed", fields))
    return tuple(changes)
