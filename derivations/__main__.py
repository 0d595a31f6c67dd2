"""``python -m derivations``: check every step, print the verdicts, write the chapters as LaTeX."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from derivations.frame.chapter import Chapter
from derivations.frame.check import Verdicts, cores, slowest, verify
from derivations.frame.claims import CLAIMS, Claim
from derivations.frame.page import write_page
from derivations.frame.plain import CENTRAL, formula
from derivations.frame.render import write_book
from derivations.linear_vae.book import CORE, book
from derivations.linear_vae.notation import volume
from vaesym.algebra import Kind
from vaesym.commands import run_command
from vaesym.inputs import InputError, named_object
from vaesym.output import columns, console
from vaesym.replica.derive import derive

_STYLES = {"identity": "green", "argued": "cyan", "numeric": "yellow", "failed": "bold red"}


def _select(names: list[str], every: bool) -> dict[str, Chapter]:
    chapters = book()
    unknown = [name for name in names if name not in chapters]
    if unknown:
        raise InputError(f"a chapter among {', '.join(chapters)}", f"{unknown[0]!r}", "choose one of them")
    chosen = names or (list(chapters) if every else [name for name in CORE if name in chapters])
    return {name: chapter for name, chapter in chapters.items() if name in chosen}


def _table(chapters: Mapping[str, Chapter], verdicts: Verdicts) -> Table:
    table = columns("Derived and checked", "chapter", "step", "verdict", "s", words=("chapter", "step", "verdict"))
    for name, chapter in chapters.items():
        for i, (label, step) in enumerate(chapter.items()):
            verdict = verdicts[name][label]
            table.add_row(name if i == 0 else "", step.title, verdict.kind.value, f"{verdict.seconds:.1f}",
                          style=_STYLES[verdict.kind.value])
        table.add_section()
    return table


def _summary(chapters: Mapping[str, Chapter], verdicts: Verdicts) -> Table:
    table = columns("Derived and checked", "chapter", "", *[kind.value for kind in Kind], "s", words=("chapter", ""))
    for name, chapter in chapters.items():
        found = list(verdicts[name].values())
        counts = [str(sum(verdict.kind is kind for verdict in found)) for kind in Kind]
        weakest = next(kind for kind in reversed(Kind) if any(verdict.kind is kind for verdict in found))
        table.add_row(name, chapter.title, *counts, f"{sum(v.seconds for v in found):.1f}",
                      style=_STYLES[weakest.value])
    return table


def _slowest(chapters: Mapping[str, Chapter], verdicts: Verdicts) -> Table:
    table = columns("Slowest steps", "chapter", "step", "s", words=("chapter", "step"))
    for name, label, verdict in slowest(verdicts, 5):
        table.add_row(name, chapters[name][label].title, f"{verdict.seconds:.1f}")
    return table


def _formulas(chapters: Mapping[str, Chapter], verdicts: Verdicts) -> Iterator[str]:
    """Yield the central formulas of the chapters that were checked, each with its verdict."""
    for name, label in CENTRAL:
        if label in verdicts.get(name, {}):
            drawn = textwrap.indent(formula(chapters[name][label]), "  ")
            yield f"{chapters[name][label].title} ({verdicts[name][label].kind.value}):\n{drawn}\n"


def _as_json(verdicts: Verdicts) -> str:
    steps = {name: {label: {"verdict": v.kind.value, "points": v.points, "digits": v.digits, "residual": v.residual,
                            "remark": v.remark, "seconds": round(v.seconds, 3)} for label, v in chapter.items()}
             for name, chapter in verdicts.items()}
    claims = {claim.label: {"source": claim.source, "verdict": claim.verdict(verdicts).value,
                            "argued": claim.carried(verdicts),
                            "proof": [f"{chapter}:{label}" for chapter, label in claim.proof]}
              for claim in provable(verdicts)}
    return json.dumps({"steps": steps, "claims": claims}, indent=2)


def provable(verdicts: Verdicts) -> list[Claim]:
    """The claims all of whose steps were checked."""
    return [claim for claim in CLAIMS if all(label in verdicts.get(chapter, {}) for chapter, label in claim.proof)]


def _claims(verdicts: Verdicts) -> Table:
    headings = ("claim", "source", "verdict", "proved in")
    table = columns("Claims", *headings, words=headings)
    for claim in provable(verdicts):
        chapters = ", ".join(dict.fromkeys(chapter for chapter, _ in claim.proof))
        kind = claim.verdict(verdicts).value
        table.add_row(claim.label, claim.source, kind, chapters, style=_STYLES[kind])
    return table


def _compile(folder: Path, name: str = "book") -> Path:
    if shutil.which("latexmk") is None:
        raise InputError("latexmk for --pdf", "no such program", "install it, or use the .tex files")
    log = folder / f"{name}.log"
    command = ["latexmk", "-g", "-pdf", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise InputError("LaTeX to compile", f"exit code {run.returncode}", f"see {log}")
    flaws = layout_flaws(log.read_text(encoding="utf-8", errors="replace"))
    if flaws:
        raise InputError("a book without flaws in its layout", "; ".join(flaws), f"mend the steps named in {log}")
    return folder / f"{name}.pdf"


def layout_flaws(log: str) -> list[str]:
    """Return what LaTeX's log says of boxes more than 10 pt too wide and of references that lead nowhere.

    >>> layout_flaws("Overfull \\\\hbox (48.5pt too wide) in alignment")
    ['a box 48.5pt too wide']
    """
    wide = [f"a box {points}pt too wide" for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", log)
            if float(points) > 10]
    lost = sorted(set(re.findall(r"(?:Reference|Citation) `([^']+)' on page \d+ undefined", log)))
    return wide + [f"no target for {name}" for name in lost]


def _report(chapters: Mapping[str, Chapter], verdicts: Verdicts, out: Console, steps: bool) -> None:
    if steps:
        out.print(_table(chapters, verdicts))
    if provable(verdicts):
        out.print(_claims(verdicts))
    for text in _formulas(chapters, verdicts):
        out.print(text)
    out.print(_summary(chapters, verdicts))
    out.print(_slowest(chapters, verdicts))
    kinds = [verdict.kind.value for found in verdicts.values() for verdict in found.values()]
    out.print(f"{len(kinds)} steps: {kinds.count('identity')} identities, {kinds.count('argued')} argued, "
              f"{kinds.count('numeric')} numeric, {kinds.count('failed')} failed")


def _own(name: str, output: Path, *, pdf: bool) -> None:
    """Derive a stated problem, by the name of a shipped one or MODULE:NAME, and write its document."""
    try:
        problem = (named_object(name, "a problem", "name your own as my_module:my_problem") if ":" in name
                   else getattr(importlib.import_module("vaesym.problems"), name))
    except AttributeError as error:
        raise InputError("a problem as MODULE:NAME, or a shipped one", f"{name!r}", str(error)) from None
    theory = derive(problem)
    for label, verdict in theory.check().items():
        print(f"{theory.book()[label].title}: {verdict}")
    path = Path(theory.latex(output))
    print(f"LaTeX written to {path}")
    if pdf:
        print(f"PDF written to {_compile(output, path.stem)}")


def main(
    own: Annotated[str | None, typer.Argument(
        metavar="PROBLEM",
        help="A stated problem instead of the book: MODULE:NAME, or the name of a shipped one.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Verify only; write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
    every: Annotated[bool, typer.Option("--all", help="All chapters, not only the central ones.")] = False,
    chapter: Annotated[list[str] | None, typer.Option(help="Only this chapter; may be given again.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Compile a PDF with latexmk; of all chapters unless some are "
                                                     "chosen.")] = False,
    html: Annotated[bool, typer.Option("--html", help="Write a web page too, with LaTeXML; of all chapters unless some "
                                                      "are chosen.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes.", show_default="as many as cores")] = cores(),
    output: Annotated[Path, typer.Option(help="Folder for the LaTeX sources.")] = Path("build/book"),
) -> None:
    """Derive the theory step by step, check every statement, and print it as LaTeX."""
    if own is not None:
        _own(own, output, pdf=pdf)
        return
    out, names = console(stderr=as_json), chapter or []
    chapters = _select(names, every or pdf or html)
    verdicts = verify(chapters, console(stderr=True), jobs)
    passed = all(verdict.passed for found in verdicts.values() for verdict in found.values())
    if as_json:
        print(_as_json(verdicts))
    else:
        _report(chapters, verdicts, out, every or pdf or html or bool(names) or not passed)
    if not passed:
        raise typer.Exit(1)
    if not check:
        written = write_book(output, chapters, verdicts, volume(book()), ("pdf", "png") if html else ("pdf",))
        out.print(f"LaTeX written to {output} ({len(written)} files)", soft_wrap=True)
        if pdf:
            out.print(f"PDF written to {_compile(output)}", soft_wrap=True)
        if html:
            out.print(f"Web page written to {write_page(output)}", soft_wrap=True)
    if len(chapters) < len(book()) and not names:
        out.print(f"Checked the {len(chapters)} central chapters of {len(book())}; --all checks every one.")


if __name__ == "__main__":
    raise SystemExit(run_command(main))
