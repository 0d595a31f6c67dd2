"""In a chapter a letter has one meaning, and none is used before it has one."""

import re
from collections import defaultdict

import pytest
import sympy as sp

from derivations import Chapter, book
from derivations.frame.prose import text
from derivations.frame.render import equations, given
from derivations.linear_vae.notation import LETTERS, volume
from vaesym.algebra import Domain, Step, to_latex

CHAPTERS = book()
KNOWN = {symbol for symbol, _, _ in volume(CHAPTERS).symbols}
NOTATION = " ".join(latex for latex, _ in volume(CHAPTERS).notation)
#: Letters that stand for the same quantity of one and of several: latents, components, replicas' blocks; or for a
#: quantity of the table that a step writes out, or takes on its positive side.
OF_SEVERAL = {"free-energy": {"C", r"\chi", "A", "O", r"\Delta", r"\Omega", r"\mu"},
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


GREEK = ("alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi pi "
         "varpi "
         "rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma "
         "Upsilon Phi "
         "Psi Omega ell").replace(" ", "|")
ACCENT = r"\\(?:hat|tilde|bar|dot|mathcal|mathbf|mathbb)\s*(?:\{\s*\\?[A-Za-z]+\s*\}|\\[A-Za-z]+|[A-Za-z])"
TOKEN = re.compile(rf"({ACCENT}|\\(?:{GREEK})(?![A-Za-z])|(?<![\\A-Za-z])[A-Za-z])\s*(\^\{{?\*)?\}}?\s*"
                   r"(?:_\s*(\{[^{}]*\}|\\[A-Za-z]+|[A-Za-z0-9*+]))?")
#: Names in upright letters, transposition, and commands with an argument: no letters of the mathematics.
WORDS = (r"\\(?:mathrm|operatorname|text|emph|eqref|ref|label|begin|end|cite)\s*\*?(?:\[[^\]]*\])?\{[^{}]*\}|\^\{?T\}?"
         r"|\\mathrm\s*[A-Za-z]|_\{\\mathrm\{\w*\}\}")
INDICES = {"i", "j", "l", "e"}


def tokens(latex):
    """Letters of mathematics with accent, star and subscript, as in ``\\hat\\chi_{kk}``, without spaces and braces."""
    for letter, star, index in TOKEN.findall(re.sub(WORDS, " ", latex)):
        name = re.sub(r"\\dot|[\s{}]", "", letter + ("^*" if star else ""))
        yield name, re.sub(r"[\s{}]", "", index)


def mathematics(chapter):
    """All mathematics of a chapter, its captions included."""
    words = [chapter.introduction, chapter.question, chapter.answer, *[plate.caption for plate in chapter.plates]]
    words += [part for step in chapter.values() for part in (step.prose, given(step))]
    for part in words:
        found = re.findall(r"\$([^$]*)\$|\\\[(.*?)\\\]|\\begin\{equation\*\}(.*?)\\end\{equation\*\}", text(part), re.S)
        yield from ("".join(parts) for parts in found)
    yield from (line for step in chapter.values() for line in equations(step))


def forms(latex):
    """The names under which a letter is known: with its subscript, and without."""
    return {name + (f"_{index}" if index else "") for name, index in tokens(latex)}


TABLE = {form for symbol in KNOWN for form in forms(to_latex(symbol))}
FIXED = {form for latex, _ in volume(CHAPTERS).notation for form in forms(latex)}
BASES = {re.sub("_.*", "", form) for form in TABLE}


def own(name):
    return {form for latex in LETTERS.get(name, {}) for form in forms(latex)}


def strange(name, chapter):
    """Letters of the mathematics that no table explains: of all, of the notation, of this chapter."""
    explained = TABLE | FIXED | own(name) | INDICES
    explained |= {form.split("_")[0] for form in explained if re.fullmatch(r"[^_]+_[ijl]+", form)}
    found = {(letter, index) for latex in mathematics(chapter) for letter, index in tokens(latex)}
    return {letter + (f"_{index}" if index else "") for letter, index in found
            if letter not in explained and f"{letter}_{index}" not in explained}


def shared(name, chapter):
    """Letters of this chapter alone that are in its steps with the meaning of the table of all."""
    typed = [part for step in chapter.values() for part in
             (step.typed if isinstance(step.typed, (tuple, list)) else (step.typed,))]
    used = {s for part in typed for s in sp.sympify(part).atoms(sp.Symbol, sp.MatrixSymbol)}
    known = {form for symbol in used for form in forms(to_latex(symbol)) if symbol in KNOWN or form in FIXED}
    return known & own(name)


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_letter_of_the_words_is_in_a_table(name):
    assert strange(name, CHAPTERS[name]) == set()


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_letter_of_one_chapter_has_no_other_meaning_there(name):
    assert shared(name, CHAPTERS[name]) == set()
    # Each is used, and none is given two meanings.
    used = {form for latex in mathematics(CHAPTERS[name]) for form in forms(latex)}
    bases = used | {form.split("_")[0] for form in used}
    assert {form for form in own(name) if form not in used and form.split("_")[0] not in bases} == set()
    listed = [form for latex in LETTERS.get(name, {}) for form in forms(latex)]
    assert len(listed) == len(set(listed))


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


def test_the_checks_see_letters_in_words(monkeypatch):
    y = sp.Symbol("x", positive=True)
    Q = next(symbol for symbol in KNOWN if symbol.name == "Q")

    def chapter(words, typed=y):
        step = Step("a", "a", y, lambda: typed, typed, {y: Domain(1, 2), Q: Domain(1, 2)}, "new", prose=words)
        return Chapter("mine", "Mine", "", (step,))

    assert strange("mine", chapter(r"a length $x$ and $\mathfrak{z}+\hat K_{ij}$")) == {r"\hatK_ij"}
    monkeypatch.setitem(LETTERS, "mine", {r"\hat K": "a matrix", "Q": "a quotient"})
    assert strange("mine", chapter(r"$\hat K_{ij}$")) == set()
    assert shared("mine", chapter("", Q)) == {"Q"}


def test_every_chapter_has_a_question_and_an_answer():
    assert [name for name, chapter in CHAPTERS.items() if not (chapter.question and chapter.answer)] == []
