"""Folds and simple branch points of F(x, p) = 0, and the two curves through a branch point.

A point is z = (x, p), a row of n + 1 numbers; DF = (F_x, F_p) is the n × (n+1) matrix of derivatives. The methods are
those of H. B. Keller, in "Applications of Bifurcation Theory" (1977), and W. Govaerts, "Numerical Methods for
Bifurcations of Dynamical Equilibria" (2000).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vaesym.inputs import Floats
from vaesym.solvers.newton import NewtonResult, NewtonSettings, newton

#: Step of the central differences of DF, relative to 1 + |z|.
_DIFFERENCE = 1e-5
#: Second-derivative forms whose discriminant is below this fraction of their size have no two real directions.
_TIE = 1e-9


@dataclass(frozen=True)
class Family:
    """A smooth map F(x, p) from R^n × R to R^n with its derivatives.

    Attributes
    ----------
    residual : F, from x (n,) and a number p to (n,)
    jacobian : F_x, from the same to (n, n)
    derivative : F_p, from the same to (n,)
    feasible : whether a point is allowed; None allows all
    """

    residual: Callable[[Floats, float], Floats]
    jacobian: Callable[[Floats, float], Floats]
    derivative: Callable[[Floats, float], Floats]
    feasible: Callable[[Floats, float], bool] | None = None


def full_derivative(family: Family, z: Floats) -> Floats:
    """Return DF = (F_x, F_p) at z (n+1,), an n × (n+1) matrix."""
    x, p = z[:-1], float(z[-1])
    return np.column_stack([family.jacobian(x, p), family.derivative(x, p)])


def null_vector(matrix: Floats, along: Floats) -> Floats:
    """Return the unit vector that spans the null space of ``matrix`` (n, n+1), not against ``along`` (n+1,).

    >>> null_vector(np.array([[1.0, 1.0]]), np.array([0.0, 1.0])).round(6)
    array([-0.707107,  0.707107])
    """
    vector = np.linalg.svd(matrix)[2][-1]
    return -vector if vector @ along < 0 else vector


def correct(family: Family, guess: Floats, normal: Floats, tolerance: float) -> tuple[Floats, int] | None:
    """Return the zero of F in the hyperplane through ``guess`` (n+1,) across ``normal``, and Newton's iterations.

    None where Newton does not converge in ten iterations.
    """
    allowed = family.feasible
    found = _newton_one(
        lambda z: np.append(family.residual(z[:-1], float(z[-1])), normal @ (z - guess)),
        lambda z: np.vstack([full_derivative(family, z), normal]),
        guess, NewtonSettings(tolerance, max_iterations=10, halvings=3),
        None if allowed is None else lambda z: allowed(z[:-1], float(z[-1])))
    return (found.value[0], int(found.iterations[0])) if found.converged[0] else None


def _newton_one(residual: Callable[[Floats], Floats], jacobian: Callable[[Floats], Floats], start: Floats,
                settings: NewtonSettings, feasible: Callable[[Floats], bool] | None = None) -> NewtonResult:
    """Run the batched solver on one system."""
    size = len(start)

    def each(function: Callable[[Floats], Floats], z: Floats, shape: tuple[int, ...]) -> Floats:
        return np.array([function(row) for row in z]).reshape(len(z), *shape)

    with np.errstate(all="ignore"):  # trial points may leave the domain of F; what is not finite is rejected
        return newton(
            lambda z, rows: each(residual, z, (size,)), lambda z, rows: each(jacobian, z, (size, size)), start[None],
            feasible=None if feasible is None else lambda z, rows: np.array([feasible(row) for row in z], dtype=bool),
            settings=settings)


def refine_fold(family: Family, start: Floats, end: Floats, tangents: tuple[Floats, Floats],
                tolerance: float) -> tuple[Floats, Floats] | None:
    """Return the point between ``start`` and ``end`` (n+1,) where dp/ds = 0, and its tangent.

    ``tangents`` belong to the ends, and their components along p differ in sign. None where Newton fails on the way.
    """
    from scipy.optimize import brentq  # slow to import, and seldom needed

    chord = end - start

    def at(fraction: float) -> tuple[Floats, Floats]:
        found = correct(family, start + fraction * chord, tangents[0], tolerance)
        if found is None:
            raise ArithmeticError
        return found[0], null_vector(full_derivative(family, found[0]), tangents[0])

    def slope(fraction: float) -> float:
        return float(tangents[int(fraction)][-1] if fraction in (0.0, 1.0) else at(fraction)[1][-1])

    try:
        # By what is inferred of SciPy, brentq may return a pair, and takes as rtol only float64: neither is so.
        return at(float(brentq(slope, 0.0, 1.0, xtol=1e-15, rtol=1e-15)))  # type: ignore[arg-type]
    except ArithmeticError:
        return None


def refine_branch(family: Family, guess: Floats, tolerance: float) -> Floats | None:
    """Return the simple branch point (n+1,) near ``guess``, to full precision; None where Newton fails.

    Solves F + μψ = 0, ψᵀDF = 0, |ψ| = 1 for (z, μ, ψ), a system that is regular where two curves cross.
    """
    n = len(guess) - 1

    def parts(w: Floats) -> tuple[Floats, float, Floats]:
        return w[:n + 1], float(w[n + 1]), w[n + 2:]

    def residual(w: Floats) -> Floats:
        z, mu, psi = parts(w)
        value = family.residual(z[:-1], float(z[-1])) + mu * psi
        return np.concatenate([value, psi @ full_derivative(family, z), [psi @ psi - 1]])

    def jacobian(w: Floats) -> Floats:
        z, mu, psi = parts(w)
        matrix, zeros = full_derivative(family, z), np.zeros((n + 1, 1))
        return np.block([[matrix, psi[:, None], mu * np.eye(n)],
                         [_curvature(family, z, psi), zeros, matrix.T],
                         [np.zeros((1, n + 2)), 2 * psi[None]]])

    psi = np.linalg.svd(full_derivative(family, guess))[0][:, -1]
    start = np.concatenate([guess, [0.0], psi])
    result = _newton_one(residual, jacobian, start, NewtonSettings(tolerance, max_iterations=30, halvings=8))
    inside = result.converged[0] and abs(result.value[0, n + 1]) < 1e-6
    return result.value[0, :n + 1] if inside else None


def _curvature(family: Family, z: Floats, psi: Floats) -> Floats:
    """Return the matrix (n+1, n+1) of second derivatives of ψᵀF, by central differences of DF."""
    rows: list[Floats] = []
    for direction in np.eye(len(z)):
        step = _DIFFERENCE * (1 + np.abs(z @ direction))
        ahead, behind = (full_derivative(family, z + side * step * direction) for side in (1, -1))
        rows.append(psi @ (ahead - behind) / (2 * step))
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2


def crossing_tangents(family: Family, z: Floats, along: Floats) -> tuple[Floats, Floats] | None:
    """Return the unit tangents (n+1,) of both curves through the branch point ``z``, the one nearest ``along`` first.

    They solve the algebraic branching equation: tᵀ(ψᵀF)''t = 0 for t in the null space of DF. None where it has no two
    real solutions (an isolated point, or a tangency of higher order).

    >>> pitchfork = Family(lambda x, p: x**3 - p * x, lambda x, p: np.diag(3 * x**2 - p), lambda x, p: -x)
    >>> _, other = crossing_tangents(pitchfork, np.zeros(2), np.array([0.0, 1.0]))
    >>> np.abs(other).round(6)
    array([1., 0.])
    """
    left, _, right = np.linalg.svd(full_derivative(family, z))
    plane = right[-2:]
    a, b, _, c = (plane @ _curvature(family, z, left[:, -1]) @ plane.T).ravel()
    root, size = b * b - a * c, max(abs(a), abs(b), abs(c))
    if not root > _TIE * size * size:
        return None
    # a ξ² + 2b ξη + c η² = 0, without cancellation: the roots are (q : a) and (c : q).
    q = -(b + np.copysign(np.sqrt(root), b))
    pair = [np.array(v) @ plane / np.hypot(*v) for v in ((q, a), (c, q))]
    pair.sort(key=lambda v: -abs(float(v @ along)))
    first, second = pair
    return (-first if first @ along < 0 else first), second
