"""Generated functions as objects, from a module and from source."""

import dataclasses
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import mpmath
import numpy as np
import pytest

import vaesym.codegen
from vaesym.codegen import NumericFunction
from vaesym.generated import for_arrays

SOURCE = """def f(xp, lam, x):
    return (
        lam*x,
        1,
        xp.sqrt(x),
        x/2,
    )
"""
MODULE = '''"""Generated."""

BACKEND = "{backend}"
SHAPES = {{"one": (), "two": (2,), "wrong": (3,), "square": (2, 2)}}


def one(a, b):
    """One number."""
    return a - 2*b


def two(b, a):
    return (a, 1,)


def wrong(a):
    return (a, a,)


def square(xp, a):
    t0 = xp.sqrt(a)
    return (t0, 0, 1, a,)


def unlisted(a):
    return a
'''


def module(tmp_path: Path, backend: str) -> ModuleType:
    path = tmp_path / f"generated_for_{backend}.py"
    path.write_text(MODULE.format(backend=backend), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def number(backend: str, value: float) -> object:
    if backend == "torch":
        torch = pytest.importorskip("torch")
        return torch.tensor(value, dtype=torch.float64)
    return mpmath.mpf(value) if backend == "mpmath" else value


@pytest.mark.parametrize("backend", ["numpy", "mpmath", "torch"])
def test_from_module(tmp_path: Path, backend: str) -> None:
    two, nine = number(backend, 2.0), number(backend, 9.0)
    generated = module(tmp_path, backend)
    one = NumericFunction.from_module(generated, "one")
    assert (one.name, one.arguments, one.shape, one.backend) == ("one", ("a", "b"), (), backend)
    assert one.source == 'def one(a, b):\n    """One number."""\n    return a - 2*b\n'
    assert float(one(nine, two)) == float(one(b=two, a=nine)) == float(one(nine, b=two)) == 5.0
    pair = NumericFunction.from_module(generated, "two")
    assert pair.arguments == ("b", "a")
    assert [float(v) for v in pair(two, nine)] == [9.0, 1.0]
    square = NumericFunction.from_module(generated, "square")(nine)
    assert [float(square[i, j]) for i in range(2) for j in range(2)] == [3.0, 0.0, 1.0, 9.0]


@pytest.mark.parametrize("backend", ["numpy", "mpmath", "torch"])
def test_a_stale_shape_is_an_error(tmp_path: Path, backend: str) -> None:
    with pytest.raises(TypeError, match="expected 3 values from wrong; received 2; generate the source again"):
        NumericFunction.from_module(module(tmp_path, backend), "wrong")(number(backend, 1.0))
    four = NumericFunction.from_source("def f(x):\n    return x", "f", (2, 2), backend)
    with pytest.raises(TypeError, match="expected 4 values from f; received 1"):
        four(number(backend, 1.0))


def test_names_that_are_not_generated(tmp_path: Path) -> None:
    generated = module(tmp_path, "numpy")
    with pytest.raises(AttributeError, match="absent"):
        NumericFunction.from_module(generated, "absent")
    with pytest.raises(KeyError, match="unlisted"):
        NumericFunction.from_module(generated, "unlisted")
    with pytest.raises(KeyError, match="g"):
        NumericFunction.from_source(SOURCE, "g", (), "numpy")


@pytest.mark.parametrize("backend", ["jax", "NumPy", ""])
def test_unknown_backends(tmp_path: Path, backend: str) -> None:
    message = rf"expected a backend among \['numpy', 'mpmath', 'torch', 'numba'\]; received '{backend}'; choose"
    with pytest.raises(ValueError, match=message):
        NumericFunction.from_source("def f(x):\n    return x", "f", (), backend)
    generated = module(tmp_path, "numpy")
    generated.BACKEND = backend
    with pytest.raises(ValueError, match=message):
        NumericFunction.from_module(generated, "one")


def test_from_source() -> None:
    function = NumericFunction.from_source(SOURCE, "f", (2, 2), "numpy")
    assert function.arguments == ("lam", "x")
    assert function.source == SOURCE
    np.testing.assert_array_equal(function(3, 4.0), [[12.0, 1.0], [2.0, 2.0]])
    batch = function(np.array([[1.0], [2.0]]), [1.0, 4.0, 9.0])
    assert batch.shape == (2, 3, 2, 2)
    np.testing.assert_array_equal(batch[1, 2], [[18.0, 1.0], [3.0, 4.5]])
    np.testing.assert_array_equal(NumericFunction.from_source(SOURCE, "f", (4,), "numpy")(3, 4.0), [12, 1, 2, 2])


@pytest.mark.parametrize("backend", ["numpy", "mpmath", "torch"])
@pytest.mark.parametrize(("args", "named", "message"), [
    ((), {}, r"expected f\(lam, x\); received 0 positional arguments and \[\]; pass each argument once"),
    ((1.0,), {}, "received 1 positional"), ((1.0, 2.0, 3.0), {}, "received 3 positional"),
    ((1.0, 2.0), {"x": 1.0}, r"received 2 positional arguments and \['x'\]"), ((1.0,), {"lam": 1.0}, r"\['lam'\]"),
    ((1.0,), {"y": 2.0}, r"\['y'\]"), ((), {"x": 1.0}, r"received 0 positional arguments and \['x'\]")])
def test_wrong_arguments(backend: str, args: tuple[float, ...], named: dict[str, float], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        NumericFunction.from_source("def f(lam, x):\n    return lam + x", "f", (), backend)(*args, **named)


def test_the_result_is_a_new_array() -> None:
    """Not a view of an argument: writing to one must not change the other."""
    given = np.ones(3)
    result = NumericFunction.from_source("def f(x):\n    return x", "f", (), "numpy")(given)
    result[0] = 7.0
    assert given[0] == 1.0


def test_sources_do_not_share_a_namespace() -> None:
    one = NumericFunction.from_source("k = 1\n\ndef f(x):\n    return x + k", "f", (), "numpy")
    two = NumericFunction.from_source("k = 2\n\ndef f(x):\n    return x + k", "f", (), "numpy")
    assert (one(0.0), two(0.0)) == (1.0, 2.0)


def test_errors_inside_the_source_name_it() -> None:
    broken = NumericFunction.from_source("def f(x):\n    return y", "f", (), "numpy")
    with pytest.raises(NameError) as caught:
        broken(1.0)
    assert "<generated f for numpy>" in {str(entry.path) for entry in caught.traceback}


def test_identity_goes_by_content() -> None:
    one, two = (NumericFunction.from_source(SOURCE, "f", (2, 2), "numpy") for _ in range(2))
    assert one == two
    assert hash(one) == hash(two)
    assert one != NumericFunction.from_source(SOURCE, "f", (4,), "numpy")
    assert repr(one) == "NumericFunction(name='f', arguments=('lam', 'x'), shape=(2, 2), backend='numpy')"
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.shape = (4,)


def test_arguments_must_broadcast() -> None:
    function = NumericFunction.from_source(SOURCE, "f", (4,), "numpy")
    with pytest.raises(ValueError, match="broadcast"):
        function(np.ones(2), np.ones(3))
    torch = pytest.importorskip("torch")
    on_torch = NumericFunction.from_source("def f(a, b):\n    return a + b", "f", (), "torch")
    with pytest.raises(RuntimeError, match="must match"):
        on_torch(torch.ones(2), torch.ones(3))


#: Functions of the data alone, without the weight decay.
_OF_DATA = {"outlier", "outlier_fluctuations", "detection", "bulk_edge", "detection_threshold"}


@pytest.mark.parametrize("name", list(for_arrays.SHAPES))
def test_shipped_functions_load_alike(name: str) -> None:
    one, other = (NumericFunction.from_module(for_arrays, name, backend) for backend in ("numpy", "mpmath"))
    assert (one.arguments, one.shape) == (other.arguments, other.shape)
    assert one.source.startswith(f"def {name}({', '.join(['xp', *one.arguments])}):\n    \"\"\"")
    assert "lam" in one.arguments or name in _OF_DATA
    values = np.linspace(0.3, 0.9, len(one.arguments))
    batch = one(*np.broadcast_to(values, (5, len(values))).T)
    assert batch.shape == (5, *one.shape)
    with mpmath.workdps(50):
        precise = other(*map(mpmath.mpf, values))
    flat = [float(v) for v in (precise if one.shape else [precise])]
    np.testing.assert_allclose(batch.reshape(5, -1), np.broadcast_to(flat, (5, len(flat))), rtol=1e-12, atol=1e-13)


def test_a_threshold_by_hand() -> None:
    """β_c(α = 2, λ = 1, Λ = 3) = 6/3 − 1/6."""
    function = NumericFunction.from_module(for_arrays, "collapse_threshold")
    assert function(alpha=2.0, lam=1.0, eigenvalue=3.0) == pytest.approx(11 / 6, rel=1e-15)


def test_running_generated_source_does_not_start_sympy() -> None:
    code = ("import sys, vaesym.codegen as c; from vaesym.generated import for_arrays as g; "
            "c.NumericFunction.from_module(g, 'bulk_edge')(1.0, 1.0); assert 'sympy' not in sys.modules")
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_room_exports_what_it_says() -> None:
    for name in vaesym.codegen.__all__:
        assert getattr(vaesym.codegen, name) is not None
    with pytest.raises(AttributeError, match=r"module 'vaesym.codegen' has no attribute 'lowerr'"):
        _ = vaesym.codegen.lowerr
