"""Every step of the book stands, and no wrong version of any step does."""

import dataclasses
import io
import json
import signal
import subprocess
import sys
from itertools import combinations, takewhile

import pytest
import sympy as sp
import typer
from rich.console import Console

from derivations import Chapter, book
from derivations import __main__ as command
from derivations.frame.check import slowest, verify
from derivations.frame.claims import CLAIMS
from derivations.frame.plain import CENTRAL, formula
from derivations.linear_vae.book import CORE
from vaesym.algebra import Kind, Pointwise, Verdict, compare, mutations
from vaesym.algebra.domain import draw_point
from vaesym.algebra.entries import entries
from vaesym.algebra.residual import worst_residual
from vaesym.linear_vae.statement.symbols import sym

CHAPTERS = book()
STEPS = [(name, label) for name, chapter in CHAPTERS.items() for label in chapter]


@pytest.fixture(scope="module")
def moves():
    """The result of each step's move, computed once."""
    cache = {}

    def compute(name, label):
        if (name, label) not in cache:
            cache[name, label] = CHAPTERS[name][label].move()
        return cache[name, label]

    return compute


@pytest.mark.parametrize(("name", "label"), STEPS)
def test_step_stands_and_its_mutants_fall(name, label, moves):
    step, result = CHAPTERS[name][label], moves(name, label)
    if isinstance(result, Pointwise):
        assert_pointwise_step_stands_and_its_mutants_fall(step, result)
        return
    assert not step.numeric_only
    verdict = step.compare(result)
    assert verdict.kind is (Kind.ARGUED if step.argued else Kind.IDENTITY), verdict
    wrong = list(takewhile(lambda mutation: not mutation[0].startswith("swap"), mutations(step.unfolded)))
    assert wrong
    survivors = [name for name, mutant in wrong if compare(
        result, mutant, step.domains, conditions=step.conditions, points=3, exact=False).passed]
    assert not survivors
    assert not swaps_that_stand(step, result)


def swaps_that_stand(step, result):
    """Pairs of symbols whose swap makes another statement, which nonetheless passes at three points.

    A swapped statement is the statement itself at the swapped point: it is compiled once for all pairs.
    """
    typed = entries(step.unfolded)
    symbols = sorted({s for entry in typed for s in entry.free_symbols}, key=lambda symbol: symbol.name)
    renamed = {symbol: sp.Dummy(symbol.name) for symbol in symbols}
    elsewhere = [entry.xreplace(renamed) for entry in typed]
    needed = {s for part in (*typed, *entries(result), *step.conditions) for s in part.free_symbols}
    points = [draw_point({s: step.domains[s] for s in sorted(needed, key=lambda s: s.name)}, i, step.conditions)
              for i in range(8)]

    def differ(left, pair, count):
        swap = dict(zip(pair, reversed(pair), strict=True))
        both = ({**point, **{renamed[s]: point[swap.get(s, s)] for s in symbols}} for point in points[:count])
        return worst_residual((left, elsewhere), both, 50)[0] > sp.Rational(1, 10**50)

    found = entries(result)
    # A swap under which the statement is symmetric is no mutation.
    return [pair for pair in combinations(symbols, 2) if not differ(found, pair, 3) and differ(typed, pair, 8)]


def assert_pointwise_step_stands_and_its_mutants_fall(step, result):
    """Its statement is too large to unfold: mutate it as it is printed, sign by sign and symbol by symbol."""
    assert step.numeric_only
    assert step.compare(result).kind is Kind.NUMERIC
    wrong = [step.typed + 1, -step.typed, *(step.typed - 2 * term for term in step.typed.args)]
    alpha, beta, lam, eta, rho = (sym(name) for name in ("alpha", "beta", "lam", "eta", "rho"))
    for a, b in ((alpha, beta), (beta, lam), (eta, alpha)):
        wrong.append(step.typed.xreplace({a: b, b: a}))
    mutants = [dataclasses.replace(step, typed=typed) for typed in wrong]
    for a, b in ((eta, rho), (beta, rho)):
        where = {name: matrix.xreplace({a: b, b: a}) for name, matrix in step.where.items()}
        mutants.append(dataclasses.replace(step, where=where))
    assert not [mutant.typed for mutant in mutants if mutant.compare(result, points=2).passed]


def test_every_claim_names_steps_that_exist():
    labels = [claim.label for claim in CLAIMS]
    assert set(labels) >= {*(f"C{i}" for i in range(1, 5)), *(f"N{i}" for i in range(1, 21))}
    assert len(set(labels)) == len(labels)
    assert labels[:5] == ["C1", "C2", "C3", "C4", "N1"]
    assert labels[-8:] == ["T1", "T2", "T3", "T4", "T5", "T6", "P", "E"]
    for claim in CLAIMS:
        assert claim.proof
        for chapter, label in claim.proof:
            assert label in CHAPTERS[chapter], (chapter, label)


def test_a_claim_is_as_strong_as_its_weakest_step():
    claim = CLAIMS[0]
    verdicts = {chapter: {label: Verdict(Kind.IDENTITY, 8, 50, 0.0) for label in CHAPTERS[chapter]}
                for chapter, _ in claim.proof}
    assert claim.verdict(verdicts) is Kind.IDENTITY
    spoken = dataclasses.replace(claim, argued=("what words carry",))
    assert (spoken.verdict(verdicts), spoken.carried(verdicts)) == (Kind.ARGUED, ["what words carry"])
    chapter, label = claim.proof[-1]
    verdicts[chapter][label] = Verdict(Kind.ARGUED, 8, 50, 0.0, remark="that roots are continuous")
    assert (claim.verdict(verdicts), claim.carried(verdicts)) == (Kind.ARGUED, ["that roots are continuous"])
    verdicts[chapter][label] = Verdict(Kind.NUMERIC, 8, 50, 0.0)
    assert claim.verdict(verdicts) is Kind.NUMERIC
    verdicts[chapter][claim.proof[0][1]] = Verdict(Kind.FAILED, 8, 50, 1.0)
    assert claim.verdict(verdicts) is Kind.FAILED


def test_chapters_are_those_of_the_table_of_contents():
    assert list(CHAPTERS) == [
        "model", "free-energy", "conjugate", "saddle-point", "exact-solution", "collapse", "large-data", "phases",
        "choosing-beta", "rate-distortion", "fluctuations", "extensions", "likelihoods", "conditional", "hierarchical",
        "kinks", "training-time"]


def test_statements_are_equations_with_latex():
    for chapter in CHAPTERS.values():
        for step in chapter.values():
            assert isinstance(step.statement, sp.Equality)
            assert "=" in step.latex()
            assert step.source
            assert step.prose


def test_results_are_reusable():
    threshold = book()["collapse"]["threshold"]
    alpha, lam, top = (sp.Symbol(n, positive=True) for n in ("alpha", "lambda", "Lambda"))
    assert threshold.statement.rhs.subs({alpha: 2, lam: 1, top: 3}) == sp.Rational(11, 6)
    assert threshold.latex().startswith(r"\beta_{c} = ")


def test_chapters_refuse_repeated_labels():
    step = book()["collapse"]["threshold"]
    with pytest.raises(ValueError, match="unique labels"):
        Chapter("c", "C", "", (step, step))
    with pytest.raises(KeyError, match="no step 'x'"):
        book()["collapse"]["x"]
    with pytest.raises(KeyError, match="no chapter 'phase' in the book; there are"):
        book()["phase"]


def test_command_writes_latex_and_verdicts(tmp_path):
    result = subprocess.run([sys.executable, "-m", "derivations", "--chapter", "conditional", "--jobs", "1",
                             "--output", str(tmp_path)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    chapter = CHAPTERS["conditional"]
    argued = sum(bool(chapter[label].argued) for label in chapter)
    assert f"{len(chapter) - argued} identities, {argued} argued, 0 numeric, 0 failed" in result.stdout
    source = (tmp_path / "conditional.tex").read_text(encoding="utf-8")
    assert chapter["threshold"].latex() in source
    assert r"\input{conditional}" in (tmp_path / "book.tex").read_text(encoding="utf-8")


def test_command_prints_json_and_checks_only(tmp_path, ended):
    result = ended(command.main, "--chapter", "conditional", "--json", "--check", "--jobs", 1, "--output",
                   tmp_path / "none")
    assert result.returncode == 0, result.stderr
    verdicts = json.loads(result.stdout)["steps"]["conditional"]
    chapter = CHAPTERS["conditional"]
    assert {label: found["verdict"] for label, found in verdicts.items()} == {
        label: "argued" if chapter[label].argued else "identity" for label in chapter}
    assert not (tmp_path / "none").exists()


def test_a_failing_step_stops_the_book(monkeypatch, tmp_path, capsys):
    chapter = CHAPTERS["collapse"]
    wrong = chapter["threshold"].with_typed(chapter["threshold"].typed + 1)
    monkeypatch.setattr(command, "book", lambda: {"collapse": Chapter("collapse", "C", "", (wrong,))})
    with pytest.raises(typer.Exit) as stopped:
        command.main(jobs=1, output=tmp_path / "out")
    assert stopped.value.exit_code == 1
    assert "1 failed" in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


def test_core_chapters_are_in_the_book_and_carry_the_central_formulas():
    assert set(CORE) < set(CHAPTERS)
    for chapter, label in CENTRAL:
        assert chapter in CORE
        drawn = formula(CHAPTERS[chapter][label])
        assert "=" in drawn
        assert "\\" not in drawn
        assert max(map(len, drawn.splitlines())) <= 76


def test_processes_find_what_one_process_finds():
    chapters = {"conditional": CHAPTERS["conditional"]}
    plain = Console(force_terminal=False)
    alone, together = (verify(chapters, plain, jobs) for jobs in (1, 2))
    assert [*alone["conditional"]] == [*together["conditional"]] == [*CHAPTERS["conditional"]]
    assert [(v.kind, v.points, v.residual) for v in alone["conditional"].values()] == [
        (v.kind, v.points, v.residual) for v in together["conditional"].values()]
    times = [verdict.seconds for _, _, verdict in slowest(alone, 3)]
    assert times == sorted((v.seconds for v in alone["conditional"].values()), reverse=True)[:3]


def test_a_live_line_on_a_terminal_only():
    for terminal in (True, False):
        stream = io.StringIO()
        verify({"collapse": Chapter("collapse", "C", "", (CHAPTERS["collapse"]["threshold"],))},
               Console(file=stream, force_terminal=terminal, width=80))
        assert ("Collapse threshold" in stream.getvalue()) is terminal


def test_an_interrupt_ends_the_command_without_a_traceback(tmp_path):
    # Interrupted when a short chapter is checked, and a long one is being checked in another process.
    code = """if True:
        import os, signal, sys, typer
        from derivations import __main__ as command
        from derivations.frame import check

        def collect(pending, *rest, whole=check._collect):
            next(verdict for name, _, verdict in pending if name == "conditional")()
            os.killpg(0, signal.SIGINT)
            return whole(pending, *rest)

        check._collect, command.book = collect, check._book
        check._book()  # which the processes inherit
        chapters = ["--chapter", "free-energy", "--chapter", "conditional"]
        sys.argv[1:] = [*chapters, "--jobs", "2", "--output", sys.argv[1]]
        typer.run(command.main)
    """
    # A shell may have interrupts ignored: the command is started as a terminal would start it.
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "none")], capture_output=True, text=True,
                          start_new_session=True, check=False, timeout=300,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
    assert done.returncode == 130
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("arguments", "expected"), [
    ({}, ["collapse"]), ({"every": True}, ["collapse", "phases"]), ({"pdf": True}, ["collapse", "phases"]),
    ({"chapter": ["phases"]}, ["phases"]), ({"chapter": ["phases"], "pdf": True}, ["phases"])])
def test_which_chapters_are_checked(arguments, expected, monkeypatch, tmp_path):
    small = {name: Chapter(name, name, "", (next(iter(CHAPTERS[name].values())),)) for name in ("collapse", "phases")}
    checked = []
    monkeypatch.setattr(command, "book", lambda: small)
    monkeypatch.setattr(command, "verify", lambda chapters, console, jobs: checked.extend(chapters) or verify(
        chapters, console))
    monkeypatch.setattr(command, "_compile", lambda folder: folder / "book.pdf")
    command.main(**arguments, jobs=1, output=tmp_path)
    assert checked == expected


def test_unknown_chapter(ended):
    result = ended(command.main, "--chapter", "nope")
    assert result.returncode == 2
    assert result.stderr.startswith("Error: expected a chapter among")
