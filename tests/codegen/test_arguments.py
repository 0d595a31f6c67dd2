"""What a generated function takes on each backend, and in which type it computes."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import sympy as sp

from vaesym.codegen import NumericFunction, lower

x, y = sp.symbols("x y", positive=True)
SOURCE = "def f(x, y):\n    return x/2 + y"


@pytest.mark.parametrize("one", [3, np.int32(3), np.float32(3), [3], np.array(3), True + 2])
def test_numpy_scalars_and_integers_become_float64(one: object) -> None:
    function = NumericFunction.from_source(SOURCE, "f", (), "numpy")
    assert np.asarray(function(one, 1)).dtype == np.float64
    assert np.all(function(one, 1) == 2.5)


def test_a_single_result_is_a_number() -> None:
    assert isinstance(NumericFunction.from_source(SOURCE, "f", (), "numpy")(3, 1), np.float64)


@pytest.mark.parametrize(("backend", "wrong"), [
    *[(backend, wrong) for backend in ("numpy", "mpmath", "torch")
      for wrong in (object(), "one", [[1.0], [1.0, 2.0]], lambda: 1.0)],
    ("numpy", 1j), ("torch", 1j)])
def test_what_is_no_number_is_refused(backend: str, wrong: object) -> None:
    if backend == "torch":
        pytest.importorskip("torch")
    function = NumericFunction.from_source(SOURCE, "f", (), backend)
    received = rf"received \['{type(wrong).__name__}', 'int'\] .*; convert"
    with pytest.raises(TypeError, match=rf"expected real numbers for f\(x, y\); {received}"):
        function(wrong, 1)


@pytest.mark.parametrize("three", [
    3, 3.0, np.float64(3), np.int64(3), np.float32(3), Fraction(3), sp.Integer(3), mpmath.mpf(3)])
def test_mpmath_takes_numbers_of_any_type_exactly(three: object) -> None:
    with mpmath.workdps(50):
        assert lower("f", 1 / x, [x], "mpmath")(three) == mpmath.mpf(1) / 3
        vector = lower("f", [1 / x, x], [x], "mpmath")(x=three)
        assert (vector[0], vector[1]) == (mpmath.mpf(1) / 3, 3)


def test_mpmath_takes_single_numbers() -> None:
    with pytest.raises(TypeError, match=r"expected real numbers for f\(x\); received \['ndarray'\]"):
        lower("f", 1 / x, [x], "mpmath")(np.ones(2))


def test_mpmath_arguments_keep_their_precision() -> None:
    with mpmath.workdps(60):
        third = mpmath.mpf(1) / 3
        assert lower("f", 3 * x - 1, [x], "mpmath")(third) == 3 * third - 1
    assert lower("f", Fraction(1, 3) * x, [x], "mpmath")(3) == mpmath.mpf(1) / 3 * 3


def test_torch_integers_are_not_truncated() -> None:
    torch = pytest.importorskip("torch")
    half = lower("f", x / 2, [x], "torch")
    for three in (torch.tensor(3), torch.tensor(3, dtype=torch.int8), torch.tensor(3.0, dtype=torch.float64)):
        assert float(half(three)) == 1.5
        assert half(three).dtype == torch.float64
    assert float(half(torch.tensor(True))) == 0.5
    values = lower("f", [x, x / 2, 1], [x], "torch")(torch.tensor([1, 2, 3]))
    assert values.tolist() == [[1.0, 0.5, 1.0], [2.0, 1.0, 1.0], [3.0, 1.5, 1.0]]


@pytest.mark.parametrize(("one", "two", "result"), [
    ("float32", "float64", "float64"), ("float64", "float32", "float64"), ("float32", "float32", "float32"),
    ("float16", "float32", "float32"), ("int64", "float64", "float64"), ("int32", "float32", "float64"),
    ("int32", "int64", "float64"), ("bool", "float64", "float64")])
def test_torch_types_promote(one: str, two: str, result: str) -> None:
    torch = pytest.importorskip("torch")
    arguments = [torch.ones(2, dtype=getattr(torch, kind)) for kind in (one, two)]
    for expression in (x * y, x, y, sp.Rational(1, 3), [x, y, 1], sp.sqrt(2)):
        value = lower("f", expression, [x, y], "torch")(*arguments)
        assert value.dtype == getattr(torch, result)
    scalar = torch.tensor(1.0, dtype=getattr(torch, two))
    assert lower("f", x * y, [x, y], "torch")(arguments[0], scalar).dtype == getattr(torch, result)


def test_torch_takes_numbers_and_arrays() -> None:
    torch = pytest.importorskip("torch")
    function = lower("f", sp.log(x) + y, [x, y], "torch")
    assert float(function(1.0, torch.tensor(2.0))) == 2.0
    for one in (1, 1.0, np.float64(1), np.float32(1), np.int64(1)):
        assert function(one, torch.ones(2)).dtype == torch.float32
        assert function(one, 2).dtype == torch.float64
    array = np.ones(3)
    array.flags.writeable = False
    assert function(array, 2.0).tolist() == [2.0, 2.0, 2.0]
    assert function([1.0, 1.0], 2.0).tolist() == [2.0, 2.0]


def test_torch_gradients_pass_the_promotion() -> None:
    torch = pytest.importorskip("torch")
    single = torch.tensor([2.0, 3.0], requires_grad=True)
    lower("f", x**2 * y, [x, y], "torch")(single, torch.tensor([1.0, 2.0], dtype=torch.float64)).sum().backward()
    assert single.grad.tolist() == [4.0, 12.0]
    assert torch.func.grad(lambda value: lower("f", x**2 * y, [x, y], "torch")(value, 2))(torch.tensor(3.0)) == 12.0
