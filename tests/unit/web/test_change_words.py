"""A change is told in the language of the page; what a person wrote stands beside it, the record is kept."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import translation

from watchfloor.operations.insights.change_words import Told, told


@dataclass(frozen=True)
class Change:
    object_kind: str
    object_id: str
    kind: str
    summary: str
    object_version: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)


STATE = {"state": {"before": "paused", "after": "live"}}
PAUSE = {"from": "2026-03-01T00:00:00+00:00", "to": "2026-03-01T00:05:00+00:00"}
CASES = (
    (Change("queue", "video", "changed", "Video: paused → live.", 3, STATE), "video：由“已暂停”转为"),
    (
        Change(
            "queue",
            "video",
            "changed",
            "Video: lease_seconds changed.",
            4,
            {"lease_seconds": {"before": 1, "after": 2}},
        ),
        "video：修改了",
    ),
    (Change("queue", "video", "created", "Video: configured.", 1), "队列“video”：第 1 版生效"),
    (Change("policy", "hate", "changed", "Hate: version 3 takes effect.", 3), "政策“hate”：第 3 版生效"),
    (
        Change("roster", "a1", "created", "A1: 3 reviewers joined.", None, {"reviewers": ["x", "y", "z"]}),
        "a1：3 名审核员加入",
    ),
    (
        Change("roster", "a1", "changed", "r7 moved from A1 to B2.", None, {"reviewers": ["r7"]}),
        "r7 由 A1 调至 B2",
    ),
    (Change("roster", "a1", "retired", "r7 left.", None, {"reviewers": ["r7"]}), "a1：r7 离岗"),
    (
        Change("operation", "demo", "paused", "The simulation stood still for 5 minutes; …", None, PAUSE),
        "模拟停顿了 5",
    ),
    (Change("satellite", "s1", "launched", ""), "satellite“s1”：launched"),
)


@pytest.mark.parametrize(("change", "said"), CASES)
def test_a_change_is_a_sentence_in_chinese(change: Change, said: str) -> None:
    with translation.override("zh-hans"):
        (one,) = told([change], is_live=False)
    assert one.sentence.startswith(said)
    assert one.record == ""


def test_english_is_the_record_itself() -> None:
    with translation.override("en"):
        assert told([change for change, _ in CASES[:-1]], is_live=False) == [
            Told(change.summary) for change, _ in CASES[:-1]
        ]


def test_a_person_s_own_words_stand_beside_the_sentence() -> None:
    change = Change("policy", "hate", "changed", "Pile-ons get a label of their own.", 4)
    with translation.override("zh-hans"):
        (one,) = told([change], is_live=False)
    assert one == Told("政策“hate”：第 4 版生效", "Pile-ons get a label of their own.")


def test_words_recorded_in_chinese_are_taken_as_they_are() -> None:
    change = Change("model", "m", "recovered", "Repaired.", None, {"summary_zh_hans": "分类模型已修复。"})
    with translation.override("zh-hans"):
        assert told([change], is_live=False) == [Told("分类模型已修复。")]
