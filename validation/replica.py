"""Replica = random matrix: Newton on the nine equations against the closed form, at random points."""

from __future__ import annotations

import numpy as np

import vaesym
from vaesym.solvers import Status
from validation.result import CheckResult

_FIELDS = ("Q", "E", "R", "m", "d", "D", "free_energy")


def replica_against_random_matrix(points: int = 10_000, seed: int = 0) -> CheckResult:
    """Compare the least stationary point of the replica equations with the exact solution.

    α is log-uniform in [0.05, 50]; β in [0.05, 3], λ in [0.01, 2], ρ and η in [0.2, 3] are uniform. The worst
    absolute difference over Q, E, R, m, d, D and f must be below 1e-9, with less than one point in 1,000 flagged.

    >>> replica_against_random_matrix(50).passed
    True
    """
    rng = np.random.default_rng(seed)
    alpha = np.exp(rng.uniform(np.log(0.05), np.log(50), points))
    beta, lam, rho, eta = (rng.uniform(*r, points) for r in ((0.05, 3), (0.01, 2), (0.2, 3), (0.2, 3)))
    found = vaesym.saddle_points(alpha, beta, lam=lam, rho=rho, eta=eta)
    closed = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    good = (found.status[:, 0] == Status.CONVERGED) & found.complete
    gaps = [np.abs(getattr(found, name)[good, 0] - getattr(closed, name)[good]).max(initial=0.0) for name in _FIELDS]
    flagged = float((~good).mean())
    worst = float(np.max(gaps)) if flagged < 1e-3 else np.inf
    return CheckResult("replica = random matrix", points, worst, 1e-9, "largest difference",
                       {"flagged": flagged * points, "largest residual": float(np.nanmax(found.residual))})
