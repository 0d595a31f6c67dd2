"""Curves: identities of the theory, and datasets that keep their labels."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import vaesym
from vaesym import Phase

scale = st.floats(0.2, 5.0)
alphas = st.floats(0.05, 100.0)
ALPHA = np.geomspace(0.05, 50, 30)
MAKERS = {
    "learning_curve": lambda alpha: vaesym.learning_curve(alpha, beta=[0.5, 1.0], lam=0.1),
    "rate_distortion": lambda alpha: vaesym.rate_distortion(alpha, beta=[0.5, 1.0], lam=0.1),
    "kl_curves": lambda alpha: vaesym.kl_curves(alpha, [0.5, 1.0], lam=0.1),
}
FILED = {
    **MAKERS,
    "optimal_beta_curve": lambda alpha: vaesym.optimal_beta_curve(alpha, lam=(0.0, 1.0)),
    "plateau_curve": lambda beta: vaesym.plateau_curve(beta, lam=(0.0, 1.0)),
}


def test_learning_curve_is_the_solution():
    curves = vaesym.learning_curve(ALPHA, beta=[0.5, 2.0], lam=[0.0, 0.1, 3.0], rho=1.5, eta=0.7)
    assert curves.signal_recovery_error.dims == ("alpha", "beta", "lam")
    expected = vaesym.solve(ALPHA[:, None, None], np.array([0.5, 2.0])[:, None], lam=[0.0, 0.1, 3.0], rho=1.5, eta=0.7)
    for name in ("signal_recovery_error", "rate", "distortion", "phase", "Q", "m"):
        np.testing.assert_array_equal(curves[name], getattr(expected, name))
    collapsed = curves.signal_recovery_error.where(curves.phase == Phase.REGULARIZED, drop=True)
    np.testing.assert_allclose(collapsed.values[np.isfinite(collapsed.values)], 1.5)


@given(alpha=alphas, rho=scale, eta=scale)
@settings(max_examples=50, deadline=None)
def test_training_set_is_a_gaussian_source_without_decay(alpha, rho, eta):
    curves = vaesym.rate_distortion(alpha, rho=rho, eta=eta)
    top = float(vaesym.solve(alpha, 1.0, lam=0.0, rho=rho, eta=eta).eigenvalue)
    gaussian = np.log(top / curves.training_distortion) / 2
    np.testing.assert_allclose(curves.training_rate, gaussian, rtol=1e-11, atol=1e-13)
    active = curves.phase != Phase.REGULARIZED
    np.testing.assert_allclose(curves.training_distortion, np.where(active, curves.beta, top), rtol=1e-12)


@given(alpha=alphas, beta=st.floats(0.01, 5.0), lam=st.floats(0.0, 3.0), rho=scale, eta=scale)
@settings(max_examples=100, deadline=None)
def test_training_observables_follow_from_the_fields(alpha, beta, lam, rho, eta):
    curves = vaesym.rate_distortion(alpha, beta=beta, lam=lam, rho=rho, eta=eta)
    s = vaesym.solve(alpha, beta, lam=lam, rho=rho, eta=eta)
    variance, mixed = s.E * s.eigenvalue, s.R * s.eigenvalue
    assert curves.training_rate == pytest.approx((variance + s.D - 1 - np.log(s.D)) / 2, rel=1e-9, abs=1e-12)
    assert curves.training_distortion == pytest.approx(s.eigenvalue - 2 * mixed + s.Q * (variance + s.D), rel=1e-9)
    assert curves.rate == s.rate
    assert curves.distortion == s.distortion
    # No description of the training set beats the source of its own variance.
    assert curves.training_rate >= np.log(s.eigenvalue / curves.training_distortion) / 2 - 1e-12
    assert (curves.gaussian_rate == 0) == (s.distortion >= rho + eta)


def test_unlimited_data_is_the_gaussian_source():
    curves = vaesym.rate_distortion([1e2, 1e4, 1e8], lam=0.3, rho=2.0, eta=0.5)
    active = curves.beta < 2.4
    gap = np.abs(curves.rate - curves.gaussian_rate).where(active, drop=True).max("beta").values
    # The gap at the least β, 0.0025, is that of the noise 1/α over β.
    assert gap[1] < gap[0] / 20
    assert gap[2] < 1e-4
    np.testing.assert_allclose(curves.distortion.sel(alpha=1e8).where(active, drop=True),
                               curves.beta.where(active, drop=True), rtol=1e-4)


def test_posteriors_agree_for_the_evidence_bound_and_after_collapse():
    curves = vaesym.kl_curves(ALPHA, [0.5, 1.0, 1e3], lam=0.0)
    for name in ("kl_variational_to_posterior", "kl_posterior_to_variational"):
        np.testing.assert_allclose(curves[name].sel(beta=[1.0, 1e3]), 0.0, atol=1e-14)
        assert (curves[name].sel(beta=0.5) > 0).all()
    assert (curves.rate.sel(beta=1e3) == 0).all()


@pytest.mark.parametrize("maker", FILED.values(), ids=FILED)
@pytest.mark.parametrize("engine", [None, "scipy"])
@pytest.mark.parametrize("axis", [ALPHA, 2.0, []], ids=["axis", "number", "empty"])
def test_datasets_survive_a_file(reread, maker, engine, axis):
    back = reread(maker(axis), engine)
    assert (back.attrs["rho"], back.attrs["eta"]) == (1.0, 1.0)


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_shapes(maker):
    assert maker([]).rate.shape[0] == 0
    assert maker([]).rate.attrs["units"] == "nats"
    assert "alpha" not in maker(2.0).dims
    assert maker(np.array(2.0)).alpha.shape == ()
    one = maker([2.0]).isel(alpha=0)
    assert not [name for name in one.data_vars if "alpha" not in one[name].coords]
    np.testing.assert_array_equal(maker([1.0, 2.0]).rate[1], one.rate)


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("alpha", [0.0, -1.0, float("nan"), float("-inf"), "x", [[1.0]], 1j, [1.0, [2.0]]])
def test_bad_alpha(maker, alpha):
    with pytest.raises(vaesym.InputError, match="alpha"):
        maker(alpha)


@pytest.mark.parametrize("call", [
    lambda: vaesym.learning_curve(1.0, beta=[[1.0]], lam=0.1), lambda: vaesym.learning_curve(1.0, beta=1.0, lam=-0.1),
    lambda: vaesym.learning_curve(1.0, beta=1.0, lam=0.1, rho=[1.0, 2.0]), lambda: vaesym.kl_curves(1.0, 0.0, lam=0.1),
    lambda: vaesym.kl_curves(1.0, 1.0, lam=[0.1, 0.2]), lambda: vaesym.rate_distortion(1.0, lam=[0.1]),
    lambda: vaesym.rate_distortion(1.0, beta=-1.0), lambda: vaesym.rate_distortion(1.0, eta=0.0),
])
def test_bad_parameters(call):
    with pytest.raises(vaesym.InputError, match=r"expected .*; received .*; "):
        call()


def test_unlimited_data():
    """[IH, Claims 6.1 and 6.2]: Q = ρ+η−β, distortion β, the Gaussian rate, on the training set too."""
    beta, lam = np.array([0.3, 1.0, 2.4, 3.0]), np.array([0.0, 1.0])
    curves = vaesym.learning_curve([2.0, np.inf], beta=beta, lam=lam, rho=2.0, eta=0.5)
    norm = np.maximum(2.5 - beta, 0)[:, None] * np.ones(2)
    unlimited = curves.sel(alpha=np.inf)
    np.testing.assert_allclose(unlimited.Q, norm, atol=1e-14)
    np.testing.assert_allclose(unlimited.signal_recovery_error, (np.sqrt(2) - np.sqrt(norm)) ** 2, atol=1e-14)
    xr.testing.assert_equal(curves.sel(alpha=[2.0]),
                            vaesym.learning_curve([2.0], beta=beta, lam=lam, rho=2.0, eta=0.5))
    rates = vaesym.rate_distortion(np.inf, beta=beta, lam=1.0, rho=2.0, eta=0.5)
    np.testing.assert_allclose(rates.distortion, np.minimum(beta, 2.5), rtol=1e-14)
    for name in ("rate", "training_rate"):
        np.testing.assert_allclose(rates[name], rates.gaussian_rate, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(rates.training_distortion, rates.distortion, rtol=1e-13)
    kls = vaesym.kl_curves([1e9, np.inf], beta, lam=1.0, rho=2.0, eta=0.5)
    for name in ("kl_variational_to_posterior", "kl_posterior_to_variational", "rate"):
        np.testing.assert_allclose(kls[name][0], kls[name][1], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_unlimited_data_survive_a_file(tmp_path, maker):
    curves = maker([1.0, np.inf])
    curves.to_netcdf(tmp_path / "curves.nc", engine="scipy")
    back = xr.load_dataset(tmp_path / "curves.nc", engine="scipy")
    xr.testing.assert_equal(curves, back)
    assert np.isinf(back.alpha[1])
    assert np.isfinite(back.rate).all()
