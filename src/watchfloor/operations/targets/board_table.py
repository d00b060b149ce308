"""Writes the board's rows as HTML text: four hundred rows without a template's cost."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.shell import formats
from watchfloor.operations.targets.board import Standing
from watchfloor.operations.targets.judging import Judged
from watchfloor.operations.targets.models import Target
from watchfloor.operations.targets.projecting import Outlook
from watchfloor.operations.targets.words import (
    STATUS_TONES,
    kind_names,
    noise_names,
    outlook_reasons,
    period_names,
    scope_words,
    status_names,
    verdict_names,
)


def goal_text(target: Target, *, value: float | None = None, unit: str) -> str:
    """Return what the target asks: ≥ a floor, ≤ a ceiling, both edges of a band."""
    shown = formats.quantity(target.value if value is None else value, unit=unit)
    if target.kind == "band":
        return f"{shown} – {formats.quantity(target.upper, unit=unit)}"
    up = target.kind == "floor" or (target.kind == "stretch" and target.direction == "higher_is_better")
    return f"{'≥' if up else '≤'} {shown}"


def board_html(standings: Sequence[Standing], *, carry: str) -> SafeString:
    """Return the body of the board's table."""
    statuses, kinds, periods = status_names(), kind_names(), period_names()
    metrics = catalogue()
    parts = []
    for number, one in enumerate(standings):
        target, judged = one.target, one.judged
        definition = metrics[target.metric_id]
        url = escape(reverse("targets:detail", args=[target.target_id]) + carry)
        chips = "".join(f'<span class="chip line">{escape(text)}</span>' for text in _marks(one))
        parts.append(
            f'<tr id="t-{number:04d}" tabindex="0" data-text="{escape(_searched(one, definition))}">'
            f'<th scope="row"><a data-open href="{url}">{escape(name_of(definition))}</a>'
            f'<span class="sub">{escape(scope_words(target.scope))}</span></th>'
            f'<td class="nowrap">{escape(kinds[target.kind])}'
            f'<span class="sub">{escape(periods[target.period])}</span></td>'
            f'<td class="num" data-v="{target.value}">'
            f"{escape(goal_text(target, value=judged.applied.value, unit=definition.unit))}</td>"
            f"{_value(judged, definition)}"
            f'<td data-v="{list(statuses).index(judged.status)}"><span class="chips"><span class="chip '
            f'{STATUS_TONES.get(judged.status, "")}">{escape(statuses[judged.status])}</span>{chips}</span>'
            f'<span class="sub">{escape(said(one))}</span></td>'
            f"{_short(judged, definition)}"
            f"{_outlook(one.outlook, definition)}"
            f'<td class="quiet">{escape(target.owner)}</td></tr>'
        )
    return mark_safe("".join(parts))  # noqa: S308 -- every value from outside is escaped above


def _searched(one: Standing, definition: Definition) -> str:
    return f"{definition.id} {name_of(definition)} {one.target.scope_key} {one.target.owner}"


def _marks(one: Standing) -> list[str]:
    marks = []
    if one.judged.stands_out:
        marks.append(gettext("stands out"))
    if one.target.contractual:
        marks.append(gettext("contract"))
    if not one.judged.material and one.judged.status == "missed":
        marks.append(gettext("not material"))
    if one.beaten_by is not None:
        marks.append(gettext("another applies"))
    if one.ends_soon is not None:
        marks.append(gettext("ends {day}").format(day=formats.day(one.target.effective_to)))
    return marks


def said(one: Standing) -> str:
    """Return in a few words what the status stands on."""
    judged = one.judged
    if one.problem == "facts_begin_later":
        return gettext("The facts begin within this period.")
    if one.problem:
        return one.problem
    if judged.status == "no_data":
        return (
            gettext("{n} of {least} observations").format(n=judged.cell.n, least=one.target.min_n)
            if judged.cell.n
            else gettext("nothing observed")
        )
    if judged.status == "inconclusive":
        needed = judged.audits_needed
        if needed is None:
            return gettext("The interval holds the target.")
        return ngettext("about {n} audit decides", "about {n} audits decide", needed).format(
            n=formats.count(needed)
        )
    if judged.status == "missed":
        if judged.noise:
            return noise_names()[judged.noise]
        if judged.probability is not None:
            return gettext("P(kept) {p}").format(p=formats.share(judged.probability))
    return ""


def _value(judged: Judged, definition: Definition) -> str:
    estimate = judged.cell.estimate
    if estimate.value is None:
        return f'<td class="num quiet" data-v="">{formats.NONE}</td>'
    span = ""
    if estimate.low is not None and estimate.high is not None:
        low, high = (formats.quantity(bound, unit=definition.unit) for bound in (estimate.low, estimate.high))
        span = f'<span class="sub">{low} – {high}</span>'
    return (
        f'<td class="num" data-v="{estimate.value}" title="n = {judged.cell.n:,}">'
        f"{formats.quantity(estimate.value, unit=definition.unit)}{span}</td>"
    )


def _short(judged: Judged, definition: Definition) -> str:
    if not judged.shortfall or judged.status in ("met", "no_data"):
        return f'<td class="num quiet" data-v="0">{formats.NONE}</td>'
    unit = gettext("cases") if definition.unit == "share" else ""
    return (
        f'<td class="num" data-v="{judged.shortfall}">{formats.quantity(round(judged.shortfall), unit="")}'
        f'<span class="sub">{escape(unit)}</span></td>'
    )


def _outlook(outlook: Outlook | None, definition: Definition) -> str:
    if outlook is None or outlook.value is None:
        reason = outlook_reasons().get(outlook.why_not, "") if outlook is not None else ""
        return f'<td class="num quiet" data-v="" title="{escape(reason)}">{formats.NONE}</td>'
    chance = outlook.probability
    return (
        f'<td class="num" data-v="{"" if chance is None else chance}">'
        f'<span class="hit" data-level="{level(chance)}">{formats.share(chance, digits=0)}</span>'
        f'<span class="sub">{escape(needs(outlook, definition))}</span></td>'
    )


def level(chance: float | None) -> str:
    """Return whether a probability of keeping a target is low, open or high."""
    if chance is None:
        return ""
    return "low" if chance < 0.2 else "open" if chance < 0.8 else "high"


def needs(outlook: Outlook, definition: Definition) -> str:
    """Return what the rest of the period must reach, in a few words."""
    if outlook.verdict != "open":
        return verdict_names()[outlook.verdict]
    if outlook.required is None:
        return ""
    shown = formats.quantity(outlook.required, unit=definition.unit)
    if definition.additivity == "ADD":
        return gettext("needs {value} a day").format(value=shown)
    return gettext("rest at {value}").format(value=shown)
