"""Channels against a server that really listens: what each service is sent, refusals, floods, secrets."""

import json
import random
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core import mail

from watchfloor.operations.alerts.breaching import Looked
from watchfloor.operations.alerts.channels import NewChannel, put_channel
from watchfloor.operations.alerts.errors import ChannelError
from watchfloor.operations.alerts.lifecycle import fire
from watchfloor.operations.alerts.messages import lark_signature
from watchfloor.operations.alerts.models import Alert, AlertRule, Channel, Notice
from watchfloor.operations.alerts.sealed import opened, sealed
from watchfloor.operations.alerts.sending import MOST_ATTEMPTS, send_due
from watchfloor.operations.enforcement.outward import AddressRefusedError
from watchfloor.operations.record.models import AuditEntry

pytestmark = pytest.mark.django_db


class Service:
    """A chat service on loopback: it keeps what it is sent, and answers what it is told to."""

    def __init__(self):
        self.taken, self.status, self.body = [], 200, b"ok"
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                service.taken.append((self.path, json.loads(self.rfile.read(size))))
                self.send_response(service.status)
                self.send_header("Content-Length", str(len(service.body)))
                self.end_headers()
                self.wfile.write(service.body)

            def log_message(self, *args):
                del args

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hook/very-secret"


@pytest.fixture
def service(settings):
    settings.WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS = ("127.0.0.1",)
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def rule(db, now):
    return AlertRule.objects.create(
        slug="r", title="Waiting", metric_id="backlog", kind="level", level=5, owner="lead@example.org",
        severity="high", created_by="x", created_at=now, changed_at=now,
    )  # fmt: skip


def _fire(rule, now, *, units=1):
    for number in range(units):
        one = Looked(f"queue=q{number}", {"queue": f"q{number}"}, None, "over", 5.0, 3.0)
        alert = fire(rule=rule, one=one, queue=None, key=f"{rule.slug}|{number}", now=now)
        Alert.objects.filter(pk=alert.pk).update(explained_at=now)


def _channel(lead, now, **said):
    new = NewChannel(**({"slug": "floor", "title": "Floor", "kind": "slack"} | said))
    return put_channel(new=new, by=lead, now=now)


def test_each_service_is_sent_what_it_takes(service, rule, lead, now):
    for kind in ("slack", "lark", "teams"):
        secret = "s3cret" if kind == "lark" else ""
        rule.channels.add(_channel(lead, now, slug=kind, kind=kind, url=service.url, secret=secret))
    service.body = b'{"code": 0, "msg": "success"}'
    _fire(rule, now)
    assert send_due(now=now, rng=random.Random(1)).told == 3
    by_shape = {
        next(key for key in ("blocks", "msg_type", "attachments") if key in body): body
        for _, body in service.taken
    }
    assert "Waiting" in by_shape["blocks"]["text"]
    lark = by_shape["msg_type"]
    assert lark["sign"] == lark_signature(lark["timestamp"], "s3cret")
    assert lark["card"]["header"]["template"] == "red"
    card = by_shape["attachments"]["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["content"]["type"] == "AdaptiveCard"
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}


def test_a_refusal_that_lark_calls_success_is_a_refusal_and_is_tried_again(service, rule, lead, now):
    rule.channels.add(_channel(lead, now, kind="lark", url=service.url))
    service.body = b'{"code": 19021, "msg": "sign match fail"}'
    _fire(rule, now)
    assert send_due(now=now, rng=random.Random(1)).failed == 1
    notice = Notice.objects.get()
    assert (notice.state, notice.attempt) == ("pending", 1)
    assert "19021" in notice.answer
    at = now
    for _ in range(MOST_ATTEMPTS):
        at += timedelta(hours=5)
        send_due(now=at, rng=random.Random(1))
    notice.refresh_from_db()
    assert (notice.state, notice.attempt) == ("dead", MOST_ATTEMPTS)


def test_a_flood_leaves_as_one_message(service, rule, lead, now):
    rule.channels.add(_channel(lead, now, url=service.url))
    _fire(rule, now, units=40)
    sent = send_due(now=now, rng=random.Random(1))
    assert (sent.messages, sent.told, len(service.taken)) == (1, 40, 1)
    assert service.taken[0][1]["text"] == "40 alerts at once"


def test_an_alert_is_told_once_however_often_it_fires(service, rule, lead, now):
    rule.channels.add(_channel(lead, now, url=service.url))
    _fire(rule, now)
    _fire(rule, now + timedelta(minutes=1))
    assert Alert.objects.count() == 1
    assert send_due(now=now, rng=random.Random(1)).messages == 1
    assert send_due(now=now + timedelta(minutes=5), rng=random.Random(1)).messages == 0


def test_mail_goes_to_the_owner_where_no_address_is_given(rule, lead, now, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    rule.channels.add(_channel(lead, now, kind="email"))
    _fire(rule, now)
    send_due(now=now, rng=random.Random(1))
    assert mail.outbox[0].to == ["lead@example.org"]
    assert "Waiting" in mail.outbox[0].subject


def test_what_is_secret_goes_in_and_never_comes_out(service, rule, lead, now, sign_in, settings):
    channel = _channel(lead, now, url=service.url)
    assert "very-secret" not in channel.sealed_url
    assert opened(channel.sealed_url) == service.url
    page = sign_in("strategist").get("/alerts/channels/").content.decode()
    assert "very-secret" not in page
    assert "127.0.0.1/…" in page
    assert not AuditEntry.objects.filter(after__icontains="very-secret").exists()
    settings.SECRET_KEY = "another key"
    with pytest.raises(ChannelError, match="another secret key"):
        opened(channel.sealed_url)
    assert opened(sealed("again")) == "again"


def test_an_address_inside_the_house_is_refused(lead, now, settings):
    settings.WATCHFLOOR_ALLOW_PRIVATE_CALLBACKS = ()
    with pytest.raises(AddressRefusedError):
        _channel(lead, now, url="http://127.0.0.1:1/hook")
    _channel(lead, now, url="https://127.0.0.1/hook")
    Channel.objects.update(tested_at=now)


def test_the_test_button_says_whether_it_worked(service, lead, now, sign_in):
    _channel(lead, now, url=service.url)
    client = sign_in("strategist")
    service.status, service.body = 404, b"no_service"
    assert client.post("/alerts/channels/floor/test/").status_code == 422
    assert "no_service" in client.get("/alerts/channels/").content.decode()
    assert Channel.objects.get().tested_at is None
    service.status, service.body = 200, b"ok"
    assert client.post("/alerts/channels/floor/test/").status_code == 302
    assert Channel.objects.get().tested_at is not None


def test_an_alert_of_a_boundary_leaves_by_no_channel_outside_it(service, rule, lead, now):
    rule.channels.add(_channel(lead, now, url=service.url))
    AlertRule.objects.filter(pk=rule.pk).update(data_boundary="sealed")
    rule.refresh_from_db()
    _fire(rule, now)
    assert Notice.objects.count() == 0
