"""Certificates: the phase of a point and every observable of its global minimum, proved in ball arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from vaesym.linear_vae.point.fields import Phase
from vaesym.linear_vae.proofs import rationals
from vaesym.linear_vae.proofs.rationals import Problem, ball, functions, sign
from vaesym.linear_vae.proofs.stationary import StationaryState, along, enclosed_root, positive_roots, state_at
from vaesym.solvers import Ball

#: Bits to which observables are enclosed where the precision allows it: eleven more than a float64 has.
SHARP = 64
_Stated = Mapping[str, Fraction | float]
_STABILITY = {1: "locally stable", 0: "marginal", -1: "unstable"}
_TIES = {"detection": "rho^2 alpha = eta^2", "collapse": "beta = beta_c", "spinodal": "the cubic has a double root"}


@dataclass(frozen=True)
class Certificate:
    """What is proved of a point.

    Attributes
    ----------
    proved : whether the phase and the number of stationary states are proved
    reason : what could not be decided; empty if ``proved``
    ties : critical lines that the point lies on exactly, among "detection", "collapse" and "spinodal"
    phase : :class:`Phase` of the global minimum; None unless ``proved``
    signal : sign of ρ²α − η², exact: the signal is detected iff it is positive
    collapse : sign of β − β_c: collapse is locally stable where it is positive and unstable where it is negative; at 0
        its Hessian is singular; None if undecided
    states : all stationary states, by ascending Q; empty unless ``proved``
    fields : name → ball that holds the field of :class:`Solution` at the global minimum; empty unless ``proved``
    precision : working precision in bits
    parameters : the point, exactly; infinity is a float
    """

    proved: bool
    reason: str
    ties: tuple[str, ...]
    phase: Phase | None
    signal: int
    collapse: int | None
    states: tuple[StationaryState, ...]
    fields: Mapping[str, Ball]
    precision: int
    parameters: _Stated = field(repr=False)

    def ulps(self, solution: Any) -> dict[str, float]:
        """Return how far each field of a solution lies at most from the truth, in units in the last place of float64.

        ``solution`` is what :func:`vaesym.solve` returns at this point, one latent.
        """
        return rationals.at_precision(self.precision, lambda: {
            name: _distance(truth, float(getattr(solution, name))) for name, truth in self.fields.items()})

    def __str__(self) -> str:
        """Return the statement that is proved, in words."""
        where = ", ".join(f"{name} = {rationals.text(value)}" for name, value in self.parameters.items())
        if not self.proved or self.phase is None:
            return f"Undecided at {self.precision} bits, at {where}: {self.reason}."
        states = [f"  {s.kind}: Q = {s.Q}, free energy {s.free_energy}" for s in self.states]
        several = f"these {len(states)}, each alone in its region" if len(states) > 1 else "this one"
        ties = [f"  exactly on the line of {tie}: {_TIES[tie]}" for tie in self.ties]
        return "\n".join([
            f"Proved at {self.precision} bits, at {where}:",
            f"  the global minimum is {self.phase.name}; the signal is {'' if self.signal > 0 else 'not '}detected, "
            f"collapse is {_STABILITY[self.collapse or 0]};",
            f"  the stationary states are {several}:", *states, *ties])


def certify(alpha: Any, beta: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0,
            precision: int = rationals.LIMIT) -> Certificate:
    r"""Prove the phase of a point, the number of its stationary states, and enclosures of every observable.

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0; ``inf`` is the limit of unlimited data
    beta : weight of the KL term, > 0
    lam : weight decay of decoder and encoder, ≥ 0
    rho, eta : strengths of signal and noise, > 0
    precision : the largest working precision in bits; it is doubled from 64 until all is decided

    All are single numbers. Floats are the binary fractions that they are: 0.1 is not 1/10, ``Fraction(1, 10)`` is.

    Returns
    -------
    Certificate
        Where the precision does not suffice it says so and names the sign that is missing; no phase is guessed.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, or arrays.

    Notes
    -----
    The stationarity cubic p(Q) = (φ(Q+β)+β)(Q+κ)² − Λκ(Q+β), φ = λ/α, is convex for Q > 0. So p(0) < 0 leaves one
    positive root; otherwise there are two if p'(0) < 0 and its discriminant is positive, and none if either is
    negative. Each is enclosed by Krawczyk's test. Above detection and where √α is rational these signs are decided
    in rational arithmetic, ties included. Active and collapsed state never have the same loss at rational parameters:
    ln(1+Q/β) is transcendental for algebraic Q > 0 (Lindemann), the rest of the potential algebraic. Nor is β_c
    rational where √α is not. So only the spinodal below detection holds points that no precision decides.

    Examples
    --------
    >>> certificate = certify(2.0, 1.0, lam=1.0)
    >>> certificate.phase.name, len(certificate.states), certificate.states[1].Q.str(15, radius=False)
    ('LEARNING', 2, '0.595914655183454')
    """
    limit = rationals.checked_limit(precision)
    problem = Problem.given(alpha, lam, rho, eta)
    weight = rationals.rational("beta", beta)
    stated = problem.stated(beta=weight)
    found, reason = None, ""
    for bits in rationals.precisions(limit):
        try:
            found = rationals.at_precision(bits, lambda bits=bits: _prove(problem, weight, bits, stated))
        except functions().Undecided as undecided:
            reason = str(undecided)
            continue
        if not any(rationals.wide(value, SHARP) for value in found.fields.values()):
            break
    return found or rationals.at_precision(limit, lambda: _undecided(problem, weight, limit, stated, reason))


def _prove(problem: Problem, beta: Any, bits: int, stated: _Stated) -> Certificate:
    module = functions()
    top, overlap, deficit = problem.spectrum()
    coefficients = module.cubic_coefficients(beta, problem.sample_decay, top)
    collapse = sign(beta - module.collapse_threshold(problem.sample_decay, top))
    kinds = positive_roots(coefficients)
    place = along(problem, beta, top)
    collapsed = state_at("collapsed", ball(0), ball(0), problem, place)
    states = [collapsed, *[enclosed_root(kind, problem, place) for kind in kinds]]
    _require_agreement(coefficients, collapse, states[1:])
    # Below the threshold the potential falls from Q = 0 to its minimum.
    active = kinds == ("minimum",) or (kinds == ("barrier", "minimum") and sign(states[-1].free_energy) < 0)
    norm = states[-1].Q if active else ball(0)
    ties = {"detection": problem.detected == 0, "collapse": collapse == 0, "spinodal": kinds == ("fold",)}
    phase = (Phase.LEARNING if problem.detected > 0 else Phase.OVERFITTING) if active else Phase.REGULARIZED
    values = module.observables(norm, *place[:2], ball(problem.rho), ball(problem.eta), place[2], ball(overlap),
                                ball(deficit))
    loss = _loss(states[-1] if active else collapsed, problem)
    fields = {"Q": norm, **dict(zip(module.FIELDS, values, strict=True)), "eigenvalue": place[2],
              "overlap": ball(overlap), "free_energy": loss}
    return Certificate(True, "", tuple(tie for tie, holds in ties.items() if holds), phase, problem.detected, collapse,
                       tuple(states), fields, bits, stated)


def _require_agreement(coefficients: Any, collapse: int, states: list[StationaryState]) -> None:
    """Refuse formulas that contradict each other: the threshold, the coefficients of the cubic, and its roots."""
    third, second, first, constant = coefficients
    values = [((third * s.Q + second) * s.Q + first) * s.Q + constant for s in states]
    if sign(constant) != collapse or not all(value.contains(0) for value in values):
        raise ArithmeticError(f"expected a cubic of sign {collapse} at Q = 0 that vanishes at its roots; received "
                              f"{coefficients} and {values}; mend the formulas")


def _undecided(problem: Problem, beta: Any, bits: int, stated: _Stated, reason: str) -> Certificate:
    try:
        collapse = sign(beta - functions().collapse_threshold(problem.sample_decay, problem.spectrum()[0]))
    except functions().Undecided:
        collapse = None
    ties = ("detection",) * (problem.detected == 0)
    return Certificate(False, f"{reason} is not decided", ties, None, problem.detected, collapse, (), {}, bits, stated)


def _loss(state: StationaryState, problem: Problem) -> Ball:
    """Return the loss over N; without limit of data, −∞ unless collapsed."""
    if problem.inverse_alpha == 0 and state.kind != "collapsed":
        return ball(float("-inf"))
    return state.free_energy


def _distance(truth: Ball, value: float) -> float:
    """Return an upper bound of |value − truth| in ulps of the truth; 0 where both are the same infinity or zero."""
    if not truth.is_finite():
        return 0.0 if value == float(truth) else float("inf")
    if truth == 0:
        return 0.0 if value == 0 else float("inf")
    if (gap := abs(truth - ball(value))) == 0:
        return 0.0
    unit = Fraction(float(np.spacing(abs(float(truth.mid())))))
    in_units = gap / ball(unit.numerator) * ball(unit.denominator)
    return float(np.nextafter(float(in_units.upper()), np.inf))
