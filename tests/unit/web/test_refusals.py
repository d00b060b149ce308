"""Errors are said in the viewer's language: every sentence that pages may show has its Chinese."""

import re
import time
from string import Formatter

import pytest
from django.template import Context, Template
from django.utils.translation import override

from watchfloor.cli.error_templates import missing, templates
from watchfloor.metrics.questions import RefusedError
from watchfloor.operations.shell.refusals import said, sentences, told

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def in_chinese(text: str) -> str:
    with override("zh-hans"):
        return told(text)


def test_every_sentence_of_an_error_has_its_chinese() -> None:
    """What is missing is printed by `python -m watchfloor.cli.error_templates`, ready to be appended."""
    assert missing() == []


def test_no_chinese_stands_for_a_sentence_that_is_gone() -> None:
    assert sorted(set(sentences("zh-hans")) - set(templates())) == []


def test_chinese_says_the_values_that_the_english_says() -> None:
    def values(text: str) -> set[str]:
        return {field for _, field, _, _ in Formatter().parse(text) if field is not None}

    # What a permission allows is English; its name is a code that says the same.
    apart = {"{0} may not: {1} ({2})."}
    pairs = sentences("zh-hans")
    assert [english for english in pairs.keys() - apart if values(english) != values(pairs[english])] == []
    assert [english for english, other in pairs.items() if not CHINESE.search(other)] == []


def test_every_sentence_is_recognised_as_itself() -> None:
    values = [f"value-{number}" for number in range(6)]
    for english, chinese in sentences("zh-hans").items():
        assert in_chinese(english.format(*values)) == chinese.format(*values)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("There is no metric 'ath'. Did you mean 'aht'?", "没有指标 'ath'。是否指 'aht'？"),
        (
            "Queue 'a' cannot be configured so: There is no site 'x'. Weekday 3: minutes are whole numbers.",
            "队列 'a' 不能这样配置：没有站点 'x'。星期 3：分钟须为整数。",
        ),
        ("There is no queue 'x'. Nobody wrote this", "没有队列 'x'。Nobody wrote this"),
        ("There is no queue '没有'.", "没有队列 '没有'。"),
        ("What a person wrote. It stays.", "What a person wrote. It stays."),
        ("", ""),
    ],
)
def test_sentences_are_said_one_by_one_and_the_unknown_stays(english: str, chinese: str) -> None:
    assert in_chinese(english) == chinese


def test_an_error_is_said_with_its_remedy_and_stays_english_elsewhere() -> None:
    error = RefusedError("There is no metric '<b>'.", remedy="`watchfloor metrics` lists them all.")
    with override("zh-hans"):
        assert said(error).message == "没有指标 '<b>'。"
        assert str(said(error)).endswith("`watchfloor metrics` 列出全部指标。")
        page = Template("{% load shell %}{{ error|told }}").render(Context({"error": error}))
        assert "&lt;b&gt;" in page, "a value is still text"
    with override("en"):
        assert str(said(error)) == str(error)


def test_hostile_text_is_read_in_no_time() -> None:
    text = "Queue 'a' is " * 300 + ". " * 40
    began = time.perf_counter()
    in_chinese(text[:4000])
    assert time.perf_counter() - began < 1
