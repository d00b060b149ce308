"""A rate measured by people who err: corrected for their sensitivity and specificity."""

from dataclasses import dataclass

from scipy import special

from watchfloor.kernel import WatchfloorError
from watchfloor.science.uncertainty.designs import korn_graubard_size
from watchfloor.science.uncertainty.intervals import tail_probability
from watchfloor.science.uncertainty.proportions import wilson

LEAST_YOUDEN = 0.1
"""Below this, sensitivity + specificity − 1 divides by nearly nothing."""


class BlindAuditError(WatchfloorError):
    """The audits tell violating from benign hardly better than chance."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A corrected rate with its interval; `clipped` where the raw correction left [0, 1]."""

    value: float
    variance: float
    low: float
    high: float
    clipped: bool


def rogan_gladen(
    *,
    apparent: float,
    sensitivity: float,
    specificity: float,
    apparent_variance: float = 0.0,
    sensitivity_variance: float = 0.0,
    specificity_variance: float = 0.0,
    confidence: float = 0.95,
) -> Corrected:
    r"""Return the true rate behind an apparent one, with the auditors' own uncertainty carried through.

    Parameters
    ----------
    apparent : float
        The rate as audited, in [0, 1].
    sensitivity, specificity : float
        Of the audits, in [0, 1], from re-audits against adjudicated truth.
    apparent_variance, sensitivity_variance, specificity_variance : float
        Their variances, ≥ 0; p(1 − p)/n for a simple sample.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    Corrected
        Value and bounds in [0, 1].

    Raises
    ------
    BlindAuditError
        Sensitivity + specificity − 1 is below 0.1.
    ValueError
        A rate is outside [0, 1] or a variance is negative.

    Notes
    -----
    :math:`p=(\hat p+sp-1)/J`, :math:`J=se+sp-1`;
    :math:`V=(V_{\hat p}+p^2V_{se}+(1-p)^2V_{sp})/J^2` (delta method, independent samples); Wilson's bounds at
    the effective size, and ± z√V where p is 0 or 1. At rare rates a specificity wrong by half a point moves
    the result more than all sampling error: correct only with a specificity measured on many benign cases
    of the same kind.

    References
    ----------
    Rogan and Gladen (1978). Estimating prevalence from the results of a screening test. American Journal of
    Epidemiology 107.

    Examples
    --------
    >>> round(rogan_gladen(apparent=0.0278, sensitivity=0.90, specificity=0.99).value, 6)
    0.02

    """
    for name, rate in (("apparent", apparent), ("sensitivity", sensitivity), ("specificity", specificity)):
        if not 0.0 <= rate <= 1.0:
            raise ValueError(f"{name}={rate} is outside [0, 1].")
    if min(apparent_variance, sensitivity_variance, specificity_variance) < 0:
        raise ValueError("a variance is never negative.")
    youden = sensitivity + specificity - 1.0
    if youden < LEAST_YOUDEN:
        raise BlindAuditError(
            f"Sensitivity {sensitivity:.3f} and specificity {specificity:.3f} give {youden:.3f}, "
            f"less than {LEAST_YOUDEN}: the audits say next to nothing.",
            remedy="Measure again with auditors who agree with the adjudicated truth.",
        )
    raw = (apparent + specificity - 1.0) / youden
    value = min(1.0, max(0.0, raw))
    variance = (
        apparent_variance + value**2 * sensitivity_variance + (1.0 - value) ** 2 * specificity_variance
    ) / youden**2
    if variance == 0.0:
        return Corrected(value, 0.0, value, value, raw != value)
    size = float(korn_graubard_size(estimate=value, variance=variance))
    if size != size:
        half = float(special.ndtri(1.0 - tail_probability(confidence))) * variance**0.5
        return Corrected(value, variance, max(0.0, value - half), min(1.0, value + half), raw != value)
    bounds = wilson(successes=value * size, trials=size, confidence=confidence)
    return Corrected(value, variance, float(bounds.low), float(bounds.high), raw != value)
