"""The symbol table: unique names, and assumptions that agree with the domains."""

import pytest

from vaesym.linear_vae.statement.symbols import (
    ORDER_PARAMETERS,
    PARAMETERS,
    TABLE,
    api_names,
    domains_of,
    quantity,
    sym,
)


def test_names_and_symbols_are_unique():
    assert len({q.name for q in TABLE}) == len({q.symbol for q in TABLE}) == len(TABLE)
    assert all(q.meaning and q.stated_domain for q in TABLE)


def test_positive_symbols_have_positive_domains():
    for q in TABLE:
        assert bool(q.symbol.is_positive) == bool(q.domain.low >= 0)


def test_order_of_generated_functions():
    assert api_names(list(PARAMETERS)) == ["alpha", "beta", "lam", "rho", "eta"]
    assert api_names(list(ORDER_PARAMETERS)) == ["Q", "E", "R", "m", "d", "D", "chi_kk", "chi_kh", "chi_hh"]


def test_lookup():
    assert str(sym("lam")) == "lambda"
    assert quantity("Q").name == "Q"
    assert set(domains_of(sym("Q") + sym("beta"))) == {sym("Q"), sym("beta")}
    with pytest.raises(KeyError):
        quantity("unknown")
