"""Splits a change of a ratio into what each group's share and what its rate did, exactly. Pure.

R = Σ w_g r_g with shares w. With bars for means of the two periods, mix_g = (r̄_g − R̄)·Δw_g and
rate_g = w̄_g·Δr_g; all of them sum to ΔR, because Σ Δw_g = 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Parts = Mapping[str, tuple[float, float]]
"""Group → (numerator, denominator)."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one group did to the ratio."""

    group: str
    mix: float
    rate: float
    before: float | None
    after: float | None

    @property
    def whole(self) -> float:
        """Mix and rate together."""
        return self.mix + self.rate


def split_ratio(before: Parts, after: Parts) -> tuple[Part, ...]:
    """Return each group's part, the largest first; they sum to the change of the ratio.

    A group that is absent in one period has no rate there: the other's is taken, so all of it is mix.
    Nothing is returned where one period has no denominator at all.

    >>> parts = split_ratio({"a": (10, 100), "b": (30, 100)}, {"a": (10, 50), "b": (45, 150)})
    >>> [(part.group, round(part.mix, 3), round(part.rate, 3)) for part in parts]
    [('a', 0.022, 0.038), ('b', 0.016, 0.0)]
    >>> round(sum(part.whole for part in parts), 12)  # 55/200 - 40/200
    0.075
    """
    total = {0: sum(den for _, den in before.values()), 1: sum(den for _, den in after.values())}
    if total[0] <= 0 or total[1] <= 0:
        return ()
    whole = [sum(num for num, _ in each.values()) / total[at] for at, each in enumerate((before, after))]
    mean = (whole[0] + whole[1]) / 2.0
    parts = []
    for group in {**before, **after}:
        num_0, den_0 = before.get(group, (0.0, 0.0))
        num_1, den_1 = after.get(group, (0.0, 0.0))
        rate_0 = num_0 / den_0 if den_0 > 0 else None
        rate_1 = num_1 / den_1 if den_1 > 0 else None
        if rate_0 is None and rate_1 is None:
            continue
        first = rate_0 if rate_0 is not None else rate_1
        last = rate_1 if rate_1 is not None else rate_0
        if first is None or last is None:
            continue
        share_0, share_1 = den_0 / total[0], den_1 / total[1]
        parts.append(
            Part(
                group,
                mix=((first + last) / 2.0 - mean) * (share_1 - share_0),
                rate=(share_0 + share_1) / 2.0 * (last - first),
                before=rate_0,
                after=rate_1,
            )
        )
    return tuple(sorted(parts, key=lambda part: (-abs(part.whole), part.group)))


def split_sum(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[Part, ...]:
    """Return each group's part in the change of a sum, the largest first; all of it is `rate`."""
    parts = [
        Part(
            group,
            0.0,
            after.get(group, 0.0) - before.get(group, 0.0),
            before.get(group),
            after.get(group),
        )
        for group in {**before, **after}
    ]
    return tuple(sorted(parts, key=lambda part: (-abs(part.whole), part.group)))
