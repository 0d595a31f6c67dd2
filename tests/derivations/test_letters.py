"""In a chapter a letter has one meaning, and none is used before it has one."""

import re
from collections import defaultdict

import pytest
import sympy as sp

from derivations import Chapter, book
from derivations.frame.prose import text
from derivations.linear_vae.notation import volume
from vaesym.algebra import Domain, Step, to_latex

CHAPTERS = book()
KNOWN = {symbol for symbol, _, _ in volume(CHAPTERS).symbols}
NOTATION = " ".join(latex for latex, _ in volume(CHAPTERS).notation)
#: Letters that stand for the same quantity of one and of several: latents, components, replicas' blocks; or for a
#: quantity of the table that a step writes out, or takes on its positive side.
OF_SEVERAL = {"free-energy": {"C", r"\chi", "A", "O", r"\Delta", r"\Omega", r"\mu"}, "exact-solution": {"w", "Q"},
              "likelihoods": {"p", "F"}, "kinks": {"w"}}
WRITTEN_OUT = {"hierarchical": {"A_{1}"}, "training-time": {"Q", "C_{hh}"}}


def base(symbol):
    return sp.Symbol(re.sub(r"_?\d+$", "", symbol.name), **symbol.assumptions0)


def letters(chapter):
    """Each printed letter with what it is in each step: of the table, an abbreviation, or the chapter's own."""
    found = defaultdict(lambda: defaultdict(list))
    for label, step in chapter.items():
        typed = step.typed if isinstance(step.typed, (tuple, list)) else (step.typed,)
        for symbol in {s for part in typed for s in sp.sympify(part).atoms(sp.Symbol, sp.MatrixSymbol)}:
            meaning = (("abbreviation", step.where[symbol]) if symbol in step.where else
                       ("table", symbol.name) if symbol in KNOWN or base(symbol) in KNOWN else ("own", symbol.name))
            found[to_latex(symbol)][meaning].append(label)
    return found


def doubled(name, chapter):
    shared = OF_SEVERAL.get(name, set()) | WRITTEN_OUT.get(name, set())
    return {letter: list(meanings.values()) for letter, meanings in letters(chapter).items()
            if len(meanings) > 1 and letter not in shared}


def unnamed(chapter):
    """Letters that are neither in the table nor named in the chapter's own words."""
    words = [chapter.introduction, *[part for step in chapter.values() for part in (step.prose, *step.premises)]]
    said = re.sub(r"[\s{}$]|\\,|\\hat|\\tilde", "", " ".join([*words, text(" ".join(words)), NOTATION]))
    return {letter: labels for letter, meanings in letters(chapter).items() for (kind, _), labels in meanings.items()
            if kind != "table" and re.sub(r"[\s{}]|\\hat|_\{.*\}$", "", letter) not in said}


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_letter_has_one_meaning_in_a_chapter(name):
    assert doubled(name, CHAPTERS[name]) == {}


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_letter_that_is_not_in_the_table_is_named(name):
    assert unnamed(CHAPTERS[name]) == {}


def test_the_checks_see_a_second_meaning_and_a_letter_without_one():
    x, strange = sp.symbols("x Xi_strange", positive=True)

    def step(label, where, typed=x):
        return Step(label, label, x, lambda: x, typed, {x: Domain(1, 2)}, "new", where=where, prose="a length $x$")

    twice = Chapter("c", "C", "", (step("a", {x: sp.Integer(1)}), step("b", {x: sp.Integer(2)})))
    assert doubled("c", twice) == {"x": [["a"], ["b"]]}
    assert unnamed(twice) == {}
    assert list(unnamed(Chapter("c", "C", "", (step("a", {}, strange),)))) == [to_latex(strange)]


def test_every_chapter_has_a_question_and_an_answer():
    assert [name for name, chapter in CHAPTERS.items() if not (chapter.question and chapter.answer)] == []
