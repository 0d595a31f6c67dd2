"""A learning problem as it is stated: loss, penalty, data, parameters, observables."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

import sympy as sp

from vaesym.inputs import InputError
from vaesym.problem import labelled
from vaesym.problem.data import (
    LABEL,
    NOISE,
    TEACHER,
    ClusterLabel,
    CountLabel,
    Data,
    LinearLabel,
    RandomLabel,
    SignLabel,
    Unlabelled,
)
from vaesym.problem.pieces import Piece, pieces
from vaesym.problem.quadratic import Penalty, QuadraticLoss, penalty_parts, quadratic_loss
from vaesym.problem.students import Student, Students

#: The student's field w·x/√N of a sample, its label, one row of the weights and of the planted direction.
field = sp.Symbol("u", real=True)
label = LABEL
weight = sp.Symbol("w", real=True)
planted = sp.Symbol("w_*", real=True)
#: The teacher's field of a sample, and the standard normal variable of a label.
teacher = TEACHER
epsilon = NOISE
#: Order parameters: ‖w‖²/N, the overlap with the planted direction, and the susceptibility.
ORDER_PARAMETERS = sp.symbols("Q chi", positive=True)
Q, chi = ORDER_PARAMETERS
m = sp.Symbol("m", real=True)
alpha = sp.Symbol("alpha", positive=True)
#: One vector of weights, as regression and classification have it.
ONE = Students((Student("student", field, weight, Q, m),))

#: What results and the functions that make them call their own things.
_RESULTS = {"free_energy", "training_loss", "penalty", "replicon", "zero_fraction", "residual", "quadrature_error",
            "status", "answer", "seed", "converged"}
_ARGUMENTS = {"problem", "derivatives", "backend", "scheduler", "store", "dimension", "seeds", "device", "name",
              "interval", "branch", "branches", "numpy", "scipy", "inf"}


@dataclass(frozen=True)
class Parameter:
    """A number that a problem depends on: its symbol, its meaning, and its domain from ``least`` to ``most``.

    ``strict`` says that the ends themselves are excluded, ``latex`` how it is printed, if not as Greek or as a word.
    """

    symbol: sp.Symbol
    meaning: str
    least: float = 0.0
    most: float = float("inf")
    strict: bool = True
    latex: str = ""

    @property
    def printed(self) -> str:
        r"""LaTeX of the symbol: lam is \lambda, and words stand upright.

        >>> [Parameter(sp.Symbol(name), "").printed for name in ("lam_1", "alpha", "noise", "s")]
        ['\\lambda_{1}', '\\alpha', '\\mathrm{noise}', 's']
        """
        stem, _, index = self.name.partition("_")
        greek: str = sp.latex(sp.Symbol("lambda" if stem == "lam" else stem))
        word = greek if greek.startswith("\\") or len(stem) == 1 else rf"\mathrm{{{stem}}}"
        return self.latex or (rf"{word}_{{{index}}}" if index else word)

    @property
    def name(self) -> str:
        """The name at the API."""
        return self.symbol.name


ALPHA = Parameter(alpha, "samples per dimension, P/N")


@functools.lru_cache(maxsize=1024)
def _pieces(expression: Any, variable: sp.Symbol, domains: tuple[Any, ...]) -> tuple[Piece, ...]:
    return pieces(expression, variable, dict(domains))


@dataclass(frozen=True)
class Problem:
    r"""A problem: minimise :math:`\sum_\mu\ell(u^\mu, y^\mu) + \sum_i r(w_i)` over the weights w.

    Here :math:`u = w\cdot x/\sqrt N` is the field of a sample, and there are P = αN samples. With labels there are one
    or two vectors of weights, ℓ is any convex function of their fields, and biases may be trained beside them. Without
    (:class:`vaesym.problem.Unlabelled`) there may be several vectors, ℓ is quadratic in their fields, and its
    coefficients may depend on the weights' own scalar products and on scalars that are trained too.

    Parameters
    ----------
    name : short, for files and the command line
    title : one line of words
    loss : ℓ, a convex expression of :data:`field` u and :data:`label` y
    penalty : r, a convex expression of one :data:`weight` w
    data : the law of the samples
    parameters : every other symbol, with its meaning; α need not be named
    observables : expressions of Q, m and the parameters, by name
    source : where it comes from
    students : the vectors of weights; one with the symbols of this module if not given
    free : scalars that are trained with the weights, each with its meaning and domain

    Raises
    ------
    vaesym.InputError
        A symbol without a meaning, a loss or penalty that is not convex, a penalty that is no sum over rows, a loss
        that is not bounded, probabilities that are none, more than two students with labels, or a loss without labels
        that is not quadratic in the fields.

    Examples
    --------
    >>> lam = sp.Symbol("lam", positive=True)
    >>> ridge = Problem("ridge", "Ridge regression", (label - field) ** 2 / 2, lam * weight**2 / 2,
    ...                 Data(LinearLabel(1, 0)), (Parameter(lam, "weight decay"),))
    >>> ridge.but(penalty=lam * sp.Abs(weight)).penalty
    lam*Abs(w)
    """

    name: str
    title: str
    loss: Any
    penalty: Any
    data: Data
    parameters: tuple[Parameter, ...] = ()
    observables: Mapping[str, Any] = dataclass_field(default_factory=dict[str, Any], hash=False)
    source: str = ""
    students: Students = ONE
    free: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "loss", sp.sympify(self.loss))
        object.__setattr__(self, "penalty", sp.sympify(self.penalty))
        _require_names(self)
        self._require_meanings()
        if self.quadratic:
            quadratic_loss(self.loss, self.students)
            _ = self.penalty_parts  # refuses what has no theory
        else:
            labelled.check_labelled(self)

    def _require_meanings(self) -> None:
        known = {parameter.symbol for parameter in self.every_parameter}
        beside = {scalar.symbol for scalar in self.free}
        beside |= {*self.students.overlaps} if self.quadratic else {*labelled.label_symbols(self)}
        mixed = self.penalty.free_symbols & ({*self.students.state, *self.students.fields} - known)
        if mixed:
            raise InputError("a penalty that is a sum over the rows of the weights", f"{self.penalty}",
                             f"write it in {', '.join(map(str, self.students.weights))}, the weights of one row")
        outer = set[Any]() if self.quadratic else {s for part in labelled.outer_symbols(self) for s in part}
        counted = {label} if isinstance(self.data.label, CountLabel) else set[Any]()
        fields = {*self.students.fields} | beside
        seen = {*labelled.state_symbols(self), *[scalar.symbol for scalar in self.free]}
        for part, own in ((self.loss, fields), (self.penalty, {*self.students.weights}),
                          (self._laws(), outer | counted), (sp.Tuple(*self.observables.values()), seen)):
            unknown = sorted(str(symbol) for symbol in part.free_symbols - own - known)
            if unknown:
                ours = [name for name in unknown if name in ("u", "w", "y", "t", "epsilon", "w_*")]
                raise InputError("a meaning for every symbol", f"{', '.join(unknown)} without one",
                                 "take field, label, weight, planted, teacher and epsilon from vaesym.problem for "
                                 f"{', '.join(ours)}" if ours else "add Parameter(symbol, meaning) to the parameters")

    def _laws(self) -> Any:
        data = self.data
        shares = [part for row in data.planted.parts for part in row]
        law = [getattr(data.label, entry.name) for entry in dataclasses.fields(data.label)]
        return sp.Tuple(*shares, *data.planted.widths, *law, data.noise, data.signal)

    @property
    def quadratic(self) -> bool:
        """Whether samples have no label; the loss is then quadratic in the fields."""
        return isinstance(self.data.label, Unlabelled)

    @property
    def quadratic_loss(self) -> QuadraticLoss:
        """Matrix and constant of a quadratic loss."""
        return quadratic_loss(self.loss, self.students)

    @property
    def penalty_parts(self) -> Penalty:
        """The penalty of each student, and the weight of the norm of a row if it has one."""
        return penalty_parts(self.penalty, self.students, self.domains)

    @property
    def domains(self) -> dict[Any, tuple[Any, Any]]:
        """The least and the largest value of each parameter whose domain is not (0, ∞)."""
        known = {p.symbol: (p.least, p.most) for p in self.every_parameter}
        return {symbol: domain for symbol, domain in known.items() if domain != (0.0, float("inf"))}

    def pieces(self, expression: Any, variable: sp.Symbol) -> tuple[Piece, ...]:
        """Return the smooth pieces of a function of the variable, for parameters inside their domains."""
        return _pieces(sp.sympify(expression), variable, tuple(self.domains.items()))

    @property
    def labels(self) -> tuple[int | None, ...]:
        """The values of the label; (None,) where it is a real number."""
        return (None,) if isinstance(self.data.label, LinearLabel) else (1, -1)

    @property
    def general(self) -> bool:
        """Whether samples have labels, and more than one student, one planted direction, and a label ±1 or residual."""
        plain = isinstance(self.data.label, LinearLabel | SignLabel | RandomLabel | ClusterLabel)
        if self.quadratic or not plain or self.students != ONE or self.free:
            return not self.quadratic
        return isinstance(self.data.label, LinearLabel) and labelled.residual(self) is None

    @property
    def every_parameter(self) -> tuple[Parameter, ...]:
        """α and the parameters, in calling order."""
        return (ALPHA, *[parameter for parameter in self.parameters if parameter.symbol != alpha])

    @property
    def symmetric(self) -> bool:
        """Whether nothing changes if label, fields and weights all change their sign."""
        law = self.data.label
        even = isinstance(law, RandomLabel) and law.share == sp.Rational(1, 2)
        even = even or (isinstance(law, ClusterLabel) and law.share == sp.Rational(1, 2))
        if isinstance(law, SignLabel):
            other = 1 - law.probability.xreplace({teacher: -teacher})
            points = [sp.Rational(k, 7) for k in (-9, -2, 3, 11)]
            spare = {s: sp.Rational(5, 3) for s in law.probability.free_symbols - {teacher}}
            even = all(abs(sp.N((law.probability - other).xreplace({teacher: p, **spare}), 30)) < 1e-25 for p in points)
        flipped = self.loss.xreplace({field: -field, label: -label})
        return bool(even) and sp.simplify(flipped - self.loss) == 0

    def but(self, **changes: Any) -> Problem:
        """Return a variant of the problem: any of its parts by name."""
        return dataclasses.replace(self, **changes)


def _require_names(problem: Problem) -> None:
    """Refuse what is no expression, what is no tuple of parameters, and names that are taken."""
    for what, part in (("loss", problem.loss), ("penalty", problem.penalty)):
        if not isinstance(part, sp.Expr) or part.has(sp.nan, sp.zoo):
            raise InputError(f"a {what} that is an expression with real values", f"{part}", "correct it")
    listed: Any
    for what, listed in (("parameters", problem.parameters), ("free", problem.free)):
        if not isinstance(listed, tuple | list) or not all(isinstance(entry, Parameter) for entry in listed):
            raise InputError(f"{what} as a tuple of Parameter(symbol, meaning)", f"{listed}",
                             "write (Parameter(lam, \"weight decay\"),), with the comma")
    students = problem.students
    state = {s.name for s in (*students.state, *students.fields, *students.weights)}
    inner = state | {"y", "t", "epsilon"}
    for parameter in (*problem.parameters, *problem.free):
        _require_free(parameter.name, "parameter", inner | _RESULTS | _ARGUMENTS)
    names = [parameter.name for parameter in (*problem.parameters, *problem.free)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError("each parameter once", f"{twice[0]} twice", "leave one out")
    for name in problem.observables:
        _require_free(name, "observable", state | _RESULTS | {"alpha", *names})


def _require_free(name: Any, what: str, taken: set[str]) -> None:
    if name in taken:
        raise InputError(f"a name for the {what} that nothing else has", f"{name!r}", "choose another")
