"""One program on every backend: the same points, the same numbers, the same derivatives."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest

import vaesym
from vaesym.codegen import Program, Repeat, lower
from vaesym.linear_vae.point.derivatives import derivatives
from vaesym.linear_vae.point.evaluation import DIFFERENTIABLE, FIELDS
from vaesym.linear_vae.program import generate, solution
from vaesym.linear_vae.statement.symbols import alpha, beta, eigenvalue, lam

ARGUMENTS = ("alpha", "beta", "lam", "rho", "eta", "decoder_variance")


def coverage(count=400, seed=0):
    """Points over the whole domain, at λ = 0, on unlimited data, and close to each critical line, on both sides."""
    rng = np.random.default_rng(seed)

    def spread(low, high):
        return 10 ** rng.uniform(np.log10(low), np.log10(high), count)

    alpha, beta, lam = spread(1e-6, 1e8), spread(1e-8, 1e4), spread(1e-10, 1e4)
    rho, eta, variance = spread(1e-4, 1e4), spread(1e-4, 1e4), spread(1e-2, 1e2)
    lam[::5], alpha[::17] = 0.0, np.inf
    # Collapse within 1e-2 … 1e-5, so that what rounding does to the distance stays below 1e-9.
    near = slice(1, None, 3)
    alpha[near], rho[near], eta[near] = (np.clip(p[near], 1e-2, 1e2) for p in (alpha, rho, eta))
    lam[near] = np.clip(lam[near], 0, 0.1 * np.where(np.isinf(alpha[near]), 1, alpha[near]))
    variance[near] = 1.0
    threshold = vaesym.collapse_threshold(alpha[near], lam=lam[near], rho=rho[near], eta=eta[near])
    hair = 10 ** rng.uniform(-5, -2, threshold.shape) * rng.choice([-1, 1], threshold.shape)
    beta[near] = np.where(threshold > 0, threshold * (1 + hair), beta[near])
    return dict(zip(ARGUMENTS, (alpha, beta, lam, rho, eta, variance), strict=True))


def solved(points, backend):
    solution = vaesym.solve(**points, backend=backend)
    return {name: np.asarray(getattr(solution, name)) for name in FIELDS}


def compare(found, expected, tolerance):
    for name, value in expected.items():
        size = np.abs(np.where(np.isfinite(value), value, 0.0))
        np.testing.assert_allclose(found[name], value, rtol=tolerance, atol=1e-300, err_msg=name)
        assert size.max() > 0, name


def test_the_coverage_points_cover():
    solution = solved(coverage(), "numpy")
    assert set(solution["phase"]) == {0, 1, 2}
    assert np.bincount(solution["phase"]).min() > 40


@pytest.mark.parametrize("backend", ["numba", "torch"])
def test_arrays(backend):
    pytest.importorskip(backend)
    points = coverage(2000)
    given = points
    if backend == "torch":
        import torch

        given = {name: torch.from_numpy(value) for name, value in points.items()}
    compare(solved(given, backend), solved(points, "numpy"), 1e-8)


def test_backends_agree_to_the_last_digits_away_from_critical_lines():
    pytest.importorskip("numba")
    rng = np.random.default_rng(3)
    points = {"alpha": rng.uniform(2, 20, 3000), "beta": rng.uniform(0.1, 0.8, 3000), "lam": rng.uniform(0, 0.3, 3000)}
    compare(solved(points, "numba"), solved(points, "numpy"), 2e-13)


def test_numpy_agrees_with_fifty_digits_of_mpmath():
    points = coverage(300, seed=1)
    with mpmath.workdps(50):
        exact = vaesym.solve(**{n: [mpmath.mpf(float(v)) for v in p] for n, p in points.items()}, backend="mpmath")
    found = solved(points, "numpy")
    for name in FIELDS:
        expected = np.array([float(v) for v in getattr(exact, name)])
        if name == "free_energy":
            expected = np.where(np.isinf(points["alpha"]), np.where(found["Q"] > 0, -np.inf, 0.0), expected)
        np.testing.assert_allclose(found[name], expected, rtol=1e-8, atol=1e-300, err_msg=name)
    assert isinstance(exact.Q[0], mpmath.mpf)


def test_javascript_agrees_with_numpy(run_javascript):
    points = {name: np.where(np.isinf(value), 1e300, value) for name, value in coverage(200, seed=2).items()}
    source = generate.path_of("javascript").read_text(encoding="utf-8")
    rows = run_javascript(source, "point", np.stack(list(points.values()), axis=1))
    from vaesym.linear_vae.point.evaluation import evaluate

    expected = evaluate("point", "numpy", list(points.values()))
    np.testing.assert_allclose(rows, expected.T, rtol=1e-8, atol=1e-300)


@pytest.mark.parametrize("values", [
    (4.0, 0.7, 0.3, 1.2, 0.8), (0.4, 0.5, 0.1, 1.0, 1.0), (2.0, 9.0, 0.1, 1.0, 1.0), (3.0, 0.4, 0.0, 0.9, 1.1),
    (0.7, 0.03, 3.0, 1.0, 1.0)])
def test_derivatives_against_differences_of_forty_digits(values):
    """Learning, overfitting, collapsed, no weight decay, first order: all 84, of every backend, to 1e-11."""
    given = dict(zip(ARGUMENTS, (*values, 0.8), strict=True))
    found = derivatives(**given)
    assert len(found) == len(DIFFERENTIABLE) * len(ARGUMENTS)
    with mpmath.workdps(40):
        step = mpmath.mpf(10) ** -13
        for name in ARGUMENTS:
            if given[name] == 0:
                continue  # there is no difference on both sides; the other cases cover it
            sides = [vaesym.solve(**{**given, name: mpmath.mpf(given[name]) + s}, backend="mpmath")
                     for s in (step, -step)]
            for field in DIFFERENTIABLE:
                difference = (getattr(sides[0], field) - getattr(sides[1], field)) / (2 * step)
                value = found[f"d{field}_D_{name}"]
                assert float(value) == pytest.approx(float(difference), rel=1e-11, abs=1e-13), (field, name)


@pytest.mark.parametrize("backend", ["numba", "torch", "mpmath"])
def test_generated_derivatives_agree(backend):
    if backend != "mpmath":
        pytest.importorskip(backend)
    rng = np.random.default_rng(6)
    given = {"alpha": rng.uniform(0.3, 9, 20), "beta": rng.uniform(0.1, 3, 20), "lam": rng.uniform(0, 0.5, 20)}
    expected = derivatives(**given)
    found = derivatives(**given, backend=backend)
    for name, value in expected.items():
        np.testing.assert_allclose(np.asarray(found[name], dtype=float), value, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_autograd_agrees_with_the_generated_derivatives(dtype):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(7)
    count = 60
    values = {"alpha": rng.uniform(0.2, 9, count), "beta": rng.uniform(0.1, 3, count),
              "lam": rng.uniform(0.01, 0.5, count), "rho": rng.uniform(0.5, 2, count),
              "eta": rng.uniform(0.5, 2, count), "decoder_variance": rng.uniform(0.5, 2, count)}
    if dtype == "float32":
        values = {name: value.astype(np.float32).astype(float) for name, value in values.items()}
    expected = derivatives(**values)
    given = {n: torch.tensor(v, dtype=getattr(torch, dtype), requires_grad=True) for n, v in values.items()}
    solution = vaesym.solve(**given)
    assert set(solution.phase.tolist()) == {0, 1, 2}
    tolerance = 1e-10 if dtype == "float64" else 2e-3
    for field in DIFFERENTIABLE:
        value = getattr(solution, field)
        assert value.dtype == getattr(torch, dtype)
        slopes = torch.autograd.grad(value.sum(), list(given.values()), retain_graph=True, allow_unused=True)
        for name, slope in zip(ARGUMENTS, slopes, strict=True):
            right = expected[f"d{field}_D_{name}"]
            left = np.zeros(count) if slope is None else slope.numpy()
            np.testing.assert_allclose(left, right, rtol=tolerance, atol=tolerance * max(1.0, np.abs(right).max()),
                                       err_msg=f"{field} by {name}")


def test_second_derivatives_of_autograd():
    torch = pytest.importorskip("torch")
    given = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (4.0, 0.7, 0.3, 1.2, 0.8)]

    def energy(*p):
        return vaesym.solve(p[0], p[1], lam=p[2], rho=p[3], eta=p[4]).free_energy

    assert torch.autograd.gradcheck(energy, given)
    assert torch.autograd.gradgradcheck(energy, given)


def test_the_gradient_of_the_free_energy_is_the_overlap():
    """Envelope theorem: df/dλ = (Q + E)/2, whatever Q does."""
    given = {"alpha": np.array([4.0, 0.4, 7.0]), "beta": np.array([0.7, 0.5, 0.2]), "lam": np.array([0.3, 0.1, 2.0])}
    solution = vaesym.solve(**given)
    np.testing.assert_allclose(derivatives(**given)["dfree_energy_D_lam"], (solution.Q + solution.E) / 2, rtol=1e-12)


def test_tensors_come_back_as_tensors():
    torch = pytest.importorskip("torch")
    solution = vaesym.solve(torch.tensor([2.0, float("inf")]), 1.0, lam=0.5, latents=2)
    assert solution.Q.shape == (2, 2)
    assert solution.Q.dtype == torch.float32
    assert solution.phase.dtype == torch.int64
    assert vaesym.solve(torch.tensor(2), 1.0, lam=0.5).Q.dtype == torch.float64
    assert vaesym.solve(torch.tensor(2.0), np.ones(3), lam=0.5).Q.dtype == torch.float64
    dataset = solution.to_xarray()
    assert dataset.Q.dims == ("dim_0", "latent")
    assert vaesym.solve(torch.ones((0, 3)), 1.0, lam=0.5).rate.shape == (0, 3)


@pytest.mark.parametrize(("change", "message"), [
    (dict(alpha="float16"), "tensors of float32, float64 or whole numbers; received alpha of torch.float16"),
    (dict(alpha="complex64"), "received alpha of torch.complex64"),
    (dict(alpha="nan"), "finite alpha, or inf; received nan"),
    (dict(alpha="negative"), "alpha > 0"),
    (dict(beta=[1.0, float("inf"), 1.0]), "finite beta"),
    (dict(beta=np.ones(2)), r"shapes broadcast; received alpha \(3,\), beta \(2,\)"),
    (dict(alpha="meta"), "tensors on one device; received alpha on meta, lam on cpu"),
    (dict(backend="numpy"), "NumPy arrays; received torch tensors with backend='numpy'"),
    (dict(backend="jax"), "a backend among numpy, mpmath, torch, numba; received 'jax'"),
])
def test_bad_tensors(change, message):
    torch = pytest.importorskip("torch")
    kinds = {"float16": torch.ones(3, dtype=torch.float16), "complex64": torch.ones(3, dtype=torch.complex64),
             "nan": torch.tensor([1.0, float("nan"), 2.0]), "negative": torch.tensor([1.0, -1.0, 2.0]),
             "meta": torch.ones(3, device="meta")}
    change = {k: kinds.get(v, v) if isinstance(v, str) and k == "alpha" else v for k, v in change.items()}
    with pytest.raises(vaesym.InputError, match=message):
        vaesym.solve(**{"alpha": torch.ones(3), "beta": 1.0, "lam": torch.full((3,), 0.1), **change})


def test_without_numba(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "numba", None)
    monkeypatch.delitem(__import__("sys").modules, "vaesym.generated.for_numba", raising=False)
    with pytest.raises(vaesym.InputError, match=r"pip install 'vaesym\[fast\]'"):
        vaesym.solve(2.0, 1.0, lam=0.1, backend="numba")


@pytest.mark.parametrize("backend", ["numpy", "numba", "mpmath"])
def test_empty_arrays_and_numbers(backend):
    if backend == "numba":
        pytest.importorskip(backend)
    empty = vaesym.solve(np.ones((0, 2)), 1.0, lam=0.1, backend=backend, latents=3)
    assert empty.Q.shape == (0, 2, 3)
    assert empty.rate.shape == (0, 2)
    one = vaesym.solve(2.0, 1.0, lam=1.0, backend=backend)
    assert np.ndim(one.Q) == 0
    assert not isinstance(one.Q, np.ndarray)
    assert float(one.Q) == pytest.approx(0.5959146551834544, rel=1e-15)


def test_five_newton_steps_are_enough():
    """Six steps more, from the same coefficients, move no root of a million by more than the last digits."""
    program = solution.minimiser()
    loops = [statement for statement in program.statements if isinstance(statement, Repeat)]
    assert [loop.times for loop in loops] == [3]
    longer = Program(tuple(replace(s, times=9) if s in loops else s for s in program.statements), program.results)
    arguments = dict(zip(("alpha", "beta", "lam", "eigenvalue"), (alpha, beta, lam, eigenvalue), strict=True))
    points = coverage(1_000_000, seed=12)
    top = vaesym.solve(**points).eigenvalue
    given = points["alpha"], points["beta"], points["lam"], top
    with np.errstate(divide="ignore", invalid="ignore"):
        five, eleven = (lower("minimiser", p, arguments)(*given) for p in (program, longer))
    assert ((five > 0) == (eleven > 0)).all()
    assert (five > 0).mean() > 0.3
    np.testing.assert_allclose(five, eleven, rtol=2e-15)
