"""Arrays that torch holds on a device, for code that is written in NumPy.

NumPy hands its functions, and SciPy's, to arrays that ask for it (``__array_ufunc__``, ``__array_function__``; NEP 13
and 18). So the averages, the minimisers and the functions that were printed for NumPy are carried out on the device as
they are. All numbers are float64 there, constants too; nothing comes back unless :meth:`TorchArray.numpy` is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.lib.mixins import NDArrayOperatorsMixin

from vaesym.inputs import Floats, InputError

#: Functions of numbers that are called by the same name in torch, or in torch.special.
_SAME = ("absolute", "add", "arctan", "arcsinh", "cos", "cosh", "divide", "erf", "erfc", "erfcx", "exp",
         "expit", "expm1", "gammaln", "greater", "greater_equal", "isfinite", "isinf", "isnan", "less", "less_equal",
         "log", "log1p", "log_ndtr", "logaddexp", "logical_and", "logical_not", "logical_or", "matmul", "maximum",
         "minimum", "multiply", "negative", "not_equal", "psi", "sign", "sin", "sinh", "sqrt", "subtract",
         "tan", "tanh")
_OTHER: dict[str, Callable[..., Any]] = {
    # torch's own ndtr is wrong by 100 % where little is left of the tail.
    "ndtr": lambda x: torch.erfc(x * -(0.5**0.5)) / 2,
    "equal": torch.eq, "bitwise_and": torch.logical_and, "bitwise_or": torch.logical_or, "invert": torch.logical_not,
    "power": torch.pow}
_UFUNCS = {name: getattr(torch, name, None) or getattr(torch.special, name) for name in _SAME} | _OTHER
#: Of these the operands are numbers, not truth values.
_ARITHMETIC = frozenset(("add", "divide", "matmul", "multiply", "power", "subtract"))


def _unknown(name: str) -> InputError:
    return InputError("a problem made of functions that torch has", f"one with {name}", "solve it with backend='numpy'")


class TorchArray(NDArrayOperatorsMixin):
    """Numbers in float64, or truth values, on a device of torch.

    >>> x = TorchArray.put(np.array([0.0, 1.0]), "cpu")
    >>> (np.exp(x) + np.where(x > 0.5, 1.0, -1.0)).numpy().round(6).tolist()
    [0.0, 3.718282]
    """

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor

    @classmethod
    def put(cls, array: Any, device: str | torch.device) -> TorchArray:
        """Copy an array to a device; what is repeated along an axis is copied once."""
        array = np.asarray(array)
        once = array[tuple(slice(None if stride else 1) for stride in array.strides)]
        kept = np.array(once, dtype=bool if array.dtype == bool else np.float64)
        return cls(torch.from_numpy(kept).to(device).expand(array.shape))

    def numpy(self) -> Any:
        """Return the numbers as an array of NumPy."""
        return self.tensor.cpu().numpy()

    def __array__(self, *_: Any, **__: Any) -> Floats:
        raise InputError("numbers that stay on their device", "a function that takes them from torch without a word",
                         "call .numpy(), or solve the problem with backend='numpy'")

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape."""
        return tuple(self.tensor.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.tensor.ndim

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.tensor.numel()

    def __len__(self) -> int:
        return len(self.tensor)

    def __bool__(self) -> bool:
        return bool(self.tensor)

    def reshape(self, *shape: int) -> TorchArray:
        """Return the entries in another shape."""
        return TorchArray(self.tensor.reshape(shape))

    def all(self, axis: int | None = None) -> TorchArray:
        """Return whether all entries are true."""
        return TorchArray(self.tensor.all() if axis is None else self.tensor.all(dim=axis))

    def _key(self, key: Any) -> Any:
        """Return what torch takes as an index; it has no steps backwards."""
        def one(part: Any, length: int) -> Any:
            if isinstance(part, slice) and (part.step or 1) < 0:
                return torch.arange(*part.indices(length), device=self.tensor.device)
            return part.tensor if isinstance(part, TorchArray) else part

        if not isinstance(key, tuple):
            return one(key, len(self))
        lengths, axis = [], 0
        for part in key:
            lengths.append(self.shape[axis] if part is not None and axis < self.ndim else 0)
            axis += part is not None
        return tuple(one(part, length) for part, length in zip(key, lengths, strict=True))

    def __getitem__(self, key: Any) -> TorchArray:
        return TorchArray(self.tensor[self._key(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self.tensor[self._key(key)] = value.tensor if isinstance(value, TorchArray) else value

    def operand(self, value: Any) -> torch.Tensor:
        """Return anything as a tensor on the device of this one."""
        if isinstance(value, TorchArray):
            return value.tensor
        if isinstance(value, bool | np.bool_):
            return torch.full((), bool(value), device=self.tensor.device)
        if isinstance(value, int | float | np.number):
            # Filled there: nothing is copied, and nothing waits.
            return torch.full((), float(value), dtype=torch.float64, device=self.tensor.device)
        return TorchArray.put(value, self.tensor.device).tensor

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = (), **more: Any) -> Any:
        name = ufunc.__name__
        if method != "__call__" or more or name not in _UFUNCS:
            raise _unknown(name)
        if name == "power" and isinstance(inputs[1], int | float):
            # Squares and roots are known as such by their exponents.
            found = torch.pow(self.operand(inputs[0]), inputs[1])
        else:
            operands = [self.operand(value) for value in inputs]
            if name in _ARITHMETIC:
                operands = [x.to(torch.float64) if x.dtype == torch.bool else x for x in operands]
            found = _UFUNCS[name](*operands)
        if not out:
            return TorchArray(found)
        out[0].tensor.copy_(found)
        return out[0]

    def __array_function__(self, func: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        if func.__name__ not in _FUNCTIONS:
            raise _unknown(func.__name__)
        found = _FUNCTIONS[func.__name__](self.operand, *args, **kwargs)
        return TorchArray(found) if isinstance(found, torch.Tensor) else found


def _filled(fixed: float | None) -> Callable[..., torch.Tensor]:
    """Return what makes an array like another one, of a number that is fixed or given."""
    def function(on: Any, array: TorchArray, fill: float = 0.0, *, shape: Any = None) -> torch.Tensor:
        return torch.full(array.shape if shape is None else shape, fill if fixed is None else fixed,
                          dtype=array.tensor.dtype, device=array.tensor.device)

    return function


def _where(on: Any, condition: Any, x: Any, y: Any) -> torch.Tensor:
    return torch.where(on(condition), on(x), on(y))


def _select(on: Any, conditions: Any, choices: Any, default: Any = 0.0) -> torch.Tensor:
    found = on(default)
    for condition, choice in zip(reversed(conditions), reversed(choices), strict=True):
        found = torch.where(on(condition), on(choice), found)
    return found


def _asarray(on: Any, value: Any, dtype: Any = None) -> torch.Tensor:
    return on(value).to(torch.float64)


def _clip(on: Any, x: Any, low: Any, high: Any) -> torch.Tensor:
    return torch.minimum(torch.maximum(on(x), on(low)), on(high))


def _broadcast(on: Any, x: Any, shape: tuple[int, ...]) -> torch.Tensor:
    return on(x).expand(shape)


def _einsum(on: Any, subscripts: str, *operands: Any) -> torch.Tensor:
    return torch.einsum(subscripts, *[on(x) for x in operands])


#: Functions of NumPy that take arrays whole; the first argument brings anything to the device.
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "asarray": _asarray, "broadcast_to": _broadcast, "clip": _clip, "einsum": _einsum, "select": _select,
    "where": _where,
    "empty_like": _filled(0.0), "zeros_like": _filled(0.0), "ones_like": _filled(1.0), "full_like": _filled(None),
    "concatenate": lambda on, arrays, axis=0: torch.cat([on(x) for x in arrays], dim=axis),
    "stack": lambda on, arrays, axis=0: torch.stack([on(x) for x in arrays], dim=axis),
    "diff": lambda on, x, axis=-1: torch.diff(on(x), dim=axis),
    "nan_to_num": lambda on, x, nan, posinf, neginf: torch.nan_to_num(on(x), nan, posinf, neginf),
    "moveaxis": lambda on, x, source, to: torch.moveaxis(on(x), source, to),
    "shape": lambda on, x: x.shape,
    "sort": lambda on, x, axis=-1: torch.sort(on(x), dim=axis).values,
    "sum": lambda on, x, axis: torch.sum(on(x), dim=axis),
}
