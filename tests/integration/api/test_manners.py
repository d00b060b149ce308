"""How the API and the pages treat sessions, tokens, greedy callers and hostile text."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client

from watchfloor.operations.people import api_access
from watchfloor.operations.people.models import ApiClient, Reviewer, SignInLink, User
from watchfloor.operations.people.request_limits import RequestLimit
from watchfloor.operations.people.sign_in import make_link
from watchfloor.operations.review.models import Case
from watchfloor.operations.review.services import NewCase, enqueue

PASSWORD = "a long password of words"


@pytest.fixture
def root(db):
    return User.objects.create_superuser("root@example.org", PASSWORD)


def queues(token):
    return Client().get("/api/v1/queues", headers={"Authorization": f"Bearer {token}"})


def test_a_greedy_client_waits_and_nobody_else_does(site, make_token, monkeypatch):
    monkeypatch.setattr(api_access, "LIMIT", RequestLimit(per_minute=30))
    answers = [queues(site.token) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 2
    assert answers[-1].json()["code"] == "too_many_requests"
    assert queues(make_token("analyst", slug="other", now=site.now)).status_code == 200
    monkeypatch.setattr(api_access, "LIMIT", RequestLimit(per_minute=0))
    assert {queues(site.token).status_code for _ in range(50)} == {200}


def test_somebody_signed_in_is_limited_too(root, client, monkeypatch):
    monkeypatch.setattr(api_access, "LIMIT", RequestLimit(per_minute=6))
    client.force_login(root)
    assert [client.get("/api/v1/queues").status_code for _ in range(2)] == [200, 429]


def test_a_token_is_kept_as_a_hash_counts_in_the_header_alone_and_ends(site, caplog):
    kept = str(list(ApiClient.objects.values()))
    assert site.token not in kept
    assert ApiClient.objects.get().token_start == site.token[:8]
    for address in (f"/api/v1/queues?token={site.token}", f"/api/v1/queues?access_token={site.token}"):
        assert Client().get(address).status_code == 401
    with caplog.at_level(logging.DEBUG):
        assert queues(site.token).status_code == 200
        assert queues(f"{site.token}x").status_code == 401
    assert site.token not in caplog.text
    ApiClient.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert queues(site.token).status_code == 401
    ApiClient.objects.update(expires_at=None, active=False)
    assert queues(site.token).status_code == 401


def test_a_session_is_made_anew_at_sign_in_and_ends_with_it(root, client):
    assert client.get("/accounts/login/").status_code == 200
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = session.session_key
    answer = client.post("/accounts/login/", {"login": root.email, "password": PASSWORD})
    assert answer.status_code == 302
    cookie = answer.cookies[django_settings.SESSION_COOKIE_NAME]
    assert cookie.value != session.session_key, "a session known before would be somebody else's"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert 0 < cookie["max-age"] <= 14 * 24 * 3600
    assert client.get("/api/v1/queues").status_code == 200
    client.post("/accounts/logout/")
    client.cookies[django_settings.SESSION_COOKIE_NAME] = cookie.value
    assert client.get("/api/v1/queues").status_code == 401, "the session is gone, not only its cookie"


def test_a_link_signs_in_to_a_session_of_its_own(root, client):
    make_link(user=root, token="a-token", now=datetime.now(UTC))
    session = client.session
    session.save()
    before = session.session_key
    answer = client.get("/sign-in/a-token")
    assert answer.cookies[django_settings.SESSION_COOKIE_NAME].value != before
    assert "a-token" not in str(list(SignInLink.objects.values()))


def test_a_write_by_session_needs_the_csrf_token_whatever_it_calls_itself(site, root):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(root)
    body = {"queue": "comments", "client_key": "forged"}
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        answer = browser.post("/api/v1/cases", body if kind.endswith("json") else "x=1", content_type=kind)
        assert answer.status_code == 403, kind
    assert browser.put(f"/api/v1/claims/{site.lease}/draft", {}, "application/json").status_code == 403
    assert not Case.objects.filter(client_key="forged").exists()


def test_a_body_beyond_the_limit_is_refused_with_the_limit_and_a_full_batch_is_not(site):
    headers = {"Authorization": f"Bearer {site.token}"}
    big = Client().post(
        "/api/v1/cases",
        b" " * (django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1),
        "application/json",
        headers=headers,
    )
    assert (big.status_code, big.json()["code"]) == (413, "body_too_big")
    text = "word " * 400
    cases = [{"queue": "comments", "content": {"text": text}} for _ in range(5_000)]
    made = Client().post("/api/v1/cases/batch", {"cases": cases}, "application/json", headers=headers)
    assert (made.status_code, made.json()["created"]) == (200, 5_000)
    more = Client().post(
        "/api/v1/cases/batch", {"cases": [*cases, cases[0]]}, "application/json", headers=headers
    )
    assert more.status_code == 422


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "{{ 7*7 }}{% csrf_token %}",
    "</textarea></template><svg/onload=alert(1)>",
    "\u202eevil\u202c \u2066x\u2069 \u200f\u200e",
    "\u0007\u001b[31m\x7f\u2028\u2029",
    "w" * 5_000,
    "=cmd|'/C calc'!A0",
    "javascript:alert(1)",
    "a̸̛̓" * 200 + "\U0001f469\u200d\U0001f4bb",
]
TAGS = re.compile(r"<script>alert|<img src=x|<svg/onload|href=\"javascript:|</textarea></template>")


def hostile_case(site, text):
    content = {
        "title": text,
        "text": text,
        "author": {"name": text, "handle": text, "bio": text},
        "context": [{"author": text, "text": text}],
        "media": [{"kind": "image", "url": text, "alt": text}],
        "messages": [{"from": text, "text": text}],
        text[:100]: text,
    }
    values = {"client_key": text[:150], "object_id": text[:150], "author_id": text[:150], "language": "en"}
    return enqueue(
        case=NewCase(queue="comments", content=content, **values), now=site.now, client="client:app"
    )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_shown_as_text_wherever_a_case_is_shown(site, root, client, text):
    made = hostile_case(site, text)
    Reviewer.objects.filter(code="r1").update(user=root)
    client.force_login(root)
    addresses = [
        f"/console/cases/{made.case_id}/",
        "/console/cases/",
        "/console/team/",
        "/console/",
        "/enforcement/callbacks/",
        "/admin/review/case/",
        f"/admin/review/case/{made.case_id}/change/",
    ]
    for address in addresses:
        page = client.get(address, follow=True)
        assert page.status_code == 200, address
        assert not TAGS.search(page.content.decode()), address
        assert "default-src 'none'" in page["Content-Security-Policy"]
    searched = client.get("/console/cases/", {"q": text[:200]})
    assert searched.status_code == 200
    assert not TAGS.search(searched.content.decode())
    shown = client.get(f"/api/v1/cases/{made.case_id}")
    assert shown["Content-Type"].startswith("application/json")
    assert shown.json()["object_id"] == text[:150]


def test_formulas_in_names_of_columns_do_not_run_in_rejected_rows():
    from watchfloor.facts.imports.report import _guarded
    from watchfloor.operations.insights.downloads import safe

    for guard in (safe, _guarded):
        for text in ("=1+1", "+cmd", "-cmd", "@SUM(A1)", "\t=1", "\r=1"):
            assert guard(text) == f"'{text}"
    assert safe("plain") == "plain"


@pytest.mark.django_db(transaction=True)
def test_all_web_processes_share_one_limit():
    callers = [RequestLimit(per_minute=60) for _ in range(4)]
    waits = [limit.wait_seconds("client:one", at=0.0) for limit in callers * 4]
    assert waits[:10] == [0.0] * 10
    assert all(0.0 < wait <= 1.0 for wait in waits[10:])
    assert RequestLimit(per_minute=60).wait_seconds("client:two", at=0.0) == 0.0


@pytest.mark.django_db
def test_a_great_limit_is_taken_in_shares_and_holds_over_processes():
    limits = [RequestLimit(per_minute=12_000) for _ in range(4)]
    given = sum(limit.wait_seconds("client:one", at=0.0) == 0.0 for limit in limits for _ in range(1_000))
    assert 2_000 <= given < 2_200, "ten seconds' worth, and what refilled meanwhile"
