"""Means from samples of unequal probability, with and without a score that helps."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from watchfloor.kernel import WatchfloorError
from watchfloor.science.uncertainty.designs import WeightedEstimate, proportion_estimate
from watchfloor.science.uncertainty.intervals import FloatArray, as_floats

ERRORS_FOR_LAMBDA = 10
"""Errors that must have been seen before λ may be estimated from the same sample."""


class FewErrorsError(WatchfloorError):
    """λ cannot be estimated from so few errors."""


def horvitz_thompson(
    *, y: ArrayLike, inclusion: ArrayLike, population: float, confidence: float = 0.95
) -> WeightedEstimate:
    r"""Return the mean of a population from a sample with known probabilities, without any bias.

    Parameters
    ----------
    y : array_like, shape (n,)
        0/1 answers of the sampled units (or scores in [0, 1]).
    inclusion : array_like, shape (n,)
        π of each, in (0, 1].
    population : float
        Units in the frame, N ≥ n.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    WeightedEstimate
        Of shape (). The value may leave [0, 1]; the bounds do not.

    Raises
    ------
    ValueError
        Shapes differ, a probability is outside (0, 1], or the population is smaller than the sample.

    Notes
    -----
    :math:`\frac1N\sum_s y_i/\pi_i`. Variance by Deville's approximation for samples of fixed size,
    :math:`\sum c_i(y_i/\pi_i-\hat B)^2` with :math:`c_i=(1-\pi_i)n/(n-1)`, exact for simple random samples.
    Wastes precision where π says nothing about y (Basu's elephants): `hajek` is then better.

    References
    ----------
    Horvitz and Thompson (1952). JASA 47. Deville (1999). Variance estimation for complex statistics and
    estimators. Survey Methodology 25.

    Examples
    --------
    >>> found = horvitz_thompson(y=[1, 0, 0, 1], inclusion=[0.5, 0.5, 0.1, 0.1], population=25)
    >>> f"{found.value:.2f}"
    '0.48'

    """
    answers, pi = _sample(y, inclusion, population)
    value = float((answers / pi).sum()) / population
    return _finished(value, answers, pi, population, confidence)


def difference_estimate(
    *,
    y: ArrayLike,
    scores: ArrayLike,
    inclusion: ArrayLike,
    population: float,
    population_score_sum: float,
    confidence: float = 0.95,
) -> WeightedEstimate:
    r"""Return the mean from a calibrated score on everybody, corrected by what the sample found.

    Parameters
    ----------
    y, scores : array_like, shape (n,)
        Answers and scores f of the sampled units; the score must not have seen these answers.
    inclusion : array_like, shape (n,)
        π of each, in (0, 1].
    population : float
        Units in the frame, N.
    population_score_sum : float
        Σf over the whole frame.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    WeightedEstimate
        Of shape (); unbiased whatever the score is worth.

    Raises
    ------
    ValueError
        As in `horvitz_thompson`.

    Notes
    -----
    :math:`\frac1N[\sum_U f_i+\sum_s(y_i-f_i)/\pi_i]`; the variance is that of the residuals. A score on the
    wrong scale makes it worse than no score: calibrate, or use `regression_estimate`.

    References
    ----------
    Särndal, Swensson and Wretman (1992). Model Assisted Survey Sampling, section 6.3. Springer.

    Examples
    --------
    A score that is right about everybody leaves no variance:

    >>> found = difference_estimate(y=[1, 0], scores=[1, 0], inclusion=[0.5, 0.5], population=4,
    ...     population_score_sum=1)
    >>> float(found.value), float(found.variance)
    (0.25, 0.0)

    """
    answers, pi = _sample(y, inclusion, population)
    residuals = answers - _scores(scores, answers)
    value = (population_score_sum + float((residuals / pi).sum())) / population
    return _finished(value, residuals, pi, population, confidence)


def regression_estimate(
    *,
    y: ArrayLike,
    scores: ArrayLike,
    inclusion: ArrayLike,
    population: float,
    population_score_sum: float,
    confidence: float = 0.95,
) -> WeightedEstimate:
    r"""Return the generalised regression estimate (GREG): the score's slope is fitted in the sample.

    Parameters
    ----------
    y, scores, inclusion, population, population_score_sum, confidence
        As in `difference_estimate`; the score need not be calibrated.

    Returns
    -------
    WeightedEstimate
        Of shape ().

    Raises
    ------
    ValueError
        As in `horvitz_thompson`.

    Notes
    -----
    With weights 1/π: :math:`\hat\mu=\bar y_w+\hat\beta(\bar F-\bar f_w)`, β̂ by weighted least squares. Nearly
    unbiased; with fewer than about ten errors β̂ is a guess and the stated variance too small.

    References
    ----------
    Särndal, Swensson and Wretman (1992). Model Assisted Survey Sampling, sections 6.4 to 6.6. Springer.

    Examples
    --------
    >>> found = regression_estimate(y=[1, 0, 1, 0], scores=[8, 2, 6, 4], inclusion=[0.1] * 4, population=40,
    ...     population_score_sum=180)
    >>> f"{found.value:.2f}"
    '0.40'

    """
    answers, pi = _sample(y, inclusion, population)
    score, weight = _scores(scores, answers), 1.0 / pi
    total = float(weight.sum())
    mean_y, mean_f = float((weight * answers).sum()) / total, float((weight * score).sum()) / total
    spread = float((weight * (score - mean_f) ** 2).sum())
    slope = float((weight * (score - mean_f) * (answers - mean_y)).sum()) / spread if spread else 0.0
    value = mean_y + slope * (population_score_sum / population - mean_f)
    residuals = (answers - mean_y - slope * (score - mean_f)) * (population / total)
    return _finished(value, residuals, pi, population, confidence)


def prediction_powered(
    *,
    y: ArrayLike,
    scores: ArrayLike,
    population: float,
    population_score_mean: float,
    population_score_variance: float,
    drawn: Literal["from_population", "independently"] = "from_population",
    fixed_lambda: float | None = None,
    confidence: float = 0.95,
) -> WeightedEstimate:
    r"""Return the mean from a plain random sample of answers and scores on many units.

    Parameters
    ----------
    y, scores : array_like, shape (n,)
        Answers and scores of the sampled units, n ≥ 2.
    population : float
        Scored units, N.
    population_score_mean, population_score_variance : float
        Of the score over those N units.
    drawn : {"from_population", "independently"}
        Whether the sample was drawn from those N units (usual in audits) or apart from them.
    fixed_lambda : float, optional
        λ chosen before looking, 0 (ignore the score) or 1 (trust it). Estimated by default.
    confidence : float
        Nominal coverage in (0, 1).

    Returns
    -------
    WeightedEstimate
        Of shape ().

    Raises
    ------
    FewErrorsError
        λ is to be estimated and the rarer answer was seen fewer than ten times.
    ValueError
        Shapes differ, there are fewer than two answers, or the population is too small.

    Notes
    -----
    :math:`\hat\theta=\lambda\bar f_N+\overline{(y-\lambda f)}_n`. Independent:
    :math:`\lambda^*=Cov(y,f)/(Var(f)(1+n/N))`,
    :math:`V\approx\lambda^2\sigma_f^2/N+\sigma^2_{y-\lambda f}/n`. Drawn from them:
    :math:`\lambda^*=Cov(y,f)/Var(f)`, :math:`V\approx(1-n/N)\sigma^2_{y-\lambda f}/n`. At rare rates λ is
    fitted on about two errors, and the estimate is *worse* than without the score.

    References
    ----------
    Angelopoulos, Bates, Fannjiang, Jordan and Zrnic (2023). Prediction-powered inference. Science 382.
    Angelopoulos, Duchi and Zrnic (2023). PPI++. arXiv 2311.01453.

    Examples
    --------
    >>> found = prediction_powered(y=[1, 0, 0, 0] * 25, scores=[0.7, 0.1, 0.1, 0.1] * 25, population=5000,
    ...     population_score_mean=0.28, population_score_variance=0.08)
    >>> f"{found.value:.4f}"
    '0.3000'

    """
    answers = as_floats(y)
    score = _scores(scores, answers)
    n = len(answers)
    if n < 2 or population < (n if drawn == "from_population" else 1):
        raise ValueError(f"{n} answers and {population} scored units; give at least 2, and the whole frame.")
    slope = fixed_lambda
    if slope is None:
        rarer = min(float(answers.sum()), n - float(answers.sum()))
        if rarer < ERRORS_FOR_LAMBDA:
            raise FewErrorsError(
                f"λ cannot be estimated from {rarer:.0f} errors; {ERRORS_FOR_LAMBDA} are needed.",
                remedy="Choose λ = 0 or λ = 1 before looking, or audit more.",
            )
        spread = float(score.var(ddof=1))
        slope = float(np.cov(answers, score, ddof=1)[0, 1]) / spread if spread else 0.0
        if drawn == "independently":
            slope /= 1.0 + n / population
    residuals = answers - slope * score
    value = slope * population_score_mean + float(residuals.mean())
    if drawn == "from_population":
        variance = (1.0 - n / population) * float(residuals.var(ddof=1)) / n
    else:
        variance = slope**2 * population_score_variance / population + float(residuals.var(ddof=1)) / n
    return proportion_estimate(
        value=value,
        variance=variance,
        weight_sum=n,
        weight_square_sum=n,
        n=n,
        degrees_of_freedom=n - 1,
        confidence=confidence,
    )


def _sample(y: ArrayLike, inclusion: ArrayLike, population: float) -> tuple[FloatArray, FloatArray]:
    answers, pi = as_floats(y), as_floats(inclusion)
    if answers.ndim != 1 or answers.shape != pi.shape:
        raise ValueError(f"y {answers.shape} and inclusion {pi.shape} must be one and the same (n,).")
    if np.any((pi <= 0) | (pi > 1)):
        raise ValueError("an inclusion probability lies in (0, 1]; a unit that cannot be drawn has no place.")
    if population < len(answers) or population <= 0:
        raise ValueError(f"population={population} is smaller than the {len(answers)} units drawn.")
    return answers, pi


def _scores(scores: ArrayLike, answers: FloatArray) -> FloatArray:
    score = as_floats(scores)
    if score.shape != answers.shape:
        raise ValueError(f"scores {score.shape} must have the shape of y, {answers.shape}.")
    return score


def _finished(
    value: float, residuals: FloatArray, pi: FloatArray, population: float, confidence: float
) -> WeightedEstimate:
    """Return an estimate with Deville's variance of the residuals."""
    n, weight = len(residuals), 1.0 / pi
    variance = float("nan")
    if n > 1:
        factor = (1.0 - pi) * n / (n - 1.0)
        swollen = residuals * weight
        centre = float((factor * swollen).sum() / factor.sum()) if factor.sum() else 0.0
        variance = float((factor * (swollen - centre) ** 2).sum()) / population**2
    return proportion_estimate(
        value=value if n else np.nan,
        variance=variance,
        weight_sum=weight.sum(),
        weight_square_sum=(weight**2).sum(),
        n=n,
        degrees_of_freedom=max(n - 1, 1),
        confidence=confidence,
    )
