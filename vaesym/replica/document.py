"""The theory of a problem as a document of its own: title, symbols, what is minimised, the formula, the derivation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sympy as sp

from vaesym.algebra import Step, Verdict, to_latex
from vaesym.problem import ClusterLabel, LinearLabel, Problem, SignLabel, Unlabelled, teacher
from vaesym.replica.envelope import Mean

if TYPE_CHECKING:
    from vaesym.replica.derive import Theory

_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage[margin=25mm]{geometry}
\usepackage{amsmath,amssymb,longtable,booktabs,xcolor,graphicx}
\usepackage{breqn}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\emergencystretch=3em
\hbadness=10000
% A formula in one line, made smaller where it is wider than the page.
\newcommand{\fitted}[1]{\par\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{$\displaystyle #1$}\par}
\newcommand{\verdict}[2]{\nopagebreak{\small\textcolor{gray}{\emph{#1}\quad #2}}\par\medskip}
"""
_SPECIAL = re.compile(r"([#$%&_{}])")


def printed(problem: Problem, expression: Any) -> str:
    r"""Return an expression as LaTeX, with the parameters of a problem as they are to be printed.

    >>> from vaesym.problems import ridge
    >>> printed(ridge, ridge.penalty)
    '\\frac{\\lambda w^{2}}{2}'
    """
    named = {parameter.symbol: sp.Symbol(parameter.printed, **parameter.symbol.assumptions0)
             for parameter in problem.every_parameter}
    return to_latex(sp.sympify(expression).xreplace(named))


def _lines(problem: Problem, left: str, expression: Any, right: str = "") -> str:
    """Return a formula in lines: what is closed in one, then each average in a line of its own."""
    terms = sp.Add.make_args(sp.sympify(expression))
    averages = [term for term in terms if term.has(Mean)]
    closed = sp.Add(*[term for term in terms if not term.has(Mean)])
    parts = [*([closed] if closed != 0 else []), *averages]
    written = [printed(problem, part) for part in parts]
    signed = [written[0], *[part if part.startswith("-") else f"+ {part}" for part in written[1:]]]
    rows = [left + signed[0], *[rf"\qquad {part}" for part in signed[1:]]]
    rows[-1] += right
    return "\n".join(rf"\fitted{{{row}}}" for row in rows)


def _text(words: str) -> str:
    return _SPECIAL.sub(r"\\\1", words)


def _symbols(problem: Problem) -> str:
    order = zip(problem.students.state, problem.students.meanings, strict=True)
    rows = [rf"${to_latex(symbol)}$ & {meaning} \\" for symbol, meaning in order]
    rows += [rf"${to_latex(scalar.symbol)}$ & {_text(scalar.meaning)} \\" for scalar in problem.free]
    rows += [rf"${parameter.printed}$ & {_text(parameter.meaning)} (\texttt{{{_text(parameter.name)}}}) \\"
             for parameter in problem.every_parameter]
    return "\n".join([r"\begin{longtable}{lp{0.8\textwidth}}", *rows, r"\end{longtable}"])


def _label(problem: Problem) -> str:
    law = problem.data.label
    if isinstance(law, Unlabelled):
        strength, noise = printed(problem, problem.data.signal), printed(problem, problem.data.noise)
        return rf"x = \sqrt{{{strength}/N}}\,w_*c + \sqrt{{{noise}}}\,n"
    if isinstance(law, LinearLabel):
        given = sp.sqrt(law.signal) * teacher + sp.sqrt(law.noise) * sp.Symbol("epsilon")
        return (rf"y = {printed(problem, given)}"
                r",\quad \epsilon\sim\mathcal N(0,1)")
    if isinstance(law, SignLabel):
        return rf"P(y = 1\mid t) = {printed(problem, law.probability)}"
    kind = r"\text{, the cluster of the sample}" if isinstance(law, ClusterLabel) else ""
    return rf"P(y = 1) = {printed(problem, law.share)}{kind}"


def _step(problem: Problem, step: Step, verdict: Verdict) -> str:
    typed = step.typed if isinstance(step.typed, tuple) else (step.typed,)
    paired = isinstance(step.subject, sp.Tuple) and len(step.subject) == len(typed)
    subjects = step.subject if paired else (step.subject,) * len(typed)
    lines = [rf"\begin{{dmath*}}{to_latex(left)} = {printed(problem, entry)}\end{{dmath*}}"
             for left, entry in zip(subjects, typed, strict=True)]
    return "\n".join([*lines, rf"\verdict{{{_text(step.title)}}}{{{_text(str(verdict))}}}"])


def _matrices(problem: Problem) -> str:
    """Say what the letters of the derivation stand for where all is stated in matrices."""
    if not problem.quadratic:
        return ""
    from vaesym.replica.determinants.moves import named
    from vaesym.replica.students import replica_problem

    rows = [rf"\begin{{dmath*}}{to_latex(letter)} = {printed(problem, meant)}\end{{dmath*}}"
            for letter, meant in named(replica_problem(problem)).items()]
    return "\n".join([
        r"Weights of $n$ replicas at temperature $T$ have the overlaps $\Omega$ between two and $\Omega + T\chi$ "
        r"within one, and $\mu$ with the planted direction; $A$ and $c_0$ are matrix and constant of the loss, $C$ is "
        r"the covariance of the fields. $\Delta$, $O$ and $B$ are any blocks.", *rows])


def _minimised(problem: Problem) -> str:
    """Say over what is minimised, and what."""
    if not problem.quadratic:
        return (r"Over one vector of weights $w$, with fields $u^\mu = w\cdot x^\mu/\sqrt N$, "
                r"$t^\mu = w_*\cdot x^\mu/\sqrt N$ of $P = \alpha N$ samples, minimise"
                r"\[ \sum_\mu \ell(u^\mu, y^\mu) + \sum_i r(w_i) \]")
    fields = ", ".join(rf"${to_latex(s.field)}^\mu = {to_latex(s.weight)}\cdot x^\mu/\sqrt N$" for s in
                       problem.students.each)
    beside = [f"${to_latex(scalar.symbol)}$" for scalar in problem.free]
    also = f" and the extremum over {', '.join(beside)}" if beside else ""
    return (rf"With fields {fields} of $P = \alpha N$ samples, take the minimum over all weights{also} of"
            r"\[ \sum_\mu \ell^\mu + \sum_i r_i \]")


def document(theory: Theory) -> str:
    """Return the theory as a LaTeX document that compiles by itself, every step with its verdict."""
    problem, verdicts = theory.problem, theory.check()
    equations = [_lines(problem, "", expression, " = 0") for expression in theory.equations.values()]
    source = rf"Source of the problem: {_text(problem.source)}." if problem.source else ""
    return "\n".join([
        _PREAMBLE, rf"\title{{{_text(problem.title or problem.name)}}}\date{{}}\author{{}}", r"\begin{document}",
        r"\maketitle", r"\section*{Symbols}", _symbols(problem), r"\section*{The problem}",
        _minimised(problem),
        rf"\begin{{dmath*}} \ell = {printed(problem, problem.loss)} \end{{dmath*}}",
        rf"\begin{{dmath*}} r = {printed(problem, problem.penalty)} \end{{dmath*}}",
        rf"\begin{{dmath*}} {_label(problem)} \end{{dmath*}}", source, r"\section*{Free energy}",
        r"The least loss over $N$ is the extremum over the order parameters and their conjugates of",
        _lines(problem, "f = ", theory.free_energy),
        r"\section*{Stationarity}", *equations, r"\section*{Stability}",
        r"Replica symmetry is stable where this is at most 1:",
        rf"\fitted{{{printed(problem, theory.replicon)}}}", r"\section*{Derivation}", _matrices(problem),
        *[_step(problem, step, verdicts[step.label]) for step in theory.steps], r"\end{document}", ""])


def write(theory: Theory, folder: str | Path) -> Path:
    """Write the document into a folder, which is made if it is not there, and return its path."""
    path = Path(folder) / f"{theory.problem.name}.tex"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document(theory), encoding="utf-8")
    return path
