"""The best β and the end of the plateau as labelled curves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vaesym
from vaesym import Phase

scale = st.floats(0.2, 5.0)
ALPHA = np.array([0.3, 1.0, 1.7, 5.0, 40.0, np.inf])
LAM = [0.0, 0.3, 4.5]
MAKERS = {
    "optimal_beta_curve": lambda axis, lam=(0.0, 1.0), **given: vaesym.optimal_beta_curve(axis, lam=lam, **given),
    "plateau_curve": lambda axis, lam=(0.0, 1.0), **given: vaesym.plateau_curve(axis, lam=lam, **given),
}


def test_no_beta_has_a_smaller_error():
    best = vaesym.optimal_beta_curve(ALPHA, lam=LAM, rho=1.3, eta=0.9)
    assert best.optimal_beta.dims == ("alpha", "lam")
    np.testing.assert_array_equal(best.optimal_beta, vaesym.optimal_beta(ALPHA[:, None], lam=LAM, rho=1.3, eta=0.9))
    grid = np.geomspace(1e-6, 30, 3001)[:, None, None]
    errors = vaesym.solve(ALPHA[:, None], grid, lam=LAM, rho=1.3, eta=0.9).signal_recovery_error.min(axis=0)
    assert (best.signal_recovery_error <= errors * (1 + 1e-9)).all()
    np.testing.assert_allclose(best.signal_recovery_error, errors, rtol=1e-3, atol=1e-5)
    assert (best.signal_recovery_error >= best.recovery_error_bound - 1e-12).all()


def test_limits_of_the_best_beta():
    best = vaesym.optimal_beta_curve([0.5, 1e9, np.inf], lam=[0.0, 2.0], rho=2.0, eta=1.5)
    assert best.optimal_beta_limit == 1.5
    np.testing.assert_allclose(best.optimal_beta[1:], 1.5, rtol=1e-6)
    np.testing.assert_allclose(best.signal_recovery_error[2], 0.0, atol=1e-15)
    # Below detection, 0.5625, nothing beats collapse.
    assert (best.phase[0] == Phase.REGULARIZED).all()
    np.testing.assert_array_equal(best.signal_recovery_error[0], 2.0)
    # λ = 0: the error is the bound ρ(1 − o), with o as in the theory of the outlier.
    alpha, rho, eta = 3.0, 2.0, 1.5
    overlap = (1 - eta**2 / (alpha * rho**2)) / (1 + eta / (alpha * rho))
    one = vaesym.optimal_beta_curve(alpha, lam=0.0, rho=rho, eta=eta)
    assert one.recovery_error_bound == pytest.approx(rho * (1 - overlap), rel=1e-12)
    assert one.signal_recovery_error == pytest.approx(rho * (1 - overlap), rel=1e-12)


def test_where_every_beta_collapses():
    best = vaesym.optimal_beta_curve(1.0, lam=4.5)
    assert best.optimal_beta == 0
    assert best.signal_recovery_error == 1
    assert best.phase == Phase.REGULARIZED


@given(lam=st.floats(0.0, 6.0), rho=scale, eta=scale)
@settings(max_examples=80, deadline=None)
def test_plateau_diverges_as_its_asymptote(lam, rho, eta):
    limit, tau = rho + eta, eta / rho
    amplitude = (lam * (1 + limit**2) - limit**2 * tau) / limit
    distance = limit * np.array([1e-5, 1e-6])
    plateau = vaesym.plateau_curve([*(limit - distance), limit, 1.1 * limit], lam=lam, rho=rho, eta=eta)
    assert np.isnan(plateau.plateau_asymptote[2:]).all()
    if amplitude < 1e-3 * limit:
        return
    np.testing.assert_allclose(plateau.plateau_asymptote[:2], amplitude / distance, rtol=1e-8)
    gap = np.abs(plateau.plateau_end[:2] / plateau.plateau_asymptote[:2] - 1).values
    far = plateau.plateau_end[:2].values > 1e3 * plateau.detection_threshold.item() * (1 + tau)
    if far.all() and gap[0] > 1e-8:
        assert gap[1] == pytest.approx(gap[0] / 10, rel=0.5)


def test_plateau_holds_the_thresholds():
    beta = np.linspace(0.2, 3, 9)
    plateau = vaesym.plateau_curve(beta, lam=[0.1, 1.0], eta=0.7)
    np.testing.assert_array_equal(plateau.plateau_end, vaesym.plateau_end(beta[:, None], lam=[0.1, 1.0], eta=0.7))
    assert plateau.collapse_limit == 1.7
    assert plateau.detection_threshold == pytest.approx(0.49)
    # At small λ finite data escape beyond ρ+η, and nothing diverges.
    assert np.isnan(vaesym.plateau_curve(beta, lam=0.1).plateau_asymptote).all()


def test_default_axis_shows_the_divergence_and_the_escape():
    plateau = vaesym.plateau_curve(lam=[0.0, 1.0])
    beta = plateau.beta.values
    assert (np.diff(beta) > 0).all()
    assert 2.0 in beta
    assert plateau.plateau_end.sel(lam=1.0).where(np.isfinite(plateau.plateau_end.sel(lam=1.0))).max() > 1e3
    escapes = np.isfinite(plateau.plateau_end.sel(lam=0.0)).values
    assert escapes[beta < 3.99].all()
    assert not escapes[-1]
    assert vaesym.plateau_curve(lam=[]).plateau_end.shape == (261, 0)


@pytest.mark.parametrize(("maker", "name", "field"), [("optimal_beta_curve", "alpha", "optimal_beta"),
                                                      ("plateau_curve", "beta", "plateau_end")])
def test_shapes(maker, name, field):
    make = MAKERS[maker]
    assert make([])[field].shape == (0, 2)
    assert make([], lam=[])[field].shape == (0, 0)
    assert make(2.0)[field].dims == ("lam",)
    point = make(np.array(2.0), lam=1.0)
    assert point[field].shape == ()
    assert point.attrs[name] == 2.0
    assert point.attrs["lam"] == 1.0
    np.testing.assert_array_equal(make([1.0, 2.0], lam=1.0)[field][1], point[field])


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("change", [
    dict(axis=0.0), dict(axis=-1.0), dict(axis=np.nan), dict(axis=-np.inf), dict(axis="x"), dict(axis=[[1.0]]),
    dict(axis=1j), dict(lam=-1.0), dict(lam=np.inf), dict(lam=[[1.0]]), dict(rho=0.0), dict(rho=[1.0, 2.0]),
    dict(eta=np.nan), dict(eta="x"),
])
def test_bad_input(maker, change):
    with pytest.raises(vaesym.InputError, match=r"expected .*; received .*; "):
        maker(**{"axis": [1.0, 2.0], **change})


def test_only_alpha_may_be_infinite():
    with pytest.raises(vaesym.InputError, match="finite beta"):
        vaesym.plateau_curve(np.inf, lam=1.0)
