"""The book as LaTeX: what a page says, references in a part of it, a book of one's own, its figures."""

import dataclasses
import re

import numpy as np
import pytest
import sympy as sp

import vaesym
from derivations import Chapter, book
from derivations.frame.chapter import Plate, Volume
from derivations.frame.claims import CLAIMS
from derivations.frame.page import web_source
from derivations.frame.prose import cite, text
from derivations.frame.render import (
    chapter_latex,
    claims_latex,
    document,
    equations,
    given,
    norms,
    referred,
    write_book,
)
from derivations.linear_vae import measured, plates
from derivations.linear_vae.notation import volume
from vaesym.algebra import Domain, Kind, Step, Verdict, to_latex
from vaesym.linear_vae.curves.error_bars import error_bars
from vaesym.linear_vae.time.data_flow import data_flow

CHAPTERS = book()
x, y = sp.symbols("x y", positive=True)


def verdict(step: Step) -> Verdict:
    """What a check would find, without the check."""
    kind = Kind.NUMERIC if step.numeric_only else Kind.ARGUED if step.argued else Kind.IDENTITY
    return Verdict(kind, 8, 50, 0.0, remark=step.argued)


VERDICTS = {name: {label: verdict(step) for label, step in chapter.items()} for name, chapter in CHAPTERS.items()}


def step(**changes: object) -> Step:
    given = {"label": "square", "title": "Derivative of a square", "subject": sp.Symbol("F"),
             "move": lambda: sp.diff(x**2 * y, x), "typed": 2 * x * y, "domains": {x: Domain(1, 2), y: Domain(1, 3)},
             "source": "new", "prose": "The derivative is"}
    return Step(**(given | changes))


def test_a_step_is_said_once_and_noted_only_if_it_is_no_identity() -> None:
    plain, spoken = step(), step(label="spoken", argued="that x is small")
    chapter = Chapter("c", "C", "Words.", (plain, spoken), question="Why?", answer="Because.")
    source = chapter_latex(chapter, {"square": verdict(plain), "spoken": verdict(spoken)})
    assert source.count(r"\note{") == 1
    assert r"\note{\emph{Argued:} that $x$ is small}" in source
    assert "identity" not in source
    assert source.index("Why?") < source.index("Words.") < source.index("F = 2 x y") < source.index("Because.")


def test_a_premise_is_not_said_twice() -> None:
    rho, eta, beta = sp.symbols("rho eta beta", positive=True)
    both = step(premises=("α → ∞, β < ρ+η",), conditions=(beta < rho + eta, x < y))
    assert given(both).count(r"\rho") == 1
    assert "$x < y$" in given(both)
    assert given(step(premises=("χ ≻ 0",), conditions=(x > 0,))).count(">") == 0


def test_sums_are_written_as_they_are_read() -> None:
    rho, eta, beta = sp.symbols("rho eta beta", positive=True)
    assert to_latex(rho + eta - beta) == r"\rho + \eta - \beta"
    assert to_latex(beta < rho + eta) == r"\beta < \rho + \eta"
    assert to_latex(sp.MatrixSymbol("C", 2, 2)[0, 1]) == "C_{12}"


def test_matrices_of_fractions_and_pairs_are_easy_to_read() -> None:
    fractions = sp.ImmutableMatrix([[x / y, 0], [0, 1]])
    assert to_latex(fractions) == r"\begin{pmatrix}\dfrac{x}{y} & 0\\[3ex]0 & 1\end{pmatrix}"
    assert to_latex(sp.Identity(2) - sp.MatrixSymbol("S", 2, 2) / y) == r"I - \frac{1}{y} S"
    pair = step(subject=sp.Symbol("(a,b)"), move=lambda: (x, y), typed=(x, y))
    assert equations(pair) == [r"(a,b) = \left(x,\;y\right)"]


def test_a_sign_is_printed_and_checked() -> None:
    positive = step(sign=1)
    assert equations(positive)[0].endswith("{>}\\,0")
    assert positive.check().kind is Kind.IDENTITY
    assert step(sign=-1).check().kind is Kind.FAILED
    hidden = step(move=lambda: x**2 - 2 * x + 2, typed=x**2 - 2 * x + 2, sign=1)
    assert hidden.check().kind is Kind.FAILED
    assert "sign" in hidden.check().remark


def test_words_and_citations() -> None:
    assert cite("[IH] Claim 5.2, Eq. 12") == r"\cite[Claim 5.2, Eq. 12]{IH}"
    assert cite("[LZ]") == r"\cite{LZ}"
    assert text(r"$O=LL^T$, α_B") == r"$O=LL^T$, $\alpha _{B}$"
    assert text("W·W*/N of a latent l, A'(ϑ), a = 1") == (
        r"$W \cdot W^*$/$N$ of a latent $l$, $A$'($\vartheta$), $a$ = 1")
    assert text("C_hh = ∑Λv²") == r"$C _{hh}$ = $\sum \Lambda v ^2$"
    assert text("E x_i is Péché's, J. Phys. A") == r"$\mathbb E$\,$x _{i}$ is Péché's, J. Phys. A"


def test_a_part_of_the_book_refers_to_nothing_that_is_missing(tmp_path) -> None:
    for name in ("collapse", "phases", "free-energy"):
        quiet = dataclasses.replace(CHAPTERS[name], plates=())
        written = write_book(tmp_path, {name: quiet}, {name: VERDICTS[name]}, volume(CHAPTERS))
        source = "".join(path.read_text(encoding="utf-8") for path in written)
        assert r"\input{claims}" not in source
        targets = set(re.findall(r"\\label\{([^}]+)\}", source))
        references = set(re.findall(r"\\(?:eq|page)?ref\{([^}]+)\}", source))
        assert references <= targets, references - targets


def test_the_whole_book_refers_to_nothing_that_is_missing() -> None:
    every = [chapter_latex(chapter, VERDICTS[name]) for name, chapter in CHAPTERS.items()]
    source = "".join([document(CHAPTERS, VERDICTS, volume(CHAPTERS)), claims_latex(VERDICTS), *every])
    targets = re.findall(r"\\label\{([^}]+)\}", source)
    assert len(targets) == len(set(targets))
    assert set(re.findall(r"\\(?:eq|page)?ref\{([^}]+)\}", source)) <= set(targets)
    for claim in CLAIMS:
        assert rf"\pageref{{claim:{claim.label}}}" in source


def test_what_a_premise_says_is_not_said_again_by_its_condition() -> None:
    y = sp.Symbol("y", positive=True)
    plain = dataclasses.replace(step(), conditions=(x > y,))
    assert given(plain) == "$x > y$"
    assert given(dataclasses.replace(plain, premises=("y < x",))) == text("y < x")
    assert given(dataclasses.replace(plain, premises=("y is small",))) == "$y$ is small; $x > y$"
    seen = CHAPTERS["exact-solution"]["outlier"]
    assert given(seen) == text("α > (η/ρ)²")


def test_references_are_left_alone_where_nothing_is_known_of_them() -> None:
    assert referred(r"\eqref{mine:square}", [], {}) == r"\eqref{mine:square}"
    assert referred(r"\eqref{phases:cusp}", ["phases"], {"phases": "Phases"}) == r"\eqref{phases:cusp}"


def test_a_book_of_one_s_own_has_its_own_title_and_symbols(tmp_path) -> None:
    mine = Volume("My book", symbols=((x, "a length", "> 0"), (sp.Symbol("unused"), "nothing", "real")))
    chapter = Chapter("mine", "Mine", "", (step(),), plates=(Plate("drawn", "square", "", plates.learning),))
    write_book(tmp_path, {"mine": chapter}, {"mine": {"square": verdict(step())}}, mine)
    assert (tmp_path / "drawn.pdf").read_bytes().startswith(b"%PDF")
    assert "{drawn}" in (tmp_path / "mine.tex").read_text(encoding="utf-8")
    source = (tmp_path / "book.tex").read_text(encoding="utf-8")
    assert "My book" in source
    assert "a length" in source
    assert "nothing" not in source
    assert "variational autoencoder" not in source


def test_every_symbol_of_the_table_has_one_meaning() -> None:
    rows = volume(CHAPTERS).symbols
    letters = [to_latex(symbol) for symbol, _, _ in rows]
    assert sorted({letter for letter in letters if letters.count(letter) > 1}) == []


def test_a_figure_stands_behind_a_step_of_its_chapter() -> None:
    with pytest.raises(ValueError, match="figures behind steps of chapter c"):
        Chapter("c", "C", "", (step(),), plates=(Plate("p", "nowhere", "", plates.learning),))


def test_numbers_before_matrices_have_no_brackets_and_norms_have_bars_that_close() -> None:
    matrix = sp.MatrixSymbol("A", 2, 2)
    assert to_latex(matrix.I / 2) == r"\frac{1}{2} A^{-1}"
    assert to_latex(sp.log(sp.Rational(1, 2) * x)) == r"\ln{\left(\frac{x}{2} \right)}"
    assert norms(r"$\|W\|^2+\|V\|_1$") == r"$\lVert W\rVert ^2+\lVert V\rVert _1$"


def test_a_step_names_its_figures() -> None:
    drawn = Plate("curve", "square", "", plates.learning)
    assert r"(Figure~\ref{figure:curve})" in chapter_latex(
        Chapter("c", "C", "", (step(),), plates=(drawn,)), {"square": verdict(step())})


def test_several_formulas_and_notes_stay_with_their_words() -> None:
    several = step(label="both", move=lambda: (x, y), typed=(x**9 + sum(x**i * y for i in range(30)), y))
    for each, kept in ((step(), False), (step(argued="by words"), True), (several, True)):
        page = chapter_latex(Chapter("c", "C", "", (each,)), {each.label: verdict(each)})
        assert (r"\Needspace" in page.split("The derivative is")[0]) is kept


def test_several_results_have_a_number_and_a_letter_each() -> None:
    several = step(label="both", move=lambda: (x, y), typed=(x**9 + sum(x**i * y for i in range(30)), y))
    page = chapter_latex(Chapter("c", "C", "", (several, step())),
                         {"both": verdict(several), "square": verdict(step())})
    assert page.count(r"\begin{subequations}\label{c:both}") == 1
    assert page.count(r"\begin{dmath}") == 3
    assert "dmath*" not in page


def test_letters_of_single_chapters_are_found_by_letter() -> None:
    chapters = {name: Chapter(name, name, "", (step(),)) for name in ("one", "two", "three")}
    mine = Volume("B", symbols=((x, "a length", "> 0"),), letters={
        "two": {r"\mathbf y": "a row", "x": "a place"}, "three": {"A": "a matrix", "x": "a place"},
        "one": {"x": "a sum"}})
    source = document(chapters, {name: {"square": verdict(step())} for name in chapters}, mine)
    assert source.index("$A$: a matrix") < source.index("$x$: a sum") < source.index(r"$\mathbf y$: a row")
    assert (r"$x$: a sum (\ref{chapter:one}); a place (\ref{chapter:two}, \ref{chapter:three}); else as above"
            r"\par") in source
    assert "multicols" not in document(chapters, {name: {"square": verdict(step())} for name in chapters}, Volume("B"))


def test_a_formula_without_room_for_its_number_is_small_on_paper_only() -> None:
    page = chapter_latex(Chapter("c", "C", "", (step(),), small=("square",)), {"square": verdict(step())})
    assert "\\begin{dmath}[style={\\small}]\n" in page
    assert "\\begin{equation}\n" in web_source(page)
    with pytest.raises(ValueError, match="labels of steps of chapter c"):
        Chapter("c", "C", "", (step(),), small=("nowhere",))


def test_figures_hold_what_the_captions_say(tmp_path) -> None:
    drawn = [plate for chapter in CHAPTERS.values() for plate in chapter.plates]
    assert {plate.name for plate in drawn} == {
        "spectrum", "bifurcation", "phases-diagram", "learning-curve", "finite-size", "rate-distortion-curve",
        "dynamics", "recovery"}
    axes = plates.learning().axes[0]
    points = [container for container in axes.containers if len(container.lines[0].get_xdata()) == len(measured.ALPHAS)]
    assert len(points) == len(plates.BETAS)
    for container, beta in zip(points, plates.BETAS, strict=True):
        means = [row["signal_recovery_error"]["mean"] for row in measured.recorded() if row["beta"] == beta]
        np.testing.assert_allclose(np.asarray(container.lines[0].get_ydata(), dtype=float), means)
    limits = [line for line in plates.finite_size().axes[0].lines if line.get_marker() == "s"]
    assert [float(line.get_ydata()[0]) for line in limits] == pytest.approx([
        float(vaesym.solve(alpha, plates.BETAS[1], lam=plates.LAM).signal_recovery_error)
        for alpha in measured.TREND_ALPHAS])
    left, right = plates.dynamics().axes[:2]
    assert (len(left.containers), len(right.containers)) == (3, 6)
    plates.RATE_DISTORTION.draw().savefig(tmp_path / "rd.pdf")
    assert (tmp_path / "rd.pdf").stat().st_size > 5000


def test_recorded_points_are_those_of_the_exact_minimum() -> None:
    """One data set of the record's kind now, and the record against the theory where the signal is seen."""
    for overlap, eigenvalue in ((0.3, 3.0), (0.0, 1.2)):
        found = measured.at_minimum(2.0, 0.5, 0.1, eigenvalue, overlap)
        fitted = vaesym.LinearVAE(1, beta=0.5, lam=0.1, center=False)
        data = np.sqrt(2 * eigenvalue) * np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1e-9], [0.0, -1e-9]])
        norm = float(fitted.fit(data).Q_[0])
        assert abs(found["signal_recovery_error"] - (1 - 2 * np.sqrt(norm * overlap) + norm)) < 1e-9
    eigenvalue, squared = measured.top_direction(8.0, 200, 0)
    assert abs(eigenvalue - 2.25) < 5 * 2 * np.sqrt(2 / 1600)
    assert 0.5 < squared < 1
    recorded = measured.recorded()
    assert {row["dimension"] for row in recorded} == {measured.DIMENSION}
    for row in recorded:
        if row["alpha"] >= 2:
            exact = float(vaesym.solve(row["alpha"], row["beta"], lam=row["lam"]).signal_recovery_error)
            found = row["signal_recovery_error"]
            spread = error_bars(row["alpha"], row["beta"], lam=row["lam"], samples=measured.DIMENSION * row["alpha"])
            assert abs(found["mean"] - exact) < 4 * spread["signal_recovery_error"] / np.sqrt(measured.DATA_SETS)


def test_below_detection_the_way_to_the_limit_is_that_of_finite_n() -> None:
    """Far below α_B a straight line in N^(-1/2) ends at the theory; nearer to it the points rise towards it."""
    for beta in plates.BETAS[:2]:
        for alpha in measured.TREND_ALPHAS:
            rows = [row for row in measured.recorded("trend") if (row["alpha"], row["beta"]) == (alpha, beta)]
            assert [row["dimension"] for row in rows] == list(measured.TREND_DIMENSIONS)
            mean, deviation = (np.array([row["signal_recovery_error"][part] for row in rows])
                               for part in ("mean", "deviation"))
            limit = float(vaesym.solve(alpha, beta, lam=plates.LAM).signal_recovery_error)
            assert (mean < limit).all()
            assert mean[-1] > mean[0]
            if alpha < 0.5:
                errors = deviation / np.sqrt(measured.TREND_DATA_SETS)
                fit, covariance = np.polyfit(np.array([r["dimension"] for r in rows]) ** -0.5, mean, 1, w=1 / errors,
                                             cov="unscaled")
                assert abs(fit[1] - limit) < 3 * np.sqrt(covariance[1, 1])
                assert fit[0] < -4 * np.sqrt(covariance[0, 0])


def test_descents_lie_on_the_curves_of_gradient_flow() -> None:
    exact = vaesym.gradient_flow(measured.FLOW_TIMES, 2.0, list(measured.FLOW["betas"]), lam=measured.FLOW["lam"],
                                 start=measured.START)
    for row in measured.recorded("flow"):
        at = exact.sel(beta=row["beta"], time=row["time"])
        for name in ("Q", "m", "D"):
            error = row[name]["deviation"] / np.sqrt(measured.FLOW_DATA_SETS)
            assert abs(row[name]["mean"] - float(at[name])) < 4 * error, (row["beta"], row["time"], name)
    # One live descent, on a small data set, beside the flow of the same data with its own eigenvalues.
    (run,) = measured.descend(2.0, (0.3,), 0.2, (1.0, 3.0), 60, 5, 0.005)
    rng = np.random.default_rng([5, 60])
    x = rng.standard_normal((120, 60))
    x[:, 0] += rng.standard_normal(120)
    w, v = (np.sqrt(measured.START[part]) * rng.standard_normal(60) for part in ("decoder", "encoder"))
    w[0] += measured.START["signal"] * np.sqrt(60)
    same = data_flow(np.array([1.0, 3.0]), x, w[:, None], v[:, None], np.ones(1), 0.3, 0.2)
    np.testing.assert_allclose(run["Q"], same.Q.values.ravel(), rtol=0.02)
    np.testing.assert_allclose(run["D"], same.D.values.ravel(), rtol=0.02)
