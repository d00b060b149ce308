"""The demo operation, whole: built from a seed and a start, the same for the same arguments.

Its parts stand in `demo_policies`, `demo_queues`, `demo_people` and `demo_causes`. Everything is invented:
no company, vendor, person or figure is real.
"""

from datetime import datetime, timedelta

from watchfloor.science.simulation.demo_causes import Calendar, demo_causes, demo_changes
from watchfloor.science.simulation.demo_people import (
    LEARNING,
    SITES,
    TEAMS,
    demo_auditors,
    demo_reviewers,
)
from watchfloor.science.simulation.demo_policies import demo_policies
from watchfloor.science.simulation.demo_queues import (
    BOUNDARIES,
    LANGUAGES,
    SKILLS,
    demo_queues,
    demo_strategies,
)
from watchfloor.science.simulation.world import DemoWorld

DEFAULT_DAYS = 60


def build_world(*, seed: int, start: datetime, days: int = DEFAULT_DAYS) -> DemoWorld:
    """Return the demo operation whose history begins at `start` and whose present begins `days` later.

    Args:
        seed: Any non-negative integer; the people differ with it, the structure does not.
        start: Aware instant at which the history begins.
        days: Length of the history; planted causes are placed within it.

    Raises:
        ValueError: `start` is naive or `days` is not positive.

    """
    if start.tzinfo is None:
        raise ValueError(f"start={start!r} has no time zone; pass an aware instant.")
    if days < 1:
        raise ValueError(f"days={days} leaves no history; pass at least 1.")
    calendar = Calendar(start=start, end=start + timedelta(days=days))
    policies = demo_policies(start=start, harassment_launch_at=calendar.harassment_launch_at)
    causes = demo_causes(calendar)
    return DemoWorld(
        seed=seed,
        start=start,
        end=calendar.end,
        languages=LANGUAGES,
        boundaries=BOUNDARIES,
        skills=SKILLS,
        policies=policies,
        strategies=demo_strategies(sweep_ends_at=calendar.sweep_ends_at),
        queues=demo_queues(
            start=start,
            policy_versions={policy.slug: policy.current_version for policy in policies},
            harassment_launch_at=calendar.harassment_launch_at,
            template_at=calendar.template_at,
        ),
        sites=SITES,
        teams=TEAMS,
        reviewers=demo_reviewers(
            seed=seed,
            start=start,
            languages=LANGUAGES,
            cohort_at=calendar.cohort_at,
            handed_over_at=calendar.handed_over_at,
        ),
        auditors=demo_auditors(),
        learning=LEARNING,
        causes=causes,
        changes=demo_changes(causes),
    )
