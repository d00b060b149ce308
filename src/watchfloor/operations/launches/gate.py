"""What a gate says, and what it looks at: the queue, its launch and the latest results, read once for all."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.urls import reverse

from watchfloor.operations.launches.models import Launch, LaunchCheck
from watchfloor.operations.launches.vocabulary import STEP_OF_GATE, UNWATCHED, WATCHED
from watchfloor.operations.queues.models import Queue, QueueVersion
from watchfloor.operations.queues.selectors import settings_of

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate as it stands: what was found, what to do about it, and where."""

    number: int
    name: str
    status: str
    hard: bool
    reason: str
    action: str = ""
    url: str = ""

    @property
    def blocks(self) -> bool:
        """Whether the queue is held up by it."""
        return self.hard and self.status != PASS


@dataclass(frozen=True, slots=True)
class Finding:
    """What a gate's own function found."""

    status: str
    reason: str
    action: str = ""
    url: str = ""


class Situation:
    """A queue on its way: everything the gates look at."""

    def __init__(self, *, queue: Queue, launch: Launch | None, now: datetime) -> None:
        self.queue, self.launch, self.now = queue, launch, now
        self.version: QueueVersion | None = queue.current_version

    @cached_property
    def settings(self) -> Mapping[str, object]:
        """The settings in force, plain."""
        return settings_of(self.version) if self.version else {}

    @cached_property
    def checks(self) -> Mapping[int, LaunchCheck]:
        """The latest result of each gate that keeps results."""
        if self.launch is None:
            return {}
        rows = LaunchCheck.objects.filter(launch=self.launch).order_by("gate", "-at", "-id").distinct("gate")
        return {row.gate: row for row in rows}

    def digest(self, gate: int) -> str:
        """Return what identifies the configuration that a gate's result holds for."""
        return configuration_digest(self.queue, self.settings, gate)

    def step(self, gate: int) -> str:
        """Return the address of the wizard's page about a gate; blank without a launch."""
        if self.launch is None:
            return ""
        return reverse("launches:step", args=[self.queue.slug, STEP_OF_GATE[gate]])


def configuration_digest(queue: Queue, settings: Mapping[str, object], gate: int) -> str:
    """Return the digest of the settings that a gate watches, and of what the queue is for."""
    names = WATCHED.get(gate) or tuple(name for name in settings if name not in UNWATCHED)
    watched = {
        "queue": [queue.purpose, queue.mode, queue.languages, queue.markets, queue.data_boundary_id],
        "settings": {name: settings.get(name) for name in names},
    }
    written = json.dumps(watched, sort_keys=True, default=str)
    return hashlib.sha256(written.encode()).hexdigest()
