"""`watchfloor import` from the command line: what is printed, and how failures are said."""

import json

import pytest
from click.testing import CliRunner

from watchfloor.cli.imports import import_command
from watchfloor.facts.imports import MappingError
from watchfloor.kernel import WatchfloorError


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that runs `watchfloor import` with a data directory of its own."""
    monkeypatch.setenv("WATCHFLOOR_DATA", str(tmp_path / "data"))

    def invoke(*arguments):
        return CliRunner().invoke(import_command, [str(argument) for argument in arguments])

    return invoke


@pytest.fixture
def reviews(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text(
        "review_id,case_id,queue_id,assigned_at,submitted_at,outcome,reviewer_id\n"
        "r1,c1,q,2026-03-01T08:00:00Z,2026-03-01T08:01:00Z,submitted,ann\n"
        "r2,c2,q,2026-03-01T08:00:00Z,never,submitted,\n"
    )
    return path


def test_a_log_is_loaded_and_reported_and_its_rejected_rows_downloaded(run, reviews, tmp_path):
    loaded = run("generic", reviews, "--into", "mine", "--json")
    assert loaded.exit_code == 0, loaded.output
    report = json.loads(loaded.output)
    assert (report["rows_read"], report["rows_loaded"], report["rows_rejected"]) == (2, 1, 1)
    again = json.loads(run("report", "--json").output)
    assert again == report
    assert run("report", "mine", "--rejected", tmp_path / "rejected.csv").exit_code == 0
    assert "submitted_at: not an instant" in (tmp_path / "rejected.csv").read_text()


def test_the_report_shows_that_rows_add_up(run, reviews):
    shown = run("generic", reviews, "--into", "mine", "--check").output
    assert "checked, nothing was written" in shown
    assert "blank_agent" in shown
    assert run("report").exception is not None  # nothing was written, so there is no report


def test_options_may_stand_first(run, reviews):
    assert "checked" in run("--check", "--into", "mine", "generic", reviews).output


def test_the_shipped_mappings_are_listed(run):
    names = {row["mapping"] for row in json.loads(run("mappings", "--json").output)}
    assert {"cofacts", "dsa_transparency", "generic"} <= names


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("generc", "x.csv"), "Did you mean 'generic'?"),
        (("generic", "x.csv"), "Say --into OPERATION."),
        (("generic", "nowhere.csv", "--into", "mine"), "cannot be read"),
        (("report", "nothing"), "no operation with imports"),
    ],
)
def test_a_failure_is_typed_and_says_what_to_do(run, arguments, said):
    failure = run(*arguments).exception
    assert isinstance(failure, WatchfloorError)
    assert said in str(failure)


def test_a_mapping_of_ones_own_is_read_from_its_file(run, reviews, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text("mapping: own\ntitle: Own\nsources: {}\n")
    assert isinstance(run(path, reviews).exception, MappingError)
