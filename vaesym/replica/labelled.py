r"""From a problem with any labels to its replica-symmetric theory: one or two students, several directions, biases.

The average over a sample keeps every case of the label's law; given its labels the fields of one replica are
:math:`\omega = \sqrt\rho\,\mu c + \sqrt\eta(\mu t_0 + L\zeta)`, :math:`LL^T = \Omega - \mu\mu^T`, with vη for η in a
cluster whose noise has the variance v.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import sympy as sp

from vaesym.algebra import Domain, Step
from vaesym.problem import Problem, labelled
from vaesym.problem.data import LABEL, numbered
from vaesym.problem.problem import alpha
from vaesym.replica.derive import (
    CHI_HAT,
    G_HAT,
    M_HAT,
    T_0,
    TEMPERATURE,
    XI,
    Z_STAR,
    ZETA,
    Theory,
    common_steps,
)
from vaesym.replica.envelope import Envelope, Mean
from vaesym.replica.limits import per_replica, zero_temperature
from vaesym.replica.matrix import RSMatrix
from vaesym.replica.students import LeastRow

_WIDE = Domain(sp.Rational(1, 3), 3)
_LARGE = Domain(2, 3)
_SMALL = Domain(sp.Rational(-1, 5), sp.Rational(1, 5), "uniform")


@dataclass(frozen=True)
class Sample:
    """The field of one replica at T = 0 in a case of the label's law, and what is averaged over."""

    branch: labelled.Branch
    chance: Any
    values: tuple[Any, ...]
    fields: sp.Matrix
    variables: tuple[sp.Symbol, ...]


@dataclass(frozen=True)
class Parts:
    """The order parameters as matrices: Ω, μ (k × s), χ, and a lower triangular root of Ω − μμᵀ."""

    overlaps: sp.Matrix
    planted: sp.Matrix
    answers: sp.Matrix
    root: sp.Matrix


def parts(problem: Problem) -> Parts:
    """Return the order parameters of a problem as matrices."""
    students, count = problem.students, problem.students.count
    overlaps = sp.Matrix(students.symmetric(students.overlaps))
    planted = sp.Matrix(count, problem.data.directions, labelled.planted_symbols(problem))
    own = (overlaps - planted * planted.T).applyfunc(sp.expand)
    root = sp.zeros(count)
    root[0, 0] = sp.sqrt(own[0, 0])
    if count == 2:
        root[1, 0] = own[0, 1] / root[0, 0]
        root[1, 1] = sp.sqrt(own[1, 1] - root[1, 0] ** 2)
    return Parts(overlaps, planted, sp.Matrix(students.symmetric(students.susceptibilities)), root)


def samples(problem: Problem) -> list[Sample]:
    """Return the cases of the label's law."""
    of, eta = parts(problem), problem.data.noise
    teachers, normals = labelled.outer_symbols(problem)
    unit = numbered(T_0, len(teachers)) if len(teachers) > 1 else (T_0,)
    own = numbered(ZETA, problem.students.count)
    put = {t: sp.sqrt(eta) * z for t, z in zip(teachers, unit, strict=True)}
    found: list[Sample] = []
    for branch in labelled.branches(problem):
        center = sp.sqrt(problem.data.signal) * of.planted * sp.Matrix(branch.center)
        spread = sp.sqrt(eta * branch.variance)
        fields = center + spread * (of.planted * sp.Matrix(unit) + of.root * sp.Matrix(own))
        values = tuple(value.xreplace(put) for value in branch.values)
        found.append(Sample(branch, branch.chance.xreplace(put), values, fields, (*unit, *normals, *own)))
    return found


def envelope(problem: Problem, sample: Sample) -> Any:
    """Return the least loss of a sample near the fields of one replica."""
    students = problem.students
    loss = problem.loss.xreplace(dict(zip(labelled.label_symbols(problem), sample.values, strict=True)))
    spread = problem.data.noise * sample.branch.variance * parts(problem).answers
    if students.count == 1:
        return Envelope(sp.Lambda(students.fields[0], loss), sample.fields[0], spread[0], problem.domains)
    gap = sp.Matrix(students.fields) - sample.fields
    return LeastRow(loss + (gap.T * spread.adjugate() * gap)[0] / (2 * spread.det()), *students.fields)


def _averaged(sample: Sample, inner: Any) -> Any:
    average = Mean(sample.chance * inner, *sample.variables)
    most = sample.branch.most
    return average if most < 0 else sp.Sum(average, (LABEL, 0, sp.oo if most == float("inf") else most))


def energy(problem: Problem) -> Any:
    """Return the average over the data of the least loss of a sample at T = 0, given the overlaps."""
    return sp.Add(*[_averaged(sample, envelope(problem, sample)) for sample in samples(problem)])


def drive_hats(problem: Problem) -> tuple[sp.Symbol, ...]:
    """Return the conjugates of one student's overlaps with the planted directions."""
    size = problem.data.directions
    return (M_HAT,) if size == 1 else tuple(sp.Symbol(rf"\hat{{\mu}}_{{{i + 1}}}", real=True) for i in range(size))


def _sites(problem: Problem) -> list[tuple[Any, Any, tuple[Any, ...]]]:
    """Return (share, drive, variables) for each part of the law of the planted rows of all directions."""
    size, found = problem.data.directions, list[Any]()
    stars = (Z_STAR,) if size == 1 else numbered(Z_STAR, size)
    for row in itertools.product(problem.data.planted.parts, repeat=size):
        drive = sum(hat * (mean + sp.sqrt(variance) * star)
                    for hat, (_, mean, variance), star in zip(drive_hats(problem), row, stars, strict=True))
        found.append((sp.prod([share for share, _, _ in row]), drive + sp.sqrt(CHI_HAT) * XI, (*stars, XI)))
    return found


def entropy(problem: Problem) -> Any:
    """Return what the weights contribute: with conjugates for one student, counted with weight decay for two."""
    of = parts(problem)
    if problem.students.count == 2:
        decays = labelled.decays(problem)
        own = of.overlaps - of.planted * of.planted.T
        return (-(of.answers.adjugate() * own).trace() / (2 * of.answers.det())
                + sp.Add(*[decay * of.overlaps[i, i] / 2 for i, decay in enumerate(decays)]))
    penalty = sp.Lambda(problem.students.weights[0], problem.penalty)
    sites = [share * Mean(Envelope(penalty, drive / G_HAT, 1 / G_HAT, problem.domains)
                          - drive**2 / (2 * G_HAT), *variables) for share, drive, variables in _sites(problem)]
    planted = sp.Add(*[hat * m for hat, m in zip(drive_hats(problem), of.planted, strict=True)])
    return -G_HAT * of.overlaps[0] / 2 + CHI_HAT * of.answers[0] / 2 + planted + sp.Add(*sites)


@dataclass(frozen=True)
class LabelledTheory(Theory):
    """The replica-symmetric theory of a problem with any labels; see :class:`vaesym.replica.derive.Theory`.

    One student has conjugates among the order parameters; for two, whose penalty is weight decay, they are eliminated.
    """

    @property
    def order_parameters(self) -> tuple[sp.Symbol, ...]:
        """Overlaps, planted overlaps, susceptibilities, biases, and the conjugates of one student."""
        own = (*labelled.state_symbols(self.problem), *[scalar.symbol for scalar in self.problem.free])
        return own if self.problem.students.count == 2 else (*own, G_HAT, *drive_hats(self.problem), CHI_HAT)

    @property
    def replicon(self) -> Any:
        r"""The number up to which 1 is stable, :math:`\alpha\eta^2E[H^2]E[J^2]`.

        For two students the matrix :math:`\alpha\eta^2E[H\otimes H](\chi\otimes\chi)`, whose largest eigenvalue is.
        """
        problem = self.problem
        factor = alpha * problem.data.noise**2
        bends = [(sample, _bend(problem, sample)) for sample in samples(problem)]
        if problem.students.count == 2:
            answers = parts(problem).answers
            pair = sp.kronecker_product(answers, answers)
            total = sp.zeros(4)
            for sample, bend in bends:
                pairs: Any = sp.kronecker_product(bend, bend)
                total += pairs.applyfunc(lambda entry, s=sample: _averaged(s, entry))
            return sp.ImmutableMatrix(factor * total * pair)
        penalty, weight = problem.penalty, problem.students.weights[0]
        site = sp.S.Zero
        for share, drive, variables in _sites(problem):
            place = Envelope(sp.Lambda(weight, penalty), drive / G_HAT, 1 / G_HAT, problem.domains).place
            site += share * Mean((G_HAT + penalty.diff(weight, 2).xreplace({weight: place})) ** -2, *variables)
        return factor * sp.Add(*[_averaged(sample, bend[0] ** 2) for sample, bend in bends]) * site


def _bend(problem: Problem, sample: Sample) -> sp.Matrix:
    """Return vH, H = (I + ℓ''V)⁻¹ℓ'' at the least loss of a sample, v the variance of its noise over η."""
    node, fields = envelope(problem, sample), problem.students.fields
    loss = problem.loss.xreplace(dict(zip(labelled.label_symbols(problem), sample.values, strict=True)))
    places = node.place if isinstance(node.place, tuple) else (node.place,)
    curvature = sp.hessian(loss, fields).xreplace(dict(zip(fields, places, strict=True)))
    # The inverse is taken of symbols, which is quick, and the curvatures are put in afterwards.
    bends = problem.students.symmetric([sp.Symbol(f"l_{i}{j}") for i, j in problem.students.pairs])
    wide = sample.branch.variance
    moved = sp.eye(len(fields)) + problem.data.noise * wide * bends * parts(problem).answers
    answer = wide * moved.adjugate() * bends / moved.det()
    return sp.Matrix(answer.xreplace({bends[i, j]: curvature[i, j] for i, j in problem.students.pairs}))


def _domains(problem: Problem) -> dict[Any, Domain]:
    students = problem.students
    found = {p.symbol: Domain(sp.Rational(1, 5), sp.Rational(4, 5)) for p in problem.every_parameter}
    found |= dict.fromkeys([*labelled.planted_symbols(problem), *[s.symbol for s in problem.free]], _SMALL)
    for (i, j), q, x in zip(students.pairs, students.overlaps, students.susceptibilities, strict=True):
        found |= {q: _LARGE if i == j else _SMALL, x: _WIDE if i == j else _SMALL}
    return found | {TEMPERATURE: _WIDE}


def _covariance(problem: Problem, replicas: int) -> sp.Matrix:
    """Return the covariance of the fields of n replicas (and of the teachers') from independent normal variables."""
    of, eta = parts(problem), problem.data.noise
    k, s = of.planted.shape
    unit, own = sp.symbols(f"t_1:{s + 1}", real=True), sp.symbols(f"zeta_1:{k + 1}", real=True)
    noises = [sp.symbols(f"v{a}_1:{k + 1}", real=True) for a in range(replicas)]
    response = sp.Matrix([[sp.sqrt(of.answers[0, 0])]]) if k == 1 else of.answers.cholesky(hermitian=False)
    rows = [list(sp.sqrt(eta) * (of.planted * sp.Matrix(unit) + of.root * sp.Matrix(own)
                                 + sp.sqrt(TEMPERATURE) * response * sp.Matrix(noise))) for noise in noises]
    every = [field for row in rows for field in row] + [sp.sqrt(eta) * t for t in unit]
    variables = [*unit, *own, *[v for noise in noises for v in noise]]
    linear = sp.Matrix(every).jacobian(sp.Matrix(variables))
    return linear * linear.T


def _stated_covariance(problem: Problem, replicas: int) -> sp.Matrix:
    of, eta = parts(problem), problem.data.noise
    k, s = of.planted.shape
    total = sp.zeros(k * replicas + s)
    for a in range(replicas):
        for b in range(replicas):
            block = of.overlaps + (TEMPERATURE * of.answers if a == b else sp.zeros(k))
            total[a * k:(a + 1) * k, b * k:(b + 1) * k] = eta * block
        total[a * k:(a + 1) * k, k * replicas:] = eta * of.planted
        total[k * replicas:, a * k:(a + 1) * k] = eta * of.planted.T
    total[k * replicas:, k * replicas:] = eta * sp.eye(s)
    return total


def _counted(problem: Problem) -> Any:
    """Return what the weights of given overlaps contribute, from the determinant of the overlaps of n replicas."""
    of = parts(problem)
    overlaps = RSMatrix(sp.ImmutableMatrix(TEMPERATURE * of.answers),
                        sp.ImmutableMatrix(of.overlaps - of.planted * of.planted.T))
    return zero_temperature(-TEMPERATURE * per_replica(overlaps.log_det() / 2), TEMPERATURE)


def _eliminated(problem: Problem) -> Any:
    """Return the same with conjugates: the least row without a penalty, at the extremum over Ĝ, χ̂ and μ̂."""
    of = parts(problem)
    k, s = of.planted.shape
    stiff, spread = (sp.Matrix(problem.students.symmetric(sp.symbols(f"{name}_1:{len(problem.students.pairs) + 1}")))
                     for name in ("G", "X"))
    drive = sp.Matrix(k, s, sp.symbols(f"M_1:{k * s + 1}"))
    inverse = stiff.adjugate() / stiff.det()
    f = (-(stiff * of.overlaps).trace() + (spread * of.answers).trace()) / 2 + (drive.T * of.planted).trace() \
        - (inverse * (spread + drive * drive.T)).trace() / 2
    # Stationarity in χ̂ gives Ĝ = χ⁻¹, in μ̂ then μ̂ = Ĝμ; χ̂ drops out.
    answer = of.answers.adjugate() / of.answers.det()
    put = {**dict(zip(stiff, answer, strict=True)), **dict(zip(drive, answer * of.planted, strict=True))}
    moved = sp.expand(f.xreplace(put))
    # What is left of χ̂ would stand here; it does not.
    entries: list[Any] = list(dict.fromkeys(spread.flat()))
    left = [entry * sp.simplify(moved.coeff(entry)) for entry in entries]
    return moved.xreplace(dict.fromkeys(entries, sp.S.Zero)) + sp.Add(*left)


def _steps(problem: Problem) -> tuple[Step, ...]:
    domains, of = _domains(problem), parts(problem)
    own = of.overlaps - of.planted * of.planted.T
    volume = -(of.answers.adjugate() * own).trace() / (2 * of.answers.det())
    cases = samples(problem)
    steps = [
        Step("fields", "Fields of n replicas share one part and have one of their own", sp.Symbol("C"),
             lambda: tuple(sp.ImmutableMatrix(_covariance(problem, n)) for n in (1, 2)),
             tuple(sp.ImmutableMatrix(_stated_covariance(problem, n)) for n in (1, 2)), domains, "section of data",
             ("n = 1, 2",)),
        *common_steps(),
        Step("weights", "Delta functions and their conjugates count the weights", sp.Symbol("s"),
             lambda: _eliminated(problem), volume, domains, "replica method"),
        Step("determinant", "The determinant of the overlaps counts the same", sp.Symbol("s"),
             lambda: _counted(problem), volume, domains, "replica method"),
    ]
    if all(case.branch.most < 0 for case in cases) and len(cases) > 1:
        seen = {v: Domain(-2, 2, "uniform") for v in sp.Add(*[c.chance for c in cases]).free_symbols - {*domains}}
        steps.append(Step("law", "The probabilities of the label sum to one", sp.Symbol("p"),
                          lambda: sp.Add(*[case.chance for case in cases]), sp.S.One, {**domains, **seen},
                          "the statement"))
    return (*steps, *_by_determinants(problem, domains))


def _by_determinants(problem: Problem, domains: dict[Any, Domain]) -> list[Step]:
    """Where the loss is a parabola of the residual, the energy by determinants of n replicas."""
    reduced = labelled.residual(problem)
    if reduced is None or len(reduced.cases) > 1 or any(reduced.cases[0].offset) or problem.free:
        return []
    normal = reduced.cases[0]
    fields, of, eta = problem.students.fields, parts(problem), problem.data.noise
    matrix = sp.Matrix(sp.hessian(reduced.loss, fields))
    form = (sp.Matrix([fields]) * matrix * sp.Matrix(fields))[0] / 2
    if matrix.free_symbols & {*fields} or sp.expand(reduced.loss - form) != 0:
        return []
    slopes = sp.Matrix(normal.slopes)
    gap = of.planted - slopes
    shared = eta * (of.overlaps - of.planted * of.planted.T + gap * gap.T) + sp.Matrix(normal.noise)
    residuals = RSMatrix(sp.ImmutableMatrix(TEMPERATURE * eta * of.answers), sp.ImmutableMatrix(shared))

    def derived() -> Any:
        coupled = RSMatrix.identity(len(fields)) + residuals @ RSMatrix.diagonal(sp.ImmutableMatrix(matrix)).scale(
            1 / TEMPERATURE)
        return zero_temperature(TEMPERATURE * per_replica(coupled.log_det() / 2), TEMPERATURE)

    return [Step("energy", "Energy by determinants equals energy by the least loss", sp.Symbol("e"), derived,
                 _least_parabola(problem, reduced.loss), domains, "two routes")]


def _least_parabola(problem: Problem, loss: Any) -> Any:
    """Return the average of the least loss, a parabola of the normal variables that field and label are made of."""
    (case,) = samples(problem)
    fields, spread = problem.students.fields, problem.data.noise * parts(problem).answers
    goal = sp.Matrix(sp.symbols(f"omega_1:{len(fields) + 1}", real=True))
    gap = sp.Matrix(fields) - goal
    value = LeastRow(loss + (gap.T * spread.adjugate() * gap)[0] / (2 * spread.det()), *fields).doit()
    linear = (case.fields - sp.Matrix(case.values)).jacobian(sp.Matrix(case.variables))
    covariance = (linear * linear.T).applyfunc(lambda entry: sp.cancel(sp.expand(entry)))
    return sp.cancel((sp.hessian(value, list(goal)) * covariance).trace() / 2)


def derive_labelled(problem: Problem) -> LabelledTheory:
    """Return the theory of a problem with any labels; see :func:`vaesym.replica.derive.derive`.

    >>> from vaesym.problems import multi_output_ridge
    >>> {str(verdict.kind.value) for verdict in derive_labelled(multi_output_ridge).check().values()}
    {'identity'}
    """
    return LabelledTheory(problem, entropy(problem) + alpha * energy(problem), _steps(problem))
