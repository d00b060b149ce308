"""Chance by number: the draw for (seed, case, attempt, purpose) is the same in whatever order work is done.

So two runs that differ in staffing alone meet the same cases with the same luck (common random numbers), and
a slow simulator can be compared with the fast one value for value.
"""

import numpy as np

from watchfloor.science.simulation.compiled import compiled

OUTCOME, ANSWER, WRONG, NOISE, REOPENS, REOPEN_DELAY = range(6)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_A = np.uint64(0xBF58476D1CE4E5B9)
_MIX_B = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
_SCALE = 1.0 / (1 << 53)


@compiled
def uniform(seed: int, case: int, attempt: int, purpose: int) -> float:
    """Return the draw in [0, 1) that belongs to the four numbers (SplitMix64 finaliser, twice)."""
    word = np.uint64(seed) * _GOLDEN + np.uint64(case)
    word = (word ^ (word >> _S30)) * _MIX_A
    word = (word ^ (word >> _S27)) * _MIX_B
    word = word ^ (word >> _S31)
    word = word + _GOLDEN * (np.uint64(attempt) * np.uint64(8) + np.uint64(purpose) + np.uint64(1))
    word = (word ^ (word >> _S30)) * _MIX_A
    word = (word ^ (word >> _S27)) * _MIX_B
    word = word ^ (word >> _S31)
    return float(word >> _S11) * _SCALE
