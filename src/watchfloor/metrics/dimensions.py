"""What a number can be split by: dimension names, and the column or clock reading behind each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from watchfloor.metrics.dialects import DAY_MICROSECONDS, HOUR_MICROSECONDS, Dialect

UNKNOWN = "(unknown)"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension. Without a column it is read from the local clock of the metric's instant."""

    name: str
    column: str | None
    doc: str


_DIMENSIONS = (
    Dimension("queue", "queue_id", "Physical queue."),
    Dimension("surface", "surface", "Product surface."),
    Dimension("purpose", "purpose", "Purpose of the queue."),
    Dimension("strategy", "strategy_id", "Strategy that sent the case."),
    Dimension("language", "language", "Language of the content."),
    Dimension("market", "market", "Market."),
    Dimension("data_boundary", "data_boundary", "Data boundary."),
    Dimension("site", "site_id", "Site of the reviewer at that instant."),
    Dimension("team", "team_id", "Team of the reviewer at that instant."),
    Dimension("employer", "employer_kind", "Who employs the reviewer."),
    Dimension("tenure_band", "tenure_band", "Tenure of the reviewer at that instant."),
    Dimension("reviewer", "reviewer_id", "The reviewer."),
    Dimension("policy_version", "policy_version", "Policy version shown."),
    Dimension("label", "label", "Label that is said or holds."),
    Dimension("cause", "cause", "Cause of an error."),
    Dimension("hour", None, "Hour of the local day, 0 to 23."),
    Dimension("weekday", None, "Day of the local week, 1 Monday to 7 Sunday."),
)

DIMENSIONS: Mapping[str, Dimension] = MappingProxyType({d.name: d for d in _DIMENSIONS})


def dimension_sql(dimension: Dimension, *, local_microseconds: str, dialect: Dialect) -> str:
    """Return SQL for the dimension's value as text; null where it is not recorded."""
    if dimension.column is not None:
        numeric = dimension.name == "policy_version"
        return dialect.as_text(dimension.column) if numeric else dimension.column
    if dimension.name == "hour":
        number = f"({dialect.floor_divide(local_microseconds, HOUR_MICROSECONDS)} % 24)"
    else:
        number = f"(({dialect.floor_divide(local_microseconds, DAY_MICROSECONDS)} + 3) % 7 + 1)"
    return dialect.as_text(number)
