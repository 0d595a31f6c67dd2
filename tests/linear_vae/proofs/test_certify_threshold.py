"""Certificates of thresholds and tricritical points against float64 and against what they separate."""

from fractions import Fraction

import flint
import numpy as np
import pytest

import vaesym
from vaesym import linear_vae
from vaesym.generated import for_arb

FLOATS = {"collapse": vaesym.collapse_threshold, "global": vaesym.global_collapse_threshold,
          "spinodal": linear_vae.spinodal}


def exact(ball):
    """The midpoint of a ball as a fraction."""
    numerator, power = (int(part) for part in ball.mid().man_exp())
    return Fraction(numerator) * Fraction(2) ** power


def draws(rng, count):
    return zip(*(10 ** rng.uniform(*ends, count) for ends in ((-3, 3), (-3, 2), (-1, 1), (-1, 1))), strict=True)


@pytest.mark.parametrize("kind", list(FLOATS))
def test_thresholds_of_float64_lie_in_the_balls(kind):
    orders = set()
    for a, lam, rho, eta in draws(np.random.default_rng(11), 120):
        found = vaesym.certify_threshold(a, lam=lam, rho=rho, eta=eta, kind=kind)
        assert found.proved
        assert found.beta.is_exact() or found.beta.rel_accuracy_bits() >= 60
        value = float(FLOATS[kind](a, lam=lam, rho=rho, eta=eta))
        # β_c is a difference; below 1e-9 Λ its rounding, and the resolution of a bisection on it, shows.
        scale = max(abs(value), float(vaesym.solve(a, 1.0, lam=lam, rho=rho, eta=eta).eigenvalue) * 1e-3)
        assert abs(found.beta - value) < 1e-12 * scale
        orders.add(found.transition)
    assert orders == ({""} if kind == "collapse" else {"continuous", "first order", "none"})


@pytest.mark.parametrize("kind", ["global", "spinodal"])
@pytest.mark.parametrize(("alpha", "lam"), [
    (0.7, 3.0), (0.2212, 2.0),  # the second beside a tricritical point
    (0.7, 3.3), (0.4, 2.5), (1.5, 4.4),  # collapse is stable at every beta; the last on the outlier
])
def test_a_point_on_either_side_is_certified_in_its_phase(kind, alpha, lam):
    """At 1e-18 of the threshold or nearer, far below the resolution of float64."""
    found = vaesym.certify_threshold(alpha, lam=lam, kind=kind)
    assert (found.proved, found.transition) == (True, "first order")
    with flint.ctx.workprec(1000):
        assert found.region[1].contains(found.beta)
        assert found.region[0].contains(found.Q)
    fine = exact(found.beta)
    width = Fraction(float(found.beta.rad())) * 2
    below, above = (vaesym.certify(alpha, fine + shift, lam=lam) for shift in (-width, width))
    assert below.proved
    assert above.proved
    if kind == "global":
        assert (below.phase, above.phase) == (
            vaesym.Phase.LEARNING if alpha > 1 else vaesym.Phase.OVERFITTING, vaesym.Phase.REGULARIZED)
        assert len(above.states) == 3
    else:
        assert [len(side.states) for side in (below, above)] == [3, 1]
    assert width < 1e-18 * fine
    assert (vaesym.certify_threshold(alpha, lam=lam).beta < 0) == ((alpha, lam) in {(0.7, 3.3), (0.4, 2.5), (1.5, 4.4)})


def test_a_threshold_that_is_a_fraction():
    found = vaesym.certify_threshold(2, lam=1)
    with flint.ctx.workprec(500):
        assert found.beta.contains(flint.arb(flint.fmpq(11, 6)))
    assert "beta = [1.83333" in str(found)
    for kind in ("global", "spinodal"):
        same = vaesym.certify_threshold(2, lam=1, kind=kind)
        assert (same.transition, same.Q == 0) == ("continuous", True)
        assert same.beta.overlaps(found.beta)


def test_no_active_state_at_any_beta():
    found = vaesym.certify_threshold(0.5, lam=3.0, kind="global")
    assert (found.transition, found.beta == 0, found.Q) == ("none", True, None)
    assert vaesym.certify(0.5, 1e-9, lam=3.0).phase is vaesym.Phase.REGULARIZED
    assert vaesym.certify_threshold(0.5, lam=3.0).beta < 0


def test_unlimited_data():
    for kind in FLOATS:
        assert vaesym.certify_threshold(np.inf, lam=5.0, rho=2.0, eta=0.5, kind=kind).beta == 2.5


def test_a_precision_that_does_not_suffice_is_admitted():
    """Within 1e-35 of the tricritical α the order of the transition takes more than 64 bits."""
    (alpha, _), = vaesym.certify_tricritical(0.01, 100, lam=2, precision=512).points
    near = exact(alpha)
    short = vaesym.certify_threshold(near, lam=2, kind="global", precision=64)
    assert (short.proved, short.beta, short.transition) == (False, None, "")
    assert str(short).startswith("Undecided at 64 bits")
    assert vaesym.certify_threshold(near, lam=2, kind="global").transition in ("continuous", "first order")


def test_tampered_formulas_fail(monkeypatch):
    potential = for_arb.potential
    monkeypatch.setattr(for_arb, "potential", lambda *a: (potential(*a)[0], potential(*a)[1] + 1, potential(*a)[2]))
    with pytest.raises(ArithmeticError, match="mend the formulas"):
        vaesym.certify_threshold(0.7, lam=3.0, kind="global")


@pytest.mark.parametrize(("lam", "rho", "eta"), [(2.0, 1.0, 1.0), (3.9, 1.0, 1.0), (0.0, 1.0, 1.0), (4.5, 1.0, 1.0),
                                                 (2.0, 3.0, 0.5), (10.0, 0.5, 2.0)])
def test_tricritical_points_are_all(lam, rho, eta):
    found = vaesym.certify_tricritical(1e-3, 1e3, lam=lam, rho=rho, eta=eta)
    assert found.proved
    alpha, beta = linear_vae.tricritical_points([1e-3, 1e3], lam=lam, rho=rho, eta=eta)
    assert len(found.points) == len(alpha)
    for point, *values in zip(found.points, alpha, beta, strict=True):
        assert all(abs(ball - value) < 1e-11 * value for ball, value in zip(point, values, strict=True))
        assert all(ball.rel_accuracy_bits() >= 60 for ball in point)
        a = exact(point[0])
        orders = [vaesym.certify_threshold(a * (1 + Fraction(side, 10**12)), lam=lam, rho=rho, eta=eta,
                                           kind="global").transition for side in (-1, 1)]
        assert set(orders) == {"continuous", "first order"}


def test_tricritical_points_come_up_somewhere():
    counts = {lam: len(vaesym.certify_tricritical(1e-3, 1e3, lam=lam).points) for lam in (0.0, 2.0)}
    assert counts == {0.0: 0, 2.0: 1}


def test_a_range_that_ends_beside_the_point():
    (alpha, _), = vaesym.certify_tricritical(0.01, 100, lam=2).points
    below, above = float(alpha) * (1 - 1e-9), float(alpha) * (1 + 1e-9)
    assert vaesym.certify_tricritical(above, 100, lam=2).points == ()
    assert vaesym.certify_tricritical(0.01, below, lam=2).points == ()
    assert len(vaesym.certify_tricritical(below, above, lam=2).points) == 1


@pytest.mark.parametrize("change", [
    dict(kind="other"), dict(alpha=0), dict(lam=-1), dict(rho=[1.0]), dict(precision=1)])
def test_bad_input(change):
    with pytest.raises(vaesym.InputError):
        vaesym.certify_threshold(**{"alpha": 1.0, "lam": 0.1, **change})


@pytest.mark.parametrize("ends", [(2.0, 1.0), (1.0, 1.0), (1.0, np.inf), (0.0, 1.0)])
def test_bad_ranges(ends):
    with pytest.raises(vaesym.InputError):
        vaesym.certify_tricritical(*ends, lam=1.0)


DERIVATIVES = [("order_detected", 0, 1, 0), ("order_undetected", 0, 1, 0), ("cubic", 0, 1, 0), ("cubic", 0, 2, 1),
               ("cubic", 1, 3, 0), ("cubic", 1, 4, 1), ("potential", 0, 1, 0), ("potential", 0, 2, 1)]


@pytest.mark.parametrize(("name", "of", "derivative", "along"), DERIVATIVES)
def test_derivatives_are_those_of_the_functions(name, of, derivative, along):
    """By central differences at 400 bits: proofs of uniqueness stand on them."""
    function = getattr(for_arb, name)
    with flint.ctx.workprec(400):
        step = flint.arb(2) ** -100
        for point in ((0.3, 0.7, 1.1, 0.6), (2.5, 1.3, 0.2, 3.0)):
            up, down = ([flint.arb(x) + (i == along) * s for i, x in enumerate(point)] for s in (step, -step))
            slope = (function(*up)[of] - function(*down)[of]) / (2 * step)
            assert abs(function(*map(flint.arb, point))[derivative] - slope) < 1e-40
