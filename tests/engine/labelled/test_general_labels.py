"""Problems with any labels: against the engine of one student, closed forms, symmetries and derivatives."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize
from scipy.stats import norm
from stated import GIVEN, line, ordered, square, uneven

import vaesym
from vaesym.engine.labelled.energy import Points
from vaesym.engine.labelled.joint import least
from vaesym.engine.labelled.outer import Fineness
from vaesym.engine.labelled.solve import System
from vaesym.engine.lowered import equations_of
from vaesym.engine.solve import Status
from vaesym.inputs import InputError
from vaesym.problem import Clusters, Data, DiscreteLabel, Parameter, RealLabel, epsilon, field, label, numbered, teacher
from vaesym.problem.labelled import residual
from vaesym.problems import gaussian_mixture, hinge, lasso, logistic, ridge
from vaesym.problems.hinge_classification import of_teacher
from vaesym.problems.several_outputs import softmax, u, v, w_u, w_v, y_1, y_2

HALF = sp.Rational(1, 2)
t_1, t_2 = numbered(teacher, 2)
chance = 1 / (1 + sp.exp(-teacher))
bias = sp.Symbol("bias", real=True)
BIAS = (Parameter(bias, "intercept", least=float("-inf")),)


def by_chance(problem, chance):
    return problem.but(data=Data(DiscreteLabel(((1, chance), (-1, 1 - chance))), problem.data.planted))


def real(problem):
    law = problem.data.label
    value = sp.sqrt(law.signal) * teacher + sp.sqrt(law.noise) * epsilon
    return problem.but(data=Data(RealLabel((value,)), problem.data.planted))


def points_of(equations, given, fineness):
    return Points(equations, {key: np.reshape(value, 1) for key, value in equations.checked(given).items()}, fineness)


_share, _separation = gaussian_mixture.data.label.share, gaussian_mixture.data.signal
AGAIN = {
    "logistic": (logistic, by_chance(logistic, logistic.data.label.probability),
                 {"alpha": 4.0, "lam": 0.3, "signal": 2.0}),
    "hinge": (hinge, by_chance(hinge, HALF), {"alpha": 2.0, "lam": 0.3, "margin": 1.0}),
    "hinge_of_teacher": (of_teacher, by_chance(hinge, of_teacher.data.label.probability),
                         {"alpha": 2.0, "lam": 0.3, "margin": 1.0}),
    "mixture": (gaussian_mixture, gaussian_mixture.but(data=Data(
        Clusters(((_share, (1,), 1), (1 - _share, (-1,), -1))), signal=_separation)),
        {"alpha": 3.0, "lam": 0.3, "separation": 1.0, "share": 0.3}),
    "ridge": (ridge, real(ridge), {"alpha": 0.5, "lam": 0.3, "signal": 1.0, "noise": 0.25}),
    "lasso": (lasso, real(lasso), {"alpha": 2.0, "lam": 0.3, "noise": 0.25, "sparsity": 0.2, "amplitude": 1.0}),
}


@pytest.mark.parametrize("name", AGAIN)
def test_the_same_problem_stated_by_another_law(name):
    """The engine of one student has other variables, other quadratures and another Newton."""
    plain, general, given = AGAIN[name]
    assert general.general
    one, two = vaesym.solve_problem(plain, **given), vaesym.solve_problem(general, **given)
    assert int(two.status) == Status.SOLVED
    for field_ in set(one.data_vars) & set(two.data_vars) - {"residual", "quadrature_error", "status"}:
        np.testing.assert_allclose(one[field_], two[field_], rtol=3e-8, atol=3e-9, err_msg=field_)


@pytest.mark.parametrize("name", GIVEN)
def test_the_extremum_is_the_training_loss(name):
    problem, given = GIVEN[name]
    states = vaesym.solve_problem(problem, **given)
    assert int(states.status) == Status.SOLVED
    assert float(states.residual) < 1e-10
    assert 0 < float(states.replicon) < 1
    total = states.alpha * states.training_loss + states.penalty
    np.testing.assert_allclose(states.free_energy, total, rtol=1e-11)


@pytest.mark.parametrize("name", GIVEN)
def test_the_jacobian_is_the_derivative(name):
    problem, given = GIVEN[name]
    equations = equations_of(problem)
    points = points_of(equations, given, Fineness(40, 10, 40, 12))
    k, s, own = equations.count, equations.directions, len(equations.pairs)
    rng = np.random.default_rng(3)
    z = np.concatenate([rng.normal(0, 0.2, own), rng.normal(0.3, 0.1, k * s), rng.normal(-0.2, 0.2, own),
                        rng.normal(0, 0.3, len(equations.bias))])[None]
    rows = np.arange(1)
    exact = System(points, z).jacobian(z, rows)[0]
    for j in range(z.shape[1]):
        step = 1e-5 * np.eye(z.shape[1])[j]
        numeric = (System(points, z).residual(z + step, rows) - System(points, z).residual(z - step, rows))[0] / 2e-5
        # Under a loss with kinks the rule over the label's law is itself only so smooth.
        np.testing.assert_allclose(exact[:, j], numeric, rtol=1e-6, atol=2e-6, err_msg=f"variable {j}")


def test_two_outputs_are_two_ridges():
    """Each output is ridge regression of its own; both share the data, so that only what teachers share overlaps."""
    _, given = GIVEN["multi_output_ridge"]
    both, one = vaesym.solve_problem("multi_output_ridge", **given), vaesym.solve_problem("ridge", **given)
    quiet = vaesym.solve_problem("ridge", **(given | {"noise": 0.0}))
    for name in ("Q", "E"):
        np.testing.assert_allclose(both[name], one.Q, rtol=1e-11)
    np.testing.assert_allclose([both.m_1, both.m_2], [one.m, 0], atol=1e-12)
    np.testing.assert_allclose([both.d_1, both.d_2], [one.m / np.sqrt(2)] * 2, rtol=1e-11)
    np.testing.assert_allclose([both.chi_uu, both.chi_uv, both.chi_vv], [one.chi, 0, one.chi], atol=1e-11)
    np.testing.assert_allclose(both.R, quiet.Q / np.sqrt(2), rtol=1e-11)
    np.testing.assert_allclose(both.free_energy, 2 * one.free_energy, rtol=1e-11)
    np.testing.assert_allclose(both.replicon, one.replicon, rtol=1e-11)
    np.testing.assert_allclose(both.fresh_loss, one.generalization_error, rtol=1e-11)


def test_classes_may_change_places():
    """Clusters of a triangle differ by their names alone; the softmax of the two named ones is a mirror image."""
    _, given = GIVEN["softmax"]
    states = vaesym.solve_problem("softmax", **given)
    np.testing.assert_allclose(states.Q, states.E, rtol=1e-11)
    np.testing.assert_allclose(states.chi_uu, states.chi_vv, rtol=1e-11)
    _, given = GIVEN["uneven"]
    turned = uneven.but(data=Data(Clusters(tuple((share, center, tuple(reversed(value)))
                                                 for share, center, value in uneven.data.label.parts),
                                           uneven.data.label.variances),
                                  signal=uneven.data.signal))
    one, three = vaesym.solve_problem(uneven, **given), vaesym.solve_problem(turned, **given)
    for name, same in (("Q", "E"), ("m_1", "d_1"), ("m_2", "d_2"), ("chi_uu", "chi_vv"), ("R", "R")):
        np.testing.assert_allclose(one[name], three[same], rtol=1e-9, err_msg=name)


def test_clusters_that_are_alike_have_one_noise():
    """Variances of 2 in every cluster are noise of 2."""
    two = Clusters(((_share, (1,), 1), (1 - _share, (-1,), -1)), variances=(2, 2))
    loud = gaussian_mixture.but(data=Data(two, signal=_separation))
    given = {"alpha": 3.0, "lam": 0.3, "separation": 1.0, "share": 0.3}
    one = vaesym.solve_problem(gaussian_mixture.but(data=Data(gaussian_mixture.data.label, noise=sp.Integer(2),
                                                              signal=_separation)), **given)
    other = vaesym.solve_problem(loud, **given)
    for name in ("Q", "m", "chi", "free_energy", "replicon", "classification_error"):
        np.testing.assert_allclose(one[name], other[name], rtol=1e-8, err_msg=name)
    with pytest.raises(InputError, match="a variance for each of 2 clusters"):
        Clusters(two.parts, variances=(2,))
    shrinking = loud.but(data=Data(Clusters(two.parts, (1, 1 - 5 * _share)), signal=_separation))
    with pytest.raises(InputError, match="a variance of each cluster"):
        vaesym.solve_problem(shrinking, **given)


def test_samples_of_several_laws():
    """Under a square loss noise counts by its mean, and slopes of unlike samples by their mean and as noise."""
    several = ridge.but(data=Data(DiscreteLabel(((2 * teacher + epsilon, HALF / 2), (3 * epsilon, 3 * HALF / 2)))),
                        parameters=ridge.parameters[:1], observables={})
    assert residual(several) is not None
    states = vaesym.solve_problem(several, alpha=2.0, lam=0.4)
    one = vaesym.solve_problem("ridge", alpha=2.0, lam=0.4, signal=0.25, noise=7 + 0.75)
    for name in ("Q", "m", "chi", "free_energy", "replicon"):
        np.testing.assert_allclose(states[name], one[name], rtol=1e-11, err_msg=name)
    # Probabilities that depend on the teacher's field are averaged over it.
    moved = several.but(data=Data(DiscreteLabel(((2 * teacher + epsilon, chance), (3 * epsilon, 1 - chance)))))
    assert residual(moved) is None


def test_labels_of_a_cut_field():
    """An intercept takes up their mean; under a square loss the rest counts by its slope, and as noise."""
    cut = ridge.but(data=Data(RealLabel((sp.Max(teacher, 0),))), parameters=ridge.parameters[:1], observables={},
                    loss=(label - field - bias) ** 2 / 2, free=BIAS)
    states = vaesym.solve_problem(cut, alpha=2.0, lam=0.4)
    one = vaesym.solve_problem("ridge", alpha=2.0, lam=0.4, signal=0.25, noise=0.25 - 1 / (2 * np.pi))
    for name in ("Q", "m", "chi", "free_energy"):
        np.testing.assert_allclose(states[name], one[name], rtol=1e-8, err_msg=name)
    assert float(states.bias) == pytest.approx(1 / np.sqrt(2 * np.pi), rel=1e-8)


def test_two_directions_that_act_as_one():
    """A label of (t_1 + t_2)/√2 is one of a single teacher's field."""
    chance = 1 / (1 + sp.exp(-2 * teacher))
    one = logistic.but(data=Data(DiscreteLabel(((1, chance), (-1, 1 - chance)))))
    two = by_chance(one, chance.xreplace({teacher: (t_1 + t_2) / sp.sqrt(2)}))
    given = {"alpha": 2.0, "lam": 0.3, "signal": 1.0}
    one, two = vaesym.solve_problem(one, **given), vaesym.solve_problem(two, **given)
    np.testing.assert_allclose([two.m_1, two.m_2], [one.m / np.sqrt(2)] * 2, rtol=1e-8)
    for name in ("Q", "chi", "free_energy", "classification_error", "fresh_loss", "replicon"):
        np.testing.assert_allclose(two[name], one[name], rtol=1e-8, err_msg=name)


def test_an_intercept_takes_the_mean_of_the_labels():
    given = {"alpha": 1.5, "lam": 0.3, "signal": 1.0, "noise": 0.25}
    law = real(ridge).data.label.values[0]
    moved = ridge.but(loss=ridge.loss.xreplace({field: field + bias}), data=Data(RealLabel((law + 3,))), free=BIAS)
    plain, states = vaesym.solve_problem(ridge, **given), vaesym.solve_problem(moved, **given)
    assert float(states.bias) == pytest.approx(3, abs=1e-12)
    for name in ("Q", "m", "chi", "free_energy", "replicon"):
        np.testing.assert_allclose(states[name], plain[name], rtol=1e-11, err_msg=name)
    even = {"alpha": 2.0, "lam": 0.4, "separation": 1.5, "share": 0.5}
    plain, states = (vaesym.solve_problem(name, **even) for name in ("gaussian_mixture", "gaussian_mixture_bias"))
    assert float(states.bias) == pytest.approx(0, abs=1e-12)
    np.testing.assert_allclose(states.classification_error, plain.classification_error, rtol=1e-8)


def test_least_absolute_errors_with_absolute_values_are_marginal():
    """A linear programme ends in a corner, with as many samples fitted as weights are not zero: its replicon is 1."""
    problem = square.but(loss=sp.Abs(label - field), data=Data(RealLabel((teacher * (1 + epsilon),))))
    states = vaesym.solve_problem(problem, alpha=2.0, lam=0.4)
    assert float(states.replicon) == pytest.approx(1, abs=1e-9)


c = sp.Symbol("c", positive=True)
KINKS = ridge.but(loss=sp.Abs(label - field) + c * sp.Abs(field), observables={},
                  parameters=(*ridge.parameters, Parameter(c, "weight of the field's absolute value")))
AT = {"alpha": 2.0, "lam": 0.5, "signal": 1.0, "noise": 0.3}


def by_the_dual(size, weight, seed):
    """Return free energy, Q and m of max pᵀy − ‖Xᵀ(p + q)‖²/2λ, |p| ≤ 1, |q| ≤ weight, whose w is Xᵀ(p + q)/λ."""
    random, count, lam = np.random.default_rng(seed), int(AT["alpha"] * size), AT["lam"]
    x, planted = random.standard_normal((count, size)) / np.sqrt(size), random.standard_normal(size)
    planted *= np.sqrt(size) / np.linalg.norm(planted)
    y = x @ planted + np.sqrt(AT["noise"]) * random.standard_normal(count)

    def value(both):
        w = x.T @ (both[:count] + both[count:]) / lam
        return lam * w @ w / 2 - both[:count] @ y, np.concatenate([x @ w - y, x @ w])

    found = minimize(value, np.zeros(2 * count), jac=True, method="L-BFGS-B",
                     bounds=[(-1, 1)] * count + [(-weight, weight)] * count)
    w = x.T @ (found.x[:count] + found.x[count:]) / lam
    return -found.fun / size, w @ w / size, w @ planted / size


def test_kinks_at_the_label_and_at_zero():
    """Their order depends on the label, and what is averaged over it bends where the label is zero."""
    states = vaesym.solve_problem(KINKS, **AT, c=0.5)
    assert int(states.status) == Status.SOLVED
    runs = np.array([by_the_dual(150, 0.5, seed) for seed in range(8)])
    theory = np.array([float(states[name]) for name in ("free_energy", "Q", "m")])
    assert (np.abs(runs.mean(axis=0) - theory) < 4 * runs.std(axis=0) / np.sqrt(len(runs) - 1)).all()


def test_samples_that_hold_the_weights_at_zero():
    """|u − y| + c|u| is least at 0 for each y where c > 1; at c = 1 each sample holds the weights on one side alone."""
    states = vaesym.solve_problem(KINKS, derivatives=["lam"], **AT | {"alpha": [0.5, 2.0]}, c=[1.0, 1.5])
    assert np.isnan(states.dfree_energy_dlam).all()
    assert states.status.values.tolist() == [[Status.NO_SOLUTION_FOUND, Status.SOLVED]] * 2
    held = states.isel(c=1)
    np.testing.assert_allclose(held.training_loss, np.sqrt(2 / np.pi * 1.3), rtol=1e-8)
    np.testing.assert_allclose(held.free_energy, held.alpha * held.training_loss, rtol=1e-12)
    np.testing.assert_array_equal(held.chi, [0.5 / AT["lam"], 0])
    np.testing.assert_array_equal([held.Q, held.m], 0)
    np.testing.assert_allclose(held.replicon, 0.5)
    assert np.abs(by_the_dual(100, 1.5, 0)[1:]).max() < 1e-3


def test_fresh_samples():
    """Losses and errors on fresh samples, by drawing them for weights of the state's overlaps."""
    states = vaesym.solve_problem(line, alpha=2.0, lam=0.4)
    rng = np.random.default_rng(0)
    t, z = rng.standard_normal((400_000, 2)), rng.standard_normal(400_000)
    m = np.array([states.m_1, states.m_2], dtype=float)
    own = np.sqrt(float(states.Q) - m @ m)
    chance = np.where(t[:, 0] + t[:, 1] / 2 > 1 / 3, 1.0, 1 / 3)
    y, omega = np.where(rng.random(len(z)) < chance, 1.0, -1.0), t @ m + own * z
    losses = np.logaddexp(0, -y * omega)
    assert abs(losses.mean() - float(states.fresh_loss)) < 4 * losses.std() / np.sqrt(len(z))
    wrong = float(np.mean(y * omega < 0))
    assert abs(wrong - float(states.classification_error)) < 4 * 0.5 / np.sqrt(len(z))


DOMAIN = {
    "softmax": {"separation": (-1.0, 1.0)}, "multi_output_ridge": {"signal": (-1, 0.7), "noise": (-1, 0.5)},
    "gaussian_mixture_bias": {"separation": (-1.0, 0.7), "share": (-1.2, -0.1)},
    "poisson_regression": {"signal": (-1.3, -0.4), "rate": (-0.7, 0.3)},
}


@pytest.mark.parametrize("name", DOMAIN)
def test_no_silent_failure_over_the_domain(name):
    rng = np.random.default_rng(5)
    for _ in range(2 if name == "poisson_regression" else 5):
        ends = {"alpha": (-0.5, 1.2), "lam": (-1.5, 0.7), **DOMAIN[name]}
        given = {key: float(10 ** rng.uniform(*range_)) for key, range_ in ends.items()}
        states = vaesym.solve_problem(name, **given)
        assert int(states.status) == Status.SOLVED, given
        assert all(np.isfinite(states[field_]).all() for field_ in states.data_vars), given


def test_several_points_are_those_points():
    given = GIVEN["softmax"][1] | {"alpha": [0.5, 2.0]}
    both = vaesym.solve_problem("softmax", **given)
    alone = vaesym.solve_problem("softmax", **GIVEN["softmax"][1])
    np.testing.assert_allclose(both.Q.values[1], alone.Q, rtol=1e-12)


@pytest.mark.slow
def test_three_normal_variables():
    """Two students and one teacher, whose field orders three classes."""
    states = vaesym.solve_problem(ordered, alpha=2.0, lam=1.5)
    assert int(states.status) == Status.SOLVED
    np.testing.assert_allclose(states.free_energy, 2 * states.training_loss + states.penalty, rtol=1e-11)
    # Both are told from the last class; the first is farther from it.
    assert float(states.m) > float(states.d) > 0


@pytest.mark.parametrize(("change", "words"), [
    ({"penalty": sp.Abs(w_u) + w_v**2}, "weight decay"),
    ({"penalty": w_u**2 * w_v**2}, "sum over the students"),
    ({"loss": softmax.loss + sp.Abs(u)}, "without kinks"),
    ({"loss": y_1 * u + y_2 * v - u**2}, "convex function of both"),
    ({"data": Data(RealLabel((t_1 * t_2, t_1)))}, "at most three normal variables"),
])
def test_refusals_of_two_students(change, words):
    with pytest.raises(InputError, match=words):
        softmax.but(**change)


@pytest.mark.parametrize("size", [0.1, 10.0, 100.0])
def test_the_least_loss_of_two_fields_meets_its_condition(size):
    """V∇ℓ(u) = ω − u, also where the loss is steep on the scale of V, and H is the derivative of the force."""
    equations, rng = equations_of("softmax"), np.random.default_rng(0)
    spread = np.broadcast_to(size * np.array([[1.6, 0.3], [0.3, 1.2]]), (2000, 2, 2))

    def jet(at, rows):
        del rows
        with np.errstate(over="ignore"):
            parts = equations.joint(at[:, 0], at[:, 1], 1.0, 0.0, 1.0, 1.0, 1.0)
        return parts[0], np.stack(parts[1:3], axis=1), np.stack(parts[3:], axis=1).reshape(-1, 2, 2)

    goal, step = 4 * rng.standard_normal((2000, 2)), 1e-5
    found = least(jet, spread, goal)
    np.testing.assert_allclose(found.place + np.einsum("nij,nj->ni", spread, found.force), goal,
                               atol=1e-11 * size + 1e-12)
    for j in range(2):
        moved = [least(jet, spread, goal + side * step * np.eye(2)[j]).force for side in (1, -1)]
        np.testing.assert_allclose((moved[0] - moved[1]) / (2 * step), found.answer[:, :, j], atol=1e-6)


@pytest.mark.parametrize(("part", "factor"), [("stiff", 2), ("spread", 0.5), ("drive", -1), ("drive", 2)])
@pytest.mark.parametrize("name", ["logistic", "mixture", "ridge"])
def test_a_wrong_factor_is_seen(name, part, factor, monkeypatch):
    """The equations vanish at the state of the engine of one student, and not with a factor changed in one of them."""
    plain, general, given = AGAIN[name]
    states = vaesym.solve_problem(plain, **given)
    own = float(states.Q - states.m**2)
    z = np.array([[np.log(own) / 2, float(states.m), np.log(float(states.chi)) / 2]])
    points = points_of(equations_of(general), given, Fineness(64, 12, 64, 12))
    assert np.abs(System(points, z).residual(z, np.arange(1))).max() < 1e-7
    right = Points.hats

    def wrong(self, energy):
        hats = right(self, energy)
        return hats._replace(**{part: factor * getattr(hats, part)})

    monkeypatch.setattr(Points, "hats", wrong)
    assert np.abs(System(points, z).residual(z, np.arange(1))).max() > 1e-2


def test_under_a_heavy_decay_weights_are_sums_of_samples():
    """w = (1/λ) Σ (y − E y) x/√N: all overlaps are moments of the label, and two clusters are told at Bayes' error."""
    lam, alpha, separation = 1e6, 2.0, 1.5
    states = vaesym.solve_problem("softmax", alpha=alpha, lam=lam, separation=separation)
    scale = lam**2 / alpha
    own = [(states.Q - states.m_1**2 - states.m_2**2) * scale, (states.E - states.d_1**2 - states.d_2**2) * scale,
           (states.R - states.m_1 * states.d_1 - states.m_2 * states.d_2) * scale]
    np.testing.assert_allclose(own, [2 / 9, 2 / 9, -1 / 9], rtol=1e-5)
    along = np.array([states.m_1, states.m_2, states.d_1, states.d_2]) * lam / alpha
    np.testing.assert_allclose(along, np.sqrt(separation) / 3 * np.array([1, 0, -0.5, np.sqrt(0.75)]), atol=1e-5)
    even = vaesym.solve_problem("gaussian_mixture_bias", alpha=alpha, lam=lam, separation=separation, share=0.5)
    seen = alpha * separation / (1 + alpha * separation)
    assert float(even.classification_error) == pytest.approx(norm.sf(np.sqrt(separation * seen)), rel=1e-5)


def test_limits_of_poisson_regression():
    """A heavy decay leaves moments of the counts and the logarithm of their mean; many samples find the teacher."""
    lam, alpha, signal, rate = 1e7, 2.0, 0.3, 1.5
    mean = rate * np.exp(signal / 2)
    states = vaesym.solve_problem("poisson_regression", alpha=alpha, lam=lam, signal=signal, rate=rate)
    assert float(states.bias) == pytest.approx(np.log(mean), abs=1e-5)
    assert float(states.m) * lam / alpha == pytest.approx(np.sqrt(signal) * mean, rel=1e-5)
    variance = mean + mean**2 * np.expm1(signal)
    assert float(states.Q - states.m**2) * lam**2 / alpha == pytest.approx(variance, rel=1e-5)
    many = vaesym.solve_problem("poisson_regression", alpha=1e6, lam=0.1, signal=signal, rate=rate)
    assert float(many.bias) == pytest.approx(np.log(rate), abs=1e-5)
    assert float(many.m) == pytest.approx(np.sqrt(signal), rel=1e-5)
    # Fisher's information of the counts across the teacher's direction is their mean.
    assert float(many.Q - many.m**2) * 1e6 == pytest.approx(1 / mean, rel=1e-4)
