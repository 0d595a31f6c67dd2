"""Command ``vaesym sparse``: absolute values as penalty on a sparse signal."""

from __future__ import annotations

from typing import Annotated

import typer

import vaesym
from vaesym.cli.figures import Drawn, axes_of, drawn
from vaesym.cli.frame import options
from vaesym.cli.frame.options import Eta, Rho

Penalty = Annotated[str, typer.Option(help=f"weight of the absolute values: {options.GRID}", metavar="SPEC")]
Share = Annotated[float, typer.Option(help="share of the signal's entries that are not zero, in (0, 1]")]
Store = Annotated[str | None, typer.Option(help="folder that keeps what is done; the same call goes on where it "
                                                "was stopped", metavar="FOLDER")]
#: Two axes of the figure and one of β: what takes some hours on one core.
_MOST = 200_000


@drawn
def sparse(*, alpha: options.FiniteAlphaSpec = "0.2:20:25:log", beta: options.BetaSpec = "0.5,0.7,1,1.4",
           penalty: Penalty = "0.1:8:16:log", share: Share, rho: Rho = 1.0, eta: Eta = 1.0,
           store: Store = None) -> Drawn:
    """Draw where absolute values as penalty recover a sparse signal, and how well, beside weight decay.

    Some minutes with the grid that is used if none is given.

    Example: vaesym sparse --share 0.03 --store runs --output sparse.png
    """
    axes = axes_of(_MOST, alpha=alpha, beta=beta, penalty=penalty)
    found = vaesym.sparse_recovery(**axes, share=share, rho=rho, eta=eta, store=store)
    better = found.alpha.values[found.best_error.values < found.best_quadratic_error.values]
    deepest = found.alpha.values[found.best_deepest_error.values < found.best_quadratic_error.values]
    remarks = [f"the spectrum shows the signal from alpha = {(eta / rho) ** 2:.6g}"]
    for values, what in ((better, "a state"), (deepest, "a state deeper than collapse")):
        remarks += [f"{what} with less error than weight decay: alpha from {values.min():.4g} to {values.max():.4g}"
                    if len(values) else f"no {what.removeprefix('a ')} with less error than weight decay"]
    return Drawn(found, vaesym.plot.sparse_recovery, "recovery of a sparse signal", remarks)
