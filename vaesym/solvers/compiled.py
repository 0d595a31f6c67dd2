"""Damped Newton for many small systems at once, compiled: the same steps as :func:`vaesym.solvers.newton.newton`.

The module needs numba (``pip install 'vaesym[fast]'``). A system is two compiled functions of one point x (k,) and
the row ``given`` of numbers that belongs to it:

- ``residual(x, given, out)`` says whether the point is allowed, and writes F into out (k,) if it is;
- ``jacobian(x, given, out)`` writes dF/dx into out (k, k).
"""
# Arguments are machine numbers, typed by the compiler: annotations would say nothing.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
from numba.extending import overload

from vaesym.solvers.newton import Floats, NewtonResult, NewtonSettings, Status

#: Points that make it worth while to wake a thread, and that it takes at a time.
_POINTS_PER_THREAD, _PIECE = 512, 128
_CONVERGED, _ITERATIONS, _STALLED, _SINGULAR, _INFEASIBLE = (int(status) for status in (
    Status.CONVERGED, Status.ITERATIONS, Status.STALLED, Status.SINGULAR, Status.INFEASIBLE_START))

scalar = numba.njit(error_model="numpy", nogil=True)


def residual(system, x, given, out):
    """Stand for the residual of a system that :func:`compile_system` was told of; compiled code calls it."""
    raise NotImplementedError


def jacobian(system, x, given, out):
    """Stand for the Jacobian of a system in the same way."""
    raise NotImplementedError


def compile_system(tag: type, residual_of: Any, jacobian_of: Any) -> None:
    """Let the two compiled functions be the system of which ``tag()`` is the name in :func:`newton_compiled`.

    ``tag`` is a named tuple without fields. A name, rather than the functions as arguments: compiled code that is
    handed functions holds their addresses, and cannot be kept on disk.
    """
    for stub, function in ((residual, residual_of), (jacobian, jacobian_of)):
        overload(stub, jit_options={"error_model": "numpy", "nogil": True})(_chosen(tag, function))


def _chosen(tag: type, function: Any) -> Any:
    def choose(system, x, given, out):
        if getattr(system, "instance_class", None) is tag:
            return lambda system, x, given, out: function(x, given, out)
        return None

    return choose


@scalar
def solve_in_place(matrix, vector):
    """Replace ``vector`` by the solution of the system, by elimination with partial pivoting; False if singular.

    >>> vector = np.array([2.0, 3.0])
    >>> solve_in_place(np.array([[0.0, 2.0], [1.0, 1.0]]), vector), vector.tolist()
    (True, [2.0, 1.0])
    """
    size = len(vector)
    for i in range(size):
        pivot, largest = i, abs(matrix[i, i])
        for r in range(i + 1, size):
            if abs(matrix[r, i]) > largest:
                pivot, largest = r, abs(matrix[r, i])
        if not 0.0 < largest < math.inf:
            return False
        if pivot != i:
            for c in range(i, size):
                matrix[i, c], matrix[pivot, c] = matrix[pivot, c], matrix[i, c]
            vector[i], vector[pivot] = vector[pivot], vector[i]
        for r in range(i + 1, size):
            if matrix[r, i] != 0.0:
                factor = matrix[r, i] / matrix[i, i]
                for c in range(i + 1, size):
                    matrix[r, c] -= factor * matrix[i, c]
                vector[r] -= factor * vector[i]
    for i in range(size - 1, -1, -1):
        for c in range(i + 1, size):
            vector[i] -= matrix[i, c] * vector[c]
        vector[i] /= matrix[i, i]
    return all_finite(vector)


@scalar
def all_finite(values):
    """Whether every entry is finite."""
    for i in range(len(values)):  # noqa: SIM110 - a generator is not compiled
        if not math.isfinite(values[i]):
            return False
    return True


@scalar
def length(f, scale):
    """Euclidean length of f / scale; not finite if an entry is not."""
    total = 0.0
    for i in range(len(f)):
        total += (f[i] / scale[i]) ** 2
    return math.sqrt(total)


@scalar
def linearisation(matrix, x, scale):
    """Write max(1, Σ_j |J_ij x_j|), which residuals are compared with, into ``scale``; False if J is not finite."""
    finite = True
    for i in range(len(x)):
        total = 0.0
        for j in range(len(x)):
            total += abs(matrix[i, j]) * abs(x[j])
            finite &= math.isfinite(matrix[i, j])
        scale[i] = 1.0 if total <= 1.0 else total
    return finite


@scalar
def largest_ratio(f, scale):
    """Return max |F_i| / scale_i, NaN if one of them is."""
    worst = 0.0
    for i in range(len(f)):
        ratio = abs(f[i]) / scale[i]
        if not ratio <= worst:
            worst = ratio
        if math.isnan(ratio):
            break
    return worst


@scalar
def damped_step(system, given, x, f, scale, step, halvings, trial, trial_f):
    """Halve the step until it is allowed and lowers the norm, and take it; False if none does."""
    size = length(f, scale)
    damping = 1.0
    for _ in range(halvings + 1):
        for i in range(len(x)):
            trial[i] = x[i] + damping * step[i]
        if residual(system, trial, given, trial_f) and length(trial_f, scale) <= (1.0 - 1e-4 * damping) * size:
            for i in range(len(x)):
                x[i], f[i] = trial[i], trial_f[i]
            return True
        damping /= 2.0
    return False


@scalar
def newton_point(system, given, x, settings, vectors, matrix):
    """Iterate at one point; return the residual, the relative residual, the iterations and the status.

    ``x`` is replaced by the last iterate; ``vectors`` (5, k) and ``matrix`` (k, k) are scratch.
    """
    tolerance, max_iterations, halvings = settings
    f, step, trial, trial_f, scale = vectors[0], vectors[1], vectors[2], vectors[3], vectors[4]
    if not (all_finite(x) and residual(system, x, given, f) and all_finite(f)):
        return math.nan, math.nan, 0, _INFEASIBLE
    status, iterations = _ITERATIONS, 0
    while status == _ITERATIONS and iterations < max_iterations:
        iterations += 1
        jacobian(system, x, given, matrix)
        finite = linearisation(matrix, x, scale)
        done = all_finite(scale) and largest_ratio(f, scale) <= tolerance
        for i in range(len(x)):
            step[i] = -f[i]
        regular = finite and solve_in_place(matrix, step)
        # One more full step after convergence gains the last digits, if it is not worse.
        moved = regular and damped_step(system, given, x, f, scale, step, 0 if done else halvings, trial, trial_f)
        if done:
            status = _CONVERGED
        elif not moved:
            status = _STALLED if regular else _SINGULAR
    relative = largest_ratio(f, scale) if iterations else math.nan
    for i in range(len(x)):
        scale[i] = 1.0
    return largest_ratio(f, scale), relative, iterations, status


@scalar
def newton_loop(system, given, settings, value, sizes, iterations, status):
    """Iterate at the points ``value`` (P, k), in place; compiled anew in each process, for each system.

    ``given`` (P, g) holds the numbers of each point, ``settings`` is (tolerance, max_iterations, halvings),
    ``sizes`` (P, 2) takes the residual and the relative residual.
    """
    vectors = np.empty((5, value.shape[1]))
    matrix = np.empty((value.shape[1], value.shape[1]))
    for i in range(len(value)):
        sizes[i, 0], sizes[i, 1], iterations[i], status[i] = newton_point(
            system, given[i], value[i], settings, vectors, matrix)


def newton_compiled(system: Any, start: Floats, given: Floats, *, settings: NewtonSettings | None = None,
                    loop: Any = newton_loop) -> NewtonResult:
    """Solve F(x) = 0 for every row of ``start`` as :func:`vaesym.solvers.newton` does, on all cores.

    Parameters
    ----------
    system : an instance of a tag of :func:`compile_system`
    start : (P, k) starting points
    given : (P, g) numbers that belong to each point
    settings : when to stop
    loop : a copy of :func:`newton_loop` that a module keeps on disk for its own system

    Returns
    -------
    NewtonResult
        A point that did not converge is flagged by its status and keeps its last iterate.

    >>> from typing import NamedTuple
    >>> class Root(NamedTuple):
    ...     "x² = given"
    >>> @scalar
    ... def root_residual(x, given, out):
    ...     out[0] = x[0] ** 2 - given[0]
    ...     return x[0] > 0
    >>> @scalar
    ... def root_jacobian(x, given, out):
    ...     out[0, 0] = 2 * x[0]
    >>> compile_system(Root, root_residual, root_jacobian)
    >>> result = newton_compiled(Root(), np.ones((2, 1)), np.array([[2.0], [9.0]]))
    >>> result.value.round(12).tolist(), result.status.tolist()
    ([[1.414213562373], [3.0]], [0, 0])
    """
    settings = settings or NewtonSettings()
    value = np.array(start, dtype=np.float64, order="C")
    sizes = np.full((len(value), 2), np.nan)
    iterations, status = np.zeros(len(value), np.int64), np.zeros(len(value), np.int64)
    limits = (float(settings.tolerance), int(settings.max_iterations), int(settings.halvings))
    numbers = np.ascontiguousarray(given, dtype=np.float64)

    def run(part: slice) -> None:
        loop(system, numbers[part], limits, value[part], sizes[part], iterations[part], status[part])

    threads = len(value) // _POINTS_PER_THREAD
    # Asking numba starts its threads, and those of torch with them: only where there is work for several.
    if threads < 2 or (threads := min(threads, numba.get_num_threads())) < 2:
        run(slice(None))
    else:  # Points differ in their iterations: a thread that is done takes the next piece.
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, [slice(start, start + _PIECE) for start in range(0, len(value), _PIECE)]))
    return NewtonResult(value, sizes[:, 0], sizes[:, 1], iterations, status)
