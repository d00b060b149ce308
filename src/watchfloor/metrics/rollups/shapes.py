"""Which rollups exist: the relation, the time column, the grain and the columns each keeps.

A cube keeps every term of the catalogue that stands on its relation, by time, dimensions and reviewer, so
that cluster intervals from it equal those from the facts. A histogram keeps counts by logarithmic bucket.
Of a relation with a row for "any" label or cause a cube keeps those rows alone: which labels are at stake
depends on the period asked for, the total does not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

from watchfloor.metrics.buckets import RELATIVE_ERROR
from watchfloor.metrics.catalogue import Catalogue
from watchfloor.metrics.compiler.additive import prepare
from watchfloor.metrics.compiler.orders import Distribution
from watchfloor.metrics.compiler.ratings import entity_terms, rating_term
from watchfloor.metrics.compiler.weighted import WeightedMetric
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.terms import ADDITIVE, Term

HOUR_SECONDS = 3600
DAY_SECONDS = 86_400

_CASE = ("queue_id", "surface", "purpose", "strategy_id", "language", "market", "data_boundary")
_QUEUE = ("queue_id", "surface", "purpose", "data_boundary")
_PERSON = ("site_id", "team_id", "employer_kind", "tenure_band", "reviewer_id")
_STRATUM = ("design_id", "stratum")
_AUDIT = (*_QUEUE, "language", "market", *_PERSON, *_STRATUM)
_OF_TEAM = ("site_id", "team_id", "employer_kind")
_PLACE = ("queue_id", "surface", "purpose", "site_id", "employer_kind", "tenure_band")


@dataclass(frozen=True)
class Shape:
    """One rollup.

    Attributes:
        name: Folder and note.
        relation: Relation it is computed from.
        at: Time column that places a row.
        seconds: Length of its buckets.
        columns: Columns kept beside the bucket.
        histogram: Whether it keeps log-bucket counts rather than sums.

    """

    name: str
    relation: str
    at: str
    seconds: int
    columns: tuple[str, ...]
    histogram: bool = False

    def sums_up_to(self, other: "Shape") -> bool:
        """Whether the hours of this rollup added up are the days of `other`."""
        same = (self.relation, self.at, self.histogram) == (other.relation, other.at, other.histogram)
        hours_to_days = (self.seconds, other.seconds) == (HOUR_SECONDS, DAY_SECONDS)
        return same and hours_to_days and set(other.columns) <= set(self.columns)


def _pair(
    name: str, relation: str, at: str, hour: tuple[str, ...], day: tuple[str, ...]
) -> tuple[Shape, Shape]:
    return (
        Shape(f"{name}_hour", relation, at, HOUR_SECONDS, hour),
        Shape(f"{name}_day", relation, at, DAY_SECONDS, day),
    )


SHAPES: tuple[Shape, ...] = (
    *_pair(
        "review", "review", "submitted_at", (*_QUEUE, "language", "market", *_PERSON), (*_QUEUE, *_PERSON)
    ),
    *_pair(
        "decision",
        "first_decision",
        "decided_at",
        (*_QUEUE, "language", "market", *_PERSON),
        (*_QUEUE, *_PERSON),
    ),
    *_pair("intake", "case", "enqueued_at", _CASE, _CASE),
    *_pair("deadline", "case_outcome", "deadline_at", _CASE, _CASE),
    Shape("audit_day", "audited", "unit_at", DAY_SECONDS, _AUDIT),
    Shape("label_day", "audited_label", "unit_at", DAY_SECONDS, (*_AUDIT, "label")),
    Shape("cause_day", "error_cause", "unit_at", DAY_SECONDS, (*_AUDIT, "cause")),
    Shape("gold_day", "gold_seen", "submitted_at", DAY_SECONDS, (*_QUEUE, "language", "market", *_PERSON)),
    Shape("audit_unit_day", "audit", "unit_at", DAY_SECONDS, (*_QUEUE, "language", "market", *_PERSON)),
    Shape("rated_day", "rated_item", "submitted_at", DAY_SECONDS, (*_CASE, "votes", "acts")),
    *_pair("activity", "activity", "started_at", _PERSON, _PERSON),
    *_pair("kept", "shift_kept", "started_at", (*_PERSON, "queue_id"), (*_PERSON, "queue_id")),
    *_pair("schedule", "schedule", "started_at", (*_PERSON, "queue_id"), (*_PERSON, "queue_id")),
    *_pair("standard", "review_standard", "submitted_at", _PERSON, _PERSON),
    Shape("exposure_day", "exposure_span", "started_at", DAY_SECONDS, ("site_id", "team_id")),
    Shape("entitled_day", "entitlement_span", "started_at", DAY_SECONDS, _OF_TEAM),
    *_pair("forecast", "forecast_standing", "interval_start_at", ("queue_id",), ("queue_id",)),
    *_pair("forecast_error", "forecast_error", "interval_start_at", ("queue_id",), ("queue_id",)),
    *_pair("staffing", "staffing", "interval_start_at", ("queue_id",), ("queue_id",)),
    Shape("handle_hour", "review", "submitted_at", HOUR_SECONDS, (*_PLACE, "language"), histogram=True),
    Shape("handle_day", "review", "submitted_at", DAY_SECONDS, _PLACE, histogram=True),
    Shape(
        "turnaround_hour",
        "first_decision",
        "enqueued_at",
        HOUR_SECONDS,
        (*_PLACE, "language"),
        histogram=True,
    ),
    Shape("turnaround_day", "first_decision", "enqueued_at", DAY_SECONDS, _PLACE, histogram=True),
)


def stored_terms(catalogue: Catalogue) -> tuple[Term, ...]:
    """Return the terms that cubes store: those that do not depend on the instant of a question."""
    return tuple(
        term for definition in catalogue.values() for term in _terms(definition) if not term.reads_known_until
    )


def _terms(definition: Definition) -> tuple[Term, ...]:
    if definition.primitive in ADDITIVE:
        return prepare(definition).terms
    if definition.primitive == "weighted_ratio":
        return tuple(WeightedMetric(definition).terms.values())
    if definition.primitive == "agreement":
        return (rating_term(definition),)
    return entity_terms(definition) if definition.primitive == "entity_share" else ()


def terms_of(shape: Shape, terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return those of the `stored_terms` that stand on the shape's relation, by their key."""
    own = (term for term in terms if (term.relation, term.at) == (shape.relation, shape.at))
    return tuple(sorted(dict.fromkeys(own), key=lambda term: term.key))


def distributions_of(shape: Shape, catalogue: Catalogue) -> tuple[Distribution, ...]:
    """Return the distributions a histogram stores."""
    found = (
        Distribution.of(definition)
        for definition in catalogue.values()
        if definition.primitive in ("quantile", "histogram_quantile")
    )
    return tuple(
        dict.fromkeys(d for d in found if (d.relation, d.at) == (shape.relation, shape.at) and stored_key(d))
    )


def stored_key(distribution: Distribution) -> str:
    """Return the name under which a distribution's counts are stored; empty when they cannot be."""
    text = "\x1f".join((distribution.relation, distribution.at, distribution.value, *distribution.conditions))
    if "KNOWN_UNTIL(" in text:
        return ""
    return "h_" + blake2b(f"{text}\x1f{RELATIVE_ERROR}".encode(), digest_size=6).hexdigest()
