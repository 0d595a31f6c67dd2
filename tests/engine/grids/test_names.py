"""Names that are known before any work are those that solutions and simulations have."""

import pytest

from vaesym import simulate, solve_problem
from vaesym.engine.grids.names import measured_names, names_of
from vaesym.engine.lowered import equations_of
from vaesym.problem.problem import chi
from vaesym.problems import ridge

GIVEN = {
    "lasso": {"lam": 0.3, "noise": 0.1, "sparsity": 0.2, "amplitude": 1.0},
    "logistic": {"lam": 0.3, "signal": 1.0},
    "gaussian_mixture_bias": {"lam": 0.4, "separation": 1.5, "share": 0.4},
    "multi_output_ridge": {"lam": 0.3, "signal": 1.2, "noise": 0.4},
    "pca": {"rho": 1.0, "eta": 1.0},
    "linear_vae": {"beta": 0.5, "lam": 0.3, "rho": 1.0, "eta": 1.0},
}


@pytest.mark.parametrize("problem", [*GIVEN, ridge.but(observables={"freedom": chi})],
                         ids=lambda problem: getattr(problem, "name", problem))
def test_they_are_the_names(problem):
    given = {"alpha": 2.0} | (GIVEN[problem] if isinstance(problem, str) else {"lam": 0.3, "signal": 1.0, "noise": 0.1})
    equations = equations_of(problem)
    assert set(names_of(equations)) == {*solve_problem(problem, **given).data_vars}
    runs = simulate(problem, 12, 1, **given)
    assert set(measured_names(equations)) == {*runs.data_vars} - {"residual", "converged"}
