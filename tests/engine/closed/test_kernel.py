"""The compiled averages of problems made of parabolas are those of the arrays, and so are the solutions."""

import numpy as np
import pytest
import sympy as sp

from vaesym.engine import solve_problem
from vaesym.engine.averages import Batch
from vaesym.engine.closed import rows
from vaesym.engine.lowered import equations_of
from vaesym.engine.plain.solve import System
from vaesym.problem import weight
from vaesym.problems import gaussian_mixture, ridge
from vaesym.problems import gaussian_mixture_classification as mixture

pytest.importorskip("numba")
SPARSE = {"alpha": 0.9, "noise": 0.2, "sparsity": 0.3, "amplitude": 1.2}
RIDGE = {"alpha": 1.3, "lam": 0.2, "signal": 0.7, "noise": 0.3}
CASES = {
    "lasso": ("lasso", {**SPARSE, "lam": 0.3}),
    "elastic_net": ("elastic_net", {**SPARSE, "lam_1": 0.3, "lam_2": 0.1}),
    "hinge": ("hinge", {"alpha": 1.7, "margin": 0.8, "lam": 0.2}),
    "clusters": (gaussian_mixture.but(loss=mixture.hinge), {"alpha": 2.5, "lam": 0.1, "separation": 1.2, "share": 0.3}),
    "no_negative": (ridge.but(penalty=sp.Piecewise((ridge.penalty, weight >= 0), (sp.oo, True))), RIDGE),
    "bounded": (ridge.but(penalty=sp.Piecewise((sp.oo, weight > 1), (ridge.penalty, True))), RIDGE),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_compiled_and_arrays_agree(name):
    from vaesym.engine.closed import kernel

    problem, given = CASES[name]
    equations = equations_of(problem)
    batch = Batch(equations, {limits.name: np.full(1, given[limits.name]) for limits in equations.parameters})
    assert batch.closed
    z, row = np.array([[0.3, 0.4, -0.2]]), rows.rows(batch)[0]
    f, j, system = np.empty(3), np.empty((3, 3)), System(batch)
    assert kernel.residual(z[0], row, f)
    kernel.jacobian(z[0], row, j)
    np.testing.assert_allclose(f, system.residual(z, np.arange(1))[0], rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(j, system.jacobian(z, np.arange(1))[0], rtol=1e-12, atol=1e-13)
    at = {**given, "alpha": np.geomspace(0.5, 5, 30)}
    plain, fast = (solve_problem(problem, backend=backend, **at) for backend in ("numpy", "numba"))
    assert (fast.status == 0).all()
    for field in plain.data_vars:
        if field != "residual":
            np.testing.assert_allclose(fast[field], plain[field], rtol=1e-11, atol=1e-13)
