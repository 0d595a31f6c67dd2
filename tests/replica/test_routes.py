"""The two determinants by a second route, the method's formula beside numbers, and problems that users change."""

import dataclasses

import numpy as np
import pytest
import sympy as sp

from vaesym.inputs import InputError
from vaesym.replica import (
    ConjugateEntropy,
    QuadraticProblem,
    RSMatrix,
    average_over_a_sample,
    explicit_variation,
    replicon_form,
    replicon_matrix,
    volume_of_weights,
)
from vaesym.replica.determinants.routes import integrate_out
from vaesym.replica.matrix import REPLICAS

T = sp.Symbol("T", positive=True)
Matrix = sp.ImmutableMatrix


def plain(**changes: object) -> QuadraticProblem:
    """Two fields with numbers for everything but the temperature."""
    third = sp.Rational(1, 3)
    given = {"loss": Matrix([[0, -1], [-1, 2]]), "overlap": Matrix([[2, third], [third, 1]]),
             "planted": Matrix([[third], [third / 2]]), "susceptibility": Matrix([[1, third], [third, 2]]),
             "signal": sp.Integer(1), "noise": sp.Rational(1, 5), "samples": sp.Integer(2),
             "weight_decay": sp.Rational(1, 2), "constant": sp.S.Zero, "temperature": T}
    return QuadraticProblem(**(given | changes))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_average_over_a_sample_is_the_determinant_of_the_method(n: int) -> None:
    problem = plain()
    own, common = Matrix([[1, 0], [sp.Rational(1, 3), sp.Rational(1, 2)]]), Matrix([[1, 0], [sp.Rational(1, 4), 1]])
    fields = RSMatrix(Matrix(own * own.T), Matrix(common * common.T)).explicit(n)
    loss = problem.loss / 7
    determinant = (sp.eye(2 * n) + fields * sp.kronecker_product(sp.eye(n), loss)).det()
    assert average_over_a_sample(loss, common, own, n) == determinant


def test_average_over_a_sample_is_an_average() -> None:
    """Two replicas of two fields, over four normal variables by Gauss–Hermite quadrature."""
    own, common = np.array([[0.6, 0], [0.2, 0.5]]), np.array([[0.7, 0], [0.1, 0.4]])
    loss = np.array([[0.3, -0.4], [-0.4, 0.9]])
    nodes, chances = np.polynomial.hermite_e.hermegauss(40)
    chances = chances / chances.sum()
    grid, chance = np.array(np.meshgrid(nodes, nodes)).reshape(2, -1), np.outer(chances, chances).ravel()
    fields = (common @ grid)[:, :, None] + (own @ grid)[:, None, :]
    weight = np.exp(-0.5 * np.einsum("iab,ij,jab->ab", fields, loss, fields))
    average = chance @ (weight @ chance) ** 2
    exact = average_over_a_sample(*(Matrix(a.tolist()).applyfunc(sp.Rational) for a in (loss, common, own)), replicas=2)
    np.testing.assert_allclose(average, float(exact) ** -0.5, rtol=1e-7)


def test_integration_keeps_what_it_does_not_integrate() -> None:
    x, y = sp.symbols("g_1 xi_1", real=True)
    product, rest = integrate_out(x * y + 3 * y**2 / 2, [y])
    assert product == 4
    assert sp.expand(rest + x**2 / 8) == 0


@pytest.mark.parametrize("n", [1, 2, 3])
def test_volume_is_the_determinant_of_the_method(n: int) -> None:
    problem = plain()
    overlaps = problem.overlaps().explicit(n).subs(T, 1)
    stacked = sp.Matrix.vstack(*[problem.planted] * n)
    every = Matrix(sp.BlockMatrix([[sp.eye(1), stacked.T], [stacked, overlaps]]).as_explicit())
    assert volume_of_weights(every) == (overlaps - stacked * stacked.T).det()


def test_volume_counts_random_weights() -> None:
    """Vectors of independent normal components: the chance of overlaps near Ω falls as exp(N/2 ln det), by sampling."""
    rng, dimension = np.random.default_rng(3), 6
    draws = rng.standard_normal((400_000, 2, dimension)) / np.sqrt(dimension)
    q, r = (draws**2).sum(-1), (draws[:, 0] * draws[:, 1]).sum(-1)
    near = (abs(q - 1) < 0.15).all(1)
    counts = [(near & (abs(r - at) < 0.05)).sum() for at in (0.0, 0.5)]
    exact = [float(volume_of_weights(Matrix([[1, at], [at, 1]]), fixed=0)) for at in (0, sp.Rational(1, 2))]
    # Wishart: det to the power (N − 3)/2 at N = 6; the weight of the norms is the same for both.
    expected = (exact[1] / exact[0]) ** ((dimension - 3) / 2)
    assert abs(counts[1] / counts[0] / expected - 1) < 0.1


class Scaled(QuadraticProblem):
    """Fields with four times the noise of the statement."""

    def fields(self) -> RSMatrix:
        return dataclasses.replace(plain(), noise=4 * self.noise, overlap=self.overlap, planted=self.planted,
                                   susceptibility=self.susceptibility).fields()


def fields_of(problem: QuadraticProblem) -> dict[str, object]:
    return {field.name: getattr(problem, field.name) for field in dataclasses.fields(problem)}


def test_an_overridden_covariance_reaches_determinant_and_replicon() -> None:
    changed, stated = Scaled(**fields_of(plain())), plain(noise=sp.Rational(4, 5))
    assert changed.noise_gain() == sp.Rational(4, 5)
    assert changed.field_determinant() == stated.field_determinant() != plain().field_determinant()
    assert replicon_matrix(changed) == replicon_matrix(stated) != replicon_matrix(plain())
    moved = Matrix([[1, sp.Rational(1, 2)], [sp.Rational(1, 2), -1]])
    assert sp.cancel(replicon_form(changed, moved) - replicon_form(stated, moved)) == 0


class Denoising(QuadraticProblem):
    """The encoder's field has noise of its own on top of the decoder's."""

    def fields(self) -> RSMatrix:
        scale, overlaps = sp.diag(1, sp.sqrt(2)), self.overlaps()
        def moved(block: sp.MatrixBase) -> sp.ImmutableMatrix:
            return Matrix(self.noise * scale * block * scale)
        return RSMatrix(moved(overlaps.delta), moved(overlaps.off))


def test_fields_without_a_common_noise_have_a_form_but_no_replicon_matrix() -> None:
    problem, moved = Denoising(**fields_of(plain())), Matrix([[1, 0], [0, -1]])
    at = {T: sp.Rational(2, 3)}
    form, explicit = (f(problem, moved).subs(at) for f in (replicon_form, explicit_variation))
    assert sp.simplify(form - explicit) == 0
    with pytest.raises(InputError, match="fields that share one noise"):
        replicon_matrix(problem)


class DecoderOnly(QuadraticProblem):
    """Weight decay of the first weight alone."""

    def decay_exponent(self) -> sp.Expr:
        within = self.overlaps().delta + self.overlaps().off
        return -REPLICAS * self.weight_decay * within[0, 0] / (2 * self.temperature)


def test_an_overridden_decay_reaches_the_conjugates() -> None:
    changed = DecoderOnly(**fields_of(plain()))
    stated = plain(weight_decay=Matrix(sp.diag(sp.Rational(1, 2), 0)))
    assert changed.decay_matrix() == stated.decay_matrix() == stated.weight_decay
    hats = Matrix([[2, 0], [0, 3]]), Matrix([[1, 0], [0, 1]]), Matrix([[1], [2]])
    first, second, plain_one = (ConjugateEntropy(p, *hats).free_part() for p in (changed, stated, plain()))
    assert first == second != plain_one
    assert sp.cancel(changed.free_energy() - stated.free_energy()) == 0


class Quadratic(QuadraticProblem):
    """A decay that is no trace."""

    def decay_exponent(self) -> sp.Expr:
        return -REPLICAS * (self.overlaps().delta + self.overlaps().off)[0, 0] ** 2 / self.temperature


@pytest.mark.parametrize(("changes", "expected"), [
    ({"loss": Matrix([[0, -1], [1, 2]])}, r"a symmetric 2 × 2 matrix as loss"),
    ({"loss": sp.log(1 + sp.exp(-sp.Symbol("u")))}, "for the loss ½ uᵀAu"),
    ({"loss": Matrix([[sp.log(1 + sp.exp(-sp.Symbol("u")))]])}, "for the loss ½ uᵀAu"),
    ({"noise": Matrix(sp.diag(1, 2))}, "one noise strength for all fields"),
    ({"weight_decay": Matrix([[1, 2], [0, 1]])}, "as weight_decay"),
    ({"overlap": Matrix([[1, 2], [0, 1]])}, "as overlap"),
    ({"susceptibility": Matrix(sp.eye(3))}, "as susceptibility"),
    ({"planted": Matrix([[1]])}, "planted overlaps with 2 rows")])
def test_what_is_no_quadratic_problem_is_refused(changes: dict[str, object], expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        plain(**changes)


def test_a_decay_that_is_no_trace_is_refused() -> None:
    with pytest.raises(InputError, match="linear in the overlaps"):
        Quadratic(**fields_of(plain())).decay_matrix()
