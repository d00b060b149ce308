"""The demo's limits of exposure, whom one may talk to, and a few private choices."""

from datetime import datetime, timedelta

from watchfloor.operations.demo.cast import Cast, colleagues
from watchfloor.operations.wellbeing.choices import set_opt_outs, set_own_presentation, tell
from watchfloor.operations.wellbeing.limits import (
    Pace,
    add_contact,
    grant_override,
    set_cap,
    set_class_presentation,
    set_rhythm,
)

# Class, span, measure, most: enough for a shift of the demo's work, so that a limit is met and nobody idles.
_CAPS = (
    ("severe", "hour", "cases", 24),
    ("severe", "day", "cases", 150),
    ("severe", "day", "minutes", 330),
    ("elevated", "day", "cases", 480),
)
_RHYTHM = Pace(max_consecutive=20, cool_down_cases=1, cool_down_minutes=5, day_starts_hour=4)
_CONTACTS = (
    ("Peer supporters of your site", "peer", "In the quiet room on every floor, whenever somebody is there"),
    ("Dr. Example, clinician", "clinician", "Ask for an hour at care@demo.invalid; nobody else reads it"),
    ("Helpline", "helpline", "+00 000 000 00, day and night (invented, like everything here)"),
)


def seed_care(*, cast: Cast, at: datetime) -> None:
    """Write caps, rhythm, presentation and contacts for everybody."""
    by = cast.wellbeing
    for wellness_class, span, measure, most in _CAPS:
        set_cap(
            wellness_class=wellness_class,
            span=span,
            measure=measure,
            most=most,
            by=by,
            now=at,
            reason="Agreed with the people who do this work; looked at again each quarter.",
        )
    set_rhythm(pace=_RHYTHM, by=by, now=at, reason="A change of subject after twenty severe cases.")
    set_class_presentation(
        wellness_class="severe",
        aspects={"muted": True, "blurred": True, "grey": True, "notice": True},
        by=by,
        now=at,
    )
    for name, kind, reach in _CONTACTS:
        add_contact(name=name, kind=kind, reach=reach, by=by, now=at)


def seed_choices(*, cast: Cast, at: datetime, now: datetime) -> None:
    """Write what a few people chose for themselves, told in private, and were granted."""
    first, second, third = colleagues("mnl-video", 3)
    set_opt_outs(reviewer=first, topics=["child-safety"], now=at)
    set_own_presentation(
        reviewer=second, wellness_class="elevated", aspects={"blurred": True, "grey": True}, now=at
    )
    tell(reviewer=third, told="A case yesterday stays with me.", wants_contact=True, now=at)
    grant_override(
        reviewer=second,
        wellness_class="severe",
        span="day",
        measure="cases",
        most=170,
        until=now + timedelta(hours=6),
        reason="Asked for it herself: she trains two newcomers on the same cases today.",
        by=cast.wellbeing,
        now=now,
    )
