"""A backup taken while the operation runs, put in place elsewhere: everything acknowledged is there."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from watchfloor.facts.store import FactStore
from watchfloor.settings.embedded.server import Server

pytestmark = pytest.mark.postgres

WRITE = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
from datetime import UTC, datetime
from watchfloor.operations.queues.models import Queue
from watchfloor.operations.queues.services import NewQueue, Settings, create_queue
from watchfloor.operations.record.viewers import Viewer
from watchfloor.operations.review.services import NewCase, enqueue_batch
now = datetime.now(UTC)
new = NewQueue(slug="q", title="Q", group="g", surface="text")
create_queue(new=new, by=Viewer.system(), now=now, settings=Settings())
Queue.objects.update(state="live")
enqueue_batch(cases=[NewCase(queue="q", client_key=str(n)) for n in range(50)], now=now, client="c")
"""
MORE = """
from datetime import UTC, datetime
from watchfloor.operations.review.services import NewCase, enqueue_batch
cases = [NewCase(queue="q", client_key=f"later-{n}") for n in range(7)]
enqueue_batch(cases=cases, now=datetime.now(UTC), client="c")
"""


@pytest.fixture
def watchfloor(data: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command on a data directory."""

    def run(*arguments: str, on: Path = data) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "WATCHFLOOR_DATA": str(on), "WATCHFLOOR_OPERATION": "op"}
        environ.pop("DATABASE_URL", None)
        return subprocess.run(
            [sys.executable, "-m", "watchfloor.cli", *arguments],
            env=environ,
            cwd=data.parent,
            capture_output=True,
            text=True,
            timeout=240,
        )

    return run


def _good(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def _cases(data: Path) -> int:
    with Server(data) as server, server.connect() as connection:
        found = connection.execute("SELECT count(*) FROM review_case").fetchone()
    assert found
    return int(found[0])


def test_what_was_backed_up_is_restored_and_the_export_goes_on(data, watchfloor):
    with Server(data):
        _good(watchfloor("manage", "shell", "-c", WRITE))
        _good(watchfloor("export"))
        _good(watchfloor("manage", "shell", "-c", MORE))  # events that the facts lack
        kept = data.parent / "kept"
        _good(watchfloor("backup", str(kept)))
        refused = watchfloor("backup", str(kept))
        assert refused.returncode == 2
        assert "exists already" in refused.stderr
    elsewhere = data.parent / "new"
    assert "is whole" in _good(watchfloor("restore", str(kept), "--check"))
    _good(watchfloor("restore", str(kept), on=elsewhere))
    assert _cases(elsewhere) == 57
    about = json.loads((kept / "backup.json").read_text())
    assert about["facts"] == {"op": FactStore(elsewhere / "facts", "op").snapshot().number}
    assert FactStore(elsewhere / "facts", "op").snapshot().row_count("case") == 50
    _good(watchfloor("export", on=elsewhere))
    assert FactStore(elsewhere / "facts", "op").snapshot().row_count("case") == 57
    again = watchfloor("restore", str(kept), on=elsewhere)
    assert again.returncode == 2
    assert "is not empty" in again.stderr
    page = next(p for p in (kept / "database" / "base").rglob("[0-9]*") if p.is_file() and p.stat().st_size)
    page.write_bytes(b"x" + page.read_bytes()[1:])
    damaged = watchfloor("restore", str(kept), on=data.parent / "third")
    assert damaged.returncode == 2
    assert not (data.parent / "third").exists()
