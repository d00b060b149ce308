"""Compares a template on trial with the one in force: handle time and disagreement, from the facts.

The case decides which template it is shown in, so the two groups are the same queue, hours and people, and
their difference is the template's. The time before the trial stands beside them, but is no fair comparison:
much else may have changed since.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from watchfloor.facts.store import Snapshot
from watchfloor.operations.cells.warehouse import engine
from watchfloor.operations.queues.models import Queue, QueueVersion, TemplateVersion
from watchfloor.science.uncertainty import Difference, newcombe, welch, wilson

FEWEST = 30
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
IN_FORCE, TRIAL, BEFORE = "in_force", "trial", "before"

_SQL = """
WITH shown AS (
    SELECT case_id, turn, handle_ms / 1000.0 AS seconds,
        CASE WHEN submitted_at < $since THEN 'before'
             WHEN template_version = $trial THEN 'trial'
             ELSE 'in_force' END AS shown_in,
        coalesce(array_to_string(list_sort(labels), ','), '') || '|' || coalesce(action, '') AS answered
    FROM fact_review
    WHERE queue_id = $queue AND outcome = 'submitted' AND kind IN ('first', 'second', 'third')
        AND purpose = $purpose AND gold_id IS NULL AND template_version IN ($in_force, $trial)
        AND submitted_at >= $start AND submitted_at < $end
),
times AS (
    SELECT shown_in, count(seconds) AS reviews, avg(seconds) AS mean, var_samp(seconds) AS variance
    FROM shown GROUP BY shown_in
),
pairs AS (
    SELECT shown_in, count(*) AS pairs, count(*) FILTER (WHERE answers > 1) AS conflicts
    FROM (
        SELECT shown_in, case_id, count(DISTINCT answered) AS answers
        FROM shown WHERE turn IN (0, 1) GROUP BY shown_in, case_id HAVING count(*) = 2
    )
    GROUP BY shown_in
)
SELECT times.*, coalesce(pairs, 0) AS pairs, coalesce(conflicts, 0) AS conflicts
FROM times LEFT JOIN pairs USING (shown_in)
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One template's reviews: mean handle time, and the share of twice-reviewed cases with two answers."""

    reviews: int = 0
    mean_seconds: float | None = None
    variance: float = 0.0
    pairs: int = 0
    conflicts: int = 0

    @property
    def disagreement(self) -> float | None:
        """Share of the cases reviewed twice whose answers differ."""
        return self.conflicts / self.pairs if self.pairs else None

    @property
    def disagreement_range(self) -> tuple[float, float] | None:
        """Its 95 % Wilson interval."""
        if not self.pairs:
            return None
        found = wilson(successes=self.conflicts, trials=self.pairs)
        return float(found.low), float(found.high)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A trial beside the template in force, and their difference where there is enough of both."""

    trial_name: str
    in_force_name: str
    since: datetime
    trial: Side
    in_force: Side
    before: Side
    seconds: Difference | None
    disagreement: Difference | None


def trial_of(queue: Queue) -> QueueVersion | None:
    """Return the first version of the trial that runs, from which the comparison counts; None without one."""
    current = queue.current_version
    if current is None or current.canary_template_version is None or not current.canary_share:
        return None
    first = current
    for version in queue.versions.filter(version__lt=current.version).order_by("-version"):
        same = version.canary_template_version_id == current.canary_template_version_id
        if not same or version.template_version_id != current.template_version_id or not version.canary_share:
            break
        first = version
    return first


def promoted_trial(*, queue: Queue, promoted: TemplateVersion) -> tuple[QueueVersion, datetime] | None:
    """Return the first version and the end of a template's latest trial beside the one in force, if any.

    A trial that was ended first counts too: what it showed is no less true.
    """
    current = queue.current_version
    if current is None:
        return None
    tried = [
        version
        for version in queue.versions.order_by("-version")
        if version.canary_template_version_id == promoted.pk
        and version.template_version_id == current.template_version_id
        and version.canary_share
    ]
    if not tried:
        return None
    first = tried[0]
    for version in tried[1:]:
        if version.version != first.version - 1:
            break
        first = version
    return first, tried[0].effective_to or END_OF_TIME


def trial_faults(compared: Comparison, *, limits: QueueVersion) -> list[str]:
    """Return where a trial is surely worse than the limits allow: the whole interval lies above them."""
    faults = []
    name, seconds, mean = compared.trial_name, compared.seconds, compared.in_force.mean_seconds
    if seconds is not None and mean is not None and seconds.low > limits.canary_slower_share * mean:
        faults.append(
            f"On trial, {name} took {seconds.low:.1f} to {seconds.high:.1f} s longer than the {mean:.1f} s "
            f"in force; at most {limits.canary_slower_share:.0%} is allowed."
        )
    more = compared.disagreement
    if more is not None and more.low > limits.canary_disagreement_share:
        faults.append(
            f"On trial, reviewers of {name} disagreed in {more.low * 100:.1f} to {more.high * 100:.1f} "
            f"points more of the cases; at most {limits.canary_disagreement_share * 100:.1f} is allowed."
        )
    return faults


def compare(*, queue: Queue, since: datetime, snapshot: Snapshot, now: datetime) -> Comparison:
    """Return the comparison of the trial that runs in the queue, from `since` to now."""
    return compare_in(version=queue.current_version, since=since, snapshot=snapshot, now=now)


def compare_in(
    *, version: QueueVersion | None, since: datetime, snapshot: Snapshot, now: datetime
) -> Comparison:
    """Return the comparison of the trial that a version of a queue runs, from `since` to `now`.

    Raises:
        ValueError: the version runs none.

    """
    if version is None or version.template_version is None or version.canary_template_version is None:
        raise ValueError("No trial runs in the queue.")
    queue = version.queue
    old, new = version.template_version, version.canary_template_version
    table = engine().query(
        _SQL,
        snapshot=snapshot,
        parameters={
            "queue": queue.slug,
            "purpose": queue.purpose,
            "in_force": old.version,
            "trial": new.version,
            "since": since,
            "start": since - (now - since),
            "end": now,
        },
    )
    sides = {row["shown_in"]: _side(row) for row in table.to_pylist()}
    force, trial = sides.get(IN_FORCE, Side()), sides.get(TRIAL, Side())
    return Comparison(
        trial_name=f"{new.template.slug} v{new.version}",
        in_force_name=f"{old.template.slug} v{old.version}",
        since=since,
        trial=trial,
        in_force=force,
        before=sides.get(BEFORE, Side()),
        seconds=_seconds(force, trial),
        disagreement=_disagreement(force, trial),
    )


def _side(row: Mapping[str, Any]) -> Side:
    return Side(
        reviews=row["reviews"],
        mean_seconds=row["mean"],
        variance=row["variance"] or 0.0,
        pairs=row["pairs"],
        conflicts=row["conflicts"],
    )


def _seconds(force: Side, trial: Side) -> Difference | None:
    if min(force.reviews, trial.reviews) < FEWEST or force.mean_seconds is None or trial.mean_seconds is None:
        return None
    return welch(
        means=(force.mean_seconds, trial.mean_seconds),
        variances=(force.variance, trial.variance),
        counts=(force.reviews, trial.reviews),
    )


def _disagreement(force: Side, trial: Side) -> Difference | None:
    if min(force.pairs, trial.pairs) < FEWEST:
        return None
    return newcombe(successes=(force.conflicts, trial.conflicts), trials=(force.pairs, trial.pairs))
