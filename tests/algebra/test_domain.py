"""Where check points come from: inside the domain, the same everywhere, different for every symbol."""

import itertools

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from vaesym.algebra import Domain, draw_point
from vaesym.linear_vae.statement.symbols import TABLE

x, y = sp.symbols("x y", real=True)
rationals = st.fractions(-50, 50, max_denominator=1000).map(lambda q: sp.Rational(q.numerator, q.denominator))
positives = st.fractions("1/1000000", 10**6, max_denominator=10**6).map(
    lambda q: sp.Rational(q.numerator, q.denominator))
indices = st.integers(0, 10**6)
names = st.text("abcxyzλβ_0", min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(rationals, rationals, names, indices)
def test_uniform_draws_lie_strictly_inside(one: sp.Rational, other: sp.Rational, name: str, index: int) -> None:
    if one == other:
        other = one + 1
    domain = Domain(min(one, other), max(one, other), "uniform")
    drawn = domain.draw(name, index)
    assert drawn.is_Rational
    assert domain.low < drawn < domain.high
    assert domain.contains(drawn)


@settings(max_examples=150, deadline=None)
@given(positives, positives, names, indices)
def test_log_draws_lie_inside(one: sp.Rational, other: sp.Rational, name: str, index: int) -> None:
    if one == other:
        other = 2 * one
    domain = Domain(min(one, other), max(one, other))
    drawn = domain.draw(name, index)
    assert drawn.is_Rational
    assert domain.low <= drawn <= domain.high


def test_golden_draws() -> None:
    """These values are part of the record of every verdict: they must never move."""
    assert Domain(sp.Rational(1, 10), 4).draw("beta", 0) == sp.Rational(3741615773373, 2000000000000)
    assert Domain(-2, 2, "uniform").draw("R", 3) == sp.Rational(-840813658970, 1000000000001)


def test_golden_point() -> None:
    domains = {x: Domain(0, 1, "uniform"), y: Domain(1, 10**6)}
    assert draw_point(domains, 5) == {
        x: Domain(0, 1, "uniform").draw("x", 5), y: Domain(1, 10**6).draw("y", 5)}
    assert list(draw_point(domains, 5)) == [x, y]


def test_draws_differ_between_names_and_indices() -> None:
    domain = Domain(sp.Rational(1, 10), 4)
    drawn = {domain.draw(row.symbol.name, index) for row in TABLE for index in range(8)}
    assert len(drawn) == 8 * len(TABLE)


@pytest.mark.parametrize("law", ["log", "uniform"])
def test_draws_fill_the_interval_evenly(law: str) -> None:
    """Quarters of the interval (of its logarithm) are hit 100 times each of 400, within 4 standard deviations."""
    domain = Domain(1, 16, law)
    edges = [1, 2, 4, 8, 16] if law == "log" else [1, sp.Rational(19, 4), sp.Rational(17, 2), sp.Rational(49, 4), 16]
    drawn = [domain.draw("alpha", index) for index in range(400)]
    for low, high in itertools.pairwise(edges):
        hits = sum(bool(low <= value < high) for value in drawn)
        assert abs(hits - 100) < 4 * (400 * 0.25 * 0.75) ** 0.5


def test_a_point_does_not_depend_on_its_company() -> None:
    alone = draw_point({x: Domain(1, 2)}, 3)
    both = draw_point({y: Domain(1, 2), x: Domain(1, 2)}, 3)
    assert both[x] == alone[x]
    assert both[y] != both[x]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 50))
def test_conditions_hold_at_the_point(index: int) -> None:
    domains = {x: Domain(-1, 1, "uniform"), y: Domain(-1, 1, "uniform")}
    conditions = (x < y, sp.Ge(x**2 + y**2, sp.Rational(1, 4)), sp.Ne(x, 0))
    point = draw_point(domains, index, conditions)
    assert point[x] < point[y]
    assert point[x] ** 2 + point[y] ** 2 >= sp.Rational(1, 4)
    assert point == draw_point(domains, index, conditions)


def test_conditions_that_hold_nowhere() -> None:
    with pytest.raises(ValueError, match=r"expected conditions \[x > 3\].*received none in 20 draws; widen"):
        draw_point({x: Domain(1, 2)}, 0, [x > 3], attempts=20)
    with pytest.raises(ValueError, match="expected conditions"):
        draw_point({x: Domain(1, 2)}, 0, [y > 0], attempts=2)  # undecided is not true


@pytest.mark.parametrize(("low", "high", "law"), [
    (2, 1, "log"), (1, 1, "log"), (0, 1, "log"), (-1, 1, "log"), (1, 1, "uniform"), (2, -2, "uniform")])
def test_empty_intervals_are_refused(low: int, high: int, law: str) -> None:
    with pytest.raises(ValueError, match=rf"expected low < high .*received \[{low}, {high}\] with law '{law}'"):
        Domain(low, high, law)


@pytest.mark.parametrize("law", ["normal", "", "LOG"])
def test_unknown_laws_are_refused(law: str) -> None:
    with pytest.raises(ValueError, match=rf"expected a law among \['log', 'uniform'\]; received '{law}'; choose"):
        Domain(1, 2, law)


def test_symbols_that_share_a_name_have_no_point() -> None:
    domains = {x: Domain(1, 2), sp.Symbol("x", positive=True): Domain(3, 4), y: Domain(1, 2)}
    with pytest.raises(ValueError, match=r"several called \['x'\] that differ in their assumptions"):
        draw_point(domains, 0)


def test_ends_are_exact_and_belong() -> None:
    domain = Domain(sp.Rational(1, 3), 2)
    assert domain.contains(sp.Rational(1, 3))
    assert domain.contains(sp.Integer(2))
    assert not domain.contains(sp.Rational(1, 3) - sp.Rational(1, 10**30))
    assert not domain.contains(2 + sp.Rational(1, 10**30))
    assert Domain(1, 2) == Domain(sp.Integer(1), sp.Integer(2), "log")
    assert hash(Domain(1, 2)) == hash(Domain(1, 2))
    with pytest.raises(AttributeError):
        domain.low = sp.S.One


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_domains_of_the_model_suit_their_symbols(row) -> None:
    """Positive symbols are drawn positive, real ones of both signs."""
    drawn = [row.domain.draw(row.symbol.name, index) for index in range(30)]
    if row.symbol.is_positive:
        assert min(drawn) > 0
    else:
        assert min(drawn) < 0 < max(drawn)
