"""Wald's sequential probability ratio test for a proportion: pass, fail, or ask for one more answer."""

import math
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "fail", "continue"]


@dataclass(frozen=True, slots=True)
class SequentialTest:
    r"""A test of accuracy that may stop after any answer.

    Parameters
    ----------
    failing : float
        θ₀ in (0, 1): an accuracy at or below it must not pass.
    passing : float
        θ₁ in (failing, 1): an accuracy at or above it must pass.
    false_pass : float
        α in (0, ½): chance that θ₀ passes.
    false_fail : float
        β in (0, ½): chance that θ₁ fails.

    Raises
    ------
    ValueError
        The accuracies are not 0 < failing < passing < 1, or a chance is outside (0, ½).

    Notes
    -----
    Each right answer adds :math:`\ln(\theta_1/\theta_0)`, each wrong one
    :math:`\ln((1-\theta_1)/(1-\theta_0))`. The test passes at :math:`\ln((1-\beta)/\alpha)` or above and
    fails at :math:`\ln(\beta/(1-\alpha))` or below. Both error rates hold at any stopping time, up to the
    overshoot of the last step, which makes them smaller than named.

    Misleads when answers depend on each other (the same case twice, answers passed on) and says little about
    an accuracy between θ₀ and θ₁: there either end may come, after many answers.

    References
    ----------
    Wald, A. (1945). Sequential tests of statistical hypotheses. Annals of Mathematical Statistics 16.

    Examples
    --------
    >>> test = SequentialTest(failing=0.90, passing=0.95, false_pass=0.05, false_fail=0.10)
    >>> f"{test.step_right:.6f} {test.step_wrong:.6f}"
    '0.054067 -0.693147'
    >>> f"{test.upper:.6f} {test.lower:.6f}"
    '2.890372 -2.251292'
    >>> test.straight_to_pass
    54

    """

    failing: float
    passing: float
    false_pass: float = 0.05
    false_fail: float = 0.10

    def __post_init__(self) -> None:
        """Refuse what is no test."""
        if not 0.0 < self.failing < self.passing < 1.0:
            raise ValueError(
                f"accuracies must be 0 < failing < passing < 1, not {self.failing} and {self.passing}."
            )
        for chance in (self.false_pass, self.false_fail):
            if not 0.0 < chance < 0.5:
                raise ValueError(f"a chance of error must lie in (0, 0.5), not {chance}.")

    @property
    def step_right(self) -> float:
        """What one right answer adds, > 0."""
        return math.log(self.passing / self.failing)

    @property
    def step_wrong(self) -> float:
        """What one wrong answer adds, < 0."""
        return math.log((1.0 - self.passing) / (1.0 - self.failing))

    @property
    def upper(self) -> float:
        """The bound at which the test passes."""
        return math.log((1.0 - self.false_fail) / self.false_pass)

    @property
    def lower(self) -> float:
        """The bound at which the test fails."""
        return math.log(self.false_fail / (1.0 - self.false_pass))

    @property
    def straight_to_pass(self) -> int:
        """How many right answers in a row pass from the start."""
        return self.right_to_pass(log_likelihood=0.0)

    def log_likelihood(self, *, right: int, wrong: int) -> float:
        """Return where the test stands after so many answers, in any order."""
        return right * self.step_right + wrong * self.step_wrong

    def verdict(self, *, log_likelihood: float) -> Verdict:
        """Return what follows from where the test stands.

        >>> test = SequentialTest(failing=0.90, passing=0.95)
        >>> [test.verdict(log_likelihood=test.log_likelihood(right=r, wrong=0)) for r in (53, 54)]
        ['continue', 'pass']
        >>> test.verdict(log_likelihood=test.log_likelihood(right=0, wrong=4))
        'fail'
        """
        if log_likelihood >= self.upper:
            return "pass"
        return "fail" if log_likelihood <= self.lower else "continue"

    def right_to_pass(self, *, log_likelihood: float) -> int:
        """Return how many right answers in a row would pass from here, at least 0.

        >>> SequentialTest(failing=0.90, passing=0.95).right_to_pass(log_likelihood=-0.693147)
        67
        """
        missing = self.upper - log_likelihood
        return max(0, math.ceil(missing / self.step_right - 1e-9))

    def progress(self, *, log_likelihood: float) -> float:
        """Return where the test stands between its bounds: 0 fails, 1 passes."""
        share = (log_likelihood - self.lower) / (self.upper - self.lower)
        return min(1.0, max(0.0, share))
