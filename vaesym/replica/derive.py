r"""From a problem to its replica-symmetric theory, in steps that check themselves.

Six moves: average over the data, count the weights, take all replicas alike, n → 0, T → 0, and the extremum. Every
step holds a statement typed by hand beside what the move computes.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy as sp

from vaesym.algebra import Domain, Step, to_latex
from vaesym.problem import ClusterLabel, LinearLabel, Problem, RandomLabel, SignLabel, field, label, teacher, weight
from vaesym.problem.problem import Q, alpha, chi, m
from vaesym.replica.envelope import Envelope, Mean
from vaesym.replica.limits import per_replica, zero_temperature
from vaesym.replica.matrix import REPLICAS, RSMatrix

#: Conjugates of Q, χ and m.
G_HAT, CHI_HAT = sp.symbols(r"\hat{G} \hat{\chi}", positive=True)
M_HAT = sp.Symbol(r"\hat{\mu}", real=True)
#: Standard normal variables: the teacher's field, the student's own, the label's noise; a site's field and teacher.
T_0, ZETA, EPSILON, XI, Z_STAR = sp.symbols("t_0 zeta epsilon xi z_*", real=True)
TEMPERATURE = sp.Symbol("T", positive=True)
ORDER = (Q, m, chi, G_HAT, M_HAT, CHI_HAT)
_WIDE = Domain(sp.Rational(1, 3), 3)
_SIGNED = Domain(-1, 1, "uniform")


@dataclass(frozen=True)
class Theory:
    """The replica-symmetric theory of a problem.

    Attributes
    ----------
    problem : what was stated
    free_energy : the function of the order parameters whose extremum is the least loss over N
    steps : the derivation; ``step.check()`` runs each
    """

    problem: Problem
    free_energy: Any
    steps: tuple[Step, ...]

    @property
    def order_parameters(self) -> tuple[sp.Symbol, ...]:
        """Q, m, χ and their conjugates."""
        return ORDER

    @property
    def equations(self) -> dict[sp.Symbol, Any]:
        """The derivative of the free energy in each order parameter; all vanish at a state."""
        return {symbol: sp.diff(self.free_energy, symbol) for symbol in self.order_parameters}

    @property
    def replicon(self) -> Any:
        r"""The number up to which 1 is stable: :math:`\alpha\eta^2 E[(\partial g)^2]\,E[(\partial w)^2]`."""
        return alpha * self.problem.data.noise**2 * _squared_response(self.problem)

    def claim(self, name: str, expression: Any, about: Any = None) -> Theory:
        """Return the theory with one more step: that ``about`` (the free energy if not given) equals ``expression``.

        Both are compared with every minimum and average in closed form where there is one.
        """
        of = self.free_energy if about is None else about
        domains = {symbol: _SIGNED if symbol in (m, M_HAT) else _WIDE
                   for symbol in sp.sympify(expression).free_symbols | of.doit().free_symbols}
        step = Step(name, name, sp.Symbol("f"), lambda: of.doit(), expression, domains, "claimed")
        return dataclasses.replace(self, steps=(*self.steps, step))

    def check(self) -> dict[str, Any]:
        """Run every step and return the verdicts by label."""
        return {step.label: step.check() for step in self.steps}

    def book(self) -> dict[str, Step]:
        """Return the steps by label."""
        return {step.label: step for step in self.steps}

    def latex(self, folder: str | Path | None = None) -> str:
        """Return the theory as LaTeX: what is minimised, the free energy, its stationarity.

        With a ``folder``, a whole document under the problem's title, with its symbols and every step, is written there
        as ``<name>.tex``, and its path is returned.
        """
        from vaesym.replica.document import printed, write

        if folder is not None:
            return str(write(self, folder))
        problem = self.problem
        rows = [rf"{to_latex(symbol)} &: {printed(problem, expression)} = 0"
                for symbol, expression in self.equations.items()]
        return "\n".join([
            rf"\section{{{problem.title}}}",
            rf"\[ \min_w \sum_\mu \ell(u^\mu, y^\mu) + \sum_i r(w_i), \qquad \ell = {printed(problem, problem.loss)}, "
            rf"\quad r = {printed(problem, problem.penalty)} \]",
            rf"\[ f = {printed(problem, self.free_energy)} \]",
            r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}"])


def _squared_response(problem: Problem) -> Any:
    """E[(∂²M)²]·E[(∂w)²], each an average over the problem's own variables."""
    energy = sum(weight_ * Mean(chance * _curvature(node) ** 2, *variables)
                 for weight_, chance, node, variables in _energy_terms(problem))
    site = sum(share * Mean(_site_response(problem, drive, width) ** 2, *variables)
               for share, drive, width, variables in _site_terms(problem))
    return energy * site


def _curvature(node: Envelope) -> Any:
    f, u, _, spread = node.parts
    bend = f.diff(u, 2).xreplace({u: node.place})
    return bend / (1 + spread * bend)


def _site_response(problem: Problem, drive: Any, width: Any) -> Any:
    stiff = width * G_HAT
    node = Envelope(sp.Lambda(weight, problem.penalty), drive / stiff, 1 / stiff, problem.domains)
    return width / (stiff + problem.penalty.diff(weight, 2).xreplace({weight: node.place}))


def _energy_terms(problem: Problem) -> list[tuple[Any, Any, Envelope, tuple[Any, ...]]]:
    """Return (weight, probability, envelope, variables) for each value of the label."""
    data, law = problem.data, problem.data.label
    eta = data.noise
    own = sp.sqrt(eta) * (m * T_0 + sp.sqrt(Q - m**2) * ZETA)
    if data.planted.widths:  # then Q and m belong to different norms, and no label asks for the field along w*
        own = sp.sqrt(eta * Q) * ZETA
    spread = eta * chi
    if isinstance(law, LinearLabel):
        seen = sp.sqrt(law.signal) * sp.sqrt(eta) * T_0 + sp.sqrt(law.noise) * EPSILON
        loss = sp.Lambda(field, problem.loss.xreplace({label: seen}))
        return [(sp.S.One, sp.S.One, Envelope(loss, own, spread, problem.domains), (T_0, ZETA, EPSILON))]
    terms: list[tuple[Any, Any, Envelope, tuple[Any, ...]]] = []
    for value in (1, -1):
        loss = sp.Lambda(field, problem.loss.xreplace({label: sp.Integer(value)}))
        if isinstance(law, SignLabel):
            plus = law.probability.xreplace({teacher: sp.sqrt(eta) * T_0})
            node = Envelope(loss, own, spread, problem.domains)
            terms.append((sp.S.One, plus if value > 0 else 1 - plus, node, (T_0, ZETA)))
            continue
        assert isinstance(law, ClusterLabel | RandomLabel)
        share = law.share if value > 0 else 1 - law.share
        center = value * sp.sqrt(data.signal) * m if isinstance(law, ClusterLabel) else sp.S.Zero
        terms.append((share, sp.S.One, Envelope(loss, center + own, spread, problem.domains), (T_0, ZETA)))
    return terms


def _site_terms(problem: Problem) -> list[tuple[Any, Any, Any, tuple[Any, ...]]]:
    """Return (share, drive, width, variables) for each part of the law of the planted rows."""
    planted = problem.data.planted
    return [(share, M_HAT * (mean + sp.sqrt(variance) * Z_STAR) + sp.sqrt(width * CHI_HAT) * XI, width, (Z_STAR, XI))
            for (share, mean, variance), width in zip(
                planted.parts, planted.widths or (sp.S.One,) * len(planted.parts), strict=True)]


def energy(problem: Problem) -> Any:
    """Return the average over the data of the least loss of a sample at T = 0, given the overlaps."""
    return sp.Add(*[factor * Mean(chance * node, *variables)
                    for factor, chance, node, variables in _energy_terms(problem)])


def entropy(problem: Problem) -> Any:
    r"""Return the average over the sites of :math:`\min_w[r(w) + \frac12\hat Gw^2 - wh]`, and the conjugate terms."""
    penalty = sp.Lambda(weight, problem.penalty)
    sites = [share * Mean(Envelope(penalty, drive / (width * G_HAT), 1 / (width * G_HAT), problem.domains)
                          - drive**2 / (2 * width * G_HAT), *variables)
             for share, drive, width, variables in _site_terms(problem)]
    return -G_HAT * Q / 2 + CHI_HAT * chi / 2 + M_HAT * m + sp.Add(*sites)


def _field_covariance(replicas: int) -> sp.Matrix:
    """Covariance of n fields written as shared + own parts, from their representation by independent variables."""
    eta, temperature = sp.Symbol("eta", positive=True), TEMPERATURE
    shared = [T_0, ZETA]
    own = sp.symbols(f"v1:{replicas + 1}", real=True)
    fields = [sp.sqrt(eta) * (m * T_0 + sp.sqrt(Q - m**2) * ZETA) + sp.sqrt(eta * temperature * chi) * v for v in own]
    every = [*shared, *own]
    return sp.Matrix(replicas, replicas, lambda a, b: Mean(fields[a] * fields[b], *every).doit())


def _few_states() -> tuple[Any, Any]:
    """The mean of Zⁿ over a law of three values, and the mean of its logarithm."""
    p, r, a, b, c = sp.symbols("p r Z_1 Z_2 Z_3", positive=True)
    mean = (p * a**REPLICAS + r * b**REPLICAS + c**REPLICAS) / (p + r + 1)
    return per_replica(sp.log(mean)), (p * sp.log(a) + r * sp.log(b) + sp.log(c)) / (p + r + 1)


def _laplace() -> Any:
    """−T ln of the Gaussian integral over one field with loss c + bu + au²/2, as T → 0."""
    a, b, c, x, spread = sp.symbols("a b c x V", positive=True)
    t = TEMPERATURE
    stiff, push = a + 1 / spread, x / spread - b
    exponent = push**2 / (2 * stiff * t) - x**2 / (2 * spread * t) - c / t
    return zero_temperature(sp.expand(-t * (exponent - sp.log(spread * stiff) / 2)), t)


def _without_penalty() -> Any:
    """Eliminate the conjugates where there is no penalty: what is left counts the weights."""
    plain = -G_HAT * Q / 2 + CHI_HAT * chi / 2 + M_HAT * m - (CHI_HAT + M_HAT**2) / (2 * G_HAT)
    solution = sp.solve([plain.diff(s) for s in (G_HAT, CHI_HAT, M_HAT)], [G_HAT, CHI_HAT, M_HAT], dict=True)
    return sp.simplify(plain.subs(solution[0]))


def _counted() -> Any:
    """The same from the determinant of the overlaps of n replicas."""
    overlaps = RSMatrix(sp.Matrix([[TEMPERATURE * chi]]), sp.Matrix([[Q - m**2]]))
    return zero_temperature(-TEMPERATURE * per_replica(overlaps.log_det() / 2), TEMPERATURE)


def common_steps() -> tuple[Step, ...]:
    """Return the two limits, which do not depend on the problem."""
    few = {symbol: _WIDE for symbol in sp.symbols("p r Z_1 Z_2 Z_3", positive=True)}
    a, b, c, x, spread = sp.symbols("a b c x V", positive=True)
    wide = {symbol: _WIDE for symbol in (a, b, c, x, spread)}
    return (
        Step("no-replicas", "n to 0 turns the mean of a power into the mean of a logarithm", sp.Symbol("f"),
             lambda: _few_states()[0], _few_states()[1], few, "replica method", ("a law of three values",)),
        Step("zero-temperature", "T to 0 turns the integral over a field into a minimum", sp.Symbol("M"), _laplace,
             sp.simplify(Envelope(sp.Lambda(field, a * field**2 / 2 + b * field + c), x, spread).doit()), wide,
             "Laplace", ("a parabola; any convex loss behaves as one around its minimum",)),
    )


def _steps(problem: Problem, free_energy: Any) -> tuple[Step, ...]:
    eta = sp.Symbol("eta", positive=True)
    overlaps = {Q: Domain(2, 3), m: _SIGNED, chi: _WIDE}
    domains = {**overlaps, TEMPERATURE: _WIDE, eta: _WIDE}
    stated = {n: eta * (sp.ones(n) * Q + TEMPERATURE * chi * sp.eye(n)) for n in (1, 2, 3)}
    steps = [
        Step("fields", "Fields of n replicas share one part and have one of their own", sp.Symbol("C"),
             lambda: tuple(_field_covariance(n) for n in (1, 2, 3)), tuple(stated.values()), domains, "section of data",
             ("n = 1, 2, 3",)),
        *common_steps(),
        Step("weights", "Delta functions and their conjugates count the weights", sp.Symbol("s"), _without_penalty,
             -(Q - m**2) / (2 * chi), overlaps, "replica method"),
        Step("determinant", "The determinant of the overlaps counts the same", sp.Symbol("s"), _counted,
             -(Q - m**2) / (2 * chi), overlaps, "replica method"),
    ]
    return (*steps, *_closed_steps(problem, free_energy))


def _parameter_domains(problem: Problem) -> dict[Any, Any]:
    return {parameter.symbol: Domain(sp.Rational(1, 5), sp.Rational(4, 5)) for parameter in problem.every_parameter}


def _closed_steps(problem: Problem, free_energy: Any) -> list[Step]:
    """Where the loss is a parabola, the energy by determinants of n replicas instead of by envelopes."""
    law, data = problem.data.label, problem.data
    if not (isinstance(law, LinearLabel) and sp.expand(problem.loss - (label - field) ** 2 / 2) == 0):
        return []
    eta, t = data.noise, TEMPERATURE
    cross, second = sp.sqrt(law.signal) * m, law.signal + law.noise / eta
    own = sp.Matrix([[t * chi, 0], [0, 0]]) * eta
    fields = RSMatrix(own, sp.Matrix([[Q, cross], [cross, second]]) * eta)
    loss = sp.Matrix([[1, -1], [-1, 1]])

    def by_determinants() -> Any:
        coupled = RSMatrix.identity(2) + fields @ RSMatrix.diagonal(loss).scale(1 / t)
        return zero_temperature(t * per_replica(coupled.log_det() / 2), t)

    domains = {**_parameter_domains(problem), Q: Domain(2, 3), m: _SIGNED, chi: _WIDE}
    return [Step("energy", "Energy by envelopes equals energy by determinants", sp.Symbol("e"),
                 by_determinants, sp.simplify(energy(problem).doit()), domains, "two routes")]


def derive(problem: Problem) -> Theory:
    r"""Derive the replica-symmetric theory of a problem.

    Parameters
    ----------
    problem : a :class:`vaesym.problem.Problem`

    Returns
    -------
    Theory

    Examples
    --------
    >>> from vaesym.problems import ridge
    >>> theory = derive(ridge)
    >>> [str(verdict.kind.value) for verdict in theory.check().values()]
    ['identity', 'identity', 'identity', 'identity', 'identity', 'identity']
    """
    if problem.quadratic:
        from vaesym.replica.students import derive_students

        return derive_students(problem)
    if problem.general:
        from vaesym.replica.labelled import derive_labelled

        return derive_labelled(problem)
    free_energy = entropy(problem) + alpha * energy(problem)
    return Theory(problem, free_energy, _steps(problem, free_energy))
