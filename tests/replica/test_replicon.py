"""The replicon: the form against exact second variations, the criterion against the form's spectrum."""

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from vaesym.replica import QuadraticProblem, replicon_form, replicon_matrix

T = sp.Symbol("T", positive=True)
EPS = sp.Symbol("epsilon")


def random_matrix(rng: np.random.Generator, rows: int, columns: int) -> sp.Matrix:
    return sp.Matrix(rows, columns, [sp.Rational(int(p), 4) for p in rng.integers(-6, 7, rows * columns)])


def random_problem(size: int, seed: int) -> QuadraticProblem:
    """Exact rational parameters, α over a wide range; χ and Ω − μμᵀ positive definite, A any symmetric matrix."""
    rng = np.random.default_rng([size, seed])
    root, spread, mixed, mu = (random_matrix(rng, size, columns) for columns in (size, size, size, 1))
    # A denominator that nothing else has, so that det(I + ηAχ) is never exactly zero.
    ratio, signal, noise = (sp.Rational(int(p), 31) for p in rng.integers(1, 60, 3))
    return QuadraticProblem(
        loss=sp.ImmutableMatrix(mixed + mixed.T) / 3,
        overlap=sp.ImmutableMatrix(root * root.T + mu * mu.T + sp.eye(size) / 2), planted=sp.ImmutableMatrix(mu),
        susceptibility=sp.ImmutableMatrix(spread * spread.T + sp.eye(size) / 3),
        signal=signal, noise=noise, samples=ratio / 4 ** (seed % 4),
        weight_decay=sp.S.One, constant=sp.S.Zero, temperature=T)


def symmetric_basis(size: int) -> list[sp.Matrix]:
    """A basis of the symmetric matrices that is orthonormal for tr(B B')."""
    basis = []
    for i, j in itertools.combinations_with_replacement(range(size), 2):
        unit = sp.zeros(size)
        unit[i, j] = unit[j, i] = 1 if i == j else 1 / sp.sqrt(2)
        basis.append(unit)
    return basis


def random_replicon(n: int, seed: int) -> sp.Matrix:
    """A random symmetric n × n matrix with zero diagonal and zero row sums."""
    pairs = list(itertools.combinations(range(n), 2))
    sums = sp.Matrix(n, len(pairs), lambda a, p: int(a in pairs[p]))
    free = sums.nullspace()
    assert len(free) == n * (n - 3) // 2
    weights = np.random.default_rng([n, seed]).integers(1, 6, len(free))
    entries = sum((int(w) * v for w, v in zip(weights, free, strict=True)), sp.zeros(len(pairs), 1))
    drawn = sp.zeros(n)
    for (a, b), entry in zip(pairs, entries, strict=True):
        drawn[a, b] = drawn[b, a] = entry
    return drawn


def log_det_series(matrix: sp.Matrix) -> tuple[sp.Expr, sp.Expr]:
    """First and second Taylor coefficients in ε of ln det of a matrix whose entries are polynomials in ε."""
    determinant = sp.Poly(matrix.to_DM(domain=sp.QQ[EPS]).charpoly()[-1].as_expr(), EPS)
    zeroth, first, second = (determinant.nth(order) for order in range(3))  # the sign cancels in ratios
    return first / zeroth, second / zeroth - (first / zeroth) ** 2 / 2


def exponent_series(problem: QuadraticProblem, fluctuation: sp.Matrix, n: int,
                    temperature: sp.Rational) -> tuple[sp.Expr, sp.Expr]:
    """Taylor coefficients of the exponent of E Zⁿ, moved by ε·fluctuation (nk × nk), from explicit matrices."""
    ones, each = sp.ones(n), sp.eye(n)
    pairs = sp.Matrix(problem.planted * problem.planted.T)
    omega = (sp.kronecker_product(each, temperature * sp.Matrix(problem.susceptibility))
             + sp.kronecker_product(ones, sp.Matrix(problem.overlap)) + EPS * fluctuation)
    planted = sp.kronecker_product(ones, pairs)
    covariance = problem.noise * omega + problem.signal * planted
    coupling = sp.kronecker_product(each, sp.Matrix(problem.loss)) / temperature
    entropy = log_det_series((omega - planted).expand())
    energy = log_det_series((sp.eye(omega.rows) + covariance * coupling).expand())
    decay = -problem.weight_decay * sp.Poly(omega.trace(), EPS).nth(1) / (2 * temperature)
    first, second = ((s - problem.samples * e) / 2 for s, e in zip(entropy, energy, strict=True))
    return first + decay, second


@pytest.mark.parametrize("n", [4, 5])
@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_form_is_the_exact_second_variation(n: int, size: int, seed: int) -> None:
    """Order ε² of the exponent is ½ tr r² times the form, order ε vanishes, for every replicon r and symmetric B."""
    problem, warm = random_problem(size, seed), sp.Rational(2 + seed, 3)
    mixed = random_matrix(np.random.default_rng(seed), size, size)
    block, pattern = mixed + mixed.T + sp.eye(size), random_replicon(n, seed)
    first, second = exponent_series(problem, sp.kronecker_product(pattern, block), n, warm)
    assert first == 0
    form = replicon_form(problem, block).subs(T, warm)
    assert second == (pattern**2).trace() / 2 * form
    assert form != 0


def test_form_needs_a_replicon() -> None:
    """A fluctuation with row sums moves the uniform block too, so the form is not its second variation."""
    problem, warm = random_problem(2, 1), sp.Rational(1, 2)
    pattern = sp.ones(4) - sp.eye(4)
    _, second = exponent_series(problem, sp.kronecker_product(pattern, sp.eye(2)), 4, warm)
    assert second != (pattern**2).trace() / 2 * replicon_form(problem, sp.eye(2)).subs(T, warm)


def form_matrix(problem: QuadraticProblem, warm: sp.Rational) -> np.ndarray:
    """The quadratic form at a temperature, over symmetric B in the orthonormal basis, by polarisation."""
    basis, problem = symmetric_basis(problem.loss.rows), replace(problem, temperature=warm)

    def value(fluctuation: sp.Matrix) -> float:
        return float(replicon_form(problem, fluctuation))

    own = [value(unit) for unit in basis]
    cross = [[(value(basis[i] + basis[j]) - own[i] - own[j]) / 2 if i != j else own[i]
              for j in range(len(basis))] for i in range(len(basis))]
    return np.array(cross)


@pytest.mark.parametrize(("size", "draws"), [(1, 40), (2, 40), (3, 16)])
def test_criterion_is_the_sign_of_the_largest_eigenvalue(size: int, draws: int) -> None:
    stable = []
    for seed in range(draws):
        problem = random_problem(size, 100 + seed)
        response = np.array(replicon_matrix(problem), dtype=float)
        eigenvalues = np.linalg.eigvals(response)
        assert np.abs(eigenvalues.imag).max() <= 1e-9 * np.abs(eigenvalues).max()
        criterion = float(problem.samples * problem.noise**2) * np.abs(eigenvalues).max() ** 2
        largest = np.linalg.eigvalsh(form_matrix(problem, sp.Rational(1, 1 + seed % 3)))[-1]
        assert abs(criterion - 1) > 1e-6
        assert (criterion <= 1) == (largest <= 0), (seed, criterion, largest)
        stable.append(criterion <= 1)
    assert 3 <= sum(stable) <= draws - 3  # both sides of the criterion were met


@pytest.mark.parametrize("size", [1, 2, 3])
def test_marginal_direction_is_the_square_of_an_eigenvector(size: int) -> None:
    """With α on the line the form vanishes at B = χ^½ e eᵀ χ^½ and is negative beside it; diagonal matrices, exact."""
    entries = [sp.Rational(2, 3), sp.Rational(-1, 4), sp.Rational(1, 5)][:size]
    spread = [sp.Rational(1, 2), sp.Rational(5, 3), sp.Rational(7, 4)][:size]
    noise = sp.Rational(3, 4)
    gains = [chi * a / (1 + noise * a * chi) for chi, a in zip(spread, entries, strict=True)]
    largest = max(gains, key=abs)
    problem = QuadraticProblem(
        sp.ImmutableMatrix(sp.diag(*entries)), sp.ImmutableMatrix(sp.eye(size)), sp.ImmutableMatrix(sp.zeros(size, 1)),
        sp.ImmutableMatrix(sp.diag(*spread)), sp.S.One, noise, 1 / (noise * largest) ** 2, sp.S.One, sp.S.Zero, T)
    assert replicon_matrix(problem) == sp.diag(*gains)
    for i, j in itertools.combinations_with_replacement(range(size), 2):
        unit = sp.zeros(size)
        unit[i, j] = unit[j, i] = 1
        form = sp.simplify(replicon_form(problem, unit))
        if gains[i] * gains[j] == largest**2:
            assert form == 0
        else:
            assert form.is_negative


@pytest.mark.parametrize("seed", range(6))
def test_criterion_does_not_depend_on_the_coordinates(seed: int) -> None:
    """Weights mixed by any invertible S: A → S⁻ᵀAS⁻¹, χ → SχSᵀ leaves the spectrum of χG as it is."""
    problem = random_problem(2, seed)
    mix = sp.Matrix([[1, Fraction(2, 3)], [Fraction(-1, 2), seed + 1]])
    other = QuadraticProblem(
        sp.ImmutableMatrix(mix.inv().T * problem.loss * mix.inv()), problem.overlap, problem.planted,
        sp.ImmutableMatrix(mix * problem.susceptibility * mix.T), problem.signal, problem.noise, problem.samples,
        problem.weight_decay, problem.constant, T)
    variable = sp.Symbol("x")
    spectra = [replicon_matrix(p).charpoly(variable).as_expr() for p in (problem, other)]
    assert sp.expand(spectra[0] - spectra[1]) == 0


def test_matrix_is_the_field_response() -> None:
    """χG = (χ⁻¹ + ηA)⁻¹A, with no inverse of χ in the result: it exists where χ is singular."""
    entries = sp.symbols("a b c p q r", real=True)
    a, b, c, p, q, r = entries
    loss, spread = sp.Matrix([[a, b], [b, c]]), sp.Matrix([[p, q], [q, r]])
    eta = sp.Symbol("eta", positive=True)
    problem = QuadraticProblem(
        sp.ImmutableMatrix(loss), sp.ImmutableMatrix(sp.eye(2)), sp.ImmutableMatrix(sp.zeros(2, 1)),
        sp.ImmutableMatrix(spread), sp.S.One, eta, sp.S.One, sp.S.One, sp.S.Zero, T)
    expected = (spread.inv() + eta * loss).inv() * loss
    assert (replicon_matrix(problem) - expected).applyfunc(sp.simplify) == sp.zeros(2)
    singular = {p: sp.S.Zero, q: sp.S.Zero}
    assert replicon_matrix(problem).xreplace(singular).row(0) == sp.zeros(1, 2)
