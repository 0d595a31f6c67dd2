"""Chapters as LaTeX: formulas from the objects that are checked, long ones broken over lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from derivations.chapter import Chapter
from vaesym.algebra import Step, Verdict
from vaesym.model.symbols import TABLE

_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[margin=25mm]{geometry}
\usepackage{amsmath,amssymb,longtable}
\usepackage{breqn}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
"""

_UNICODE = {
    "α": r"$\alpha$", "β": r"$\beta$", "λ": r"$\lambda$", "ρ": r"$\rho$", "η": r"$\eta$", "χ": r"$\chi$",
    "μ": r"$\mu$", "Λ": r"$\Lambda$", "Δ": r"$\Delta$", "√": r"$\sqrt{\ }$", "→": r"$\to$", "∞": r"$\infty$",
    "≻": r"$\succ$", "≥": r"$\ge$", "≤": r"$\le$", "⁻¹": r"$^{-1}$", "ᵀ": r"$^T$", "²": r"$^2$", "‖": r"$\|$",
    "<": "$<$", ">": "$>$", "⊗": r"$\otimes$", "·": r"$\cdot$", "∈": r"$\in$", "Ĝ": r"$\hat G$", "Ω": r"$\Omega$",
    "σ": r"$\sigma$",
}


def text(words: str) -> str:
    r"""Return plain words as LaTeX text, Greek letters and signs as mathematics.

    >>> text("α > (η/ρ)²")
    '$\\alpha$ $>$ ($\\eta$/$\\rho$)$^2$'
    """
    for character, command in _UNICODE.items():
        words = words.replace(character, command)
    return words.replace("&", r"\&").replace("%", r"\%").replace("#", r"\#")


def _step(step: Step, verdict: Verdict) -> str:
    given = rf"\emph{{Given:}} {text('; '.join(step.premises))}\par" if step.premises else ""
    checked = rf"{{\small\textit{{{text(step.title)}}} [{text(step.source)}]: {text(str(verdict))}.}}"
    return "\n".join(part for part in (
        step.prose, given, r"\begin{dmath}", rf"\label{{{step.label}}}", step.latex(), r"\end{dmath}", checked, "",
    ) if part != "") + "\n\n"


def _symbol_table() -> str:
    rows = "\n".join(rf"${q.symbol._repr_latex_().strip('$').replace(chr(92) + 'displaystyle ', '')}$ & "
                     rf"{text(q.meaning)} & {text(q.stated_domain)} \\" for q in TABLE)
    return (r"\section*{Symbols}" "\n" r"\begin{longtable}{lll}" "\n" rf"{rows}" "\n" r"\end{longtable}" "\n")


def chapter_latex(chapter: Chapter, verdicts: Mapping[str, Verdict]) -> str:
    """Return the body of a chapter: introduction, then every step with its equation and verdict."""
    body = "".join(_step(step, verdicts[label]) for label, step in chapter.items())
    return rf"\section{{{chapter.title}}}" + "\n" + chapter.introduction + "\n\n" + body


def document(chapters: Mapping[str, Chapter]) -> str:
    """Return the main file that includes the chapters' files."""
    inputs = "\n".join(rf"\input{{{name}}}" for name in chapters)
    return (_PREAMBLE + r"\title{The exact theory of the linear variational autoencoder}" "\n"
            r"\author{derived and checked by vaesym}" "\n" r"\date{}" "\n" r"\begin{document}" "\n"
            r"\maketitle" "\n" r"\tableofcontents" "\n" + _symbol_table() + inputs + "\n" r"\end{document}" "\n")


def write_book(folder: Path, chapters: Mapping[str, Chapter],
               verdicts: Mapping[str, Mapping[str, Verdict]]) -> list[Path]:
    """Write one ``.tex`` a chapter and ``book.tex``, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, chapter in chapters.items():
        path = folder / f"{name}.tex"
        path.write_text(chapter_latex(chapter, verdicts[name]), encoding="utf-8")
        written.append(path)
    main = folder / "book.tex"
    main.write_text(document(chapters), encoding="utf-8")
    return [*written, main]
