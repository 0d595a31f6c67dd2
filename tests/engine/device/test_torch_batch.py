"""By torch the numbers are those of NumPy up to rounding, whatever is averaged and however."""

import sys

import numpy as np
import pytest
import sympy as sp

from vaesym.engine import solve_problem
from vaesym.engine.averages import Accuracy, Batch
from vaesym.engine.lowered import equations_of
from vaesym.inputs import InputError
from vaesym.problem import ClusterLabel, Data, Parameter, Planted, binary, field, teacher, weight
from vaesym.problems import gaussian_mixture, logistic

pytest.importorskip("torch")
from vaesym.engine.device.arrays import TorchArray
from vaesym.engine.device.batch import TorchBatch

lam = sp.Symbol("lam", positive=True)
DECAY = (Parameter(lam, "weight decay"),)
WIDTHS = sp.symbols("width_1 width_2", positive=True)
POINTS = {
    "ridge": {"alpha": (0.2, 5), "lam": (0.01, 1), "signal": (0.5, 2), "noise": (0.01, 1)},
    "lasso": {"alpha": (0.3, 5), "lam": (0.05, 1), "noise": (0.01, 0.5), "sparsity": (0.05, 0.5), "amplitude": (1, 2)},
    "logistic": {"alpha": (0.5, 8), "signal": (0.5, 5), "lam": (0.01, 1)},
    "hinge": {"alpha": (0.3, 3), "margin": (0, 1), "lam": (0.05, 1)},
    "gaussian_mixture": {"alpha": (0.5, 5), "lam": (0.05, 1), "separation": (0.5, 2), "share": (0.2, 0.8)}}
#: Labels by a step, kinks beside a smooth law of the label, a smooth penalty with panels, and rows of unlike width.
STATED = {
    "step": logistic.but(data=Data(binary(sp.Heaviside(teacher))), parameters=DECAY),
    "kinks": logistic.but(loss=sp.Max(0, 1 - field), data=Data(binary(1 / (1 + sp.exp(-teacher))))),
    "penalty": logistic.but(penalty=lam * sp.sqrt(1 + weight**2)),
    "widths": gaussian_mixture.but(
        data=Data(ClusterLabel(sp.Rational(2, 5)), Planted(((sp.Rational(1, 3), 1, 2), (sp.Rational(2, 3), 0, 0)),
                                                           WIDTHS), signal=2),
        parameters=(*DECAY, *[Parameter(width, "width") for width in WIDTHS]))}


@pytest.mark.parametrize("name", POINTS)
def test_states_at_random_points(name):
    draw = np.random.default_rng(7)
    given = {key: draw.uniform(*ends, 3 if key == "lam" else 4 if key == "alpha" else None)
             for key, ends in POINTS[name].items()}
    plain, other = (solve_problem(name, backend=backend, derivatives=["alpha"], **given)
                    for backend in ("numpy", "torch:cpu"))
    np.testing.assert_array_equal(other.status, plain.status)
    assert (plain.status == 0).all()
    assert not other.identical(plain)  # another order of sums: torch did compute
    for field_name in set(plain.data_vars) - {"residual"}:
        np.testing.assert_allclose(other[field_name], plain[field_name], rtol=1e-10, atol=1e-10, err_msg=field_name)


@pytest.mark.parametrize("accuracy", [Accuracy(8, 26, 52), Accuracy(), Accuracy(steep=8)])
@pytest.mark.parametrize("problem", [*POINTS, *STATED])
def test_averages(problem, accuracy):
    draw = np.random.default_rng(3)
    equations = equations_of(STATED.get(problem, problem))
    given = {limits.name: draw.uniform(0.3, 0.9, 70) for limits in equations.parameters}
    plain, other = Batch(equations, given, accuracy), TorchBatch(equations, given, accuracy, device="cpu")
    state = draw.uniform(0.3, 1.5, (70, 3))
    with np.errstate(all="ignore"):
        hats = plain.energy(state).value
        pairs = [(b.energy(state), b.site(hats, b.reference(state))) for b in (plain, other)]
        for first, second in zip(*pairs, strict=True):
            np.testing.assert_allclose(second.value, first.value, rtol=1e-11, atol=1e-12)
            np.testing.assert_allclose(second.slope, first.slope, rtol=1e-10, atol=1e-11)
            for name, value in first.more.items():
                np.testing.assert_allclose(second.more[name], value, rtol=1e-11, atol=1e-12, err_msg=name)
        if not plain.linear:
            np.testing.assert_allclose(other.rows(np.arange(9)).misfit(state[:9]), plain.misfit(state)[:9], rtol=1e-11)


def test_numbers_are_doubles_and_stay_on_the_device():
    x = TorchArray.put(np.broadcast_to(np.array([[0.1], [0.7]]), (2, 3)), "cpu")
    truth = x > 0.5
    for found in (truth * 1.0, np.where(truth, 1.0, -1.0), 1 / x, np.asarray(1, like=x), np.arange(3) * x, x**2,
                  np.full_like(x, np.inf), np.minimum(0, x), np.select([truth, True], [x, 0])):
        assert (str(found.tensor.dtype), found.tensor.device.type) == ("torch.float64", "cpu")
    np.testing.assert_array_equal(x[:, ::-1].numpy(), x.numpy()[:, ::-1])
    with pytest.raises(InputError, match=r"\.numpy\(\)"):
        np.array(x)


@pytest.mark.parametrize(("problem", "backend", "words"), [
    ("pca", "torch", "pca; solve it with backend='numpy'"), ("softmax", "torch:cpu", "softmax; solve it"),
    ("ridge", "torch:nothing", "a device of this machine"), ("ridge", "numba:cpu", "a backend of"),
    (logistic.but(penalty=lam * weight * sp.atanh(weight / 2)), "torch", "arctanh; solve it")])
def test_refused(problem, backend, words):
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        solve_problem(problem, backend=backend, **{
            limits.name: 1.0 for limits in equations_of(problem).parameters})


def test_without_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(InputError, match=r"pip install 'vaesym\[torch\]'"):
        solve_problem("ridge", backend="torch", alpha=1.0, lam=0.1, signal=1.0, noise=0.1)
