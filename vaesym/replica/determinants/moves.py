"""The six moves on a loss that is quadratic in the fields, as steps: each beside its statement in matrices."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sympy as sp

from vaesym.algebra import Domain, Step
from vaesym.replica.determinants.problem import QuadraticProblem
from vaesym.replica.determinants.replicon import explicit_variation, replicon_matrix
from vaesym.replica.determinants.routes import average_over_a_sample, volume_of_weights
from vaesym.replica.limits import per_replica
from vaesym.replica.matrix import REPLICAS, RSMatrix

#: Above this many fields the matrices of two, three or four replicas are too large to be written out.
EXPLICIT = 2


def named(problem: QuadraticProblem) -> dict[Any, Any]:
    """Return what statements are typed in: χ, Ω, μ, A, C and the constant c₀, with what they stand for."""
    matrices = {"chi": problem.susceptibility, "Omega": problem.overlap, "mu": problem.planted, "A": problem.loss,
                "C": problem.fields().off}
    return {**{sp.MatrixSymbol(name, *matrix.shape): sp.ImmutableMatrix(matrix) for name, matrix in matrices.items()},
            sp.Symbol("c_0"): problem.constant}


def _decay(problem: QuadraticProblem, overlap: Any) -> tuple[Any, dict[Any, Any]]:
    """Weight decay times a matrix of overlaps, traced: by a number, or by Λ₀ where weights decay at different rates."""
    if not isinstance(problem.weight_decay, sp.MatrixBase):
        return problem.weight_decay * sp.Trace(overlap), {}
    letter = sp.MatrixSymbol("Lambda_0", *overlap.shape)
    return sp.Trace(letter * overlap), {letter: problem.weight_decay}


def _of_replicas(count: str, power: str = "") -> sp.Tuple:
    return sp.Tuple(*[sp.Symbol(count.replace("@", str(n)) + power) for n in (1, 2, 3)])


def _replica_fields(problem: QuadraticProblem) -> tuple[sp.ImmutableMatrix, sp.ImmutableMatrix]:
    """The covariance of the fields within a replica and between two, from the signals' latents and the noise."""
    size, directions = problem.loss.rows, problem.planted.cols
    strength = problem.signal if isinstance(problem.signal, sp.MatrixBase) else problem.signal * sp.eye(directions)
    noise = sp.symbols(f"nu_1:{2 * size + 1}", real=True)
    latents = sp.symbols(f"c_1:{directions + 1}", real=True)
    seen = problem.planted * strength.applyfunc(sp.sqrt) * sp.Matrix(latents)
    fields = sp.Matrix([seen[i % size] + sp.sqrt(problem.noise) * noise[i] for i in range(2 * size)])
    hang = fields.jacobian([*latents, *noise])
    covariance = hang * sp.diag(sp.eye(directions), problem.overlaps().explicit(2)) * hang.T
    return sp.ImmutableMatrix(covariance[:size, :size]), sp.ImmutableMatrix(covariance[:size, size:])


def _explicit_energy(problem: QuadraticProblem) -> Any:
    coupled = problem.fields().explicit(2) * sp.kronecker_product(sp.eye(2), problem.loss) / problem.temperature
    return (sp.eye(coupled.rows) + coupled).det(method="berkowitz")


def _placed(problem: QuadraticProblem) -> tuple[Any, ...]:
    """The squared volume of the weights of one, two and three replicas, the planted directions placed first."""
    found, directions = [], problem.planted.cols
    for n in (1, 2, 3):
        planted = sp.Matrix.vstack(*[problem.planted] * n)
        every = sp.BlockMatrix([[sp.eye(directions), planted.T], [planted, problem.overlaps().explicit(n)]])
        found.append(volume_of_weights(every.as_explicit(), directions))
    return tuple(found)


def _explicit_entropy(problem: QuadraticProblem) -> Any:
    planted = problem.planted * problem.planted.T
    return (problem.overlaps().explicit(3) - sp.kronecker_product(sp.ones(3), planted)).det(method="berkowitz")


def _generic(letter: str, size: int) -> sp.ImmutableMatrix:
    return sp.ImmutableMatrix(size, size, lambda i, j: sp.Symbol(f"{letter}_{i + 1}{j + 1}", real=True))


def _symmetric(letter: str, size: int) -> sp.ImmutableMatrix:
    return sp.ImmutableMatrix(
        size, size, lambda i, j: sp.Symbol(f"{letter}_{min(i, j) + 1}{max(i, j) + 1}", real=True))


@cache
def _one_sample(size: int) -> Step:
    """The average over one sample of any loss matrix, for fields with common and own parts."""
    common, own = (_generic(letter, size).lower_triangular() for letter in "LK")
    loss = _symmetric("A", size)
    where = {sp.MatrixSymbol("A", size, size): loss,
             sp.MatrixSymbol("Delta", size, size): sp.ImmutableMatrix(own * own.T),
             sp.MatrixSymbol("O", size, size): sp.ImmutableMatrix(common * common.T)}
    a, delta, o = where
    one = sp.Identity(size)
    return Step(
        "average-one-sample", "One sample, integrated",
        _of_replicas(r"(\mathbb E\,e^{-\frac12\sum_{a\le@}u_a^TAu_a})^{-2}"),
        lambda: tuple(average_over_a_sample(loss, common, own, n) for n in (1, 2, 3)),
        tuple(sp.Determinant(one + delta * a) ** (n - 1) * sp.Determinant(one + (delta + n * o) * a)
              for n in (1, 2, 3)),
        {symbol: Domain(sp.Rational(1, 10), 1) for part in (loss, common, own) for symbol in part.free_symbols},
        "textbook", ("O and Δ positive",), (), where)


@cache
def _lemma(size: int) -> tuple[Step, Step]:
    """The determinant of a replica-symmetric matrix: written out for one, two, three replicas, and as n → 0."""
    delta, off = _generic("Delta", size), _generic("O", size)
    where = {sp.MatrixSymbol("Delta", size, size): delta, sp.MatrixSymbol("O", size, size): off}
    d, o = where
    half = sp.Rational(1, 2)
    # Diagonally dominant blocks keep every determinant positive.
    domains = {**{delta[i, j]: Domain(2, 3) if i == j else Domain(-1, 1, "uniform")
                  for i in range(size) for j in range(size)},
               **{off[i, j]: Domain(1, 2) if i == j else Domain(-half, half, "uniform")
                  for i in range(size) for j in range(size)}, REPLICAS: Domain(sp.Rational(1, 10), 3)}
    premise = ("A replica-symmetric matrix is I⊗Δ + 11ᵀ⊗O.",)
    return (
        Step("lemma-explicit", "The lemma, explicitly", _of_replicas(r"\det\nolimits_{@}"),
             lambda: tuple(RSMatrix(delta, off).explicit(n).det(method="berkowitz") for n in (1, 2, 3)),
             tuple(sp.Determinant(d) ** (n - 1) * sp.Determinant(d + n * o) for n in (1, 2, 3)), domains, "textbook",
             premise, (), where),
        Step("lemma", "The replica-symmetric lemma", sp.Symbol(r"\lim_{n\to0}\frac{1}{n}\ln\det"),
             lambda: per_replica(RSMatrix(delta, off).log_det()), sp.log(sp.Determinant(d)) + sp.Trace(d.I * o),
             domains, "textbook", premise, (), where))


def _written_out(problem: QuadraticProblem, domains: Mapping[Any, Domain]) -> tuple[Step, ...]:
    """Both averages for whole numbers of replicas, each by a route of its own and as a determinant written out."""
    size, where = problem.loss.rows, named(problem)
    chi, omega, mu, a, c, _ = where
    heat, spread = problem.temperature * chi, omega - mu * mu.T
    bare = sp.Identity(size) + problem.noise * chi * a
    lemma, _ = _lemma(size)
    return (
        _one_sample(size),
        Step("energy-two-replicas", "Energy determinant, two replicas explicitly", sp.Symbol(r"\det\nolimits_2"),
             lambda: _explicit_energy(problem),
             sp.Determinant(bare) * sp.Determinant(bare + 2 * c * a / problem.temperature), domains, "replica method",
             where=where),
        Step("volume", "The number of weights", sp.Tuple(*[
            sp.Symbol(rf"\prod_{{i\le{size * n}}}\varrho_i^2") for n in (1, 2, 3)]), lambda: _placed(problem),
             tuple(sp.Determinant(heat) ** (n - 1) * sp.Determinant(heat + n * spread) for n in (1, 2, 3)), domains,
             "replica method", ("overlaps Ω + Tχ within a replica and Ω between",), (), where,
             argued="the sphere's volume, its radius to the power N to leading order, and that lower orders drop"),
        Step("entropy-three-replicas", "Entropy determinant, three replicas explicitly", sp.Symbol(r"\det\nolimits_3"),
             lambda: _explicit_entropy(problem),
             sp.Determinant(heat) ** 2 * sp.Determinant(heat + 3 * spread), domains, "replica method", where=where),
        lemma)


def _to_the_limits(problem: QuadraticProblem, domains: Mapping[Any, Domain]) -> tuple[Step, ...]:
    """The exponent of E Zⁿ at any n, n → 0, and T → 0 of entropy and energy."""
    size, t, samples = problem.loss.rows, problem.temperature, problem.samples
    chi, omega, mu, a, c, constant = where = named(problem)
    one, heat, spread = sp.Identity(size), t * chi, omega - mu * mu.T
    decay, letters = _decay(problem, omega + heat)
    where |= letters
    bare = one + problem.noise * chi * a
    positive = ("χ ≻ 0",)
    return (
        Step("exponent", "The replicated partition function", sp.Symbol(r"\frac1N\ln\mathbb E Z^n"),
             problem.replicated_exponent,
             ((REPLICAS - 1) * sp.log(sp.Determinant(heat)) + sp.log(sp.Determinant(heat + REPLICAS * spread))) / 2
             - REPLICAS * decay / (2 * t)
             - samples * ((REPLICAS - 1) * sp.log(sp.Determinant(bare))
                          + sp.log(sp.Determinant(bare + REPLICAS * c * a / t))) / 2
             - REPLICAS * samples * constant / t, {**domains, REPLICAS: Domain(1, 3)}, "replica method",
             (*positive, "at the extremum of Ω, μ and χ"), (), where,
             argued="that the integral over the overlaps is its largest term (Laplace), and that replicas are alike"),
        _lemma(size)[1],
        Step("no-replicas", "No replicas", sp.Symbol(r"\frac1N\mathbb E\ln Z"),
             lambda: per_replica(problem.replicated_exponent()),
             (sp.log(sp.Determinant(heat)) + sp.Trace(heat.I * spread)) / 2
             - decay / (2 * t)
             - samples * (sp.log(sp.Determinant(bare)) + sp.Trace(bare.I * c * a) / t) / 2 - samples * constant / t,
             domains, "replica method", positive, (), where,
             argued="that the limits of N and n may be exchanged"),
        Step("entropy", "Entropy at zero temperature", sp.Symbol("f_S"),
             lambda: problem.free_part(problem.entropy_exponent()), -sp.Trace(chi.I * spread) / 2, domains,
             "replica method", (*positive, "T → 0 after n → 0"), (), where),
        Step("energy", "Energy at zero temperature", sp.Symbol("f_E"),
             lambda: problem.free_part(samples * problem.energy_exponent()),
             samples * (sp.Trace((one + problem.noise * a * chi).I * a * c) / 2 + constant), domains,
             "replica method", positive, (), where))


def _stability(problem: QuadraticProblem, domains: Mapping[Any, Domain]) -> tuple[Step, ...]:
    """The second variation between replicas, from the matrices of four, and the matrix that decides its sign."""
    size, where = problem.loss.rows, named(problem)
    moved = _symmetric("B", size)
    chi, _, _, a, _, _ = where
    b = sp.MatrixSymbol("B", size, size)
    response = (sp.Identity(size) + problem.noise * a * chi).I * a
    wide = {**domains, **dict.fromkeys(moved.free_symbols, Domain(-1, 1, "uniform"))}
    source = "after de Almeida and Thouless 1978"
    variation = Step(
        "replicon-variation", "Four replicas that differ", sp.Symbol(r"\delta^2"),
        lambda: explicit_variation(problem, sp.Matrix(moved)),
        -(sp.Trace(chi.I * b * chi.I * b) - problem.samples * problem.noise**2 * sp.Trace(
            response * b * response * b)) / (2 * problem.temperature**2), wide, source,
        ("r symmetric, zero on the diagonal, with rows that sum to zero",), (), {**where, b: moved},
        argued="that fluctuations between four replicas show those between any number, and that no other kind grows "
               "first")
    matrix = Step("replicon", "The replicon matrix", sp.MatrixSymbol("X", size, size),
                  lambda: replicon_matrix(problem), chi * response, domains, source, where=where)
    return (variation, matrix) if size <= EXPLICIT else (matrix,)


def moves(problem: QuadraticProblem, domains: Mapping[Any, Domain]) -> tuple[Step, ...]:
    r"""Return the derivation of the free energy of a problem, move by move.

    Parameters
    ----------
    problem : the problem
    domains : of its symbols, the temperature among them; χ must be positive definite in them

    Returns
    -------
    tuple of Step
        The fields of replicas; the average over a sample, the volume of the weights and the lemma behind both, for
        whole numbers of replicas (of at most two fields: beyond that the matrices are too large); the exponent of
        :math:`E Z^n`; n → 0; T → 0; the replicon.
    """
    chi, _, _, _, c, _ = where = named(problem)
    heat = problem.noise * problem.temperature * chi
    fields = Step("replica-fields", "The fields of replicas", sp.Tuple(
        sp.Symbol(r"\mathcal C_{aa}"), sp.Symbol(r"\mathcal C_{ab}")), lambda: _replica_fields(problem),
        (c + heat, c), domains, "replica method", where=where)
    written = _written_out(problem, domains) if problem.loss.rows <= EXPLICIT else ()
    return (fields, *written, *_to_the_limits(problem, domains), *_stability(problem, domains))
