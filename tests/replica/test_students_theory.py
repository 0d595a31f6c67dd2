"""Theories of problems of several students against what the book derives for the linear VAE."""

import pytest
import sympy as sp

from vaesym import problems
from vaesym.linear_vae.saddle import free_energy as book
from vaesym.linear_vae.saddle.stationarity import replicon, stationarity_equations
from vaesym.problems.autoencoders import VAE, Q, h
from vaesym.replica.derive import derive
from vaesym.replica.students import by_conjugates, hats


def renamed(expression: sp.Expr) -> sp.Expr:
    """The same in the symbols of the book."""
    from vaesym.linear_vae.statement.symbols import TABLE

    by_name = {row.name: row.symbol for row in TABLE}
    kk = {f"\\hat{{{letter}}}_{{{pair}}}": by_name[f"{name}_hat_{pair}"]
          for letter, name in (("G", "G"), ("\\chi", "chi")) for pair in ("kk", "kh", "hh")}
    other = kk | {"\\hat{\\mu}_{k}": by_name["m_hat"], "\\hat{\\mu}_{h}": by_name["d_hat"]}
    return expression.xreplace({s: by_name.get(s.name) or other[s.name] for s in expression.free_symbols})


def vanishes(expression: sp.Expr) -> bool:
    return sp.simplify(sp.together(sp.expand_log(sp.expand(expression), force=True))) == 0


@pytest.mark.parametrize("name", ["linear_vae", "l1_vae", "linear_autoencoder", "tied_autoencoder", "pca"])
def test_every_step_is_an_identity(name):
    verdicts = derive(getattr(problems, name)).check()
    assert len(verdicts) >= 4
    assert {verdict.kind.value for verdict in verdicts.values()} == {"identity"}


def test_the_linear_vae_is_that_of_the_book():
    theory = derive(problems.linear_vae)
    assert vanishes(renamed(theory.free_energy) - book.free_energy())
    equations = {renamed(symbol): renamed(value) for symbol, value in theory.equations.items()}
    assert len(equations) == 9
    from vaesym.linear_vae.statement.symbols import ORDER_PARAMETERS

    for symbol, expected in zip(ORDER_PARAMETERS, stationarity_equations(), strict=True):
        assert vanishes(equations[symbol] - expected)
    assert all(vanishes(renamed(own) - theirs) for own, theirs in zip(theory.replicon, replicon(), strict=True))


def test_conjugates_are_those_of_the_book():
    sites = sp.expand(renamed(by_conjugates(problems.linear_vae).doit()))
    assert vanishes(sites - book.conjugates().free_part())


def test_a_changed_loss_changes_the_theory():
    changed = derive(problems.linear_vae.but(loss=VAE + Q * h**2 / 2))
    assert not vanishes(renamed(changed.free_energy) - book.free_energy())
    step = derive(problems.linear_vae).steps[1]
    assert not step.with_typed(-step.typed).check().passed


def test_conjugates_stay_where_the_penalty_is_no_decay():
    theory = derive(problems.l1_vae)
    stiff, spread, drive = hats(problems.l1_vae)
    assert {*stiff, *spread, *drive} <= {*theory.order_parameters}
    slope = theory.equations[stiff[0]]
    assert "E}" in sp.latex(slope)
    assert slope.has(Q)
