"""The guide: its Python runs as it stands and prints what it says, and its commands take the options that are shown."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GUIDES = sorted((ROOT / "vaesym" / "guide").glob("*.md"))
TEXT = "\n".join(guide.read_text(encoding="utf-8") for guide in GUIDES)
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
COMMANDS = [line for language, code in BLOCKS if language == "sh" for line in code.splitlines()]


def run(*words: str, folder: Path) -> str:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, cwd=folder, timeout=300,
                          env={**os.environ, "MPLBACKEND": "Agg"}, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize("code", PYTHON, ids=range(len(PYTHON)))
def test_python_runs_and_prints_what_it_says(tmp_path: Path, code: str) -> None:
    if "import torch" in code and find_spec("torch") is None:
        pytest.skip("needs torch")
    printed = run("-W", "error", "-c", code, folder=tmp_path).splitlines()
    for claimed in re.findall(r"^print\(.*\)\s+# (.*)$", code, flags=re.MULTILINE):
        wanted = ast.literal_eval(claimed)
        assert any(same(wanted, line) for line in printed), (claimed, printed)
    if "monitor.ask_one_more(" in code:
        assert any("one more latent would be used at β = 0.3" in line for line in printed)
    if "monitor.update(" in code:
        assert any("will stay collapsed at β = 0.45" in line for line in printed)
    listed = "".join(re.findall(r"^# .*$", code, flags=re.MULTILINE))
    assert all(pair in printed for pair in re.findall(r"\([\d.]+, [\d.]+\)", listed))


def same(wanted: object, line: str) -> bool:
    """Whether a printed line has this value; a tuple is written by print without its brackets."""
    text = f"({line.replace(' ', ', ')})" if isinstance(wanted, tuple) else line
    try:
        return ast.literal_eval(text) == wanted
    except (SyntaxError, ValueError):
        return False


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(tmp_path: Path, command: str) -> None:
    program, *words = shlex.split(command)
    assert program == "vaesym"
    assert run("-m", "vaesym.cli", *words, folder=tmp_path)


def test_the_guide_has_its_blocks() -> None:
    assert len(PYTHON) >= 5
    assert COMMANDS
