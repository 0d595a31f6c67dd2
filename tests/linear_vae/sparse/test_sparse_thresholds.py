"""Thresholds of collapse under absolute values: against limits, trained weights at one coordinate, and each other."""

import numpy as np
import pytest
from scipy.integrate import quad

import vaesym
from derivations.linear_vae.penalties import measured
from vaesym.engine.lowered import equations_of
from vaesym.engine.quadratic.points import Points
from vaesym.inputs import InputError
from vaesym.linear_vae.sparse.learning import learning, many_samples, unlimited, with_many_samples


def point(**given):
    equations = equations_of("sparse_vae")
    values = {"rho": 1.0, "eta": 1.0} | given
    return Points(equations, {limits.name: np.array([float(values[limits.name])]) for limits in equations.parameters})


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("side", [-1e-3, 1e-3])
def test_collapse_is_feasible_up_to_the_threshold_of_a_kink(decay, side):
    """Without weights the stiffness with the penalty's curvature is positive iff β is above the closed form."""
    beta = vaesym.kink_threshold(1.7, decay=decay, eta=1.3) + side
    kk, kh, hh = 1.7, -1.7 * 1.3, 1.7 * 1.3 * beta
    assert (np.linalg.eigvalsh([[kk + decay, kh], [kh, hh + decay]])[0] > 0) == (side > 0)
    if not decay:
        collapsed = np.zeros((1, 8))
        given = {"alpha": 1.7, "beta": beta, "lam_decoder": 0.2, "lam_encoder": 0.4, "eta": 1.3, "share": 0.2}
        assert point(**given).feasible(collapsed)[0] == (side > 0)


def test_the_kink_threshold_is_that_of_weight_decay_at_the_noise():
    alpha, decay = np.array([0.5, 2.0, 50.0]), 0.4
    weak = vaesym.collapse_threshold(alpha, lam=decay, rho=1e-9, eta=1.0)
    eigenvalue = (1 + alpha**-0.5) ** 2  # of noise alone; the kink sees a single coordinate, of variance 1
    np.testing.assert_allclose(weak, alpha * eigenvalue / (alpha + decay) - decay / (alpha * eigenvalue))
    np.testing.assert_allclose(vaesym.kink_threshold(alpha, decay=decay), alpha / (alpha + decay) - decay / alpha)


@pytest.mark.parametrize(("alpha", "decay", "eta"), [
    (2.0, 0.5, 1.0), (0.5, 0.1, 1.3), (1.0, 0.3, 1.0), (1.0, 1e-8, 1.0), (0.2, 0.05, 0.7),
    (5.0, 3.0, 2.0), (3.0, 0.0, 1.5)])
def test_a_kink_of_the_decoder_alone_balances_over_the_spectrum_of_the_noise(alpha, decay, eta):
    r"""α + λ = α²∫ s²/(αβs+λ) dμ(s) with the Marchenko–Pastur law μ; the atom at 0 does not count."""
    beta = vaesym.kink_threshold(alpha, decay=decay, eta=eta, kinks="decoder")
    middle, half = eta * (1 + 1 / alpha), 2 * eta / np.sqrt(alpha)

    def part(angle):
        s = middle - half * np.cos(angle)
        return s / (alpha * beta * s + decay) * alpha / (2 * np.pi * eta) * (half * np.sin(angle)) ** 2

    whole, _ = quad(part, 0, np.pi, epsabs=1e-13, epsrel=1e-13)
    assert alpha**2 * whole == pytest.approx(alpha + decay, rel=1e-9)


def test_a_kink_of_one_alone_leaves_collapse_less_stable():
    alpha, decay = np.geomspace(0.1, 10, 7)[:, None], np.array([0.0, 0.05, 0.5])
    both, encoder, decoder = (vaesym.kink_threshold(alpha, decay=decay, kinks=which)
                              for which in ("both", "encoder", "decoder"))
    assert (decoder >= both - 1e-15).all()
    assert (encoder > both).all()
    np.testing.assert_allclose(decoder[:, 0], 1.0, rtol=1e-15)
    # At a decay beyond that of every threshold collapse is stable at any β.
    assert vaesym.kink_threshold(1.0, decay=2.0, kinks="decoder") <= 0


def test_a_sparse_decoder_of_finite_dimension_turns_at_its_threshold():
    """A decoder on one coordinate of sampled noise, with its best encoder: its stiffness is zero at the threshold."""
    alpha, decay, dimension = 1.5, 0.4, 400
    x = np.random.default_rng(0).standard_normal((int(alpha * dimension), dimension))
    s = x.T @ x / len(x)
    beta = float(vaesym.kink_threshold(alpha, decay=decay, kinks="decoder"))
    answered = s @ np.linalg.solve(alpha * beta * s + decay * np.eye(dimension), s)
    # The mean over the coordinates: each one strays by its own sampled variance.
    stiffness = alpha + decay - alpha**2 * np.diag(answered).mean()
    assert abs(stiffness) < 5 * alpha / dimension**0.5 / dimension**0.5


def test_a_latent_that_copies_one_coordinate_is_deeper_than_collapse():
    """At N = 1000, β < η and a penalty under which nothing else is active; the theory with its cost at finite N."""
    run, given = measured.one_coordinate(1000), measured.LOCALISED
    gain = float(vaesym.localised_gain(given["alpha"], given["beta"]))
    cost = given["lam"] * np.sqrt(1 - given["beta"]) * 2 / np.sqrt(1000)
    assert gain < run["free_energy"] < gain + cost < 0
    assert run["largest"] > 0.95 * run["Q"]
    assert run["zero_decoder"] > 0.95


def test_recorded_copies_of_one_coordinate_approach_the_theory():
    rows = measured.recorded()["localised"]
    gain = float(vaesym.localised_gain(measured.LOCALISED["alpha"], measured.LOCALISED["beta"]))
    gaps = np.array([row["free_energy"] - gain for row in rows])
    sizes = np.array([row["dimension"] for row in rows])
    assert (gaps > 0).all()
    # The cost of the penalty falls as N^{-1/2}, at first less what more coordinates bring.
    np.testing.assert_allclose(np.diff(np.log(gaps)) / np.diff(np.log(sizes)), -0.5, atol=0.15)


def test_many_samples_give_the_loss_of_unlimited_data():
    given = point(alpha=1e5, beta=1.2, lam_decoder=8e3, lam_encoder=4e3, share=0.05)
    decoder, encoder, gain = unlimited(given)
    a, b = decoder[0], encoder[0]
    D = 1.2 / (a * a + 1.2)
    by_hand = (-2 * a * b + a * a * b * b + a * a * D / 2 + 0.6 * (2 * b * b + D - np.log(D) - 1)
               + np.sqrt(0.05) * (0.08 * a + 0.04 * b))
    assert gain[0] == pytest.approx(by_hand, rel=1e-12)
    state, found = with_many_samples(many_samples(given))
    assert found[0]
    assert state[0, 0] == pytest.approx(a * a, rel=0.05)


def test_thresholds_approach_their_power_law():
    """Near unlimited data: ρ+η−β is 3/2 (2x)^{2/3} and 3 (x/2)^{2/3}, with corrections of relative order x^{2/3}."""
    found = vaesym.sparse_thresholds(3000.0, penalty=3.0, share=0.1)
    x = 3 * 3.0 * np.sqrt(0.1) / 3000
    assert 2 - float(found.beta_global) == pytest.approx(1.5 * (2 * x) ** (2 / 3), rel=0.06)
    assert 2 - float(found.beta_spinodal) == pytest.approx(3 * (x / 2) ** (2 / 3), rel=0.06)
    assert float(found.Q_global) == pytest.approx((2 * x) ** (2 / 3), rel=0.15)


def test_thresholds_are_those_of_the_states():
    """At the spinodal states end; at equal depth the free energy is that of collapse, and solve_problem agrees."""
    found = vaesym.sparse_thresholds(4.0, penalty=0.5)
    assert float(found.beta_local) == 1 < float(found.beta_global) < float(found.beta_spinodal)
    assert float(found.free_energy_global) == pytest.approx(0, abs=1e-9)
    assert float(found.free_energy_spinodal) > 0
    equations = equations_of("l1_vae")
    given = {"alpha": 4.0, "lam_decoder": 0.5, "lam_encoder": 0.5, "rho": 1.0, "eta": 1.0}
    for beta, there in ((float(found.beta_spinodal) - 1e-3, True), (float(found.beta_spinodal) + 1e-3, False)):
        values = given | {"beta": beta}
        at = Points(equations, {limits.name: np.array([values[limits.name]]) for limits in equations.parameters})
        assert learning(at)[1][0] == there


@pytest.mark.parametrize(("call", "said"), [
    (lambda: vaesym.sparse_thresholds(2.0, penalty=-1.0), "penalty > 0"),
    (lambda: vaesym.sparse_thresholds(2.0, penalty=1.0, share=2.0), r"share in \(0, 1\]"),
    (lambda: vaesym.sparse_thresholds(2.0, penalty=1.0, rho=[1.0, 2.0]), "rho"),
    (lambda: vaesym.kink_threshold(2.0, decay=-1.0), "decay"),
    (lambda: vaesym.kink_threshold(2.0, kinks="none"), "kinks"),
    (lambda: vaesym.sparse_recovery([1.0], beta=[1.0], penalty=[1.0], share=[0.1, 0.2]), "share"),
])
def test_refusals(call, said):
    with pytest.raises(InputError, match=said):
        call()


@pytest.mark.slow
def test_thresholds_over_axes():
    """An axis of each, an encoder's penalty of its own, and a point that has no learning state."""
    found = vaesym.sparse_thresholds([2.0, 4.0], penalty=[0.4, 0.5], encoder_penalty=0.5)
    assert found.beta_global.dims == ("alpha", "penalty")
    alone = vaesym.sparse_thresholds(4.0, penalty=0.5)
    assert float(found.beta_global[1, 1]) == pytest.approx(float(alone.beta_global), abs=1e-8)
    assert float(found.beta_global[1, 0]) > float(alone.beta_global)
    assert np.isnan(float(vaesym.sparse_thresholds(0.7, penalty=4.0, share=0.5).beta_spinodal))
