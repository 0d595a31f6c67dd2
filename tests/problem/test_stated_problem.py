"""What is not well posed is refused with a sentence; shipped sources are what the problems lower to."""

import subprocess
import sys

import pytest
import sympy as sp

from vaesym import InputError
from vaesym.problem import Data, LinearLabel, Parameter, Planted, Problem, binary, field, label, pieces, sparse, weight
from vaesym.problem.problem import Q
from vaesym.problem.source import source
from vaesym.problems import generate, ridge

u = sp.Symbol("u", real=True)
lam = sp.Symbol("lam", positive=True)


def test_shipped_sources_are_current():
    assert generate.main(["--check"]) == 0


def test_shipped_problems_never_start_sympy():
    script = ("import sys\nfrom vaesym.engine import solve_problem\n"
              "solve_problem('lasso', alpha=1.0, lam=0.1, noise=0.1, sparsity=0.2, amplitude=1.0)\n"
              "assert 'sympy' not in sys.modules")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("change", "words"), [
    ({"loss": -((label - field) ** 2)}, "convex"),
    ({"loss": (label - field) ** 4 - (label - field) ** 2}, "convex"),
    ({"penalty": lam * sp.sqrt(sp.Abs(weight))}, "convex"),
    ({"penalty": sp.Symbol("mu") * weight**2}, "meaning"),
    ({"penalty": sp.Piecewise((0, weight**2 < 1), (1, True))}, "linear"),
])
def test_what_is_not_well_posed_is_refused(change, words):
    with pytest.raises(InputError, match=words):
        ridge.but(**change)


def test_laws_have_to_be_laws():
    with pytest.raises(InputError, match="sum to 1"):
        Planted(((sp.Rational(1, 2), sp.S.Zero, sp.S.One),))
    assert sp.simplify(sum(p * (m**2 + v) for p, m, v in sparse(sp.Symbol("e", positive=True)).parts)) == 1


def test_losses_of_real_labels_are_of_any_form():
    problem = Problem("odd", "", (label * field - 1) ** 2, lam * weight**2, Data(LinearLabel(1, 1)),
                      (Parameter(lam, "weight decay"),))
    assert problem.general
    assert not ridge.general
    assert "EQUATIONS = Labelled(" in source(problem)


@pytest.mark.parametrize(("expression", "starts", "slopes"), [
    (sp.Abs(u), [-sp.oo, 0], [-1, 1]),
    (sp.Max(0, 1 - u), [-sp.oo, 1], [-1, 0]),
    (sp.Piecewise((u**2 / 2, sp.Abs(u) <= 1), (sp.Abs(u) - sp.S.Half, True)), [-sp.oo, -1, 1], [-1, u, 1]),
    (sp.Piecewise((u**2, u >= 0), (sp.oo, True)), [-sp.oo, 0], [0, 2 * u]),
])
def test_pieces(expression, starts, slopes):
    found = pieces(expression, u)
    assert [piece.start for piece in found] == starts
    assert [piece.slope for piece in found] == slopes


def test_symmetry_is_noticed():
    t = sp.Symbol("t", real=True)
    even = Problem("even", "", sp.log(1 + sp.exp(-label * field)), weight**2 / 2, Data(binary(1 / (1 + sp.exp(-t)))))
    odd = even.but(data=Data(binary(1 / (1 + sp.exp(-t - 1)))))
    assert even.symmetric
    assert not odd.symmetric


def test_observables_changed_in_place_are_lowered_anew():
    problem = ridge.but(observables={"size": Q})
    first = source(problem)
    dict.update(problem.observables, double=2 * Q)
    assert "'double'" in source(problem)
    assert "'double'" not in first
