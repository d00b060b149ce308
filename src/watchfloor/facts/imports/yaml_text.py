"""Reads a mapping's YAML as plain data: no tags, no anchors, no duplicate keys, no giant file.

What the data mean is `facts.imports.mapping`.
"""

from pathlib import Path
from typing import Any

import yaml

from watchfloor.facts.imports.errors import MappingError

LIMIT_BYTES = 256 * 1024
LIMIT_DEPTH = 20


class _PlainLoader(yaml.SafeLoader):
    """A safe loader that refuses what a mapping never needs."""

    def compose_node(self, parent: yaml.nodes.Node | None, index: int) -> yaml.nodes.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs
        if isinstance(event, yaml.events.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(
                problem="anchors and aliases are not allowed", problem_mark=event.start_mark
            )
        self.depth = getattr(self, "depth", 0) + 1
        if self.depth > LIMIT_DEPTH:
            raise yaml.MarkedYAMLError(
                problem=f"more than {LIMIT_DEPTH} levels are not allowed", problem_mark=event.start_mark
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _mapping_without_duplicates(loader: _PlainLoader, node: yaml.nodes.MappingNode) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.nodes.ScalarNode):
            raise yaml.MarkedYAMLError(problem="a key is not plain text", problem_mark=key_node.start_mark)
        key = str(key_node.value)
        if key in seen:
            raise yaml.MarkedYAMLError(
                problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark
            )
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


_PlainLoader.add_constructor("tag:yaml.org,2002:map", _mapping_without_duplicates)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping file's keys and values.

    Raises:
        MappingError: the file is missing, too large, not UTF-8, or not plain YAML.

    """
    try:
        size = path.stat().st_size
        if size > LIMIT_BYTES:
            raise MappingError(
                f"The mapping {path} has {size:,} bytes; at most {LIMIT_BYTES:,} are read.",
                remedy="A mapping is a page of text: name the mapping first and the log files after it.",
            )
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise MappingError(
            f"The mapping {path} cannot be read: {error.strerror}.", remedy="Check its path."
        ) from error
    except UnicodeDecodeError as error:
        raise MappingError(
            f"The mapping {path} is not UTF-8 (byte {error.start:,}).", remedy="Save it as UTF-8."
        ) from error
    return parse_yaml(text, name=str(path))


def parse_yaml(text: str, *, name: str) -> dict[str, Any]:
    """Return the keys and values of a YAML text; `name` is said in errors.

    Raises:
        MappingError: the text is not plain YAML with keys at its top.

    """
    try:
        data = yaml.load(text, Loader=_PlainLoader)  # noqa: S506  a subclass of SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise MappingError(f"{name}{where}: {error.problem}.", remedy="Correct the YAML there.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MappingError(f"{name} is not YAML: {error}.", remedy="Correct the YAML.") from error
    if not isinstance(data, dict):
        raise MappingError(f"{name} holds no keys at its top.", remedy="See docs/reference/mappings.md.")
    return data
