"""A template on trial beside the one in force: what it does to handle time and disagreement."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from watchfloor.operations.cells.warehouse import store_of
from watchfloor.operations.insights.template_trial import Comparison, compare, trial_faults, trial_of
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.selectors import queue
from watchfloor.operations.queues.words import title_of
from watchfloor.operations.shell import formats


@page("metrics.view")
def trial(request: PageRequest, slug: str) -> HttpResponse:
    """Show the comparison, or that no trial runs."""
    found, now = queue(viewer=request.viewer, slug=slug, permission="metrics.view"), timezone.now()
    context: dict[str, Any] = {"queue": found, "title": title_of(found)}
    first = trial_of(found)
    if first is not None:
        snapshot = store_of(settings.WATCHFLOOR_OPERATION).snapshot()
        compared = compare(queue=found, since=first.effective_from, snapshot=snapshot, now=now)
        context |= {"compared": compared, "verdicts": verdicts(compared), "figures": figures(compared)}
        context["held_up"] = trial_faults(compared, limits=found.current_version or first)
        context["share"] = found.current_version.canary_share if found.current_version else 0.0
    return render(request, "insights/template_trial.html", context)


def figures(compared: Comparison) -> list[dict[str, str]]:
    """Return each figure of both sides with their difference, as text."""
    seconds, share = compared.seconds, compared.disagreement
    sides = (compared.before, compared.in_force, compared.trial)
    return [
        {
            "name": gettext("Handle time, mean"),
            **{
                name: formats.quantity(side.mean_seconds, unit="s")
                for name, side in zip(("before", "in_force", "trial"), sides, strict=True)
            },
            "difference": "" if seconds is None else _signed(f"{seconds.value:+.1f} s"),
            "range": "" if seconds is None else _signed(f"{seconds.low:+.1f} – {seconds.high:+.1f} s"),
        },
        {
            "name": gettext("Disagreement"),
            **{
                name: formats.share(side.disagreement)
                for name, side in zip(("before", "in_force", "trial"), sides, strict=True)
            },
            "difference": "" if share is None else _signed(f"{share.value * 100:+.1f} pp"),
            "range": "" if share is None else _signed(f"{share.low * 100:+.1f} – {share.high * 100:+.1f} pp"),
        },
    ]


def verdicts(compared: Comparison) -> list[tuple[str, str]]:
    """Return what the comparison shows so far, each with its tone."""
    nothing = gettext("The interval holds zero: no difference is shown yet.")
    few = gettext("Too few reviews to compare yet.")
    said = []
    for name, found, worse, better in (
        (
            gettext("Handle time, mean"),
            compared.seconds,
            gettext("The trial takes longer."),
            gettext("The trial is faster."),
        ),
        (
            gettext("Disagreement"),
            compared.disagreement,
            gettext("Reviewers disagree more in the trial."),
            gettext("Reviewers disagree less in the trial."),
        ),
    ):
        if found is None:
            said.append(("", f"{name}: {few}"))
        elif not found.is_shown:
            said.append(("", f"{name}: {nothing}"))
        else:
            said.append(("soon", f"{name}: {worse}") if found.value > 0 else ("ok", f"{name}: {better}"))
    return said


def _signed(text: str) -> str:
    return text.replace("-", formats.MINUS)
