"""Interval Newton proves what is true, and nothing else."""

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from vaesym.solvers import Proof, enclose, isolate, krawczyk


def parabola(offset):
    return lambda x: [x[0] ** 2 - offset], lambda x: [[2 * x[0]]]


def circle_and_line(x):
    return [x[0] ** 2 + x[1] ** 2 - 1, x[0] - 2 * x[1]]


def circle_and_line_slopes(x):
    return [[2 * x[0], 2 * x[1]], [1, -2]]


def test_a_box_around_one_root():
    found = krawczyk(*parabola(2), [arb(1.5, 0.3)])
    assert found.proof is Proof.UNIQUE
    assert found.region[0].contains(found.box[0])
    with ctx.workprec(300):
        assert found.box[0].contains(arb(2).sqrt())
    assert found.box[0].rad() < 1e-14


@pytest.mark.parametrize(("box", "proof"), [
    (arb(1.5, 0.05), Proof.NONE),  # beside the root
    (arb(0, 2), Proof.UNKNOWN),  # two roots
    (arb(1.9, 0.486), Proof.UNKNOWN),  # the root within, too near the end
    (arb(1.9, 0.485), Proof.UNKNOWN),  # the root just outside
    (arb("nan"), Proof.UNKNOWN),
    (arb(1, arb.pos_inf()), Proof.UNKNOWN),
])
def test_what_is_refused(box, proof):
    assert krawczyk(*parabola(2), [box]).proof is proof


def test_a_double_root_is_never_proved():
    for bits in (64, 256):
        with ctx.workprec(bits):
            assert krawczyk(*parabola(0), [arb(0, 0.1)]).proof is Proof.UNKNOWN
            tangent = (lambda x: [(x[0] - 1) ** 2], lambda x: [[2 * (x[0] - 1)]])
            assert enclose(*tangent, [arb(1.5)]).proof is Proof.UNKNOWN


def test_slopes_hold_on_the_whole_box():
    """With those at the midpoint alone, a box of two roots would pass for one of a single root."""
    box = [arb(0.5, 1.2)]  # holds both roots of x² = 1/4
    function, slopes = parabola(fmpq(1, 4))
    assert krawczyk(function, slopes, box).proof is Proof.UNKNOWN


@pytest.mark.parametrize("bits", [64, 128, 512])
def test_a_system(bits):
    with ctx.workprec(bits):
        found = enclose(circle_and_line, circle_and_line_slopes, [arb(1), arb(1)])
        assert found.proof is Proof.UNIQUE
        with ctx.workprec(2 * bits):
            truth = (2 / arb(5).sqrt(), 1 / arb(5).sqrt())
            assert all(box.contains(value) for box, value in zip(found.box, truth, strict=True))
        assert all(box.rel_accuracy_bits() > bits - 8 for box in found.box)
        assert found.region[0].rad() > 1e-3  # alone in a wide region, not only in the tight box
        other = krawczyk(circle_and_line, circle_and_line_slopes, [-x for x in found.region])
        assert other.proof is Proof.UNIQUE
        beside = krawczyk(circle_and_line, circle_and_line_slopes, [found.region[0], found.region[1] + 2])
        assert beside.proof is Proof.NONE


def test_a_singular_system_is_unknown():
    def slopes(x):
        return [[1, 1], [1, 1]]

    assert krawczyk(lambda x: [x[0] + x[1], x[0] + x[1]], slopes, [arb(0, 1), arb(0, 1)]).proof is Proof.UNKNOWN
    assert enclose(lambda x: [x[0] + x[1], x[0] + x[1]], slopes, [arb(1), arb(1)]).proof is Proof.UNKNOWN


def test_a_family_of_functions():
    """Coefficients that are balls: every member has its root in the box, and the box is no narrower than the family."""
    found = enclose(*parabola(arb(2, 0.01)), [arb(1)])
    assert found.proof is Proof.UNIQUE
    for offset in (1.99, 2, 2.01):
        assert found.box[0].overlaps(arb(offset).sqrt())
    assert 0.0035 < float(found.box[0].rad()) < 0.01


def test_random_cubics_against_their_roots():
    rng = np.random.default_rng(3)
    for _ in range(200):
        roots = [fmpq(int(n), 64) for n in rng.choice(np.arange(1, 2000), 3, replace=False)]

        def value(x, roots=roots):
            return [(x[0] - roots[0]) * (x[0] - roots[1]) * (x[0] - roots[2])]

        def slope(x, roots=roots):
            a, b, c = (x[0] - root for root in roots)
            return [[a * b + b * c + a * c]]

        for root in roots:
            found = enclose(value, slope, [arb(root) * (1 + fmpq(1, 10**6))])
            assert found.proof is Proof.UNIQUE
            inside = [each for each in roots if found.region[0].contains(each)]
            assert len(inside) == 1
            assert found.box[0].contains(inside[0])


def test_isolation_finds_all_roots_and_admits_what_it_cannot():
    roots, rest = isolate(lambda x: x.sin(), lambda x: x.cos(), arb(1), arb(20))
    assert not rest
    assert len(roots) == 6  # multiples of π below 20
    assert all(any(root.contains(n * arb.pi()) for root in roots) for n in range(1, 7))
    roots, rest = isolate(lambda x: (x - 1) ** 2 * (x - 3), lambda x: (x - 1) * (3 * x - 7), arb(0), arb(5))
    assert [root.contains(3) for root in roots] == [True]
    assert any(piece.contains(1) for piece in rest)
    assert not any(piece.contains(3) for piece in rest)


def test_isolation_of_what_is_not_defined_is_open():
    roots, rest = isolate(lambda x: x.sqrt() + 1, lambda x: 1 / (2 * x.sqrt()), arb(-1), arb(1), depth=5)
    assert not roots
    assert rest
