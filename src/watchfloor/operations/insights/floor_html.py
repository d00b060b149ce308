"""Writes the floor's table rows as HTML text. A compact function instead of a template: 200 rows in milliseconds.

`static/insights/floor.js` changes the same cells in place when a queue changes; `data-c` names them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from watchfloor.operations.insights.urgency import Standing
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.pictures import bullet, interval, sparkline

if TYPE_CHECKING:
    from watchfloor.operations.review.floor import FloorRow

ICONS = {"late": "alert", "soon": "soon", "ok": "check", "empty": "dot", "paused": "pause"}
LAST = "9e15"  # sorts after every real value


def level_names() -> dict[str, str]:
    """Return the words for each standing in the language in force."""
    return {
        "late": gettext("Late"),
        "soon": gettext("Due soon"),
        "ok": gettext("On time"),
        "empty": gettext("Empty"),
        "paused": gettext("Not serving"),
    }


def surface_names() -> dict[str, str]:
    """Return the words for the known surfaces in the language in force."""
    return {
        "search": gettext("Search"),
        "comment": gettext("Comments"),
        "message": gettext("Messages"),
        "video": gettext("Video"),
        "live": gettext("Live streams"),
        "account": gettext("Accounts"),
    }


def due_text(seconds_left: float | None) -> str:
    """Return the deadline against now: how late, or in how long."""
    if seconds_left is None:
        return formats.NONE
    length = formats.duration(seconds_left)
    return (gettext("{duration} late") if seconds_left < 0 else gettext("in {duration}")).format(
        duration=length
    )


def rows_html(
    stood: Sequence[tuple["FloorRow", Standing]],
    *,
    drawer_url: str,
    carry: str,
    histories: Mapping[str, Sequence[float | None]],
    now: datetime,
) -> SafeString:
    """Return the body of the floor's table.

    Args:
        stood: Rows in the order shown.
        drawer_url: Address of a queue's drawer, with `__slug__` where the slug goes.
        carry: Query that keeps operation and instant.
        histories: Slug → backlog by hour, oldest first; absent where unknown.
        now: The instant looked from.

    """
    levels, surfaces = level_names(), surface_names()
    chinese = (get_language() or "").startswith("zh")
    parts = [
        _row(
            row,
            standing,
            drawer_url.replace("__slug__", row.queue_slug) + carry,
            histories.get(row.queue_slug, ()),
            levels,
            surfaces,
            chinese,
        )
        for row, standing in stood
    ]
    return mark_safe("".join(parts))  # noqa: S308 -- every text from outside is escaped in _row


def _row(
    row: "FloorRow",
    standing: Standing,
    url: str,
    history: Sequence[float | None],
    levels: Mapping[str, str],
    surfaces: Mapping[str, str],
    chinese: bool,
) -> str:
    slug = escape(row.queue_slug)
    title = escape(title_of(row, chinese=chinese))
    languages = " ".join(row.languages)
    surface = escape(surfaces.get(row.surface, row.surface or ""))
    left = standing.seconds_left
    deadline = int(row.oldest_deadline_at.timestamp()) if row.oldest_deadline_at else ""
    level = standing.level
    tone = level if level in ("late", "soon", "ok") else "idle"
    lines = row.state if row.state not in ("live",) else ""
    state_chip = (
        f'<span class="chip line">{escape(lines.replace("_", " "))}</span>'
        if lines and lines != "paused"
        else ""
    )
    sla = row.sla_attainment
    return (
        f'<tr id="q-{slug}" tabindex="0" data-slug="{slug}" data-level="{level}" data-deadline="{deadline}"'
        f' data-site="{escape(" ".join(row.sites))}" data-language="{escape(languages)}"'
        f' data-surface="{escape(row.surface or "")}" data-text="{slug} {title} {escape(row.group)} {surface}">'
        f'<th scope="row" class="queue" data-v="{title}"><a href="{escape(url)}" data-open'
        f' hx-get="{escape(url)}" hx-target="#drawer" hx-push-url="false">{title}</a>{state_chip}'
        f' <span class="tongues">{escape(_short(row.languages))}</span></th>'
        f'<td class="due" data-c="due" data-v="{LAST if left is None else round(left)}" data-label="{escape(gettext("Oldest against deadline"))}">'
        f'<span class="chip {tone}"><svg class="icon icon-s" aria-hidden="true"><use href="#i-{ICONS[level]}"></use></svg>'
        f'<span data-count>{escape(levels[level] if left is None else due_text(left))}</span></span>'
        f'<span class="unseen" data-t>{escape(levels[level])}</span></td>'
        f'<td class="num wide-cell" data-c="backlog" data-v="{row.backlog}" data-label="{escape(gettext("Backlog"))}"><span class="pair">{sparkline(history)}<span data-t>{row.backlog:,}</span></span></td>'
        f'<td class="num" data-c="in_review" data-v="{row.in_review}" data-label="{escape(gettext("In review"))}"><span data-t>{row.in_review:,}</span></td>'
        f'<td class="num wide-cell" data-c="arrivals" data-v="{row.arrivals_1h or 0}" data-label="{escape(gettext("Arrivals, 1 h"))}">{_arrivals(row.arrivals_1h, row.plan_1h)}</td>'
        f'<td class="num" data-c="decided" data-v="{row.decided_1h or 0}" data-label="{escape(gettext("Decided, 1 h"))}"><span data-t>{row.decided_1h or 0:,}</span></td>'
        f'<td class="num" data-c="reviewers" data-v="{row.active_reviewers or 0}" data-label="{escape(gettext("Reviewers"))}"><span data-t>{row.active_reviewers or 0:,}</span></td>'
        f'<td class="num wide-cell" data-c="sla" data-v="{LAST if sla is None or sla.value is None else round(sla.value, 6)}" data-label="{escape(gettext("SLA, 24 h"))}">{_sla(sla)}</td></tr>'
    )


def title_of(row: "FloorRow", *, chinese: bool) -> str:
    """Return the queue's title in the reader's language where it has one."""
    local = getattr(row, "title_zh_hans", "") if chinese else ""
    return local or row.title


def _short(languages: Sequence[str]) -> str:
    return " ".join(languages) if len(languages) <= 4 else f"{' '.join(languages[:3])} +{len(languages) - 3}"


def _arrivals(arrivals: float | None, plan: float | None) -> str:
    value = arrivals or 0
    planned = (
        f'<span class="interval" data-plan>/ {plan:,.0f}</span>'
        if plan is not None
        else '<span class="interval" data-plan></span>'
    )
    return f'<span class="stacked"><span class="figures"><span data-t>{value:,}</span> {planned}</span>{bullet(value, plan)}</span>'


def _sla(sla: object) -> str:
    value = getattr(sla, "value", None)
    if sla is None or value is None:
        return f'<span class="quiet" data-t>{formats.NONE}</span>'
    low, high = getattr(sla, "low", None), getattr(sla, "high", None)
    span = f"{low * 100:.1f}–{high * 100:.1f}" if low is not None and high is not None else ""
    return (
        f'<span class="stacked"><span class="figures"><span data-t>{formats.share(value)}</span>'
        f'<span class="interval" data-span>{span}</span></span>{interval(value, low, high)}</span>'
    )
