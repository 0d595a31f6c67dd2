"""Where a latent collapses, which β recovers the signal best, and when a plateau ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import documented, parameters
from vaesym.linear_vae.point.evaluation import evaluate
from vaesym.linear_vae.point.potential import minimise_potential

#: Bisection steps: enough to exhaust the resolution of float64.
_BISECTIONS = 64
#: Points of the scan for the best β where the optimum is not attained exactly.
_SCAN = 257
#: How far below the threshold the scan goes, in powers of e: twelve decades.
_SCAN_DEPTH = float(np.log(1e12))
#: Newton steps for a root, and the relative last one at which it counts as found: the error is about its square.
_POLISH, _SETTLED = 8, 1e-9
#: Relative distance at which a Q counts as the one aimed at: other branches are far away.
_ATTAINED = 1e-7


@documented(unlimited=True)
def collapse_threshold(alpha: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0) -> Floats:
    r"""Return β_c, the least β at which posterior collapse is locally stable.

    .. math:: \beta_c = \frac{\alpha\Lambda}{\alpha+\lambda} - \frac{\lambda}{\alpha\Lambda}

    with Λ the largest eigenvalue of the sample covariance (the outlier, or the edge of the noise spectrum).
    Tends to ρ+η as α → ∞ [IH, Claim 6.1]. A value ≤ 0 says that collapse is stable at every β. Where the transition
    is of first order the collapsed state becomes the global minimum only at
    :func:`global_collapse_threshold`, which is then larger.

    Examples
    --------
    >>> float(collapse_threshold(2.0, lam=1.0).round(12))
    1.833333333333
    """
    a, decay, r, e = parameters(unlimited=True, alpha=alpha, lam=lam, rho=rho, eta=eta)
    eigenvalue, _, _ = formulas.top_eigenvalue(a, r, e)
    return formulas.threshold(a, decay, eigenvalue)


@documented(unlimited=True)
def global_collapse_threshold(alpha: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0) -> Floats:
    """Return the least β at which the collapsed state is the global minimum; 0 if it is at every β.

    Equal to :func:`collapse_threshold` where the transition is continuous, larger where it is of first order.

    Examples
    --------
    >>> bool(global_collapse_threshold(0.7, lam=3.0) > collapse_threshold(0.7, lam=3.0) > 0)
    True
    """
    a, decay, r, e = parameters(unlimited=True, alpha=alpha, lam=lam, rho=rho, eta=eta)
    eigenvalue, _, _ = formulas.top_eigenvalue(a, r, e)
    return _global_threshold(a, decay, r, e, eigenvalue)[()]


def last_beta(alpha: Floats, lam: Floats, eigenvalue: Floats, exists: Callable[..., NDArray[np.bool_]]) -> Floats:
    """Return the largest β at which ``exists(alpha, beta, lam, eigenvalue)``, by bisection; β_c if none is above it.

    ``exists`` must be true on an interval that begins at β_c (or at 0) and ends by Λ.
    """
    low = np.maximum(formulas.threshold(alpha, lam, eigenvalue), 0.0)
    start, high = np.array(low), np.maximum(eigenvalue, low)
    for _ in range(_BISECTIONS):
        middle = low + (high - low) / 2
        found = exists(alpha, np.where(middle > 0, middle, eigenvalue), lam, eigenvalue)
        low, high = np.where(found, middle, low), np.where(found, high, middle)
    # If nothing exists above the local threshold, return that exactly.
    return np.where(low > start, high, start)


def _global_threshold(alpha: Floats, lam: Floats, rho: Floats, eta: Floats, eigenvalue: Floats) -> Floats:
    """The gain of the uncollapsed state falls monotonically with β; at the end of it ``solve`` is collapsed."""

    def uncollapsed(alpha: Floats, beta: Floats, lam: Floats, _: Floats) -> NDArray[np.bool_]:
        # As solve decides, to the last digit: a tie that is told otherwise elsewhere would not be a threshold.
        return evaluate("point", "numpy", [alpha, beta, lam, rho, eta, np.ones(())])[0] > 0

    return last_beta(alpha, lam, eigenvalue, uncollapsed)


@documented()
def plateau_end(beta: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0) -> Floats:
    r"""Return the least α beyond detection at which collapse is locally unstable, at given β.

    The least :math:`\alpha \ge \alpha_B = (\eta/\rho)^2` with β < β_c(α). With c = ρ+η and τ = η/ρ it is α_B or a
    root of :math:`c^2(\alpha+\tau)^2 = (\alpha+\lambda)(\beta c(\alpha+\tau)+\lambda)` at which collapse turns
    unstable; infinity if that never happens. Where it is the larger root it diverges as 1/(ρ+η−β). Learning from α_B
    on may be lost again and return at the larger root; with a first-order transition the global minimum learns earlier.

    Examples
    --------
    >>> plateau_end([1.0, 1.9, 2.1], lam=1.0).round(6)
    array([ 1.,  4., inf])
    """
    b, decay, r, e = parameters(beta=beta, lam=lam, rho=rho, eta=eta)
    second, first, constant = np.moveaxis(formulas.plateau_coefficients(b, decay, r, e), -1, 0)
    detect = formulas.detection_threshold(r, e)
    second = np.where(b == r + e, 0.0, second)  # what rounding may leave of it would be a root near 1e16
    at_once = (second * detect + first) * detect + constant > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.sqrt(first * first - 4 * second * constant)  # at the root where the quadratic rises
        root = np.where(first > 0, -2 * constant / (first + slope), (slope - first) / (2 * second))
    return np.where(at_once, detect, np.where((slope > 0) & (root >= detect), root, np.inf))[()]


@documented(unlimited=True)
def optimal_beta(alpha: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0) -> Floats:
    r"""Return the β whose global minimum recovers the signal best.

    The recovery error is :math:`(\sqrt Q - \sqrt{\rho o})^2 + \rho(1-o)`, so the best β puts Q at ρo: a root of the
    stationarity condition there. Of several such β, which share the error, the largest is returned (the least
    rate). Where no β reaches Q = ρo, the β of the nearest Q is searched for (to about 1e-8). Where nothing is better
    than collapse, as below the detection threshold, it is the least β that collapses the model (0 if all do).

    Tends to η as α → ∞ [IH, Sec. 6.3]; at λ = 0 it is Λ − ρo.

    Examples
    --------
    >>> float(optimal_beta(4.0, lam=0.0).round(12))
    1.9
    """
    given = parameters(unlimited=True, alpha=alpha, lam=lam, rho=rho, eta=eta)
    a, decay, r, e = (np.atleast_1d(p) for p in given)
    shape = np.broadcast_shapes(*[np.shape(p) for p in (alpha, lam, rho, eta)])
    eigenvalue, overlap, _ = formulas.top_eigenvalue(a, r, e)
    target = r * overlap
    best = np.full(a.shape, np.nan)
    on_signal = target > 0
    if on_signal.any():
        best[on_signal] = _reaching(*[p[on_signal] for p in (a, decay, r, e, eigenvalue, target)])
    missing = np.isnan(best) & on_signal
    if missing.any():
        best[missing] = _nearest(*[p[missing] for p in (a, decay, r, e, eigenvalue, target)])
    collapse = np.isnan(best)
    if collapse.any():
        best[collapse] = _global_threshold(*[p[collapse] for p in (a, decay, r, e, eigenvalue)])
    return best.reshape(shape)[()]


def _reaching(alpha: Floats, lam: Floats, rho: Floats, eta: Floats, eigenvalue: Floats, target: Floats) -> Floats:
    """The largest β whose global minimum has Q = target = ρo; NaN where there is none."""
    roots = _real_roots(formulas.optimal_beta_coefficients(alpha, lam, rho, eta, eigenvalue))
    a, decay, top, aim = (np.broadcast_to(p[..., None], roots.shape) for p in (alpha, lam, eigenvalue, target))
    found = minimise_potential(a, np.where(roots > 0, roots, 1.0), decay, top)
    attained = (roots > 0) & (np.abs(found - aim) <= _ATTAINED * aim)
    largest = np.where(attained, roots, -np.inf).max(axis=-1)
    return np.where(attained.any(axis=-1), largest, np.nan)


def _real_roots(coefficients: Floats) -> Floats:
    """Return the real roots (n, 5) of cubics (n, 4), some of them twice; NaN in place of what is none.

    Eigenvalues of the companion matrix are good to rounding of the largest one. Roots too small for that are those of
    the quadratic without the cube; Newton polishes all.
    """
    c2, c1, c0 = (coefficients[:, 1:] / coefficients[:, :1]).T[..., None]
    companion = np.zeros((len(c0), 3, 3))
    companion[:, 0] = -np.hstack([c2, c1, c0])
    companion[:, [1, 2], [0, 1]] = 1.0
    with np.errstate(all="ignore"):
        outer = -c1 - np.copysign(np.sqrt(np.maximum(c1 * c1 - 4 * c2 * c0, 0.0)), c1)
        x = np.hstack([np.linalg.eigvals(companion).real, outer / (2 * c2), 2 * c0 / outer])
        step = x
        for _ in range(_POLISH):
            step = (((x + c2) * x + c1) * x + c0) / ((3 * x + 2 * c2) * x + c1)
            x = x - step
        return np.where(np.abs(step) <= _SETTLED * np.abs(x), x, np.nan)


def _nearest(alpha: Floats, lam: Floats, rho: Floats, eta: Floats, eigenvalue: Floats, target: Floats) -> Floats:
    """The β whose Q comes nearest to the target, by a scan and a bracketed search; NaN if collapse is nearest."""
    upper = _global_threshold(alpha, lam, rho, eta, eigenvalue)
    usable = upper > 0
    best = np.full(alpha.shape, np.nan)
    if not usable.any():
        return best
    args = tuple(p[usable] for p in (alpha, lam, eigenvalue, target))

    # The part of the recovery error that β can change.
    def gap(position: Floats, a: Floats, decay: Floats, top: Floats, aim: Floats, end: Floats) -> Floats:
        return (np.sqrt(minimise_potential(a, end * np.exp(-position), decay, top)) - np.sqrt(aim)) ** 2

    ends = upper[usable] * (1 - 1e-12)
    positions = np.linspace(0.0, _SCAN_DEPTH, _SCAN)[:, None]
    values = gap(positions, *[np.broadcast_to(p, (_SCAN, *p.shape)) for p in (*args, ends)])
    index = values.argmin(axis=0)
    chosen = positions[index, 0]
    inner = (index > 0) & (index < _SCAN - 1)
    if inner.any():
        from scipy.optimize import elementwise  # slow to import, and seldom needed

        bracket = tuple(positions[index[inner] + shift, 0] for shift in (-1, 0, 1))
        found = elementwise.find_minimum(gap, bracket, args=tuple(p[inner] for p in (*args, ends)))
        chosen[inner] = found.x
    a, decay, top, aim = args
    least = gap(chosen, a, decay, top, aim, ends)
    best[usable] = np.where(least < args[3], ends * np.exp(-chosen), np.nan)
    return best
