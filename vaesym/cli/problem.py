"""``vaesym problem``: the states of a stated problem over its parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from vaesym.cli.figures import Drawn
from vaesym.cli.frame.options import Json, Output, Overwrite
from vaesym.commands import Interrupted
from vaesym.inputs import InputError


def problem(context: typer.Context,
            name: Annotated[str, typer.Argument(help="ridge, lasso, logistic, hinge, gaussian_mixture, softmax, "
                                                "poisson_regression and others of vaesym.problems, or your own as "
                                                "MODULE:NAME", metavar="NAME")],
            observable: Annotated[str | None, typer.Option(
                help="what a figure shows; the first one of the problem if not given", metavar="NAME")] = None,
            branches: Annotated[bool, typer.Option("--branches", help="all states that a search finds, minima and "
                                                   "saddles, and not the deepest alone")] = False,
            backend: Annotated[str, typer.Option(help="numpy; numba: compiled, for many points; or torch: on a GPU if "
                                                 "there is one, or on the device in torch:DEVICE")] = "numpy",
            scheduler: Annotated[str | None, typer.Option(
                help="local:K for K processes, or the address of a Dask scheduler", metavar="SCHEDULER")] = None,
            store: Annotated[Path | None, typer.Option(
                help="folder that keeps what is done, so that the same command goes on", metavar="FOLDER")] = None,
            simulate: Annotated[str | None, typer.Option(
                help="dimension N, or several as a list 250,500,1000: trains on drawn data too, and compares",
                metavar="N|LIST")] = None,
            seeds: Annotated[int | None, typer.Option(help="simulated runs at every point, 16 if not given")] = None,
            device: Annotated[str | None, typer.Option(
                help="device of torch that simulates, such as cpu or cuda; NumPy if not given", metavar="NAME")] = None,
            output: Output = None, overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Solve a stated learning problem over its parameters.

    Each parameter is an option of its own name: a number, a list 0.5,1,2 or a range start:stop:count, with :log behind
    it geometric. Points that are no solution are said and leave gaps. With --simulate, data are drawn by the laws of
    the problem and trained on, and theory and measurement are written side by side with scores and a p-value.

    Example: vaesym problem lasso --alpha 0.2:5:100 --lam 0.1 --noise 0.1 --sparsity 0.1 --amplitude 1 --output risk.png
    """
    from vaesym.cli.frame.delivery import checked_target, deliver

    asked = _Asked(name, _parameters(context.args), observable, scheduler, store, branches)
    if branches and simulate is not None:
        raise InputError("--branches or --simulate", "both", "compare the deepest states with simulations alone")
    if simulate is None and (seeds is not None or device is not None):
        raise InputError("--simulate N beside --seeds and --device", "none", "give the dimension, e.g. --simulate 500")
    runs = None if simulate is None else _Runs(_dimensions(simulate), 16 if seeds is None else seeds, device)
    _check(asked, runs)
    target = checked_target(output, overwrite=overwrite, as_json=as_json)
    if target is not None and target.suffix.lower() not in (".nc", ".csv"):
        _check_figure(asked, most=None if runs else 12)
    try:
        found = _solved(asked, backend) if runs is None else _confronted(asked, backend, runs)
    except KeyboardInterrupt as stop:
        if store is None:
            raise
        raise Interrupted(f"what is done is kept; the same command goes on from {store}") from stop
    deliver(found, target, output, as_json=as_json)


def _check(asked: _Asked, runs: _Runs | None) -> None:
    """Refuse before any work what could not be solved, simulated or compared."""
    from vaesym.engine.experiment.simulate import axes_of
    from vaesym.engine.grids.names import measured_names, names_of
    from vaesym.engine.grids.posed import posed
    from vaesym.engine.lowered import equations_of

    equations = equations_of(asked.name)
    if runs is None:
        posed(equations, asked.parameters)
    else:
        axes_of(equations, runs.dimensions, runs.seeds, runs.device, asked.parameters)
        if runs.seeds < 3:
            raise InputError("--seeds of at least 3", f"{runs.seeds}", "choose more: their spread is the error")
    known = names_of(equations) if runs is None else measured_names(equations)
    if asked.observable is not None and asked.observable not in known:
        raise InputError(f"an observable among {', '.join(known)}", f"{asked.observable!r}",
                         "choose one of them" + (", which simulations measure" if runs else ""))


def _check_figure(asked: _Asked, most: int | None) -> None:
    """Refuse before any work what could not be drawn, as more lines than can be told apart."""
    sizes = sorted(np.size(value) for value in asked.parameters.values() if np.ndim(value))
    if not sizes:
        raise InputError("a parameter of several values, to be drawn over", "a single point",
                         "write e.g. --alpha 0.5:4:8, or choose --json or a file .csv or .nc")
    if most is not None and np.prod(sizes[:-1]) > most:
        raise InputError(f"at most {most} lines", f"{np.prod(sizes[:-1]):.0f}", "give fewer values")


class _Asked(NamedTuple):
    """A problem, its parameters, what is shown of it, and where it is worked on."""

    name: str
    parameters: dict[str, Any]
    observable: str | None
    scheduler: str | None
    store: Path | None
    branches: bool = False


class _Runs(NamedTuple):
    """What is simulated: dimensions, how many seeds, and the device."""

    dimensions: Any
    seeds: int
    device: str | None


def _solved(asked: _Asked, backend: str) -> Drawn:
    """Solve, to be drawn as curves."""
    from vaesym.engine.lowered import equations_of
    from vaesym.engine.solve import solve_problem
    from vaesym.figures.states import curve

    equations = equations_of(asked.name)
    states = solve_problem(asked.name, backend=backend, scheduler=asked.scheduler, store=asked.store,
                           branches=asked.branches, **asked.parameters)
    shown = asked.observable or next(iter(equations.observables), "training_loss")

    def draw(dataset: Any) -> Any:
        axes = [dim for dim in dataset.sizes if dim != "branch"]
        along = max(axes, key=lambda dim: dataset.sizes[dim], default="alpha")
        return curve(dataset, str(along), shown)

    return Drawn(states, draw, equations.title, _remarks(states))


def _remarks(states: Any) -> list[str]:
    from vaesym.engine.solve import Status

    count, what = int((states.status >= 0).sum()), "states" if "branch" in states.dims else "points"
    return [f"{int((states.status == status).sum())} of {count} {what}: {status.message}"
            for status in Status if status and (states.status == status).any()]


def _confronted(asked: _Asked, backend: str, runs: _Runs) -> Drawn:
    """Solve and simulate, to be drawn with scores."""
    from vaesym.engine.experiment.confront import confront, plot
    from vaesym.engine.experiment.simulate import simulate
    from vaesym.engine.lowered import equations_of
    from vaesym.engine.solve import solve_problem

    theory, kept = (None if asked.store is None else asked.store / part for part in ("theory", "runs"))
    states = solve_problem(asked.name, backend=backend, scheduler=asked.scheduler, store=theory, **asked.parameters)
    measured = simulate(asked.name, runs.dimensions, runs.seeds, device=runs.device, scheduler=asked.scheduler,
                        store=kept, **asked.parameters)
    result = confront(states, measured)
    wished = (asked.observable, *equations_of(asked.name).observables, "training_loss")
    known = result.data.observable.values.tolist()
    shown = asked.observable or next(str(name) for name in wished if name in known)
    lost, worst = int((~measured.converged).sum()), result.worst
    remarks = [*_remarks(states), *([f"{lost} of {measured.converged.size} runs did not converge: their points are not "
                                     "compared"] if lost else []),
               f"p = {result.p_value:.2g}, the chance of scores as bad as these if the theory is right; the worst is "
               f"{worst['score']:.1f}, of {worst['observable']}"]
    return Drawn(result.data.assign(p_value=result.p_value), lambda _: plot(result, shown),
                 f"{states.attrs['title']}, scores of theory against simulation", remarks)


def _dimensions(spec: str) -> Any:
    """Return one dimension or several, whole where they are."""
    from vaesym.cli.frame.specs import values

    found = values("simulate", spec)
    if (found != np.rint(found)).any():
        raise InputError("--simulate N, whole numbers", f"{spec!r}", "write e.g. --simulate 500")
    return int(found[0]) if found.size == 1 else found.astype(int)


def _parameters(arguments: list[str]) -> dict[str, Any]:
    """Return the values of options that only the problem knows."""
    from vaesym.cli.frame.specs import values

    found: dict[str, Any] = {}
    words = [word for argument in arguments for word in
             (argument.split("=", 1) if argument.startswith("--") else [argument])]
    for option, spec in zip(words[::2], [*words[1::2], None], strict=False):
        if not option.startswith("--") or spec is None:
            raise InputError("parameters as --name SPEC", f"{option!r}", "write e.g. --alpha 0.2:5:100")
        parameter = option[2:].replace("-", "_")
        if parameter in found:
            raise InputError(f"{option} once", "it twice", "keep one of them")
        axis = values(parameter, spec)
        found[parameter] = float(axis[0]) if axis.size == 1 else axis
    return found
