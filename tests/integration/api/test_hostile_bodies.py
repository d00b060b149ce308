"""Requests that no description allows and no generator of JSON writes: refused, each in the one shape."""

import json

import pytest
from django.db import transaction
from django.test import Client

from watchfloor.operations.api import api
from watchfloor.operations.queues.models import Queue

pytestmark = pytest.mark.postgres

SHAPE = {"code", "message", "remedy", "errors"}
# What a parser of JSON lets through and a database does not, and what is no JSON at all.
VALUES = {
    "a lone surrogate": '"\\ud800"',
    "a null character": '"a\\u0000b"',
    "no number": "NaN",
    "no end": "-Infinity",
    "a number beyond every column": str(2**80),
    "a number beyond floating": "1e400",
    "an instant that is none": '"99999-12-31T00:00:00Z"',
    "a year before ours": '"0001-01-01T00:00:00+14:00"',
    "a list of itself": "[[[[[[]]]]]]",
    "an object": '{"\\u0000": {"\\ud800": NaN}}',
}
BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"queue": "\xff\xfe"}',
    "a list": b"[]",
    "null": b"null",
    "deeper than anybody reads": b"[" * 100_000,
    "a number of too many digits": b'{"queue": ' + b"9" * 5_000 + b"}",
}


@pytest.fixture
def writes(db):
    """Every call with a body: its method, its address, and the properties of its body."""
    document = api.get_openapi_schema()
    shapes = document["components"]["schemas"]
    found = []
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if "requestBody" not in described:
                continue
            schema = described["requestBody"]["content"]["application/json"]["schema"]
            shape = shapes[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
            found.append((method, path, shape.get("properties", {})))
    return found


def sender(site):
    """Return what sends a request to an address filled in with what stands in the operation."""
    client = Client(headers=site.headers, raise_request_exception=False)
    named = {"case_id": site.waiting, "decision_id": site.decision, "token": site.lease, "slug": "comments"}

    def send(method, path, body=b"", content_type="application/json"):
        for name, value in named.items():
            path = path.replace(f"{{{name}}}", value)
        path = path.replace("{code}", "r1")
        with transaction.atomic():  # a refusal by the database ends this request's work alone
            return client.generic(method.upper(), path, body, content_type)

    return send


def faults(answer):
    """Say what is wrong with a refusal; nothing is said of what was carried out."""
    if answer.status_code < 400:
        return None
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if not answer["Content-Type"].startswith("application/json") or set(answer.json()) != SHAPE:
        return f"{answer.status_code} {answer['Content-Type']} {answer.content[:200]!r}"
    return None


def test_values_that_cannot_be_stored_are_refused_wherever_they_stand(site, writes):
    send, found = sender(site), []
    for method, path, properties in writes:
        usual = {name: usually(name, shape, site) for name, shape in properties.items()}
        for name in properties:
            for what, value in VALUES.items():
                others = {key: text for key, text in usual.items() if key != name and text is not None}
                body = ", ".join(
                    f"{json.dumps(key)}: {text}" for key, text in (others | {name: value}).items()
                )
                if fault := faults(send(method, path, f"{{{body}}}".encode())):
                    found.append(f"{method} {path} {name}: {what}: {fault}")
    assert not found, "\n".join(found)


def usually(name, shape, site):
    """Return a value that a property takes, as JSON; None leaves it out."""
    known = {
        "queue": "comments",
        "reviewer": "r1",
        "case_id": site.decided,
        "decision_id": site.decision,
        "labels": ["scam"],
        "cases": [{"queue": "comments", "client_key": "again"}],
        "until": "2199-01-01T00:00:00Z",
    }
    if name in known:
        return json.dumps(known[name])
    if "default" in shape or "anyOf" in shape:
        return None
    kinds = {
        "string": '"x"',
        "integer": "1",
        "number": "0.5",
        "boolean": "true",
        "array": "[]",
        "object": "{}",
    }
    return kinds.get(shape.get("type", ""), '"x"')


def test_bodies_that_are_no_json_are_refused(site, writes):
    send, found = sender(site), {}
    for method, path, _ in writes:
        for what, body in BODIES.items():
            for kind in ("application/json", "application/json; charset=nonsense", "multipart/form-data"):
                found[f"{method} {path} {what} as {kind}"] = faults(send(method, path, body, kind))
    assert not {what: fault for what, fault in found.items() if fault}


def test_methods_that_an_address_does_not_take_are_refused_with_those_that_it_takes(site):
    send = sender(site)
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method in {"get", "post", "put", "patch", "delete", "options", "trace"} - set(methods):
            answer = send(method, path)
            assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), path
            assert answer["Allow"].split(", ") == sorted(name.upper() for name in methods)


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/cases/no-id/", "/api/v2", "/api/v1/cases/%00", "/api/x%FF"]
)
def test_what_is_no_address_is_refused_in_the_same_shape(site, path):
    answer = sender(site)("POST", path)
    assert answer.status_code in (404, 405, 422)
    assert faults(answer) is None


@pytest.mark.parametrize(
    "query", ["%00", "%FF%FE", "%ED%A0%80", "a" * 5_000, "99999999999999999999999", "2026-13-45"]
)
def test_hostile_queries_are_refused_or_find_nothing(site, query):
    found, send = {}, sender(site)
    for path, methods in api.get_openapi_schema()["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query":
                address = f"{path}?{parameter['name']}={query}"
                found[address] = faults(send("get", address))
    assert not {address: fault for address, fault in found.items() if fault}


@pytest.mark.parametrize("slug", ["", "with a space", "a/b", "\u4e2d\u6587", "a" * 51, "a\n"])
def test_a_queue_is_not_made_under_a_name_that_no_address_can_carry(site, slug):
    body = {"slug": slug, "title": "T", "group": "text", "surface": "comment"}
    answer = sender(site)("POST", "/api/v1/queues", json.dumps(body))
    assert (answer.status_code, answer.json()["code"]) in [(422, "queue"), (422, "misshapen_request")]
    assert not Queue.objects.exclude(slug="comments").exists()
