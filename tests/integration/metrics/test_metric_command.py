"""`watchfloor metric` and `watchfloor metrics` as a person types them."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from watchfloor.cli.metric import metric_command, metrics_command
from watchfloor.facts.store import FactStore
from watchfloor.metrics import Catalogue, RefusedError, UnknownMetricError


@pytest.fixture
def typed(tmp_path, monkeypatch, make_rows, operation):
    """A function that runs the command over a small operation."""
    random_rows, arrow = make_rows
    rows = random_rows(1, cases=200)
    store = FactStore(tmp_path / "facts", "small")
    store.commit({n: arrow(n, f) for n, f in rows.items()}, published_at=operation.period.end, source="test")
    monkeypatch.setenv("WATCHFLOOR_DATA", str(tmp_path))
    monkeypatch.setenv("WATCHFLOOR_OPERATION", "small")

    def run(*words, command=metric_command):
        done = CliRunner().invoke(command, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    return run


def test_a_table_shows_value_interval_n_and_version(typed):
    shown = typed("aht", "--by", "queue", "--last", "7d")
    assert "aht@1" in shown
    assert "(CB)" in shown
    assert "counts back from there" in shown


def test_json_and_csv_carry_the_same_numbers(typed):
    words = ("aht,skip_rate", "--by", "queue,site", "--last", "5d")
    cells = json.loads(typed(*words, "--json"))["cells"]
    rows = list(csv.DictReader(io.StringIO(typed(*words, "--csv"))))
    # Two runs add in another order, so the last digit of a sum may differ.
    assert [float(row["value"]) for row in rows] == pytest.approx([cell["value"] for cell in cells])
    assert {row["queue"] for row in rows} == {"spam", "hate", "live"}


def test_restrictions_grain_zone_and_raw_are_understood(typed):
    words = (
        "reviews",
        "--where",
        "queue=spam,hate",
        "--grain",
        "day",
        "--zone",
        "Europe/Dublin",
        "--raw",
        "--json",
    )
    document = json.loads(typed(*words))
    assert document["sources"] == {"reviews": "raw"}
    assert {tuple(cell["scope"]["queue"]) for cell in document["cells"]} == {("spam", "hate")} or document[
        "cells"
    ]


def test_a_misspelt_name_is_corrected(typed):
    with pytest.raises(UnknownMetricError, match="Did you mean 'aht'"):
        typed("ath")
    with pytest.raises(RefusedError, match="no restriction"):
        typed("aht", "--where", "queue")
    with pytest.raises(Exception, match="Did you mean 'small'"):
        typed("aht", "--operation", "smal")


def test_the_catalogue_can_be_listed_and_shown(typed):
    listed = json.loads(typed("list", "--json", command=metrics_command))
    assert [one["id"] for one in listed] == list(Catalogue.load())
    assert "never rank" in typed("show", "aht", command=metrics_command).replace("\n", " ")
    assert "aht@1" in typed(command=metrics_command)
