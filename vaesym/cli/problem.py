"""``vaesym problem``: the states of a stated problem over its parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from vaesym.cli.frame.options import Json, Output, Overwrite
from vaesym.inputs import InputError


def problem(context: typer.Context,
            name: Annotated[str, typer.Argument(help="ridge, lasso, logistic, hinge, gaussian_mixture, softmax, "
                                                "poisson_regression and others of vaesym.problems, or your own as "
                                                "MODULE:NAME", metavar="NAME")],
            observable: Annotated[str | None, typer.Option(
                help="what a figure shows; the first one of the problem if not given", metavar="NAME")] = None,
            backend: Annotated[str, typer.Option(help="numpy, or numba: compiled, for many points")] = "numpy",
            scheduler: Annotated[str | None, typer.Option(
                help="local:K for K processes, or the address of a Dask scheduler", metavar="SCHEDULER")] = None,
            store: Annotated[Path | None, typer.Option(
                help="folder that keeps what is done, so that the same command goes on", metavar="FOLDER")] = None,
            output: Output = None, overwrite: Overwrite = False, as_json: Json = False) -> None:
    """Solve a stated learning problem over its parameters.

    Each parameter is an option of its own name: a number, a list 0.5,1,2 or a range start:stop:count, with :log behind
    it geometric. Points that are no solution are said and leave gaps.

    Example: vaesym problem lasso --alpha 0.2:5:100 --lam 0.1 --noise 0.1 --sparsity 0.1 --amplitude 1 --output risk.png
    """
    from vaesym.cli.figures import Drawn
    from vaesym.cli.frame.delivery import checked_target, deliver
    from vaesym.engine.lowered import equations_of
    from vaesym.engine.solve import Status, solve_problem
    from vaesym.figures.states import curve

    target = checked_target(output, overwrite=overwrite, as_json=as_json)
    equations = equations_of(name)
    states = solve_problem(name, backend=backend, scheduler=scheduler, store=store, **_parameters(context.args))
    shown = observable or next(iter(equations.observables), "training_loss")
    remarks = [f"{int((states.status == status).sum())} of {states.status.size} points: {status.message}"
               for status in Status if status and (states.status == status).any()]

    def draw(dataset: Any) -> Any:
        along = max(dataset.sizes, key=lambda dim: dataset.sizes[dim], default="alpha")
        return curve(dataset, str(along), shown)

    deliver(Drawn(states, draw, equations.title, remarks), target, output, as_json=as_json)


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
