"""Every role × boundary × address, read off the table of addresses: a new one without a rule fails here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern, RoutePattern

from watchfloor.operations.api import api
from watchfloor.operations.record.viewers import PERMISSIONS, ROLES

# Open to everybody: they show nothing of an operation.
OPEN = (
    "healthz",
    "sign-in/",
    "language/",
    "accounts/",
    "api/docs",
    "api/openapi.json",
    "api/",
    "console/media/",
)
# The administration has permissions of its own; its tests are in test_admin.
ELSEWHERE = ("admin/",)
# What an argument of an address may be, where it is not something that stands inside the boundary.
PLAIN = {
    "name": "queue",
    "form": "csv",
    "import_id": "sealed-import",
    "version": 1,
    "version_id": 1,
    "seed": 1,
    "step": "policy",
    "gate": 4,
    "seconds": 1,
    "scene": "sky",
    "contact_id": 1,
    "cap_id": UUID(int=1),
    "incident_id": UUID(int=1),
    "site": "dublin",
    "kind": "queue",
    "dispute_id": 1,
    "metric": "sla_attainment",
    "proposal_id": 1,
    "restriction_id": 1,
    "contract_id": 1,
    "check_id": 1,
    "report_id": UUID(int=1),
    "part": "provider",
    "number": 1,
    "file": "xlsx",
}
# A slug names another thing in each part of the product.
SLUGS = {
    "dashboards/": "sealed-board",
    "api/v1/dashboards/": "sealed-board",
    "queues/logical/": "sealed-logical",
    "logical-parts/": "sealed-logical",
    "queues/templates/": "plain",
    "queues/calendars/": "office",
    "people/sites/": "dublin",
    "policies/": "spam",
    "intake/strategies/": "sealed-strategy",
    "enforcement/endpoints/": "sealed-endpoint",
    "quality/designs/": "sealed-design",
    "alerts/rules/": "sealed-rule",
    "api/v1/alert-rules/": "sealed-rule",
    "alerts/channels/": "sealed-channel",
    "api/v1/quality/designs/": "sealed-design",
    "api/v1/callbacks/": "sealed-endpoint",
    "": "sealed-queue",
}


@dataclass(frozen=True)
class Address:
    """One address: its path with arguments to fill in, their names, and the permission it asks for."""

    path: str
    names: tuple[str, ...]
    permission: str | None

    def filled(self, named: dict[str, Any]) -> str:
        """Return the path with the arguments that stand inside the boundary."""
        values = {}
        for name in self.names:
            if name == "slug":
                prefix = max((p for p in SLUGS if self.path.startswith(p)), key=len)
                values[name] = SLUGS[prefix]
            elif name in named or name in PLAIN:
                values[name] = named.get(name, PLAIN.get(name))
            else:
                pytest.fail(
                    f"/{self.path} takes {name!r}: say in World.named or PLAIN what that may be, so that the "
                    "address is tried against the boundary."
                )
        return "/" + self.path % values


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from _walk(each.url_patterns, prefix + str(each.pattern))
        else:
            yield prefix, each


def _addresses() -> list[Address]:
    found = []
    for prefix, pattern in _walk(get_resolver().url_patterns):
        if prefix.startswith(ELSEWHERE) or not prefix.isascii() or "<" in prefix:
            continue
        resolved = get_resolver().reverse_dict.getlist(pattern.callback)
        forms = [form for possibilities, *_ in resolved for form in possibilities]
        for form, names in forms or _spelled(prefix, pattern):
            path = form.removeprefix("/")
            permission = vars(pattern.callback).get("permission")
            found.append(Address(path, tuple(names), permission))
    return sorted(set(found), key=lambda address: address.path)


def _spelled(prefix: str, pattern: URLPattern) -> list[tuple[str, list[str]]]:
    """Return the form of an address that cannot be looked up by its view."""
    if isinstance(pattern.pattern, RoutePattern):
        text, names = str(pattern.pattern), list(pattern.pattern.converters)
        return [(prefix + re.sub(r"<(?:\w+:)?(\w+)>", r"%(\1)s", text), names)]
    assert isinstance(pattern.pattern, RegexPattern)
    names = list(pattern.pattern.regex.groupindex)
    text = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"%(\1)s", pattern.pattern.regex.pattern)
    return [(prefix + text.strip("^$").replace("\\", ""), names)]


# These ask for more than their view says, depending on what is there to be shown.
NARROWER = ("enforcement/", "intake/table/")
# Writes are tried by those who may write most.
WRITERS = ("administrator", "engineer", "strategist", "reviewer")
ADDRESSES = _addresses()
PAGES = [each for each in ADDRESSES if not each.path.startswith("api/") and not each.path.startswith(OPEN)]
ENDPOINTS = [each for each in ADDRESSES if each.path.startswith("api/v1/")]


def test_every_page_names_its_permission():
    unruled = [each.path for each in PAGES if each.permission not in PERMISSIONS]
    assert unruled == [], "guard these views with people.pages.page"


def test_every_call_of_the_api_asks_who_calls():
    schema = api.get_openapi_schema()
    unguarded = [
        f"{method} {path}"
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if not operation.get("security")
    ]
    assert unguarded == []


def test_the_addresses_are_all_here():
    assert len(PAGES) > 60
    assert len(ENDPOINTS) > 10


@pytest.mark.parametrize("role", ["", *ROLES])
def test_nobody_outside_the_boundary_reads_a_word_of_it(world, sign_in, role):
    client, wrong = sign_in(role), []
    for address in [*PAGES, *ENDPOINTS]:
        path = address.filled(world.named)
        for method in ("get", "post") if role in WRITERS else ("get",):
            answer = _ask(client, method, path)
            told = _words_in(answer, [word for word in world.words if word not in path])
            if told or answer.status_code >= 500:
                wrong.append(f"{method.upper()} {path} ({answer.status_code}) tells {told}")
    assert wrong == []


@pytest.mark.parametrize("role", list(ROLES))
def test_a_page_opens_to_the_roles_with_its_permission_alone(world, sign_in, role):
    client, wrong = sign_in(role, data_boundary="*"), []
    for address in PAGES:
        if address.path in NARROWER:
            continue
        status = _ask(client, "get", address.filled(world.named)).status_code
        fits = status < 500 and status != 403 if address.permission in ROLES[role] else status in (403, 405)
        if not fits:
            wrong.append(f"/{address.path} asks for {address.permission} and answers {status}")
    assert wrong == []


def test_somebody_inside_does_read_it(world, sign_in):
    client = sign_in("strategist", data_boundary="sealed-boundary")
    seen = set()
    for address in [*PAGES, *ENDPOINTS]:
        path = address.filled(world.named)
        answer = _ask(client, "get", path)
        seen |= set(_words_in(answer, [word for word in world.words if word not in path]))
    assert {"sealedtitle", "sealedtext", "sealedobject", "sealed-reviewer"} <= seen


def test_what_is_sealed_answers_like_what_does_not_exist(world, sign_in):
    client, wrong = sign_in("administrator"), []
    unheard = {
        name: UUID(int=99) if isinstance(value, UUID) else "unheard-of" for name, value in world.named.items()
    }
    unheard |= {name: 987654 for name, value in world.named.items() if isinstance(value, int)}
    for address in [*PAGES, *ENDPOINTS]:
        if not set(address.names) & {*world.named}:
            continue
        sealed = _ask(client, "get", address.filled(world.named))
        missing = _ask(client, "get", address.filled(unheard))
        if sealed.status_code != missing.status_code:
            wrong.append(f"/{address.path}: {sealed.status_code}, and {missing.status_code} for nothing")
    assert wrong == []


def _ask(client: Client, method: str, path: str) -> Any:
    if method == "post" and path.startswith("/api/"):
        return client.post(path, data=b"{}", content_type="application/json")
    client.raise_request_exception = False
    return getattr(client, method)(path)


def _words_in(answer: Any, words: list[str]) -> list[str]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode("utf-8", "replace") + "".join(f"{k}: {v}" for k, v in answer.headers.items())
    return [word for word in words if word in text]
