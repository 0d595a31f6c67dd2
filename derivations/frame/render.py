"""Chapters as LaTeX: formulas from the objects that are checked, long ones broken over lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import sympy as sp

from derivations.frame.chapter import Chapter, Plate, Volume
from derivations.frame.claims import CLAIMS, Claim
from derivations.frame.prose import bibliography, cite, text
from vaesym.algebra import Kind, Step, Verdict, to_latex

Verdicts = Mapping[str, Mapping[str, Verdict]]

_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage{lmodern}
\usepackage[margin=27mm]{geometry}
\usepackage{amsmath,amssymb,longtable,array,booktabs,xcolor,graphicx,needspace,multicol}
\usepackage{breqn}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\setlength{\LTcapwidth}{\textwidth}
\emergencystretch=3em
\hbadness=10000
\widowpenalty=10000
\clubpenalty=10000
\makeatletter
\renewcommand*{\l@section}{\@dottedtocline{1}{0em}{1.8em}}
\makeatother
\allowdisplaybreaks
\numberwithin{equation}{section}
\renewcommand{\topfraction}{0.85}
\renewcommand{\textfraction}{0.1}
\renewcommand{\floatpagefraction}{0.8}
\newcommand{\note}[1]{\nopagebreak{\small #1}\par}
"""

_TITLE = r"""\hypersetup{pageanchor=false}
\begin{titlepage}
\centering\vspace*{45mm}
{\huge %s\par}\vspace{14mm}
{\large %s\par}\vspace{30mm}
{\large vaesym %s\par}\vspace{8mm}
{%s\par}
\vfill
\begin{minipage}{0.8\textwidth}\small
Every numbered equation is a \emph{step}: a move that computes a result, and a statement typed independently of it.
Computer algebra reduced the difference of the two to exact zero, after both had been compared at eight points to 50
digits, unless a note under the equation says otherwise: \emph{argued} where words carry the named part of the proof,
\emph{numeric} where the two only agree at points, which is evidence and not proof. An inequality is shown by the form
of the statement, every term of which has its sign. All equations are printed from the objects that were checked. What
is proved is the equality of each move and its statement; how the steps join into a claim is said in the text, and a
claim is no stronger than the weakest of its parts.
\end{minipage}
\vspace*{20mm}
\end{titlepage}
\hypersetup{pageanchor=true}
"""
#: The width of a line, in characters of a formula.
_LINE = 62
#: The same of results in a row, beside which the number of the equation has to fit.
_ROW = 57


def equations(step: Step) -> list[str]:
    """Return the lines of a step's statement: a tuple of results in a row, or one below the other if it is long."""
    if isinstance(step.typed, sp.MatrixBase) and step.typed.is_zero_matrix:
        return [rf"{to_latex(step.subject)} = 0"]
    if not isinstance(step.typed, (tuple, list)):
        return [step.latex() + _sign(step)]
    named = isinstance(step.subject, sp.Tuple) and len(step.subject) == len(step.typed)
    if not named:
        if all(entry == 0 for entry in step.typed):
            return [rf"{to_latex(step.subject)} = 0"]
        pair = to_latex(step.subject).startswith("(")
        row = (r",\;" if pair else r",\quad ").join(to_latex(sp.sympify(entry)) for entry in step.typed)
        row = rf"\left({row}\right)" if pair else row
        whole = rf"{to_latex(step.subject)} = {row}"
        if _width(whole) <= _ROW:
            return [whole]
        numbered = [rf"\left[{to_latex(step.subject)}\right]_{{{i + 1}}}" for i in range(len(step.typed))]
        return [f"{left} = {to_latex(entry)}" for left, entry in zip(numbered, step.typed, strict=True)]
    pairs = [f"{to_latex(left)} = {to_latex(entry)}" for left, entry in zip(step.subject, step.typed, strict=True)]
    together = r",\qquad ".join(pairs)
    return [together] if _width(together) <= _ROW else pairs


def _width(latex: str) -> int:
    """About how many characters wide a formula is printed; fractions count once, the wider of both parts."""
    flat = latex
    for _ in range(4):
        flat = re.sub(r"\\frac\{([^{}]*)\}\{([^{}]*)\}", lambda found: max(found[1], found[2], key=len), flat)
    return len(re.sub(r"\\[a-zA-Z]+ ?|[{}_^ ]", lambda found: "x" if found[0][0] == "\\" else "", flat))


def _sign(step: Step) -> str:
    # In braces the sign is no place to break the line.
    return {0: "", 1: r"\;{>}\,0", -1: r"\;{<}\,0"}[step.sign]


def _bare(words: str) -> str:
    """LaTeX without dollar signs and spaces, to tell whether two texts say the same."""
    return re.sub(r"[$\s]", "", words)


def _says(words: str, condition: sp.Basic) -> bool:
    """Whether words are a relation, too, and between the same letters: (η/ρ)² is α_B."""
    if not re.search("[<>≤≥]", words):
        return False
    said = text(words.replace("α_B", "η/ρ"))
    return all(to_latex(symbol) in said for symbol in condition.free_symbols)


def given(step: Step) -> str:
    """Return what is assumed: in words, and the relations that the words do not have."""
    premises = text("; ".join(step.premises).rstrip("."))
    # Letters without assumptions: with theirs a condition on one might be true at once, and vanish.
    letters = {meant: sp.Symbol(letter.name) for letter, meant in step.where.items()
               if isinstance(letter, sp.Symbol) and (meant.is_Add or meant.is_Mul)}
    relations = [to_latex(condition.xreplace(letters)) for condition in step.conditions]
    parts = [premises] if premises else []
    # A premise that says of a matrix that it is positive stands for the relations between its entries.
    parts += [rf"${relation}$" for condition, relation in zip(step.conditions, relations, strict=True)
              if "≻" not in " ".join(step.premises) and _width(relation) <= _LINE
              and _bare(relation) not in _bare(premises)
              and not any(_says(words, condition) for words in step.premises)]
    return "; ".join(parts)


def _step(chapter: Chapter, step: Step, verdict: Verdict) -> str:
    source = "" if step.source in ("new", "textbook") else cite(step.source)
    source = source if not source or source.startswith(r"\cite") else rf"{{\small({source})}}"
    shown = [rf"Figure~\ref{{figure:{plate.name}}}" for plate in chapter.plates if plate.after == step.label]
    assumed = " ".join(filter(None, [rf"{{\small({given(step)})}}" if given(step) else "", source,
                                     f"({' and '.join(shown)})" if shown else ""]))
    lines = equations(step)
    # Results in a row are short: nothing is to break them at their signs.
    row = len(lines) == 1 and isinstance(step.typed, (tuple, list))
    environment = "equation" if row else "dmath"
    size = r"[style={\small}]" if step.label in chapter.small and not row else ""
    body = [line for formula in lines for line in (
        rf"\begin{{{environment}}}{size}", formula, rf"\end{{{environment}}}",
        r"\nopagebreak\vspace{-\baselineskip}")][:-1]
    label = rf"\label{{{chapter.name}:{step.label}}}"
    # Several results have one number, and a letter each.
    body = [body[0], label, *body[1:]] if len(lines) == 1 else [
        r"\begin{subequations}" + label, *body, r"\end{subequations}"]
    carried = {Kind.NUMERIC: step.numeric_only or verdict.remark, Kind.ARGUED: verdict.remark}.get(verdict.kind)
    note = rf"\note{{\emph{{{verdict.kind.value.capitalize()}:}} {cite(carried or '')}}}" if carried else ""
    # What takes several lines, and a note, stays on one page with its words.
    room = [rf"\Needspace{{{_lines(step.prose, len(lines), note)}\baselineskip}}"] if note or len(lines) > 1 else []
    return "\n".join(part for part in (*room, step.prose, assumed, *body, note, "") if part != "") + "\n\n"


def _lines(words: str, formulas: int, note: str) -> int:
    """About how many lines a step takes that prints its words (the last dozen lines of them), formulas and a note."""
    printed = re.sub(r"\\[a-zA-Z]+|[{}$^_\\]", "", words)
    return min(-(-len(printed) // 95), 12) + 3 * formulas + (2 if note else 0)


def _plate(plate: Plate) -> str:
    return "\n".join([
        r"\begin{figure}[htbp]\centering",
        rf"\includegraphics[width={'' if plate.wide else '0.82'}\textwidth]{{{plate.name}}}",
        rf"\caption{{{plate.caption}}}\label{{figure:{plate.name}}}", r"\end{figure}"]) + "\n\n"


def chapter_latex(chapter: Chapter, verdicts: Mapping[str, Verdict]) -> str:
    """Return the body of a chapter: its question, every step with its equation, its figures, its answer."""
    parts = [rf"\section{{{chapter.title}}}\label{{chapter:{chapter.name}}}"]
    parts += [rf"\emph{{{chapter.question}}}"] if chapter.question else []
    parts += [chapter.introduction, ""]
    for label, step in chapter.items():
        parts.append(_step(chapter, step, verdicts[label]))
        parts += [_plate(plate) for plate in chapter.plates if plate.after == label]
    parts += [rf"\paragraph{{Answer.}} {chapter.answer}", ""] if chapter.answer else []
    return "\n".join(parts)


def _base(symbol: sp.Symbol) -> sp.Symbol:
    """The symbol without the numbers of latents and signals."""
    return sp.Symbol(re.sub(r"_?\d+$", "", symbol.name), **symbol.assumptions0)


def _symbol_table(volume: Volume, chapters: Mapping[str, Chapter]) -> str:
    known, first = {symbol for symbol, _, _ in volume.symbols}, {}
    for name, chapter in chapters.items():
        for step in chapter.values():
            parts = (step.statement, *step.conditions, *step.where.values())
            for symbol in {s for part in parts for s in part.atoms(sp.Symbol)}:
                first.setdefault(symbol if symbol in known else _base(symbol), name)
    rows = [rf"${to_latex(symbol)}$ & {text(meaning)} & {text(domain)} & \ref{{chapter:{first[symbol]}}} \\"
            for symbol, meaning, domain in volume.symbols if symbol in first]
    rows += [rf"${latex}$ & {meaning} & & \\" for latex, meaning in volume.notation]
    head = r"\textbf{symbol} & \textbf{meaning} & \textbf{domain} & \textbf{from} \\ \midrule \endhead"
    words = "The last column names the first chapter that has the letter in a numbered equation.\n"
    return "\n".join([r"\section*{Symbols}\addcontentsline{toc}{section}{Symbols}", words,
                      r"\begin{longtable}{lp{0.6\textwidth}ll}", head, *rows, r"\end{longtable}",
                      *_letters(volume, chapters)]) if rows else ""


def _alphabetical(letter: str) -> tuple[bool, str]:
    """Where a letter stands: by the letter under its accent, Greek behind Latin, capitals with their small ones."""
    bare = re.sub(r"\\(?:hat|bar|tilde|dot|math[a-z]+)|[{} ]", "", letter)
    return bare.startswith("\\"), bare.lower()


def _letters(volume: Volume, chapters: Mapping[str, Chapter]) -> list[str]:
    """What letters mean that have a meaning in single chapters, by letter, and which of them have one in the table."""
    rows: dict[str, dict[str, list[str]]] = {}
    for name in chapters:
        for letter, meaning in volume.letters.get(name, {}).items():
            rows.setdefault(letter, {}).setdefault(meaning, []).append(name)
    if not rows:
        return []
    tabled = {to_latex(symbol) for symbol, _, _ in volume.symbols}
    tabled |= {part.strip() for latex, _ in volume.notation for part in latex.split(r",\;")}

    def entry(letter: str) -> str:
        places = {meaning: ", ".join(rf"\ref{{chapter:{name}}}" for name in names)
                  for meaning, names in rows[letter].items()}
        meanings = "; ".join(f"{meaning} ({chapters})" for meaning, chapters in places.items())
        return rf"${letter}$: {meanings}{'; else as above' if letter in tabled else ''}\par"

    return [r"\begin{multicols}{2}[\textbf{Letters of single chapters}, whose numbers are in brackets. One that the "
            r"table has too is in all other chapters what it is there.]\small\raggedright\parskip=1pt\hangindent=1em",
            *map(entry, sorted(rows, key=_alphabetical)), r"\end{multicols}"]


def _claim(claim: Claim, verdicts: Verdicts) -> str:
    places = ", ".join(rf"\eqref{{{chapter}:{label}}}" for chapter, label in claim.proof)
    remark = re.sub(r"\[(IH2?|LZ)\]", r"\\cite{\1}", f" {claim.remark}") if claim.remark else ""
    words = rf" \emph{{Argued:}} {cite('; '.join(claim.carried(verdicts)))}." if claim.carried(verdicts) else ""
    return (rf"\phantomsection\label{{claim:{claim.label}}}\textbf{{{claim.label}}} ({cite(claim.source)}; "
            rf"\emph{{{claim.verdict(verdicts).value}}}). {claim.statement}{remark} "
            rf"{{\small\emph{{Steps:}} {places}.{words}}}" "\n")


def claims_latex(verdicts: Verdicts) -> str:
    """Return the chapter of all claims, with the steps and the words that carry each."""
    rows = [_claim(claim, verdicts) for claim in CLAIMS]
    return "\n".join([
        r"\section{All claims}\label{chapter:claims}",
        "C1--C4 are claims of the papers; the others are new. Where a claim speaks of replicas it rests on replica "
        "symmetry. The verdict of a claim is the weakest of its parts. It is \\emph{argued} if words carry one of "
        "them: "
        "which, is said.\n",
        *rows, ""])


def _claims_index(verdicts: Verdicts) -> str:
    """The claims with their pages, to stand before the chapters."""
    def pages(claim: Claim) -> str:
        return ", ".join(rf"\pageref{{{chapter}:{label}}}" for chapter, label in
                         sorted(
                             {chapter: (chapter, label) for chapter, label in reversed(claim.proof)}.values(),
                             key=lambda place: list(verdicts).index(place[0])))

    rows = [rf"{claim.label} & {text(claim.short)} & {claim.verdict(verdicts).value} & "
            rf"\pageref{{claim:{claim.label}}} & {pages(claim)} \\" for claim in CLAIMS]
    head = (r"& \textbf{claim} & \textbf{verdict} & \textbf{page} & \textbf{proof from} \\ \midrule \endhead")
    return "\n".join([r"\section*{Index of claims}\addcontentsline{toc}{section}{Index of claims}",
                      r"\begin{longtable}{lp{0.5\textwidth}lrl}", head, *rows, r"\end{longtable}", ""])


def _steps_index(chapters: Mapping[str, Chapter], verdicts: Verdicts) -> str:
    rows = [rf"\eqref{{{name}:{label}}} & {text(step.title)} & {cite(step.source)} & "
            rf"{verdicts[name][label].kind.value} & \pageref{{{name}:{label}}} \\"
            for name, chapter in chapters.items() for label, step in chapter.items()]
    head = r"& \textbf{step} & \textbf{source} & \textbf{verdict} & \textbf{page} \\ \midrule \endhead"
    return "\n".join([r"\Needspace{12\baselineskip}",
                      r"\section*{Index of steps}\addcontentsline{toc}{section}{Index of steps}", r"{\small",
                      r"\begin{longtable}{lp{0.4\textwidth}p{0.24\textwidth}lr}", head, *rows, r"\end{longtable}}", ""])


def document(chapters: Mapping[str, Chapter], verdicts: Verdicts, volume: Volume) -> str:
    """Return the main file: title, contents, symbols, the chapters' files, claims (if all are there), indices."""
    kinds = [verdict.kind for steps in verdicts.values() for verdict in steps.values()]
    counts = ", ".join(f"{kinds.count(kind)} {kind.value}" for kind in Kind if kind in kinds)
    complete = all(label in verdicts.get(chapter, {}) for claim in CLAIMS for chapter, label in claim.proof)
    title = _TITLE % (volume.title, volume.subtitle, version("vaesym"), f"{len(kinds)} steps: {counts}")
    parts = [_PREAMBLE + r"\begin{document}", title, r"\tableofcontents\clearpage"]
    parts += [_claims_index(verdicts)] if complete else []
    parts += [_symbol_table(volume, chapters), *[rf"\input{{{name}}}" for name in chapters]]
    parts += [r"\input{claims}"] if complete else []
    parts += [_steps_index(chapters, verdicts), r"\input{bibliography}", r"\end{document}", ""]
    return "\n".join(parts)


def norms(latex: str) -> str:
    """LaTeX in which the bars of a norm open and close it: breqn sets what follows plain bars without its space."""
    return re.sub(r"\\\|([^|$]*?)\\\|", r"\\lVert \1\\rVert ", latex)


def referred(source: str, present: Sequence[str], titles: Mapping[str, str]) -> str:
    r"""Return LaTeX in which references to chapters that are not present name their titles.

    >>> referred(r"see Chapter~\ref{chapter:phases}.", [], {"phases": "Phases"})
    "see the chapter ``Phases''."
    """
    def named(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name in present or name not in titles:
            return found[0]
        return f"the chapter ``{titles[name]}''" if found[1] else f"(in the chapter ``{titles[name]}'')"

    return re.sub(r"Chapter~\\ref\{chapter:([\w-]+)\}|\\eqref\{([\w-]+):[\w-]+\}", named, source)


def write_book(folder: Path, chapters: Mapping[str, Chapter], verdicts: Verdicts, volume: Volume,
               figures: Sequence[str] = ("pdf",)) -> list[Path]:
    """Write one ``.tex`` a chapter, ``claims.tex`` if all chapters are there, ``book.tex`` and the figures.

    Parameters
    ----------
    folder : where to write; made if it is not there
    chapters, verdicts : by name, and by label within
    volume : title, symbols and what else a book has
    figures : the kinds of files in which figures are written

    Returns
    -------
    list of Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    sources = {name: chapter_latex(chapter, verdicts[name]) for name, chapter in chapters.items()}
    main = document(chapters, verdicts, volume)
    if r"\input{claims}" in main:
        sources["claims"] = claims_latex(verdicts)
    sources["bibliography"] = bibliography(*sources.values(), main)
    sources["book"] = main
    written = []
    for name, source in sources.items():
        path = folder / f"{name}.tex"
        path.write_text(norms(referred(source, list(chapters), volume.chapters)), encoding="utf-8")
        written.append(path)
    for plate in (plate for chapter in chapters.values() for plate in chapter.plates):
        drawn = plate.draw()
        for kind in figures:
            path = folder / f"{plate.name}.{kind}"
            drawn.savefig(path)
            written.append(path)
    return written
