r"""Roots proved: boxes that hold exactly one root, by interval Newton in ball arithmetic.

The test is Krawczyk's (Computing 4 (1969) 187): with the midpoint m of the box X and Y ≈ J(m)⁻¹,

.. math:: K(X) = m - Y f(m) + (1 - Y J(X))(X - m).

Every root in X lies in K(X). If K(X) lies in the interior of X, then X holds exactly one root, which is simple. Balls
are Arb's, of python-flint; functions return balls that hold their exact values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

#: A real number known to lie within a radius of a midpoint: ``flint.arb``.
Ball = Any
Function = Callable[[Sequence[Ball]], Sequence[Ball]]
Jacobian = Callable[[Sequence[Ball]], Sequence[Sequence[Ball]]]

#: Newton steps at most from a start: each doubles the digits once the root is near, and halves the way before.
_STEPS = 512


class Proof(Enum):
    """What is proved of a box."""

    UNIQUE = "exactly one root"
    NONE = "no root"
    UNKNOWN = "nothing proved"


@dataclass(frozen=True)
class Enclosure:
    """What is proved of the roots of a function in a box.

    Attributes
    ----------
    proof : :class:`Proof`
    region : the box that the statement is about
    box : where in ``region`` the root lies, as narrow as the precision gives; ``region`` itself unless UNIQUE
    """

    proof: Proof
    region: tuple[Ball, ...]
    box: tuple[Ball, ...]


def krawczyk(function: Function, jacobian: Jacobian, box: Sequence[Ball]) -> Enclosure:
    """Prove that a box holds exactly one root of a system, or none.

    Parameters
    ----------
    function : n balls → n balls
    jacobian : n balls → n rows of n balls, which hold the derivatives everywhere in the box
    box : n balls

    Examples
    --------
    >>> from flint import arb
    >>> def square(x): return [x[0]**2 - 2]
    >>> def slope(x): return [[2 * x[0]]]
    >>> krawczyk(square, slope, [arb(1.5, 0.4)]).proof.value
    'exactly one root'
    >>> krawczyk(square, slope, [arb(3, 0.5)]).proof.value
    'no root'
    """
    region = tuple(box)
    image = _image(function, jacobian, region)
    if image is None:
        return Enclosure(Proof.UNKNOWN, region, region)
    if not all(old.overlaps(new) for old, new in zip(region, image, strict=True)):
        return Enclosure(Proof.NONE, region, region)
    if not all(old.contains_interior(new) for old, new in zip(region, image, strict=True)):
        return Enclosure(Proof.UNKNOWN, region, region)
    return Enclosure(Proof.UNIQUE, region, _refined(function, jacobian, image))


def enclose(function: Function, jacobian: Jacobian, start: Sequence[Ball]) -> Enclosure:
    """Find the root that Newton's method reaches from ``start``, and prove it alone in the widest box that succeeds.

    Boxes are of equal relative width in all components, so a root with a component 0 is not found. The proof is
    UNKNOWN where Newton's method fails, where the root is multiple, or where the precision is too low.

    Examples
    --------
    >>> from flint import arb
    >>> root = enclose(lambda x: [x[0]**2 - 2], lambda x: [[2 * x[0]]], [arb(1)])
    >>> root.proof.value, bool(root.box[0]**2 - 2 < 1e-14), root.region[0].contains(arb(2).sqrt())
    ('exactly one root', True, True)
    """
    from flint import arb, ctx

    centre = _newton(function, jacobian, [x.mid() for x in start])
    power = 2
    while centre is not None and power < ctx.prec:
        box = [arb(x, abs(x).mid() * arb(2) ** -power) for x in centre]
        found = krawczyk(function, jacobian, box)
        if found.proof is Proof.UNIQUE:
            return found
        power += max(power // 4, 1)
    return Enclosure(Proof.UNKNOWN, tuple(start), tuple(start))


def isolate(function: Callable[[Ball], Ball], derivative: Callable[[Ball], Ball], low: Ball, high: Ball,
            depth: int = 40) -> tuple[list[Ball], list[Ball]]:
    """Return (roots, rest): boxes of one root each, and what of [low, high] may hold others.

    Everything else of the interval is proved free of roots. A box in ``roots`` is proved by the sign of the
    derivative on it and those of the function at its ends; it is not narrowed further.

    Parameters
    ----------
    function, derivative : ball → ball
    low, high : ends of the interval, exact balls
    depth : how often an interval is halved at most; multiple roots stay in ``rest``

    Examples
    --------
    >>> from flint import arb
    >>> roots, rest = isolate(lambda x: x**2 - 2, lambda x: 2 * x, arb(-3), arb(4))
    >>> len(roots), len(rest), [bool(x > 0) for x in roots]
    (2, 0, [False, True])
    """
    roots: list[Ball] = []
    rest: list[Ball] = []
    waiting = [(low, high, 0)]
    while waiting:
        left, right, level = waiting.pop()
        whole = left.union(right)
        if _nonzero(function(whole)):
            continue
        ends = function(left), function(right)
        if all(map(_nonzero, (derivative(whole), *ends))):
            if bool(ends[0] > 0) != bool(ends[1] > 0):
                roots.append(whole)
            continue
        if level == depth:
            rest.append(whole)
            continue
        # Off the middle, where a root of a tidy problem would sit.
        cut = (left + (right - left) * 33 / 64).mid()
        waiting += [(cut, right, level + 1), (left, cut, level + 1)]
    return roots, rest


def _nonzero(ball: Ball) -> bool:
    return bool(ball > 0) or bool(ball < 0)


def _image(function: Function, jacobian: Jacobian, box: Sequence[Ball]) -> list[Ball] | None:
    """Return K(box), or None where it is not defined."""
    from flint import arb_mat

    centre = [x.mid() for x in box]
    slopes = arb_mat([list(row) for row in jacobian(box)])
    try:
        inverse = slopes.mid().inv().mid()
    except ZeroDivisionError:
        return None
    step = inverse * arb_mat([[value] for value in function(centre)])
    rest = inverse * slopes
    image: list[Ball] = []
    for i, middle in enumerate(centre):
        spread = sum(((i == j) - rest[i, j]) * (x - m) for j, (x, m) in enumerate(zip(box, centre, strict=True)))
        image.append(middle - step[i, 0] + spread)
    return image if all(x.is_finite() for x in image) else None


def _refined(function: Function, jacobian: Jacobian, box: Sequence[Ball]) -> tuple[Ball, ...]:
    """Apply the operator while the box gets narrower, which goes ever faster; the root stays inside."""
    current = list(box)
    for _ in range(_STEPS):
        image = _image(function, jacobian, current)
        if image is None:
            break
        narrower = [old.intersection(new) for old, new in zip(current, image, strict=True)]
        gained = any(new.rad() * 1000 < old.rad() * 999 for old, new in zip(current, narrower, strict=True))
        current = [new if new.rad() < old.rad() else old for old, new in zip(current, narrower, strict=True)]
        if not gained:
            break
    return tuple(current)


def _newton(function: Function, jacobian: Jacobian, start: Sequence[Ball]) -> list[Ball] | None:
    """Return where Newton's method on midpoints stops moving, or None where it fails."""
    from flint import arb_mat

    centre = list(start)
    for _ in range(_STEPS):
        slopes = arb_mat([list(row) for row in jacobian(centre)]).mid()
        try:
            step = slopes.inv() * arb_mat([[value] for value in function(centre)])
        except ZeroDivisionError:
            return None
        moved = [(x - step[i, 0]).mid() for i, x in enumerate(centre)]
        if not all(x.is_finite() for x in moved):
            return None
        centre = moved
        if all(value.contains(0) for value in step.entries()):  # within rounding
            break
    return centre
