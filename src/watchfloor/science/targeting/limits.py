"""Two numbers in one target: a floor that has consequences, and a stretch that has none."""

from dataclasses import dataclass
from typing import Literal

from watchfloor.science.targeting.cascades import TargetingError

Direction = Literal["higher_is_better", "lower_is_better"]
Reach = Literal["stretch", "between", "below_floor"]


@dataclass(frozen=True, slots=True)
class FloorAndStretch:
    """A floor and a stretch, in the metric's unit. Only the floor has consequences."""

    floor: float
    stretch: float
    direction: Direction

    def reached(self, value: float) -> Reach:
        """Return how far a value gets.

        >>> [floor_and_stretch(floor=0.93, stretch=0.96).reached(v) for v in (0.92, 0.94, 0.96)]
        ['below_floor', 'between', 'stretch']
        """
        sign = 1.0 if self.direction == "higher_is_better" else -1.0
        if sign * value >= sign * self.stretch:
            return "stretch"
        return "between" if sign * value >= sign * self.floor else "below_floor"

    def progress(self, value: float) -> float:
        """Return where a value stands between the two: 0 at the floor, 1 at the stretch; unclipped."""
        return (value - self.floor) / (self.stretch - self.floor)


def floor_and_stretch(
    *, floor: float, stretch: float, direction: Direction = "higher_is_better"
) -> FloorAndStretch:
    """Return a floor with its stretch.

    Parameters
    ----------
    floor, stretch : float
        In the metric's unit; the stretch is the harder one.
    direction : {"higher_is_better", "lower_is_better"}
        Which way is harder.

    Raises
    ------
    TargetingError
        The stretch is not harder than the floor.

    Notes
    -----
    Where the two lie within one interval of the metric, no period can tell them apart.

    Examples
    --------
    >>> floor_and_stretch(floor=60, stretch=50, direction="lower_is_better").progress(55)
    0.5

    """
    harder = stretch > floor if direction == "higher_is_better" else stretch < floor
    if not harder:
        raise TargetingError(
            f"The stretch {stretch:g} is not harder than the floor {floor:g}.", remedy="Exchange the two."
        )
    return FloorAndStretch(floor, stretch, direction)
