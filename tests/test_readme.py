"""The README: its Python runs as it stands, and its command lines use options that exist."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
#: Programs of others, whose options are not ours to test.
FOREIGN = {"venv", "pip", "pytest"}


def commands() -> list[tuple[str, ...]]:
    """Every command of the shell blocks and of the text, as words that begin with ``vaesym`` or a module."""
    lines = [line for language, code in BLOCKS if language in {"sh", "bash"} for line in code.splitlines()]
    lines += re.findall(r"`((?:vaesym|python -m) [^`]+)`", README)
    found: dict[tuple[str, ...], None] = {}
    for part in (part for line in lines for part in re.split(r"&&|\|", line)):
        words = shlex.split(part, comments=True)
        program = Path(words[0]).name if words else ""
        if program.startswith("python") and words[1] == "-m" and words[2] not in FOREIGN:
            found[tuple(words[2:])] = None
        elif program == "vaesym":
            found[("vaesym.cli", *words[1:])] = None
        else:
            assert program in {"", "git", "cd", "pip"} or program.startswith("python"), f"unknown program {program}"
    return list(found)


@cache
def help_of(*words: str) -> str:
    """The help of a module, or of one of its commands."""
    result = subprocess.run([sys.executable, "-m", *words, "--help"], capture_output=True, text=True, cwd=ROOT,
                            env={**os.environ, "COLUMNS": "200", "TERMINAL_WIDTH": "200"}, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("code", PYTHON, ids=lambda code: code.split("\n")[0])
def test_python_runs(tmp_path: Path, code: str) -> None:
    result = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=tmp_path,
                            env={**os.environ, "MPLBACKEND": "Agg"}, timeout=300, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    for claimed in re.findall(r"^print\(.*\)\s+# ([\[(\d].*)$", code, flags=re.MULTILINE):
        assert ast.literal_eval(claimed) in [ast.literal_eval(line) for line in result.stdout.splitlines()]
    for written in re.findall(r"savefig\(\"([^\"]+)\"", code):
        assert (tmp_path / written).stat().st_size > 10_000


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_commands_take_the_options_that_are_shown(command: tuple[str, ...]) -> None:
    has_name = command[0] in {"vaesym.cli", "validation"} and len(command) > 1 and not command[1].startswith("-")
    named = command[:2] if has_name else command[:1]
    described = help_of(*named)
    options = [word.split("=")[0] for word in command if word.startswith("-")]
    assert [word for word in options if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", described)] == []


def test_both_kinds_are_found() -> None:
    assert len(PYTHON) >= 3
    assert {command[0] for command in commands()} >= {"vaesym.cli", "derivations", "validation"}
