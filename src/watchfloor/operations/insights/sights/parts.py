"""What every view is made of: who asks what, and what there is to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.utils.translation import gettext

from watchfloor.kernel import Period, Scope
from watchfloor.metrics import Answer, Catalogue, Cell, Query
from watchfloor.metrics.definition import Definition
from watchfloor.operations.cells.asking import ask_as
from watchfloor.operations.cells.warehouse import catalogue, seen_from
from watchfloor.operations.insights.answers import Row, interval_text
from watchfloor.operations.insights.logical_figures import with_logical
from watchfloor.operations.insights.question import Question
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.asked import Asked
from watchfloor.operations.shell.documents import Chart, Number, Table
from watchfloor.operations.shell.documents.tree import Tone
from watchfloor.operations.targets.judging import Judged

CellKey = tuple[str, Scope, datetime | None]


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart of a view; `group` is the heading it stands under, `bounded` says that it shows intervals."""

    chart: Chart
    bounded: bool = False
    group: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sight:
    """What a question looks like in its view.

    Attributes:
        question: As it was answered: a view may have set its dimensions or its grain.
        period: The period of the answer.
        answer: The answer, with its warnings, sources and SQL.
        definitions: What was asked for, in the order of the columns.
        pictures: Charts, in order.
        rows: The figures, one row a scope and bucket, for the table that leads to cases.
        tables: Other tables: changes, cohorts, quantiles.
        judged: Cells against the targets that apply to them.
        remarks: What to know before reading.

    """

    question: Question
    period: Period
    answer: Answer
    definitions: tuple[Definition, ...]
    pictures: tuple[Picture, ...] = ()
    rows: tuple[Row, ...] = ()
    tables: tuple[Table, ...] = ()
    judged: Mapping[CellKey, Judged] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was observed."""
        cells = (cell for row in self.rows for cell in row.cells if cell is not None)
        return not self.tables and all(cell.estimate.value is None for cell in cells)


@dataclass(frozen=True, slots=True)
class Look:
    """Who asks what, seen from when: what every view starts from."""

    question: Question
    viewer: Viewer
    asked: Asked
    now: datetime
    period: Period

    @classmethod
    def of(cls, question: Question, *, viewer: Viewer, asked: Asked, now: datetime) -> "Look":
        """Return the look at a question; what the page shows is seen from the instant that is asked for.

        Raises:
            PeriodError: the instant of knowledge cannot be read.

        """
        asked.require_knowledge()
        seen_at = seen_from(asked, now=now)
        return cls(question, viewer, asked, seen_at, question.period(asked=asked, now=seen_at))

    @property
    def definitions(self) -> tuple[Definition, ...]:
        """The definitions of the question's metrics."""
        return tuple(catalogue()[name] for name in self.question.metrics)

    def where(self) -> dict[str, tuple[str, ...]]:
        """Return the question's filters, a logical queue as what it stands for."""
        return with_logical(self.question.where, viewer=self.viewer)

    def query(self) -> Query:
        """Return the question as the metrics understand it."""
        return replace(
            self.question.query(asked=self.asked, now=self.now, where=self.where()), period=self.period
        )

    def ask(
        self, query: Query, *, definitions: Catalogue | None = None, now: datetime | None = None
    ) -> Answer:
        """Return what the viewer may know of the query's answer."""
        return ask_as(
            query,
            viewer=self.viewer,
            operation=self.asked.operation,
            now=now or self.now,
            known_at=self.asked.known_at,
            definitions=definitions,
        )

    def with_question(self, **changes: object) -> "Look":
        """Return the look with its question changed, over the same period."""
        return replace(self, question=replace(self.question, **changes))  # type: ignore[arg-type]  # its fields


def key_of(cell: Cell) -> CellKey:
    """Return what a cell is found by."""
    return cell.metric, cell.scope, cell.bucket_start


def number_of(cell: Cell | None, *, judged: Judged | None = None) -> Number | str:
    """Return a cell as documents write it; a dash where there is none."""
    if cell is None or cell.estimate.value is None:
        held_back = cell is not None and cell.suppression == "suppressed"
        return cell.suppression if cell is not None and held_back else formats.NONE
    estimate = cell.estimate
    return Number(
        estimate.value,
        formats.quantity(estimate.value, unit=cell.unit),
        estimate.low,
        estimate.high,
        interval_text(cell),
        cell.unit,
        tone_of(judged.status if judged else ""),
    )


def tone_of(status: str) -> Tone:
    """Return how a status is coloured; words say it too."""
    tones: dict[str, Tone] = {"met": "good", "missed": "bad", "inconclusive": "warn"}
    return tones.get(status, "plain")


def status_words() -> dict[str, str]:
    """Return the words for how a cell stands against its target."""
    return {
        "met": gettext("met"),
        "missed": gettext("missed"),
        "inconclusive": gettext("inconclusive"),
        "no_data": gettext("no data"),
        "no_target": "",
    }
