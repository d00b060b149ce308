"""The policies' pages: every policy, and one policy with its versions and its tree of labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext

from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.policies.models import Label, Policy
from watchfloor.operations.policies.selectors import policies, policy_detail
from watchfloor.operations.policies.words import action_names, severity_names
from watchfloor.operations.shell import formats


@dataclass(frozen=True, slots=True)
class Branch:
    """A label at its depth in the tree."""

    label: Label
    name: str
    depth: int
    severity: str
    action: str


def local_name(named: Policy | Label) -> str:
    """Return a name in the language in force."""
    return (
        named.name_zh_hans if (get_language() or "").startswith("zh") and named.name_zh_hans else named.name
    )


def tree(labels: Sequence[Label]) -> list[Branch]:
    """Return the labels depth first, children under their parent, siblings by code."""
    children: dict[int | None, list[Label]] = {}
    for label in labels:
        children.setdefault(label.parent_id, []).append(label)
    severities, actions = severity_names(), action_names()
    out: list[Branch] = []

    def walk(parent: int | None, depth: int) -> None:
        for label in sorted(children.get(parent, []), key=lambda one: one.code):
            out.append(
                Branch(
                    label,
                    local_name(label),
                    depth,
                    severities.get(label.severity, label.severity),
                    actions.get(label.action, label.action),
                )
            )
            walk(label.pk, min(depth + 1, 4))

    walk(None, 0)
    return out


def state_names() -> dict[str, str]:
    """Return the words for a version's states."""
    return {"draft": gettext("Draft"), "published": gettext("In force"), "retired": gettext("Retired")}


@page("policies.view")
def overview(request: PageRequest) -> HttpResponse:
    """List the policies with the version in force."""
    rows = [{"policy": policy, "name": local_name(policy)} for policy in policies(viewer=request.viewer)]
    return render(request, "policies/list.html", {"rows": rows})


@page("policies.view")
def detail(request: PageRequest, slug: str) -> HttpResponse:
    """Show one policy at a version: text, labels, and what changed."""
    written = request.GET.get("version", "")
    if written and not written.isdecimal():
        raise Http404
    found = policy_detail(viewer=request.viewer, slug=slug, version=int(written) if written else None)
    names = state_names()
    changes = [
        (
            change,
            [
                (
                    field,
                    before if before not in ("", None) else formats.NONE,
                    after if after not in ("", None) else formats.NONE,
                )
                for field, (before, after) in change.fields.items()
            ],
        )
        for change in found.changes
    ]
    return render(
        request,
        "policies/detail.html",
        {
            "policy": found.policy,
            "name": local_name(found.policy),
            "versions": [(version, names.get(version.state, version.state)) for version in found.versions],
            "shown": found.shown,
            "shown_state": names.get(found.shown.state, "") if found.shown else "",
            "labels": tree(found.labels),
            "changes": changes,
        },
    )
