"""What the import tests share: a store to import into, small logs, and the real logs where they are."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchfloor.facts.imports import (
    ImportReport,
    Mapping,
    Observation,
    load_mapping,
    mapping_from_text,
    run_import,
)
from watchfloor.facts.store import FactStore

NOW = datetime(2026, 6, 1, tzinfo=UTC)

MAPPING = """
mapping: mine
title: Mine
sources:
  rows:
    match: ["log*"]
    columns:
      start: {type: instant, time_zone: Asia/Manila}
      end: {type: instant, time_zone: UTC}
    facts:
      review:
        columns:
          review_id: id
          case_id: item
          kind: {value: first}
          reviewer_id: who
          queue_id: {column: queue, values: {A: alpha, B: beta}}
          purpose: {value: production}
          assigned_at: start
          submitted_at: end
          handle_ms: ms
          outcome: {value: submitted}
          answer_json: {json_of: [text]}
    checks:
      - {check: blank_agent, column: who}
      - {check: negative_lag, from: start, to: end}
"""
HEADER = "id,item,who,queue,start,end,ms,text"
GOOD = "r1,i1,ann,A,2026-05-01 08:00:00,2026-05-01T00:01:00Z,60000,fine"


@pytest.fixture
def mapping() -> Mapping:
    return mapping_from_text(MAPPING)


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    return FactStore(tmp_path / "facts", "mine")


@pytest.fixture
def header() -> str:
    return HEADER


@pytest.fixture
def good() -> str:
    return GOOD


@pytest.fixture
def log(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a log file of the small mapping."""

    def write(*lines: str, name: str = "log.csv", header: str = HEADER, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes("".join(f"{line}\n" for line in (header, *lines)).encode(encoding))
        return path

    return write


@pytest.fixture
def load(mapping: Mapping, store: FactStore) -> Callable[..., ImportReport]:
    """Return a function that imports files by the small mapping."""

    def run(*files: Path, using: Mapping | None = None, check: bool = False) -> ImportReport:
        return run_import(using or mapping, list(files), store, now=NOW, check=check)

    return run


@pytest.fixture
def rows(store: FactStore) -> Callable[..., list[dict[str, object]]]:
    """Return a function that reads what stands of a fact."""

    def read(fact: str = "review", of: FactStore | None = None) -> list[dict[str, object]]:
        files = (of or store).snapshot().files(fact)
        if not files:
            return []
        return pa.concat_tables([pq.ParquetFile(f).read() for f in files]).to_pylist()

    return read


@pytest.fixture(scope="session")
def logs() -> Path:
    """Return the folder of the real logs, or skip."""
    given = os.environ.get("WATCHFLOOR_LOGS")
    folder = Path(given) if given else Path(__file__).resolve().parents[4] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real logs are not at {folder}; set WATCHFLOOR_LOGS")
    return folder


@pytest.fixture(scope="session")
def imported() -> Callable[..., tuple[ImportReport, FactStore]]:
    """Return a function that imports a real log by its shipped mapping."""

    def run(name: str, files: list[Path], root: Path) -> tuple[ImportReport, FactStore]:
        mapping = load_mapping(name)
        assert mapping.operation is not None
        store = FactStore(root, mapping.operation, partition=mapping.partition)
        return run_import(mapping, files, store, now=datetime(2026, 11, 1, tzinfo=UTC)), store

    return run


@pytest.fixture(scope="session")
def ask() -> Callable[[FactStore, str], list[tuple[object, ...]]]:
    """Return a function that queries what stands, by plain SQL over the files."""

    def run(store: FactStore, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect() as connection:
            for fact in ("case", "review", "decision", "appeal"):
                if files := store.snapshot().files(fact):
                    connection.execute(
                        f"CREATE VIEW fact_{fact} AS SELECT * FROM read_parquet({files}, union_by_name=true)"
                    )
            return connection.execute(sql).fetchall()

    return run


@pytest.fixture(scope="session")
def percentile() -> Callable[[list[float], float], float]:
    """Return a percentile by linear interpolation between the closest ranks, without a library."""

    def compute(values: list[float], share: float) -> float:
        ordered = sorted(values)
        place = share * (len(ordered) - 1)
        low = int(place)
        high = min(low + 1, len(ordered) - 1)
        return ordered[low] + (ordered[high] - ordered[low]) * (place - low)

    return compute


@pytest.fixture(scope="session")
def seen() -> Callable[[ImportReport], dict[tuple[str, str, str], Observation]]:
    """Return a function that gives a report's observations by source, check and columns."""

    def by_name(report: ImportReport) -> dict[tuple[str, str, str], Observation]:
        return {(o.source, o.check, o.about): o for o in report.observations}

    return by_name
