"""Certificates of tricritical points: where the transition changes its order, proved to be all in a range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vaesym.inputs import InputError
from vaesym.linear_vae.proofs import rationals
from vaesym.linear_vae.proofs.certify import SHARP
from vaesym.linear_vae.proofs.certify_threshold import transition_order
from vaesym.linear_vae.proofs.rationals import Problem, ball, functions
from vaesym.solvers import Ball, Proof, enclose, isolate

#: Halvings that bring an isolated root so near that Newton's method stays inside its box.
_HALVINGS = 8


@dataclass(frozen=True)
class TricriticalCertificate:
    """What is proved of the tricritical points in a range of α.

    Attributes
    ----------
    proved : whether ``points`` are all
    reason : what could not be decided; empty if ``proved``
    points : balls (α, β), by ascending α, each of which holds one tricritical point
    precision : working precision in bits
    parameters : the range, the data and the weight decay, exactly
    """

    proved: bool
    reason: str
    points: tuple[tuple[Ball, Ball], ...]
    precision: int
    parameters: Mapping[str, Fraction | float] = field(repr=False)


def certify_tricritical(low: Any, high: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0,
                        precision: int = 512) -> TricriticalCertificate:
    r"""Enclose all points with low ≤ α ≤ high at which the transition changes its order, and prove that they are all.

    Parameters
    ----------
    low, high : ends of the range of α, 0 < low < high
    lam, rho, eta, precision : as in :func:`certify_threshold`

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, arrays, or an empty range.

    Notes
    -----
    They are the zeros of :math:`\beta_c(\alpha)(1 + 2\lambda/\alpha) - \lambda/(\alpha\Lambda)`. The range is cut into
    pieces on which it has no zero, or is monotone with a change of sign. A zero that falls together with the
    detection threshold or with an end of the range is undecided.

    Examples
    --------
    >>> found = certify_tricritical(0.01, 100.0, lam=2.0)
    >>> found.proved, [(alpha.str(6, radius=False), beta.str(6, radius=False)) for alpha, beta in found.points]
    (True, [('0.221358', '0.0485010')])
    """
    limit = rationals.checked_limit(precision)
    least, most = Problem.given(low, lam, rho, eta), Problem.given(high, lam, rho, eta)
    if not least.inverse_alpha > most.inverse_alpha > 0:
        raise InputError("a range of alpha with low < high < inf", f"{low!r} to {high!r}", "give its ends in order")
    stated = {**most.stated(), "low": least.stated()["alpha"], "high": most.stated()["alpha"]}
    del stated["alpha"]
    points, open_, bits = [], [], limit
    for bits in rationals.precisions(limit):
        points, open_ = rationals.at_precision(bits, lambda bits=bits: _tricritical(least, most, bits))
        if not open_ and not any(rationals.wide(value, SHARP) for point in points for value in point):
            break
    reason = f"{len(open_)} pieces of the range may hold more" if open_ else ""
    return TricriticalCertificate(not open_, reason, tuple(points), bits, stated)


def _tricritical(least: Problem, most: Problem, bits: int) -> tuple[list[tuple[Ball, Ball]], list[Any]]:
    """Return the points between two α, and what is left open."""
    detection = 1 / functions().detection_threshold(least.rho, least.eta)
    points: list[tuple[Ball, Ball]] = []
    open_: list[Any] = []
    for detected in (False, True):
        low = most.inverse_alpha if detected else max(most.inverse_alpha, detection)
        high = min(least.inverse_alpha, detection) if detected else least.inverse_alpha
        if low >= high:
            continue

        def order(position: Ball, detected: bool = detected) -> Ball:
            return transition_order(position.exp(), least, detected)[0]

        def slope(position: Ball, detected: bool = detected) -> Ball:
            return position.exp() * transition_order(position.exp(), least, detected)[1]

        roots, rest = isolate(order, slope, ball(low).log().lower(), ball(high).log().upper(), depth=bits)
        open_ += rest
        for root in roots:
            inverse = _narrowed(order, slope, root).exp()
            if inverse > low and inverse < high:
                points.append((1 / inverse, _onset(least, inverse, detected)))
            elif not (inverse < low or inverse > high):
                open_.append(inverse)
    return sorted(points, key=lambda point: float(point[0].mid())), open_


def _narrowed(order: Any, slope: Any, root: Ball) -> Ball:
    """Return a narrow ball around the one root in ``root``; ``root`` itself where the precision does not allow it."""
    low, high = root.lower(), root.upper()
    rising = order(high) > 0
    for _ in range(_HALVINGS):
        middle = ((low + high) / 2).mid()
        low, high = (low, middle) if (order(middle) > 0) == rising else (middle, high)
    # Moved away from 0, which α = 1 has and Newton's boxes of relative width have not.
    shift = 1 + abs(low).upper().mid()
    found = enclose(lambda x: [order(x[0] - shift)], lambda x: [[slope(x[0] - shift)]], [low.union(high) + shift])
    narrow = found.box[0] - shift
    return narrow if found.proof is Proof.UNIQUE and root.contains(narrow) else root


def _onset(problem: Problem, inverse_alpha: Ball, detected: bool) -> Ball:
    module = functions()
    top = module.outlier(inverse_alpha, problem.rho, problem.eta)[0] if detected else module.bulk_edge(
        inverse_alpha, problem.eta)
    return module.collapse_threshold(problem.lam * inverse_alpha, top)
