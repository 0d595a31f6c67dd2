"""Solve the replica-symmetric equations of a problem over arrays of parameters, with a status at every point."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from vaesym.engine.device.batch import TorchBatch, device_of
from vaesym.engine.equations import Equations, Lowered
from vaesym.engine.grids.grid import Grid, Status
from vaesym.engine.grids.store import in_blocks
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.labelled.solve import labelled_block
from vaesym.engine.lowered import equations_of, equations_of_text, text_of
from vaesym.engine.plain.solve import ACCURACIES, plain_block, values_at
from vaesym.engine.quadratic.branches import states_block
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.solve import students_block
from vaesym.inputs import Floats, InputError, require

if TYPE_CHECKING:
    import xarray as xr

#: Points that are solved together in arrays, and where that is compiled or averages are closed.
_BLOCK, _COMPILED_BLOCK = 1024, 32768
#: By torch, where averages are not closed: their nodes take 0.1 MB a point.
_DEVICE_BLOCK = 8192
#: Where a point takes up to seconds, a block is soon done, to be kept or shared among workers.
_LABELLED_BLOCK = 64


def solve_block(equations: Lowered, given: dict[str, Floats], backend: str = "numpy",
                derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return every field (B,) at points of which neighbours are close, as along the axes of a grid."""
    if isinstance(equations, Quadratic):
        return students_block(equations, given, derivatives)
    if isinstance(equations, Labelled):
        return labelled_block(equations, given, derivatives)
    return plain_block(cast("Equations", equations), given, backend, derivatives)


def branches_block(equations: Lowered, given: dict[str, Floats], backend: str = "numpy",
                   derivatives: Sequence[str] = ()) -> dict[str, Any]:
    """Return every field (B, S) of all states that are found; with labels, loss and penalty are convex: there is one.

    ``answer`` is true of the state that :func:`solve_block` returns.
    """
    if isinstance(equations, Quadratic):
        return states_block(equations, given, derivatives)
    fields = solve_block(equations, given, backend, derivatives)
    fields["answer"] = fields["status"] != Status.NO_SOLUTION_FOUND
    return {name: values[:, None] for name, values in fields.items()}


def solve_problem(problem: Any, *, branches: bool = False, derivatives: Sequence[str] = (), backend: str = "numpy",
                  scheduler: str | None = None, store: str | Path | None = None, **parameters: Any) -> xr.Dataset:
    r"""Solve the replica-symmetric equations of a problem.

    Parameters
    ----------
    problem : a :class:`vaesym.problem.Problem`, the name of a shipped one, or ``"module:object"``
    branches : whether to return all states that a search finds, and not the deepest one alone
    derivatives : names of parameters; every field gets a derivative by each, as in ``dQ_dalpha``, by the implicit
        function theorem
    backend : "numpy", or "numba": compiled, for many points of a problem with one smooth loss, such as logistic
        regression, or of one made of parabolas and lines, such as LASSO or hinge loss on random labels; others are
        solved as by "numpy". A problem is compiled at its first call, in some ten seconds, and kept on disk. It needs
        the extra ``fast``. Or "torch": averages and minimisers in float64 on the first GPU, or on the processor where
        there is none; "torch:cuda:1" names the device. For problems with labels whose state is (Q, m, χ); others are
        refused. The numbers are those of "numpy" up to rounding. It needs the extra ``torch``
    scheduler : "local:K" for K processes, or the address of a Dask scheduler; then blocks of points are shared among
        workers. The result is the same to the last digit. It needs the extra ``lab``
    store : a folder that keeps each block when it is done. The same call goes on where it was stopped
    parameters : each parameter of the problem by its name, a number or a one-dimensional axis; axes span a grid.
        ``alpha`` is the number of samples per dimension, P/N

    Returns
    -------
    xarray.Dataset
        Over the axes: ``Q`` = ‖w‖²/N, ``m`` (overlap with the planted direction), ``chi`` (how the weights answer to
        a force), ``free_energy`` (least loss over N), ``training_loss`` (of a sample), ``penalty`` (of a row),
        ``replicon``, the observables of the problem, ``residual``, ``quadrature_error`` and ``status``
        (:class:`Status`): only where it is SOLVED are the numbers an answer. With ``branches`` all have a further axis
        ``branch``, in order of free energy, with NaN and the status −1 in unused places; SOLVED are minima, SADDLE what
        lies between, and ``answer`` is true of the state that is returned without ``branches``.

    Raises
    ------
    vaesym.InputError
        An unknown problem, derivative, backend, device or scheduler, a problem that the backend does not take, an
        extra that is not installed, a parameter that is missing, unknown or outside its domain, an axis of more than
        one dimension, or a store of another grid.

    Notes
    -----
    With labels, loss and penalty are convex, and there is one state. Without, ``branches`` are those that Newton finds
    from named starts, from mixtures of the weights of two states (where barriers lie), and from the named starts again
    when all that is known is divided out (deflation): a search, which may miss some. A state counts as a minimum where
    the least loss at given overlaps bends up in all of them.

    Examples
    --------
    >>> states = solve_problem("ridge", alpha=[0.5, 2.0], lam=1e-9, signal=1.0, noise=0.25)
    >>> states.risk.values.round(6).tolist(), states.status.values.tolist()
    ([0.75, 0.25], [0, 0])
    >>> states = solve_problem("pca", branches=True, alpha=2.0, rho=2.0, eta=1.0)  # the spike, and the noise's edge
    >>> states.eigenvalue.values.round(6).tolist(), [Status(s).name for s in states.status.values]
    ([3.75, 2.914214], ['SOLVED', 'SADDLE'])
    """
    equations = equations_of(problem)
    backend = checked_backend(backend, equations)
    grid, names = Grid.of(equations, parameters), _checked_derivatives(equations, derivatives)
    parts = grid.blocks(block_size(equations, backend))
    if scheduler is None and store is None:
        solve = branches_block if branches else solve_block
        return grid.states([solve(equations, part, backend, names) for part in parts])
    asked = (text_of(problem), backend, ",".join(names), *(["branches"] if branches else []))
    return grid.states(in_blocks(solve_text, asked, parts, scheduler, store))


def solve_text(text: str, backend: str, derivatives: str, *more: Any) -> dict[str, Any]:
    """Solve a block of the problem that a text of :func:`vaesym.engine.lowered.text_of` stands for, in any process.

    The last argument is the block, before it may stand the word "branches".
    """
    *asked, given = more
    solve = branches_block if asked else solve_block
    return solve(equations_of_text(text), given, backend, [name for name in derivatives.split(",") if name])


def _checked_derivatives(equations: Lowered, names: Sequence[str]) -> list[str]:
    listed = [names] if isinstance(names, str) else list(names)
    known = [limits.name for limits in equations.parameters]
    unknown = [name for name in listed if name not in known]
    if unknown:
        raise InputError(f"derivatives by some of {', '.join(known)}", f"{unknown[0]!r}", "name parameters")
    return listed


def block_size(equations: Lowered, backend: str) -> int:
    """Return how many points are solved together: their results depend on it in the last digits."""
    if isinstance(equations, Labelled):
        return _LABELLED_BLOCK
    closed = isinstance(equations, Equations) and equations.closed
    if backend.startswith("torch") and not closed:
        return _DEVICE_BLOCK
    return _BLOCK if backend == "numpy" and not closed else _COMPILED_BLOCK


def checked_backend(backend: str, equations: Lowered) -> str:
    """Return a backend by the name that workers take, with the device if it is torch's: "numpy", "torch:cuda".

    Raises :class:`vaesym.InputError`: no such backend, an extra that is not installed, or a problem that it cannot do.
    """
    name, _, device = backend.partition(":")
    if name not in ("numpy", "numba", "torch") or (device and name != "torch"):
        raise InputError("a backend of 'numpy', 'numba', 'torch' or 'torch:DEVICE'", f"{backend!r}",
                         "choose one of them")
    if name == "numba":
        require("numba", "the backend 'numba'", "fast")
    if name != "torch":
        return name
    if not isinstance(equations, Equations):
        raise InputError(f"one student whose samples have labels ±1 or a loss of y - u, for the backend {backend!r}",
                         f"{equations.name}", "solve it with backend='numpy'")
    device = device_of(backend)
    # What torch lacks is said at one point, before there is work.
    one = {limits.name: np.ones(1) for limits in equations.parameters}
    with np.errstate(all="ignore"):
        values_at(TorchBatch(equations, one, ACCURACIES[0], device=device), np.zeros((1, 3)))
    return f"torch:{device}"
