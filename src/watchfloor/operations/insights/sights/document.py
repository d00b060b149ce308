"""Writes a view as blocks of a document: charts, figures, and a sheet that says what they stand on."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.utils.translation import get_language, gettext

from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.figures import name_of, unit_name
from watchfloor.operations.insights.answers import bucket_text, values_of
from watchfloor.operations.insights.conventions import conventions
from watchfloor.operations.insights.dimension_words import dimension_names
from watchfloor.operations.insights.sights.parts import Sight, key_of, number_of, status_words
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.asked import Asked
from watchfloor.operations.shell.documents import (
    Block,
    Column,
    Document,
    Figure,
    Figures,
    Heading,
    Note,
    Number,
    PageBreak,
    Table,
    Text,
)

MOST_ROWS = 200
MOST_FLAT = 20_000


def document_of(sight: Sight, *, title: str, asked: Asked, made_at: datetime, address: str) -> Document:
    """Return the view as a whole document; files of it hold everything that the page shows."""
    return Document(
        title,
        (
            *blocks_of(sight),
            PageBreak(gettext("Definitions")),
            *definition_blocks(sight.definitions, [sight]),
        ),
        made_at,
        language_code(),
        f"{asked.operation} · {span_of(sight)}",
        simulated_text(asked),
        sources_of(sight, asked=asked, address=address),
    )


def language_code() -> str:
    """Return the language in force as documents name it."""
    return "zh-hans" if (get_language() or "en").lower().startswith("zh") else "en"


def simulated_text(asked: Asked) -> str:
    """Return what every page of a document of simulated data says; empty for what is real."""
    return gettext("Simulated data") if settings.WATCHFLOOR_SIMULATED and asked.is_live else ""


def span_of(sight: Sight) -> str:
    """Return the period in words, with the zone that its days are cut in."""
    start, end = formats.instant(sight.period.start), formats.instant(sight.period.end)
    return f"{start} – {end} UTC ({sight.question.time_zone})"


def sources_of(sight: Sight, *, asked: Asked, address: str) -> tuple[str, ...]:
    """Return what the figures stand on, as a footer's lines."""
    sources = sorted(set(sight.answer.notes.values()))
    return (
        gettext("Facts version %(version)s of %(operation)s, answered from %(source)s")
        % {"version": sight.answer.version, "operation": asked.operation, "source": ", ".join(sources)},
        f"{gettext('Filters')}: {filters_of(sight)}",
        address,
    )


def filters_of(sight: Sight) -> str:
    """Return the filters in words."""
    names = dimension_names()
    said = [f"{names.get(name, name)}: {', '.join(v)}" for name, v in sorted(sight.question.where.items())]
    return "; ".join(said) or gettext("none")


def blocks_of(sight: Sight, *, most_rows: int = MOST_ROWS) -> tuple[Block, ...]:
    """Return a view's remarks, large figures, charts and tables."""
    blocks: list[Block] = [Note(text) for text in sight.answer.warnings]
    blocks += [Text.of(text) for text in sight.remarks]
    if sight.is_empty:
        return (*blocks, Note(gettext("In this period and scope the facts hold nothing."), "quiet"))
    if len(sight.rows) == 1 and not sight.tables:
        blocks.append(_large(sight))
    group = ""
    for picture in sight.pictures:
        if picture.group and picture.group != group:
            group = picture.group
            blocks.append(Heading(group, 3))
        blocks.append(picture.chart)
    blocks += sight.tables
    if sight.rows and sight.question.view != "compare":
        blocks.append(_figures(sight, most_rows=most_rows))
    return tuple(blocks)


def _large(sight: Sight) -> Figures:
    found = []
    for definition, cell in zip(sight.definitions, sight.rows[0].cells, strict=False):
        number = number_of(cell, judged=sight.judged.get(key_of(cell)) if cell else None)
        if isinstance(number, Number) and cell is not None:
            found.append(Figure(name_of(definition), number, f"n = {formats.count(cell.n)}"))
    return Figures(tuple(found))


def _figures(sight: Sight, *, most_rows: int) -> Table:
    question, names, words = sight.question, dimension_names(), status_words()
    metrics: list[Column] = []
    for definition in sight.definitions:
        metrics += [Column(name_of(definition), "number"), Column("n", "number")]
        if sight.judged:
            metrics += [Column(gettext("Target"), "number"), Column(gettext("Status"), "status")]
    rows = []
    for row in sight.rows[:most_rows]:
        values: list[Number | str] = []
        if question.grain:
            values.append(bucket_text(row.bucket, grain=question.grain, time_zone=question.time_zone))
        values += [each or formats.NONE for each in row.values]
        for cell in row.cells:
            judged = sight.judged.get(key_of(cell)) if cell else None
            values += [number_of(cell, judged=judged), formats.count(cell.n) if cell else formats.NONE]
            if sight.judged:
                goal = judged.applied.value if judged else None
                unit = cell.unit if cell else ""
                values += [
                    Number(goal, formats.quantity(goal, unit=unit), unit=unit),
                    words.get(judged.status, "") if judged else "",
                ]
        rows.append(tuple(values))
    left_out = len(sight.rows) - len(rows)
    return Table(
        (
            *([Column(gettext("Start"))] if question.grain else []),
            *(Column(names.get(name, name)) for name in question.by),
            *metrics,
        ),
        tuple(rows),
        title=gettext("Figures"),
        note=gettext("%(n)s more rows are in the CSV.") % {"n": left_out} if left_out > 0 else "",
    )


def definition_blocks(definitions: Sequence[Definition], sights: Sequence[Sight]) -> tuple[Block, ...]:
    """Return what each metric is, its interval and its version, and the filters of the views that show it."""
    language = get_language() or "en"
    rows = []
    for definition in {each.id: each for each in definitions}.values():
        said = conventions(definition)
        rows.append(
            (
                name_of(definition),
                f"{definition.id}@{definition.version}",
                definition.formula.in_language(language),
                said["time_basis"],
                said["interval"],
                unit_name(definition.unit),
                definition.owner,
                definition.trap.in_language(language),
            )
        )
    titles = (
        gettext("Metric"),
        gettext("Version"),
        gettext("Formula"),
        gettext("Time basis"),
        gettext("Interval"),
        gettext("Unit"),
        gettext("Owner"),
        gettext("Trap"),
    )
    asked = tuple(
        (
            ", ".join(name_of(each) for each in sight.definitions[:6]),
            span_of(sight),
            filters_of(sight),
            str(sight.answer.version),
        )
        for sight in sights
    )
    return (
        Heading(gettext("Definitions"), 2),
        Table(tuple(Column(title) for title in titles), tuple(rows)),
        Table(
            tuple(
                Column(title)
                for title in (
                    gettext("Metric"),
                    gettext("Period"),
                    gettext("Filters"),
                    gettext("Facts version"),
                )
            ),
            asked,
            title=gettext("What was asked"),
        ),
    )


def flat_blocks(sight: Sight) -> tuple[Block, ...]:
    """Return every cell as one row with numerator and denominator, on a sheet of its own."""
    question = sight.question
    titles = (
        "bucket_start",
        *question.by,
        "metric",
        "version",
        "value",
        "n",
        "method",
        "numerator",
        "denominator",
    )
    rows: list[tuple[Number | str, ...]] = []
    for cell in sight.answer.cells[:MOST_FLAT]:
        e = cell.estimate
        rows.append(
            (
                bucket_text(cell.bucket_start, grain=question.grain, time_zone=question.time_zone),
                *values_of(cell, question.by),
                cell.metric,
                str(cell.version),
                Number(e.value, str(e.value), e.low, e.high, unit=cell.unit),
                Number(float(cell.n), str(cell.n)),
                e.method,
                Number(cell.numerator, str(cell.numerator)),
                Number(cell.denominator, str(cell.denominator)),
            )
        )
    return (PageBreak(gettext("Cells")), Table(tuple(Column(title) for title in titles), tuple(rows)))
