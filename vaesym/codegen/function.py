"""Generated functions as objects: explicit argument order, readable source, broadcasting done here."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

#: The backends that a function can be lowered to.
BACKENDS = ("numpy", "mpmath", "torch")


def _stack_numpy(values: Sequence[Any], shape: tuple[int, ...], arguments: Sequence[Any]) -> Any:
    batch = np.broadcast_shapes(*[np.shape(argument) for argument in arguments])
    out = np.empty(batch + (len(values),), dtype=np.result_type(np.float64, *values))
    for i, value in enumerate(values):
        out[..., i] = value
    return out.reshape(batch + shape)[()]


def _stack_torch(values: Sequence[Any], shape: tuple[int, ...], arguments: Sequence[Any]) -> Any:
    import torch

    tensors = [a for a in arguments if isinstance(a, torch.Tensor)]
    like = tensors[0] if tensors else torch.zeros((), dtype=torch.float64)
    batch = torch.broadcast_shapes(*[t.shape for t in tensors])
    full = [torch.as_tensor(v, dtype=like.dtype, device=like.device).expand(batch) for v in values]
    return torch.stack(full, dim=-1).reshape(batch + shape)


def _stack_mpmath(values: Sequence[Any], shape: tuple[int, ...], arguments: Sequence[Any]) -> Any:
    import mpmath

    del arguments
    exact = [mpmath.mpmathify(value) for value in values]
    if not shape:
        return exact[0]
    columns = shape[1] if len(shape) == 2 else 1
    return mpmath.matrix([exact[i : i + columns] for i in range(0, len(exact), columns)])


_STACK = {"numpy": _stack_numpy, "mpmath": _stack_mpmath, "torch": _stack_torch}


@dataclass(frozen=True)
class NumericFunction:
    """A function generated from an expression.

    Call it with the arguments in order, or by name. With the backends ``numpy`` and ``torch`` arguments
    broadcast against each other and the result has the broadcast shape followed by ``shape``; a constant
    expression is broadcast too. With ``mpmath`` arguments are single numbers and the result is a number
    or an ``mpmath.matrix``.

    Attributes
    ----------
    name : the name of the function in its source
    arguments : names in calling order
    shape : shape of one result: () for a number, (9,) for a vector, (9, 9) for a matrix
    backend : "numpy", "mpmath" or "torch"
    source : the generated Python source

    Raises
    ------
    TypeError
        When called with a wrong number or wrong names of arguments.
    """

    name: str
    arguments: tuple[str, ...]
    shape: tuple[int, ...]
    backend: str
    source: str = field(repr=False)
    _raw: Callable[..., Any] = field(repr=False, compare=False)

    @classmethod
    def from_module(cls, module: ModuleType, name: str) -> NumericFunction:
        """Wrap the function ``name`` of a generated module, which declares ``BACKEND`` and ``SHAPES``."""
        raw = getattr(module, name)
        arguments = tuple(inspect.signature(raw).parameters)
        return cls(name, arguments, tuple(module.SHAPES[name]), module.BACKEND, inspect.getsource(raw), raw)

    @classmethod
    def from_source(cls, source: str, name: str, shape: tuple[int, ...], backend: str) -> NumericFunction:
        """Compile ``source``, which must define ``name`` and import what it uses."""
        namespace: dict[str, Any] = {}
        exec(compile(source, f"<generated {name} for {backend}>", "exec"), namespace)
        raw = namespace[name]
        return cls(name, tuple(inspect.signature(raw).parameters), shape, backend, source, raw)

    def _ordered(self, args: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        unknown = [name for name in named if name not in self.arguments]
        given = [*self.arguments[: len(args)], *named]
        if unknown or len(args) > len(self.arguments) or sorted(given) != sorted(self.arguments):
            raise TypeError(f"expected {self.name}({', '.join(self.arguments)}); received {len(args)} positional "
                            f"arguments and {sorted(named)}; pass each argument once")
        return [*args, *[named[name] for name in self.arguments[len(args) :]]]

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Evaluate at the given arguments."""
        arguments = self._ordered(args, named)
        if self.backend == "numpy":
            arguments = [np.asarray(argument, dtype=np.float64) for argument in arguments]
        values = self._raw(*arguments)
        flat = values if isinstance(values, tuple) else (values,)
        if len(flat) != math.prod(self.shape):
            raise TypeError(f"expected {math.prod(self.shape)} values from {self.name}; received {len(flat)}; "
                            "generate the source again")
        return _STACK[self.backend](flat, self.shape, arguments)
