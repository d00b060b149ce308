"""Whether the facts can say anything about a metric, a period or an instant, and if not, why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import Snapshot
from watchfloor.kernel import Period
from watchfloor.metrics.definition import Definition
from watchfloor.metrics.relations import RELATIONS


@dataclass(frozen=True)
class Availability:
    """What one version of the facts covers, held against one period."""

    snapshot: Snapshot
    period: Period
    known_until: datetime

    def why_not(self, definition: Definition) -> str:
        """Return why the metric has no data at all for the period; empty when it may have."""
        for relation in definition.relations:
            found = RELATIONS[relation]
            for fact in found.needed:
                if not self.snapshot.row_count(fact):
                    return f"no data: fact {fact} is empty"
        if definition.stock is not None:
            return ""
        return self.bucket_reason(definition, self.period)

    def bucket_reason(self, definition: Definition, bucket: Period) -> str:
        """Return why a bucket lies outside the facts; empty when it touches them."""
        if definition.stock is not None:
            return self.stock_reason(definition, bucket.end)
        planned = any(RELATIONS[relation].planned for relation in definition.relations)
        if bucket.start >= self.known_until and not planned:
            return f"no data: the period starts after {_text(self.known_until)}, up to which facts are known"
        for relation in definition.relations:
            reason = self._outside(relation, definition, bucket)
            if reason:
                return reason
        return ""

    def _outside(self, relation: str, definition: Definition, bucket: Period) -> str:
        found = RELATIONS[relation]
        fact = found.facts[0]
        placed = TABLES[fact].instant
        at = _time_column(definition, relation)
        extent = self.snapshot.extent(fact)
        if extent is None:
            return f"no data: fact {fact} is empty"
        # A row may carry an earlier instant than the one that places it (enqueued before decided), never a
        # later one, except deadlines, which say nothing about the facts' extent.
        starts_late = bucket.start >= extent.end and (at == placed or at == "enqueued_at")
        ends_early = bucket.end <= extent.start and at == placed
        if found.clock:
            starts_late = bucket.start >= max(extent.end, self.known_until)
        if starts_late or ends_early:
            return f"no data: fact {fact} runs from {_text(extent.start)} to {_text(extent.end)}"
        return ""

    def stock_reason(self, definition: Definition, instant: datetime) -> str:
        """Return why the stock at `instant` is unknown; empty when it is known."""
        assert definition.stock is not None  # noqa: S101 -- the caller asks for stocks only
        extents = [self.snapshot.extent(fact) for fact in RELATIONS[definition.relation].facts]
        known = [extent for extent in extents if extent is not None]
        if not known:
            return f"no data: fact {RELATIONS[definition.relation].facts[0]} is empty"
        if instant > self.known_until:
            return (
                f"no data: {_text(instant)} lies after {_text(self.known_until)}, up to which facts are known"
            )
        if instant <= min(extent.start for extent in known):
            return f"no data: the facts begin at {_text(min(extent.start for extent in known))}"
        last = max(extent.end for extent in known)
        limit = timedelta(seconds=definition.stock.staleness_limit_seconds)
        if instant > last + limit:
            hours = int(limit.total_seconds() // 3600)
            return f"no data: the facts end at {_text(last)}, more than {hours} h before {_text(instant)}"
        return ""

    def warnings(self, definitions: Sequence[Definition]) -> list[str]:
        """Return what a reader should know about the edges of the period."""
        found = []
        # An edge nearer than this is not worth a reader's attention.
        near = max(timedelta(hours=1), (self.period.end - self.period.start) / 50)
        for fact in dict.fromkeys(RELATIONS[r].facts[0] for d in definitions for r in d.relations):
            extent = self.snapshot.extent(fact)
            if extent is not None and extent.start < self.period.end and extent.end > self.period.start:
                if extent.end < self.period.end - near and self.period.end <= self.known_until:
                    found.append(f"Fact {fact} ends at {_text(extent.end)}, before the period does.")
                if extent.start > self.period.start + near:
                    found.append(f"Fact {fact} begins at {_text(extent.start)}, after the period does.")
        return found


def _time_column(definition: Definition, relation: str) -> str | None:
    for part in (definition.numerator, definition.denominator):
        if part is not None and (part.relation or definition.relation) == relation:
            return part.at or definition.at
    return definition.at


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M UTC")
