"""Events that are no rows of the facts have a page: the reason, the event, what to do, within one's reach."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from watchfloor.facts.event_rows import DeadLetter
from watchfloor.facts.export import dead_letters, letters_folder
from watchfloor.facts.schemas import TABLES
from watchfloor.facts.store import FactStore
from watchfloor.operations.record.models import AuditEntry

pytestmark = pytest.mark.django_db
SignIn = Callable[..., Client]
PATH = "/imports/dead-letters/"
WHOLE = {
    "string": "x",
    "int": 1,
    "float": 0.5,
    "bool": True,
    "strings": [],
    "instant": "2026-01-02T03:04:05Z",
}


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
            "risk_score holds '<b>7</b>', which is no float.",
            '{"data_boundary": "eu", "risk_score": "<b>7</b>", "case_id": "beyond-reach"}',
        ),
        letter(3, "case", "The payload is not JSON.", "{sealed"),
    ]
    module = "watchfloor.operations.insights.replaying.dead_letters"
    monkeypatch.setattr(module, lambda *, store: tuple(found))
    return found


def test_an_administrator_sees_reason_event_and_remedy_as_text(
    sign_in: SignIn, letters: list[DeadLetter]
) -> None:
    page = sign_in().get(PATH).content.decode()
    assert page.index("key-3") < page.index("key-2") < page.index("key-1"), "the newest first"
    assert "did the writer mean" in page
    assert "&lt;b&gt;7&lt;/b&gt;" in page
    assert "Bring this installation to that version" in page
    assert "An event is never written anew" in page
    assert '<time datetime="2026-01-02T03:04:05+00:00">' in page


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


def test_reasons_are_said_in_the_language_of_the_page(sign_in: SignIn, letters: list[DeadLetter]) -> None:
    client = sign_in()
    client.cookies["watchfloor_language"] = "zh-hans"
    page = client.get(PATH).content.decode()
    assert "没有事实 &#x27;reveiw&#x27;；是否指 &#x27;review&#x27;？" in page
    assert "事件不会重新写入" in page
    assert "全部重试" in page


def test_trying_again_makes_rows_of_what_can_be_read_and_leaves_an_audit_entry(
    sign_in: SignIn, facts: FactStore
) -> None:
    folder = letters_folder(facts)
    folder.mkdir(parents=True)
    row = {column.name: WHOLE.get(column.type) for column in TABLES["review"].columns if not column.one_of}
    row |= {column.name: column.one_of[0] for column in TABLES["review"].columns if column.one_of}
    set_aside = [
        letter(7, "review", "outcome was unknown.", json.dumps(row | {"data_boundary": ""})),
        letter(8, "reveiw", "There is no fact 'reveiw'.", '{"data_boundary": ""}'),
    ]
    (folder / "from-00000000000000000001.jsonl").write_text(
        "".join(one.as_json() + "\n" for one in set_aside), "utf-8"
    )
    facts.commit({}, published_at=datetime.now(UTC), source="export", watermark={"next_xid": 2})
    assert sign_in("reviewer").post(PATH + "replay/").status_code == 403

    page = sign_in().post(PATH + "replay/").content.decode()

    assert "Tried again: 1 became rows, 0 gave way to a later event, 1 stay." in page
    assert [one.event_id for one in dead_letters(store=facts)] == [8]
    entry = AuditEntry.objects.get(action="dead_letters_replayed")
    assert (entry.after["rows"], entry.after["staying"]) == ([7], 1)
