"""What happened, as the clients saw it and as it was kept. Plain values, written one JSON line a call."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ENDINGS = ("submit", "skip", "release", "hold", "escalate")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a client.

    Attributes:
        client: Who called.
        kind: enqueue, claim, renew, start, one of the endings of a turn, or what follows a decision: correct,
            appeal, draw, audit, dispute, rule.
        began: When the call was sent, seconds of the machine's clock.
        ended: When it was answered; None where the line broke, and nobody knows what became of it.
        clock: The instant handed to the service, where the client has a clock of its own.
        result: `ok`, `refused` or `unknown`.
        asked: The token, reviewer, keys or answer sent.
        answer: What came back.

    """

    client: str
    kind: str
    began: float
    ended: float | None
    result: str
    clock: float | None = None
    asked: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        """Whether it was acknowledged."""
        return self.result == "ok"


@dataclass(frozen=True, slots=True)
class KeptCase:
    """A case and where it stands: any of pending, lease, held, decided, child."""

    parent: str | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptReview:
    """A review as it was kept."""

    case: str
    turn: int | None
    reviewer: str
    outcome: str
    labels: tuple[str, ...] = ()
    action: str = ""


@dataclass(frozen=True, slots=True)
class KeptDecision:
    """A decision as it was kept; `is_told` says that an endpoint has to be told of it."""

    case: str
    version: int
    rule: str
    review: str | None
    labels: tuple[str, ...] = ()
    action: str = ""
    supersedes: str | None = None
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class KeptAppeal:
    """An appeal as it was kept; `ruling` and `correction` are decisions."""

    key: str
    case: str
    decision: str
    opened: str | None
    outcome: str = ""
    ruling: str | None = None
    correction: str | None = None


@dataclass(frozen=True, slots=True)
class KeptAudit:
    """An audit as it was kept, with the steps of the dispute about it, each a ruling at its level."""

    state: str
    verdict: str
    dispute_state: str = "none"
    level: str = ""
    outcome: str = ""
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """One callback as its receiver saw it; `status` 0 where it gave no answer."""

    key: str
    digest: str
    status: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept: the operation's tables, the receiver's notes, the facts, the counters.

    `facts` and `rows` hold, by fact, each key with the values that are compared; `fact_rows` counts rows.
    """

    cases: dict[str, KeptCase] = field(default_factory=dict)
    reviews: dict[str, KeptReview] = field(default_factory=dict)
    decisions: dict[str, KeptDecision] = field(default_factory=dict)
    appeals: dict[str, KeptAppeal] = field(default_factory=dict)
    audits: dict[str, KeptAudit] = field(default_factory=dict)
    receipts: tuple[Receipt, ...] = ()
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    facts: dict[str, dict[str, str]] = field(default_factory=dict)
    fact_rows: dict[str, int] = field(default_factory=dict)
    counters: dict[str, tuple[int, int]] = field(default_factory=dict)


def write_call(file: Any, call: Call) -> None:
    """Append a call; the line is out of the process before the next call begins."""
    file.write(json.dumps(asdict(call)) + "\n")
    file.flush()


def read_calls(paths: Iterable[Path]) -> list[Call]:
    """Return the calls of all clients in the order of their beginning."""
    calls = [Call(**json.loads(line)) for path in paths for line in path.read_text("utf-8").splitlines()]
    return sorted(calls, key=lambda call: call.began)
