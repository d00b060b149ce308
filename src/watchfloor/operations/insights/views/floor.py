"""The floor: whether all is right, then every queue by urgency; and the drawer of one queue."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from watchfloor.kernel import WatchfloorError
from watchfloor.operations.insights.backlog_history import backlog_by_hour
from watchfloor.operations.insights.floor_data import floor_at
from watchfloor.operations.insights.floor_html import (
    ICONS,
    due_text,
    level_names,
    rows_html,
    waiting_text,
)
from watchfloor.operations.insights.queue_charts import day_chart
from watchfloor.operations.insights.urgency import (
    NOT_SERVING,
    SOON_SECONDS,
    UNSTAFFED_SECONDS,
    FloorSummary,
    by_urgency,
    standing_of,
    summarise,
)
from watchfloor.operations.people.pages import PageRequest, page
from watchfloor.operations.queues.logical import LogicalView, logical_queue
from watchfloor.operations.queues.words import logical_title, surface_names
from watchfloor.operations.review.floor import FloorRow
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.asked import asked_for
from watchfloor.operations.shell.pictures import SHARE_FLOOR


@page("floor.view")
def floor(request: PageRequest) -> HttpResponse:
    """Show the floor as of the instant asked for."""
    asked, now = asked_for(request), timezone.now()
    problem: WatchfloorError | None = None
    rows: Sequence[FloorRow] = ()
    chosen = _logical(request)
    try:
        rows, seen_at = floor_at(asked, viewer=request.viewer, now=now)
        rows = _members(rows, chosen)
    except WatchfloorError as error:
        problem, seen_at = error, asked.at or now
    stood = by_urgency(rows, now=seen_at)
    histories = backlog_by_hour(rows, asked=asked, now=seen_at)
    body = rows_html(
        stood,
        drawer_url=reverse("insights:floor_drawer", args=["__slug__"]),
        carry=asked.carry,
        histories=histories,
    )
    return render(
        request,
        "insights/floor.html",
        {
            **_summary(summarise(stood), now=seen_at),
            "rows": body,
            "facets": _facets(rows),
            "problem": problem,
            "logical": chosen.logical if chosen else None,
            "logical_title": logical_title(chosen.logical) if chosen else "",
            "live": asked.is_present,
            "now_seconds": seen_at.timestamp(),
            "words": {
                "names": level_names(),
                "no_deadline": gettext("No deadline"),
                "no_deadline_age": gettext("no deadline, {duration} old"),
                "share_floor": SHARE_FLOOR,
                "icons": ICONS,
                "not_serving": NOT_SERVING,
                "soon_seconds": SOON_SECONDS,
                "unstaffed_seconds": UNSTAFFED_SECONDS,
            },
        },
        status=422 if problem else 200,
    )


@page("floor.view")
def floor_summary(request: PageRequest) -> HttpResponse:
    """Answer the headline and the tiles alone, for the live page."""
    asked, now = asked_for(request), timezone.now()
    rows, seen_at = floor_at(asked, viewer=request.viewer, now=now)
    rows = _members(rows, _logical(request))
    summary = summarise(by_urgency(rows, now=seen_at))
    return render(request, "insights/floor_summary.html", _summary(summary, now=seen_at))


@page("floor.view")
def floor_drawer(request: PageRequest, slug: str) -> HttpResponse:
    """Answer one queue's details; a plain visit without htmx is sent to the queue's page."""
    asked, now = asked_for(request), timezone.now()
    rows, seen_at = floor_at(asked, viewer=request.viewer, now=now)
    row = next((row for row in rows if row.queue_slug == slug), None)
    if row is None:
        raise Http404
    standing = standing_of(row, now=seen_at)
    context = {
        "row": row,
        "title": row.title,
        "standing": standing,
        "level": level_names()[standing.level],
        "icon_name": ICONS[standing.level],
        "due": due_text(standing.seconds_left)
        if standing.seconds_left is not None
        else waiting_text(row.oldest_age_seconds),
        "surface": surface_names().get(row.surface or "", row.surface),
        "chart": day_chart(row.queue_slug, asked=asked, now=seen_at),
        "is_htmx": bool(request.headers.get("HX-Request")),
    }
    template = "insights/drawer.html" if context["is_htmx"] else "insights/drawer_page.html"
    return render(request, template, context)


def _logical(request: PageRequest) -> LogicalView | None:
    slug = request.GET.get("logical")
    return logical_queue(viewer=request.viewer, slug=slug, permission="floor.view") if slug else None


def _members(rows: Sequence[FloorRow], chosen: LogicalView | None) -> Sequence[FloorRow]:
    """Return the rows of the physical queues behind a logical one; every row without one."""
    if chosen is None:
        return rows
    slugs = {queue.slug for queue in chosen.members}
    return [row for row in rows if row.queue_slug in slugs]


def _summary(summary: FloorSummary, *, now: datetime) -> dict[str, Any]:
    worst = summary.worst.title if summary.worst else ""
    left = summary.worst_left
    oldest = summary.oldest
    return {
        "oldest_text": formats.duration(oldest.oldest_age_seconds) if oldest else formats.NONE,
        "oldest_title": oldest.title if oldest else gettext("no case is open"),
        "summary": summary,
        "headline": _headline(summary),
        "detail": _detail(summary, worst=worst),
        "worst_text": due_text(left) if left is not None else formats.NONE,
        "worst_title": worst,
        "plan_text": _plan_text(summary),
        "sla_text": _sla_text(summary),
        "seen_at": now,
    }


def _headline(summary: FloorSummary) -> str:
    if summary.late:
        return ngettext(
            "%(late)d of %(all)d queues holds cases past their deadline",
            "%(late)d of %(all)d queues hold cases past their deadline",
            summary.late,
        ) % {"late": summary.late, "all": summary.queues}
    if summary.soon:
        return ngettext(
            "No case is late; %(soon)d of %(all)d queues is due soon",
            "No case is late; %(soon)d of %(all)d queues are due soon",
            summary.soon,
        ) % {"soon": summary.soon, "all": summary.queues}
    if not summary.open_cases:
        return ngettext("The one queue is empty", "All %(all)d queues are empty", summary.queues) % {
            "all": summary.queues
        }
    if summary.worst is None:
        return ngettext(
            "%(cases)s case is open, without a deadline",
            "%(cases)s cases are open, none with a deadline",
            summary.open_cases,
        ) % {"cases": formats.count(summary.open_cases)}
    return ngettext("The one queue is on time", "All %(all)d queues are on time", summary.queues) % {
        "all": summary.queues
    }


def _detail(summary: FloorSummary, *, worst: str) -> str:
    if summary.worst_left is None:
        if summary.oldest is None:
            return gettext("No case is open at this instant.")
        return gettext("The oldest has waited %(length)s, in %(queue)s.") % {
            "length": formats.duration(summary.oldest.oldest_age_seconds),
            "queue": summary.oldest.title,
        }
    length = formats.duration(summary.worst_left)
    if summary.late:
        text = gettext("The oldest case is %(length)s late, in %(queue)s.") % {
            "length": length,
            "queue": worst,
        }
        if summary.soon:
            text += " " + ngettext(
                "%(soon)d more queue comes due soon.", "%(soon)d more queues come due soon.", summary.soon
            ) % {"soon": summary.soon}
        return text
    return gettext("The next deadline is in %(length)s, in %(queue)s.") % {"length": length, "queue": worst}


def _plan_text(summary: FloorSummary) -> str:
    over = summary.arrivals_over_plan
    if over is None:
        return gettext("no plan known")
    gap = over - 1
    if abs(gap) < 0.005:
        return gettext("as planned")
    text = gettext("%(gap)s above plan") if gap > 0 else gettext("%(gap)s below plan")
    return text % {"gap": formats.share(abs(gap), digits=0)}


def _sla_text(summary: FloorSummary) -> str:
    sla = summary.sla
    if sla is None or sla.value is None:
        return gettext("no case was due in that time")
    if sla.low is None or sla.high is None:
        return gettext("n = %(n)s") % {"n": formats.count(sla.n)}
    return gettext("%(low)s to %(high)s, n = %(n)s") % {
        "low": formats.share(sla.low),
        "high": formats.share(sla.high),
        "n": formats.count(sla.n),
    }


def _facets(rows: Sequence[FloorRow]) -> list[dict[str, Any]]:
    surfaces = surface_names()
    found: tuple[tuple[str, str, list[str], dict[str, str]], ...] = (
        ("site", gettext("Every site"), sorted({site for row in rows for site in row.sites}), {}),
        ("language", gettext("Every language"), sorted({one for row in rows for one in row.languages}), {}),
        ("surface", gettext("Every surface"), sorted({row.surface for row in rows if row.surface}), surfaces),
        ("level", gettext("Every state"), list(ICONS), level_names()),
    )
    return [
        {"name": name, "title": title, "options": [(value, names.get(value, value)) for value in values]}
        for name, title, values, names in found
        if len(values) > 1
    ]
