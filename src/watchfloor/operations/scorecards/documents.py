"""A board as a document: for workbooks with bars for the intervals, and for reports."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language, gettext

from watchfloor.operations.scorecards import words
from watchfloor.operations.scorecards.selectors import Figure, ScoreBoard
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.charts import compared
from watchfloor.operations.shell.documents import Chart, Column, Document, Number, Series, Table, Text
from watchfloor.operations.shell.documents.tree import Block, Tone, Value

_TONES: dict[str, Tone] = {"met": "good", "missed": "bad", "inconclusive": "warn"}


def board_blocks(board: ScoreBoard) -> tuple[Block, ...]:
    """Return the board as blocks: what matters first, a table of all figures, a chart a metric."""
    metrics = words.metric_names(board)
    columns = [Column(gettext("Unit"))]
    for _, name in metrics:
        columns += [Column(name, "number"), Column(gettext("Status"), "status"), Column("n", "number")]
    columns += [Column(gettext("Summary"), "share"), Column(gettext("Gate"), "status")]
    rows = []
    for card in board.cards:
        row: list[Value] = [f"{card.unit.name} ({card.unit.slug})"]
        for figure in card.figures:
            row += [number(figure), words.status_names()[figure.status], _count(figure)]
        found = card.summary
        failed = card.gate == "failed"
        shown = None if failed else found.value
        row.append(
            Number(shown, formats.share(shown), found.low, found.high, unit="share")
            if shown is not None
            else Number(None, formats.NONE)
        )
        row.append(words.gate_names()[card.gate])
        rows.append(tuple(row))
    table = Table(tuple(columns), tuple(rows), note=gettext("Units stand by name, not by value."))
    charts = [chart for metric, name in metrics if (chart := _chart(board, metric, name)) is not None]
    return (Text.of(words.headline(board)), table, *charts)


def board_document(board: ScoreBoard, *, operation: str, now: datetime, address: str) -> Document:
    """Return the board as a document of its own."""
    period = board.span.period
    return Document(
        title=gettext("Scorecards: %(kind)s") % {"kind": words.kind_names()[board.kind]},
        blocks=board_blocks(board),
        made_at=now,
        language=get_language() or "en",
        subtitle=f"{formats.day(period.start)} – {formats.day(period.end)} · {operation}",
        simulated=gettext("Simulated data") if settings.WATCHFLOOR_SIMULATED else "",
        sources=(
            gettext("Definition version %(version)s") % {"version": board.card.version},
            gettext("Facts version %(version)s") % {"version": board.version},
            address,
        ),
    )


def number(figure: Figure) -> Number:
    """Return a figure with its interval for documents."""
    cell, unit = figure.cell, figure.definition.unit
    if cell is None or cell.estimate.value is None:
        return Number(None, formats.NONE)
    low, high = cell.estimate.low, cell.estimate.high
    said = ""
    if low is not None and high is not None:
        said = f"{formats.quantity(low, unit=unit)} – {formats.quantity(high, unit=unit)}"
    return Number(
        cell.estimate.value,
        formats.quantity(cell.estimate.value, unit=unit),
        low,
        high,
        said,
        unit,
        _TONES.get(figure.status, "plain"),
    )


def _count(figure: Figure) -> Number:
    n = figure.cell.n if figure.cell else 0
    return Number(float(n), formats.count(n))


def _chart(board: ScoreBoard, metric: str, name: str) -> Chart | None:
    held = [
        (card.unit.name, figure.cell.estimate)
        for card in board.cards
        if (figure := card.figure(metric)) and figure.cell and figure.cell.estimate.value is not None
    ]
    if len(held) < 2:
        return None
    unit = next(each.definition.unit for each in board.cards[0].figures if each.measure.metric == metric)
    points = [{"name": who, "value": e.value, "low": e.low, "high": e.high} for who, e in held]
    series = Series(
        name,
        tuple(e.value for _, e in held),
        tuple(e.low for _, e in held),
        tuple(e.high for _, e in held),
    )
    return Chart(
        name,
        compared(points, value_title=name, unit=unit),
        tuple(who for who, _ in held),
        (series,),
        "bar",
        unit,
    )
