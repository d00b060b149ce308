"""Versions of a definition: what may not change under a number that people have already read.

The folder of definitions holds `published.lock`, a line a metric: id, version, time basis, unit. A definition
with the same version must still say the same; `python -m watchfloor.metrics.document` writes the file.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from watchfloor.metrics.definition import Definition, DefinitionError

LOCK = "published.lock"


def lock_text(definitions: Iterable[Definition]) -> str:
    """Return the lines of the lock."""
    lines = (f"{d.id} {d.version} {d.time_basis} {d.unit}" for d in definitions)
    return "\n".join(sorted(lines)) + "\n"


def published(folder: Path) -> Mapping[str, tuple[int, str, str]]:
    """Return id → (version, time basis, unit) of what was published from the folder; empty without a lock."""
    path = folder / LOCK
    if not path.exists():
        return {}
    rows = (line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    return {name: (int(version), basis, unit) for name, version, basis, unit in rows}


def check_succession(definition: Definition, before: Mapping[str, tuple[int, str, str]]) -> None:
    """Refuse a definition that changes its time basis or unit, or goes back, under a published version.

    Raises:
        DefinitionError: the version must be raised; the message names both values.

    """
    known = before.get(definition.id)
    if known is None:
        return
    version, basis, unit = known
    if definition.version < version:
        raise DefinitionError(
            f"{definition.id}.yaml: version: {definition.version} is lower than the published {version}.",
            remedy=f"Write version: {version + 1}.",
        )
    for key, old, new in (("time_basis", basis, definition.time_basis), ("unit", unit, definition.unit)):
        if definition.version == version and old != new:
            raise DefinitionError(
                f"{definition.id}.yaml: {key}: changed from {old} to {new} under version {version}.",
                remedy=f"Write version: {version + 1}; numbers of both must stay apart.",
            )
