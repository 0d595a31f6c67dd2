"""The exact solution: reference values, identities over parameter space, independent 50-digit evaluation."""

import tracemalloc

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vaesym
from vaesym import Phase

REFERENCES = [
    # (alpha, beta, lam), field, value of the theory at ρ = η = 1
    ((2.0, 1.0, 1.0), "Q", 0.5959146551834544),
    ((2.0, 1.0, 1.0), "m", 0.445688476847),
    ((2.0, 1.0, 1.0), "E", 0.191816401321),
    ((2.0, 1.0, 1.0), "R", 0.338092006193),
    ((2.0, 1.0, 1.0), "d", 0.252861227633),
    ((2.0, 1.0, 1.0), "free_energy", -0.248871667586707),
    ((4.0, 0.5, 0.5), "Q", 1.296353229505875),
    ((0.8, 0.3, 0.2), "Q", 1.62777237995),
    ((0.8, 0.3, 0.2), "m", 0.0),
]

positive = st.floats(0.05, 20.0)
decay = st.floats(0.0, 3.0)


@pytest.mark.parametrize(("point", "field", "value"), REFERENCES)
def test_reference_values(point, field, value):
    alpha, beta, lam = point
    # References printed with n digits are met to half a unit of the last one, and to 1e-12 at best.
    digits = len(f"{value!r}".split(".")[1])
    assert getattr(vaesym.solve(alpha, beta, lam=lam), field) == pytest.approx(value, abs=max(1e-12, 10.0**-digits))


def high_precision(alpha, beta, lam, rho, eta):
    """Everything again at 50 digits: the eigenvalue, the cubic by polyroots, Φ and ε by their definitions."""
    with mpmath.workdps(60):
        alpha, beta, lam, rho, eta = (mpmath.mpf(float(p)) for p in (alpha, beta, lam, rho, eta))
        if alpha > (eta / rho) ** 2:
            top = (rho + eta) * (1 + eta / (alpha * rho))
            squared = (1 - eta**2 / (alpha * rho**2)) / (1 + eta / (alpha * rho))
        else:
            top, squared = eta * (1 + 1 / mpmath.sqrt(alpha)) ** 2, mpmath.mpf(0)
        kappa = beta + lam / (alpha * top)

        def potential(q):
            return -alpha / 2 * q * top / (q + kappa) + alpha * beta / 2 * mpmath.log(1 + q / beta) + lam * q / 2

        a, b = lam, beta * (alpha + lam)
        coefficients = [a, b + 2 * a * kappa, 2 * b * kappa + a * kappa**2 - alpha * top * kappa,
                        b * kappa**2 - alpha * top * kappa * beta]
        while coefficients[0] == 0:
            coefficients.pop(0)
        roots = mpmath.polyroots(coefficients, maxsteps=500, extraprec=400)
        real = [mpmath.re(r) for r in roots if abs(mpmath.im(r)) < mpmath.mpf(10) ** -40 and mpmath.re(r) > 0]
        q = min([mpmath.mpf(0), *real], key=potential)
        m = mpmath.sqrt(q * squared)
        gain = 1 / (q + kappa)
        variance = eta + rho * squared
        return {
            "Q": q, "E": gain**2 * q, "R": gain * q, "m": m, "d": gain * m, "D": beta / (q + beta),
            "free_energy": potential(q), "signal_recovery_error": rho - 2 * mpmath.sqrt(rho) * m + q,
            "rate": (gain**2 * q * variance + beta / (q + beta) - 1 - mpmath.log(beta / (q + beta))) / 2,
            "distortion": rho + eta - 2 * gain * q * variance + q * (gain**2 * q * variance + beta / (q + beta)),
        }


def test_agrees_with_fifty_digits():
    rng = np.random.default_rng(20240601)
    size = 400
    points = [np.exp(rng.uniform(np.log(low), np.log(high), size))
              for low, high in ((1e-2, 1e3), (1e-2, 5), (1e-4, 5), (0.1, 5), (0.1, 5))]
    points[2][::7] = 0.0
    alpha, beta, lam, rho, eta = points
    solution = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    for i in range(size):
        for name, exact in high_precision(*[p[i] for p in points]).items():
            value = getattr(solution, name)[i]
            assert value == pytest.approx(float(exact), rel=2e-11, abs=2e-13), (name, [p[i] for p in points])


@given(alpha=positive, beta=positive, lam=decay, rho=positive, eta=positive)
@settings(max_examples=300, deadline=None)
def test_identities_everywhere(alpha, beta, lam, rho, eta):
    s = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    assert s.free_energy <= 0
    assert s.signal_recovery_error >= rho * (1 - s.overlap) - 1e-12 * rho
    assert s.rate >= 0
    assert 0 < s.D <= 1
    assert s.R**2 <= s.Q * s.E * (1 + 1e-12) + 1e-300
    assert pytest.approx(beta / (s.Q + beta)) == s.D
    assert s.kl_variational_to_posterior >= -1e-14
    assert s.kl_posterior_to_variational >= -1e-14
    assert (s.phase == Phase.REGULARIZED) == (s.Q == 0)
    assert (s.phase == Phase.LEARNING) == (s.m > 0)
    if s.phase == Phase.REGULARIZED:
        assert s.signal_recovery_error == pytest.approx(rho)
        assert s.distortion == pytest.approx(rho + eta)
        assert s.rate == 0
        assert s.free_energy == 0


@given(alpha=positive, beta=positive, rho=positive, eta=positive, scale=st.floats(0.1, 10.0))
@settings(max_examples=100, deadline=None)
def test_without_weight_decay_the_data_set_the_scale(alpha, beta, rho, eta, scale):
    one = vaesym.solve(alpha, beta, lam=0.0, rho=rho, eta=eta)
    scaled = vaesym.solve(alpha, scale * beta, lam=0.0, rho=scale * rho, eta=scale * eta)
    assert scaled.rate == pytest.approx(one.rate, rel=1e-9, abs=1e-12)
    for name in ("Q", "free_energy", "signal_recovery_error", "distortion"):
        assert getattr(scaled, name) == pytest.approx(scale * getattr(one, name), rel=1e-9, abs=1e-11 * scale)


def test_true_posterior_is_reached_at_beta_one_without_decay():
    s = vaesym.solve(np.geomspace(0.1, 50, 40), 1.0, lam=0.0, eta=0.7)
    assert np.abs(s.kl_variational_to_posterior).max() < 1e-15
    assert np.abs(s.kl_posterior_to_variational).max() < 1e-15


def test_unlimited_data_reach_claim_6_1():
    beta = np.linspace(0.05, 1.95, 39)
    s = vaesym.solve(1e9, beta, lam=0.7)
    np.testing.assert_allclose(s.Q, 2 - beta, rtol=1e-7)
    np.testing.assert_allclose(s.rate, np.log(2 / beta) / 2, rtol=1e-7)
    np.testing.assert_allclose(s.distortion, beta, rtol=1e-7)
    np.testing.assert_allclose(s.signal_recovery_error, (1 - np.sqrt(2 - beta)) ** 2, atol=1e-8)
    assert vaesym.solve(1e9, 2.0001, lam=0.7).phase == Phase.REGULARIZED


def test_broadcasting_and_scalars():
    s = vaesym.solve(np.ones(3)[:, None], [0.5, 1.0], lam=np.array([[[0.1]], [[0.2]]]))
    assert s.Q.shape == s.rate.shape == s.phase.shape == (2, 3, 2)
    scalar = vaesym.solve(2.0, 1.0, lam=1.0)
    assert isinstance(scalar.Q, float)
    assert np.ndim(scalar.phase) == 0
    empty = vaesym.solve(np.empty(0), 1.0, lam=1.0)
    assert empty.Q.shape == (0,)


@pytest.mark.parametrize(("latents", "spikes"), [(1, 1), (2, 1), (3, 2), (2, 3)])
def test_latents_add_up(latents, spikes):
    alpha = np.array([0.3, 0.9, 2.0, 20.0])
    s = vaesym.solve(alpha, 0.4, lam=0.1, latents=latents, spikes=spikes)
    one = vaesym.solve(alpha, 0.4, lam=0.1)
    if latents == 1:
        assert s.Q.shape == (4,)
        return
    assert s.Q.shape == (4, latents)
    learned = min(latents, spikes)
    np.testing.assert_allclose(s.Q[:, :learned], np.repeat(one.Q[:, None], learned, axis=1))
    assert (s.overlap[:, learned:] == 0).all()
    trace, nuclear = s.Q.sum(axis=-1), s.m.sum(axis=-1)
    np.testing.assert_allclose(s.signal_recovery_error, spikes - 2 * nuclear + trace, rtol=1e-12)
    edge = ((1 + alpha**-0.5) ** 2)[:, None]
    np.testing.assert_allclose(s.eigenvalue[:, learned:], edge.repeat(latents - learned, 1))
    v = 1 + s.overlap
    gain = s.R / s.Q
    contribution = -2 * gain * s.Q * v + s.Q * (gain**2 * s.Q * v + s.D)
    np.testing.assert_allclose(s.distortion, 2 * spikes + contribution.sum(axis=-1), rtol=1e-12)


@pytest.mark.parametrize("lam", [0.0, 0.3, 5.0])
def test_unlimited_data_are_the_papers_limit(lam):
    """[IH, Claims 6.1 and 6.2], exactly; and what large α comes near."""
    beta, rho, eta = np.array([0.25, 0.75, 1.0, 1.5, 1.75, 2.5]), 0.75, 1.0
    s = vaesym.solve(np.inf, beta, lam=lam, rho=rho, eta=eta)
    q = np.maximum(rho + eta - beta, 0)
    np.testing.assert_allclose(s.Q, q, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(s.rate, np.log(np.maximum((rho + eta) / beta, 1)) / 2, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(s.distortion, np.minimum(beta, rho + eta), rtol=1e-13)
    np.testing.assert_allclose(s.signal_recovery_error, (np.sqrt(rho) - np.sqrt(q)) ** 2, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(s.overlap, 1, rtol=1e-15)
    assert s.phase.tolist() == [2, 2, 2, 2, 0, 0]
    assert s.free_energy.tolist() == [-np.inf] * 4 + [0.0] * 2
    far = vaesym.solve(1e12, beta[[0, 1, 2, 3, 5]], lam=lam, rho=rho, eta=eta)
    for name in ("Q", "E", "R", "m", "d", "D", "rate", "distortion", "kl_variational_to_posterior"):
        np.testing.assert_allclose(getattr(far, name), getattr(s, name)[[0, 1, 2, 3, 5]], rtol=1e-8, atol=1e-10)


def test_unequal_spikes_decouple():
    """Each latent is that of the model with its spike alone, the last on the edge of the noise; sums are sums."""
    alpha, strengths = np.array([0.5, 1.2, 3.0, 40.0, np.inf]), [2.0, 1.0, 0.4]
    s = vaesym.solve(alpha, 0.6, lam=0.2, rho=1.5, eta=0.7, latents=4, spikes=strengths)
    alone = [vaesym.solve(alpha, 0.6, lam=0.2, rho=1.5 * r, eta=0.7) for r in strengths]
    for i, one in enumerate(alone):
        for name in ("Q", "E", "m", "eigenvalue", "overlap", "phase"):
            np.testing.assert_array_equal(getattr(s, name)[:, i], getattr(one, name))
    beyond = vaesym.solve(alpha, 0.6, lam=0.2, rho=1e-12, eta=0.7)
    np.testing.assert_allclose(s.Q[:4, 3], beyond.Q[:4], rtol=1e-12)
    # By the definition of the error: Σρ_k − 2 Σ√ρ_k m_k + tr Q.
    rho = 1.5 * np.array(strengths)
    error = rho.sum() - 2 * (np.sqrt(rho) * s.m[:, :3]).sum(axis=1) + s.Q.sum(axis=1)
    np.testing.assert_allclose(s.signal_recovery_error, error, rtol=1e-12)
    np.testing.assert_allclose(s.rate, sum(o.rate for o in alone) + beyond.rate, rtol=1e-9)
    np.testing.assert_allclose(s.distortion[:4], (sum(o.distortion for o in alone) + beyond.distortion - 0.7)[:4],
                               rtol=1e-9)
    assert vaesym.solve(2.0, 9.0, lam=0.1, latents=2, spikes=strengths).distortion == pytest.approx(3.4 + 3)


def test_fewer_latents_than_spikes_learn_the_strongest():
    s = vaesym.solve(5.0, 0.5, lam=0.1, spikes=[3.0, 1.0])
    one = vaesym.solve(5.0, 0.5, lam=0.1, rho=3.0)
    assert s.Q == one.Q
    assert s.signal_recovery_error == pytest.approx(one.signal_recovery_error + 1.0)
    assert s.distortion == pytest.approx(one.distortion + 2.0)


def test_decoder_variance_is_a_scale():
    """The problem at (βσ², λσ²), the loss over σ², and the posterior of a decoder of that variance."""
    alpha, beta, lam, variance = np.array([0.6, 3.0, 9.0]), 0.9, 0.3, 0.55
    s = vaesym.solve(alpha, beta, lam=lam, decoder_variance=variance)
    unit = vaesym.solve(alpha, beta * variance, lam=lam * variance)
    for name in ("Q", "E", "R", "m", "d", "D", "rate", "distortion", "signal_recovery_error", "phase"):
        np.testing.assert_array_equal(getattr(s, name), getattr(unit, name))
    np.testing.assert_allclose(s.free_energy, unit.free_energy / variance, rtol=1e-15)
    v = 1 + s.overlap
    gap = (s.R / s.Q - 1 / (variance + s.Q)) ** 2 * s.Q * v
    ratio = s.D * (1 + s.Q / variance)
    forward = ((1 + s.Q / variance) * (s.D + gap) - 1 - np.log(ratio)) / 2
    backward = ((variance / (variance + s.Q) + gap) / s.D - 1 + np.log(ratio)) / 2
    np.testing.assert_allclose(s.kl_variational_to_posterior, forward, rtol=1e-12)
    np.testing.assert_allclose(s.kl_posterior_to_variational, backward, rtol=1e-12)
    posterior = vaesym.solve(1e9, 1.0, lam=0.0, decoder_variance=variance)
    assert posterior.kl_variational_to_posterior == pytest.approx(0, abs=1e-15)


def test_memory_of_a_million_points():
    """Below 200 bytes a point, the result included."""
    alpha, beta = np.geomspace(0.1, 10, 1000)[:, None], np.geomspace(0.1, 3, 1000)
    vaesym.solve(1.0, 1.0, lam=0.1)
    tracemalloc.start()
    s = vaesym.solve(alpha, beta, lam=0.1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert s.rate.shape == (1000, 1000)
    assert peak < 200e6


def test_to_xarray():
    dataset = vaesym.solve(np.ones((2, 3)), 1.0, lam=0.1, latents=2).to_xarray()
    assert dict(dataset.sizes) == {"dim_0": 2, "dim_1": 3, "latent": 2}
    assert dataset.alpha.shape == (2, 3)
    assert dataset.rate.dims == ("dim_0", "dim_1")


BAD = [
    (dict(alpha=0.0), "alpha > 0"),
    (dict(beta=-1.0), "beta > 0"),
    (dict(rho=0.0), "rho > 0"),
    (dict(eta=-0.1), "eta > 0"),
    (dict(lam=-1e-9), "lam >= 0"),
    (dict(alpha=float("nan")), "finite alpha"),
    (dict(beta=float("inf")), "finite beta"),
    (dict(alpha=np.ones(3), beta=np.ones(2)), "shapes broadcast"),
    (dict(alpha="two"), "alpha as real numbers"),
    (dict(alpha=[[1.0], [1.0, 2.0]]), "alpha as a number or a regular array"),
    (dict(beta=1j), "beta as real numbers"),
    (dict(latents=0), "latents >= 1"),
    (dict(latents=1.5), "latents as a whole number"),
    (dict(spikes=True), "spikes as a whole number"),
    (dict(spikes=[1.0, 2.0]), "spikes from the strongest to the weakest; received"),
    (dict(spikes=[]), "spikes as a number or a list of strengths; received an array of shape"),
    (dict(spikes=[[1.0]]), "spikes as a number or a list of strengths"),
    (dict(spikes=[1.0, -1.0]), "spikes > 0"),
    (dict(spikes=[float("inf")]), "finite spikes"),
    (dict(alpha=-float("inf")), "finite alpha, or inf"),
    (dict(decoder_variance=0.0), "decoder_variance > 0"),
    (dict(backend="fortran"), "a backend among numpy, mpmath, torch, numba; received 'fortran'"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_bad_input(change, message):
    arguments = {"alpha": 1.0, "beta": 1.0, "lam": 0.1, **change}
    with pytest.raises(vaesym.InputError, match=message):
        vaesym.solve(**arguments)


@pytest.mark.parametrize(("change", "message"), [
    (dict(spikes=[1e200]), "rho times each of spikes between .*; received"),
    (dict(rho=1e30, spikes=[2.0]), "rho times each of spikes between"),
    (dict(alpha=np.ma.masked_array([1.0, 2.0], mask=[0, 1])), "alpha without gaps; received .* 1 masked entry"),
    (dict(beta="2", backend="mpmath"), "beta as real numbers"),
    (dict(beta=True, backend="mpmath"), "beta as real numbers"),
    (dict(beta=10**400, backend="mpmath"), "beta as real numbers"),
    (dict(beta=None, backend="mpmath"), "beta as real numbers"),
    (dict(beta=[[1.0], [1.0, 2.0]], backend="mpmath"), "beta as real numbers"),
])
def test_input_that_no_backend_takes(change, message):
    with pytest.raises(vaesym.InputError, match=message):
        vaesym.solve(**{"alpha": 1.0, "beta": 1.0, "lam": 0.1, **change})
