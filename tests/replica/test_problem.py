"""A quadratic problem against explicit matrices, Gaussian integrals, random matrices and known answers."""

import itertools

import mpmath
import numpy as np
import pytest
import sympy as sp

from vaesym.replica import ConjugateEntropy, QuadraticProblem, replicon_matrix
from vaesym.replica.matrix import REPLICAS

T = sp.Symbol("T", positive=True)
SEEDS = (0, 1, 2, 3)
SHAPES = [(1, 1), (2, 1), (2, 2), (1, 2), (3, 1)]


def random_matrix(rng: np.random.Generator, rows: int, columns: int) -> sp.Matrix:
    return sp.Matrix(rows, columns, [sp.Rational(int(p), 6) for p in rng.integers(-9, 10, rows * columns)])


def positive_matrix(rng: np.random.Generator, size: int) -> sp.Matrix:
    root = random_matrix(rng, size, size)
    return root * root.T + sp.Rational(1, 2) * sp.eye(size)


def random_problem(size: int, planted: int, seed: int, definite: bool = True) -> QuadraticProblem:
    """Exact rational parameters, χ and Ω − μμᵀ positive definite; A positive definite or any symmetric matrix."""
    rng = np.random.default_rng([size, planted, seed])
    mu = random_matrix(rng, size, planted)
    mixed, numbers = random_matrix(rng, size, size), [sp.Rational(int(p), 10) for p in rng.integers(1, 30, 5)]
    loss = positive_matrix(rng, size) if definite else (mixed + mixed.T) / 8
    return QuadraticProblem(
        loss=sp.ImmutableMatrix(loss), overlap=sp.ImmutableMatrix(positive_matrix(rng, size) + mu * mu.T),
        planted=sp.ImmutableMatrix(mu), susceptibility=sp.ImmutableMatrix(positive_matrix(rng, size)),
        signal=numbers[0], noise=numbers[1], samples=numbers[2], weight_decay=numbers[3], constant=numbers[4] - 1,
        temperature=T)


def blocks(n: int, within: sp.Matrix, between: sp.Matrix) -> sp.Matrix:
    """The matrix with ``within`` on the diagonal of n replicas and ``between`` elsewhere."""
    return sp.Matrix(sp.BlockMatrix(
        [[within if a == b else between for b in range(n)] for a in range(n)]).as_explicit())


def field_covariance(problem: QuadraticProblem, n: int, temperature: sp.Rational) -> sp.Matrix:
    between = problem.signal * problem.planted * problem.planted.T + problem.noise * problem.overlap
    return blocks(n, between + problem.noise * temperature * problem.susceptibility, between)


def at(expression: sp.Expr, n: int, temperature: sp.Rational) -> sp.Expr:
    return expression.subs(REPLICAS, n).subs(T, temperature)


def exact_square(exponent: sp.Expr) -> sp.Expr:
    """exp(2·exponent), exactly, for half-integer multiples of logarithms of rationals."""
    return sp.exp(sp.logcombine(sp.expand(2 * exponent, deep=False), force=True))


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(("size", "planted"), SHAPES)
def test_energy_is_the_gaussian_average(size: int, planted: int, n: int) -> None:
    for seed in SEEDS:
        problem, warm = random_problem(size, planted, seed), sp.Rational(2 + seed, 5)
        covariance = field_covariance(problem, n, warm)
        determinant = (sp.eye(n * size) + covariance * sp.diag(*[problem.loss] * n) / warm).det()
        gaussian = at(problem.energy_exponent(), n, warm) + n * problem.constant / warm
        assert exact_square(gaussian) == 1 / determinant


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(("size", "planted"), SHAPES)
def test_entropy_decay_and_sum_are_explicit(size: int, planted: int, n: int) -> None:
    for seed in SEEDS:
        problem, warm = random_problem(size, planted, seed), sp.Rational(3 + seed, 4)
        overlap = blocks(n, problem.overlap + warm * problem.susceptibility, problem.overlap)
        stacked = sp.Matrix.vstack(*[problem.planted] * n)
        entropy, energy = problem.entropy_exponent(), problem.energy_exponent()
        assert exact_square(at(entropy, n, warm)) == (overlap - stacked * stacked.T).det()
        decay = problem.replicated_exponent() - entropy - problem.samples * energy
        for exponent in (problem.decay_exponent(), decay):
            assert sp.expand(at(exponent, n, warm)) == -problem.weight_decay * overlap.trace() / (2 * warm)
        assert problem.overlaps().explicit(n).subs(T, warm) == overlap
        assert problem.fields().explicit(n).subs(T, warm) == field_covariance(problem, n, warm)


@pytest.mark.parametrize(("size", "n", "definite"), [
    (1, 1, True), (1, 2, True), (2, 1, True), (1, 3, True), (2, 2, True), (1, 2, False), (2, 1, False)])
def test_energy_is_an_integral_over_fields(size: int, n: int, definite: bool) -> None:
    """E exp(−½ uᵀ(I⊗A)u/T − nc/T) by the trapezoidal rule, which converges exponentially for Gaussians."""
    checked = 0
    for seed in range(30):
        problem, warm = random_problem(size, 1, seed, definite), sp.Rational(4)
        covariance = np.array(field_covariance(problem, n, warm), dtype=float)
        weight = np.linalg.inv(covariance) + np.kron(np.eye(n), np.array(problem.loss / warm, dtype=float))
        if np.linalg.eigvalsh(weight)[0] < 1e-3 or checked == 2:
            continue
        axes = np.linalg.inv(np.linalg.cholesky(weight)).T  # the integrand is round along these
        line = np.linspace(-9, 9, 41)
        round_points = np.stack(np.meshgrid(*[line] * (n * size), indexing="ij")).reshape(n * size, -1)
        fields = axes @ round_points
        density = -0.5 * np.einsum("ip,ij,jp->p", fields, np.linalg.inv(covariance), fields)
        per_replica = fields.reshape(n, size, -1)
        quadratic = np.einsum("aip,ij,ajp->p", per_replica, np.array(problem.loss, dtype=float), per_replica)
        loss = quadratic / 2 + n * float(problem.constant)
        volume = (line[1] - line[0]) ** (n * size) * np.linalg.det(axes)
        normal = np.sqrt(np.linalg.det(2 * np.pi * covariance))
        average = np.exp(density - loss / float(warm)).sum() * volume / normal
        np.testing.assert_allclose(average, float(sp.exp(at(problem.energy_exponent(), n, warm))), rtol=1e-9)
        checked += 1
    assert checked == 2


@pytest.mark.parametrize(("size", "planted"), SHAPES)
@pytest.mark.parametrize("definite", [True, False])
def test_free_energy_is_the_stated_function(size: int, planted: int, definite: bool) -> None:
    """(λ/2) tr Ω − ½ tr χ⁻¹(Ω − μμᵀ) + α[½ tr (I + ηAχ)⁻¹AC + c], for any A."""
    for seed in SEEDS:
        problem = random_problem(size, planted, seed, definite)
        pairs = problem.planted * problem.planted.T
        middle = sp.eye(size) + problem.noise * problem.loss * problem.susceptibility
        fields = problem.signal * pairs + problem.noise * problem.overlap
        energy = (middle.inv() * problem.loss * fields).trace() / 2 + problem.constant
        entropy = (problem.susceptibility.inv() * (problem.overlap - pairs)).trace() / 2
        expected = problem.weight_decay * problem.overlap.trace() / 2 - entropy + problem.samples * energy
        assert problem.free_energy() == expected
        assert problem.field_determinant() == middle.det()


Q, m, chi = sp.symbols("Q m chi", positive=True)
alpha, rho, eta, lam, a = sp.symbols("alpha rho eta lambda a", positive=True)


def one_weight(loss: sp.Expr) -> QuadraticProblem:
    """One vector of weights with the loss ½ A u² of its field: ridge regression on nothing, or PCA."""
    one = sp.ImmutableMatrix
    return QuadraticProblem(one([[loss]]), one([[Q]]), one([[m]]), one([[chi]]), rho, eta, alpha, lam,
                            sp.S.Zero, T)


def susceptibility(ratio: sp.Rational, strength: sp.Rational, noise: sp.Rational, decay: sp.Rational) -> sp.Expr:
    """The χ that makes the ridge problem stationary in Q."""
    values = {alpha: ratio, a: strength, eta: noise, lam: decay}
    (solution,) = [root for root in sp.solve(sp.diff(one_weight(a).free_energy(), Q).subs(values), chi) if root > 0]
    return solution


def test_ridge_has_its_minimum_at_zero() -> None:
    """Its loss is ≥ 0 and 0 at w = 0: so f = 0, m = 0 and Q = 0 is the only stationary point."""
    free = one_weight(a).free_energy()
    assert sp.simplify(sp.diff(free, m) / m - (1 / chi + alpha * rho * a / (1 + eta * a * chi))) == 0
    assert free.subs({Q: 0, m: 0}) == 0
    stability = 1 - alpha * eta**2 * replicon_matrix(one_weight(a))[0, 0] ** 2
    assert sp.simplify(2 * chi**2 * sp.diff(free.subs(m, 0), chi) / Q - stability) == 0
    for ratio, strength in itertools.product((sp.Rational(1, 3), sp.S.One, sp.Integer(7)), (sp.Rational(1, 5), 9)):
        at_solution = susceptibility(ratio, strength, sp.Rational(2, 3), sp.Rational(1, 9))
        values = {alpha: ratio, a: strength, eta: sp.Rational(2, 3), chi: at_solution}
        assert stability.subs(values) > 0


@pytest.mark.parametrize(("ratio", "size"), [(sp.Rational(1, 2), 2000), (sp.Integer(2), 1000)])
def test_ridge_susceptibility_is_the_marchenko_pastur_resolvent(ratio: sp.Rational, size: int) -> None:
    """Stationarity in Q gives χ = lim (1/N) tr (λ + a XᵀX/N)⁻¹; one random matrix of N columns agrees.

    N times the difference has, by Bai and Silverstein (2004), a Gaussian limit whose mean and standard deviation
    follow from the companion Stieltjes transform: about 0.3 and 0.8 here, so 4e-4 is expected at N = 2000.
    """
    strength, noise, decay = sp.Rational(3, 2), sp.Rational(7, 10), sp.Rational(3, 10)
    rng = np.random.default_rng(20240607)
    data = rng.standard_normal((int(ratio * size), size)) * float(sp.sqrt(noise / size))
    gram = data.T @ data if ratio >= 1 else data @ data.T
    spectrum = np.zeros(size)
    spectrum[: len(gram)] = np.linalg.eigvalsh(gram)
    limit = float(susceptibility(ratio, strength, noise, decay))
    excess = np.sum(1 / (float(decay) + float(strength) * spectrum)) - size * limit
    bias, spread = resolvent_fluctuation(ratio, strength * noise * ratio, decay)
    assert abs(excess - bias) < 4 * spread
    assert abs(excess) / size < 4e-3


def resolvent_fluctuation(ratio: sp.Rational, scale: sp.Rational, decay: sp.Rational) -> tuple[float, float]:
    """Mean and standard deviation of the trace of (λ + scale·S)⁻¹ about its limit; S = sample covariance."""
    c, z = 1 / mpmath.mpf(float(ratio)), -mpmath.mpf(float(decay / scale))

    def companion(point: mpmath.mpf) -> mpmath.mpf:
        linear = point + 1 - c
        return (-linear - mpmath.sqrt(linear**2 - 4 * point)) / (2 * point)

    value, first, second, third = companion(z), *[mpmath.diff(companion, z, order) for order in (1, 2, 3)]
    variance = third / (3 * first) - (second / first) ** 2 / 2
    bias = c * value**3 / (1 + value) ** 3 / (1 - c * (value / (1 + value)) ** 2) ** 2
    return float(bias / float(scale)), float(mpmath.sqrt(variance) / float(scale))


def test_top_eigenvalue_problem_finds_the_edge_and_the_outlier() -> None:
    """With A = −a the loss is −(a/2)·(variance explained): λ balances a times the top eigenvalue of XᵀX/N."""
    free = one_weight(-a).free_energy()
    balance, edge = sp.numer(sp.together(sp.diff(free, Q))), a * eta * (1 + sp.sqrt(alpha)) ** 2
    assert sp.simplify(sp.discriminant(balance, chi).subs(lam, edge)) == 0
    (double,) = sp.roots(sp.Poly(balance.subs(lam, edge), chi))
    replicon = alpha * eta**2 * replicon_matrix(one_weight(-a))[0, 0] ** 2
    assert sp.simplify(replicon.subs(chi, double)) == 1
    # A weight along the signal is free to grow where λ = a·α·(ρ+η)(1 + η/(αρ)): the outlier of the spectrum.
    (response,) = sp.solve(sp.numer(sp.together(sp.diff(free, m) / m)), chi)
    (threshold,) = sp.solve(balance.subs(chi, response), lam)
    assert sp.simplify(threshold - a * alpha * (rho + eta) * (1 + eta / (alpha * rho))) == 0
    assert sp.simplify(replicon.subs(chi, response) - eta**2 / (alpha * rho**2)) == 0


def hats_of(size: int, planted: int) -> tuple[sp.ImmutableMatrix, sp.ImmutableMatrix, sp.ImmutableMatrix]:
    def symmetric(name: str) -> sp.ImmutableMatrix:
        return sp.ImmutableMatrix(size, size, lambda i, j: sp.Symbol(f"{name}{min(i, j)}{max(i, j)}"))

    return symmetric("G"), symmetric("V"), sp.ImmutableMatrix(sp.symarray("u", (size, planted)))


@pytest.mark.parametrize(("size", "planted"), SHAPES[:4])
def test_conjugates_are_stationary_at_the_direct_entropy(size: int, planted: int) -> None:
    hats = hats_of(size, planted)
    for seed in SEEDS[:2]:
        problem = random_problem(size, planted, seed)
        free = ConjugateEntropy(problem, *hats).free_part()
        inverse = problem.susceptibility.inv()
        gap = problem.overlap - problem.planted * problem.planted.T
        values = (inverse - problem.weight_decay * sp.eye(size), inverse * gap * inverse, inverse * problem.planted)
        saddle = dict(zip(itertools.chain(*hats), itertools.chain(*values), strict=True))
        direct = problem.weight_decay * problem.overlap.trace() / 2 - (inverse * gap).trace() / 2
        assert free.subs(saddle) == direct
        assert {sp.diff(free, hat).subs(saddle) for hat in saddle} == {0}


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(("size", "planted"), SHAPES[:3])
def test_site_integral_is_explicit(size: int, planted: int, n: int) -> None:
    """∫ dw exp(−½ wᵀKw + w·û/T) for one site, K = (λ + Ĝ)/T on the diagonal and −χ̂/T² for every pair."""
    problem, rng, warm = random_problem(size, planted, 5), np.random.default_rng(size), sp.Rational(3, 2)
    precision, variance = positive_matrix(rng, size), positive_matrix(rng, size) / 50
    drive = random_matrix(rng, size, planted)
    diagonal = (problem.weight_decay * sp.eye(size) + precision) / warm
    matrix = blocks(n, diagonal - variance / warm**2, -variance / warm**2)
    stacked = sp.Matrix.vstack(*[drive] * n) / warm
    driven = (stacked.T * matrix.inv() * stacked).trace() / 2
    hats = ConjugateEntropy(problem, precision, variance, drive)
    assert exact_square(at(hats.site_exponent(), n, warm) - driven) == 1 / matrix.det()
    # The phases that fix the overlaps: ½ tr of the same matrix, without weight decay, times the overlaps.
    phases = matrix - problem.weight_decay / warm * sp.eye(n * size)
    overlap = blocks(n, problem.overlap + warm * problem.susceptibility, problem.overlap)
    planted = (stacked.T * sp.Matrix.vstack(*[problem.planted] * n)).trace()
    assert at(hats.coupling_exponent(), n, warm) == (phases * overlap).trace() / 2 - planted
