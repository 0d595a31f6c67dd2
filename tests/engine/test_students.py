"""Problems of several students: against the closed form of the linear VAE and random matrices."""

import numpy as np
import pytest
import sympy as sp

import vaesym
from vaesym.engine.lowered import equations_of
from vaesym.engine.quadratic.points import Points, fields_of, pull
from vaesym.engine.quadratic.solve import searched, starts, students_block
from vaesym.engine.quadratic.training import StudentsSample
from vaesym.engine.solve import Status
from vaesym.engine.thresholds import separability
from vaesym.inputs import InputError
from vaesym.problem import Data, Parameter, Unlabelled, label, sparse
from vaesym.problems import l1_vae, lasso, linear_vae, pca
from vaesym.problems.autoencoders import beta, eta, k, lam_decoder, lam_encoder, rho, v, w

UNIT = {"rho": 1.0, "eta": 1.0}
SPARSE = l1_vae.but(name="sparse", data=Data(Unlabelled(), sparse(sp.Rational(1, 10)), eta, rho))
GROUP = l1_vae.but(name="group", penalty=lam_decoder * sp.sqrt(w**2 + v**2) + lam_encoder * (w**2 + v**2) / 2)
SIGNED = l1_vae.but(name="non_negative", penalty=sp.Piecewise((lam_decoder * w, w >= 0), (sp.oo, True))
                    + lam_encoder * (sp.Abs(v) + v**2 / 3))


def random_points(count: int, *names: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    powers = {"alpha": (-0.7, 1.3), "beta": (-1.3, 0.6), "lam": (-1.5, 0.5), "rho": (-0.5, 0.7), "eta": (-0.4, 0.4)}
    every = {name: 10 ** rng.uniform(*ends, count) for name, ends in powers.items()}
    return {name: every[name] for name in names}


def test_the_linear_vae_is_its_closed_form():
    given = random_points(24, "alpha", "beta", "lam", "rho", "eta")
    states = students_block(equations_of("linear_vae"), given)
    exact = vaesym.solve(given["alpha"], given["beta"], lam=given["lam"], rho=given["rho"], eta=given["eta"])
    assert (states["status"] == Status.SOLVED).all()
    assert len({*exact.phase.tolist()}) == 3
    for name in ("Q", "E", "R", "m", "d", "D", "rate", "distortion", "signal_recovery_error", "free_energy"):
        np.testing.assert_allclose(np.abs(states[name]), np.abs(getattr(exact, name)), rtol=1e-9, atol=1e-9,
                                   err_msg=name)


def test_the_first_component_is_that_of_baik_ben_arous_and_peche():
    given = random_points(60, "alpha", "rho", "eta")
    states = students_block(equations_of("pca"), given)
    alpha, rho_, eta_ = given.values()
    seen = alpha > (eta_ / rho_) ** 2
    spike, edge = (rho_ + eta_) * (1 + eta_ / (alpha * rho_)), eta_ * (1 + 1 / np.sqrt(alpha)) ** 2
    overlap = (1 - (eta_ / rho_) ** 2 / alpha) / (1 + eta_ / (alpha * rho_))
    np.testing.assert_allclose(states["eigenvalue"], np.where(seen, spike, edge), rtol=1e-12)
    np.testing.assert_allclose(states["squared_overlap"], np.where(seen, overlap, 0), atol=1e-9)


def test_absolute_values_on_a_spread_signal():
    """Values of the replica formula, confirmed by minimisation at N = 2000 to its spread."""
    states = vaesym.solve_problem("l1_vae", alpha=4.0, beta=1.0, lam_decoder=0.5, lam_encoder=0.5, **UNIT)
    expected = {"Q": 1.07654, "E": 0.23542, "R": 0.50219, "m": 0.72290, "d": 0.32726, "zero_decoder": 0.1403,
                "zero_encoder": 0.2576}
    for name, value in expected.items():
        assert float(states[name]) == pytest.approx(value, abs=6e-6 if len(f"{value}") > 6 else 6e-5), name
    assert float(states.quadrature_error) < 1e-9


def test_collapse_under_absolute_values():
    """No weights are a state of their own, and the deepest one at large β, without a division by zero."""
    states = vaesym.solve_problem("l1_vae", alpha=4.0, beta=[1.0, 4.0], lam_decoder=0.5, lam_encoder=0.5, **UNIT)
    assert states.status.values.tolist() == [Status.SOLVED, Status.SOLVED]
    assert states.D.values[1] == 1
    np.testing.assert_allclose([states.zero_decoder.values[1], states.zero_encoder.values[1]], 1, atol=1e-11)
    assert states.Q.values[1] == states.free_energy.values[1] == states.rate.values[1] == 0
    assert states.free_energy.values[0] < 0


def test_a_point_without_replica_symmetry_is_flagged():
    """At (3, 0.7, 1) the replicon is above 1; training from different starts ends in different minima there."""
    states = vaesym.solve_problem("l1_vae", alpha=3.0, beta=0.7, lam_decoder=1.0, lam_encoder=1.0, **UNIT)
    assert int(states.status) == Status.UNSTABLE
    assert float(states.m) == pytest.approx(0.4484, abs=1e-4)
    assert float(states.replicon) == pytest.approx(1.02238, abs=1e-5)


@pytest.mark.parametrize("problem", [l1_vae, SPARSE, GROUP, SIGNED], ids=lambda p: p.name)
def test_derivatives_of_the_site(problem):
    equations = equations_of(problem)
    given = {"alpha": 3.0, "beta": 0.7, "lam_decoder": 0.5, "lam_encoder": 0.4, **UNIT}
    points = Points(equations, {name: np.array([value]) for name, value in given.items()}, order=12)
    hats = np.array([[2.1, -1.3, 3.2, 1.9, 0.8, 1.4, 0.2, 0.9]])
    site, step = points.site(hats), 1e-4
    for i in range(hats.shape[1]):
        move = step * np.eye(hats.shape[1])[i]
        difference = (points.site(hats + move).value - points.site(hats - move).value) / (2 * step)
        np.testing.assert_allclose(site.slope[0, :, i], difference[0], atol=2e-5 if problem is GROUP else 1e-7)


def test_one_student_with_absolute_values():
    """Sparse components: the averages are those of problems with labels; the multiplier still holds the norm."""
    lam = sp.Symbol("lam", positive=True)
    sparse_pca = pca.but(name="sparse_pca", penalty=lam * sp.Abs(w), data=SPARSE.data,
                         parameters=(Parameter(lam, "weight of the absolute values"), *pca.parameters))
    states = vaesym.solve_problem(sparse_pca, alpha=2.0, lam=0.3, rho=2.0, eta=1.0)
    plain = vaesym.solve_problem("pca", alpha=2.0, rho=2.0, eta=1.0)
    assert int(states.status) == Status.SOLVED
    assert float(states.Q) == pytest.approx(1, abs=1e-12)
    assert float(states.zero_fraction) > 0.05
    assert float(states.squared_overlap) > float(plain.squared_overlap)


def test_a_state_is_found_where_the_loss_is_nearly_flat():
    """A small decay barely tells a long decoder from a long encoder; both lie along the first eigenvector."""
    states = vaesym.solve_problem("linear_autoencoder", alpha=7.5, lam=0.038, rho=4.0, eta=0.4)
    assert int(states.status) == Status.SOLVED
    squared = (1 - 1 / (7.5 * 10**2)) / (1 + 1 / (7.5 * 10))  # Baik, Ben Arous and Péché, at ρ/η = 10
    assert float(states.m**2 / states.Q) == pytest.approx(squared, rel=1e-9)
    other = vaesym.solve_problem("linear_autoencoder", alpha=5.7172, lam=0.0479, rho=2.335, eta=0.3605)
    assert float(other.m) == pytest.approx(0.983215, rel=1e-5)
    # Below α = (η/ρ)² nothing is known of the planted direction.
    blind = vaesym.solve_problem("linear_autoencoder", alpha=7.1, lam=0.058, rho=0.79, eta=2.3)
    assert int(blind.status) == Status.SOLVED
    assert abs(float(blind.m)) < 1e-6


@pytest.mark.parametrize(("name", "given"), [
    ("linear_autoencoder", (28.326, 0.00824808, 5.29401, 0.869097)),
    ("linear_autoencoder", (15.3564, 0.00019188, 7.39286, 0.415877)),
    ("tied_autoencoder", (4.04234, 0.161611, 0.639158, 1.16347))])
def test_with_little_decay_the_signal_is_found(name, given):
    """Weights lie along the first eigenvector, whose overlap is that of Baik, Ben Arous and Péché."""
    alpha, lam, rho_, eta_ = given
    states = vaesym.solve_problem(name, alpha=alpha, lam=lam, rho=rho_, eta=eta_)
    squared = (1 - (eta_ / rho_) ** 2 / alpha) / (1 + eta_ / (alpha * rho_))
    assert int(states.status) == Status.SOLVED
    assert float(states.m**2 / states.Q) == pytest.approx(squared, rel=1e-8)


def test_samples_that_are_few_leave_the_encoder_to_its_decay():
    """Both students lie along the first eigenvector of the samples; across them the encoder feels its decay alone."""
    alpha, lam, eta_ = 0.191197, 0.0033602, 8.292468
    states = vaesym.solve_problem("linear_autoencoder", alpha=alpha, lam=lam, rho=0.0115530, eta=eta_)
    assert int(states.status) == Status.SOLVED
    force = alpha * eta_ * (1 + 1 / np.sqrt(alpha)) ** 2
    size = 1 - lam / force
    np.testing.assert_allclose([states.Q, states.R, states.E], size, rtol=1e-9)
    assert float(states.free_energy) == pytest.approx(lam * size - force * (size - size**2 / 2), rel=1e-10)
    assert float(states.chi_hh) == pytest.approx((1 - alpha) / lam, rel=1e-3)


@pytest.mark.parametrize("given", [(0.297157, 0.341899, 0.00239487, 3.24922, 1.51836),
                                   (15.615, 0.0127528, 0.0974178, 0.734318, 2.57489)])
def test_just_above_detection_the_signal_is_found(given):
    names = ("alpha", "beta", "lam", "rho", "eta")
    states = vaesym.solve_problem("linear_vae", **dict(zip(names, given, strict=True)))
    exact = vaesym.solve(*given[:2], lam=given[2], rho=given[3], eta=given[4])
    assert float(states.m) == pytest.approx(float(abs(exact.m)), rel=1e-8)
    assert float(states.free_energy) == pytest.approx(float(exact.free_energy), rel=1e-10)


def test_blind_states_are_saddles_above_detection_alone():
    """The edge of the noise as the component: an answer below α = (η/ρ)², and a saddle above it."""
    equations, rho_, eta_ = equations_of("pca"), 2.0, 1.0
    points = Points(equations, {"alpha": np.array([0.2, 0.3]), "rho": np.full(2, rho_), "eta": np.full(2, eta_)})
    blind = []
    for alpha in (0.2, 0.3):
        point = Points(equations, {"alpha": np.array([alpha]), "rho": np.array([rho_]), "eta": np.array([eta_])})
        found, residual = searched(point, starts(point)["uninformed"])
        assert residual[0] <= 1e-10
        blind.append(found[0])
    state = np.array(blind)
    assert np.abs(state[:, 1]).max() < 1e-9
    fields = fields_of(points, state, np.zeros(2))
    assert fields["status"].tolist() == [Status.SOLVED, Status.SADDLE]
    assert "better state" in Status.SADDLE.message
    strength, turn = pull(points, state)
    assert strength[0] < 0 < strength[1]
    np.testing.assert_allclose(np.abs(turn), 1)


def test_trained_rows_under_the_norm_of_a_row():
    """Where a row is not zero its force vanishes, with weight decays of the students that differ."""
    uneven = GROUP.but(penalty=lam_decoder * sp.sqrt(w**2 + v**2) + lam_encoder * w**2 / 2 + 3 * lam_encoder * v**2 / 2)
    given = {"alpha": 3.0, "beta": 0.5, "lam_decoder": 0.6, "lam_encoder": 0.3, **UNIT}
    sample = StudentsSample(equations_of(uneven), given, 80, 0)
    trained = sample.train()
    _, gradient, _ = sample.slope(trained.weights)
    size = np.linalg.norm(trained.weights, axis=1, keepdims=True)
    force = gradient + 0.6 * trained.weights / np.where(size > 0, size, 1) + trained.weights * [0.3, 0.9]
    assert 0 < np.mean(size == 0) < 0.5
    assert np.abs(force[size[:, 0] > 0]).max() < 1e-5
    assert np.linalg.norm(gradient[size[:, 0] == 0], axis=1).max() < 0.6


def test_a_multiplier_beside_a_penalty_is_not_trained():
    lam = sp.Symbol("lam", positive=True)
    problem = pca.but(name="penalised", penalty=lam * sp.Abs(w),
                      parameters=(Parameter(lam, "weight of the absolute values"), *pca.parameters))
    with pytest.raises(InputError, match="no penalty"):
        vaesym.simulate(problem, 50, 1, alpha=2.0, lam=0.3, rho=2.0, eta=1.0)


def test_what_asks_for_labels():
    with pytest.raises(InputError, match="samples have labels; received pca"):
        separability("pca")


@pytest.mark.parametrize(("changes", "said"), [
    ({"loss": k**4}, "quadratic in the fields"),
    ({"loss": linear_vae.loss + label}, "meaning for every symbol"),
    ({"penalty": sp.Abs(w * v)}, "sum over the students"),
    ({"penalty": beta * sp.log(1 + sp.exp(w)) + sp.Abs(v)}, "parabolas and lines"),
    ({"penalty": -beta * w**2}, "convex"),
    ({"data": lasso.data}, "meaning for every symbol"),
])
def test_refusals(changes, said):
    with pytest.raises(InputError, match=said):
        linear_vae.but(**changes)
