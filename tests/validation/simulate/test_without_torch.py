"""Without torch the checks can be imported, data drawn and the exact minimum found; what needs it says so."""

import subprocess
import sys

#: torch cannot be found, as if it were not installed.
BLOCKED = """
import sys
from importlib.machinery import PathFinder
found = PathFinder.find_spec
PathFinder.find_spec = classmethod(
    lambda cls, name, path=None, target=None: None if name == "torch" else found(name, path, target))
"""


def python(code):
    return subprocess.run([sys.executable, "-c", BLOCKED + code], capture_output=True, text=True, check=False)


def test_the_exact_minimiser_needs_no_torch():
    done = python("import validation.__main__\n"
                  "from validation.simulate.data import SpikedData\n"
                  "from validation.simulate.minimisers import DirectMinimisation\n"
                  "from validation.simulate.runs import Run, Settings\n"
                  "batch = DirectMinimisation([Run(SpikedData(20, 60, strengths=(4.0,)))], Settings(method='exact'))\n"
                  "batch.advance(1)\n"
                  "print(batch.result()['loss'][0] < 0)")
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_published_runs_ask_for_torch():
    done = python("from vaesym.commands import run_command\nfrom validation.__main__ import app\n"
                  "raise SystemExit(run_command(app, ['published', 'runs.csv']))")
    assert done.returncode == 2
    assert "pip install" in done.stderr
