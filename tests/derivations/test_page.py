"""The book as a web page."""

import re
import shutil

import pytest
import sympy as sp

from derivations import Chapter
from derivations.frame import page
from derivations.frame.chapter import Volume
from derivations.frame.render import write_book
from vaesym.algebra import Domain, Kind, Step, Verdict
from vaesym.inputs import InputError

x = sp.Symbol("x", positive=True)


def written(folder):
    step = Step("square", "A square", x, lambda: x**2, x**2, {x: Domain(1, 2)}, "new", prose="Of a length")
    chapter = Chapter("mine", "Mine", "See \\eqref{mine:square}.", (step,))
    write_book(folder, {"mine": chapter}, {"mine": {"square": Verdict(Kind.IDENTITY, 8, 50, 0.0)}},
               Volume("My book", symbols=((x, "a length", "> 0"),)))


def test_without_the_program_the_command_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(page.shutil, "which", lambda _: None)
    with pytest.raises(InputError, match="expected latexmlc for --html; received no such program; install LaTeXML"):
        page.write_page(tmp_path)


def test_what_paper_needs_is_left_out(tmp_path):
    written(tmp_path)
    source = page.web_source((tmp_path / "book.tex").read_text(encoding="utf-8"))
    assert "breqn" not in source
    assert "pageref" not in source
    row = page.web_source(r"C1 & what\phantomsection\label{claim:C1} & \pageref{claim:C1}, \pageref{c:step}")
    assert row == r"C1 & what & \ref{chapter:claims}, \ref{c:step}"
    assert r"\begin{equation}" in page.web_source((tmp_path / "mine.tex").read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("latexmlc") is None, reason="no LaTeXML")
def test_a_page_has_its_formulas_as_mathml_and_its_references(tmp_path):
    written(tmp_path)
    text = page.write_page(tmp_path).read_text(encoding="utf-8")
    assert "My book" in text
    assert "a length" in text
    assert re.search(r'<math [^>]*alttext="x=x\^\{2\}" display="block"><mrow>.*<msup>.*<mn>2</mn></msup>', text)
    assert "LABEL:" not in text
    assert not list(tmp_path.glob("html/*.pdf"))
