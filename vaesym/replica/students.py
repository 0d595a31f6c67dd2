r"""From a problem without labels to its replica-symmetric theory.

The loss is quadratic in the fields of k students, so that the average over a sample is a determinant. With weight decay
alone the weights are counted by a determinant too; any other penalty leaves the average over a site of the least row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sympy as sp

from vaesym.algebra import Domain, Step
from vaesym.problem import Problem
from vaesym.problem.problem import alpha
from vaesym.problem.quadratic import eliminated, least_energy
from vaesym.replica.derive import TEMPERATURE, Theory
from vaesym.replica.determinants.moves import moves
from vaesym.replica.determinants.problem import QuadraticProblem
from vaesym.replica.determinants.replicon import replicon_matrix
from vaesym.replica.envelope import Mean

_WIDE = Domain(sp.Rational(1, 3), 3)
_SMALL = Domain(sp.Rational(-1, 5), sp.Rational(1, 5), "uniform")


class LeastRow(sp.Expr):
    """The minimum of a function of a row of the weights; its derivatives are those of the envelope theorem.

    Examples
    --------
    >>> w, h, g = sp.symbols("w h g", positive=True)
    >>> LeastRow(g * w**2 / 2 - h * w, w).doit()
    -h**2/(2*g)
    """

    is_commutative = True

    def __new__(cls, function: Any, *weights: Any) -> Any:
        """Minimise the function over the weights."""
        return sp.Expr.__new__(cls, sp.Lambda(tuple(weights), sp.sympify(function)))

    @property
    def free_symbols(self) -> set[Any]:
        """All symbols but the weights."""
        return self.args[0].free_symbols

    @property
    def place(self) -> tuple[Any, ...]:
        """The least row: one node for each weight."""
        return tuple(LeastWeight(self.args[0], sp.Integer(i)) for i in range(len(self._parts[1])))

    @property
    def _parts(self) -> tuple[Any, tuple[Any, ...]]:
        function: Any = self.args[0]
        return function.expr, tuple(function.variables)

    def doit(self, **hints: Any) -> Any:
        """Return the minimum of a quadratic function; itself otherwise."""
        function, weights = self._parts
        hessian = sp.hessian(function, weights)
        if hessian.free_symbols & set(weights) or function.has(sp.Abs, sp.Max, sp.Min, sp.Piecewise):
            return self
        zero = dict.fromkeys(weights, sp.S.Zero)
        force = sp.Matrix([function.diff(w).xreplace(zero) for w in weights])
        return sp.together(function.xreplace(zero) - (force.T * hessian.adjugate() * force)[0] / (2 * hessian.det()))

    def _eval_derivative(self, symbol: Any) -> Any:
        function, weights = self._parts
        return function.diff(symbol).xreplace(dict(zip(weights, self.place, strict=True)))

    def _latex(self, printer: Any) -> str:
        function, weights = self._parts
        names = ",".join(printer.doprint(w) for w in weights)
        return rf"\min_{{{names}}}\left[{printer.doprint(function)}\right]"


class LeastWeight(sp.Expr):
    """One weight of the least row of :class:`LeastRow`."""

    is_commutative = True

    def __new__(cls, function: Any, index: Any) -> Any:
        """Return the weight of that index."""
        return sp.Expr.__new__(cls, function, index)

    def _latex(self, printer: Any) -> str:
        function: Any = self.args[0]
        return rf"{{{printer.doprint(function.variables[int(self.args[1])])}^{{*}}}}"


@dataclass(frozen=True)
class StudentsTheory(Theory):
    """The replica-symmetric theory of a problem without labels; see :class:`vaesym.replica.derive.Theory`.

    With weight decay alone the conjugates are eliminated, and the free energy is a function of overlaps,
    susceptibilities and trained scalars; otherwise the conjugates Ĝ, μ̂, χ̂ are order parameters too.
    """

    conjugates: tuple[sp.Symbol, ...] = ()

    @property
    def order_parameters(self) -> tuple[sp.Symbol, ...]:
        """Overlaps, susceptibilities, trained scalars, and conjugates where they stay."""
        return (*self.problem.students.state, *[scalar.symbol for scalar in self.problem.free], *self.conjugates)

    @property
    def replicon(self) -> Any:
        r"""The matrix χG, G = A(I + ηχA)⁻¹: with weight decay αη² max|eig|² ≤ 1 is stable.

        With another penalty χ ⊗ χ becomes the average of J ⊗ J, J = ∂w/∂h, over the sites.
        """
        return replicon_matrix(replica_problem(self.problem))


def replica_problem(problem: Problem) -> QuadraticProblem:
    """Return the problem as the moves of the replica method take it: with its weight decay, without another penalty."""
    students, loss = problem.students, problem.quadratic_loss
    decays = _decays(problem) or [sp.S.Zero]
    return QuadraticProblem(
        loss=loss.matrix, overlap=students.symmetric(students.overlaps),
        planted=sp.ImmutableMatrix(students.planted), susceptibility=students.symmetric(students.susceptibilities),
        signal=problem.data.signal, noise=problem.data.noise, samples=alpha,
        weight_decay=decays[0] if len(set(decays)) == 1 else sp.ImmutableMatrix(sp.diag(*decays)),
        constant=loss.constant, temperature=TEMPERATURE)


def _decays(problem: Problem) -> list[Any] | None:
    """Return the weight decay of each student, or None where the penalty is another one."""
    penalty = problem.penalty_parts
    each = list(zip(penalty.each, problem.students.each, strict=True))
    found = [sp.expand(part).coeff(s.weight, 2) * 2 for part, s in each]
    rest = [sp.expand(part - decay * s.weight**2 / 2)
            for (part, s), decay in zip(each, found, strict=True)]
    return None if penalty.group != 0 or any(rest) else found


def hats(problem: Problem) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the symbols of Ĝ and χ̂ (upper triangles) and μ̂."""
    names = ["".join(problem.students.fields[i].name for i in pair) for pair in problem.students.pairs]
    return ([sp.Symbol(rf"\hat{{G}}_{{{name}}}", real=True) for name in names],
            [sp.Symbol(rf"\hat{{\chi}}_{{{name}}}", real=True) for name in names],
            [sp.Symbol(rf"\hat{{\mu}}_{{{u.name}}}", real=True) for u in problem.students.fields])


def by_conjugates(problem: Problem) -> Any:
    """Return the contribution of the sites with conjugates, the least row averaged over its field."""
    stiff, spread, drive = (*hats(problem),)
    students, k = problem.students, problem.students.count
    variables = sp.symbols(f"xi_1:{k + 1}", real=True)
    star = sp.Symbol("z_*", real=True)
    matrix, row = students.symmetric(stiff), sp.Matrix(students.weights)
    # A lower triangular root of χ̂ by its own symbols keeps the average readable: L Lᵀ = χ̂.
    root = students.symmetric(spread).cholesky(hermitian=False) if k > 1 else sp.Matrix([[sp.sqrt(spread[0])]])
    double = [1 if i == j else 2 for i, j in students.pairs]
    total = sp.Add(*[factor * (x * s - g * o) / 2 for factor, x, s, g, o in
                     zip(double, spread, students.susceptibilities, stiff, students.overlaps, strict=True)])
    total += sp.Add(*[u * o for u, o in zip(drive, students.planted, strict=True)])
    for share, mean, variance in problem.data.planted.parts:
        field = sp.Matrix(drive) * (mean + sp.sqrt(variance) * star) + root * sp.Matrix(variables)
        function = problem.penalty + (row.T * matrix * row)[0] / 2 - (row.T * field)[0]
        total += share * Mean(LeastRow(function, *students.weights), star, *variables)
    return total


def _steps(problem: Problem) -> tuple[Step, ...]:
    students, loss, stated = problem.students, problem.quadratic_loss, replica_problem(problem)
    scalars = [scalar.symbol for scalar in problem.free]
    energy = least_energy(loss, students, problem.data.noise, problem.data.signal)[0]
    vector = sp.Matrix(students.fields)
    off = {s for s, (i, j) in zip(students.susceptibilities, students.pairs, strict=True) if i != j}
    diagonal = {s for s, (i, j) in zip(students.overlaps, students.pairs, strict=True) if i == j}
    every = [*students.state, *scalars, *students.fields, *[p.symbol for p in problem.every_parameter]]
    domains = {s: _SMALL if s in off else Domain(2, 3) if s in diagonal else _WIDE for s in (*every, TEMPERATURE)}

    def least() -> Any:
        """The minimum over the fields, by solving its equations, averaged over the fields of one replica."""
        spread = problem.data.noise * stated.susceptibility
        target = sp.Matrix(sp.symbols(f"omega_1:{students.count + 1}", real=True))
        stiff = loss.matrix + spread.inv()
        place = stiff.LUsolve(spread.inv() * target)
        gap = place - target
        value = (place.T * loss.matrix * place + gap.T * spread.inv() * gap)[0] / 2
        covariance = problem.data.signal * stated.planted * stated.planted.T + problem.data.noise * stated.overlap
        return (sp.hessian(value, list(target)) * covariance).trace() / 2 + loss.constant

    steps = [
        Step("loss", "A loss quadratic in the fields is a matrix and a constant", sp.Symbol("ell"),
             lambda: (vector.T * loss.matrix * vector)[0] / 2 + loss.constant, problem.loss, domains, "the statement"),
        *moves(stated, domains),
        Step("least-energy", "Energy per sample: by determinants, and as the least loss near a field of one replica",
             sp.Tuple(sp.Symbol("e"), sp.Symbol("M")), lambda: (stated.free_part(stated.energy_exponent()), least()),
             (energy, energy), domains, "Moreau envelope"),
    ]
    closed = eliminated(energy, scalars)
    steps += [Step(f"scalar-{scalar.name}", f"{scalar.name} at its own minimum", sp.Symbol("e"),
                   lambda s=scalar, v=value: energy.diff(s).subs(s, v), sp.S.Zero, domains, "stationarity")
              for scalar, value in closed.items()]
    return tuple(steps)


def derive_students(problem: Problem) -> StudentsTheory:
    """Return the theory of a problem without labels; see :func:`vaesym.replica.derive.derive`."""
    stated, steps = replica_problem(problem), _steps(problem)
    if _decays(problem) is not None:
        return StudentsTheory(problem, stated.free_energy(), steps)
    stiff, spread, drive = hats(problem)
    energy = stated.free_part(alpha * stated.energy_exponent())
    return StudentsTheory(problem, by_conjugates(problem) + energy, steps, (*stiff, *drive, *spread))
