"""Events that are no rows of the facts have a page: the reason, the event, what to do, within one's reach."""

from collections.abc import Callable

import pytest
from django.test import Client

from watchfloor.facts.event_rows import DeadLetter
from watchfloor.facts.store import FactStore

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
PATH = "/imports/dead-letters/"


def letter(number: int, fact: str, reason: str, payload: str) -> DeadLetter:
    return DeadLetter(number, 1, "2026-01-02T03:04:05+00:00", fact, f"key-{number}", payload, reason)


@pytest.fixture
def letters(facts: FactStore, monkeypatch: pytest.MonkeyPatch) -> list[DeadLetter]:
    found = [
        letter(
            1, "reveiw", "There is no fact 'reveiw'; did the writer mean 'review'?", '{"data_boundary": ""}'
        ),
        letter(
            2,
            "case",
            "risk_score: '<b>7</b>' is no number.",
            '{"data_boundary": "eu", "x": "beyond-reach"}',
        ),
        letter(3, "case", "The payload is no JSON.", "{sealed"),
    ]
    module = "watchfloor.operations.insights.views.dead_letters.dead_letters"
    monkeypatch.setattr(module, lambda *, store: tuple(found))
    return found


def test_an_administrator_sees_reason_event_and_remedy_as_text(
    sign_in: SignIn, letters: list[DeadLetter]
) -> None:
    page = sign_in().get(PATH).content.decode()
    assert page.index("key-3") < page.index("key-2") < page.index("key-1"), "the newest first"
    assert "did the writer mean" in page
    assert "&lt;b&gt;7&lt;/b&gt;" in page
    assert "Bring both to one version" in page
    assert "Correct the value that the reason names" in page


def test_nobody_sees_events_beyond_their_data_boundaries(sign_in: SignIn, letters: list[DeadLetter]) -> None:
    page = sign_in("analyst", data_boundary="").get(PATH).content.decode()
    assert "key-1" in page
    assert "beyond-reach" not in page
    assert "sealed" not in page
    assert "2 events lie outside your data boundaries." in page


def test_it_is_open_to_those_who_see_imports_and_says_when_all_is_well(
    sign_in: SignIn, facts: FactStore
) -> None:
    assert sign_in("reviewer").get(PATH).status_code == 403
    client = sign_in()
    assert "is a fact" in client.get(PATH).content.decode()
    client.cookies["watchfloor_language"] = "zh-hans"
    assert "未成为事实的事件" in client.get(PATH).content.decode()
    assert PATH in client.get("/imports/").content.decode()
