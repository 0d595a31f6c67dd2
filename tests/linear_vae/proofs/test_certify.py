"""Certificates of points: what they prove is true, and what they cannot prove they do not claim."""

from fractions import Fraction

import flint
import mpmath
import numpy as np
import pytest

import vaesym
from vaesym import Phase, linear_vae
from vaesym.generated import for_arb
from vaesym.linear_vae.proofs.stationary import positive_roots

mp = mpmath.mp.clone()
mp.dps = 60


def log_uniform(rng, low, high):
    return float(10 ** rng.uniform(np.log10(low), np.log10(high)))


def whole_domain(rng):
    lam = 0.0 if rng.random() < 0.15 else log_uniform(rng, 1e-10, 1e4)
    return (log_uniform(rng, 1e-6, 1e8), log_uniform(rng, 1e-8, 1e4), lam, log_uniform(rng, 1e-4, 1e4),
            log_uniform(rng, 1e-4, 1e4))


def certified(a, b, decay, r, e, **options):
    return vaesym.certify(a, b, lam=decay, rho=r, eta=e, **options)


def solved(a, b, decay, r, e):
    return vaesym.solve(a, b, lam=decay, rho=r, eta=e)


def as_mp(ball):
    """(midpoint, radius) of a ball, exactly."""
    return tuple(mp.ldexp(mp.mpf(int(m)), int(x)) for m, x in (ball.mid().man_exp(), ball.rad().man_exp()))


def inside(value, ball, digits=50):
    """Whether the ball holds a value that is known to so many digits."""
    middle, radius = as_mp(ball)
    return abs(value - middle) <= radius + abs(value) * mp.mpf(10) ** -digits


def definition(a, b, decay, r, e):
    """Eigenvalue, overlap and the positive roots by mpmath, from the definitions and with 60 digits."""
    a, b, decay, r, e = (mp.mpf(x) for x in (a, b, decay, r, e))
    top, o = (e * (1 + 1 / mp.sqrt(a)) ** 2, mp.mpf(0)) if a * r**2 <= e**2 else (
        (r + e) * (1 + e / (a * r)), (1 - e**2 / (a * r * r)) / (1 + e / (a * r)))
    k = b + decay / (a * top)
    # (λ(Q+β) + αβ)(Q+κ)² − αΛκ(Q+β), multiplied out.
    s = decay * b + a * b
    cubic = [decay, s + 2 * decay * k, decay * k**2 + 2 * s * k - a * top * k, s * k**2 - a * top * k * b]
    roots = mp.polyroots(cubic if decay else cubic[1:], maxsteps=500, extraprec=400)
    return top, o, k, sorted(mp.re(q) for q in roots if abs(mp.im(q)) < abs(q) * mp.mpf(10) ** -40 and mp.re(q) > 0)


def test_the_reference_point():
    certificate = vaesym.certify(2, 1, lam=1)
    assert certificate.proved
    assert certificate.phase is Phase.LEARNING
    assert (certificate.signal, certificate.collapse, certificate.ties) == (1, -1, ())
    assert [state.kind for state in certificate.states] == ["collapsed", "minimum"]
    assert abs(certificate.fields["Q"] - flint.arb("0.5959146551834544")) < 1e-15
    assert "LEARNING; the signal is detected, collapse is unstable" in str(certificate)


def test_balls_hold_the_roots_and_observables_of_sixty_digits():
    rng = np.random.default_rng(1)
    active = 0
    for _ in range(150):
        point = whole_domain(rng)
        certificate = certified(*point)
        top, o, k, roots = definition(*point)
        assert certificate.proved
        assert len(roots) == len(certificate.states) - 1
        for root, state in zip(roots, certificate.states[1:], strict=True):
            assert inside(root, state.Q)
            assert sum(inside(each, state.region) for each in roots) == 1
        a, b, decay, r, e = (mp.mpf(x) for x in point)
        q = roots[-1] if certificate.phase else mp.mpf(0)
        active += bool(certificate.phase)
        gain, v = 1 / (q + k), e + r * o
        truth = {"Q": q, "E": gain**2 * q, "R": gain * q, "m": mp.sqrt(q * o), "d": gain * mp.sqrt(q * o),
                 "D": b / (q + b), "eigenvalue": top, "overlap": o,
                 "free_energy": (-a * q * top / (q + k) + a * b * mp.log1p(q / b) + decay * q) / 2,
                 "rate": (gain**2 * q * v - q / (q + b) + mp.log1p(q / b)) / 2,
                 "distortion": r * (1 - o) + v * (k * gain) ** 2 + q * b / (q + b),
                 "signal_recovery_error": r + q - 2 * mp.sqrt(r * q * o)}
        for name, value in truth.items():
            assert inside(value, certificate.fields[name], 30), name
            assert certificate.fields[name] == 0 or certificate.fields[name].rel_accuracy_bits() >= 60, name
    assert active > 50


def test_the_phase_of_solve_over_the_whole_domain():
    rng = np.random.default_rng(2)
    seen = set()
    for _ in range(600):
        point = whole_domain(rng)
        certificate, solution = certified(*point), solved(*point)
        assert certificate.proved
        assert certificate.phase == solution.phase, point
        assert certificate.ulps(solution)["Q"] < 1e4  # 1e-12 relative
        seen.add(certificate.phase)
    assert len(seen) == 3


EDGES = {"detection": vaesym.global_collapse_threshold, "collapse": vaesym.collapse_threshold,
         "global": vaesym.global_collapse_threshold, "spinodal": linear_vae.spinodal}


def beside(line, rng, count):
    """Points at relative distances 1e-12 … 1e-3 of a line, and whether they are beyond it."""
    draws = 80 * count
    hair = 10 ** rng.uniform(-12, -3, draws) * rng.choice([-1, 1], draws)
    a, decay, r, e = (10 ** rng.uniform(*ends, draws) for ends in ((-3, 3), (-2, 2), (-1, 1), (-1, 1)))
    if line in ("detection", "collapse"):
        decay *= 1e-4
    if line == "detection":
        a = (e / r) ** 2 * (1 + hair)
    local, joint, edge = (f(a, lam=decay, rho=r, eta=e) for f in (
        vaesym.collapse_threshold, vaesym.global_collapse_threshold, EDGES[line]))
    b = edge * (0.3 if line == "detection" else 1 + hair)
    chosen = np.flatnonzero((joint > np.maximum(local, 0) * (1 + 1e-6)) if line in ("global", "spinodal") else b > 1e-8)
    assert len(chosen) >= count
    return [(tuple(float(p[i]) for p in (a, b, decay, r, e)), hair[i] > 0) for i in chosen[:count]]


@pytest.mark.parametrize("line", list(EDGES))
def test_the_phase_of_solve_beside_each_critical_line(line):
    counts = set()
    for point, beyond in beside(line, np.random.default_rng(sum(map(ord, line))), 250):
        certificate = certified(*point)
        assert certificate.proved
        assert certificate.phase == solved(*point).phase, point
        crossed = {"detection": certificate.signal > 0, "collapse": certificate.collapse > 0,
                   "global": certificate.phase is Phase.REGULARIZED, "spinodal": len(certificate.states) == 1}
        assert crossed[line] == beyond, point
        counts.add((len(certificate.states), beyond))
    if line in ("global", "spinodal"):  # the active state is there below the line, with or without a barrier
        assert all(states > 1 for states, beyond in counts if not beyond)
    assert {beyond for _, beyond in counts} == {True, False}


def test_exact_ties_are_decided_in_rational_arithmetic():
    detection = vaesym.certify(2.25, 0.5, lam=0.25, rho=2.0, eta=3.0)
    assert (detection.signal, detection.ties, detection.phase) == (0, ("detection",), Phase.OVERFITTING)
    assert detection.fields["overlap"] == 0
    # Λ = 3 and β_c = 2·3/(2+1) − 1/(2·3) = 11/6: no float, but a fraction.
    collapse = vaesym.certify(2, Fraction(11, 6), lam=1)
    assert (collapse.collapse, collapse.ties, collapse.phase) == (0, ("collapse",), Phase.REGULARIZED)
    assert "exactly on the line of collapse" in str(collapse)
    near = vaesym.certify(2, 11 / 6, lam=1)
    assert not near.ties
    assert near.collapse == (1 if Fraction(11 / 6) > Fraction(11, 6) else -1)
    # On the edge √α enters: 4 has a root, so Λ = 9/4 of α = 4 is rational, and so is β_c at λ = 0.
    edge = vaesym.certify(4, 2.25, lam=0, rho=0.25, eta=1)
    assert (edge.collapse, edge.ties, edge.signal) == (0, ("collapse",), -1)
    unlimited = vaesym.certify(float("inf"), 2, lam=1)
    assert (unlimited.ties, unlimited.phase) == (("collapse",), Phase.REGULARIZED)


def holds(ball, value):
    """Whether a ball holds a rational number, which is compared at a much higher precision."""
    with flint.ctx.workprec(1000):
        return ball.contains(flint.arb(flint.fmpq(value.numerator, value.denominator)))


def fold(q=Fraction(1, 10), k=Fraction(1, 2), a=Fraction(4)):
    """A rational point whose cubic has the double root q exactly: from p = p' = 0 and κ = β + φ/Λ, by hand."""
    b = k * ((q + k) ** 3 - (k - q)) / ((q + k) ** 3 - 2 * k)
    phi, top = b * (k - q - 2 * b) / (2 * (q + b) ** 2), b * (q + k) ** 3 / (2 * (q + b) ** 2 * k)
    strength = top / (2 * (1 + 1 / a))  # on the outlier at ρ = η
    return a, b, phi * a, strength, strength


def test_a_double_root_is_a_fold():
    a, b, *rest = fold()
    at, *sides = (certified(a, b * (1 + shift), *rest) for shift in (0, Fraction(-1, 10**30), Fraction(1, 10**30)))
    assert (at.proved, at.ties, at.phase, at.collapse) == (True, ("spinodal",), Phase.REGULARIZED, 1)
    assert [state.kind for state in at.states] == ["collapsed", "fold"]
    assert holds(at.states[1].Q, Fraction(1, 10))
    assert at.states[1].free_energy > 0
    assert "exactly on the line of spinodal: the cubic has a double root" in str(at)
    assert [len(side.states) for side in sides] == [3, 1]
    threshold = vaesym.certify_threshold(a, lam=rest[0], rho=rest[1], eta=rest[2], kind="spinodal")
    assert holds(threshold.beta, b)
    assert holds(threshold.Q, Fraction(1, 10))


@pytest.mark.parametrize(("coefficients", "kinds"), [
    ((1, 1, 1, -1), ("minimum",)), ((0, 1, 1, -1), ("minimum",)), ((1, 1, -1, 0), ("minimum",)), ((1, 1, 1, 0), ()),
    ((1, 1, 1, 1), ()), ((1, 1, -1, 1), ()),
    ((1, 0.5, -2, 0.5), ("barrier", "minimum")),  # (x − 1)(x + 2)(x − 1/2) and a little
    ((1, 2, -7, 4), ("fold",)), ((0, 1, -2, 1), ("fold",)),  # (x − 1)²(x + 4), (x − 1)²
    ((0, 1, -3, 2), ("barrier", "minimum")), ((0, 1, -1, 1), ()),
])
def test_counting_positive_roots(coefficients, kinds):
    exact = [flint.fmpq(*Fraction(c).as_integer_ratio()) for c in coefficients]
    assert positive_roots(exact) == kinds
    real = [q for q in np.roots(np.trim_zeros(coefficients, "f")) if abs(q.imag) < 1e-6 and q.real > 1e-9]
    assert len(real) == len(kinds) + (kinds == ("fold",))


def test_undecided_signs_are_not_guessed():
    ball = flint.arb(0, 1e-10)
    for coefficients in ((1, 1, -1, ball), (1, 1, ball, 1), (0, 1, -2, 1 + ball), (ball, 1, -2, 1)):
        with pytest.raises(for_arb.Undecided):
            positive_roots([flint.arb(c) for c in coefficients])


def test_a_precision_that_does_not_suffice_is_admitted():
    """2e-19 from the collapse threshold, on the edge of the noise, where √α is irrational."""
    with mp.workdps(60):
        threshold = (1 + 1 / mp.sqrt(mp.mpf(0.5))) ** 2
        beta = Fraction(int(threshold * 10**25), 10**25)
    short, long = (vaesym.certify(0.5, beta, lam=0, precision=bits) for bits in (64, 256))
    assert not short.proved
    assert (short.phase, short.collapse, short.states, dict(short.fields), short.precision) == (None, None, (), {}, 64)
    assert "sign" in short.reason
    assert str(short).startswith("Undecided at 64 bits")
    assert (short.signal, long.proved, long.phase, long.precision) == (-1, True, Phase.OVERFITTING, 256)


@pytest.mark.parametrize(("name", "tampered"), [
    ("cubic_coefficients", lambda f: lambda *a: (*f(*a)[:2], f(*a)[2] * 2, f(*a)[3])),
    ("cubic_coefficients", lambda f: lambda *a: (*f(*a)[:3], -f(*a)[3])),
    ("cubic_coefficients", lambda f: lambda *a: (-f(*a)[0] - 1, *f(*a)[1:])),
    ("collapse_threshold", lambda f: lambda *a: f(*a) - 2),
    ("cubic", lambda f: lambda *a: (f(*a)[0] - flint.fmpq(1, 10**9), *f(*a)[1:])),
    ("potential", lambda f: lambda *a: (f(*a)[0], f(*a)[1] + flint.fmpq(1, 10**9), f(*a)[2])),
])
def test_tampered_formulas_fail(monkeypatch, name, tampered):
    monkeypatch.setattr(for_arb, name, tampered(getattr(for_arb, name)))
    with pytest.raises(ArithmeticError, match="mend the formulas"):
        vaesym.certify(2.0, 1.0, lam=1.0)


def test_a_wrong_solution_is_far_from_the_truth():
    certificate, solution = vaesym.certify(4.0, 0.5, lam=0.5), vaesym.solve(4.0, 0.5, lam=0.5)
    ulps = certificate.ulps(solution)
    assert max(ulps.values()) < 64
    assert set(ulps) == set(certificate.fields)
    other = certificate.ulps(vaesym.solve(4.0, 0.5 * (1 + 1e-12), lam=0.5))
    assert other["Q"] > 500
    exact = vaesym.certify(2.0, 1.0, lam=0.0)
    assert abs(exact.fields["Q"] - 2) < 1e-18
    assert exact.ulps(vaesym.solve(2.0, 1.0, lam=0.0))["kl_variational_to_posterior"] == 0


def test_unlimited_data():
    certificate, solution = vaesym.certify(np.inf, 0.5, lam=3.0), vaesym.solve(np.inf, 0.5, lam=3.0)
    assert abs(certificate.fields["Q"] - 1.5) < 1e-18
    assert float(certificate.fields["free_energy"]) == -np.inf
    assert max(certificate.ulps(solution).values()) < 16


@pytest.mark.parametrize("change", [
    dict(alpha=-1.0), dict(beta=0), dict(beta=np.inf), dict(lam=-1), dict(rho=np.nan), dict(eta="1"), dict(beta=[1.0]),
    dict(beta=10**400), dict(alpha=Fraction(10) ** 400), dict(beta=True), dict(precision=32), dict(precision=64.0),
    dict(rho=1e-40), dict(lam=Fraction(-1, 3))])
def test_bad_input(change):
    with pytest.raises(vaesym.InputError):
        vaesym.certify(**{"alpha": 1.0, "beta": 1.0, "lam": 0.1, **change})


def test_numbers_of_every_kind_are_taken_exactly():
    given = [2, 2.0, np.float32(2), np.int64(2), Fraction(2), flint.fmpq(2), np.array(2.0)]
    for alpha in given:
        assert vaesym.certify(alpha, 1, lam=1).parameters["alpha"] == 2
    assert vaesym.certify(2, 0.1, lam=1).parameters["beta"] == Fraction(0.1) != Fraction(1, 10)


def test_the_working_precision_is_restored():
    before = flint.ctx.prec
    vaesym.certify(2.0, 1.0, lam=1.0)
    with pytest.raises(vaesym.InputError):
        vaesym.certify(-2.0, 1.0, lam=1.0)
    assert flint.ctx.prec == before
