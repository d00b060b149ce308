"""A short history under crashes, as `make soak` plays it for long: each kind of process is killed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="finds processes through /proc"),
]


def test_nothing_promised_is_lost_doubled_or_taken_from_a_stale_token_while_processes_are_killed():
    played = subprocess.run(
        [sys.executable, "-m", "benchmarks.reliability.run", "--seconds", "8", "--kill-every", "1.0"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.stdout.startswith("{"), played.stderr[-4000:]
    report = json.loads(played.stdout)
    assert report["broken_clients"] == []
    assert report["faults"] == [], json.dumps(report, indent=2)[:6000]
    assert set(report["killed"]) >= {"web", "web worker", "exporter", "PostgreSQL", "PostgreSQL backend"}
    assert report["decisions"] > 3
    assert report["callbacks_received"] >= report["decisions"]
