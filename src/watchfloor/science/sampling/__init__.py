"""Samples with exact inclusion probabilities, their allocation, and tests that may stop early.

Owns how units are chosen; what is estimated from them stands elsewhere. Start with `drawing.stratified`,
`allocation.allocate`, `sequential.SequentialTest`.
"""

from watchfloor.science.sampling.allocation import FLOOR, AllocationError, allocate, neyman
from watchfloor.science.sampling.drawing import (
    METHOD,
    SYSTEMATIC_METHOD,
    Sample,
    Stratum,
    simple_random,
    stratified,
    systematic,
    unit_number,
)
from watchfloor.science.sampling.sequential import SequentialTest

__all__ = [
    "FLOOR",
    "METHOD",
    "SYSTEMATIC_METHOD",
    "AllocationError",
    "Sample",
    "SequentialTest",
    "Stratum",
    "allocate",
    "neyman",
    "simple_random",
    "stratified",
    "systematic",
    "unit_number",
]
