"""How scopes of targets meet scopes of cells: whether one covers the other, and which is nearer. Pure."""

from collections.abc import Mapping, Sequence

from watchfloor.kernel import Scope, nearest
from watchfloor.metrics.definition import Definition
from watchfloor.operations.targets.errors import ScopeError

# The nearest to a person first: of two targets that restrict as many dimensions, the earlier one wins.
NEARNESS = (
    "reviewer", "team", "tenure_band", "site", "employer", "strategy", "queue", "label", "language", "market",
    "surface", "data_boundary", "purpose", "policy_version", "weekday", "hour",
)  # fmt: skip


def scope_of(values: Mapping[str, Sequence[str]]) -> Scope:
    """Return the scope in canonical order."""
    return Scope.of({name: tuple(str(value) for value in kept) for name, kept in values.items()})


def scope_key(values: Mapping[str, Sequence[str]]) -> str:
    """Return the scope as one text; equal scopes have equal texts.

    >>> scope_key({"site": ["manila"], "queue": ["spam", "hate"]})
    'queue=hate|spam site=manila'
    """
    return scope_of(values).label()


def covers(wide: Mapping[str, Sequence[str]], narrow: Scope) -> bool:
    """Return whether everything in `narrow` lies in `wide`.

    >>> covers({"site": ["manila", "cebu"]}, Scope.of({"site": ["manila"], "queue": ["spam"]}))
    True
    >>> covers({"site": ["manila"]}, Scope.of({"queue": ["spam"]}))
    False
    """
    held = narrow.as_dict()
    return all(name in held and set(held[name]) <= set(kept) for name, kept in wide.items())


def specificity(values: Mapping[str, Sequence[str]]) -> tuple[int, tuple[int, ...], int]:
    """Return how near a scope is: more dimensions, then nearer ones, then fewer values. Larger is nearer."""
    ranks = sorted(NEARNESS.index(name) if name in NEARNESS else len(NEARNESS) for name in values)
    return len(values), tuple(-rank for rank in ranks), -sum(len(kept) for kept in values.values())


def checked_scope(values: Mapping[str, Sequence[str]], *, definition: Definition) -> dict[str, list[str]]:
    """Return the scope in canonical order, when the metric can be asked for it.

    Raises:
        ScopeError: a dimension is unknown to the metric, or keeps no value.

    """
    for name, kept in values.items():
        if name not in definition.dimensions:
            close = nearest(name, definition.dimensions)
            raise ScopeError(
                f"{definition.id} cannot be split by {name!r}.",
                remedy=(f"Did you mean {close}? " if close else "")
                + f"It knows {', '.join(definition.dimensions)}.",
            )
        if not kept or not all(str(value).strip() for value in kept):
            raise ScopeError(
                f"The scope names no value of {name!r}.", remedy="Name at least one, or leave it out."
            )
    return {name: list(kept) for name, kept in scope_of(values).items}
