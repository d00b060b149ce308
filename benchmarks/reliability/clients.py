"""One client, a process of its own: `python -m benchmarks.reliability.clients SPEC`.

It sends cases, works on them for several people and goes on with what was decided until its time is over,
by the API, by the console's pages or by the services, and notes every call before it makes the next.
"""

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.reliability.aftermath import Aftermath
from benchmarks.reliability.history import Call, write_call
from benchmarks.reliability.ways import (
    ByPages,
    ByServices,
    Floor,
    OverTheLine,
    Spec,
    UnknownOutcomeError,
)

from watchfloor.kernel import WatchfloorError

WAYS = {"submit": 64, "skip": 6, "release": 5, "hold": 4, "escalate": 6, "renew": 6, "abandon": 6}
LABELS = (["scam"], ["scam"], ["fine"], ["nudity"])


@dataclass
class Worker:
    """The client's loop: what it holds, and tokens that should be good for nothing any more."""

    spec: Spec
    floor: Floor
    log: Any
    rng: random.Random
    after: Aftermath
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
        elif chance < 0.32:
            self.after.step(lambda kind, asked, call: self.note(kind, asked, call))
        elif chance < 0.55 or not self.held:
            self.take()
        elif chance < 0.62 and self.old:
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
        own = self.spec.sessions or self.rng.random() < 0.85
        person = self.rng.choice(self.spec.people if own else self.spec.others)
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
        done = self.note(kind, asked | how, lambda: self.floor.end(kind, one["token"], **how))
        if done is not None and kind == "submit":
            self.after.decided.append(one["case"])

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
    floor: Floor = {"services": ByServices, "pages": ByPages, "line": OverTheLine}[spec.by](spec)
    rng = random.Random(spec.seed)
    after = Aftermath(floor, spec.name, spec.others, rng)
    with Path(spec.log).open("a", encoding="utf-8") as log:
        Worker(spec, floor, log, rng, after).run()


if __name__ == "__main__":
    main(sys.argv[1])
