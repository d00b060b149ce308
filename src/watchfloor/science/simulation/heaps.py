"""The engine's two data structures: min-heaps of integer keys in one array, and a tournament of instants."""

import numpy as np
from numpy.typing import NDArray

from watchfloor.science.simulation.compiled import inlined

I64 = NDArray[np.int64]


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
def tournament_set(tree: I64, times: I64, entrant: int) -> None:
    """Replay the matches of `entrant` after `times[entrant]` changed; `tree[1]` is then the earliest.

    The lowest number wins a tie; `tree` has twice as many places as `times`, a power of two.
    """
    node = (entrant + len(times)) >> 1
    while node > 0:
        left, right = tree[2 * node], tree[2 * node + 1]
        tree[node] = left if times[left] <= times[right] else right
        node >>= 1
