"""Batches of problems with one smooth loss: which they are, and Newton and all fields on them, compiled."""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from vaesym.engine.averages import Accuracy, Batch
from vaesym.engine.closed.rows import FIELDS, rows
from vaesym.engine.equations import Equations
from vaesym.engine.quadrature import trapezoid
from vaesym.inputs import Floats
from vaesym.solvers.newton import NewtonResult, NewtonSettings

#: What a lowered function may name to be compiled: what :mod:`vaesym.engine.smooth.elementary` has.
_KNOWN = frozenset(("numpy", "scipy", "special", "pi", "inf", "exp", "cosh", "log1p", "logaddexp", "log", "sqrt",
                    "sinh", "tanh", "arctan", "sin", "cos", "erf", "erfc", "abs"))
_kernels: dict[str, Any] = {}


def _parts(equations: Equations) -> list[Any]:
    """Return the loss for each label that counts."""
    return [loss[0] for loss in (equations.loss[:1] if equations.symmetric else equations.loss)]


def _functions(equations: Equations) -> list[Any]:
    """Return all functions that are compiled."""
    found = [f for part in _parts(equations) for f in (part.value, part.slope, part.curvature)]
    if equations.kind == "sign":
        found += equations.step_values or () if equations.step else (equations.probability,)
    return found


def fits(batch: Batch) -> bool:
    """Whether the kernel takes a batch: a loss that is smooth everywhere, a penalty made of parabolas, no panels."""
    equations, accuracy = batch.equations, batch.accuracy
    return bool(accuracy.line and not accuracy.steep and not accuracy.line % 2
                and all(len(loss) == 1 and not loss[0].wall for loss in equations.loss)
                and all(part.quadratic or part.wall for part in equations.penalty)
                and all(set(f.__code__.co_names) <= _KNOWN and not f.__code__.co_freevars
                        for f in _functions(equations)))


@functools.cache
def _files() -> str:
    """Return a digest of the text of everything that is compiled besides the functions of a problem."""
    from vaesym.codegen import numba_prelude
    from vaesym.engine.closed import kernel as closed
    from vaesym.engine.smooth import elementary, kernel
    from vaesym.solvers import compiled

    modules = (numba_prelude, closed, elementary, kernel, compiled)
    return hashlib.sha256(b"".join(Path(str(module.__file__)).read_bytes() for module in modules)).hexdigest()


def _digest(equations: Equations) -> str:
    """Return a digest of all that the kernel of a problem is compiled from."""
    codes = [f.__code__ for f in _functions(equations)]
    content = [(code.co_code, code.co_consts, code.co_names, code.co_varnames) for code in codes]
    flags = (equations.kind, equations.symmetric, equations.step, len(equations.parameters), _files())
    return hashlib.sha256(repr((content, flags)).encode()).hexdigest()


def _compiled(equations: Equations) -> Any:
    """Return the functions of a problem for the kernel."""
    from numba.np.unsafe.ndarray import to_fixed_tuple

    from vaesym.engine.closed.kernel import HEAD
    from vaesym.engine.smooth import elementary
    from vaesym.engine.smooth.kernel import Functions

    count = len(equations.parameters)
    end = HEAD + count

    def of(function: Callable[..., Any]) -> Any:
        names = {"numpy": elementary, "scipy": elementary, "inf": np.inf}
        return elementary.inlined(FunctionType(function.__code__, names))

    @elementary.inlined
    def parameters(row: Any) -> Any:
        return to_fixed_tuple(row[HEAD:end], count)  # pyright: ignore[reportCallIssue]

    sign = equations.kind == "sign"
    return Functions(
        parameters, tuple((of(part.value), of(part.slope), of(part.curvature)) for part in _parts(equations)),
        of(equations.probability) if sign and equations.probability and not equations.step else None,
        tuple(of(f) for f in equations.step_values or ()) if equations.step else (None, None),
        equations.kind, equations.symmetric, equations.step)


def _kernel(equations: Equations) -> Any:
    digest = _digest(equations)
    if digest not in _kernels:
        from vaesym.engine.smooth.kernel import kernel

        name = f"vaesym_smooth_{digest}"
        module = sys.modules[name] = ModuleType(name)
        _kernels[digest] = kernel(_compiled(equations), module)
    return _kernels[digest]


def _nodes(accuracy: Accuracy) -> tuple[Floats, ...]:
    """Return nodes and weights over the field, and over what is open of the teacher's: multiples of eight of these."""
    more = np.zeros(-accuracy.teacher % 8)
    return (*trapezoid(accuracy.line), *[np.concatenate([part, more]) for part in trapezoid(accuracy.teacher)])


def _rows(batch: Batch) -> Floats:
    return rows(batch, list(batch.columns.values()))


def solve_rows(batch: Batch, z: Floats, settings: NewtonSettings) -> NewtonResult:
    """Solve the equations of a batch from Newton's variables (B, 3)."""
    from vaesym.solvers.compiled import newton_compiled

    return newton_compiled(_nodes(batch.accuracy), z, _rows(batch), settings=settings,
                           loop=_kernel(batch.equations).newton)


def field_rows(batch: Batch, z: Floats, fine: Accuracy) -> tuple[dict[str, Floats], Floats]:
    """Return the averages at Newton's variables (B, 3) by name, and how much finer quadrature changes the equations."""
    out = np.empty((len(z), len(FIELDS) + 1))
    _kernel(batch.equations).fields(_nodes(batch.accuracy), _nodes(fine), _rows(batch), np.ascontiguousarray(z), out)
    found: dict[str, Floats] = dict(zip(FIELDS, out.T, strict=False))
    error: Floats = out[:, -1]
    if batch.linear:
        del found["classification_error"]
    elif batch.equations.kind == "sign" and batch.equations.step:
        state = np.stack([np.exp(z[:, 0]), z[:, 1], np.exp(z[:, 2])], axis=1)
        found["classification_error"] = batch.misfit(state)
        error = np.maximum(error, np.abs(batch.but(fine).misfit(state) - found["classification_error"]))
    return found, error
