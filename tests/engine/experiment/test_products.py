"""By torch runs are the same as by NumPy."""

import numpy as np
import pytest
from scipy.linalg import LinAlgError

from vaesym.engine import simulate
from vaesym.engine.experiment.products import ByNumpy, ByTorch
from vaesym.inputs import InputError

pytest.importorskip("torch")


@pytest.mark.parametrize(("problem", "given"), [
    ("ridge", {"lam": 0.3, "signal": 1.0, "noise": 0.25}),
    ("lasso", {"lam": 0.3, "noise": 0.1, "sparsity": 0.2, "amplitude": 1.0}),
    ("linear_vae", {"beta": 0.5, "lam": 0.5, "rho": 1.5, "eta": 1.0})])
def test_runs_are_the_same(problem, given):
    plain, other = (simulate(problem, 60, 2, alpha=[0.7, 2.0], device=device, **given) for device in (None, "cpu"))
    assert bool(plain.converged.all())
    assert bool(other.converged.all())
    for name in set(plain.data_vars) - {"residual", "converged"}:
        np.testing.assert_allclose(other[name], plain[name], rtol=1e-5, atol=1e-6, err_msg=name)


def test_each_product():
    rng = np.random.default_rng(0)
    a, v, u, weights = rng.standard_normal((7, 4)), rng.standard_normal((4, 2)), rng.standard_normal(7), rng.random(7)
    for products in (ByNumpy(), ByTorch("cpu")):
        held = products.hold(a)
        np.testing.assert_allclose(products.times(held, v), a @ v, rtol=1e-13)
        np.testing.assert_allclose(products.back(held, u), a.T @ u, rtol=1e-13)
        factor = products.factor(products.gram(held, weights), np.full(4, 0.5))
        exact = np.linalg.solve(a.T @ np.diag(weights) @ a + 0.5 * np.eye(4), v[:, 0])
        np.testing.assert_allclose(products.solve(factor, v[:, 0]), exact, rtol=1e-12)
        with pytest.raises(LinAlgError):
            products.factor(products.gram(held), np.full(4, -100.0))


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="a device of this machine"):
        simulate("ridge", 20, 1, alpha=1.0, lam=0.3, signal=1.0, noise=0.1, device="nothing")
