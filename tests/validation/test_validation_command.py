"""``python -m validation``: which checks run, and how it ends."""

import subprocess
import sys

import pytest

from vaesym.commands import run_command
from validation import checks
from validation.__main__ import _CHECKS, app
from validation.checks import CheckResult


@pytest.mark.parametrize(("only", "worst", "code"), [((), 0.0, 0), (("replica", "brute-force"), 0.0, 0),
                                                     (("replica",), 1.0, 1)])
def test_the_named_checks_run_and_decide(only, worst, code, monkeypatch, ended):
    run = []
    for name, function in _CHECKS.items():
        assert callable(getattr(checks, function))
        monkeypatch.setattr(checks, function, lambda name=name: run.append(name) or CheckResult(
            name, 3, worst, 0.5, "difference"))
    result = ended(app, *[word for name in only for word in ("--only", name)])
    assert result.returncode == code, result.stderr
    assert run == list(only or _CHECKS)


def test_an_unknown_check_is_refused(ended):
    result = ended(app, "--only", "nonsense")
    assert (result.returncode, result.stderr) == (
        2, "Error: expected checks among replica, brute-force, training; received 'nonsense'; choose one\n")


def test_a_wrong_command_line_is_told_as_by_all_commands(capsys):
    assert run_command(app, ["images", "--nonsense"], "python -m validation") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Error: expected the arguments of 'python -m validation images'; received a wrong")
    assert printed.err.count("\n") == 1


def test_a_help_starts_nothing_heavy():
    code = ("import sys, validation.__main__\n"
            "assert not set(sys.modules) & {'sympy', 'torch', 'matplotlib', 'xarray', 'sklearn', 'scipy.stats'}")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
