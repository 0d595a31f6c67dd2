"""By torch runs are the same as by NumPy."""

import numpy as np
import pytest

from vaesym.engine import simulate
from vaesym.engine.experiment.products import ByNumpy, ByTorch
from vaesym.inputs import InputError

pytest.importorskip("torch")


@pytest.mark.parametrize(("problem", "given"), [
    ("ridge", {"lam": 0.3, "signal": 1.0, "noise": 0.25}),
    ("lasso", {"lam": 0.3, "noise": 0.1, "sparsity": 0.2, "amplitude": 1.0}),
    ("linear_vae", {"beta": 0.5, "lam": 0.5, "rho": 1.5, "eta": 1.0}),
    ("gaussian_mixture_bias", {"lam": 0.4, "separation": 1.5, "share": 0.2}),
    ("softmax", {"lam": 0.3, "separation": 1.5})])
def test_runs_are_the_same(problem, given):
    plain, other = (simulate(problem, 60, 2, alpha=[0.7, 2.0], device=device, **given) for device in (None, "cpu"))
    assert bool(plain.converged.all())
    assert bool(other.converged.all())
    for name in set(plain.data_vars) - {"residual", "converged"}:
        np.testing.assert_allclose(other[name], plain[name], rtol=1e-5, atol=1e-6, err_msg=name)


def test_each_product():
    rng = np.random.default_rng(0)
    a, v, u, weights = (rng.standard_normal(shape) for shape in ((3, 7, 4), (3, 4, 2), (3, 7), (3, 7)))
    b, turned = rng.standard_normal((3, 7, 2)), a.swapaxes(1, 2)
    for products in (ByNumpy(), ByTorch("cpu")):
        held, other = products.hold(a), products.hold(b)
        np.testing.assert_allclose(products.times(held, v), a @ v, rtol=1e-13)
        np.testing.assert_allclose(products.times(held, v[..., 0]), (a @ v)[..., 0], rtol=1e-13)
        np.testing.assert_allclose(products.back(held, u), np.einsum("rpn,rp->rn", a, u), rtol=1e-13)
        np.testing.assert_allclose(products.some(products.gram(held), np.array([True, False, True])),
                                   (turned @ a)[[0, 2]], rtol=1e-13)
        blocks = [[products.gram(held, np.abs(weights)), products.gram(held, weights, other)], [products.gram(other)]]
        cross = turned @ (weights[..., None] * b)
        whole = np.block([[turned @ (np.abs(weights)[..., None] * a), cross],
                          [cross.swapaxes(1, 2), b.swapaxes(1, 2) @ b]]) + 9 * np.eye(6)
        factor, positive = products.factor(blocks, np.full((3, 6), 9.0))
        assert positive.all()
        right = rng.standard_normal((3, 6))
        np.testing.assert_allclose(products.solve(factor, right), np.linalg.solve(whole, right[..., None])[..., 0],
                                   rtol=1e-11)
        diagonal = np.full((3, 4), 1.0)
        diagonal[1], diagonal[2, 0] = -100.0, np.nan
        assert products.factor([[products.gram(held)]], diagonal)[1].tolist() == [True, False, False]


def test_a_device_that_is_not_there_is_refused():
    with pytest.raises(InputError, match="a device of this machine"):
        simulate("ridge", 20, 1, alpha=1.0, lam=0.3, signal=1.0, noise=0.1, device="nothing")
