"""The document of a stated problem."""

import shutil
import subprocess

import pytest
import sympy as sp

from vaesym import derive, problems
from vaesym.problem import Parameter
from vaesym.replica.document import document


def test_a_document_is_under_its_own_title_and_symbols(tmp_path):
    problem = problems.lasso.but(title="My problem", parameters=(
        Parameter(sp.Symbol("lam", positive=True), "weight of 50 % of it"), *problems.lasso.parameters[1:]))
    theory = derive(problem)
    path = theory.latex(tmp_path / "book")
    assert path == str(tmp_path / "book" / "lasso.tex")
    text = document(theory)
    assert r"\title{My problem}" in text
    assert r"$\lambda$ & weight of 50 \% of it (\texttt{lam})" in text
    assert r"\mathrm{sparsity}" in text
    assert "autoencoder" not in text
    assert text.count(r"\verdict{") == len(theory.steps)
    assert list(theory.book()) == [step.label for step in theory.steps]


def test_a_derivation_in_matrices_says_what_they_are():
    text = document(derive(problems.tied_autoencoder))
    assert r"$\Omega + T\chi$ within one" in text
    assert r"\begin{dmath*}C = \begin{pmatrix}Q \eta + \rho m^{2}\end{pmatrix}\end{dmath*}" in text
    assert r"\lambda n \operatorname{tr}" in text
    assert "lam n" not in text
    # Results of a row are printed each with its own left side.
    assert r"\det\nolimits_{1} = \left|{\Delta + O}\right|" in text


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("latexmk") is None, reason="no LaTeX")
@pytest.mark.parametrize("name", ["logistic", "elastic_net"])
def test_documents_compile(name, tmp_path):
    derive(getattr(problems, name)).latex(tmp_path)
    done = subprocess.run(["latexmk", "-pdf", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"],
                          cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
