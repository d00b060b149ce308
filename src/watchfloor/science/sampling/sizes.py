"""How many units a sample needs: to know a share to a half-width, or to notice that it falls short."""

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


def size_to_detect(*, target: float, truth: float, false_alarm: float = 0.05, power: float = 0.8) -> int:
    r"""Return the units that show, with the power asked for, that a share is not at its target.

    Parameters
    ----------
    target : float
        The share at which there must rarely be an alarm, p₀ in (0, 1).
    truth : float
        The share that must be noticed, p₁ in (0, 1), not the target.
    false_alarm : float
        One-sided chance of an alarm at the target, in (0, 1).
    power : float
        Chance of an alarm at the truth, in (0, 1).

    Raises
    ------
    ValueError
        A number is out of range, or truth and target are equal.

    Notes
    -----
    :math:`n=((z_{1-\alpha}\sqrt{p_0q_0}+z_{power}\sqrt{p_1q_1})/(p_0-p_1))^2`, for a simple random sample;
    multiply by the design effect where units are clustered. The normal approximation is rough below n·q = 5.

    References
    ----------
    Fleiss, Levin and Paik (2003). Statistical Methods for Rates and Proportions, 3rd edition, section 2.5.

    Examples
    --------
    >>> [size_to_detect(target=0.95, truth=truth) for truth in (0.90, 0.93, 0.94)]
    [150, 822, 3118]
    """
    inside = all(0.0 < each < 1.0 for each in (target, truth, false_alarm, power))
    if not inside or target == truth:
        raise ValueError(
            f"target={target}, truth={truth}, false_alarm={false_alarm} and power={power} must lie inside "
            "(0, 1), and the truth must not be the target."
        )
    at_target = float(special.ndtri(1.0 - false_alarm)) * math.sqrt(target * (1.0 - target))
    at_truth = float(special.ndtri(power)) * math.sqrt(truth * (1.0 - truth))
    return math.ceil(((at_target + at_truth) / (target - truth)) ** 2 - 1e-9)
