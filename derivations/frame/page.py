"""The book as a web page: its LaTeX by LaTeXML, formulas as MathML, which browsers show without a script."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from vaesym.inputs import InputError

#: By the clock; it takes half a minute on an idle core. LaTeXML's own limit is ten minutes.
_MOST_SECONDS = 3600
_STYLE = """\
body { max-width: 58em; margin: 0 auto; padding: 1em; }
.ltx_page_main, .ltx_page_content { max-width: none; }
.ltx_equation, .ltx_equationgroup { display: block; overflow-x: auto; overflow-y: hidden; }
.ltx_eqn_table > tbody { display: table; width: 100%; }
figure img { max-width: 100%; height: auto; }
.ltx_minipage { max-width: 100%; width: auto !important; }
.ltx_page_footer { display: none; }
"""


def web_source(latex: str) -> str:
    r"""Return LaTeX without what has a meaning on paper only: formulas broken over lines, and page breaks.

    >>> print(web_source(r"\begin{dmath*}x\end{dmath*}\nopagebreak\vspace{-\baselineskip}"))
    \begin{equation*}x\end{equation*}
    """
    paper = (r"\\nopagebreak\\vspace\{-\\baselineskip\}|\\usepackage\{breqn\}\n|\\allowdisplaybreaks\n|,needspace"
             r"|\\Needspace\{[^}]*\}|\[style=\{\\small\}\]|\\makeatletter\n[^@]*@[^\n]*\n\\makeatother\n"
             r"|\\hypersetup\{pageanchor=\w+\}\n")
    without = re.sub(paper, "", latex).replace("{dmath}", "{equation}").replace("{dmath*}", "{equation*}")
    # A claim has no number there: the claims are found in their chapter.
    without = re.sub(r"\\phantomsection\s*\\label\{claim:[^}]*\}", "", without)
    without = re.sub(r"\\pageref\{claim:[^}]*\}", r"\\ref{chapter:claims}", without)
    return without.replace(r"\pageref{", r"\ref{").replace(r"\textbf{page}", r"\textbf{in}")


def write_page(folder: Path) -> Path:
    """Write ``book.html`` into the folder ``html`` of one that holds a book, and return its path.

    Parameters
    ----------
    folder : as :func:`derivations.frame.render.write_book` leaves it, figures as PNG among it

    Raises
    ------
    vaesym.InputError
        There is no program ``latexmlc``, or it fails.
    """
    program = shutil.which("latexmlc")
    if program is None:
        raise InputError("latexmlc for --html", "no such program",
                         "install LaTeXML (the package latexml of Debian and Homebrew), or write a PDF with --pdf")
    page = folder / "html"
    page.mkdir(exist_ok=True)
    for path in folder.glob("*.tex"):
        (page / path.name).write_text(web_source(path.read_text(encoding="utf-8")), encoding="utf-8")
    for path in folder.glob("*.png"):
        shutil.copy(path, page / path.name)
    (page / "style.css").write_text(_STYLE, encoding="utf-8")
    command = [program, "book.tex", "--dest=book.html", "--format=html5", "--pmml", "--noparse", "--nocomments",
               "--css=style.css", "--log=book.log", f"--timeout={_MOST_SECONDS}"]
    run = subprocess.run(command, cwd=page, capture_output=True, text=True, check=False)
    if run.returncode != 0 or not (page / "book.html").exists():
        raise InputError("LaTeXML to end without an error", f"exit code {run.returncode}", f"see {page / 'book.log'}")
    return page / "book.html"
