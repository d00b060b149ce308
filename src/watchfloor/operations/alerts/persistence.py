"""How long a cell has to be out of order before an alert fires, and in order before it ends. Pure.

A unit's memory is a text of its last evaluations, oldest first: `1` over, `0` in order. An evaluation
without a number is not remembered, so it neither fires nor clears.
"""

from collections.abc import Mapping


def remembered(memory: str, *, over: bool, looked: int) -> str:
    """Return the memory with one more evaluation, cut to the last `looked`.

    >>> remembered("011", over=False, looked=3)
    '110'
    """
    return (memory + ("1" if over else "0"))[-looked:]


def fires(memory: str, *, needed: int) -> bool:
    """Return whether the last evaluation and `needed` of the remembered ones were over.

    >>> fires("101", needed=2), fires("110", needed=2), fires("001", needed=2)
    (True, False, False)
    """
    return memory.endswith("1") and memory.count("1") >= needed


def clears(times_clear: int, *, needed: int) -> bool:
    """Return whether so many evaluations in order, one after the other, end an alert."""
    return times_clear >= needed


def kept(memories: Mapping[str, str]) -> dict[str, str]:
    """Return the memories worth keeping: those with an evaluation over; the others are all in order.

    >>> kept({"queue=a": "000", "queue=b": "010"})
    {'queue=b': '010'}
    """
    return {unit: memory for unit, memory in memories.items() if "1" in memory}
