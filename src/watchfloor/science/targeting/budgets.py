"""How many misses a target allows, how fast they are being spent, and when that should wake somebody."""

from collections.abc import Sequence
from dataclasses import dataclass

from watchfloor.science.targeting.cascades import TargetingError


@dataclass(frozen=True, slots=True)
class ErrorBudget:
    """The misses a target allows in a period.

    Attributes:
        budget: Allowed misses, (1 − T)·N.
        spent: Misses so far.
        remaining: Budget − spent; negative when overspent.
        spent_share: Spent ÷ budget; infinite with a budget of 0 and a miss.
        burn_rate: Miss rate in the window ÷ (1 − T): 1 spends the budget exactly by the end of the period.
        hours_left: Until it is spent at that rate, infinite at no burn, 0 when it is gone.

    """

    budget: float
    spent: float
    remaining: float
    spent_share: float
    burn_rate: float
    hours_left: float


@dataclass(frozen=True, slots=True)
class BurnRule:
    """An alarm: this burn rate over this window, both over it and over its last twelfth."""

    burn_rate: float
    window_hours: float

    def budget_share(self, *, period_hours: float = 720.0) -> float:
        """Return which share of the period's budget such a burn spends within the window.

        >>> round(BurnRule(14.4, 1).budget_share(), 4), round(BurnRule(6, 6).budget_share(), 4)
        (0.02, 0.05)
        """
        return self.burn_rate * self.window_hours / period_hours


PRACTICE = (BurnRule(14.4, 1.0), BurnRule(6.0, 6.0))
"""Pairs from site-reliability practice for a 30-day budget. Illustrations: choose your own."""


def error_budget(
    *,
    target: float,
    total: float,
    bad: float,
    window_bad: float,
    window_total: float,
    period_hours: float = 720.0,
    expected_total: float | None = None,
) -> ErrorBudget:
    r"""Return the state of a target's error budget.

    Parameters
    ----------
    target : float
        T in [0, 1): the share that must be good.
    total, bad : float
        Observations and misses so far in the period, 0 ≤ bad ≤ total.
    window_bad, window_total : float
        Misses and observations in the recent window.
    period_hours : float
        Length of the period, > 0; 720 is 30 days.
    expected_total : float, optional
        Observations forecast for the whole period; those so far by default, which makes the budget too
        small early in the period.

    Returns
    -------
    ErrorBudget
        `hours_left` assumes an even flow of observations over the period.

    Raises
    ------
    TargetingError
        Counts are impossible, or the target leaves no budget.

    Notes
    -----
    A window with few observations makes any burn rate: set a least volume beside the rule.

    References
    ----------
    Beyer et al. (2018). The Site Reliability Workbook, chapter 5. O'Reilly.

    Examples
    --------
    >>> found = error_budget(target=0.95, total=10_000, bad=300, window_bad=60, window_total=200,
    ...     expected_total=30_000)
    >>> round(found.budget), round(found.spent_share, 2), round(found.burn_rate, 2), round(found.hours_left)
    (1500, 0.2, 6.0, 96)

    """
    if not 0.0 <= target < 1.0:
        raise TargetingError(f"A target of {target:g} leaves no budget.", remedy="Give a share below 1.")
    if not 0 <= bad <= total or not 0 <= window_bad <= window_total or period_hours <= 0:
        raise TargetingError(
            f"{bad:g} misses of {total:g} and {window_bad:g} of {window_total:g} cannot be.",
            remedy="0 ≤ bad ≤ total in both, and a period above 0 hours.",
        )
    whole = total if expected_total is None else expected_total
    budget = (1.0 - target) * whole
    remaining = budget - bad
    burn = window_bad / window_total / (1.0 - target) if window_total else 0.0
    if remaining <= 0 and bad > 0:
        left = 0.0
    elif burn <= 0 or budget <= 0:
        left = float("inf")
    else:
        left = remaining / budget / burn * period_hours
    share = bad / budget if budget > 0 else (float("inf") if bad else 0.0)
    return ErrorBudget(budget, bad, remaining, share, burn, left)


def burning(
    *, target: float, windows: Sequence[tuple[BurnRule, float, float, float, float]], least_total: float = 1.0
) -> BurnRule | None:
    """Return the first rule that fires, or None.

    Parameters
    ----------
    target : float
        T in [0, 1).
    windows : sequence of (rule, bad, total, last bad, last total)
        Counts over each rule's window and over its last twelfth; the second stops the alarm soon after the
        burning stops.
    least_total : float
        Observations below which a window says nothing: the volume guard.

    Examples
    --------
    >>> fast = BurnRule(14.4, 1)
    >>> burning(target=0.99, windows=[(fast, 30, 200, 4, 20)]) is fast
    True
    >>> burning(target=0.99, windows=[(fast, 30, 200, 0, 20)]) is None
    True

    """
    allowed = 1.0 - target
    if allowed <= 0:
        raise TargetingError(f"A target of {target:g} leaves no budget.", remedy="Give a share below 1.")
    for rule, bad, total, last_bad, last_total in windows:
        if total < max(least_total, 1.0) or last_total <= 0:
            continue
        if min(bad / total, last_bad / last_total) / allowed >= rule.burn_rate:
            return rule
    return None
