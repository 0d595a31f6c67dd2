"""The stationary states of a latent, counted and enclosed by proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vaesym.linear_vae.proofs.rationals import Problem, ball, functions, sign
from vaesym.solvers import Ball, Proof, enclose


@dataclass(frozen=True)
class StationaryState:
    """A stationary point of the potential of a latent.

    Attributes
    ----------
    kind : "collapsed" (Q = 0), "minimum", "barrier" (the maximum between them) or "fold" (both, merged)
    Q : ball that holds its decoder norm
    region : ball that holds no other positive root of the stationarity equation (at a fold, of its derivative)
    free_energy : ball that holds the loss over N there; over P for unlimited data
    """

    kind: str
    Q: Ball
    region: Ball
    free_energy: Ball


def positive_roots(coefficients: Any) -> tuple[str, ...]:
    """Return the kinds of the positive roots of the stationarity cubic, ascending, by proved signs.

    Raises ArithmeticError: a sign is not decided, or the cubic is not convex for Q > 0.
    """
    third, second, first, constant = coefficients
    if sign(third) < 0 or sign(second) <= 0:
        raise ArithmeticError(f"expected a convex cubic; received the coefficients {coefficients}; mend the formulas")
    at_zero = sign(constant)
    if at_zero < 0:
        return ("minimum",)
    falls = sign(first) < 0
    if at_zero == 0 or not falls:
        return ("minimum",) if falls else ()
    return {1: ("barrier", "minimum"), 0: ("fold",), -1: ()}[sign(functions().discriminant(*coefficients))]


def along(problem: Problem, beta: Any, eigenvalue: Any) -> tuple[Ball, Ball, Ball]:
    """Return (β, φ, Λ) as balls, the arguments of the generated functions of Q."""
    return ball(beta), ball(problem.sample_decay), ball(eigenvalue)


def enclosed_root(kind: str, problem: Problem, place: tuple[Ball, Ball, Ball]) -> StationaryState:
    """Enclose the positive root of a kind that is known to exist, and prove which it is."""
    cubic, first = functions().cubic, 1 if kind == "fold" else 0

    def value(norm: Any) -> list[Ball]:
        return [cubic(norm[0], *place)[first]]

    def slope(norm: Any) -> list[list[Ball]]:
        return [[cubic(norm[0], *place)[3 if kind == "fold" else 1]]]

    start = ball(0) if kind == "barrier" else _beyond(value, slope)
    found = enclose(value, slope, [start])
    region, norm = found.region[0], found.box[0]
    if found.proof is not Proof.UNIQUE or not region > 0:
        raise functions().Undecided(f"the place of the {kind}")
    if sign(slope([region])[0][0]) != (-1 if kind == "barrier" else 1):
        raise ArithmeticError(f"expected a {kind} at {norm}; received another root; mend the formulas")
    return state_at(kind, norm, region, problem, place)


def state_at(kind: str, norm: Ball, region: Ball, problem: Problem, place: tuple[Ball, Ball, Ball]) -> StationaryState:
    """Return the state of a norm, after a check of the cubic against the slope of the potential.

    Raises ArithmeticError if the potential is not stationary there: the formulas contradict each other.
    """
    loss, slope, _ = functions().potential(norm, *place)
    if kind != "collapsed" and not slope.contains(0):
        raise ArithmeticError(f"expected the potential stationary at Q = {norm}; received the slope {slope}; mend the "
                              "formulas")
    return StationaryState(kind, norm, region, loss if problem.inverse_alpha == 0 else loss / problem.inverse_alpha)


def _beyond(value: Any, slope: Any) -> Ball:
    """Return a Q from which Newton's method falls monotonically to the largest root of a convex function."""
    norm = ball(1)
    for _ in range(1000):
        if value([norm])[0] > 0 and slope([norm])[0][0] > 0:
            return norm
        norm *= 4
    raise functions().Undecided("an upper bound of Q")
