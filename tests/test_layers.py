"""The house: imports go down only, and importing starts nothing heavy."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_layers():
    command = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([str(command), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_importing_and_solving_start_nothing_heavy():
    script = (
        "import sys, vaesym\n"
        "assert not set(sys.modules) & {'numpy', 'sympy', 'torch', 'matplotlib', 'xarray', 'sklearn', 'scipy'}\n"
        "vaesym.solve(2.0, 1.0, lam=1.0)\n"
        "vaesym.saddle_points(2.0, 1.0, lam=1.0)\n"
        "vaesym.collapse_threshold(2.0, lam=1.0)\n"
        "assert not set(sys.modules) & {'sympy', 'torch', 'matplotlib', 'xarray', 'sklearn'}\n"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_public_names_exist():
    import vaesym

    assert all(getattr(vaesym, name) is not None for name in vaesym.__all__)
    assert set(vaesym.__all__) <= set(dir(vaesym))


def test_files_stay_small():
    long = {}
    for folder in ("vaesym", "derivations", "validation"):
        for path in (ROOT / folder).rglob("*.py"):
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if "generated" not in path.parts and lines > 260:
                long[str(path.relative_to(ROOT))] = lines
    assert not long
