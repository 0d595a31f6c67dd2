"""Generated functions as objects: explicit argument order, readable source, broadcasting done here."""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np

from vaesym.codegen.namespaces import NAMESPACES, with_branches

#: The backends that a function can be lowered to.
BACKENDS = ("numpy", "mpmath", "torch", "numba")
#: The array that compiled functions, which return nothing, write into, and the column they write.
RESULT, POINT = "_results", "_lane"
#: Points that make it worth while to wake a thread.
_POINTS_PER_THREAD = 4096
#: Names with another meaning in the source of some backend.
RESERVED = frozenset({*BACKENDS, RESULT, POINT, "math", "Math", "log1p", "xp", "following", "scalar", "arrays", "bits",
                      "from_bits", "gather", "scatter", "stream", "BLOCK", "BEYOND_CACHE", "arb", "fmpq", "positive",
                      "Undecided"})


def _take_numpy(arguments: Sequence[Any]) -> list[Any]:
    return [np.asarray(argument, dtype=np.float64) for argument in arguments]


def _take_mpmath(arguments: Sequence[Any]) -> list[Any]:
    import mpmath

    return [mpmath.mpmathify(argument) for argument in arguments]


def _take_torch(arguments: Sequence[Any]) -> list[Any]:
    """Promote tensors to one floating type, whole numbers to float64; plain numbers take the type of the tensors."""
    import torch

    arrays: dict[int, Any] = {
        i: torch.as_tensor(np.array(argument) if isinstance(argument, np.ndarray) else argument)
        for i, argument in enumerate(arguments) if isinstance(argument, (torch.Tensor, np.ndarray))}
    kinds = [a.dtype if a.is_floating_point() or a.is_complex() else torch.float64 for a in arrays.values()]
    dtype = functools.reduce(torch.promote_types, kinds) if kinds else torch.float64
    device = next((a.device for a in arrays.values() if a.device.type != "cpu"), torch.device("cpu"))
    return [arrays[i].to(dtype) if i in arrays else torch.as_tensor(argument, dtype=dtype, device=device)
            for i, argument in enumerate(arguments)]


def _stack_numpy(values: Sequence[Any], shape: tuple[int, ...], arguments: Sequence[Any]) -> Any:
    batch = np.broadcast_shapes(*[np.shape(argument) for argument in arguments])
    out = np.empty((*batch, len(values)), dtype=np.result_type(np.float64, *values))
    for i, value in enumerate(values):
        out[..., i] = value
    return out.reshape(batch + shape)[()]


def _stack_torch(values: Sequence[Any], shape: tuple[int, ...], arguments: Sequence[Any]) -> Any:
    import torch

    like: Any = next((a for a in arguments if a.device.type != "cpu"), arguments[0]) if arguments else None
    kind: Any = {"dtype": torch.float64} if like is None else {"dtype": like.dtype, "device": like.device}
    batch = torch.broadcast_shapes(*[argument.shape for argument in arguments])
    full = [torch.as_tensor(value, **kind).expand(batch) for value in values]
    return torch.stack(full, dim=-1).reshape(batch + shape)


def _stack_mpmath(values: Sequence[Any], shape: tuple[int, ...], arguments: Sequence[Any]) -> Any:
    import mpmath

    del arguments
    exact = [+mpmath.mpmathify(value) for value in values]
    if not shape:
        return exact[0]
    columns = shape[1] if len(shape) == 2 else 1
    return mpmath.matrix([exact[i : i + columns] for i in range(0, len(exact), columns)])


_TAKE = {"numpy": _take_numpy, "mpmath": _take_mpmath, "torch": _take_torch, "numba": _take_numpy}
_STACK = {"numpy": _stack_numpy, "mpmath": _stack_mpmath, "torch": _stack_torch, "numba": _stack_numpy}


class OverArrays:
    """A compiled loop over flat arrays, called with arrays that broadcast."""

    def __init__(self, loop: Callable[..., None], results: int) -> None:
        self.loop, self.results = loop, results

    def __call__(self, *arguments: Any) -> Any:
        """Return an array of the results, each of the broadcast shape."""
        out = np.empty((self.results, *np.broadcast_shapes(*map(np.shape, arguments))))
        laid_out = [_laid_out(np.asarray(argument, dtype=np.float64), out.shape[1:]) for argument in arguments]
        runs = np.array([run for _, run in laid_out], dtype=np.int64)
        self._share_out([*[flat for flat, _ in laid_out], runs, out.reshape(self.results, -1)])
        return out

    def _share_out(self, given: list[Any]) -> None:
        """Run the loop over all points, on as many of numba's threads as they are worth."""
        points = given[-1].shape[1]
        shares = points // _POINTS_PER_THREAD
        if shares > 1:
            import numba

            shares = min(shares, numba.get_num_threads())
        if shares < 2:
            self.loop(*given, 0, points)
            return
        from concurrent.futures import ThreadPoolExecutor

        ends = [points * share // shares for share in range(shares + 1)]
        with ThreadPoolExecutor(shares) as threads:
            for done in [threads.submit(self.loop, *given, *share) for share in pairwise(ends)]:
                done.result()


def _laid_out(array: Any, shape: tuple[int, ...]) -> tuple[Any, int]:
    """Return an array as a flat one, and for how many points of ``shape`` each element holds before the next one does.

    That is enough where its axes longer than 1 are neighbours among those of ``shape``; otherwise it is broadcast.
    """
    padded = (1,) * (len(shape) - array.ndim) + array.shape
    own = [i for i, (mine, all_) in enumerate(zip(padded, shape, strict=True)) if mine == all_ and all_ > 1]
    run = 1
    if own and own[-1] - own[0] + 1 == len(own):
        run = math.prod(shape[own[-1] + 1:])
    elif own:
        array = np.broadcast_to(array, shape)
    # Arrays that may not be written would be another type to the compiler, to be compiled for apart.
    return np.require(array, requirements=["C", "W", "A"]).reshape(-1), run


@dataclass(frozen=True)
class NumericFunction:
    """A function generated from an expression.

    Call it with the arguments in order, or by name. With the backends ``numpy``, ``numba`` and ``torch`` arguments
    broadcast against each other and the result has the broadcast shape followed by ``shape``; a constant
    expression is broadcast too. NumPy and numba compute in float64; tensors are promoted to one floating type, whole
    numbers to float64. With ``mpmath`` arguments are single numbers and the result is a number or an
    ``mpmath.matrix``.

    Attributes
    ----------
    name : the name of the function in its source
    arguments : names in calling order
    shape : shape of one result: () for a number, (9,) for a vector, (9, 9) for a matrix
    backend : "numpy", "mpmath", "torch" or "numba" (compiled at the first call, on all cores)
    source : the generated Python source, read when asked for

    Raises
    ------
    ValueError
        If the backend is unknown.
    TypeError
        When called with a wrong number or wrong names of arguments, or with what is no number.
    """

    name: str
    arguments: tuple[str, ...]
    shape: tuple[int, ...]
    backend: str
    _text: Callable[[], str] = field(repr=False, compare=False)
    _raw: Callable[..., Any] = field(repr=False, compare=False)

    @property
    def source(self) -> str:
        """The generated Python source."""
        return self._text()

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise ValueError(f"expected a backend among {list(BACKENDS)}; received {self.backend!r}; "
                             "choose one of them")

    @classmethod
    def from_module(cls, module: ModuleType, name: str, backend: str | None = None) -> NumericFunction:
        """Wrap the function ``name`` of a generated module, which declares ``BACKEND`` and ``SHAPES``.

        ``backend`` is the one of several that run the module's text.
        """
        getattr(module, name)
        return cls._from_namespace(vars(module), name, tuple(module.SHAPES[name]), backend or module.BACKEND)

    @classmethod
    def from_source(cls, source: str, name: str, shape: tuple[int, ...], backend: str) -> NumericFunction:
        """Compile ``source``, which must define ``name`` and import what it uses."""
        namespace: dict[str, Any] = {}
        exec(compile(source, f"<generated {name} for {backend}>", "exec"), namespace)
        return cls._from_namespace(namespace, name, shape, backend, source)

    @classmethod
    def _from_namespace(cls, namespace: dict[str, Any], name: str, shape: tuple[int, ...], backend: str,
                        source: str | None = None) -> NumericFunction:
        plain = namespace[name]
        plain = getattr(plain, "py_func", plain)
        arguments = tuple(inspect.signature(plain).parameters)
        raw = plain
        if backend == "numba":
            arguments = arguments[:-2]
            raw = OverArrays(namespace[f"{name}_over_arrays"], math.prod(shape))
        elif arguments[:1] == ("xp",) and backend in NAMESPACES:
            arguments = arguments[1:]
            choosing = with_branches(source or inspect.getsource(plain), name) if backend == "mpmath" else plain
            raw = functools.partial(choosing, NAMESPACES[backend]())
        return cls(name, arguments, shape, backend, lambda: source or inspect.getsource(plain), raw)

    def _ordered(self, args: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
        unknown = [name for name in named if name not in self.arguments]
        given = [*self.arguments[: len(args)], *named]
        if unknown or len(args) > len(self.arguments) or sorted(given) != sorted(self.arguments):
            raise TypeError(f"expected {self.name}({', '.join(self.arguments)}); received {len(args)} positional "
                            f"arguments and {sorted(named)}; pass each argument once")
        return [*args, *[named[name] for name in self.arguments[len(args) :]]]

    def __call__(self, *args: Any, **named: Any) -> Any:
        """Evaluate at the given arguments."""
        given = self._ordered(args, named)
        try:
            arguments = _TAKE[self.backend](given)
        except (TypeError, ValueError, RuntimeError) as error:
            kinds = [type(argument).__name__ for argument in given]
            raise TypeError(f"expected real numbers for {self.name}({', '.join(self.arguments)}); received {kinds} "
                            f"({error}); convert them to what {self.backend} takes") from error
        flat = self.evaluate(*arguments)
        if len(flat) != math.prod(self.shape):
            raise self._stale(len(flat))
        return _STACK[self.backend](flat, self.shape, arguments)

    def evaluate(self, *arguments: Any) -> Sequence[Any]:
        """Return the flat sequence of results as the backend computes them: nothing is checked, promoted or stacked.

        Constants come back as plain numbers, and parts that depend on few arguments in their own smaller shape.
        """
        values = self._raw(*arguments)
        return values if isinstance(values, tuple) or self.backend == "numba" else (values,)

    def _stale(self, received: int) -> TypeError:
        return TypeError(f"expected {math.prod(self.shape)} values from {self.name}; received {received}; generate the "
                         "source again")
