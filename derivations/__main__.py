"""``python -m derivations``: check every step, print the verdicts, write the chapters as LaTeX."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from derivations.frame.chapter import Chapter
from derivations.frame.claims import CLAIMS, Claim
from derivations.frame.render import write_book
from derivations.linear_vae.book import book
from vaesym.algebra import Verdict

Verdicts = dict[str, dict[str, Verdict]]
_STYLES = {"identity": "green", "numeric": "yellow", "failed": "bold red"}


def _fail(message: str) -> typer.Exit:
    print(f"error: {message}", file=sys.stderr)
    return typer.Exit(2)


def _select(name: str | None) -> dict[str, Chapter]:
    chapters = book()
    if name is None:
        return chapters
    if name not in chapters:
        raise _fail(f"expected a chapter among {', '.join(chapters)}; received {name!r}; choose one of them")
    return {name: chapters[name]}


def verify(chapters: Mapping[str, Chapter], console: Console) -> Verdicts:
    """Check all steps in order, with progress on a terminal."""
    verdicts: Verdicts = {}
    with console.status("deriving") as status:
        for name, chapter in chapters.items():
            verdicts[name] = {}
            for label, step in chapter.items():
                status.update(f"{name}: {step.title}")
                verdicts[name][label] = step.check()
    return verdicts


def _table(chapters: Mapping[str, Chapter], verdicts: Verdicts) -> Table:
    table = Table("chapter", "step", "verdict", "s", title="Derived and checked")
    table.columns[3].justify = "right"
    for name, chapter in chapters.items():
        for i, (label, step) in enumerate(chapter.items()):
            verdict = verdicts[name][label]
            table.add_row(name if i == 0 else "", step.title, verdict.kind.value, f"{verdict.seconds:.1f}",
                          style=_STYLES[verdict.kind.value])
        table.add_section()
    return table


def _as_json(verdicts: Verdicts) -> str:
    steps = {name: {label: {"verdict": v.kind.value, "points": v.points, "digits": v.digits, "residual": v.residual,
                            "seconds": round(v.seconds, 3)} for label, v in chapter.items()}
             for name, chapter in verdicts.items()}
    claims = {claim.label: {"source": claim.source, "verdict": claim.verdict(verdicts).value,
                            "proof": [f"{chapter}:{label}" for chapter, label in claim.proof]}
              for claim in provable(verdicts)}
    return json.dumps({"steps": steps, "claims": claims}, indent=2)


def provable(verdicts: Verdicts) -> list[Claim]:
    """The claims all of whose steps were checked."""
    return [claim for claim in CLAIMS if all(label in verdicts.get(chapter, {}) for chapter, label in claim.proof)]


def _claims(verdicts: Verdicts) -> Table:
    table = Table("claim", "source", "verdict", "proved in", title="Claims")
    for claim in provable(verdicts):
        chapters = ", ".join(dict.fromkeys(chapter for chapter, _ in claim.proof))
        kind = claim.verdict(verdicts).value
        table.add_row(claim.label, Text(claim.source), kind, chapters, style=_STYLES[kind])
    return table


def _compile(folder: Path, complete: bool) -> Path:
    if shutil.which("latexmk") is None:
        raise _fail("expected latexmk for --pdf; received no such program; install it, or use the .tex files")
    command = ["latexmk", "-g", "-pdf", "-interaction=nonstopmode", "-halt-on-error", "book.tex"]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise _fail(f"expected LaTeX to compile; received exit code {run.returncode}; see {folder / 'book.log'}")
    flaws = layout_flaws((folder / "book.log").read_text(encoding="utf-8", errors="replace"), complete)
    if flaws:
        raise _fail(f"expected a book without flaws in its layout; received {'; '.join(flaws)}; mend the steps named "
                    f"in {folder / 'book.log'}")
    return folder / "book.pdf"


def layout_flaws(log: str, complete: bool = True) -> list[str]:
    """Return what LaTeX's log says of boxes more than 10 pt too wide and of references that lead nowhere.

    A book of a few chapters is not ``complete``: it may refer to the others.

    >>> layout_flaws("Overfull \\\\hbox (48.5pt too wide) in alignment")
    ['a box 48.5pt too wide']
    """
    wide = [f"a box {points}pt too wide" for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", log)
            if float(points) > 10]
    lost = sorted(set(re.findall(r"(?:Reference|Citation) `([^']+)' on page \d+ undefined", log)))
    return wide + [f"no target for {name}" for name in lost if complete]


def main(
    check: Annotated[bool, typer.Option("--check", help="Verify only; write nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
    chapter: Annotated[str | None, typer.Option(help="Only this chapter.")] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="Compile a PDF with latexmk.")] = False,
    output: Annotated[Path, typer.Option(help="Folder for the LaTeX sources.")] = Path("build/book"),
) -> None:
    """Derive the theory step by step, check every statement, and print it as LaTeX."""
    console = Console(stderr=as_json)
    chapters = _select(chapter)
    verdicts = verify(chapters, console)
    every = [verdict for steps in verdicts.values() for verdict in steps.values()]
    if as_json:
        print(_as_json(verdicts))
    else:
        console.print(_table(chapters, verdicts))
        if provable(verdicts):
            console.print(_claims(verdicts))
        if "free-energy" in chapters:
            console.print("The free energy, as LaTeX:")
            console.print(chapters["free-energy"]["free-energy"].latex(), markup=False, highlight=False)
        kinds = [verdict.kind.value for verdict in every]
        console.print(f"{len(every)} steps: {kinds.count('identity')} identities, {kinds.count('numeric')} numeric, "
                      f"{kinds.count('failed')} failed")
    if not check and all(verdict.passed for verdict in every):
        written = write_book(output, chapters, verdicts)
        console.print(f"LaTeX written to {output} ({len(written)} files)")
        if pdf:
            console.print(f"PDF written to {_compile(output, chapter is None)}")
    if not all(verdict.passed for verdict in every):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
