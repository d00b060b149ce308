"""Exposure: what was seen is counted, caps and rhythm close classes, private choices stay private."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchfloor.operations.record.models import AuditEntry, ChangeEvent, Event
from watchfloor.operations.record.statements import run
from watchfloor.operations.record.viewers import ROLES, NotPermittedError
from watchfloor.operations.review.models import Lease
from watchfloor.operations.review.services import (
    Answer,
    claim,
    claim_many,
    release,
    skip,
    start_lease,
    submit,
)
from watchfloor.operations.wellbeing.aggregates import MINIMUM_GROUP, hidden_groups, whole_weeks
from watchfloor.operations.wellbeing.choices import ChoiceError, set_opt_outs, set_own_presentation, tell
from watchfloor.operations.wellbeing.limits import (
    LimitError,
    Pace,
    Whom,
    grant_override,
    remove_cap,
    set_cap,
    set_class_presentation,
    set_rhythm,
)
from watchfloor.operations.wellbeing.models import Tally, Topic
from watchfloor.operations.wellbeing.presentation import Presentation
from watchfloor.operations.wellbeing.records import person_record, prune
from watchfloor.operations.wellbeing.selectors import left_for, on_break, presentation_for
from watchfloor.operations.wellbeing.services import UnknownClassError, end_break, record_exposure, take_break

pytestmark = pytest.mark.django_db
ANSWER = Answer(labels=("fine",))
SECOND = timedelta(seconds=1)


@pytest.fixture
def role(floor):
    return floor.viewer("wellbeing", data_boundary="*")


@pytest.fixture
def reviewer(floor):
    return floor.reviewer("r1")


def see(reviewer, at, wellness_class="severe", seconds=30.0):
    record_exposure(
        reviewer_id=reviewer.pk,
        reviewer_code=reviewer.code,
        site_id=reviewer.team.site.slug,
        team_id=reviewer.team.slug,
        wellness_class=wellness_class,
        started_at=at,
        ended_at=at,
        visible_seconds=seconds,
        blurred=True,
        sound_on=False,
        now=at,
    )


def closed(reviewer, at):
    return left_for(reviewer, at).closed


def cap(role, now, most, span="day", measure="cases", whom=None, wellness_class="severe"):
    return set_cap(
        wellness_class=wellness_class,
        span=span,
        measure=measure,
        most=most,
        whom=whom or Whom(),
        by=role,
        now=now,
    )


def test_without_a_limit_nothing_is_closed_and_nothing_is_left_to_count(floor, reviewer):
    see(reviewer, floor.now)
    assert left_for(reviewer, floor.now).budgets == ()
    assert closed(reviewer, floor.now) == ()


@pytest.mark.parametrize("span", ["hour", "day", "week"])
def test_a_cap_closes_its_class_when_it_is_spent(floor, reviewer, role, span):
    cap(role, floor.now, 2, span)
    see(reviewer, floor.now)
    assert closed(reviewer, floor.now) == ()
    see(reviewer, floor.now, "elevated")
    assert closed(reviewer, floor.now) == ()
    see(reviewer, floor.now)
    assert closed(reviewer, floor.now) == ("severe",)
    assert left_for(reviewer, floor.now).budgets[0].left == 0


def test_an_hour_is_the_last_sixty_minutes_in_whole_quarters(floor, reviewer, role):
    # Seen at 09:20: open again once the quarter from 09:15 has left the last hour, at 10:30.
    cap(role, floor.now, 1, "hour")
    see(reviewer, floor.now + timedelta(minutes=20))
    for minutes, expected in ((21, ("severe",)), (61, ("severe",)), (89, ("severe",)), (90, ())):
        assert closed(reviewer, floor.now + timedelta(minutes=minutes)) == expected, minutes


def test_a_day_is_local_to_the_site_and_may_begin_at_another_hour(floor, reviewer, role):
    site = reviewer.team.site
    site.time_zone = "Asia/Kolkata"  # five and a half hours ahead: a day begins at 18:30 UTC
    site.save()
    cap(role, floor.now, 1, "day")
    see(reviewer, floor.now)  # 14:30 there
    evening = floor.now.replace(hour=18, minute=29)
    assert closed(reviewer, evening) == ("severe",)
    assert closed(reviewer, evening + timedelta(minutes=2)) == ()
    set_rhythm(pace=Pace(day_starts_hour=6), by=role, now=floor.now)
    assert closed(reviewer, evening + timedelta(minutes=2)) == ("severe",)
    assert closed(reviewer, floor.now.replace(day=3, hour=0, minute=31)) == ()


def test_minutes_are_counted_as_they_were_visible(floor, reviewer, role):
    cap(role, floor.now, 2, measure="minutes")
    see(reviewer, floor.now, seconds=90)
    assert left_for(reviewer, floor.now).budgets[0].left == 0.5
    see(reviewer, floor.now, seconds=40)
    assert closed(reviewer, floor.now) == ("severe",)


def test_of_several_caps_the_strictest_holds(floor, reviewer, role):
    cap(role, floor.now, 3)
    cap(role, floor.now, 2, whom=Whom(site=floor.dublin))
    cap(role, floor.now, 9, whom=Whom(reviewer=reviewer))
    assert left_for(reviewer, floor.now).budgets[0].most == 2
    own = cap(role, floor.now, 0, whom=Whom(reviewer=reviewer))
    assert closed(reviewer, floor.now) == ("severe",)
    assert closed(floor.reviewer("r2", team=floor.team_b), floor.now) == ()
    remove_cap(cap_id=own.pk, by=role, now=floor.now)
    assert closed(reviewer, floor.now) == ()


def test_an_override_raises_a_cap_for_one_person_until_it_ends(floor, reviewer, role):
    cap(role, floor.now, 1)
    see(reviewer, floor.now)
    asked = {"wellness_class": "severe", "span": "day", "measure": "cases", "most": 2, "reviewer": reviewer}
    until = floor.now + timedelta(hours=2)
    with pytest.raises(LimitError, match="shorter"):
        grant_override(**asked, until=until, reason="no", by=role, now=floor.now)
    with pytest.raises(LimitError, match="24 hours"):
        grant_override(
            **asked, until=floor.now + timedelta(days=3), reason="For three days.", by=role, now=floor.now
        )
    grant_override(**asked, until=until, reason="An attack is under way.", by=role, now=floor.now)
    assert closed(reviewer, floor.now) == ()
    assert closed(reviewer, until) == ("severe",)
    entry = AuditEntry.objects.get(action="override")
    assert entry.after["most"] == 2
    written = json.dumps([entry.object_id, entry.after])
    assert reviewer.code not in written
    assert "attack" not in written


def test_severe_cases_in_a_row_pause_until_another_comes_or_time_passes(floor, reviewer, role):
    set_rhythm(pace=Pace(max_consecutive=2, cool_down_cases=2, cool_down_minutes=15), by=role, now=floor.now)
    see(reviewer, floor.now)
    see(reviewer, floor.now)
    assert left_for(reviewer, floor.now).is_cooling
    see(reviewer, floor.now + SECOND, "standard")
    assert left_for(reviewer, floor.now + SECOND).is_cooling
    see(reviewer, floor.now + 2 * SECOND, "elevated")
    assert not left_for(reviewer, floor.now + 2 * SECOND).is_cooling
    see(reviewer, floor.now + 3 * SECOND)
    assert not left_for(reviewer, floor.now + 3 * SECOND).is_cooling
    see(reviewer, floor.now + 4 * SECOND)
    assert left_for(reviewer, floor.now + timedelta(minutes=15)).is_cooling
    assert not left_for(reviewer, floor.now + timedelta(minutes=15, seconds=4)).is_cooling


def test_a_break_closes_everything_and_leaves_no_trace(floor, reviewer):
    floor.enqueue(floor.queue("one"))
    take_break(reviewer=reviewer, now=floor.now)
    assert on_break(reviewer=reviewer)
    assert claim(reviewer=reviewer, now=floor.now) is None
    end_break(reviewer=reviewer, now=floor.now)
    assert not on_break(reviewer=reviewer)
    assert claim(reviewer=reviewer, now=floor.now) is not None
    assert not AuditEntry.objects.filter(object_id=reviewer.code).exists()


def test_topics_opted_out_of_are_not_served_and_nobody_is_told(floor, reviewer):
    for slug in ("hate", "self-harm"):
        Topic.objects.get_or_create(slug=slug, defaults={"name": slug})
    floor.enqueue(floor.queue("hateful", settings={"topics": ("hate",)}))
    before = Event.objects.count(), ChangeEvent.objects.count(), AuditEntry.objects.count()
    set_opt_outs(reviewer=reviewer, topics=["hate"], now=floor.now)
    assert claim(reviewer=reviewer, now=floor.now) is None
    assert (Event.objects.count(), ChangeEvent.objects.count()) == before[:2]
    entry = AuditEntry.objects.order_by("-id")[0]
    assert AuditEntry.objects.count() == before[2] + 1
    assert (entry.object_kind, entry.object_id, entry.before, entry.after) == (
        "private_choice",
        "",
        None,
        None,
    )
    assert reviewer.code not in entry.actor
    with pytest.raises(ChoiceError, match="no topic"):
        set_opt_outs(reviewer=reviewer, topics=["unheard-of"], now=floor.now)
    set_opt_outs(reviewer=reviewer, topics=[], now=floor.now)
    assert claim(reviewer=reviewer, now=floor.now) is not None


def test_the_record_of_exposure_names_no_case_and_no_topic(floor, reviewer):
    see(reviewer, floor.now)
    see(reviewer, floor.now, "standard")
    event = Event.objects.get(fact="exposure")
    assert set(event.payload) == {
        "exposure_id",
        "reviewer_id",
        "site_id",
        "team_id",
        "severity",
        "started_at",
        "ended_at",
        "visible_seconds",
        "blurred",
        "sound_on",
    }
    with pytest.raises(UnknownClassError):
        see(reviewer, floor.now, "worse")


def test_a_turn_on_a_severe_queue_is_counted_once(floor, reviewer):
    queue = floor.queue("hard", settings={"wellness_class": "severe"})
    floor.enqueue(queue, 3)
    for use in (
        lambda token, at: submit(lease_token=token, answer=ANSWER, now=at),
        lambda token, at: skip(lease_token=token, reason="not mine", now=at),
    ):
        taken = claim(reviewer=reviewer, now=floor.now)
        use(taken.token, floor.now + timedelta(seconds=20))
    tally = Tally.objects.get()
    assert (tally.cases, tally.quarter_cases) == (2, [2, 0, 0, 0])
    assert tally.visible_ms == 40_000
    assert Event.objects.filter(fact="exposure").count() == 2


def test_a_persons_own_setting_has_the_last_word(floor, reviewer, role):
    usual = Presentation(muted=True, paused=True, blurred=True, grey=True, notice=True)
    assert presentation_for(reviewer=reviewer, wellness_class="severe") == usual
    set_class_presentation(wellness_class="severe", aspects={"grey": False}, by=role, now=floor.now)
    assert not presentation_for(reviewer=reviewer, wellness_class="severe").grey
    set_own_presentation(
        reviewer=reviewer, wellness_class="severe", aspects={"grey": True, "blurred": False}, now=floor.now
    )
    shown = presentation_for(reviewer=reviewer, wellness_class="severe")
    assert (shown.grey, shown.blurred, shown.muted) == (True, False, True)
    other = presentation_for(reviewer=floor.reviewer("r2"), wellness_class="severe")
    assert (other.grey, other.blurred) == (False, True)


@pytest.mark.parametrize("name", sorted(set(ROLES) - {"wellbeing"}))
def test_no_other_role_reads_what_is_kept_of_a_person(floor, reviewer, name):
    viewer = floor.viewer(name, data_boundary="*")
    with pytest.raises(NotPermittedError):
        person_record(viewer=viewer, code=reviewer.code, now=floor.now)
    with pytest.raises(NotPermittedError):
        cap(viewer, floor.now, 1, whom=Whom(reviewer=reviewer))


def test_what_was_told_stands_in_no_trail(floor, reviewer):
    tell(reviewer=reviewer, told="A child.", wants_contact=False, now=floor.now)
    written = json.dumps(list(AuditEntry.objects.values("actor", "object_id", "before", "after")))
    assert "child" not in written
    assert reviewer.code not in written


def test_a_site_role_changes_its_own_site_alone(floor, role):
    of_dublin = floor.viewer("wellbeing", site="dublin")
    cap(of_dublin, floor.now, 1, whom=Whom(site=floor.dublin))
    for whom in (Whom(), Whom(site=floor.manila)):
        with pytest.raises(NotPermittedError):
            cap(of_dublin, floor.now, 1, whom=whom)


def test_old_tallies_are_forgotten(floor, reviewer):
    see(reviewer, floor.now)
    assert prune(now=floor.now + timedelta(weeks=4)) == 0
    assert prune(now=floor.now + timedelta(weeks=6)) == 1


@given(st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.integers(1, 12), max_size=8))
def test_no_hidden_remainder_stands_for_too_few(people):
    hidden = hidden_groups(people)
    assert all(people[group] >= MINIMUM_GROUP for group in set(people) - hidden)
    left_over = sum(people[group] for group in hidden)
    assert left_over == 0 or left_over >= MINIMUM_GROUP or hidden == set(people)


def test_sums_cover_whole_weeks_that_ended(floor):
    period = whole_weeks(floor.now)  # Monday 2 March
    assert (period.start.isoformat()[:10], period.end.isoformat()[:10]) == ("2026-02-02", "2026-03-02")


STEP = st.tuples(
    st.sampled_from(["claim", "prefetch", "submit", "submit", "skip", "release", "wait"]), st.integers(1, 90)
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(STEP, min_size=5, max_size=40),
    most=st.tuples(st.integers(0, 4), st.integers(1, 6)),
    turns=st.one_of(st.none(), st.integers(1, 3)),
)
def test_whatever_a_person_does_no_budget_is_exceeded(world_at_limits, steps, most, turns):
    world_at_limits(steps, most, turns)


@pytest.fixture
def world_at_limits(floor, role):
    """Play steps of one person under limits, then take everything back."""
    floor.enqueue(floor.queue("hard", settings={"wellness_class": "severe"}), 60)
    floor.enqueue(floor.queue("plain"), 20)

    def play(steps, most, turns):
        with transaction.atomic():
            reviewer = floor.reviewer("player")
            cap(role, floor.now, most[0], "hour")
            cap(role, floor.now, most[1], "day")
            set_rhythm(pace=Pace(max_consecutive=turns, cool_down_minutes=20), by=role, now=floor.now)
            now, seen = floor.now, []
            for kind, amount in steps:
                now += timedelta(seconds=amount)
                held = held_by(reviewer)
                if kind == "claim":
                    claim(reviewer=reviewer, now=now, most=4)
                elif kind == "prefetch":
                    claim_many(reviewer=reviewer, now=now, count=3, most=4, ahead=True)
                elif kind == "wait":
                    now += timedelta(minutes=amount)
                elif held:
                    token, is_severe = held[0]
                    if not Lease.objects.filter(token=token, expires_at__gt=now).exists():
                        continue
                    start_lease(lease_token=token, now=now)
                    if kind == "submit":
                        submit(lease_token=token, answer=ANSWER, now=now)
                    elif kind == "skip":
                        skip(lease_token=token, reason="no", now=now)
                    else:
                        release(lease_token=token, now=now)
                    if is_severe:
                        seen.append(now)
                in_hand = sum(is_severe for _, is_severe in held_by(reviewer))
                assert sum(at > now - timedelta(hours=1) for at in seen) + in_hand <= most[0]
                assert sum(at.date() == now.date() for at in seen) + in_hand <= most[1]
            transaction.set_rollback(True)

    return play


def held_by(reviewer):
    rows = Lease.objects.filter(reviewer=reviewer).order_by("claimed_at", "token")
    return [(lease.token, lease.exposure_class == "severe") for lease in rows]


def test_the_functions_answer_with_plain_arrays(floor, reviewer):
    assert run("wellbeing", "state", {"reviewer": reviewer.pk, "now": floor.now}) == [
        {"cooling": False, "on_break": False}
    ]
