"""Children's own proposals moved as little as their uncertainty allows, until they add up to the parents'."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from watchfloor.science.targeting.cascades import FloatArray, TargetingError

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Proposals made to add up.

    Attributes:
        values: One a child, in the metric's unit.
        adjustments: Values − proposals.
        mix_shift: One a parent: how far it misses although every child hits, if the weights turn out as the
            actual ones; 0 where none were given.
        mix_variance: One a parent: variance of its result through the weights alone; 0 where not given.

    """

    values: FloatArray
    adjustments: FloatArray
    mix_shift: FloatArray
    mix_variance: FloatArray


def reconcile(
    *,
    proposals: ArrayLike,
    covariance: ArrayLike,
    aggregation: ArrayLike,
    totals: ArrayLike,
    actual_aggregation: ArrayLike | None = None,
    weight_covariance: ArrayLike | None = None,
) -> Reconciled:
    r"""Return the values nearest to the proposals that add up to every parent's target.

    Parameters
    ----------
    proposals : array_like, shape (C,)
        What the children propose, x, in the metric's unit.
    covariance : array_like, shape (C, C) or (C,)
        Their error covariance V, or the variances alone; a variance of 0 keeps a proposal as it is.
    aggregation : array_like, shape (P, C) or (C,)
        Planned weights of each parent's children, A.
    totals : array_like, shape (P,) or ()
        The parents' targets, T.
    actual_aggregation : array_like, like `aggregation`, optional
        Weights as they are now, for `mix_shift`.
    weight_covariance : array_like, shape (C, C) or (C,), optional
        How the children's weights vary from period to period, for `mix_variance`.

    Returns
    -------
    Reconciled
        A·values = T within 1e-9.

    Raises
    ------
    TargetingError
        Shapes differ, a variance is negative, or the parents' targets contradict each other or ask for a
        change of children that are certain.

    Notes
    -----
    Generalised least squares, the projection of MinT: :math:`t=x+VA^\top(AVA^\top)^{-1}(T-Ax)`. The least
    certain proposals move most. Not bounded: check the values against [0, 1] and the frontier.
    Simpson: all children can hit while the parent misses, because their shares moved.

    References
    ----------
    Wickramasuriya, Athanasopoulos and Hyndman (2019). Optimal forecast reconciliation for hierarchical and
    grouped time series through trace minimization. JASA 114.
    Stone, Champernowne and Meade (1942). The precision of national income estimates. Review of Economic
    Studies 9.

    Examples
    --------
    By hand: the gap 0.01 is shared 4 : 1 by weight × variance, so λ = 0.01 ÷ (0.25·4e-4 + 0.25·1e-4).

    >>> found = reconcile(proposals=[0.90, 0.96], covariance=[4e-4, 1e-4], aggregation=[0.5, 0.5],
    ...     totals=0.94)
    >>> found.values.round(4).tolist(), found.adjustments.round(4).tolist()
    ([0.916, 0.964], [0.016, 0.004])

    """
    x = np.asarray(proposals, dtype=np.float64)
    spread = _covariance(covariance, len(x), "covariance")
    a = np.atleast_2d(np.asarray(aggregation, dtype=np.float64))
    goals = np.atleast_1d(np.asarray(totals, dtype=np.float64))
    if x.ndim != 1 or a.shape != (len(goals), len(x)):
        raise TargetingError(
            f"{len(goals)} totals and {x.size} proposals do not fit an aggregation of shape {a.shape}.",
            remedy="Give one row of weights a parent and one column a child.",
        )
    inner = a @ spread @ a.T
    solved = np.linalg.lstsq(inner, goals - a @ x, rcond=1e-12)[0]
    adjustments = spread @ a.T @ solved
    values = x + adjustments
    missed = np.abs(a @ values - goals)
    if np.any(missed > _TOLERANCE * np.maximum(1.0, np.abs(goals))):
        worst = int(np.argmax(missed))
        raise TargetingError(
            f"Parent {worst} cannot reach {goals[worst]:g}: its children give {(a @ values)[worst]:g}.",
            remedy="Parents contradict each other, or every child was declared certain; loosen one.",
        )
    shift = np.zeros(len(goals))
    if actual_aggregation is not None:
        actual = np.atleast_2d(np.asarray(actual_aggregation, dtype=np.float64))
        if actual.shape != a.shape:
            raise TargetingError(f"The actual weights have shape {actual.shape}, the planned {a.shape}.")
        shift = (actual - a) @ values
    varied = np.zeros(len(goals))
    if weight_covariance is not None:
        varying = _covariance(weight_covariance, len(x), "weight_covariance")
        children = values * (a != 0)
        varied = np.einsum("pc,cd,pd->p", children, varying, children)
    return Reconciled(values, adjustments, shift, varied)


def _covariance(given: ArrayLike, children: int, name: str) -> FloatArray:
    spread = np.asarray(given, dtype=np.float64)
    if spread.ndim < 2:
        spread = np.diag(np.broadcast_to(spread, (children,)))
    if spread.shape != (children, children):
        raise TargetingError(f"{name} has shape {spread.shape} for {children} children.")
    if np.any(np.diag(spread) < 0) or not np.allclose(spread, spread.T, rtol=1e-6, atol=1e-15):
        raise TargetingError(f"{name} is not symmetric, or holds a negative variance.")
    return spread
