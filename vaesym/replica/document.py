"""The theory of a problem as a document of its own: title, symbols, what is minimised, the formula, the derivation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sympy as sp

from vaesym.algebra import Step, Verdict, to_latex
from vaesym.problem import (
    ClusterLabel,
    Clusters,
    CountLabel,
    DiscreteLabel,
    LinearLabel,
    Problem,
    RandomLabel,
    RealLabel,
    SignLabel,
    Unlabelled,
    labelled,
    numbered,
    planted,
    teacher,
)
from vaesym.problem.problem import alpha
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


def _meanings(problem: Problem) -> list[str]:
    """Return what each order parameter is where there are several planted directions."""
    students = problem.students
    own = len(students.pairs)
    overlaps = [f"overlap of the {student.name} with planted direction {a + 1} over $N$"
                for student in students.each for a in range(problem.data.directions)]
    return [*students.meanings[:own], *overlaps, *students.meanings[-own:]]


def _symbols(problem: Problem) -> str:
    order = (zip(problem.students.state, problem.students.meanings, strict=True) if problem.data.directions == 1
             else zip(labelled.state_symbols(problem), _meanings(problem), strict=True))
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
    assert isinstance(law, ClusterLabel | RandomLabel)
    kind = r"\text{, the cluster of the sample}" if isinstance(law, ClusterLabel) else ""
    return rf"P(y = 1) = {printed(problem, law.share)}{kind}"


def _law(problem: Problem) -> str:
    """Return the law of the label in lines of its own, case by case where it is a general one."""
    law = problem.data.label
    if not isinstance(law, Clusters | CountLabel | DiscreteLabel | RealLabel):
        return rf"\begin{{dmath*}} {_label(problem)} \end{{dmath*}}"
    ys = [to_latex(y) for y in labelled.label_symbols(problem)]
    names = ys[0] if len(ys) == 1 else rf"({', '.join(ys)})"
    rows = []
    for case in labelled.branches(problem):
        chance = printed(problem, case.chance)
        if case.most >= 0:
            end = "" if case.most == float("inf") else rf", {case.most}"
            rows.append(rf"P({names}\mid t) = {chance},\quad {names} = 0, 1, \dots{end}")
            continue
        values = [printed(problem, value) for value in case.values]
        row = f"{names} = {values[0] if len(ys) == 1 else '(' + ', '.join(values) + ')'}"
        if any(case.center):
            along = numbered(planted, problem.data.directions)
            center = printed(problem, sp.Add(*[c * w for c, w in zip(case.center, along, strict=True)]))
            row += rf",\quad\text{{centre }} \sqrt{{{printed(problem, problem.data.signal)}/N}}\,({center})"
        if case.variance != 1:
            row += rf",\quad v = {printed(problem, case.variance)}"
        rows.append(row if case.chance == 1 else rf"{row},\quad\text{{with probability }} {chance}")
    return "\n".join(rf"\fitted{{{row}}}" for row in rows)


def _strengths(problem: Problem) -> tuple[str, str, str]:
    """Return η, √η and √ρ as factors, without those that are 1; with v beside η where clusters differ in it."""
    eta, rho = problem.data.noise, problem.data.signal
    eta = eta * sp.Symbol("v") if _unlike(problem) else eta
    parts = ((eta, "{}"), (eta, r"\sqrt{{{}}}"), (rho, r"\sqrt{{{}}}"))
    first, second, third = ("" if part == 1 else text.format(printed(problem, part)) + r"\," for part, text in parts)
    return first, second, third


def _unlike(problem: Problem) -> bool:
    """Whether clusters differ in the variance v of their noise, over η."""
    return any(case.variance != 1 for case in labelled.branches(problem))


def _free_energy(theory: Theory) -> str:
    """Return the free energy; that of two students with their fields named."""
    problem = theory.problem
    if not (problem.general and problem.students.count == 2):
        return _lines(problem, "f = ", theory.free_energy)
    fields = [to_latex(u) for u in problem.students.fields]
    decay = printed(problem, sp.Add(*[d * q.norm / 2 for d, q in zip(labelled.decays(problem), problem.students.each,
                                                                     strict=True)]))
    eta, root, rho = _strengths(problem)
    return "\n".join([
        r"\fitted{f = -\tfrac12\operatorname{tr}\chi^{-1}(\Omega-\mu\mu^T) + " + decay +
        rf" + \alpha\,\mathbb E\min_{{{fields[0]},{fields[1]}}}"
        r"\Big[\ell + \tfrac12(u-\omega)^TV^{-1}(u-\omega)\Big]}",
        rf"with $u = ({', '.join(fields)})$, $V = {eta}\chi$, matrices $\Omega$, $\mu$, $\chi$ of the order parameters "
        rf"above, {'$v$ as the cluster of the sample has it, ' if _unlike(problem) else ''}"
        r"$c$ the centre of the sample, $t$ the teachers' fields, and "
        rf"$\omega = {rho}\mu c + \mu t + {root}L\zeta$, $LL^T = \Omega - \mu\mu^T$, $\zeta$ standard "
        r"normal."])


def _stationarity(theory: Theory) -> list[str]:
    """Return the equations; those of two students by the gradient g and the answer H of the least loss."""
    problem = theory.problem
    if not (problem.general and problem.students.count == 2):
        return [_lines(problem, "", expression, " = 0") for expression in theory.equations.values()]
    eta, _, rho = _strengths(problem)
    decays = ", ".join(printed(problem, decay) for decay in labelled.decays(problem))
    biases = [rf"\fitted{{\mathbb E\,g_{{{to_latex(problem.students.fields[i])}}} = 0}}"
              for i in labelled.bias_of(problem)]
    return [rf"With $g = V^{{-1}}(\omega-u)$ and $H = \partial g/\partial\omega$ at the minimum, and the weight decays "
            rf"$\Lambda = \operatorname{{diag}}({decays})$:",
            rf"\fitted{{\chi^{{-1}} = \Lambda + \alpha\,\mathbb E\,{eta}H}}",
            rf"\fitted{{\chi^{{-1}}(\Omega-\mu\mu^T)\chi^{{-1}} = \alpha\,\mathbb E\,{eta}gg^T}}",
            rf"\fitted{{\Lambda\mu = -\alpha\,\mathbb E\,g\,({rho}c + t)^T}}", *biases]


def _replicon(theory: Theory) -> str:
    """Return the number up to which 1 is stable."""
    problem = theory.problem
    if problem.general and problem.students.count == 2:
        factor = printed(problem, alpha * problem.data.noise**2)
        wide = "v^2\\," if _unlike(problem) else ""
        return (rf"{factor}\,\max|\operatorname{{eig}}\big(\mathbb{{E}}[{wide}H\otimes H]\,(\chi\otimes\chi)\big)|"
                r",\quad H = (I + \ell''V)^{-1}\ell''\text{ at the least loss near }\omega")
    return printed(problem, theory.replicon)


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


def _minimised_labelled(problem: Problem) -> str:
    fields = ", ".join(rf"${to_latex(s.field)}^\mu = {to_latex(s.weight)}\cdot x^\mu/\sqrt N$"
                       for s in problem.students.each)
    ts = ", ".join(f"${to_latex(t)}$" for t in labelled.outer_symbols(problem)[0])
    known = rf", teachers' fields {ts} of variance ${printed(problem, problem.data.noise)}$"
    beside = "".join(f" and ${to_latex(scalar.symbol)}$" for scalar in problem.free)
    return (rf"With fields {fields} of $P = \alpha N$ samples{known if labelled.knows_teacher(problem) else ''}, "
            rf"minimise over all weights{beside}" r"\[ \sum_\mu \ell^\mu + \sum_i r_i \]")


def _minimised(problem: Problem) -> str:
    """Say over what is minimised, and what."""
    if problem.general:
        return _minimised_labelled(problem)
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
    source = rf"Source of the problem: {_text(problem.source)}." if problem.source else ""
    return "\n".join([
        _PREAMBLE, rf"\title{{{_text(problem.title or problem.name)}}}\date{{}}\author{{}}", r"\begin{document}",
        r"\maketitle", r"\section*{Symbols}", _symbols(problem), r"\section*{The problem}",
        _minimised(problem),
        rf"\begin{{dmath*}} \ell = {printed(problem, problem.loss)} \end{{dmath*}}",
        rf"\begin{{dmath*}} r = {printed(problem, problem.penalty)} \end{{dmath*}}",
        _law(problem), source, r"\section*{Free energy}",
        r"The least loss over $N$ is the extremum over the order parameters and their conjugates of",
        _free_energy(theory), r"\section*{Stationarity}", *_stationarity(theory), r"\section*{Stability}",
        r"Replica symmetry is stable where this is at most 1:",
        rf"\fitted{{{_replicon(theory)}}}", r"\section*{Derivation}", _matrices(problem),
        *[_step(problem, step, verdicts[step.label]) for step in theory.steps], r"\end{document}", ""])


def write(theory: Theory, folder: str | Path) -> Path:
    """Write the document into a folder, which is made if it is not there, and return its path."""
    path = Path(folder) / f"{theory.problem.name}.tex"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document(theory), encoding="utf-8")
    return path
