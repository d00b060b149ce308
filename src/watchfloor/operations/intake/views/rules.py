"""The routing rules: their versions, one with its difference and way back, the editor, and the test bench."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.intake.bench import BOUND, try_rules
from watchfloor.operations.intake.rule_forms import (
    KEPT,
    Draft,
    act,
    draft_of,
    new_rules,
    read_draft,
    written,
)
from watchfloor.operations.intake.views.tabs import intake_tabs
from watchfloor.operations.intake.words import field_names, operator_names, rule_set_states
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.selectors import queues
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.record.viewers import NotPermittedError
from watchfloor.operations.routing.conditions import FIELDS
from watchfloor.operations.routing.models import Rule, RuleSet
from watchfloor.operations.routing.selectors import rule_sets
from watchfloor.operations.routing.services import activate_rule_set, draft_rule_set

VERSIONS_SHOWN = 50
_TONES = {"active": "ok", "draft": "soon", "retired": ""}


@page("queues.view")
def overview(request: PageRequest) -> HttpResponse:
    """Show the rules in force and every version."""
    rows = list(rule_sets(viewer=request.viewer)[:VERSIONS_SHOWN])
    active = next((row for row in rows if row.state == "active"), None)
    if active is None:
        active = rule_sets(viewer=request.viewer).filter(state="active").first()
    context = {
        "tabs": intake_tabs(request, "rules"),
        "versions": [_version(row) for row in rows],
        "active": _version(active) if active else None,
        "rules": _rules(active, _titles(request)) if active else [],
        "default": _titles(request).get(active.default_queue.slug, "")
        if active and active.default_queue
        else "",
        "may_change": request.viewer.can("strategies.change"),
    }
    return render(request, "intake/rules.html", context)


@page("queues.view")
def detail(request: PageRequest, version: int) -> HttpResponse:
    """Show one version: its rules, how it differs from those in force, the bench, and the way back."""
    return _detail(request, version)


@page("strategies.change")
def edit(request: PageRequest) -> HttpResponse:
    """Write a new version from an earlier one; every act answers the form as it then stands."""
    problem: WatchfloorError | None = None
    is_swapped = "HX-Request" in request.headers  # by a script: it follows headers and shows no 4xx
    if request.method != "POST":
        draft = draft_of(_start(request), reached=_titles(request))
    else:
        draft = read_draft(request.POST)
        asked = request.POST.get("act", "save")
        if asked != "save":
            draft = act(draft, asked)
        else:
            try:
                made = draft_rule_set(
                    rules=new_rules(draft),
                    default_queue=_default(request, draft),
                    by=request.viewer,
                    now=timezone.now(),
                    note=draft.note[:400],
                )
                to = reverse("intake:rule_set", args=[made.version])
                return HttpResponse(headers={"HX-Redirect": to}) if is_swapped else redirect(to)
            except NotPermittedError:
                raise
            except WatchfloorError as error:
                problem = error
    context = {
        "tabs": intake_tabs(request, "rules"),
        "draft": draft,
        "is_default_kept": draft.default_queue == KEPT,
        "rules": _editable(draft),
        "queues": sorted(_titles(request).items(), key=lambda pair: pair[1]),
        "fields": [(name, field_names()[name]) for name in FIELDS],
        "operators": list(operator_names().items()),
        "problem": problem,
    }
    return render(
        request, "intake/rule_editor.html", context, status=422 if problem and not is_swapped else 200
    )


@page("queues.view")
def bench(request: PageRequest, version: int) -> HttpResponse:
    """Answer what the version would have done with yesterday's cases."""
    trial = try_rules(rule_set=_found(request, version), viewer=request.viewer, now=timezone.now())
    titles = _titles(request)
    context = {
        "trial": trial,
        "bound": BOUND,
        "moves": [
            {
                "move": move,
                "before": titles.get(move.before, move.before),
                "after": _after(move.after, titles),
            }
            for move in trial.moves
        ],
        "loads": [{"load": load, "title": titles.get(load.queue, load.queue)} for load in trial.loads],
        "share": trial.moved / trial.sampled if trial.sampled else None,
        "may_open": request.viewer.can("cases.view"),
    }
    return render(request, "intake/bench.html", context)


@require_POST
@page("queues.approve")
def activate(request: PageRequest, version: int) -> HttpResponse:
    """Put a version in force; an earlier one is the way back."""
    try:
        activate_rule_set(version=version, by=request.viewer, now=timezone.now())
    except NotPermittedError:
        raise
    except WatchfloorError as error:
        return _detail(request, version, problem=error)
    return redirect("intake:rules")


def _detail(request: PageRequest, version: int, *, problem: WatchfloorError | None = None) -> HttpResponse:
    found = _found(request, version)
    active = rule_sets(viewer=request.viewer).filter(state="active").first()
    titles = _titles(request)
    shown = _rules(found, titles)
    against = active if active is not None and active.pk != found.pk else None
    context = {
        "tabs": intake_tabs(request, "rules"),
        "found": _version(found),
        "rules": shown,
        "default": titles.get(found.default_queue.slug, "") if found.default_queue else "",
        "against": against,
        "difference": _difference(_rules(against, titles), shown) if against else [],
        "may_change": request.viewer.can("strategies.change"),
        "may_activate": request.viewer.can("queues.approve") and found.state != "active",
        "is_way_back": found.state == "retired",
        "problem": problem,
    }
    return render(request, "intake/rule_set.html", context, status=409 if problem else 200)


def _found(request: PageRequest, version: int) -> RuleSet:
    found = rule_sets(viewer=request.viewer).filter(version=version).first()
    if found is None:
        raise Http404(f"There is no routing version {version}.")
    return found


def _start(request: PageRequest) -> RuleSet | None:
    wanted = request.GET.get("from", "")
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 9:
        return _found(request, int(wanted))
    return rule_sets(viewer=request.viewer).filter(state="active").first()


def _default(request: PageRequest, draft: Draft) -> str:
    """Return the default queue that was chosen; one out of reach stays the one in force."""
    if draft.default_queue != KEPT:
        return draft.default_queue
    active = rule_sets(viewer=request.viewer).filter(state="active").first()
    return active.default_queue.slug if active and active.default_queue else ""


def _version(row: RuleSet) -> dict[str, Any]:
    return {
        "row": row,
        "state": rule_set_states()[row.state],
        "tone": _TONES[row.state],
        "count": len(row.rules.all()),
    }


def _titles(request: PageRequest) -> dict[str, str]:
    """Return the titles of the queues within reach, by slug."""
    held: dict[str, str] | None = getattr(request, "_queue_titles", None)
    if held is None:
        held = {queue.slug: title_of(queue) for queue in queues(viewer=request.viewer)}
        request._queue_titles = held  # type: ignore[attr-defined] # kept for this request alone
    return held


def _rules(rule_set: RuleSet | None, titles: dict[str, str]) -> list[dict[str, Any]]:
    """Return the rules as they are read; a queue out of reach keeps its name to itself."""
    if rule_set is None:
        return []
    return [_rule(rule, titles) for rule in rule_set.rules.all()]


def _rule(rule: Rule, titles: dict[str, str]) -> dict[str, Any]:
    fields, operators = field_names(), operator_names()
    queue: Queue = rule.queue
    inside = queue.slug in titles
    return {
        "position": rule.position,
        "name": rule.name if inside else gettext("A rule for a queue outside your reach"),
        "queue": titles.get(queue.slug, gettext("a queue outside your reach")),
        "slug": queue.slug if inside else "",
        "conditions": [
            (
                fields.get(str(one["field"]), str(one["field"])),
                operators.get(str(one["operator"]), ""),
                written(one),
            )
            for one in rule.conditions
        ]
        if inside
        else [],
    }


def _difference(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return what differs: name, before and after, of each rule by its name."""
    then, now = ({rule["name"]: rule for rule in rules} for rules in (before, after))
    names = [*now, *(name for name in then if name not in now)]
    return [
        (name, _said(then.get(name)), _said(now.get(name)))
        for name in names
        if _said(then.get(name)) != _said(now.get(name))
    ]


def _said(rule: dict[str, Any] | None) -> str:
    if rule is None:
        return ""
    conditions = "; ".join(" ".join(part for part in one if part) for one in rule["conditions"])
    return f"{rule['position']}. {conditions or gettext('every case')} → {rule['queue']}"


def _after(slug: str | None, titles: dict[str, str]) -> str:
    if slug is None:
        return gettext("a queue outside your reach")
    return titles.get(slug, slug) if slug else gettext("nowhere: it would be rejected")


def _editable(draft: Draft) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "rule": rule,
            "name_key": f"r{number}-name",
            "up_key": f"up:{number}",
            "down_key": f"down:{number}",
            "more_key": f"more:{number}",
            "is_first": number == 0,
            "is_last": number == len(draft.rules) - 1,
            "conditions": [
                {
                    "number": place,
                    "one": one,
                    "key": f"r{number}-c{place}",
                    "focus_key": f"r{number}-c{place}-field",
                }
                for place, one in enumerate(rule.conditions)
            ],
        }
        for number, rule in enumerate(draft.rules)
    ]
