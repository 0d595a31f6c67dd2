"""Theories of problems of several students against what the book derives for the linear VAE."""

import dataclasses

import pytest
import sympy as sp

from vaesym import problems
from vaesym.algebra import Kind
from vaesym.linear_vae.saddle import free_energy as book
from vaesym.linear_vae.saddle.stationarity import replicon, stationarity_equations
from vaesym.problem import Student, Students
from vaesym.problems.autoencoders import VAE, Q, h
from vaesym.replica.derive import derive
from vaesym.replica.students import by_conjugates, hats

#: The moves of the replica method, in order.
MOVES = ("replica-fields", "average-one-sample", "energy-two-replicas", "volume", "entropy-three-replicas",
         "lemma-explicit", "exponent", "lemma", "no-replicas", "entropy", "energy", "replicon-variation", "replicon")


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


@pytest.mark.parametrize("name", [name for name, home in problems.HOMES.items() if home == "autoencoders"])
def test_every_derivation_checks_itself(name):
    """Every step is an identity, but for those in which words carry a limit."""
    verdicts = derive(getattr(problems, name)).check()
    argued = {label for label, verdict in verdicts.items() if verdict.kind is Kind.ARGUED}
    assert argued == {"volume", "exponent", "no-replicas", "replicon-variation"}
    assert all(verdict.passed for verdict in verdicts.values())
    assert {verdict.kind for label, verdict in verdicts.items() if label not in argued} == {Kind.IDENTITY}
    assert {*MOVES} <= {*verdicts}


def test_the_moves_hold_where_weights_decay_at_different_rates():
    w, v = problems.linear_vae.students.weights
    lam = problems.linear_vae.parameters[1].symbol
    theory = derive(problems.linear_vae.but(penalty=lam * (w**2 + 3 * v**2) / 2))
    exponent = theory.book()["exponent"]
    assert exponent.check().passed
    assert r"\Lambda_{0}" in exponent.latex()
    (rates,) = [letter for letter in exponent.where if str(letter) == "Lambda_0"]
    assert exponent.where[rates] == lam * sp.diag(1, 3)
    assert not dataclasses.replace(exponent, where={**exponent.where, rates: lam * sp.eye(2)}).check().passed


def test_more_than_two_students_have_the_limits_but_no_matrices_written_out():
    k = sp.symbols("k_1:4", real=True)
    names = sp.symbols("Q_1:4", positive=True)
    students = Students(tuple(Student(f"s{i}", k[i], sp.Symbol(f"w_{i}", real=True), names[i], sp.Symbol(
        f"m_{i}", real=True)) for i in range(3)), sp.symbols("R_12 R_13 R_23", real=True))
    theory = derive(problems.pca.but(loss=sp.Add(*[u**2 for u in k]) / 2, penalty=sp.Add(*[
        w**2 for w in students.weights]) / 2, students=students, free=(), observables={}))
    assert {"exponent", "no-replicas", "energy", "replicon"} <= {*theory.book()}
    assert not {"volume", "energy-two-replicas", "replicon-variation"} & {*theory.book()}
    assert theory.book()["replica-fields"].check().passed


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
    steps = derive(problems.linear_vae).book()
    wrong = steps["least-energy"].typed
    assert not steps["least-energy"].with_typed((wrong[0], -wrong[1])).check().passed
    for label in MOVES:
        typed = steps[label].typed
        doubled = (*typed[:-1], 2 * typed[-1]) if isinstance(typed, tuple) else 2 * typed
        assert not dataclasses.replace(steps[label], typed=doubled).check().passed, label


def test_conjugates_stay_where_the_penalty_is_no_decay():
    theory = derive(problems.l1_vae)
    stiff, spread, drive = hats(problems.l1_vae)
    assert {*stiff, *spread, *drive} <= {*theory.order_parameters}
    slope = theory.equations[stiff[0]]
    assert "E}" in sp.latex(slope)
    assert slope.has(Q)
