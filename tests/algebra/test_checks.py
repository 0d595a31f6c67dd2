"""The judge: what passes, what fails, what is refused, and the real statements under mutation."""

import dataclasses
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from vaesym.algebra import Domain, Kind, Step, Verdict, checks, compare, mutations, reduces_to_zero
from vaesym.algebra.reduction import LimitReached, limited
from vaesym.linear_vae.exact import collapse, minimum
from vaesym.linear_vae.saddle import free_energy, stationarity
from vaesym.linear_vae.statement.symbols import (
    D,
    E,
    Q,
    R,
    alpha,
    beta,
    chi_hh,
    chi_kh,
    chi_kk,
    d,
    domains_of,
    eigenvalue,
    eta,
    lam,
    m,
    rho,
)

x, y, z = sp.symbols("x y z", positive=True)
DOMAINS = {x: Domain(1, 2), y: Domain(2, 5), z: Domain(sp.Rational(1, 10), 10)}


def kind(left: object, right: object, **options: object) -> Kind:
    return compare(left, right, DOMAINS, **options).kind


@pytest.mark.parametrize(("left", "right"), [
    ((x + y) ** 3, sp.expand((x + y) ** 3)),
    (1 / x - 1 / (x + y), y / (x * (x + y))),
    (sp.log(x**2 * y + x * y**2), sp.log(x) + sp.log(y) + sp.log(x + y)),
    (sp.sqrt(x) ** 2 / (sp.sqrt(x) * sp.sqrt(y)), sp.sqrt(x / y)),
    (sp.sin(x) ** 2 + sp.cos(x) ** 2, 1),
    (sp.exp(x) / (sp.exp(x) + 1), 1 - 1 / (1 + sp.exp(x))),
    (sp.Matrix([[x, y], [0, x * y]]), sp.ImmutableMatrix([[x, y], [0, y * x]])),
    ((x, sp.Matrix([y, z])), (x, sp.Matrix([y, z]))),
    (sp.Eq(x * (y + z), x * y + x * z), 0),
    (0, 0),
])
def test_identities(left: object, right: object) -> None:
    verdict = compare(left, right, DOMAINS)
    assert (verdict.kind, verdict.residual, verdict.passed) == (Kind.IDENTITY, 0.0, True)
    assert str(verdict) == "identity (8 points, 50 digits, no difference)"
    assert kind(left, right, exact=False) is Kind.NUMERIC


def test_true_but_hard_identities_are_numeric_evidence() -> None:
    """The double angle of an arc tangent, which SymPy does not reduce, stays evidence and says so."""
    left, right = 2 * sp.atan(1 / y), sp.atan(2 * y / (y**2 - 1))
    verdict = compare(left, right, DOMAINS)
    assert verdict.kind is Kind.NUMERIC
    assert verdict.passed
    assert not reduces_to_zero(left - right)
    assert kind(left, right * (1 + sp.Rational(1, 10**45))) is Kind.FAILED
    # One entry that is only evidence makes the whole evidence.
    assert kind((x, left, y), (x, right, y)) is Kind.NUMERIC


def test_large_identities_are_reduced_without_simplify() -> None:
    """Logarithms of expanded products, weighted by a long polynomial: too large for ``simplify``."""
    weight = sp.expand((x + 2 * y + z + 1) ** 9)
    left = sp.log(sp.expand((x + y) ** 3 * (x + 2 * z) ** 2)) * weight
    right = (3 * sp.log(x + y) + 2 * sp.log(x + 2 * z)) * (x + 2 * y + z + 1) ** 9
    assert sp.count_ops(left) > 1000
    assert kind(left, right) is Kind.IDENTITY
    assert kind(left, right + sp.Rational(1, 10**30)) is Kind.FAILED


@pytest.mark.parametrize("size", [1, sp.Rational(1, 10**20), sp.Rational(1, 10**40), sp.Rational(1, 10**48)])
def test_tiny_discrepancies_fail(size: sp.Rational) -> None:
    wrong = 1 + size
    assert kind(x * y, x * y * wrong) is Kind.FAILED
    assert kind(sp.log(y) * 10**30, sp.log(y * wrong) * 10**30) is Kind.FAILED
    assert kind((x, y, z + x), (x, y, (z + x) * wrong)) is Kind.FAILED
    assert kind(sp.Matrix([[x, 0], [0, y]]), sp.Matrix([[x, size], [0, y]])) is Kind.FAILED
    # Small next to a huge common part that cancels: guard digits keep it.
    assert kind((10**35 + x) - 10**35, x + size) is Kind.FAILED


def test_a_discrepancy_below_the_digits_is_never_called_an_identity() -> None:
    verdict = compare(x, x * (1 + sp.Rational(1, 10**60)), DOMAINS)
    assert verdict.kind is Kind.NUMERIC
    assert verdict.residual > 0
    assert kind(x, x * (1 + sp.Rational(1, 10**60)), digits=70) is Kind.FAILED


def test_wrong_at_one_of_many_points() -> None:
    """A difference that vanishes at the first points is caught by the last one."""
    drawn = [DOMAINS[x].draw("x", i) for i in range(8)]
    bump = sp.prod([x - point for point in drawn[:7]])
    assert kind(x + bump, x, points=7) is Kind.NUMERIC
    assert kind(x + bump, x, points=8) is Kind.FAILED


def test_nan_and_infinity_fail() -> None:
    assert kind(x, sp.nan) is Kind.FAILED
    assert kind(x, sp.oo) is Kind.FAILED
    assert kind(sp.Matrix([x, y]), sp.Matrix([x, sp.nan])) is Kind.FAILED


def test_conditions_choose_the_points() -> None:
    signed = {x: Domain(-1, 1, "uniform")}
    u = sp.Symbol("x", real=True)
    domains = {u: Domain(-1, 1, "uniform")}
    assert compare(sp.Abs(u), u, domains).kind is Kind.FAILED
    assert compare(sp.Abs(u), u, domains, conditions=[u > 0]).passed
    assert compare(sp.Abs(u), -u, domains, conditions=(u < 0,)).passed
    assert compare(x, x, signed, conditions=[sp.true]).kind is Kind.IDENTITY
    with pytest.raises(ValueError, match="hold somewhere in the domains; received none in 1000 draws; widen"):
        compare(u, u, domains, conditions=[u > 2])
    with pytest.raises(ValueError, match=r"received none for \['y'\]"):
        compare(u, u, domains, conditions=[u > y])


@pytest.mark.parametrize(("left", "right", "options", "message"), [
    (x + z, y, {"domains": {x: Domain(1, 2)}}, r"a domain for every symbol; received none for \['y', 'z'\]"),
    (sp.Matrix([x, y]), x, {}, "two sides of one shape; received 2 and 1 entries"),
    ((x, y), (x, y, z), {}, "received 2 and 3 entries; state every entry"),
    (sp.eye(2), sp.eye(3), {}, "received 4 and 9 entries"),
    (x, 2 * x, {"points": 0}, "expected at least one point; received 0; leave points"),
    (x, x, {"points": -1}, "expected at least one point; received -1"),
    (x, x, {"digits": 49}, "at least 50 digits; received 49"),
    (x, x, {"digits": 15}, "at least 50 digits; received 15"),
])
def test_refusals(left: object, right: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compare(left, right, **({"domains": DOMAINS} | options))


def test_equal_names_with_other_assumptions_are_refused() -> None:
    """Points are drawn by name: both symbols would share every value, and any statement about them would pass."""
    u, v = sp.Symbol("u", positive=True), sp.Symbol("u", real=True)
    with pytest.raises(ValueError, match=r"expected one symbol to a name; received several called \['u'\]"):
        compare(u + v, 2 * u, {u: Domain(1, 2), v: Domain(1, 2)})


def test_verdicts_are_frozen_and_say_what_they_are() -> None:
    verdict = Verdict(Kind.FAILED, 3, 60, 0.25)
    assert not verdict.passed
    assert str(verdict) == "failed (3 points, 60 digits, worst 2e-01)"
    assert Verdict(Kind.NUMERIC, 8, 50, 0.0).passed
    assert [k.value for k in Kind] == ["identity", "argued", "numeric", "failed"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.kind = Kind.IDENTITY


def test_comparisons_repeat_exactly() -> None:
    left, right = sp.log(x + y) * z, sp.log(x + y) * z * (1 + sp.Rational(1, 10**49))
    assert compare(left, right, DOMAINS) == compare(left, right, dict(reversed(DOMAINS.items())))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=4, max_size=4), st.lists(st.integers(-3, 3), min_size=4, max_size=4))
def test_polynomials_are_equal_iff_their_coefficients_are(one: list[int], other: list[int]) -> None:
    basis = [sp.S.One, x, x * y, y**2 / z]
    left, right = (sp.Add(*[c * b for c, b in zip(drawn, basis, strict=True)]) for drawn in (one, other))
    assert kind(sp.factor(left), right) is (Kind.IDENTITY if one == other else Kind.FAILED)
    assert reduces_to_zero(left - right) is (one == other)


# The real statements, typed from theory.md.
HALF, CHI = sp.Rational(1, 2), sp.ImmutableMatrix([[chi_kk, chi_kh], [chi_kh, chi_hh]])
kappa = beta + lam / (alpha * eigenvalue)


def free_energy_typed(sign: int = 1, half: sp.Expr = HALF, noise: sp.Expr = eta, signal: sp.Expr = rho,
                      weight: sp.Expr = beta, chi: sp.MatrixBase = CHI, linear: sp.Expr = sp.S.One) -> sp.Expr:
    """Section 2.6: (λ/2)(Q+E) − ½ tr χ⁻¹(Ω − μμᵀ) + α[½ tr((I + ηAχ)⁻¹AC) + ½QD + (β/2)(D − ln D − 1)]."""
    omega, mu = sp.Matrix([[Q, R], [R, E]]), sp.Matrix([m, d])
    loss = sp.Matrix([[0, -1], [-1, Q + weight]])
    fields = signal * mu * mu.T + noise * omega
    response = (sp.eye(2) + sign * eta * loss * chi).inv() * loss
    variance = Q * D / 2 + beta / 2 * (linear * D - sp.log(D) - 1)
    entropy = (chi.inv() * (omega - mu * mu.T)).trace() / 2
    return lam / 2 * (Q + E) - entropy + alpha * (half * (response * fields).trace() + variance)


THRESHOLD = alpha * eigenvalue / (alpha + lam) - lam / (alpha * eigenvalue)
CUBIC = (lam * (Q + beta) + alpha * beta) * (Q + kappa) ** 2 - alpha * eigenvalue * kappa * (Q + beta)
VARIANCE = beta / (Q + beta)
TRUE: dict[str, tuple[Callable[[], sp.Expr], sp.Expr]] = {
    "free energy": (free_energy.free_energy, free_energy_typed()),
    "threshold": (collapse.collapse_threshold, THRESHOLD),
    "cubic": (lambda: minimum.stationarity_cubic().as_expr(), CUBIC),
    "variance": (stationarity.posterior_variance, VARIANCE),
}


@cache
def wrong_versions(name: str) -> dict[str, sp.Expr]:
    """Mutations by machine and by hand, of the kinds that a derivation gets wrong."""
    typed = TRUE[name][1]
    versions = dict(mutations(typed))
    for symbol in typed.free_symbols:
        for wrong in (2 * symbol, -symbol, symbol**2):
            versions[f"{wrong} for {symbol}"] = typed.xreplace({symbol: wrong})
    if name == "free energy":
        transposed = sp.Matrix([[chi_hh, chi_kh], [chi_kh, chi_kk]])
        versions |= {
            "(I − ηAχ)": free_energy_typed(sign=-1), "no half": free_energy_typed(half=sp.S.One),
            "ρ ↔ η in C": free_energy_typed(noise=rho, signal=eta), "no noise": free_energy_typed(noise=sp.S.Zero),
            "β → β² in A": free_energy_typed(weight=beta**2), "χ transposed": free_energy_typed(chi=transposed),
            "β → 0 in A": free_energy_typed(weight=sp.S.Zero), "D/2": free_energy_typed(linear=HALF),
            "σ² twice": typed + alpha * Q * D / 2, "constant": typed + alpha * beta / 2,
        }
    return {label: version for label, version in versions.items() if version != typed}


@pytest.mark.parametrize("name", TRUE)
def test_real_statements_are_identities(name: str) -> None:
    move, typed = TRUE[name]
    assert compare(move(), typed, domains_of()).kind is Kind.IDENTITY


@pytest.mark.parametrize("name", TRUE)
def test_real_statements_fail_when_mutated(name: str) -> None:
    computed, versions = TRUE[name][0](), wrong_versions(name)
    assert len(versions) >= 10
    passed = [label for label, wrong in versions.items() if compare(computed, wrong, domains_of()).passed]
    assert passed == []


@pytest.mark.parametrize("name", TRUE)
def test_real_statements_fail_by_one_part_in_1e40(name: str) -> None:
    move, typed = TRUE[name]
    assert compare(move(), typed * (1 + sp.Rational(1, 10**40)), domains_of()).kind is Kind.FAILED
    for symbol in typed.free_symbols:
        near = typed.xreplace({symbol: symbol * (1 + sp.Rational(1, 10**40))})
        assert compare(move(), near, domains_of()).kind is Kind.FAILED, symbol


def test_nothing_to_compare_is_an_error() -> None:
    for nothing in ((), sp.zeros(0, 0)):
        with pytest.raises(ValueError, match="expected something to compare"):
            compare(nothing, nothing, {})


def test_work_stops_at_its_limit_in_any_thread() -> None:
    def spin() -> None:
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    def run() -> bool:
        with pytest.raises(LimitReached):
            limited(0.2, spin)
        return True

    assert run()
    with ThreadPoolExecutor(1) as threads:
        assert threads.submit(run).result(timeout=300)
    assert limited(60, lambda: 1) == 1


def test_a_proof_that_does_not_end_leaves_numeric_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(_: sp.Expr) -> bool:
        while True:
            time.sleep(0.01)

    monkeypatch.setattr(checks, "reduces_to_zero", endless)
    a = sp.Symbol("a", positive=True)
    verdict = compare(a, a + 0, {a: Domain(1, 2)}, limit=0.5)
    assert verdict.kind is Kind.NUMERIC
    assert "no proof within 0.5 s" in str(verdict)


def test_an_integral_that_cannot_be_evaluated_in_time_is_an_error() -> None:
    a, t = sp.symbols("a t", positive=True)
    wild = sp.Integral(sp.sin(sp.exp(t**2) * a) * sp.cos(sp.exp(t)), (t, 0, sp.oo))
    with pytest.raises(ValueError, match="expected sides that can be evaluated within"):
        compare(wild, a, {a: Domain(1, 2)}, limit=0.05)


def test_numeric_only_is_obeyed() -> None:
    a = sp.Symbol("a", positive=True)
    step = Step("l", "T", a, lambda: (a + 1) ** 2, a**2 + 2 * a + 1, {a: Domain(1, 2)}, "textbook")
    assert step.check().kind is Kind.IDENTITY
    assert dataclasses.replace(step, numeric_only="too large to carry").check().kind is Kind.NUMERIC
