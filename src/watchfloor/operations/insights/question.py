"""Reads a question about metrics from an address: every view of Explore is a permalink."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.http import QueryDict

from watchfloor.kernel import Period, WatchfloorError, nearest, parse_period
from watchfloor.metrics import Catalogue, Query
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.operations.cells.grains import GRAINS, Grain, whole_buckets
from watchfloor.operations.cells.warehouse import extent_of
from watchfloor.operations.shell.asked import Asked

DEFAULT_METRICS = ("aht",)
DEFAULT_BY = ("queue",)
DEFAULT_PERIOD = "7d"
ALL = "all"
_LENGTH = re.compile(r"^(?:last\s*)?(\d{1,4})\s*([hdw])$")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SPANS = {"week": timedelta(weeks=1), "month": timedelta(weeks=4)}
MAX_METRICS = 6
MAX_BY = 3
VIEWS = ("lines", "table", "multiples", "distribution", "percentiles", "heatmap", "cohort", "compare")
AGAINST = ("before", "week", "month")
COHORTS = ("tenure", "age")


class QuestionError(WatchfloorError):
    """The address asks for something that does not exist."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: metrics × dimensions × period × grain × filters, and the view it is shown in."""

    metrics: tuple[str, ...]
    by: tuple[str, ...]
    period_text: str
    grain: Grain | None
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    time_zone: str = "UTC"
    view: str = "lines"
    against_text: str = "before"
    cohort: str = ""

    def query(self, *, asked: Asked, now: datetime, where: dict[str, tuple[str, ...]]) -> Query:
        """Return the question as the metrics understand it, as of the instant asked for."""
        return Query(
            metrics=self.metrics,
            by=self.by,
            period=self.period(asked=asked, now=now),
            grain=self.grain,
            where=where,
            time_zone=self.time_zone,
        )

    def period(self, *, asked: Asked, now: datetime) -> Period:
        """Return the period; a length counts back from the instant asked for, or from the end of a log.

        A length in hours, days or weeks ends at the last full hour (of a log: after its last one); by day,
        week or month it begins where a bucket begins.
        """
        if self.period_text == ALL:
            extent = extent_of(asked.operation)
            if extent is None:
                return Period(now - timedelta(days=7), now)
            return Period(extent.start, min(extent.end, now) if extent.end > extent.start else extent.end)
        if self.period_text.startswith("..") or self.period_text.endswith(".."):
            raise QuestionError(
                f"The period {self.period_text!r} has one end.",
                remedy="Give both from and to, as dates.",
            )
        length = _LENGTH.match(self.period_text.strip().lower())
        if length is not None and int(length[1]):
            ends_whole = not asked.is_live and asked.at is None
            return whole_buckets(
                int(length[1]) * _UNITS[length[2]],
                now=now + timedelta(hours=1) if ends_whole else now,
                grain=self.grain,
                time_zone=self.time_zone,
            )
        return parse_period(self.period_text, now=now, time_zone=self.time_zone)

    def against(self, period: Period, *, now: datetime) -> Period:
        """Return the period to compare with: the one before, the same a week or four weeks earlier, or dates.

        Raises:
            QuestionError: it holds an instant of the period itself.
            PeriodError: it cannot be read.

        """
        if self.against_text == "before":
            return period.before()
        if self.against_text in _SPANS:
            back = _SPANS[self.against_text]
            found = Period(period.start - back, period.end - back)
        else:
            found = parse_period(self.against_text, now=now, time_zone=self.time_zone)
        if found.start < period.end and period.start < found.end:
            raise QuestionError(
                f"The period and the one to compare with overlap: {_span(period)} and {_span(found)}.",
                remedy="Compare with the period before it, or with dates outside of it.",
            )
        return found


def _span(period: Period) -> str:
    return f"{period.start:%Y-%m-%d %H:%M} – {period.end:%Y-%m-%d %H:%M}"


def read_question(parameters: QueryDict, *, catalogue: Catalogue, is_live: bool) -> Question:
    """Return the question that an address asks.

    Raises:
        QuestionError: a metric, a dimension or a grain does not exist; the nearest name is suggested.
        MetricError: the same, raised by the catalogue.

    """
    metrics = tuple(dict.fromkeys(parameters.getlist("m"))) or DEFAULT_METRICS
    for name in metrics:
        catalogue[name]
    if len(metrics) > MAX_METRICS:
        raise QuestionError(
            f"{len(metrics)} metrics are asked for; {MAX_METRICS} fit.", remedy="Leave some out."
        )
    by = tuple(name for name in dict.fromkeys(parameters.getlist("by")) if name)
    if "m" not in parameters and not by:
        by = DEFAULT_BY
    if len(by) > MAX_BY:
        raise QuestionError(f"{len(by)} dimensions are asked for; {MAX_BY} fit.", remedy="Leave some out.")
    where: dict[str, tuple[str, ...]] = {}
    for written in parameters.getlist("where"):
        name, _, values = written.partition(":")
        kept = tuple(value.strip() for value in values.split(",") if value.strip())
        if written.strip() and not (name and kept):
            raise QuestionError(
                f"{written!r} is not a filter.",
                remedy="Write dimension:value,value as in site:manila,dublin.",
            )
        if kept:
            where[name] = tuple(dict.fromkeys((*where.get(name, ()), *kept)))
    for name in (*by, *(name for name in where if name != "logical")):
        if name not in DIMENSIONS:
            guess = nearest(name, DIMENSIONS)
            raise QuestionError(
                f"There is no dimension {name!r}.",
                remedy=f"Did you mean {guess!r}?" if guess else f"There are: {', '.join(DIMENSIONS)}.",
            )
    grain = parameters.get("grain") or None
    if grain is not None and grain not in GRAINS:
        raise QuestionError(f"There is no grain {grain!r}.", remedy=f"Choose one of {', '.join(GRAINS)}.")
    return Question(
        metrics=metrics,
        by=by,
        period_text=_period_text(parameters) or (DEFAULT_PERIOD if is_live else ALL),
        grain=grain,
        where=where,
        time_zone=_time_zone(parameters.get("tz") or "UTC"),
        view=_one_of("view", parameters.get("view") or "lines", VIEWS),
        against_text=_against(parameters.get("against", "").strip()),
        cohort=_one_of("cohort", parameters.get("cohort") or "", ("", *COHORTS)),
    )


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value in allowed:
        return value
    guess = nearest(value, allowed)
    raise QuestionError(
        f"There is no {name} {value!r}.",
        remedy=f"Did you mean {guess!r}?" if guess else f"Choose one of {', '.join(filter(None, allowed))}.",
    )


def _against(written: str) -> str:
    if not written or written in AGAINST or ".." in written:
        return written or "before"
    raise QuestionError(
        f"{written!r} is no period to compare with.",
        remedy=f"Write {', '.join(AGAINST)}, or two dates as 2026-03-01..2026-03-08.",
    )


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        guess = nearest(name, available_timezones())
        raise QuestionError(
            f"There is no time zone {name!r}.",
            remedy=f"Did you mean {guess!r}?" if guess else "Write it as Europe/Dublin.",
        ) from error
    return name


def _period_text(parameters: QueryDict) -> str:
    start, end = parameters.get("from", "").strip(), parameters.get("to", "").strip()
    if start or end:
        return f"{start}..{end}"
    return parameters.get("period", "").strip()
