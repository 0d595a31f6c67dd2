"""The problem on which published code is timed is the one it solves, and a folder without that code is refused."""

import numpy as np
import pytest
from scipy.special import erfc, expit

from vaesym import InputError, solve_problem
from validation.benchmarks.problems import _PROBIT, probit_teacher, published


def test_the_problem_in_common_is_that_of_a_noisy_sign():
    """Damped iteration with sums over a fine grid of the field, as that code writes the equations."""
    x, (q, m, chi), alpha, lam, noise = np.linspace(-10, 10, 2001), (1.0, 0.5, 1.0), 2.0, _PROBIT["lam"], 0.5
    weight = np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi) * (x[1] - x[0])
    for _ in range(300):
        u, share = np.sqrt(q) * x, m**2 / q
        for _ in range(60):  # The minimum for y = 1, by Newton.
            u = u - (u - np.sqrt(q) * x - chi * expit(-u)) / (1 + chi * expit(u) * expit(-u))
        slope, stiff = expit(-u), expit(u) * expit(-u)
        chance = erfc(-np.sqrt(share) * x / np.sqrt(2 * (1 - share + noise))) / 2
        density = np.exp(-share * x**2 / 2 / (1 - share + noise)) / np.sqrt(2 * np.pi * (1 - share + noise))
        drive = 2 * alpha * (weight * density * slope).sum()
        spread, force = (2 * alpha * (weight * chance * part).sum() for part in (slope**2, stiff / (1 + chi * stiff)))
        new = (drive**2 + spread) / (lam + force) ** 2, drive / (lam + force), 1 / (lam + force)
        q, m, chi = ((a + b) / 2 for a, b in zip((q, m, chi), new, strict=True))
    states = solve_problem(probit_teacher(), alpha=alpha, **_PROBIT)
    np.testing.assert_allclose([states.Q, states.m, states.chi], [q, m, chi], atol=1e-9)


def test_a_folder_without_the_code_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected a checkout of mvilucchio/linear-regression; received"):
        published(tmp_path, np.array([1.0]))
