"""The demo operation is whole: what it names exists, what arrives can be served at any hour, seeds repeat."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from watchfloor.science.simulation import DemoWorld, build_world
from watchfloor.science.simulation.demo_people import SHIFT_HOURS
from watchfloor.science.simulation.world import LANGUAGE_CODES, SEVERITIES

START = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_the_operation_has_the_size_that_was_promised(world: DemoWorld) -> None:
    assert len(world.production_queues) == 14
    assert {queue.purpose for queue in world.queues} == {"production", "training", "qa"}
    assert Counter(site.employer_kind for site in world.sites) == {"in_house": 2, "vendor": 3}
    assert len(world.teams) == 20
    assert sum(reviewer.active for reviewer in world.reviewers) == 400
    assert len(world.policies) == 8
    assert tuple(language.code for language in world.languages) == LANGUAGE_CODES


def test_every_queue_is_served_in_each_of_its_languages_at_every_hour_of_the_week(world: DemoWorld) -> None:
    zones = {site.slug: ZoneInfo(site.time_zone) for site in world.sites}
    covered: Counter[tuple[str, str, int]] = Counter()
    monday = datetime(2026, 3, 2, tzinfo=UTC)
    for reviewer in world.reviewers:
        if not reviewer.active:
            continue
        offset = monday.astimezone(zones[reviewer.site]).utcoffset() or timedelta(0)
        for weekday in set(range(7)) - set(reviewer.days_off):
            first = weekday * 24 + reviewer.shift_start_hour - offset.total_seconds() / 3600
            for hour in range(round(first + 0.49), int(first + SHIFT_HOURS)):
                for queue in world.production_queues:
                    if queue.slug in reviewer.queues and queue.data_boundary == reviewer.data_boundary:
                        for code in set(queue.languages) & set(reviewer.languages):
                            covered[queue.slug, code, hour % 168] += 1
    alone = [
        (queue.slug, code, hour)
        for queue in world.production_queues
        for code in queue.languages
        for hour in range(168)
        if covered[queue.slug, code, hour] < 2
    ]
    assert alone == []


def test_the_boundary_holds_its_queues_and_its_people_together(world: DemoWorld) -> None:
    inside = {queue.slug for queue in world.production_queues if queue.data_boundary}
    assert inside == {"message-reports-eu", "account-age-eu"}
    for reviewer in world.reviewers:
        assert bool(reviewer.data_boundary) == bool(inside & set(reviewer.queues))
        assert not (reviewer.data_boundary and set(reviewer.queues) - inside)


def test_every_label_carries_what_a_statement_of_reasons_needs(world: DemoWorld) -> None:
    for policy in world.policies:
        leaves = [label for label in policy.labels if label.violative and label.selectable]
        assert sum(label.weight for label in leaves) == pytest.approx(1.0)
        for label in leaves:
            assert label.severity in SEVERITIES
            assert label.action != "no_action"
            assert (label.dsa_category or "").startswith("STATEMENT_CATEGORY_")
            assert (label.dsa_keyword or "").startswith("KEYWORD_")
            assert label.parent == policy.slug


def test_everything_that_people_read_has_both_languages(world: DemoWorld) -> None:
    texts = [
        *(queue.title for queue in world.queues),
        *(queue.versions[0].reason for queue in world.queues),
        *(policy.name for policy in world.policies),
        *(label.name for policy in world.policies for label in policy.labels),
        *(strategy.name for strategy in world.strategies),
        *(team.name for team in world.teams),
        *(site.name for site in world.sites),
        *(change.summary for change in world.changes),
    ]
    for text in texts:
        assert text.en
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text.zh_hans), text


def test_shares_sum_to_one_and_names_refer_to_what_exists(world: DemoWorld) -> None:
    strategies = {strategy.slug for strategy in world.strategies}
    slugs = {queue.slug for queue in world.queues}
    for queue in world.queues:
        assert sum(queue.language_shares) == pytest.approx(1.0)
        assert sum(queue.strategy_shares) == pytest.approx(1.0)
        assert sum(queue.severity_shares) == pytest.approx(1.0)
        assert list(queue.sla_seconds) == sorted(queue.sla_seconds)
        assert set(queue.strategies) <= strategies
        assert queue.current_version.policy_version == world.policy(queue.policy).current_version
    for team in world.teams:
        assert set(team.queues) | set(team.cross_queues) <= slugs
    for reviewer in world.reviewers:
        assert set(reviewer.queues) <= slugs
    assert len({reviewer.code for reviewer in world.reviewers}) == len(world.reviewers)


def test_queue_versions_follow_each_other_without_gap(world: DemoWorld) -> None:
    for queue in world.queues:
        for earlier, later in zip(queue.versions, queue.versions[1:], strict=False):
            assert earlier.effective_to == later.effective_from
        assert queue.versions[-1].effective_to is None


def test_causes_lie_within_the_history_and_each_recorded_one_has_a_change(world: DemoWorld) -> None:
    recorded = {change.cause for change in world.changes}
    for cause in world.causes:
        assert world.start <= cause.from_at < world.end
        assert cause.id in recorded or cause.id == "vendor-drift-manila"
        if cause.distractor:
            assert (cause.handle_factor, cause.volume_factor, cause.violative_shift) == (1.0, 1.0, 0.0)
    assert sum(cause.distractor for cause in world.causes) == 5
    assert len({cause.kind for cause in world.causes if not cause.distractor}) == 6


def test_the_same_seed_builds_the_same_world_and_another_seed_other_people() -> None:
    assert build_world(seed=4, start=START) == build_world(seed=4, start=START)
    first, second = build_world(seed=4, start=START), build_world(seed=5, start=START)
    assert first.queues == second.queues
    assert first.reviewers != second.reviewers


@pytest.mark.parametrize(
    ("start", "days", "said"),
    [(datetime(2026, 3, 2), 60, "no time zone"), (START, 0, "no history")],  # noqa: DTZ001 - naive on purpose
)
def test_a_start_without_zone_or_a_world_without_days_is_refused(
    start: datetime, days: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        build_world(seed=1, start=start, days=days)
