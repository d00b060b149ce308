"""The ways that clients go: the API, the console's pages, or the services with a clock that jumps."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from benchmarks.reliability.aftermath import AftermathByServices
from benchmarks.reliability.pages import JUMPS_SECONDS, LostError, Pages

from watchfloor.client import ApiError, Client, UnreachableError
from watchfloor.kernel import WatchfloorError


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
    sessions: dict[str, str] = field(default_factory=dict)
    cookies: tuple[str, str] = ("", "")


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

    def correct(self, case: str, label: str) -> dict[str, Any]:
        """Correct a case's decision."""
        made = self._ask(lambda: self.client.correct(case, labels=[label], reason="reason"))
        return {"decision": made["decision_id"]}

    def appeal(self, key: str, case: str) -> dict[str, Any]:
        """File an appeal."""
        kind, role = "internal_complaint", "user"
        filed = self._ask(
            lambda: self.client.appeal(kind=kind, complainant_role=role, case_id=case, client_key=key)
        )
        return {"appeal": filed["appeal_id"]}

    def _ask(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except UnreachableError as error:
            raise UnknownOutcomeError(str(error)) from error
        except ApiError as error:
            if error.status >= 500:
                raise UnknownOutcomeError(f"{error.status}: {error}") from error
            raise


class ByPages(OverTheLine):
    """The console's pages for the people, at instants of a clock that jumps; the API for everything else."""

    def __init__(self, spec: Spec) -> None:
        super().__init__(spec)
        self.pages = Pages(spec.address, spec.sessions, spec.cookies)

    def jump(self, rng: random.Random) -> None:
        """Read the pages' clock."""
        self.pages.jump(rng)
        self.clock = self.pages.clock

    def claim(self, reviewer: str, count: int, ahead: bool) -> list[dict[str, Any]]:
        """Ask the console for the next case of one of the people who are signed in here."""
        del count, ahead
        is_ahead = reviewer in self.pages.person_of.values()
        data = self._ask(lambda: self.pages.next(reviewer))
        if data is None:
            return []
        expires = datetime.fromisoformat(data["expires"]).timestamp()
        return [
            {
                "token": data["token"],
                "case": data["case"],
                "expires": expires,
                "ahead": is_ahead,
                "shown": True,
            }
        ]

    def prolong(self, kind: str, token: str) -> dict[str, Any]:
        """Renew or begin."""
        said = self._ask(lambda: self.pages.act(token, "begin" if kind == "start" else kind, []))
        return {"expires": datetime.fromisoformat(said["expires_at"]).timestamp()}

    def end(self, kind: str, token: str, **how: Any) -> dict[str, Any]:
        """End a turn; the page names no review."""
        fields = [("label", label) for label in how.get("labels", ())] or [("reason", "reason")]
        if kind == "hold":
            fields.append(("hours", "1"))
        self._ask(lambda: self.pages.act(token, kind, fields))
        return {"by": "page"}

    def _ask(self, call: Callable[[], Any]) -> Any:
        try:
            return super()._ask(call)
        except LostError as error:
            raise UnknownOutcomeError(str(error)) from error


class ByServices(AftermathByServices):
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
