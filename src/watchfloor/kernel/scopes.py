"""What a number is about: a set of dimension values, or everything."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Dimension name → the values kept. A dimension that is absent is not restricted.

    >>> Scope.of({"site": ["manila"], "queue": ["spam", "hate"]}).label()
    'queue=hate|spam site=manila'
    """

    items: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, "list[str] | tuple[str, ...]"]) -> "Scope":
        """Return the scope in canonical order, so that equal scopes compare equal."""
        return cls(tuple(sorted((name, tuple(sorted(set(kept)))) for name, kept in values.items() if kept)))

    def as_dict(self) -> dict[str, tuple[str, ...]]:
        """Return the restrictions by dimension."""
        return dict(self.items)

    def label(self) -> str:
        """Return the scope as one line of text; empty for everything."""
        return " ".join(f"{name}={'|'.join(kept)}" for name, kept in self.items)
