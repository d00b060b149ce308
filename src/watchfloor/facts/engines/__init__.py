"""Engines answer SQL over the facts of one published version. DuckDB is the default; Spark runs the same on a cluster."""

from watchfloor.facts.engines.base import Engine, EngineError, Parameters
from watchfloor.facts.engines.duckdb_engine import DuckDBEngine

__all__ = ["DuckDBEngine", "Engine", "EngineError", "Parameters"]
