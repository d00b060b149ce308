"""Writes the studio's rows as HTML text: four hundred units with eleven methods without a template's cost."""

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from watchfloor.metrics.definition import Definition
from watchfloor.operations.shell import formats
from watchfloor.operations.targets.figures import typed
from watchfloor.operations.targets.grid import Grid, Row
from watchfloor.operations.targets.models import Plan
from watchfloor.operations.targets.words import ratchet_names


def grid_html(plan: Plan, grid: Grid, *, definition: Definition, may_change: bool) -> SafeString:
    """Return the body of the studio's table; each value is a field where the viewer may change it."""
    shown = [at for at, method in enumerate(grid.methods) if method.values]
    parts = [
        _row(plan, row, shown, unit=definition.unit, may_change=may_change, number=number)
        for number, row in enumerate(grid.rows)
    ]
    return mark_safe("".join(parts))  # noqa: S308 -- every value from outside is escaped below


def _row(plan: Plan, row: Row, shown: list[int], *, unit: str, may_change: bool, number: int) -> str:
    line = row.line
    names = [", ".join(line.scope.get(name, ())) for name in plan.by] or [line.scope_key]
    url = escape(reverse("targets:unit", args=[plan.pk, line.pk]))
    said = (
        f' <span class="chip accent" title="{escape(_comments(row.comments))}">{row.comments}</span>'
        if row.comments
        else ""
    )
    head = (
        f'<th scope="row" class="fix"><a data-open href="{url}" hx-get="{url}" hx-target="#drawer">'
        f"{escape(names[0])}</a>{said}"
        f"{f'<span class=sub>{escape(names[1])}</span>' if len(names) > 1 else ''}</th>"
    )
    told = "".join(_told(row.told[at], unit, line.value) for at in shown)
    marks = _marks(row)
    return (
        f'<tr id="u-{number:04d}" data-text="{escape(line.scope_key)}" data-w="{line.weight!r}" '
        f'data-b="{"" if line.baseline is None else repr(line.baseline)}"'
        f"{' data-fault' if row.fault else ''}>{head}"
        f'<td class="num" data-v="{line.weight!r}">{formats.share(line.weight)}</td>{_baseline(row, unit)}'
        f"{_value(row, unit, may_change=may_change)}"
        f'<td class="num" data-v="{"" if row.lift is None else row.lift}" data-lift>{_lift(row, unit)}</td>'
        f'<td class="marks">{marks}</td>'
        f'<td class="num quiet" data-v="{"" if row.spread is None else row.spread}">'
        f"{_amount(row.spread, unit)}</td>{told}</tr>"
    )


def _baseline(row: Row, unit: str) -> str:
    line = row.line
    if line.baseline is None:
        return f'<td class="num quiet" data-v="">{formats.NONE}</td>'
    span = ""
    if line.baseline_low is not None and line.baseline_high is not None:
        low, high = (formats.quantity(bound, unit=unit) for bound in (line.baseline_low, line.baseline_high))
        span = f'<span class="sub">{low} – {high}</span>'
    return (
        f'<td class="num" data-v="{line.baseline!r}" title="n = {line.n:,}">'
        f"{formats.quantity(line.baseline, unit=unit)}{span}</td>"
    )


def _value(row: Row, unit: str, *, may_change: bool) -> str:
    line = row.line
    held = "" if line.value is None else line.value
    if not may_change:
        return f'<td class="num strong" data-v="{held}">{formats.quantity(line.value, unit=unit)}</td>'
    label = gettext("Value of {unit}").format(unit=line.scope_key)
    upper = ""
    if line.plan.kind == "band":
        upper_label = gettext("Upper edge of {unit}").format(unit=line.scope_key)
        upper = " " + _field(f"u-{line.pk}", typed(line.upper, unit=unit), label=upper_label)
    value = _field(f"v-{line.pk}", typed(line.value, unit=unit), label=label, fault=row.fault)
    return f'<td class="num" data-v="{held}">{value}{upper}</td>'


def _field(name: str, text: str, *, label: str, fault: str = "") -> str:
    wrong = f' aria-invalid="true" title="{escape(fault)}"' if fault else ""
    return (
        f'<input class="figure" type="text" inputmode="decimal" name="{name}" autocomplete="off" '
        f'value="{escape(text)}" data-was="{escape(text)}" aria-label="{escape(label)}"{wrong}>'
    )


def _lift(row: Row, unit: str) -> str:
    if row.lift is None:
        return formats.NONE
    units = ""
    if row.units is not None and abs(row.units) >= 0.5:
        moved = gettext("{n} a period").format(n=_signed_count(row.units))
        units = f'<span class="sub">{escape(moved)}</span>'
    return f"{_signed(row.lift, unit)}{units}"


def _signed(value: float, unit: str) -> str:
    sign = "+" if value > 0 else formats.MINUS if value < 0 else "±"
    return f"{sign}{_amount(abs(value), unit)}"


def _signed_count(value: float) -> str:
    sign = "+" if value > 0 else formats.MINUS
    return f"{sign}{abs(round(value)):,}"


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return formats.NONE
    if unit == "share":
        return gettext("{n} pt").format(n=f"{value * 100:.2g}" if value < 0.1 else f"{value * 100:.1f}")
    return formats.quantity(value, unit=unit)


def _told(value: float | None, unit: str, chosen: float | None) -> str:
    if value is None:
        return f'<td class="num quiet">{formats.NONE}</td>'
    same = chosen is not None and abs(value - chosen) <= 1e-6 * max(1.0, abs(value))
    return (
        f'<td class="num told{" chosen" if same else ""}" data-v="{value:.8g}" '
        f'data-take="{escape(typed(float(f"{value:.6g}"), unit=unit))}">'
        f"{formats.quantity(value, unit=unit)}</td>"
    )


def _marks(row: Row) -> str:
    marks: list[tuple[str, str, str]] = []
    if row.fault:
        marks.append(("late", gettext("refused"), row.fault))
    if row.feasible is not None:
        tone = "ok" if row.feasible >= 0.8 else "soon" if row.feasible >= 0.5 else "late"
        text = gettext("P {p}").format(p=formats.share(row.feasible, digits=0))
        marks.append((tone, text, gettext("Share of periods, drawn from the history, that keep the value.")))
    if row.ratchet:
        names = ratchet_names()
        marks.append(("soon", gettext("ratchet"), " ".join(names[code] for code in row.ratchet)))
    if row.now.target is not None and row.now.target.contractual and not row.now.inherited:
        marks.append(("accent", gettext("contract"), gettext("A contract's target holds here at present.")))
    return "".join(
        f'<span class="chip {tone}" title="{escape(said)}">{escape(text)}</span>'
        for tone, text, said in marks
    )


def _comments(count: int) -> str:
    return ngettext("{n} comment", "{n} comments", count).format(n=count)
