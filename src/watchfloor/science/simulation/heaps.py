"""The engine's two data structures: min-heaps of integer keys in one array, and a tournament of instants."""

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.compiled import inlined

I64 = NDArray[np.int64]

ENTRANT_BITS = 14
LATEST = 1 << 48

_DE_BRUIJN = 0x077CB531
_PLACES = np.zeros(32, dtype=np.int64)
for _place in range(32):
    _PLACES[(_DE_BRUIJN << _place & 0xFFFFFFFF) >> 27] = _place


@inlined
def heap_push(heap: I64, base: int, size: int, key: int) -> None:
    """Put `key` into the min-heap that occupies `heap[base : base + size]`; the caller counts it."""
    child = size
    while child > 0:
        parent = (child - 1) >> 1
        if heap[base + parent] <= key:
            break
        heap[base + child] = heap[base + parent]
        child = parent
    heap[base + child] = key


@inlined
def heap_pop(heap: I64, base: int, size: int) -> int:
    """Return and remove the smallest key of the heap `heap[base : base + size]`; the caller counts it."""
    top = heap[base]
    last = heap[base + size - 1]
    size -= 1
    hole = 0
    while True:
        child = 2 * hole + 1
        if child >= size:
            break
        if child + 1 < size and heap[base + child + 1] < heap[base + child]:
            child += 1
        if heap[base + child] >= last:
            break
        heap[base + hole] = heap[base + child]
        hole = child
    heap[base + hole] = last
    return int(top)


@inlined
def tournament_set(tree: I64, entrant: int, at_ms: int) -> None:
    """Let `entrant` be due at `at_ms`; `tree[1]` is then the earliest, of the lowest number on a tie.

    A place holds its winner's instant and number, packed; `tree` has twice as many places as entrants, a
    power of two. Where the winner of a match stays the same, those above it do too.
    """
    node = entrant + (len(tree) >> 1)
    key = (min(at_ms, LATEST) << ENTRANT_BITS) | entrant
    tree[node] = key
    while node > 1:
        key = min(key, tree[node ^ 1])
        node >>= 1
        if tree[node] == key:
            break
        tree[node] = key


@inlined
def bit_place(bit: int) -> int:
    """Return the place, 0 to 31, of the only bit set in `bit`."""
    return int(_PLACES[((bit * _DE_BRUIJN) & 0xFFFFFFFF) >> 27])
