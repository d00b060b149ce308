"""Engines answer SQL over one published version: DuckDB here, by default, or Spark on a cluster."""

from watchfloor.facts.engines.base import Engine, EngineError, Parameters
from watchfloor.facts.engines.duckdb_engine import DuckDBEngine

__all__ = ["DuckDBEngine", "Engine", "EngineError", "Parameters"]
