"""Turns somebody else's log into facts, by a mapping, and says what became of every row.

`load_mapping` reads a mapping, `run_import` runs it, `list_imports` and `read_import` show what was done.
"""

from watchfloor.facts.imports.errors import (
    ImportsError,
    MappingError,
    NoRoomError,
    NoSuchImportError,
    SourceFileError,
)
from watchfloor.facts.imports.library import list_mappings, load_mapping, mapping_from_text
from watchfloor.facts.imports.mapping import Mapping
from watchfloor.facts.imports.observing import Observation
from watchfloor.facts.imports.report import (
    FileReport,
    ImportReport,
    list_imports,
    read_import,
    rejected_rows,
    rejected_rows_csv,
)
from watchfloor.facts.imports.run import run_import

__all__ = [
    "FileReport",
    "ImportReport",
    "ImportsError",
    "Mapping",
    "MappingError",
    "NoRoomError",
    "NoSuchImportError",
    "Observation",
    "SourceFileError",
    "list_imports",
    "list_mappings",
    "load_mapping",
    "mapping_from_text",
    "read_import",
    "rejected_rows",
    "rejected_rows_csv",
    "run_import",
]
