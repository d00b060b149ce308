"""Statements of reasons: built from the record, checked, and sent so that each is stored exactly once."""

import json
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import pytest

from watchfloor.operations.enforcement.appeals import file_appeal
from watchfloor.operations.enforcement.following import follow_all
from watchfloor.operations.enforcement.models import FollowMark, Ground, Statement
from watchfloor.operations.enforcement.statement_rules import faults
from watchfloor.operations.enforcement.statement_sending import (
    Database,
    StatementsRefusedError,
    send_statements,
)
from watchfloor.operations.enforcement.statements import (
    batches,
    build_statements,
    rebuild_statements,
    to_export,
)
from watchfloor.operations.record.viewers import NotPermittedError
from watchfloor.operations.review.corrections import correct
from watchfloor.operations.review.services import Answer, claim, submit

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Transparency:
    """The transparency database as section 20 tells: all or nothing, errors by index, each PUID once."""

    url: str = ""
    token: str = "t0ken"
    stored: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, int]] = field(default_factory=list)
    refuses: Callable[[dict[str, Any]], dict[str, list[str]]] = lambda _: {}
    answers_lost: int = 0
    status: int = 0
    tells_existing: bool = True

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        if path == "/statement":
            errors = self.errors_of(body)
            if errors:
                existing = errors.pop("existing", None)
                return 422, {"message": "Wrong.", "errors": errors} | (
                    {"existing": existing} if existing else {}
                )
            return 201, self.store(body)
        statements = body["statements"]
        assert 1 <= len(statements) <= 100
        found = {
            f"statement_{i}": wrong for i, one in enumerate(statements) if (wrong := self.errors_of(one))
        }
        if found and not self.tells_existing:
            found = {key: {k: v for k, v in wrong.items() if k != "existing"} for key, wrong in found.items()}
        if found:
            return 422, {"errors": found}
        return 201, {"statements": [self.store(one) for one in statements]}

    def errors_of(self, one: dict[str, Any]) -> dict[str, Any]:
        if one["puid"] in self.stored:
            known = {"existing": self.stored[one["puid"]]} if self.tells_existing else {}
            return {"puid": ["The identifier is taken."], **known}
        return dict(self.refuses(one))

    def store(self, one: dict[str, Any]) -> dict[str, Any]:
        row = one | {
            "uuid": f"u-{len(self.stored)}",
            "id": len(self.stored),
            "permalink": f"{self.url}/statement/1",
        }
        self.stored[one["puid"]] = row
        return row


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/nowhere")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        base: Transparency = self.server.base
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.removeprefix("/api/v1")
        base.calls.append((path, len(body.get("statements", [0]))))
        if self.headers["Authorization"] != f"Bearer {base.token}":
            return self.answer(401, {"message": "Unauthenticated."})
        if base.status:
            return self.answer(base.status, {})
        status, said = base.post(path, body)
        if base.answers_lost:
            base.answers_lost -= 1
            self.close_connection = True
            return None
        return self.answer(status, said)

    def do_GET(self) -> None:
        base: Transparency = self.server.base
        self.answer(302 if self.path.rpartition("/")[2] in base.stored else 404, {})

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def base() -> Iterator[Transparency]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.base = Transparency(url=f"http://127.0.0.1:{server.server_port}/api/v1")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server.base
    server.shutdown()
    server.server_close()


@pytest.fixture
def floor(committed_floor):
    return committed_floor()


def built(floor, decide, count=1, **values):
    queue = floor.queue("one")
    decisions = [decide(floor, queue, **values) for _ in range(count)]
    follow_all(now=floor.now)
    build_statements(now=floor.now + timedelta(hours=1))
    return decisions


def send(base, floor, **changes):
    return send_statements(
        database=Database(url=changes.pop("url", base.url), token=changes.pop("token", base.token)),
        now=changes.pop("now", floor.now),
        rng=random.Random(1),
    )


def test_a_statement_says_what_was_restricted_why_and_how_it_was_noticed(floor, decide):
    built(
        floor, decide, source="trusted_flagger", market="DE", content={"created_at": "2026-02-01T10:00:00Z"}
    )
    statement = Statement.objects.get()
    payload = statement.payload
    assert (statement.state, faults(payload)) == ("ready", [])
    assert payload["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert payload["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert payload["incompatible_content_ground"] == "Spam: Scam"
    assert payload["category"] == "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
    assert payload["category_specification"] == ["KEYWORD_PHISHING"]
    assert (payload["content_date"], payload["application_date"]) == ("2026-02-01", "2026-03-02")
    assert (payload["source_type"], payload["automated_detection"]) == ("SOURCE_TRUSTED_FLAGGER", "No")
    assert len(payload["territorial_scope"]) == 30
    assert (payload["content_language"], payload["content_type"]) == ("EN", ["CONTENT_TYPE_TEXT"])


def test_a_label_that_stands_on_a_law_states_the_law(floor, decide):
    Ground.objects.create(
        policy="spam", label="scam", is_illegal=True, reference="§ 263 StGB", explanation="Fraud."
    )
    built(floor, decide)
    payload = Statement.objects.get().payload
    assert payload["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert (payload["illegal_content_legal_ground"], payload["illegal_content_explanation"]) == (
        "§ 263 StGB",
        "Fraud.",
    )
    assert "incompatible_content_ground" not in payload


def test_an_end_and_territories_given_with_the_answer_are_stated(floor, decide):
    built(floor, decide, fields={"restriction_days": 30, "territories": ["DE", "FR", "US"]})
    payload = Statement.objects.get().payload
    assert payload["end_date_visibility_restriction"] == "2026-04-01"
    assert payload["territorial_scope"] == ["DE", "FR"]


def test_what_restricts_nobody_in_the_union_or_no_longer_stands_is_not_stated(floor, decide):
    queue = floor.queue("one")
    decide(floor, queue, labels=("fine",))
    decide(floor, queue, market="BR")
    wrong = decide(floor, queue)
    correct(
        case_id=wrong.case_id,
        reviewer=None,
        answer=Answer(labels=("fine",)),
        reason="",
        by=floor.by,
        now=floor.now,
    )
    decide(floor, floor.queue("school", purpose="training"))
    follow_all(now=floor.now)
    build_statements(now=floor.now + timedelta(hours=1))
    assert not Statement.objects.exists()


def test_a_fresh_decision_waits_and_no_decision_is_stated_twice(floor, decide):
    decide(floor, floor.queue("one"))
    follow_all(now=floor.now)
    assert build_statements(now=floor.now + timedelta(minutes=5)).ready == 0
    assert build_statements(now=floor.now + timedelta(minutes=12)).ready == 1
    assert build_statements(now=floor.now + timedelta(minutes=30)).ready == 0


def test_the_identifier_follows_from_the_decision_alone(floor, decide):
    built(floor, decide)
    puid = Statement.objects.get().puid
    Statement.objects.all().delete()
    FollowMark.objects.update(stated_position=0)
    build_statements(now=floor.now + timedelta(hours=2))
    assert Statement.objects.get().puid == puid


def test_a_faulty_statement_is_not_sent_until_it_is_built_anew(floor, decide, base):
    ground = Ground.objects.create(policy="spam", label="scam", reference="Ask a@b.example")
    built(floor, decide)
    assert [each["field"] for each in Statement.objects.get().faults] == ["incompatible_content_ground"]
    assert send(base, floor).accepted == 0
    ground.delete()
    with pytest.raises(NotPermittedError):
        rebuild_statements(by=floor.viewer("analyst"), now=floor.now)
    assert rebuild_statements(by=floor.by, now=floor.now).ready == 1
    assert send(base, floor).accepted == 1


def test_statements_go_a_hundred_a_call_and_each_is_kept_as_accepted(floor, decide, base):
    built(floor, decide)
    first = Statement.objects.get()
    for number in range(249):
        copied = dict(first.payload) | {"puid": f"{number}"}
        decision = first.decision
        decision.pk, decision.version = UUID(int=number + 1), number + 1
        decision._state.adding = True
        decision.save(force_insert=True)
        Statement.objects.create(
            decision=decision, puid=copied["puid"], payload=copied, state="ready", built_at=floor.now
        )
    report = send(base, floor)
    assert (report.accepted, report.calls) == (250, 3)
    assert [size for _, size in base.calls] == [100, 100, 50]
    assert Statement.objects.filter(state="accepted").exclude(uuid="").count() == 250
    assert [len(each) for each in batches(rows=to_export(states=("accepted",)))] == [100, 100, 50]


def test_one_refused_statement_holds_up_no_other(floor, decide, base):
    decisions = built(floor, decide, count=4)
    wrong = Statement.objects.get(decision=decisions[1]).puid
    base.refuses = lambda one: {"category": ["Not today."]} if one["puid"] == wrong else {}
    report = send(base, floor)
    assert (report.accepted, report.rejected) == (3, 1)
    refused = Statement.objects.get(puid=wrong)
    assert (refused.state, refused.errors[0]["field"]) == ("rejected", "category")
    assert set(base.stored) == set(Statement.objects.filter(state="accepted").values_list("puid", flat=True))


def test_a_call_whose_answer_is_lost_is_repeated_and_stored_once(floor, decide, base):
    built(floor, decide, count=3)
    base.answers_lost = 1
    report = send(base, floor)
    assert report.accepted == 0
    assert "gave no answer" in report.trouble
    assert len(base.stored) == 3
    assert send(base, floor).calls == 0, "it waits before it tries again"
    assert send(base, floor, now=floor.now + timedelta(hours=1)).accepted == 3
    assert len(base.stored) == 3
    assert Statement.objects.filter(state="accepted").exclude(uuid="").count() == 3


def test_an_identifier_that_another_statement_has_is_a_conflict(floor, decide, base):
    built(floor, decide)
    puid = Statement.objects.get().puid
    base.stored[puid] = Statement.objects.get().payload | {
        "category": "STATEMENT_CATEGORY_VIOLENCE",
        "uuid": "x",
    }
    base.tells_existing = False
    assert send(base, floor).rejected == 1
    assert any("another statement" in each["message"] for each in Statement.objects.get().errors)


@pytest.mark.parametrize("status", [500, 429, 302])
def test_a_database_in_trouble_is_asked_again_later(floor, decide, base, status):
    built(floor, decide)
    base.status = status
    assert str(status) in send(base, floor).trouble
    assert Statement.objects.get().state == "ready"
    base.status = 0
    assert send(base, floor, now=floor.now + timedelta(hours=1)).accepted == 1


def test_a_refused_token_or_no_address_stops_everything(floor, decide, base):
    built(floor, decide)
    with pytest.raises(StatementsRefusedError, match="401"):
        send(base, floor, token="wrong")
    with pytest.raises(StatementsRefusedError, match="configured"):
        send(base, floor, url="")
    assert Statement.objects.get().state == "ready"


def test_the_second_look_of_an_appeal_is_stated_once_for_the_first_case(floor, decide):
    queue = floor.queue("one")
    floor.queue("appeals", purpose="appeal")
    first = decide(floor, queue)
    file_appeal(
        case_id=first.case_id, kind="internal_complaint", complainant_role="user", by=floor.by, now=floor.now
    )

    taken = claim(reviewer=floor.reviewer("second"), now=floor.now)
    submit(lease_token=taken.token, answer=Answer(labels=("nudity",)), now=floor.now)
    follow_all(now=floor.now)
    follow_all(now=floor.now)
    build_statements(now=floor.now + timedelta(hours=1))
    (statement,) = Statement.objects.all()
    assert statement.decision.case_id == first.case_id
    assert statement.payload["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED"]
