"""The house: imports go down only, and importing starts nothing heavy."""

import ast
import subprocess
import sys
from collections import Counter
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


#: Every module that is written by hand.
MODULES = [path for room in ("vaesym", "derivations", "validation") for path in (ROOT / room).rglob("*.py")
           if "generated" not in path.parts]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    has_words = ast.get_docstring(function, clean=False) is not None
    return span(function) - (span(first) if has_words else 0)


def span(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_functions_stay_short():
    found = {f"{path.relative_to(ROOT)}: {node.name}": length(node)
             for path in MODULES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
             if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert len(found) > 500
    assert {name: lines for name, lines in found.items() if lines > 50} == {}


def test_folders_stay_small():
    """At most nine files in a folder, beside the one that says what it exports."""
    counted = Counter(path.parent.relative_to(ROOT) for path in MODULES if path.name != "__init__.py")
    assert {str(folder): files for folder, files in counted.items() if files > 9} == {}
