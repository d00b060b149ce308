"""How many units a sample needs so that a share is known to a stated half-width."""

import math

from scipy import special


def size_for_half_width(
    *, share: float, half_width: float, population: int | None = None, confidence: float = 0.95
) -> int:
    r"""Return the units to draw by simple random sampling; all of a population that is small enough.

    Parameters
    ----------
    share : float
        The share expected, in (0, 1). Guess towards 0.5: a wrong guess then asks for more, not for less.
    half_width : float
        Half the width of the interval, in (0, 1).
    population : int or None
        Units there are; None where they are many. At least 1.
    confidence : float
        Of the two-sided interval.

    Raises
    ------
    ValueError
        A share, half-width or population is out of range.

    Notes
    -----
    :math:`n_0 = z^2 p(1-p)/h^2`, with a finite population :math:`n = n_0 / (1 + (n_0 - 1)/N)`, the inverse of
    the factor :math:`\sqrt{(N-n)/(N-1)}` on the standard error. For clustered units multiply by the design
    effect.

    Examples
    --------
    >>> [size_for_half_width(share=0.95, half_width=h) for h in (0.01, 0.02, 0.05)]
    [1825, 457, 73]
    >>> size_for_half_width(share=0.95, half_width=0.02, population=300)
    182
    """
    if not 0.0 < share < 1.0 or not 0.0 < half_width < 1.0 or not 0.0 < confidence < 1.0:
        raise ValueError(
            f"share={share}, half_width={half_width} and confidence={confidence} must lie inside (0, 1)."
        )
    if population is not None and population < 1:
        raise ValueError(f"population={population} is no population; give at least 1, or None.")
    z = float(special.ndtri(0.5 + confidence / 2.0))
    wanted = z * z * share * (1.0 - share) / half_width**2
    if population is not None:
        wanted /= 1.0 + (wanted - 1.0) / population
        return min(population, math.ceil(wanted - 1e-9))
    return math.ceil(wanted - 1e-9)
