"""The limits n → 0 and T → 0 against exact examples, sympy.limit, and numbers at 50 digits."""

from functools import cache

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vaesym.linear_vae.saddle import free_energy as model
from vaesym.linear_vae.statement.symbols import domains_of, lam, temperature
from vaesym.replica import RSMatrix, per_replica, zero_temperature
from vaesym.replica.matrix import REPLICAS

SETTINGS = settings(max_examples=40, deadline=None)
T, n = temperature, REPLICAS
a, b = sp.symbols("a b", positive=True)
coefficients = st.lists(st.integers(-4, 4), min_size=1, max_size=4)
positive = st.lists(st.integers(1, 5), min_size=1, max_size=3)


def polynomial(drawn: list[int], symbol: sp.Symbol) -> sp.Expr:
    return sp.Add(*[c * symbol**i for i, c in enumerate(drawn)])


@pytest.mark.parametrize(("exponent", "slope"), [
    (n * a + n**2 * b, a),
    ((1 + n) ** 2 - 1, sp.Integer(2)),
    (sp.exp(n * a) - 1, a),
    (sp.log(1 + n * a / b), a / b),
    (n * sp.log(a + n * b) / (1 + n), sp.log(a)),
    ((n - 1) * sp.log(a) + sp.log(a + n * b), sp.log(a) + b / a),
    (sp.S.Zero, sp.S.Zero),
])
def test_per_replica_examples(exponent: sp.Expr, slope: sp.Expr) -> None:
    assert sp.simplify(per_replica(exponent) - slope) == 0


@pytest.mark.parametrize("exponent", [sp.sqrt(n), n ** sp.Rational(2, 3) * a, sp.sqrt(n**3 + n**2 * sp.sqrt(n) + n)])
def test_per_replica_needs_a_finite_slope(exponent: sp.Expr) -> None:
    with pytest.raises(ValueError, match=r"expected an exponent with a finite slope at n = 0; received .*; write it"):
        per_replica(exponent)


def test_per_replica_takes_another_symbol() -> None:
    count = sp.Symbol("count", positive=True)
    assert per_replica(count * a * (1 + n), count) == sp.expand(a * (1 + n))
    with pytest.raises(ValueError, match="vanishes at n = 0; received a\\*count"):
        per_replica(count * a * (1 + n))


@pytest.mark.parametrize("exponent", [1 + n, a, 1 / n, n / n**2, n * sp.log(n), sp.log(a + n * b), sp.exp(n)])
def test_per_replica_needs_an_exponent_that_vanishes(exponent: sp.Expr) -> None:
    with pytest.raises(ValueError, match=r"expected an exponent that vanishes at n = 0; received .* there; divide"):
        per_replica(exponent)


@SETTINGS
@given(coefficients, coefficients)
def test_per_replica_is_the_limit(top: list[int], bottom: list[int]) -> None:
    assume(bottom[0] != 0)
    exponent = n * polynomial(top, n) / polynomial(bottom, n)
    assert per_replica(exponent) == sp.limit(exponent / n, n, 0)


@pytest.mark.parametrize(("expression", "limit"), [
    (a + T * b, a),
    ((a**2 - T**2) / (a - T), a),
    (1 / T - 1 / (T + T**2) + a, a + 1),
    (T * sp.log(a * T), 0),
    (T**2 * sp.log(T**3 / (a + T)) / (T + T**2 * b), 0),
    (sp.log((a + T) / (b + T**2)) * (2 + T), 2 * sp.log(a / b)),
    ((a + T) * (sp.log(b + T) + T * sp.log(T)) / (1 + T), a * sp.log(b)),
    (sp.log(a) * (b + T**2) / (T + 1), b * sp.log(a)),
    (T * sp.log(1 / T) + sp.log(a / (a + T)), 0),
    (sp.Integer(3), 3),
    (sp.log(a * T / (b * T + T**2)), sp.log(a / b)),
    (sp.log(a * T) - sp.log(b * T + T**2), sp.log(a / b)),
    ((1 + T) * sp.log(T**2 * a) - 2 * sp.log(T) + b, sp.log(a) + b),
    ((b + T) * sp.log(a / T) + sp.log(T) * (b + T**3 / (1 + T)), b * sp.log(a)),
    (sp.log(sp.log(a) + T) * sp.sqrt(b), sp.sqrt(b) * sp.log(sp.log(a))),
])
def test_zero_temperature_examples(expression: sp.Expr, limit: sp.Expr) -> None:
    assert sp.simplify(sp.expand_log(zero_temperature(expression, T) - limit)) == 0


def test_zero_temperature_of_symbols_without_assumptions() -> None:
    """Logarithms of quotients then stay together, and the powers of T above and below are weighed."""
    t, p, q = sp.symbols("t p q")
    assert zero_temperature(sp.log(p * t / (q * t + t**2)) * (1 + t), t) == sp.log(p / q)
    assert zero_temperature(t * sp.log(p / t) + t * sp.log((p + t) / t**3), t) == 0
    with pytest.raises(ValueError, match="received the divergent term"):
        zero_temperature(sp.log(p / t), t)


@pytest.mark.parametrize(("expression", "message"), [
    (1 / T, "expected a finite limit T -> 0; received a pole"),
    (a / T - b / (T + T**2), "received a pole"),
    (sp.log(a * T), r"expected T\*log\(T\) to vanish; received the divergent term"),
    ((b + T) * sp.log(T + a * T**2), r"received the divergent term"),
    (sp.log(a + T) / T**2, "received a pole"),
    (sp.log(T) / T, "received a pole"),
    (T * sp.log(T) * sp.log(a + T), "split products of logarithms"),
    (T * sp.log(a + T) ** 2, "split products of logarithms"),
    (T * sp.log(T) / sp.log(a + T) ** 2, "split products of logarithms"),
    (a / sp.log(b + T), "split products of logarithms"),
    (2 * sp.log(a * T) - sp.log(T), "received the divergent term"),
    *[(form, r"expected rational functions of T and terms c\*T\*\*p\*log\(g\) of such; received .*; expand")
      for form in (
          sp.exp(-1 / T), sp.exp(1 / T), sp.cos(1 / T), sp.sqrt(T), T**a, sp.nan, a + sp.oo, sp.Abs(T - a),
          T * sp.log(T - T), T * sp.log(1 + T * sp.log(T)), T * sp.log(sp.exp(a / T) + 1), T * sp.log(a + sp.sqrt(T)),
          sp.exp(-1 / T) * sp.log(T), sp.sqrt(T) * sp.log(a + T), a + T + sp.Max(T, a))],
])
def test_zero_temperature_refuses(expression: sp.Expr, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        zero_temperature(expression, T)


@SETTINGS
@given(coefficients, coefficients)
def test_zero_temperature_of_rational_functions(top: list[int], bottom: list[int]) -> None:
    denominator = polynomial(bottom, T)
    assume(denominator != 0)
    expression = polynomial(top, T) / denominator
    expected = sp.limit(expression, T, 0, "+")
    if expected.is_finite:
        assert zero_temperature(expression, T) == expected
    else:
        with pytest.raises(ValueError, match="received a pole"):
            zero_temperature(expression, T)


@SETTINGS
@given(coefficients, positive, st.tuples(positive, positive, st.integers(-2, 2)), st.integers(1, 2))
def test_zero_temperature_of_logarithms(top: list[int], bottom: list[int],
                                        inside: tuple[list[int], list[int], int], power: int) -> None:
    """Of c(T) T^p ln g(T), where g goes as a power of T; p = 0 where g is finite."""
    order = inside[2]
    argument = T**order * polynomial(inside[0], T) / polynomial(inside[1], T)
    prefactor = polynomial(top, T) / polynomial(bottom, T) * (T**power if order else 1)
    expected = sp.limit(prefactor * sp.log(argument), T, 0, "+")
    difference = zero_temperature(prefactor * sp.log(argument), T) - expected
    assert sp.simplify(sp.expand_log(difference)) == 0


@cache
def pieces() -> dict[str, sp.Expr]:
    """The exponents of E Zⁿ of the linear VAE, piece by piece, with n and T."""
    problem, hats = model.problem(), model.conjugates()
    return {
        "entropy": problem.entropy_exponent(),
        "decay": problem.decay_exponent(),
        "energy": problem.samples * problem.energy_exponent(),
        "whole": problem.replicated_exponent(),
        "site": hats.site_exponent(),
        "coupling": hats.coupling_exponent(),
    }


def physical_point(seed: int) -> dict[sp.Symbol, sp.Rational]:
    """A point inside the domains where every logarithm is real: χ, Ω − μμᵀ, Ĝ + λ and χ̂ positive definite."""
    point = {symbol: domain.draw(symbol.name, seed) for symbol, domain in domains_of().items()}
    problem, hats = model.problem(), model.conjugates()
    planted = problem.planted.xreplace(point)
    for matrix, shift in ((problem.susceptibility, sp.zeros(2)), (problem.overlap, planted * planted.T),
                          (hats.precision, -point[lam] * sp.eye(2)), (hats.variance, sp.zeros(2))):
        first, cross, last = (point[matrix[0, 0]], point[matrix[0, 1]], point[matrix[1, 1]])
        value = sp.Matrix([[first**2 + 1, first * cross], [first * cross, cross**2 + last**2 + 1]]) / 4 + shift
        point |= {matrix[i, j]: value[i, j] for i in range(2) for j in range(2)}
    return point


def number(expression: sp.Expr, point: dict[sp.Symbol, sp.Rational], **small: mpmath.mpf) -> mpmath.mpf:
    values = {s.name: mpmath.mpf(v.p) / v.q for s, v in point.items()} | small
    symbols = sorted(expression.free_symbols, key=str)
    return sp.lambdify(symbols, expression, "mpmath")(*[values[symbol.name] for symbol in symbols])


@pytest.mark.parametrize("piece", ["entropy", "decay", "energy", "whole", "site", "coupling"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_limits_of_the_model_at_50_digits(piece: str, seed: int) -> None:
    """First n → 0 at fixed T, then T → 0, then both at once, by small numbers instead of algebra."""
    exponent, point = pieces()[piece], physical_point(seed)
    slope = per_replica(exponent)
    free = zero_temperature(-T * slope, T)
    assert not free.free_symbols & {n, T}
    with mpmath.workdps(420):
        few = mpmath.mpf(10) ** -160
        for warm in (mpmath.mpf(3) / 7, mpmath.mpf(10) ** -3):
            direct = number(exponent, point, n=few, T=warm) / few
            assert abs(direct / number(slope, point, T=warm) - 1) < mpmath.mpf(10) ** -50
        cold, limit = mpmath.mpf(10) ** -60, number(free, point)
        assert abs(-cold * number(slope, point, T=cold) - limit) < mpmath.mpf(10) ** -50 * (1 + abs(limit))
        both = -cold * number(exponent, point, n=few, T=cold) / few
        assert abs(both - limit) < mpmath.mpf(10) ** -50 * (1 + abs(limit))


@pytest.mark.parametrize("seed", [0, 1])
def test_limits_of_the_pieces_add_up_to_the_free_energy(seed: int) -> None:
    """The extremum's function is one number, whether limits are taken of the sum or of the terms."""
    point = physical_point(seed)
    whole = zero_temperature(-T * per_replica(pieces()["whole"]), T)
    with mpmath.workdps(80):
        gap = number(whole, point) - number(model.free_energy(), point)
        assert abs(gap) < mpmath.mpf(10) ** -70


def test_entropy_of_one_weight_by_hand() -> None:
    """½ ln det of Tχ I + (Q − m²) 11ᵀ: −T∂ₙ at n = 0 tends to −(Q − m²)/(2χ)."""
    chi, gap = sp.symbols("chi gap", positive=True)
    exponent = RSMatrix(sp.Matrix([[T * chi]]), sp.Matrix([[gap]])).log_det() / 2
    assert sp.expand(zero_temperature(-T * per_replica(exponent), T) + gap / (2 * chi)) == 0
