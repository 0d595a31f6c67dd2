"""The committed generated source is what the derivation lowers to, on every backend."""

import functools

import mpmath
import numpy as np
import pytest

from vaesym.codegen import NumericFunction
from vaesym.generated import for_arrays
from vaesym.linear_vae.program import generate

#: One process makes what these tests share.
pytestmark = pytest.mark.xdist_group("generated")

#: As they are committed: the derivation, which takes seconds, is compared with these and not run to collect the tests.
NAMES = list(for_arrays.SHAPES)


def shipped(name, backend):
    if backend == "torch":
        pytest.importorskip("torch")
    return NumericFunction.from_module(for_arrays, name, backend)


@pytest.fixture(scope="module", autouse=True)
def generated_once():
    """To write a backend takes seconds, and the tests ask for each several times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generate, "generate", functools.cache(generate.generate))
        yield


@pytest.mark.parametrize("backend", generate.SHIPPED)
def test_committed_source_is_current(backend, request):
    if request.config.getoption("--update"):
        generate.path_of(backend).write_text(generate.generate(backend), encoding="utf-8")
    changes = generate.difference(backend)
    assert not changes, "run `python -m vaesym.linear_vae.program.generate`; the committed module differs:\n" + changes


def test_the_command_checks_and_writes(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    for option, code in (("--help", 0), ("--chek", 2)):
        with pytest.raises(SystemExit, match=f"^{code}$"):
            generate.main([option])
    assert not list(tmp_path.iterdir())
    assert generate.main(["--check"]) == 1
    assert "+def free_energy" in capsys.readouterr().out
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {generate.path_of(b).name for b in generate.SHIPPED}


def coverage_points(function, count=20):
    """Points at which every shipped function is defined: χ ≻ 0, α above detection, overlaps in (0, 1)."""
    rng = np.random.default_rng(7)
    ranges = {"alpha": (3.0, 20.0), "rho": (1.0, 3.0), "eta": (0.3, 1.0), "overlap": (0.1, 0.9),
              "m": (-1.0, 1.0), "d": (-1.0, 1.0), "R": (-1.0, 1.0), "chi_kh": (-0.2, 0.2),
              "chi_kk": (0.5, 2.0), "chi_hh": (0.5, 2.0)}
    return {name: rng.uniform(*ranges.get(name, (0.1, 3.0)), count) for name in function.arguments}


@pytest.mark.parametrize("name", NAMES)
def test_numpy_agrees_with_fifty_digits(name):
    function = shipped(name, "numpy")
    exact = shipped(name, "mpmath")
    points = coverage_points(function)
    values = function(**points).reshape(20, -1)
    with mpmath.workdps(50):
        for i in range(20):
            result = exact(*[mpmath.mpf(float(points[a][i])) for a in function.arguments])
            flat = list(result) if isinstance(result, mpmath.matrix) else [result]
            wanted = np.array([float(v) for v in flat])
            np.testing.assert_allclose(values[i], wanted, rtol=1e-11, atol=1e-12 * max(1, np.abs(wanted).max()))


@pytest.mark.parametrize("name", NAMES)
def test_torch_agrees_with_numpy_and_is_differentiable(name):
    torch = pytest.importorskip("torch")
    function = shipped(name, "numpy")
    tensor = shipped(name, "torch")
    points = coverage_points(function)
    values = function(**points)
    given = {a: torch.tensor(p, dtype=torch.float64, requires_grad=True) for a, p in points.items()}
    result = tensor(**given)
    np.testing.assert_allclose(result.detach().numpy(), values, rtol=1e-12, atol=1e-12)
    result.sum().backward()
    assert all(p.grad is None or torch.isfinite(p.grad).all() for p in given.values())
    # Every derivative against a central difference of the NumPy function.
    step = 1e-6
    for argument, tensor_argument in given.items():
        up, down = ({**points, argument: points[argument] + s} for s in (step, -step))
        difference = (function(**up) - function(**down)).reshape(20, -1).sum(axis=1) / (2 * step)
        slope = np.zeros(20) if tensor_argument.grad is None else tensor_argument.grad.numpy()
        np.testing.assert_allclose(slope, difference, rtol=1e-5, atol=2e-6)


def test_the_gradient_is_that_of_the_free_energy():
    torch = pytest.importorskip("torch")
    energy = shipped("free_energy", "torch")
    gradient = shipped("stationarity", "numpy")
    hessian = shipped("stationarity_jacobian", "numpy")
    points = coverage_points(energy, 5)
    order = energy.arguments[5:]
    given = {a: torch.tensor(p, dtype=torch.float64, requires_grad=True) for a, p in points.items()}
    first = torch.autograd.grad(energy(**given).sum(), [given[a] for a in order], create_graph=True)
    np.testing.assert_allclose(np.stack([g.detach().numpy() for g in first], -1), gradient(**points), rtol=1e-10)
    rows = [torch.autograd.grad(g.sum(), [given[a] for a in order], retain_graph=True, allow_unused=True)
            for g in first]
    second = np.stack([np.stack([np.zeros(5) if r is None else r.numpy() for r in row], -1) for row in rows], 1)
    np.testing.assert_allclose(second, hessian(**points), rtol=1e-9, atol=1e-10)
