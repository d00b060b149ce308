"""The commands: statements in files of a hundred, dead letters listed and sent again."""

import json
from contextlib import nullcontext

import pytest
from click.testing import CliRunner

from watchfloor.cli import callbacks, statements
from watchfloor.operations.enforcement.following import follow_all
from watchfloor.operations.enforcement.models import Delivery
from watchfloor.settings.environment import Environment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(monkeypatch):
    """Run a command on the test's own database, which stands for the operation at hand."""
    for module in (callbacks, statements):
        monkeypatch.setattr(module, "operation_at_hand", lambda: nullcontext(Environment()))

    def one(command, *arguments):
        return CliRunner().invoke(command, [str(each) for each in arguments])

    return one


def test_statements_are_written_as_the_bodies_of_calls(committed_floor, decide, run, tmp_path):
    floor = committed_floor()
    decide(floor, floor.queue("one"))
    said = run(statements.statements, "export", tmp_path / "out", "--json")
    found = json.loads(said.output)
    assert (found["built"], found["statements"], len(found["files"])) == (1, 1, 1)
    body = json.loads((tmp_path / "out" / "statements-00001.json").read_text())
    assert body["statements"][0]["category"] == "STATEMENT_CATEGORY_SCAMS_AND_FRAUD"
    later = run(statements.statements, "export", tmp_path / "later", "--since", "2026-03-03", "--json")
    assert json.loads(later.output)["statements"] == 0


def test_a_day_that_is_none_and_a_database_that_is_not_configured_are_refused(committed_floor, run, tmp_path):
    committed_floor()
    wrong = run(statements.statements, "export", tmp_path, "--since", "yesterday")
    assert "yesterday" in str(wrong.exception)
    assert "configured" in str(run(statements.statements, "send").exception)


def test_dead_letters_are_listed_and_sent_again(committed_floor, decide, run):
    floor = committed_floor()
    decide(floor, floor.queue("one", settings={"callback_endpoint": "product"}))
    follow_all(now=floor.now)
    Delivery.objects.update(state="dead", response={"status": 500})
    assert "answered 500" in run(callbacks.callbacks, "dead").output
    assert run(callbacks.callbacks, "replay", "--endpoint", "product").output == "1 go out again.\n"
    assert run(callbacks.callbacks, "dead").output == "No dead letters.\n"
