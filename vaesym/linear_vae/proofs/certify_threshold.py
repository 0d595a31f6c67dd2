"""Certificates of thresholds in β: balls proved to hold them, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vaesym.inputs import InputError
from vaesym.linear_vae.proofs import rationals
from vaesym.linear_vae.proofs.certify import SHARP
from vaesym.linear_vae.proofs.rationals import Problem, ball, functions, sign
from vaesym.linear_vae.proofs.stationary import along, enclosed_root, positive_roots
from vaesym.solvers import Ball, Proof, enclose

KINDS = ("collapse", "global", "spinodal")
#: The search for a start ends once the distance to β_c is known to this fraction.
_NEAR = 2.0**-20


@dataclass(frozen=True)
class ThresholdCertificate:
    """What is proved of a threshold in β.

    Attributes
    ----------
    kind : "collapse", "global" or "spinodal"
    proved : whether ``beta`` is proved
    reason : what could not be decided; empty if ``proved``
    beta : ball that holds the threshold; an exact 0 if no active state exists at any β; None unless ``proved``
    transition : "continuous" (all three thresholds are one), "first order", "none" (collapsed at every β) or, for
        the kind "collapse", empty
    Q : ball that holds the decoder norm of the active state that ends there; None where there is none
    region : balls of (Q, β) that hold no other solution of its two equations; empty where it is a closed form
    precision : working precision in bits
    parameters : the data and the weight decay, exactly; infinity is a float
    """

    kind: str
    proved: bool
    reason: str
    beta: Ball | None
    transition: str
    Q: Ball | None
    region: tuple[Ball, ...]
    precision: int
    parameters: Mapping[str, Fraction | float] = field(repr=False)

    def __str__(self) -> str:
        """Return the statement that is proved, in words."""
        where = ", ".join(f"{name} = {rationals.text(value)}" for name, value in self.parameters.items())
        if not self.proved:
            return f"Undecided at {self.precision} bits, at {where}: {self.reason}."
        norm = "" if self.Q is None else f", with Q = {self.Q}"
        order = f" ({self.transition})" if self.transition else ""
        return (f"Proved at {self.precision} bits, at {where}: the {self.kind} threshold is beta = {self.beta}"
                f"{norm}{order}.")


def certify_threshold(alpha: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0, kind: str = "collapse",
                      precision: int = rationals.LIMIT) -> ThresholdCertificate:
    r"""Enclose a threshold in β and prove that the enclosure holds it alone.

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0; ``inf`` is the limit of unlimited data
    lam : weight decay of decoder and encoder, ≥ 0
    rho, eta : strengths of signal and noise, > 0
    kind : "collapse", above which collapse is locally stable; "global", above which it is the global minimum;
        "spinodal", above which no active state exists
    precision : the largest working precision in bits; it is doubled from 64 until all is decided

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, arrays, or an unknown kind.

    Notes
    -----
    Where the transition is continuous all are β_c, a closed form. Otherwise two equations for (Q, β) are solved by
    Krawczyk's test. There is no second solution outside of the region. For p = Φ = 0: at given Q the potential grows
    with β, by QΛ/(Q+κ)² + ln(1+Q/β) − Q/(Q+β) > 0. For p = p' = 0: there κ > Q + 2β and
    φ(Q+β) + β = β(Q+κ)/(2(Q+β)) < κ, so that p grows with β, and positive roots vanish in pairs but never appear.

    Examples
    --------
    >>> threshold = certify_threshold(0.7, lam=3.0, kind="global")
    >>> threshold.transition, threshold.beta.str(15, radius=False)
    ('first order', '0.0393153329169254')
    """
    if kind not in KINDS:
        raise InputError(f"a kind among {', '.join(KINDS)}", f"{kind!r}", "choose one of them")
    limit = rationals.checked_limit(precision)
    problem = Problem.given(alpha, lam, rho, eta)
    found, reason = None, ""
    for bits in rationals.precisions(limit):
        try:
            found = rationals.at_precision(bits, lambda bits=bits: _threshold(problem, kind, bits))
        except functions().Undecided as undecided:
            reason = f"{undecided} is not decided"
            continue
        if not rationals.wide(found.beta, SHARP):
            break
    return found or ThresholdCertificate(kind, False, reason, None, "", None, (), limit, problem.stated())


def _threshold(problem: Problem, kind: str, bits: int) -> ThresholdCertificate:
    top = problem.spectrum()[0]
    onset = functions().collapse_threshold(problem.sample_decay, top)
    if kind == "collapse":
        return ThresholdCertificate(kind, True, "", ball(onset), "", None, (), bits, problem.stated())
    order = _transition(problem, top, onset)
    if order != "first order":
        beta, norm = (ball(onset), ball(0)) if order == "continuous" else (ball(0), None)
        return ThresholdCertificate(kind, True, "", beta, order, norm, (), bits, problem.stated())
    region, (norm, beta) = _solved(problem, kind, ball(top), ball(onset))
    return ThresholdCertificate(kind, True, "", beta, order, norm, region, bits, problem.stated())


def _transition(problem: Problem, top: Any, onset: Any) -> str:
    """Return the order of the transition, by the slope of the cubic at Q = 0 where collapse loses its stability."""
    module = functions()
    if sign(onset) > 0:
        return "continuous" if sign(transition_order(problem.inverse_alpha, problem, problem.detected > 0)[0]) >= 0 \
            else "first order"
    # Stable collapse at every β: active states reach down to β = 0 or do not exist.
    return "first order" if sign(module.cubic_coefficients(0, problem.sample_decay, top)[2]) < 0 else "none"


def transition_order(inverse_alpha: Any, problem: Problem, detected: bool) -> tuple[Any, Any]:
    """Return what is positive on the collapse threshold where the transition is continuous, and its slope along 1/α."""
    module = functions()
    if detected:
        return module.order_detected(inverse_alpha, problem.lam, problem.rho, problem.eta)
    return module.order_undetected(ball(inverse_alpha), problem.lam, problem.rho, problem.eta)


def _solved(problem: Problem, kind: str, top: Ball, onset: Ball) -> tuple[tuple[Ball, ...], tuple[Ball, ...]]:
    """Return (region, box) of (Q, β) at the global threshold or the spinodal of a first-order transition."""
    module, decay = functions(), ball(problem.sample_decay)
    on_fold = kind == "spinodal"

    def value(at: Any) -> list[Ball]:
        cubic, loss = module.cubic(*at, decay, top), module.potential(*at, decay, top)
        return [cubic[0], cubic[1] if on_fold else loss[0]]

    def slopes(at: Any) -> list[list[Ball]]:
        cubic, loss = module.cubic(*at, decay, top), module.potential(*at, decay, top)
        return [[cubic[1], cubic[2]], [cubic[3], cubic[4]] if on_fold else [loss[1], loss[2]]]

    found = enclose(value, slopes, _start(problem, kind, top, onset))
    norm, beta = found.region
    # A root that is a minimum, or double where the cubic is convex; both at positive (Q, β).
    if found.proof is not Proof.UNIQUE or not (norm > 0 and beta > 0):
        raise functions().Undecided(f"the place of the {kind} threshold")
    if sign(slopes(found.box)[int(on_fold)][0]) <= 0 or sign(slopes(found.box)[int(not on_fold)][1]) <= 0:
        raise ArithmeticError(f"expected a minimum at Q = {norm} that is lost as beta grows; received another root; "
                              "mend the formulas")
    return found.region, found.box


def _start(problem: Problem, kind: str, top: Ball, onset: Ball) -> list[Ball]:
    """Return (Q, β) just below the threshold, by bisection in β on proved statements."""
    least = onset.mid() if onset > 0 else ball(0)
    low, high, norm = least, top.mid(), None
    while norm is None or high - low > (low - least) * _NEAR:
        middle = ((low + high) / 2).mid()
        if not low < middle < high:
            raise functions().Undecided(f"the distance of the {kind} threshold to the collapse threshold")
        try:
            found = _active(problem, kind, middle, top)
        except functions().Undecided:
            if norm is None:
                raise
            break
        low, high, norm = (middle, high, found) if found is not None else (low, middle, norm)
    return [norm, low]


def _active(problem: Problem, kind: str, beta: Ball, top: Ball) -> Ball | None:
    """Return a Q to start from if β is proved to lie below the threshold, None if above."""
    kinds = positive_roots(functions().cubic_coefficients(beta, problem.sample_decay, top))
    if "minimum" not in kinds:
        return None
    point = along(problem, beta, top)
    states = [enclosed_root(each, problem, point) for each in kinds]
    if kind == "spinodal":
        return sum((state.Q for state in states), ball(0)) / len(states)
    return states[-1].Q if len(states) == 1 or sign(states[-1].free_energy) < 0 else None
