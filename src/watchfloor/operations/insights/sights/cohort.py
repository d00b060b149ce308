"""The cohort views: by tenure of the reviewer over time, and by age since the case was enqueued."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext

from watchfloor.metrics import Answer, Cell
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.spreading import with_variants, within_age
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.cells.warehouse import catalogue
from watchfloor.operations.insights.answers import bucket_text, interval_text, rows_of
from watchfloor.operations.insights.question import QuestionError
from watchfloor.operations.insights.sights.parts import Look, Picture, Sight, number_of
from watchfloor.operations.insights.sights.plain import pictured
from watchfloor.operations.insights.sights.standing import standing
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.chart_forms import heat
from watchfloor.operations.shell.documents import Chart, Column, Series, Table

BAND = "tenure_band"
_BANDS = ("0-30", "31-90", "91-180", "181-365", "366+")
_HOUR = 3_600.0
AGES = (_HOUR, 4 * _HOUR, 12 * _HOUR, 24 * _HOUR, 72 * _HOUR, 168 * _HOUR, 336 * _HOUR, 672 * _HOUR)


def cohort(look: Look) -> Sight:
    """Return cohorts by tenure, or by age since enqueue where the metric follows cases to an age."""
    wanted = look.question.cohort
    if not wanted:
        wanted = "tenure" if all(BAND in each.dimensions for each in look.definitions) else "age"
    return by_tenure(look) if wanted == "tenure" else by_age(look)


def by_tenure(look: Look) -> Sight:
    """Return each metric by tenure band, as a whole and over time.

    Raises:
        RefusedError: a metric does not know tenure.

    """
    look = look.with_question(by=(BAND,), grain=None)
    whole = look.ask(look.query())
    rows = sorted(
        rows_of(whole.cells, question=look.question, period=look.period), key=lambda row: _rank(row.values[0])
    )
    timed = look.with_question(grain=look.question.grain or "week")
    over = timed.ask(timed.query())
    later = sorted(
        rows_of(over.cells, question=timed.question, period=look.period),
        key=lambda row: (row.bucket, _rank(row.values[0])),
    )
    pictures: list[Picture] = []
    for at, definition in enumerate(look.definitions):
        for question, kept in ((look.question, rows), (timed.question, later)):
            picture = pictured(kept, question=question, definition=definition, at=at)
            if picture is not None:
                pictures.append(picture)
    remark = gettext(
        "Tenure counts days since the first production case on the day of the work: people move up."
    )
    return Sight(
        look.question,
        look.period,
        whole,
        look.definitions,
        tuple(pictures),
        tuple(rows),
        judged=standing(whole.cells, definitions=look.definitions, look=look),
        remarks=(remark,),
    )


def _rank(band: str) -> tuple[int, str]:
    return (_BANDS.index(band) if band in _BANDS else len(_BANDS), band)


def by_age(look: Look) -> Sight:
    """Return, for each week of enqueue, the share that had followed by each age.

    Raises:
        QuestionError: several metrics are asked for.
        RefusedError: the metric does not follow cases to an age.

    """
    if len(look.question.metrics) != 1:
        raise QuestionError(
            f"{len(look.question.metrics)} metrics are asked for; cohorts by age show one.",
            remedy="Leave one metric, or choose cohorts by tenure.",
        )
    definition = look.definitions[0]
    variants = [within_age(definition, seconds) for seconds in AGES]
    look = look.with_question(by=(), grain="week")
    query = replace(look.query(), metrics=tuple(one.id for one in variants))
    answer = look.ask(query, definitions=with_variants(catalogue(), {one.id: one for one in variants}))
    return _triangle(answer, variants, definition=definition, look=look)


def _triangle(answer: Answer, variants: Sequence[Definition], *, definition: Definition, look: Look) -> Sight:
    ages = [formats.duration(seconds) for seconds in AGES]
    at = {one.id: number for number, one in enumerate(variants)}
    weeks: dict[str, dict[int, Cell]] = {}
    for cell in answer.cells:
        if cell.bucket_start is not None:
            week = bucket_text(cell.bucket_start, grain="week", time_zone=look.question.time_zone)
            weeks.setdefault(week, {})[at[cell.metric]] = cell
    names = sorted(weeks)
    squares = [
        {
            "row": week,
            "column": ages[age],
            "value": cell.estimate.value,
            "text": f"{formats.share(cell.estimate.value)} ({interval_text(cell)})",
            "n": cell.n,
            "differs": False,
        }
        for week in names
        for age, cell in sorted(weeks[week].items())
        if cell.estimate.value is not None
    ]
    title = name_of(definition)
    after = gettext("Since enqueue")
    pictures = []
    if squares:
        spec = heat(squares, value_title=title, unit="share", rows=names, columns=ages, column_title=after)
        estimates = {week: [weeks[week].get(age) for age in range(len(AGES))] for week in names}
        series = tuple(
            Series(
                week,
                tuple(cell.estimate.value if cell else None for cell in estimates[week]),
                tuple(cell.estimate.low if cell else None for cell in estimates[week]),
                tuple(cell.estimate.high if cell else None for cell in estimates[week]),
            )
            for week in names[-6:]
        )
        chart = Chart(title, spec, tuple(ages), series, "line", "share", alternative=f"{title}: {after}")
        pictures.append(Picture(chart, bounded=True))
    table = Table(
        (Column(gettext("Week of enqueue")), *(Column(age, "share") for age in ages)),
        tuple((week, *(number_of(weeks[week].get(age)) for age in range(len(AGES)))) for week in names),
        title=after,
        note=gettext("A square counts only the cases that have reached its age."),
    )
    return Sight(
        look.question,
        look.period,
        answer,
        (definition,),
        tuple(pictures),
        tables=(table,) if table.rows else (),
    )
