"""What units of a kind are looked at by. The definitions that ship hold no limit and no target."""

from dataclasses import dataclass

from watchfloor.operations.scorecards.models import Scorecard


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric of a scorecard and how much it counts; weight 0 is shown and does not count."""

    metric: str
    weight: float


@dataclass(frozen=True, slots=True)
class Card:
    """One version of a scorecard's definition.

    Attributes:
        kind: Of the units.
        version: 0 is the one that ships.
        measures: In the order they are shown.
        gate_metric: The metric whose failure overrules the summary; empty for none.
        gate_limit: Its upper limit; None takes the ceiling that is in force.
        min_n: Observations before anything is said.
        period: What is looked at unless asked otherwise.

    """

    kind: str
    version: int
    measures: tuple[Measure, ...]
    gate_metric: str = ""
    gate_limit: float | None = None
    min_n: int = 30
    period: str = "28d"

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics, the gate's among them."""
        held = tuple(each.metric for each in self.measures)
        return held if not self.gate_metric or self.gate_metric in held else (*held, self.gate_metric)


def _card(
    kind: str, *measures: tuple[str, float], gate: str = "critical_error_rate", min_n: int = 30
) -> Card:
    return Card(kind, 0, tuple(Measure(*each) for each in measures), gate_metric=gate, min_n=min_n)


STANDARD = {
    card.kind: card
    for card in (
        _card("reviewer", ("accuracy", 3), ("critical_error_rate", 2), ("gold_accuracy", 1), ("aht", 0)),
        _card(
            "team",
            ("accuracy", 3), ("critical_error_rate", 2), ("gold_accuracy", 1), ("throughput", 1), ("aht", 0),
        ),
        _card(
            "site",
            ("accuracy", 3), ("critical_error_rate", 2), ("throughput", 1), ("tat_p90", 1), ("adherence", 0),
        ),
        _card(
            "vendor",
            ("accuracy", 3), ("critical_error_rate", 2), ("vendor_delivery", 2), ("tat_p90", 1), ("aht", 0),
        ),
        _card("queue", ("sla_attainment", 3), ("accuracy", 3), ("critical_error_rate", 2), ("tat_p90", 0)),
        _card("strategy", ("strategy_yield", 2), ("accuracy", 1), ("sla_attainment", 1), gate=""),
    )
}  # fmt: skip


def card_of(kind: str) -> Card:
    """Return the definition in force: the newest version, or the one that ships."""
    row = Scorecard.objects.filter(kind=kind).order_by("-version").first()
    return read(row) if row else STANDARD[kind]


def read(row: Scorecard) -> Card:
    """Return a stored version."""
    return Card(
        row.kind,
        row.version,
        tuple(Measure(str(metric), float(weight)) for metric, weight in row.measures),
        row.gate_metric,
        row.gate_limit,
        row.min_n,
        row.period,
    )
