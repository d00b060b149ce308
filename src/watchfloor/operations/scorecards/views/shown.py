"""Turns a board and its figures into what the templates show; shared by every page of scorecards."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.people.pages import PageRequest
from watchfloor.operations.scorecards import words
from watchfloor.operations.scorecards.charts import trend_chart
from watchfloor.operations.scorecards.selectors import Figure, ScoreBoard, UnitCard
from watchfloor.operations.scorecards.units import kinds_for
from watchfloor.operations.scorecards.vocabulary import DIMENSION_OF
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.asked import asked_for
from watchfloor.operations.shell.pictures import sparkline


@dataclass(frozen=True, slots=True)
class Tab:
    """One part of scorecards."""

    name: str
    url: str
    is_current: bool


def tabs(request: PageRequest, current: str) -> list[Tab]:
    """Return the kinds the viewer may see, then contracts and definitions."""
    names, carry = words.kind_names(), asked_for(request).carry
    found = [
        Tab(names[kind], reverse("scorecards:board", args=[kind]) + carry, kind == current)
        for kind in kinds_for(request.viewer)
    ]
    if request.viewer.can("contracts.view"):
        found.append(Tab(gettext("Contracts"), reverse("scorecards:contracts"), current == "contracts"))
    if found:
        found.append(Tab(gettext("Definitions"), reverse("scorecards:definitions"), current == "definitions"))
    return found


def status_shown(figure: Figure, *, min_n: int) -> dict[str, Any]:
    """Return a figure for a cell of the board."""
    cell, unit = figure.cell, figure.definition.unit
    value = cell.estimate.value if cell else None
    return {
        "metric": figure.measure.metric,
        "name": name_of(figure.definition),
        "value": formats.quantity(value, unit=unit),
        "interval": interval_text(figure),
        "n": cell.n if cell else 0,
        "status": figure.status,
        "status_name": words.status_names()[figure.status],
        "tone": words.TONES.get(figure.status, ""),
        "sentence": words.status_sentence(figure, min_n=min_n),
        "noise": _noise(figure),
        "stands_out": bool(figure.judged and figure.judged.stands_out),
        "immaterial": bool(figure.judged and figure.status == "missed" and not figure.judged.material),
        "change": change_text(figure),
        "change_noise": _noise_word(figure.change.noise) if figure.change else "",
        "spark": spark(figure),
        "excluded": figure.excluded,
    }


def interval_text(figure: Figure) -> str:
    """Return the interval of a figure in its unit; empty without one."""
    cell = figure.cell
    if cell is None or cell.estimate.low is None or cell.estimate.high is None:
        return ""
    unit, bounds = figure.definition.unit, (cell.estimate.low, cell.estimate.high)
    return " – ".join(formats.quantity(one, unit=unit) for one in bounds)


def change_text(figure: Figure) -> str:
    """Return how the figure moved, with its sign; shares in points."""
    if figure.change is None:
        return ""
    moved, unit = figure.change.difference, figure.definition.unit
    sign = "+" if moved > 0 else formats.MINUS if moved < 0 else "±"
    if unit == "share":
        return gettext("%(change)s points") % {"change": f"{sign}{abs(moved) * 100:.1f}"}
    return f"{sign}{formats.quantity(abs(moved), unit=unit)}"


def spark(figure: Figure) -> SafeString:
    """Return the trend as a small line between its own extremes."""
    values = [cell.estimate.value for cell in figure.trend]
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    low, spread = min(known), (max(known) - min(known)) or 1.0
    placed = [None if value is None else 0.12 + 0.88 * (value - low) / spread for value in values]
    return SafeString(sparkline(placed))


def explained(figure: Figure, card: UnitCard, board: ScoreBoard, *, at: int) -> dict[str, Any]:
    """Return a figure with everything a unit's page says of it."""
    unit = figure.definition.unit
    shown = status_shown(figure, min_n=board.card.min_n)
    one, mix, drawn = figure.judged, figure.adjusted, figure.shrunken
    goal = one.applied.value if one else None
    chart = trend_chart(figure.trend, title=shown["name"], unit=unit, goal=goal)
    return shown | {
        "weight": figure.measure.weight,
        "target": words.target_text(figure),
        "missing": formats.share(drawn.missing) if drawn and drawn.missing is not None else "",
        "shrunken": formats.quantity(drawn.mean, unit=unit) if drawn else "",
        "shrunken_interval": f"{formats.share(drawn.low)} – {formats.share(drawn.high)}" if drawn else "",
        "adjusted": formats.quantity(mix.value, unit=unit) if mix else "",
        "adjusted_interval": f"{formats.share(mix.low)} – {formats.share(mix.high)}" if mix else "",
        "ratio": f"{mix.ratio:.3f}" if mix else "",
        "adjusted_p": formats.share(one.adjusted) if one and one.adjusted is not None else "",
        "chart": chart,
        "chart_id": f"trend-{at}",
        "url": evidence_url(figure, card, board),
        "is_people": figure.definition.people == "team_level",
    }


def evidence_url(figure: Figure, card: UnitCard, board: ScoreBoard) -> str:
    """Return the address of the figure in Explore, from where each cell opens its cases."""
    dimension = DIMENSION_OF[board.kind]
    values = ",".join(card.unit.where[dimension])
    period = board.span.period
    query = {
        "m": figure.measure.metric,
        "where": f"{dimension}:{values}",
        "from": f"{period.start:%Y-%m-%d}",
        "to": f"{period.end:%Y-%m-%d}",
        "grain": "day",
    }
    return f"{reverse('insights:explore')}?{urlencode(query)}"


def summary_shown(card: UnitCard) -> dict[str, Any]:
    """Return the summary with its interval, or what overrules it."""
    found = card.summary
    share = formats.share
    return {
        "failed": card.gate == "failed",
        "value": share(found.value) if found.value is not None else "",
        "interval": f"{share(found.low)} – {share(found.high)}" if found.value is not None else "",
        "covered": share(found.covered, digits=0),
        "gate": card.gate,
        "gate_name": words.gate_names()[card.gate],
        "gate_tone": {"failed": "late", "passed": "ok", "open": "soon"}.get(card.gate, ""),
        "limit": share(card.gate_limit),
    }


def _noise(figure: Figure) -> str:
    return _noise_word(figure.judged.noise) if figure.judged else ""


def _noise_word(noise: str) -> str:
    return {"signal": gettext("signal"), "noise": gettext("noise")}.get(noise, "")
