"""Compares two periods: each change with its interval, and whether it is more than noise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from statistics import fmean, variance

from django.utils.translation import gettext, ngettext

from watchfloor.kernel import Period, Scope
from watchfloor.metrics import Cell
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.figures import axis_unit, name_of, scaled
from watchfloor.operations.insights.answers import rows_of, values_of
from watchfloor.operations.insights.dimension_words import dimension_names
from watchfloor.operations.insights.sights.parts import Look, Picture, Sight, number_of
from watchfloor.operations.insights.sights.standing import standing
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.chart_forms import changes
from watchfloor.operations.shell.documents import Chart, Column, Number, Series, Table
from watchfloor.operations.shell.documents.tree import Tone
from watchfloor.science.uncertainty.differences import Difference, recovered, welch

MOST_DRAWN = 40
FEWEST_DAYS = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One scope in two periods. `difference` is None where no interval can be given; `why` says why."""

    now: Cell
    before: Cell | None
    difference: Difference | None
    why: str = ""
    per_day: bool = False

    @property
    def value(self) -> float | None:
        """The change, in the metric's unit."""
        if self.before is None or self.now.estimate.value is None or self.before.estimate.value is None:
            return None
        return self.now.estimate.value - self.before.estimate.value

    @property
    def verdict(self) -> str:
        """`up`, `down`, `noise`, or `unknown` where no interval can be given."""
        if self.difference is None:
            return "unknown"
        if not self.difference.is_shown:
            return "noise"
        return "up" if self.difference.value > 0 else "down"


def compare(look: Look) -> Sight:
    """Return the figures of the period, and how each differs from the period it is compared with.

    Raises:
        QuestionError: the two periods overlap, or the other cannot be read.

    """
    look = look.with_question(grain=None)
    other = look.question.against(look.period, now=look.now)
    answer = look.ask(look.query())
    earlier = look.ask(replace(look.query(), period=other))
    past = {(cell.metric, cell.scope): cell for cell in earlier.cells}
    daily = _daily(look, other)
    rows = tuple(rows_of(answer.cells, question=look.question, period=look.period))
    tables, pictures, compared = [], [], []
    for at, definition in enumerate(look.definitions):
        found = []
        for row in rows:
            if cell := row.cells[at]:
                before = past.get((cell.metric, cell.scope))
                found.append(_change(cell, before, definition=definition, daily=daily))
        compared += found
        tables.append(_table(found, definition=definition, look=look))
        picture = _picture(found, definition=definition, look=look)
        if picture is not None:
            pictures.append(picture)
    return Sight(
        look.question,
        look.period,
        answer,
        look.definitions,
        tuple(pictures),
        rows,
        tuple(table for table in tables if table.rows),
        standing(answer.cells, definitions=look.definitions, look=look),
        _remarks(compared, other=other),
    )


def _remarks(found: Sequence[Change], *, other: Period) -> tuple[str, ...]:
    tested = [one for one in found if one.difference is not None]
    shown = sum(one.verdict in ("up", "down") for one in tested)
    remarks = [
        gettext("Compared with %(start)s – %(end)s UTC.")
        % {"start": formats.instant(other.start), "end": formats.instant(other.end)}
    ]
    if tested:
        said = ngettext(
            "%(shown)s of %(n)s change is more than noise.",
            "%(shown)s of %(n)s changes are more than noise.",
            len(tested),
        ) % {"shown": shown, "n": len(tested)}
        chance = gettext("By chance alone about %(n)s would be.") % {"n": f"{0.05 * len(tested):.1f}"}
        remarks.append(f"{said} {chance}")
    return tuple(remarks)


DailyKey = tuple[str, Scope]


def _daily(look: Look, other: Period) -> Mapping[str, Mapping[DailyKey, list[float]]]:
    """Return the daily values of sums without an interval, by period: `now` and `before`."""
    sums = tuple(
        each.id for each in look.definitions if each.additivity == "ADD" and each.interval.method == "none"
    )
    found: dict[str, dict[DailyKey, list[float]]] = {"now": {}, "before": {}}
    if not sums:
        return found
    for name, period in (("now", look.period), ("before", other)):
        asked = replace(look.query(), metrics=sums, period=period, grain="day")
        for cell in look.ask(asked).cells:
            whole = cell.period.seconds >= timedelta(days=1).total_seconds() - 1
            inside = period.start <= cell.period.start and cell.period.end <= period.end
            if cell.estimate.value is not None and whole and inside:
                found[name].setdefault((cell.metric, cell.scope), []).append(cell.estimate.value)
    return found


def _change(
    cell: Cell,
    before: Cell | None,
    *,
    definition: Definition,
    daily: Mapping[str, Mapping[DailyKey, list[float]]],
) -> Change:
    if before is None or before.estimate.value is None or cell.estimate.value is None:
        return Change(cell, before, None, gettext("nothing was observed in one of the periods"))
    one, two = before.estimate, cell.estimate
    if one.low is not None and one.high is not None and two.low is not None and two.high is not None:
        found = recovered(
            values=(one.value or 0.0, two.value or 0.0), lows=(one.low, two.low), highs=(one.high, two.high)
        )
        return Change(cell, before, found)
    key = (cell.metric, cell.scope)
    then, now = daily["before"].get(key, []), daily["now"].get(key, [])
    if definition.additivity == "ADD" and min(len(then), len(now)) >= FEWEST_DAYS:
        found = welch(
            means=(fmean(then), fmean(now)),
            variances=(variance(then), variance(now)),
            counts=(len(then), len(now)),
        )
        return Change(cell, before, found, per_day=True)
    if definition.additivity == "ADD":
        why = gettext("a count of everything: its days would tell, but fewer than %(n)s are whole") % {
            "n": FEWEST_DAYS
        }
        return Change(cell, before, None, why)
    return Change(cell, before, None, gettext("no interval is defined for it"))


def _verdicts(definition: Definition) -> dict[str, tuple[str, Tone]]:
    better: dict[str, tuple[Tone, Tone]] = {
        "higher_is_better": ("good", "bad"),
        "lower_is_better": ("bad", "good"),
    }
    up, down = better.get(definition.direction, ("plain", "plain"))
    return {
        "up": (gettext("higher"), up),
        "down": (gettext("lower"), down),
        "noise": (gettext("noise"), "quiet"),
        "unknown": (formats.NONE, "quiet"),
    }


def _table(found: Sequence[Change], *, definition: Definition, look: Look) -> Table:
    words, names = _verdicts(definition), dimension_names()
    rows = []
    for one in found:
        word, tone = words[one.verdict]
        rows.append(
            (
                *values_of(one.now, look.question.by),
                number_of(one.before),
                number_of(one.now),
                _changed(one, definition=definition),
                Number(None, word if one.verdict != "unknown" else one.why, tone=tone),
            )
        )
    return Table(
        (
            *(Column(names.get(name, name)) for name in look.question.by),
            Column(gettext("Before"), "number"),
            Column(gettext("Now"), "number"),
            Column(gettext("Change"), "number"),
            Column(gettext("Verdict"), "status"),
        ),
        tuple(rows),
        title=name_of(definition),
        note=gettext("The change of a sum without an interval is that of its mean day (Welch).")
        if any(one.per_day for one in found)
        else "",
    )


def _changed(one: Change, *, definition: Definition) -> Number:
    value = one.value
    if value is None:
        return Number(None, formats.NONE)
    text = signed(value, unit=definition.unit)
    if one.difference is None:
        return Number(value, text, unit=definition.unit)
    low, high = one.difference.low, one.difference.high
    span = f"{signed(low, unit=definition.unit)} … {signed(high, unit=definition.unit)}"
    if one.per_day:
        return Number(value, text, interval=gettext("%(span)s a day") % {"span": span}, unit=definition.unit)
    return Number(value, text, low, high, span, definition.unit)


def signed(value: float, *, unit: str) -> str:
    """Return a change with its sign; shares change by points.

    >>> signed(-0.021, unit="share"), signed(3.0, unit="cases")
    ('−2.1 pp', '+3')
    """
    sign = "+" if value > 0 else formats.MINUS if value < 0 else "±"
    if unit == "share":
        return f"{sign}{abs(value) * 100:.1f} pp"
    return sign + formats.quantity(abs(value), unit=unit)


def _picture(found: Sequence[Change], *, definition: Definition, look: Look) -> Picture | None:
    known = [one for one in found if one.difference is not None][:MOST_DRAWN]
    if len(known) < 2:
        return None
    largest = max(abs(one.difference.value) for one in known if one.difference)
    unit, divisor = axis_unit(definition.unit, largest=largest)
    words = _verdicts(definition)
    points = [
        scaled(
            {
                "name": " · ".join(values_of(one.now, look.question.by)) or name_of(definition),
                "value": one.difference.value,
                "low": one.difference.low,
                "high": one.difference.high,
                "shown": one.difference.is_shown,
                "said": words[one.verdict][0],
            },
            divisor,
        )
        for one in known
        if one.difference
    ]
    title = gettext("Change of %(name)s") % {"name": name_of(definition)} + (f" ({unit})" if unit else "")
    series = Series(
        gettext("Change"),
        tuple(one.difference.value for one in known if one.difference),
        tuple(one.difference.low for one in known if one.difference),
        tuple(one.difference.high for one in known if one.difference),
    )
    names = tuple(str(one["name"]) for one in points)
    spec = changes(points, value_title=title, unit=definition.unit)
    return Picture(
        Chart(title, spec, names, (series,), "bar", definition.unit, alternative=title), bounded=True
    )
