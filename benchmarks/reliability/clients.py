"""One client, a process of its own: `python -m benchmarks.reliability.clients SPEC`.

It sends cases and works on them for several people until its time is over, by the API or by the services
with a clock that jumps, and notes every call before it makes the next.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from benchmarks.reliability.history import Call, write_call

from watchfloor.client import ApiError, Client, UnreachableError
from watchfloor.kernel import WatchfloorError

JUMPS_SECONDS = (0.0, 0.0, 3.0, -3.0, 15.0, -15.0, 600.0, -600.0, 7200.0)
WAYS = {"submit": 64, "skip": 6, "release": 5, "hold": 4, "escalate": 6, "renew": 6, "abandon": 6}
LABELS = (["scam"], ["scam"], ["fine"], ["nudity"])


class UnknownOutcomeError(Exception):
    """The line broke: the call may have happened."""


@dataclass(frozen=True)
class Spec:
    """What a client is to do."""

    name: str
    seed: int
    until: float
    stop: str
    log: str
    by: str
    address: str
    token: str
    people: list[str]
    others: list[str]
    queues: list[str]
    pause_seconds: float = 0.02


class Floor(Protocol):
    """The calls, whichever way they go; what comes back is plain."""

    clock: float | None

    def jump(self, rng: random.Random) -> None:
        """Read the clock for the next call."""
        ...

    def enqueue(self, cases: list[dict[str, Any]]) -> dict[str, Any]:
        """Send cases; return their ids by key."""
        ...

    def claim(self, reviewer: str, count: int, ahead: bool) -> list[dict[str, Any]]:
        """Return leases."""
        ...

    def prolong(self, kind: str, token: str) -> dict[str, Any]:
        """Return until when the lease now holds."""
        ...

    def end(self, kind: str, token: str, **how: Any) -> dict[str, Any]:
        """Return what the end of a turn led to."""
        ...


class OverTheLine:
    """The API, by the client of the package."""

    clock: float | None = None

    def __init__(self, spec: Spec) -> None:
        self.client = Client(spec.address, spec.token, timeout_seconds=5.0)

    def jump(self, rng: random.Random) -> None:
        """Do nothing: the server has its own clock."""

    def enqueue(self, cases: list[dict[str, Any]]) -> dict[str, Any]:
        """Send cases."""
        made = self._ask(lambda: self.client.enqueue_batch(cases))["cases"]
        return {"cases": {each["client_key"]: each["case_id"] for each in made}}

    def claim(self, reviewer: str, count: int, ahead: bool) -> list[dict[str, Any]]:
        """Claim cases."""
        found = self._ask(lambda: self.client.claim(reviewer, count=count, ahead=ahead))
        return [
            {
                "token": each["token"],
                "case": each["case_id"],
                "turn": each["turn"],
                "expires": datetime.fromisoformat(each["expires_at"]).timestamp(),
                "ahead": each["is_prefetched"],
            }
            for each in found
        ]

    def prolong(self, kind: str, token: str) -> dict[str, Any]:
        """Renew or begin."""
        until = self._ask(lambda: getattr(self.client, kind)(token))
        return {"expires": datetime.fromisoformat(until).timestamp()}

    def end(self, kind: str, token: str, **how: Any) -> dict[str, Any]:
        """End a turn."""
        if kind == "submit":
            done = self._ask(lambda: self.client.submit(token, labels=how["labels"]))
        elif kind == "hold":
            until = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
            done = self._ask(lambda: self.client.hold(token, until=until, reason="asks"))
        else:
            done = self._ask(lambda: getattr(self.client, kind)(token, "reason"))
        return {"review": done["review_id"], "decision": done["decision_id"], "rule": done["rule"]}

    def _ask(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except UnreachableError as error:
            raise UnknownOutcomeError(str(error)) from error
        except ApiError as error:
            if error.status >= 500:
                raise UnknownOutcomeError(f"{error.status}: {error}") from error
            raise


class ByServices:
    """The services themselves, at instants of a clock that jumps."""

    def __init__(self, spec: Spec) -> None:
        import django

        django.setup()
        from watchfloor.operations.people.models import Reviewer

        self.ids = dict(Reviewer.objects.values_list("code", "pk"))
        self.client = f"client:{spec.name}"
        self.offset = 0.0

    @property
    def clock(self) -> float:
        """The instant of the next call."""
        return self._given

    @clock.setter
    def clock(self, value: float) -> None:
        self._given = value

    @property
    def now(self) -> datetime:
        """The instant handed to the services."""
        return datetime.fromtimestamp(self._given, UTC)

    def jump(self, rng: random.Random) -> None:
        """Read the clock; now and then it has jumped."""
        if rng.random() < 0.1:
            self.offset = rng.choice(JUMPS_SECONDS)
        self._given = round(time.time() + self.offset, 6)
        if rng.random() < 0.05:
            from watchfloor.operations.review.services import expire_leases

            try:
                self._ask(lambda: expire_leases(now=self.now))
            except (UnknownOutcomeError, WatchfloorError):
                return

    def enqueue(self, cases: list[dict[str, Any]]) -> dict[str, Any]:
        """Enqueue cases."""
        from watchfloor.operations.review.services import NewCase, enqueue_batch

        new = [NewCase(**case) for case in cases]
        made = self._ask(lambda: enqueue_batch(cases=new, now=self.now, client=self.client))
        return {"cases": {str(each.client_key): str(each.case_id) for each in made}}

    def claim(self, reviewer: str, count: int, ahead: bool) -> list[dict[str, Any]]:
        """Claim one case; more at once are claimed over the line."""
        from watchfloor.operations.review.services import claim

        del count
        one = self._ask(lambda: claim(reviewer=self.ids[reviewer], now=self.now, ahead=ahead))
        if one is None:
            return []
        given = {"token": str(one.token), "case": str(one.case_id), "turn": one.turn}
        return [given | {"expires": one.expires_at.timestamp(), "ahead": one.is_prefetched}]

    def prolong(self, kind: str, token: str) -> dict[str, Any]:
        """Renew or begin."""
        from uuid import UUID

        from watchfloor.operations.review import services

        call = services.renew if kind == "renew" else services.start_lease
        until = self._ask(lambda: call(lease_token=UUID(token), now=self.now))
        return {"expires": until.timestamp()}

    def end(self, kind: str, token: str, **how: Any) -> dict[str, Any]:
        """End a turn."""
        from uuid import UUID

        from watchfloor.operations.review import services

        named: dict[str, Any] = {"lease_token": UUID(token), "now": self.now}
        if kind == "submit":
            named["answer"] = services.Answer(labels=tuple(how["labels"]))
        else:
            named["reason"] = "reason"
        if kind == "hold":
            named["until"] = self.now + timedelta(seconds=2)
        done = self._ask(lambda: getattr(services, kind)(**named))
        decision = str(done.decision_id) if done.decision_id else None
        return {"review": str(done.review_id), "decision": decision, "rule": done.rule}

    def _ask(self, call: Callable[[], Any]) -> Any:
        from django.db import Error, connection

        try:
            return call()
        except Error as error:
            connection.close()
            raise UnknownOutcomeError(str(error)) from error


@dataclass
class Worker:
    """The client's loop: what it holds, and tokens that should be good for nothing any more."""

    spec: Spec
    floor: Floor
    log: Any
    rng: random.Random
    held: list[dict[str, Any]] = field(default_factory=list)
    old: list[dict[str, Any]] = field(default_factory=list)
    sent: int = 0

    def run(self) -> None:
        """Work until the time is over; what is held then is left to expire."""
        stop = Path(self.spec.stop)
        while time.time() < self.spec.until and not stop.exists():
            self.floor.jump(self.rng)
            self.step()
            time.sleep(self.rng.random() * 2 * self.spec.pause_seconds)

    def step(self) -> None:
        """Send, claim, work on something held, or try an old token."""
        chance = self.rng.random()
        if chance < 0.2:
            self.send()
        elif chance < 0.5 or not self.held:
            self.take()
        elif chance < 0.58 and self.old:
            self.end("submit", self.rng.choice(self.old[-20:]))
        else:
            self.work(self.held.pop(self.rng.randrange(len(self.held))))

    def send(self) -> None:
        """Send a few cases, now and then one again."""
        cases = []
        for _ in range(self.rng.choice((1, 1, 2, 5))):
            self.sent += 1
            again = self.rng.random() < 0.1
            key = f"{self.spec.name}-{self.rng.randint(1, self.sent) if again else self.sent}"
            text = {"text": f"message {self.rng.random():.6f}"}
            queue = self.rng.choice(self.spec.queues)
            cases.append({"queue": queue, "client_key": key, "language": "en", "content": text})
        self.note("enqueue", {"keys": [each["client_key"] for each in cases]}, self.floor.enqueue, cases)

    def take(self) -> None:
        """Claim for somebody, mostly one of our own people."""
        person = self.rng.choice(self.spec.people if self.rng.random() < 0.85 else self.spec.others)
        count, ahead = self.rng.choice((1, 1, 1, 2)), self.rng.random() < 0.1
        began = time.time()
        found = self.note("claim", {"reviewer": person}, self.floor.claim, person, count, ahead)
        for one in found or []:
            self.write("claim", began, "ok", {"reviewer": person}, one)
            self.held.append({**one, "reviewer": person})

    def work(self, one: dict[str, Any]) -> None:
        """Do something with a case that is held."""
        way = self.rng.choices(list(WAYS), list(WAYS.values()))[0]
        if one["ahead"] and self.rng.random() < 0.7:
            self.prolong("start", one)
        elif way == "renew":
            self.prolong("renew", one)
        elif way == "abandon":
            self.old.append(one)
        else:
            self.end(way, one)
            self.old.append(one)

    def prolong(self, kind: str, one: dict[str, Any]) -> None:
        """Renew or begin, and go on holding."""
        got = self.note(kind, {"token": one["token"]}, self.floor.prolong, kind, one["token"])
        if got is not None:
            self.held.append(one | {"ahead": one["ahead"] and kind != "start"})

    def end(self, kind: str, one: dict[str, Any]) -> None:
        """End the turn, one way or another."""
        asked = {name: one[name] for name in ("token", "case", "reviewer", "ahead")}
        how = {"labels": self.rng.choice(LABELS)} if kind == "submit" else {}
        self.note(kind, asked | how, lambda: self.floor.end(kind, one["token"], **how))

    def note(self, kind: str, asked: dict[str, Any], call: Callable[..., Any], *given: Any) -> Any:
        """Return the call's answer, noted; None where it was refused or nobody knows."""
        began = time.time()
        try:
            answer = call(*given)
        except UnknownOutcomeError as error:
            self.write(kind, began, "unknown", asked, {"error": str(error)[:200]})
            time.sleep(0.2)
            return None
        except WatchfloorError as error:
            self.write(
                kind,
                began,
                "refused",
                asked,
                {"error": getattr(error, "code", type(error).__name__), "text": str(error)[:200]},
            )
            return None
        if kind != "claim":
            self.write(kind, began, "ok", asked, answer)
        return answer

    def write(
        self, kind: str, began: float, result: str, asked: dict[str, Any], answer: dict[str, Any]
    ) -> None:
        """Note a call."""
        ended = None if result == "unknown" else time.time()
        write_call(
            self.log,
            Call(self.spec.name, kind, began, ended, result, self.floor.clock, dict(asked), answer),
        )


def main(written: str) -> None:
    """Work as the spec says."""
    spec = Spec(**json.loads(written))
    floor: Floor = ByServices(spec) if spec.by == "services" else OverTheLine(spec)
    with Path(spec.log).open("a", encoding="utf-8") as log:
        Worker(spec, floor, log, random.Random(spec.seed)).run()


if __name__ == "__main__":
    main(sys.argv[1])
