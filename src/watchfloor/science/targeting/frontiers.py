"""How far each unit lies below the best that its peers show: data envelopment, output oriented."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, sparse

from watchfloor.science.targeting.cascades import FloatArray, TargetingError

_ON_THE_FRONTIER = 1e-7


@dataclass(frozen=True, slots=True)
class Frontier:
    """Efficiency of each unit against the frontier of all.

    Attributes:
        efficiency: 1/η in (0, 1]; 1 stands on the frontier.
        expansion: η ≥ 1: by what factor all outputs could grow with the same inputs, as peers show.
        peers: Row j: weights λ of the units that unit j is compared with, sum 1.
        attainable: Outputs of each unit at the frontier, η·y.
        corrected: Efficiency less the bias of the frontier (bootstrap); equal to `efficiency` without draws.
        low: Lower bound of the true efficiency; NaN without draws.
        high: Upper bound; NaN without draws.

    """

    efficiency: FloatArray
    expansion: FloatArray
    peers: FloatArray
    attainable: FloatArray
    corrected: FloatArray
    low: FloatArray
    high: FloatArray


def frontier(
    *,
    inputs: ArrayLike,
    outputs: ArrayLike,
    draws: int = 0,
    rng: np.random.Generator | None = None,
    confidence: float = 0.95,
) -> Frontier:
    r"""Return each unit's distance to the best-practice frontier with variable returns to scale.

    Parameters
    ----------
    inputs : array_like, shape (J, I) or (J,)
        What each unit uses: paid hours, seats; ≥ 0.
    outputs : array_like, shape (J, O) or (J,)
        What it gives: completed cases, accuracy; ≥ 0, each unit has at least one above 0.
    draws : int
        Bootstrap samples for the bias correction; 0 leaves it out, 200 is usual.
    rng : Generator, optional
        The randomness; needed where draws > 0.
    confidence : float
        Of the bounds.

    Returns
    -------
    Frontier
        One row a unit.

    Raises
    ------
    TargetingError
        Shapes differ, a number is negative or missing, a unit has no output, or draws come without rng.

    Notes
    -----
    For unit 0: max η subject to :math:`\sum\lambda_jx_j\le x_0`, :math:`\sum\lambda_jy_j\ge\eta y_0`,
    :math:`\sum\lambda_j=1`, λ ≥ 0; all units in one sparse programme (HiGHS). The bias correction is the
    smoothed bootstrap of Simar and Wilson. The frontier is drawn through the luckiest units: noise and
    easier cases look like efficiency, and with few units for many inputs and outputs everybody is efficient
    (ask for at least three times as many units as columns). For sizing a gap and naming peers, never the
    target itself.

    References
    ----------
    Banker, Charnes and Cooper (1984). Management Science 30. Simar and Wilson (1998). Sensitivity analysis of
    efficiency scores: how to bootstrap in nonparametric frontier models. Management Science 44.

    Examples
    --------
    The third unit uses 3 and gives 4; half-way between the first two lies 5:

    >>> found = frontier(inputs=[2, 4, 3], outputs=[4, 6, 4])
    >>> found.expansion.round(6).tolist(), found.peers[2].round(6).tolist()
    ([1.0, 1.0, 1.25], [0.5, 0.5, 0.0])

    """
    x, y = _table(inputs, "inputs"), _table(outputs, "outputs")
    if len(x) != len(y):
        raise TargetingError(f"{len(x)} rows of inputs but {len(y)} of outputs.")
    if np.any(y.max(axis=1) <= 0):
        raise TargetingError("A unit has no output at all.", remedy="Leave it out.")
    expansion, peers = _expansions(x, y, x, y)
    expansion = np.where(expansion < 1.0 + _ON_THE_FRONTIER, 1.0, expansion)
    efficiency = 1.0 / expansion
    corrected, low, high = efficiency, np.full_like(efficiency, np.nan), np.full_like(efficiency, np.nan)
    if draws:
        if rng is None:
            raise TargetingError("The bias correction needs randomness.", remedy="Pass rng.")
        drawn = _bootstrap(x, y, expansion, draws, rng)
        bias = drawn.mean(axis=0) - expansion
        # A true frontier lies beyond the observed one: the expansion only grows.
        corrected = 1.0 / np.maximum(expansion - bias, expansion)
        tail = (1.0 - confidence) / 2.0
        ends = expansion - np.quantile(drawn - expansion, [tail, 1.0 - tail], axis=0)
        high, low = 1.0 / np.maximum(ends[1], 1.0), 1.0 / np.maximum(ends[0], 1.0)
        low, high = np.minimum(low, high), np.maximum(low, high)
    return Frontier(efficiency, expansion, peers, y * expansion[:, None], corrected, low, high)


def _table(given: ArrayLike, name: str) -> FloatArray:
    table = np.asarray(given, dtype=np.float64)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or not len(table) or not np.all(np.isfinite(table)) or np.any(table < 0):
        raise TargetingError(
            f"{name} must be a table of units by columns, each number known and not negative.",
            remedy="Leave out units with missing numbers.",
        )
    scale = table.max(axis=0)
    if np.any(scale <= 0):
        raise TargetingError(f"A column of {name} is 0 for every unit.", remedy="Leave the column out.")
    return table


def _expansions(
    x: FloatArray, y: FloatArray, reference_x: FloatArray, reference_y: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return η and λ of every unit against a reference set, by one block-diagonal linear programme."""
    units, others = len(x), len(reference_x)
    x_scale, y_scale = reference_x.max(axis=0), reference_y.max(axis=0)
    inner = np.vstack([(reference_x / x_scale).T, -(reference_y / y_scale).T])
    blocks = sparse.kron(sparse.eye(units, format="csr"), sparse.csr_array(inner), format="lil")
    rows = inner.shape[0]
    own = np.hstack([np.zeros((units, x.shape[1])), y / y_scale])
    etas = sparse.csr_array(
        (own.ravel(), (np.arange(units * rows), np.repeat(np.arange(units), rows))),
        shape=(units * rows, units),
    )
    limit = np.hstack([x / x_scale, np.zeros_like(y)]).ravel()
    ones = sparse.kron(sparse.eye(units, format="csr"), np.ones((1, others)), format="csr")
    result = optimize.linprog(
        np.concatenate([np.zeros(units * others), -np.ones(units)]),
        A_ub=sparse.hstack([blocks, etas], format="csr"),
        b_ub=limit,
        A_eq=sparse.hstack([ones, sparse.csr_array((units, units))], format="csr"),
        b_eq=np.ones(units),
        bounds=(0, None),
        method="highs",
    )
    if result.x is None:
        raise TargetingError(f"The frontier could not be solved: {result.message}")
    return np.asarray(result.x[units * others :]), np.asarray(result.x[: units * others]).reshape(
        units, others
    )


def _bootstrap(
    x: FloatArray, y: FloatArray, expansion: FloatArray, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Return expansions against frontiers of resampled, smoothed inefficiencies (draws, units)."""
    units = len(expansion)
    inside = expansion[expansion > 1.0]
    spread, variance = float(inside.std()) if len(inside) else 0.0, float(expansion.var())
    # Silverman's rule on the inefficient units: those on the frontier are a lump, not a density.
    width = 0.9 * spread * max(len(inside), 1) ** -0.2
    calm = float(np.sqrt(1.0 + width**2 / variance)) if variance else 1.0
    drawn = np.empty((draws, units))
    for draw in range(draws):
        picked = rng.choice(expansion, size=units)
        noisy = picked + width * rng.standard_normal(units)
        folded = np.where(noisy >= 1.0, noisy, 2.0 - noisy)
        inefficiency = np.maximum(picked.mean() + (folded - picked.mean()) / calm, 1.0)
        drawn[draw] = _expansions(x, y, x, y * (expansion / inefficiency)[:, None])[0]
    return drawn
