"""A reviewer signed in at the console of the small operation, and short ways to act there."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from watchfloor.operations.people.models import Grant, Reviewer, User
from watchfloor.operations.queues.models import Queue


@dataclass
class Console:
    """The signed-in reviewer, their client and their queue."""

    floor: Any
    client: Client
    reviewer: Reviewer
    queue: Queue

    def next(self, *holding: str, **sent: str) -> Any:
        return self.client.post("/console/next/", {"holding": list(holding), **sent})

    def take(self) -> str:
        """Return the token of the next case."""
        return str(self.next().content.decode().split('data-token="')[1].split('"')[0])

    def act(self, token: str, act: str, **sent: Any) -> Any:
        return self.client.post(f"/console/leases/{token}/{act}/", sent)


def person(floor: Any, code: str, role: str, **grant: Any) -> tuple[Client, User]:
    """Return a signed-in client and its account, with one grant."""
    user = User.objects.create_user(f"{code}@example.org", name=code)
    Grant.objects.create(user=user, role=role, **grant)
    client = Client()
    client.force_login(user)
    return client, user


@pytest.fixture
def signed_in(floor: Any) -> Any:
    return lambda code, role, **grant: person(floor, code, role, **grant)


@pytest.fixture
def console(floor: Any) -> Console:
    client, user = person(floor, "rita", "reviewer")
    reviewer = floor.reviewer("rita", user=user)
    return Console(floor, client, reviewer, floor.queue("text"))
