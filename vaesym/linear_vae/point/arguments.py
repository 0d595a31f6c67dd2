"""The one door for parameters: names, order, domains, shapes, and devices and types of the backend that computes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeVar

import numpy as np

from vaesym import inputs
from vaesym.generated.quantities import PARAMETERS, QUANTITIES
from vaesym.inputs import Floats, InputError

#: Those of the replica equations: the problem at a decoder variance of 1.
PROBLEM = PARAMETERS[:5]
#: Parameters beyond these magnitudes would overflow in the products of four of them that the formulas hold.
SMALLEST, LARGEST = 1e-30, 1e30
#: The one parameter that may be infinite, where a function knows the limit.
_UNLIMITED = "alpha"
Shape = Literal["number", "axis", "number or axis"]
#: Numbers of dimensions, the shape in words, and what to do.
_SHAPES: dict[Shape, tuple[tuple[int, ...], str, str]] = {
    "number": ((0,), "a number", "call once for each value"),
    "axis": ((1,), "a one-dimensional axis", "pass e.g. numpy.geomspace"),
    "number or axis": ((0, 1), "a number or a one-dimensional axis", "pass e.g. numpy.geomspace")}


_Function = TypeVar("_Function", bound=Callable[..., Any])
_SECTION = re.compile(r"\n\n(?=(?:Parameters|Returns|Raises|Notes|Examples)\n-+\n)")
#: What a function of parameters of each shape refuses, beside values outside of their domains.
_REFUSED = {None: ", or shapes that do not broadcast", "number": "",
            "number or axis": ", or an axis of more than one dimension"}


def documented(shape: Literal["number", "number or axis"] | None = None, *,
               unlimited: bool = False) -> Callable[[_Function], _Function]:
    """Return a decorator that adds to a docstring what the table knows of the parameters that it does not describe.

    Parameters
    ----------
    shape : of the parameters but those annotated as ``float``, which are numbers; without it, arrays of any shape
    unlimited : whether α may be infinite

    Notes
    -----
    Where the docstring has no "Raises", what :func:`check` refuses is added too.

    Examples
    --------
    >>> @documented(unlimited=True)
    ... def doubled(alpha: Any, *, lam: float) -> Any:
    ...     "Return 2α."
    >>> print(doubled.__doc__)
    Return 2α.
    <BLANKLINE>
    Parameters
    ----------
    alpha : samples per dimension P/N, > 0; inf for unlimited data
    lam : a number; weight decay of decoder and encoder, ≥ 0
    <BLANKLINE>
    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, or shapes that do not broadcast.
    """
    def described(name: str, annotation: Any) -> str:
        meaning, _, domain, _ = QUANTITIES[name]
        kind = "number" if annotation == "float" else shape
        before = f"{_SHAPES[kind][1]}; " if kind else ""
        after = "; inf for unlimited data" if unlimited and name == _UNLIMITED else ""
        return f"{name} : {before}{meaning}, {domain.replace('>=', '≥')}{after}"

    def with_words(function: _Function) -> _Function:
        given = {name: described(name, kind) for name, kind in function.__annotations__.items() if name in PARAMETERS}
        return add_sections(function, given, refused=f"A parameter outside its domain{_REFUSED[shape]}.")

    return with_words


def add_sections(function: _Function, parameters: Mapping[str, str], *, returned: str = "",
                 refused: str = "") -> _Function:
    """Return a function whose docstring has these entries and sections too, where it does not have its own."""
    words, *sections = _SECTION.split(inspect.cleandoc(function.__doc__ or ""))
    own = {section.partition("\n")[0]: section for section in sections}
    entries = re.split(r"\n(?! )", own.pop("Parameters", ""))[2:]
    known = {name for entry in entries for name in entry.partition(" : ")[0].split(", ")}
    entries += [entry for name, entry in parameters.items() if name not in known]
    order = list(function.__annotations__)
    entries.sort(key=lambda entry: order.index(re.split(" : |, ", entry)[0]))
    ordered = {"Parameters": "\n".join(["Parameters\n----------", *entries]),
               "Returns": returned and f"Returns\n-------\n{returned}",
               "Raises": refused and f"Raises\n------\nvaesym.InputError\n    {refused}"}
    function.__doc__ = "\n\n".join(filter(None, [words, *(ordered | own).values()]))
    return function


class Axes(NamedTuple):
    """Axes of parameters: dimensions in order, values shaped to broadcast together, coordinates of a dataset."""

    dims: tuple[str, ...]
    points: dict[str, Any]
    coordinates: dict[str, tuple[tuple[str, ...], Any]]

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the dimensions."""
        return tuple(len(self.coordinates[name][1]) for name in self.dims)

    @property
    def fixed(self) -> dict[str, float]:
        """The parameters that are numbers."""
        return {name: float(value) for name, value in self.points.items() if name not in self.dims}


def check(name: str, value: Any, *, unlimited: bool = False, shape: Shape | None = None) -> Floats:
    """Return one parameter as a float64 array.

    Parameters
    ----------
    name : of the table; what is not in it must be > 0
    value : what was given for it
    unlimited : whether α may be infinite; no other parameter ever is
    shape : what it must be; without it, an array of any shape

    Raises :class:`vaesym.InputError`: outside its domain, of absurd magnitude, NaN, not real, or of another shape.

    >>> check("alpha", [1, float("inf")], unlimited=True, shape="axis")
    array([ 1., inf])
    """
    least = 0.0 if QUANTITIES.get(name, ("", "", "> 0"))[2] == ">= 0" else SMALLEST
    array = value.copy() if _is_ordinary(value, least) else _refusing(name, value, least, unlimited)
    if shape is not None:
        dimensions, words, remedy = _SHAPES[shape]
        if array.ndim not in dimensions or (shape == "axis" and not array.size):
            raise InputError(f"{name} as {words}", f"shape {array.shape}", remedy)
    return array


def _is_ordinary(value: Any, least: float) -> bool:
    """Whether nothing can be wrong with many numbers: looked at twice, where to name what is wrong takes ten times."""
    return (type(value) is np.ndarray and value.dtype == np.float64 and value.size > 0
            and bool(least <= value.min() and value.max() <= LARGEST))


def _refusing(name: str, value: Any, least: float, unlimited: bool) -> Floats:
    if least:
        array = inputs.positive(name, value, unlimited=unlimited and name == _UNLIMITED)
    else:
        array = inputs.non_negative(name, value)
    absurd = ((array > LARGEST) & np.isfinite(array)) | (array < least)
    if absurd.any():
        raise InputError(f"{name} between {least:g} and {LARGEST:g}", f"{array[absurd].flat[0]:g}",
                         "choose units in which the parameters are of ordinary size")
    return array


def parameters(*, unlimited: bool = False, **given: Any) -> list[Floats]:
    """Check parameters and broadcast them together.

    >>> [p.shape for p in parameters(alpha=[1, 2], beta=1.0)]
    [(2,), (2,)]
    """
    return inputs.broadcast(**{name: check(name, value, unlimited=unlimited) for name, value in given.items()})


def numbers(**given: Any) -> list[float]:
    """Check parameters that must be finite numbers, not arrays.

    >>> numbers(lam=0, rho=1)
    [0.0, 1.0]
    """
    return [float(check(name, value, shape="number")) for name, value in given.items()]


def grid(**axes: Any) -> Axes:
    """Lay out numbers and one-dimensional axes; a number is a coordinate without a dimension. α may be ∞.

    >>> grid(alpha=[1.0, 2.0], beta=1.0, lam=[0.0, 0.1, 0.2]).shape
    (2, 3)
    """
    values = {name: check(name, value, unlimited=True, shape="number or axis") for name, value in axes.items()}
    dims = tuple(name for name, value in values.items() if value.ndim)
    points = {name: value.reshape([-1 if dim == name else 1 for dim in dims]) if value.ndim else value
              for name, value in values.items()}
    return Axes(dims, points, {name: ((name,) if value.ndim else (), value) for name, value in values.items()})


def checked(backend: str, given: dict[str, Any], *, unlimited: bool = True) -> list[Any]:
    """Return the parameters as arrays, tensors or arrays of mpmath numbers, for a backend.

    Shapes need not be equal but broadcast; nothing is copied that has the right type.

    Raises :class:`vaesym.InputError`: what :func:`check` refuses, tensors of different devices or of a type without 32
    bits, or shapes that do not broadcast.
    """
    if backend == "torch":
        return _tensors(given, unlimited)
    plain = {name: _to_float(name, value) if backend == "mpmath" else value for name, value in given.items()}
    arrays = {name: check(name, value, unlimited=unlimited) for name, value in plain.items()}
    inputs.broadcast(**arrays)
    return [_precise(value) for value in given.values()] if backend == "mpmath" else list(arrays.values())


def _to_float(name: str, value: Any) -> Any:
    """Return numbers of any kind as float64, to be checked; they are not computed with."""
    try:
        numbers = np.asarray(value, dtype=object)
        if any(isinstance(number, (str, bytes, bool, np.bool_, np.datetime64)) for number in numbers.flat):
            raise TypeError("text, truth values and dates are no numbers")
        return np.array([float(number) for number in numbers.flat]).reshape(numbers.shape)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(f"{name} as real numbers", f"{repr(value)[:60]} ({error})",
                         "pass int, float or mpmath values") from error


def _precise(value: Any) -> Any:
    import mpmath

    return np.vectorize(mpmath.mpmathify, otypes=[object])(np.asarray(value, dtype=object))


def _tensors(given: dict[str, Any], unlimited: bool) -> list[Any]:
    import torch

    own = {name: value for name, value in given.items() if isinstance(value, torch.Tensor)}
    devices = {str(t.device) for t in own.values() if t.ndim} or {str(t.device) for t in own.values()} or {"cpu"}
    if len(devices) > 1:
        raise InputError("tensors on one device", ", ".join(f"{n} on {t.device}" for n, t in own.items()),
                         "move them with .to(device)")
    kinds = {name: t.dtype for name, t in own.items() if t.is_floating_point() or t.is_complex()}
    wrong = {name: kind for name, kind in kinds.items() if kind not in (torch.float32, torch.float64)}
    wrong |= {name: value.dtype for name, value in own.items() if value.dtype == torch.bool}
    if wrong:
        name, kind = next(iter(wrong.items()))
        raise InputError("tensors of float32, float64 or whole numbers", f"{name} of {kind}", f"convert {name}")
    plain = {name: check(name, value, unlimited=unlimited) for name, value in given.items() if name not in own}
    lists = any(array.ndim for array in plain.values())
    dtype = torch.float32 if kinds and set(kinds.values()) == {torch.float32} and not lists else torch.float64
    device = next(iter(devices))
    tensors = {name: (value if name in own else torch.from_numpy(np.array(plain[name]))).to(dtype=dtype, device=device)
               for name, value in given.items()}
    for name, tensor in tensors.items():
        _check_tensor(name, tensor, unlimited)
    _ = inputs.broadcast(**{name: np.broadcast_to(0.0, tuple(tensor.shape)) for name, tensor in tensors.items()})
    return list(tensors.values())


def _check_tensor(name: str, tensor: Any, unlimited: bool) -> None:
    """Refuse what lies outside the domain; one transfer from the device a parameter, however many its values."""
    if not tensor.numel():
        return
    low, high = (float(bound) for bound in tensor.detach().aminmax())
    if not low <= high:  # either is NaN
        low = high = np.nan
    check(name, np.array([low, high]), unlimited=unlimited)
