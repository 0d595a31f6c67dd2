"""The symbol table: unique names, and assumptions that agree with the domains."""

import inspect
import re
from collections import Counter

import pytest

from vaesym import linear_vae
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


def described(function):
    """The entries of a docstring's parameters: names, and the text with its continuation."""
    text = inspect.getdoc(function) or ""
    section = text.partition("Parameters\n----------\n")[2].partition("\n\n")[0]
    return [(entry.partition(" : ")[0].split(", "), " ".join(entry.partition(" : ")[2].split()))
            for entry in re.split(r"\n(?! )", section) if entry]


def test_docstrings_describe_parameters_in_the_words_and_with_the_domain_of_the_table():
    told = Counter()
    for name in linear_vae.__all__:
        for names, text in described(getattr(linear_vae, name)):
            known = set(names) & {*api_names(PARAMETERS), "decoder_variance"}
            for parameter in known if "as in :func:" not in text else ():
                row = quantity(parameter)
                words = [word for word in row.meaning.split() if word not in {"of", "the", "and"}]
                assert all(word in text for word in words), f"{name}: {parameter} : {text}"
                assert row.stated_domain in text, f"{name}: {parameter} : {text}"
                told[parameter] += 1
    assert min(told[parameter] for parameter in api_names(PARAMETERS)) > 5
    assert told["decoder_variance"] > 1
