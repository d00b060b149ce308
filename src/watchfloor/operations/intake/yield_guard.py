"""What a canary's yield says against sending in full: routing asks it before a strategy is switched on.

Its limit is the yield that was expected of it. Only a whole interval below that holds it up; too few decided
cases, or no expectation, hold up nothing.
"""

from django.conf import settings

from watchfloor.operations.intake.figures import measure
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.routing.turn_guards import Turn

DAYS = 28


def yield_faults(turn: Turn) -> list[str]:
    """Return where a canary's yield lies surely below what was expected of the strategy."""
    expected = turn.strategy.expected_violative_share
    if (turn.before, turn.to) != ("canary", "on") or expected is None:
        return []
    measured = measure(
        [turn.strategy],
        viewer=Viewer.system(),
        operation=settings.WATCHFLOOR_OPERATION,
        now=turn.now,
        days=DAYS,
    )
    [row] = measured.rows
    share = row.violative_share
    if row.verdict != "low" or share is None or share.low is None or share.high is None:
        return []
    told = f"{share.low:.1%} to {share.high:.1%}"
    return [f"Its canary yields {told} of the decided cases; {expected:.1%} was expected."]
