"""Chapters as LaTeX: formulas from the objects that are checked, long ones broken over lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.frame.claims import CLAIMS, Claim
from derivations.frame.prose import bibliography, cite, text
from vaesym.algebra import Kind, Step, Verdict, to_latex
from vaesym.linear_vae.statement.symbols import TABLE

_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage[margin=27mm]{geometry}
\usepackage{amsmath,amssymb,longtable,array,booktabs,xcolor}
\usepackage{breqn}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\setlength{\LTcapwidth}{\textwidth}
\emergencystretch=3em
\hbadness=10000
\allowdisplaybreaks
\numberwithin{equation}{section}
\newcommand{\verdict}[3]{\nopagebreak{\small\textcolor{gray}{\emph{#1}\quad #2\quad #3}}\par\medskip}
"""

_TITLE = r"""\begin{titlepage}
\centering\vspace*{45mm}
{\huge The exact theory of the linear\\[4mm] variational autoencoder\par}\vspace{14mm}
{\large Posterior collapse, phases, rate and distortion,\\ derived step by step and checked by machine\par}\vspace{30mm}
{\large vaesym %s\par}\vspace{8mm}
{%s\par}
\vfill
\begin{minipage}{0.8\textwidth}\small
Every numbered equation is a \emph{step}: a move that computes a result, and a statement typed independently of it. The
verdict under an equation says how the two were compared: \emph{identity} if computer algebra reduced their difference
to exact zero, \emph{numeric} if they agree to at least 50 digits at seeded points of the stated domains, which is
evidence and not proof. All equations are printed from the objects that were checked.
\end{minipage}
\vspace*{20mm}
\end{titlepage}
"""
#: The width of a line, in characters of a formula.
_LINE = 62


def equations(step: Step) -> list[str]:
    """Return the lines of a step's statement: a tuple of results in a row, or one below the other if it is long."""
    if isinstance(step.typed, sp.MatrixBase) and step.typed.is_zero_matrix:
        return [rf"{to_latex(step.subject)} = 0"]
    if not isinstance(step.typed, (tuple, list)):
        return [step.latex()]
    named = isinstance(step.subject, sp.Tuple) and len(step.subject) == len(step.typed)
    if not named:
        if all(entry == 0 for entry in step.typed):
            return [rf"{to_latex(step.subject)} = 0"]
        whole = rf"{to_latex(step.subject)} = " + r",\quad ".join(to_latex(sp.sympify(entry)) for entry in step.typed)
        if _width(whole) <= _LINE:
            return [whole]
        numbered = [rf"\left[{to_latex(step.subject)}\right]_{{{i + 1}}}" for i in range(len(step.typed))]
        return [f"{left} = {to_latex(entry)}" for left, entry in zip(numbered, step.typed, strict=True)]
    pairs = [f"{to_latex(left)} = {to_latex(entry)}" for left, entry in zip(step.subject, step.typed, strict=True)]
    together = r",\qquad ".join(pairs)
    return [together] if _width(together) <= _LINE else pairs


def _width(latex: str) -> int:
    """About how many characters wide a formula is printed; fractions count once, the wider of both parts."""
    flat = latex
    for _ in range(4):
        flat = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", lambda found: max(found[1], found[2], key=len), flat)
    return len(re.sub(r"\\[a-zA-Z]+ ?|[{}_^ ]", lambda found: "x" if found[0][0] == "\\" else "", flat))


def _given(step: Step) -> str:
    """What is assumed, in words, and the relations under which the statement was checked."""
    relations = [to_latex(condition) for condition in step.conditions]
    parts = [text("; ".join(step.premises).rstrip("."))] if step.premises else []
    parts += [rf"${relation}$" for relation in relations if _width(relation) <= _LINE]
    return rf"\par\nopagebreak\emph{{Given:}} {'; '.join(parts)}.\par" if parts else ""


def _step(chapter: str, step: Step, verdict: Verdict) -> str:
    given = _given(step)
    label = rf"\label{{{chapter}:{step.label}}}"
    lines = equations(step)
    # Results in a row are short: nothing is to break them at their signs.
    row = len(lines) == 1 and isinstance(step.typed, (tuple, list))
    environment = "equation" if row else "dmath"
    body = [rf"\begin{{{environment}}}", label, lines[0], rf"\end{{{environment}}}"]
    for line in lines[1:]:
        body += [r"\begin{dmath*}", line, r"\end{dmath*}"]
    why = rf"{{\small Why numeric: {text(step.numeric_only)}}}\par" if verdict.kind is Kind.NUMERIC else ""
    checked = rf"\verdict{{{text(step.title)}}}{{{cite(step.source)}}}{{{text(str(verdict))}}}"
    return "\n".join(part for part in (step.prose, given, *body, checked, why, "") if part != "") + "\n\n"


def _symbol_table() -> str:
    rows = "\n".join(rf"${to_latex(q.symbol)}$ & {text(q.meaning)} & {text(q.stated_domain)} \\" for q in TABLE)
    head = r"\textbf{symbol} & \textbf{meaning} & \textbf{domain} \\ \midrule \endhead"
    return (r"\section*{Symbols}\addcontentsline{toc}{section}{Symbols}" "\n"
            r"\begin{longtable}{lp{0.66\textwidth}l}" "\n" rf"{head}" "\n" rf"{rows}" "\n" r"\end{longtable}" "\n")


def _claim(claim: Claim, verdicts: Mapping[str, Mapping[str, Verdict]]) -> str:
    places = ", ".join(rf"\eqref{{{chapter}:{label}}}" for chapter, label in claim.proof)
    remark = re.sub(r"\[(IH|LZ)\]", r"\\cite{\1}", f" {claim.remark}") if claim.remark else ""
    return (rf"\textbf{{{claim.label}}} & {cite(claim.source)} & {claim.statement}{remark} "
            rf"\emph{{Proof:}} {places}. & {claim.verdict(verdicts).value} \\[3pt]")


def _claims_table(verdicts: Mapping[str, Mapping[str, Verdict]]) -> str:
    rows = "\n".join(_claim(claim, verdicts) for claim in CLAIMS)
    return (r"\section{All claims}\label{chapter:claims}" "\n"
            "C1--C4 are claims of the papers; the others are new. "
            "Where a claim speaks of replicas it rests on replica symmetry. "
            "The verdict of a claim is the weakest of its steps: it says that the formulas on which the claim rests "
            "are derived; the text around the steps says how they join.\n\n"
            r"\begin{longtable}{lp{0.15\textwidth}p{0.58\textwidth}l}" "\n"
            r"& \textbf{source} & \textbf{claim} & \textbf{verdict} \\ \midrule \endhead" "\n"
            rf"{rows}" "\n" r"\end{longtable}" "\n")


def chapter_latex(chapter: Chapter, verdicts: Mapping[str, Verdict]) -> str:
    """Return the body of a chapter: introduction, then every step with its equation and verdict."""
    body = "".join(_step(chapter.name, step, verdicts[label]) for label, step in chapter.items())
    return rf"\section{{{chapter.title}}}\label{{chapter:{chapter.name}}}" + "\n" + chapter.introduction + "\n\n" + body


def document(chapters: Mapping[str, Chapter], verdicts: Mapping[str, Mapping[str, Verdict]]) -> str:
    """Return the main file: title, contents, symbols, the chapters' files, claims (if all are there), bibliography."""
    every = [verdict.kind for steps in verdicts.values() for verdict in steps.values()]
    count = f"{len(every)} steps: {every.count(Kind.IDENTITY)} identities, {every.count(Kind.NUMERIC)} numeric"
    inputs = "\n".join(rf"\input{{{name}}}" for name in chapters)
    complete = all(chapter in verdicts for claim in CLAIMS for chapter, _ in claim.proof)
    claims = r"\input{claims}" "\n" if complete else ""
    title = _TITLE % (version("vaesym"), count)
    return (_PREAMBLE + r"\begin{document}" "\n" + title + r"\tableofcontents\clearpage" "\n"
            + _symbol_table() + inputs + "\n" + claims + bibliography() + r"\end{document}" "\n")


def write_book(folder: Path, chapters: Mapping[str, Chapter],
               verdicts: Mapping[str, Mapping[str, Verdict]]) -> list[Path]:
    """Write one ``.tex`` a chapter, ``claims.tex`` if all chapters are there, and ``book.tex``; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = {name: chapter_latex(chapter, verdicts[name]) for name, chapter in chapters.items()}
    main = document(chapters, verdicts)
    if r"\input{claims}" in main:
        sources["claims"] = _claims_table(verdicts)
    sources["book"] = main
    written = []
    for name, source in sources.items():
        path = folder / f"{name}.tex"
        path.write_text(source, encoding="utf-8")
        written.append(path)
    return written
