"""The business review: what matters first, in sentences made of cells; then signal, noise or not enough data.

It is built within the viewer's grants, from the facts as they were known at one instant: built again from
them it is the same, and its hash says so.
"""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext

from watchfloor.kernel import WatchfloorError
from watchfloor.metrics.dimensions import DIMENSIONS
from watchfloor.operations.alerts.models import Alert
from watchfloor.operations.cells.figures import name_of
from watchfloor.operations.record.viewers import NotPermittedError, Viewer
from watchfloor.operations.scorecards import words
from watchfloor.operations.scorecards.documents import number
from watchfloor.operations.scorecards.periods import span_of
from watchfloor.operations.scorecards.selectors import Figure, ScoreBoard, UnitCard, board
from watchfloor.operations.shell import formats
from watchfloor.operations.shell.documents import (
    Column,
    Document,
    Figures,
    Heading,
    Note,
    Number,
    PageBreak,
    Table,
    Text,
)
from watchfloor.operations.shell.documents import (
    Figure as Large,
)
from watchfloor.operations.shell.documents.tree import Block, Tone, Value

KINDS = ("queue", "site", "team", "vendor")
MOST_SENTENCES = 8
_TONES: tuple[tuple[str, Tone], ...] = (("missed", "bad"), ("inconclusive", "warn"), ("met", "good"))


def review(
    *, period: str, viewer: Viewer, operation: str, now: datetime, known_at: datetime | None = None
) -> Document:
    """Return the pack of the last whole period before `now`, as the viewer may see it.

    Raises:
        NotPermittedError: the viewer may see no scorecard.
        ScorecardError: there is no such period.

    """
    viewer.require("scorecards.view")
    span = span_of(period, now=now).period
    boards, withheld = [], []
    for kind in KINDS:
        try:
            boards.append(board(kind, period, viewer, now=now, operation=operation, known_at=known_at))
        except NotPermittedError:
            continue
        except WatchfloorError as error:
            withheld.append(f"{words.kind_names()[kind]}: {error}")
    blocks: list[Block] = [*_front(boards), *(Note(text) for text in withheld)]
    for one in boards:
        blocks += [PageBreak(words.kind_names()[one.kind][:31]), *_section(one)]
    return Document(
        title=gettext("Business review"),
        blocks=tuple(blocks),
        made_at=now,
        language=get_language() or "en",
        subtitle=f"{formats.day(span.start)} – {formats.day(span.end)} · {operation}",
        simulated=gettext("Simulated data") if settings.WATCHFLOOR_SIMULATED else "",
        sources=tuple(
            f"{words.kind_names()[one.kind]}: "
            + gettext("Definition version %(version)s") % {"version": one.card.version}
            + " · "
            + gettext("Facts version %(version)s") % {"version": one.version}
            for one in boards
        ),
    )


def _front(boards: list[ScoreBoard]) -> Iterator[Block]:
    judged = [one for each in boards for one in each.alarms.judged]
    counts = {name: sum(one.status == name for one in judged) for name in ("missed", "inconclusive", "met")}
    names = words.status_names()
    yield Heading(gettext("What matters first"))
    yield Figures(
        tuple(
            Large(names[name], Number(float(counts[name]), formats.count(counts[name]), tone=tone))
            for name, tone in _TONES
        )
    )
    out = sum(one.stands_out for one in judged)
    expected = sum(each.alarms.expected_false_alarms for each in boards)
    yield Text.of(
        gettext(
            "%(n)s misses stand out from chance on %(all)s figures; about %(false)s of them are false alarms."
        )
        % {"n": formats.count(out), "all": formats.count(len(judged)), "false": f"{expected:.1f}"}
    )
    told = [
        (figure, card, each)
        for each in boards
        for card in each.cards
        for figure in card.figures
        if figure.judged is not None and figure.judged.stands_out
    ]
    told.sort(key=lambda one: (one[0].judged.adjusted or 0.0) if one[0].judged else 1.0)
    for figure, card, each in told[:MOST_SENTENCES]:
        yield _sentence(figure, card, each)
    if not told:
        yield Text.of(gettext("No miss stands out from what chance does to so many figures."))


def _sentence(figure: Figure, card: UnitCard, each: ScoreBoard) -> Text:
    target = figure.judged.applied.target if figure.judged else None
    parts: list[Value] = [f"{card.unit.name}: {name_of(figure.definition)} ", _linked(figure, card, each)]
    parts.append(f", {words.target_text(figure)}")
    if figure.change is not None:
        moved = formats.quantity(abs(figure.change.difference), unit=figure.definition.unit)
        sign = "+" if figure.change.difference > 0 else formats.MINUS
        noise = gettext("signal") if figure.change.noise == "signal" else gettext("noise")
        parts.append(f"; {sign}{moved} ({noise})")
    if target is not None:
        parts.append(f"; {gettext('owner')} {target.owner}")
    plan = _plan(figure, card)
    parts.append(f": {plan}." if plan else f"; {gettext('no action is recorded')}.")
    return Text.of(*parts)


def _plan(figure: Figure, card: UnitCard) -> str:
    """Return what the owner of an alert on this figure will do, and by when."""
    if card.unit.kind != "queue":
        return ""
    held = Alert.objects.filter(
        queue__slug=card.unit.slug, metric_id=figure.definition.id, state="acknowledged"
    )
    found = held.order_by("-fired_at", "pk").first()
    if found is None or not found.plan:
        return ""
    due = f" ({formats.day(found.due_at)})" if found.due_at else ""
    return f"{found.plan}{due}"


def _linked(figure: Figure, card: UnitCard, each: ScoreBoard) -> Number:
    shown, span = number(figure), each.span.period
    where = [
        f"{name}:{','.join(values)}" for name, values in sorted(card.unit.where.items()) if name in DIMENSIONS
    ]
    query = {"m": figure.measure.metric, "where": where, "from": f"{span.start:%Y-%m-%d}"}
    query |= {"to": f"{span.end:%Y-%m-%d}", "grain": "day"}
    url = f"{reverse('insights:explore')}?{urlencode(query, doseq=True)}"
    return Number(shown.value, shown.text, shown.low, shown.high, shown.interval, shown.unit, shown.tone, url)


def _section(each: ScoreBoard) -> Iterator[Block]:
    yield Heading(words.kind_names()[each.kind])
    yield Text.of(words.headline(each))
    for warning in each.warnings:
        yield Note(warning)
    names = words.status_names()
    for metric, name in words.metric_names(each):
        held = [(card, figure) for card in each.cards if (figure := card.figure(metric)) is not None]
        if not any(figure.cell and figure.cell.estimate.value is not None for _, figure in held):
            why = next((text for _, figure in held if (text := words.reason_text(figure))), "")
            yield Note(
                gettext("%(metric)s is withheld: %(why)s") % {"metric": name, "why": why or names["no_data"]}
            )
            continue
        rows = tuple(
            (
                card.unit.name,
                _linked(figure, card, each),
                Number(float(figure.cell.n), formats.count(figure.cell.n)) if figure.cell else formats.NONE,
                words.target_text(figure) or formats.NONE,
                names[figure.status],
                _moved(figure),
            )
            for card, figure in held
        )
        columns = (
            Column(gettext("Unit")),
            Column(name, "number"),
            Column("n", "number"),
            Column(gettext("Target")),
            Column(gettext("Status"), "status"),
            Column(gettext("Since the period before")),
        )
        yield Table(columns, rows, title=name)


def _moved(figure: Figure) -> str:
    change = figure.change
    if change is None:
        return formats.NONE
    sign = "+" if change.difference > 0 else formats.MINUS
    noise = gettext("signal") if change.noise == "signal" else gettext("noise")
    return f"{sign}{formats.quantity(abs(change.difference), unit=figure.definition.unit)} · {noise}"
