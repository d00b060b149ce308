"""Writes the floor's table rows as HTML text: a compact function, so that 200 rows cost milliseconds.

`static/insights/floor.js` changes the same cells in place when a queue changes; `data-c` names them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from watchfloor.operations.insights.urgency import Standing
from watchfloor.operations.queues.words import state_names, surface_names
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.pictures import bullet, interval, sparkline

if TYPE_CHECKING:
    from watchfloor.operations.review.floor import FloorRow

ICONS = {"late": "alert", "soon": "soon", "ok": "check", "empty": "dot", "paused": "pause"}
UNSAID_STATES = ("live", "imported", "paused")
LAST = "9e15"  # sorts after every real value
LAST_SECONDS = 9 * 10**15  # the same; less an age, so that the oldest comes first


def level_names() -> dict[str, str]:
    """Return the words for each standing in the language in force."""
    return {
        "late": gettext("Late"),
        "soon": gettext("Due soon"),
        "ok": gettext("On time"),
        "empty": gettext("Empty"),
        "paused": gettext("Not serving"),
    }


def due_text(seconds_left: float | None) -> str:
    """Return the deadline against now: how late, or in how long."""
    if seconds_left is None:
        return formats.NONE
    length = formats.duration(seconds_left)
    return (gettext("{duration} late") if seconds_left < 0 else gettext("in {duration}")).format(
        duration=length
    )


def waiting_text(age_seconds: float | None) -> str:
    """Return what stands in the deadline's place without one: how long the oldest open case has waited."""
    if age_seconds is None:
        return gettext("No deadline")
    return gettext("no deadline, {duration} old").format(duration=formats.duration(age_seconds))


def rows_html(
    stood: Sequence[tuple["FloorRow", Standing]],
    *,
    drawer_url: str,
    carry: str,
    histories: Mapping[str, Sequence[float | None]],
) -> SafeString:
    """Return the body of the floor's table.

    Args:
        stood: Rows in the order shown.
        drawer_url: Address of a queue's drawer, with `__slug__` where the slug goes.
        carry: Query that keeps operation and instant.
        histories: Slug → backlog by hour, oldest first; absent where unknown.

    """
    words = Words(levels=level_names(), surfaces=surface_names(), labels=column_names())
    parts = [
        _row(
            row,
            standing,
            url=escape(drawer_url.replace("__slug__", row.queue_slug) + carry),
            history=histories.get(row.queue_slug, ()),
            words=words,
        )
        for row, standing in stood
    ]
    return mark_safe("".join(parts))  # noqa: S308 -- every text from outside is escaped in _row


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of a table, translated once for all rows."""

    levels: Mapping[str, str]
    surfaces: Mapping[str, str]
    labels: Mapping[str, str]


def column_names() -> dict[str, str]:
    """Return the words for the columns, shown beside each figure on a narrow screen."""
    return {
        "due": escape(gettext("Oldest against deadline")),
        "backlog": escape(gettext("Backlog")),
        "in_review": escape(gettext("In review")),
        "arrivals": escape(gettext("Arrivals, 1 h")),
        "decided": escape(gettext("Decided, 1 h")),
        "reviewers": escape(gettext("Reviewers")),
        "sla": escape(gettext("SLA, 24 h")),
    }


def _row(
    row: "FloorRow", standing: Standing, *, url: str, history: Sequence[float | None], words: Words
) -> str:
    slug, title = escape(row.queue_slug), escape(row.title)
    shown = title.replace(" \N{MIDDLE DOT}", "\N{NO-BREAK SPACE}\N{MIDDLE DOT}")  # no line starts with a dot
    surface = escape(words.surfaces.get(row.surface, row.surface or ""))
    deadline = int(row.oldest_deadline_at.timestamp()) if row.oldest_deadline_at else ""
    oldest = int(row.oldest_enqueued_at.timestamp()) if row.oldest_enqueued_at else ""
    sla = row.sla_attainment
    cells = (
        _due(standing, row.oldest_age_seconds, words),
        _cell(
            "backlog",
            row.backlog,
            _backlog(row.backlog, history),
            words,
        ),
        _cell("in_review", row.in_review, _figure(row.in_review), words),
        _cell("arrivals", row.arrivals_1h or 0, _arrivals(row.arrivals_1h, row.plan_1h), words),
        _cell("decided", row.decided_1h or 0, _figure(row.decided_1h or 0), words),
        _cell("reviewers", row.active_reviewers or 0, _figure(row.active_reviewers or 0), words),
        _cell("sla", LAST if sla is None or sla.value is None else round(sla.value, 6), _sla(sla), words),
    )
    return (
        f'<tr id="q-{slug}" tabindex="0" data-slug="{slug}" data-level="{standing.level}"'
        f' data-deadline="{deadline}" data-oldest="{oldest}" data-state="{escape(row.state)}"'
        f' data-site="{escape(" ".join(row.sites))}"'
        f' data-language="{escape(" ".join(row.languages))}" data-surface="{escape(row.surface or "")}"'
        f' data-text="{slug} {title} {escape(row.group)} {surface}">'
        f'<th scope="row" class="queue" data-v="{title}"><a href="{url}" data-open hx-get="{url}"'
        f' hx-target="#drawer">{shown}</a>{_state_chip(row.state)}'
        f' <span class="tongues">{escape(_short(row.languages))}</span></th>{"".join(cells)}</tr>'
    )


def _due(standing: Standing, age_seconds: float | None, words: Words) -> str:
    level, left = standing.level, standing.seconds_left
    tone = level if level in ("late", "soon", "ok") else "idle"
    name = words.levels[level]
    text = due_text(left) if left is not None else waiting_text(age_seconds) if level == "ok" else name
    return (
        f'<td class="due" data-c="due" data-v="{_last(age_seconds) if left is None else round(left)}"'
        f' data-label="{words.labels["due"]}"><span class="chip {tone}">'
        f'<svg class="icon icon-s" aria-hidden="true">'
        f'<use href="#i-{ICONS[level]}"></use></svg><span data-count>{escape(text)}</span></span>'
        f'<span class="unseen" data-t>{escape(name)}</span></td>'
    )


def _last(age_seconds: float | None) -> int:
    return LAST_SECONDS - round(age_seconds or 0)


def _cell(name: str, value: float | str, inner: str, words: Words) -> str:
    return f'<td class="num" data-c="{name}" data-v="{value}" data-label="{words.labels[name]}">{inner}</td>'


def _backlog(backlog: int, history: Sequence[float | None]) -> str:
    return f'<span class="pair">{sparkline(history)}{_figure(backlog)}</span>'


def _figure(number: int) -> str:
    return f"<span data-t>{number:,}</span>"


def _state_chip(state: str) -> str:
    if state in UNSAID_STATES:
        return ""
    return f' <span class="chip line">{escape(state_names().get(state, state))}</span>'


def _short(languages: Sequence[str]) -> str:
    return " ".join(languages) if len(languages) <= 4 else f"{' '.join(languages[:3])} +{len(languages) - 3}"


def _arrivals(arrivals: int | None, plan: float | None) -> str:
    value = arrivals or 0
    if plan is None:
        return _figure(value)
    planned = f"/ {plan:,.0f}"
    return (
        f'<span class="stacked"><span class="figures">{_figure(value)} '
        f'<span class="interval" data-plan>{planned}</span></span>{bullet(value, plan)}</span>'
    )


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
