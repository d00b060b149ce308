"""The plan as a workbook: sent, taken back, shown as differences, and applied all at once or not at all."""

from typing import Any

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.shell import formats
from watchfloor.operations.targets.grid import grid_of
from watchfloor.operations.targets.plans import change_lines
from watchfloor.operations.targets.seeing import plan_within
from watchfloor.operations.targets.views.board import asking_of
from watchfloor.operations.targets.workbook import FIGURES, workbook_of
from watchfloor.operations.targets.workbook_reading import MOST_BYTES, Read, WorkbookError, read_workbook

_SALT = "targets.workbook"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHOWN = 500


@page("targets.change")
def download(request: PageRequest, plan_id: int) -> HttpResponse:
    """Send the plan's screen as a workbook."""
    plan, lines, _ = plan_within(plan_id, viewer=request.viewer, whole=True)
    definition = catalogue()[plan.metric_id]
    grid = grid_of(plan, lines, definition=definition, asking=asking_of(request))
    body = workbook_of(plan, grid, definition=definition, made_at=timezone.now())
    response = HttpResponse(body, content_type=_KIND)
    response["Content-Disposition"] = f'attachment; filename="targets-{plan.pk}-r{plan.revision}.xlsx"'
    return response


@require_POST
@page("targets.change")
def upload(request: PageRequest, plan_id: int) -> HttpResponse:
    """Show what an edited workbook would change; nothing is written yet."""
    plan, lines, _ = plan_within(plan_id, viewer=request.viewer, whole=True)
    definition = catalogue()[plan.metric_id]
    context: dict[str, Any] = {"plan": plan, "definition": definition}
    given = request.FILES.get("workbook")
    try:
        if given is None:
            raise WorkbookError("No file was chosen.", remedy="Choose the workbook that you edited.")
        found = read_workbook(given.read(MOST_BYTES + 1), plan=plan, lines=lines, definition=definition)
    except WatchfloorError as error:
        return render(request, "targets/diff.html", context | {"problem": error}, status=422)
    context |= {
        "read": found,
        "shown": [_shown(one, definition.unit) for one in found.differences[:MOST_SHOWN]],
        "cut": max(0, len(found.differences) - MOST_SHOWN),
        "units": len(found.changes),
        "token": _token(plan.pk, plan.revision, found),
    }
    return render(request, "targets/diff.html", context, status=422 if found.faults else 200)


@require_POST
@page("targets.change")
def apply(request: PageRequest, plan_id: int) -> HttpResponse:
    """Write the differences that were shown: all of them, or none when the plan changed meanwhile."""
    plan, _, _ = plan_within(plan_id, viewer=request.viewer, whole=True)
    definition = catalogue()[plan.metric_id]
    try:
        said = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=86_400)
        if said["plan"] != plan.pk:
            raise WorkbookError("These differences are of another plan.", remedy="Upload the workbook again.")
        change_lines(
            plan.pk,
            said["changes"],
            revision=said["revision"],
            definition=definition,
            by=request.viewer,
            now=timezone.now(),
            method="workbook",
            inputs=plan.inputs,
        )
    except signing.BadSignature:
        problem = WorkbookError(
            "The differences could not be read again.", remedy="Upload the workbook again."
        )
    except WatchfloorError as error:
        problem = error  # type: ignore[assignment]  # both say what is wrong and what to do
    else:
        return redirect("targets:plan", plan.pk)
    context = {"plan": plan, "definition": definition, "problem": problem}
    return render(request, "targets/diff.html", context, status=422)


def _token(plan_id: int, revision: int, found: Read) -> str:
    said = {"plan": plan_id, "revision": revision, "changes": found.changes}
    return signing.dumps(said, salt=_SALT, compress=True)


def _shown(one: Any, unit: str) -> dict[str, str]:
    def text(value: Any) -> str:
        if value is None or value == "":
            return formats.NONE
        if one.column in FIGURES:
            return formats.quantity(value, unit=unit)
        return f"{value:g}" if isinstance(value, (int, float)) else str(value)

    return {
        "cell": one.cell,
        "key": one.key,
        "column": one.column,
        "old": text(one.old),
        "new": text(one.new),
    }
