"""README and guides: Python runs and prints what they say, commands and links exist, the picture is what is drawn."""

from __future__ import annotations

import ast
import os
import re
import runpy
import shlex
import subprocess
import sys
import warnings
from contextlib import redirect_stdout
from functools import cache
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

import vaesym
from vaesym.cli import main

ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "vaesym" / "guide"
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *sorted(GUIDE.glob("*.md")))}
BLOCKS = {name: re.findall(r"^```(\w+)\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
          for name, page in PAGES.items()}
#: Pages whose blocks follow each other in one session.
SESSIONS = {"own_problem"}
#: Programs of others, whose options are not ours to test.
FOREIGN = {"venv", "pip", "pytest"}
#: What a program prints beside its claims, by a call in it.
PRINTED = {"monitor.ask_one_more(": "one more latent would be used at β = 0.3",
           "Monitor(x.numpy(), beta=0.45": "will stay collapsed at β = 0.45"}


def programs() -> dict[str, str]:
    """Every piece of Python by page and number; the blocks of a session are one."""
    found: dict[str, str] = {}
    for name, blocks in BLOCKS.items():
        codes = [code for language, code in blocks if language == "python"]
        codes = ["\n".join(codes)] if name in SESSIONS else codes
        found |= {f"{name}-{i}": code for i, code in enumerate(codes)}
    return found


PYTHON = programs()


def lines(page: str) -> list[str]:
    """Every line of the shell blocks of a page."""
    return [line for language, code in BLOCKS[page] if language == "sh" for line in code.splitlines()]


def commands() -> list[tuple[str, ...]]:
    """Every command of the shell blocks and of the text, as words that begin with ``vaesym.cli`` or a module."""
    written = [line for page in PAGES for line in lines(page)]
    written += [" ".join(words.split()) for page in PAGES.values()
                for words in re.findall(r"`((?:vaesym|python -m) [^`]+)`", page)]
    found: dict[tuple[str, ...], None] = {}
    for part in (part for line in written for part in re.split(r"&&|\|", line)):
        words = shlex.split(part, comments=True)
        program = Path(words[0]).name if words else ""
        if program.startswith("python") and words[1] == "-m" and words[2] not in FOREIGN:
            found[tuple(words[2:])] = None
        elif program == "vaesym":
            found[("vaesym", *words[1:])] = None
        else:
            assert program in {"", "git", "cd", "pip"} or program.startswith("python"), f"unknown program {program}"
    return list(found)


def run(*words: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, encoding="utf-8", cwd=folder, timeout=300,
                          env={**os.environ, "MPLBACKEND": "Agg", "PYTHONIOENCODING": "utf-8"}, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def runs_alone(name: str, code: str) -> bool:
    """Whether a process of its own runs the code: for what is read first, and for Keras, which chooses its arrays once.

    All else is run in this one, where the libraries are loaded.
    """
    return name.startswith("README") or "keras" in code


def run_here(code: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the code prints. In a session of its own it would find of ``vaesym`` only what is public or imported."""
    tree = ast.parse(code)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name) and node.value.id == "vaesym"}
    assert [word for word in used if word not in vaesym.__all__ and f"vaesym.{word}" not in imported] == []
    exec(compile(tree, "page.py", "exec"), {"__name__": "__main__"})
    out, err = capsys.readouterr()
    assert err == ""
    return out


@cache
def help_of(*words: str) -> str:
    """The help of a module, or of one of its commands."""
    text = StringIO()
    with pytest.MonkeyPatch.context() as changed, redirect_stdout(text), warnings.catch_warnings():
        changed.setattr("sys.argv", [*words, "--help"])
        changed.setattr("typer.rich_utils.MAX_WIDTH", 200)
        changed.setenv("COLUMNS", "200")
        warnings.filterwarnings("ignore", ".* found in sys.modules", RuntimeWarning)  # other tests have imported it
        with pytest.raises(SystemExit) as ended:
            runpy.run_module(words[0], run_name="__main__")
    assert not ended.value.code
    return text.getvalue()


def same(claimed: str, line: str) -> bool:
    """Whether a printed line is what was claimed; a tuple is written by print without its brackets."""
    try:
        wanted = ast.literal_eval(claimed)
        text = f"({line.replace(' ', ', ')})" if isinstance(wanted, tuple) and not line.startswith("(") else line
        return bool(ast.literal_eval(text) == wanted)
    except (SyntaxError, ValueError):
        return claimed == line


#: A comment after ``print`` claims what is printed if it begins as values do; other comments are prose.
CLAIM = re.compile(r"^print\(.*\)\s+# ([\[({\d\\-].*|True|False|Eq\(.*|identity.*|failed)$", flags=re.MULTILINE)


@pytest.mark.parametrize("name", PYTHON)
def test_python_runs_and_prints_what_it_says(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str],
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    code = PYTHON[name]
    for library in re.findall(r"^(?:import|from) (torch|keras|pandas)\b", code, flags=re.MULTILINE):
        if find_spec(library) is None:
            pytest.skip(f"needs {library}")
    monkeypatch.chdir(tmp_path)
    if runs_alone(name, code):
        script = tmp_path / "page.py"  # as an argument, letters would have to be those of the locale
        script.write_text(code, encoding="utf-8")
        printed = run("-W", "error", str(script), folder=tmp_path).splitlines()
    else:
        printed = run_here(code, capsys).splitlines()
    for claimed in CLAIM.findall(code):
        assert any(same(claimed, line) for line in printed), (claimed, printed)
    for words in (words for call, words in PRINTED.items() if call in code):
        assert any(words in line for line in printed)
    listed = "".join(re.findall(r"^# .*$", code, flags=re.MULTILINE))
    assert all(pair in printed for pair in re.findall(r"\([\d.]+, [\d.]+\)", listed))
    for written in re.findall(r"savefig\(\"([^\"]+)\"", code):
        assert (tmp_path / written).stat().st_size > 10_000


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_commands_take_the_options_that_are_shown(command: tuple[str, ...]) -> None:
    has_name = command[0] in {"vaesym", "validation"} and len(command) > 1 and not command[1].startswith("-")
    named = command[:2] if has_name else command[:1]
    described = help_of(*named)
    options = [word.split("=")[0] for word in command if word.startswith("-")]
    assert [word for word in options if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", described)] == []


@pytest.mark.parametrize("command", lines("choosing_beta"))
def test_commands_of_the_guide_run(tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str],
                                   monkeypatch: pytest.MonkeyPatch) -> None:
    program, *words = shlex.split(command)
    assert program == "vaesym"
    monkeypatch.chdir(tmp_path)
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert out
    assert err == ""


def test_set_up_is_two_commands_that_install_what_they_use() -> None:
    first, second = (line for line in lines("README") if "venv" in line)
    assert "install -q -e . &&" in first
    extras = set(re.findall(r"\.\[(.*)\]", second)[0].split(","))
    assert extras == {"test", "torch", "fast", "lab"}
    check = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.findall(r"-m pytest .*", second)[0] in check


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    folder = ROOT if page == "README" else GUIDE
    links = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", PAGES[page])
    for target in (first or second for first, second in links):
        if target.startswith("https:"):
            continue
        path, _, anchor = target.partition("#")
        text = (folder / path).resolve().read_bytes()
        titles = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
                  for title in re.findall(r"^#+ (.*)$", text.decode("utf-8", "replace"), flags=re.MULTILINE)]
        assert not anchor or anchor in titles


def test_every_page_of_the_guide_is_linked_from_the_readme() -> None:
    assert [path.name for path in GUIDE.iterdir() if f"vaesym/guide/{path.name}" not in PAGES["README"]] == []


def test_the_picture_is_what_its_command_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.image import imread

    picture, *others = re.findall(r"<img src=\"([^\"]+)\"", PAGES["README"])
    assert others == ["vaesym/guide/explorer.png"]  # a photograph of a page, by `vaesym explore --open`
    (command,) = re.findall(r"Drawn by\s+`vaesym ([^`]+)`", PAGES["README"])
    monkeypatch.chdir(tmp_path)
    assert main(shlex.split(command)) == 0
    committed, drawn = imread(ROOT / picture), imread(tmp_path / Path(picture).name)
    assert (ROOT / picture).stat().st_size <= 150_000
    # Letters differ from one version of Matplotlib or its fonts to another, areas do not.
    assert committed.shape == drawn.shape
    assert np.abs(committed - drawn).mean() < 0.02


def test_every_kind_is_found() -> None:
    assert set(PAGES) >= {"README", "choosing_beta", "glossary", "own_problem", "results"}
    assert len(PYTHON) >= 10
    assert sum(len(CLAIM.findall(code)) for code in PYTHON.values()) >= 40
    assert {command[0] for command in commands()} >= {"vaesym", "derivations", "validation"}
