"""Commands that draw: ``vaesym phase | curve | rd | kl | optimal-beta | plateau | spectrum | bifurcation``.

Each makes a labelled dataset and says how it is drawn; :func:`drawn` adds the options of its output and delivers it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
import typer

import vaesym
from vaesym.cli.frame import options
from vaesym.cli.frame.options import Eta, Rho
from vaesym.inputs import InputError

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

_ALPHA = "0.05:100:400:log"
_MOST_POINTS = 4_000_000
#: The best β may have to be searched for, which takes some hundred numbers a point.
_MOST_SEARCHED = 50_000
#: What JSON holds of a phase diagram: its lines, not the grid.
_BOUNDARIES = ("alpha", "collapse_threshold", "global_collapse_threshold", "spinodal", "coexistence",
               "tricritical_alpha", "tricritical_beta", "detection_threshold")


class Drawn(NamedTuple):
    """A dataset, how it is drawn, what it is, remarks on it, and the variables that JSON holds if not all."""

    dataset: xr.Dataset
    draw: Callable[[xr.Dataset], Figure]
    what: str
    remarks: Sequence[str] = ()
    printed: Sequence[str] | None = None


def drawn(make: Callable[..., Drawn]) -> Callable[..., None]:
    """Return the command that writes or prints what ``make`` gives: its options, and those of the output."""
    def command(*, output: options.Output = None, overwrite: options.Overwrite = False,
                as_json: options.Json = False, **given: Any) -> None:
        from vaesym.cli.frame.delivery import checked_target, deliver

        target = checked_target(output, overwrite=overwrite, as_json=as_json)
        deliver(make(**given), target, output, as_json=as_json)

    own, (*shared, _) = (inspect.signature(each, eval_str=True).parameters.values() for each in (make, command))
    command.__name__, command.__doc__ = make.__name__, make.__doc__
    command.__annotations__ = {each.name: each.annotation for each in (*own, *shared)}
    command.__signature__ = inspect.Signature([*own, *shared])
    return command


def axes_of(most: int = _MOST_POINTS, unset: int = 0, **specs: str | None) -> dict[str, Any]:
    """Return the values of specifications, one value as a number; a parameter that is not given has ``unset`` many."""
    from vaesym.cli.frame.specs import axis

    axes = {name: None if spec is None else axis(name, spec) for name, spec in specs.items()}
    size = int(np.prod([unset if values is None else values.size for values in axes.values()], dtype=float))
    if size > most:
        raise InputError(f"at most {most:,} points", f"{size:,}", "make the ranges coarser")
    return {name: float(values[0]) if values is not None and values.size == 1 else values
            for name, values in axes.items()}


@drawn
def phase(*, alpha: options.FiniteAlphaSpec = "0.05:50:200:log", beta: options.BetaSpec = "0.02:3:200",
          lam: options.Lam, rho: Rho = 1.0, eta: Eta = 1.0) -> Drawn:
    """Draw the phase diagram over alpha and beta.

    Example: vaesym phase --lam 0.1 --output phases.png
    """
    axes = map(np.atleast_1d, axes_of(alpha=alpha, beta=beta).values())
    diagram = vaesym.phase_diagram(*axes, lam=lam, rho=rho, eta=eta)
    remarks = [f"signal detectable from alpha = {float(diagram.detection_threshold):.6g}"]
    remarks += [f"tricritical point at alpha = {a:.6g}, beta = {b:.6g}"
                for a, b in zip(diagram.tricritical_alpha.values, diagram.tricritical_beta.values, strict=True)]
    return Drawn(diagram, vaesym.plot.phase_diagram, f"phase diagram at lam = {lam:g}, rho = {rho:g}, eta = {eta:g}",
                 remarks, _BOUNDARIES)


@drawn
def curve(*, alpha: options.AlphaSpec = _ALPHA, beta: options.BetaSpec, lam: options.LamSpec, rho: Rho = 1.0,
          eta: Eta = 1.0) -> Drawn:
    """Draw learning curves, one for each beta and lam: signal recovery error over alpha.

    Example: vaesym curve --beta 1 --lam 0,0.1,1 --output curve.png
    """
    dataset = vaesym.learning_curve(**axes_of(alpha=alpha, beta=beta, lam=lam), rho=rho, eta=eta)
    return Drawn(dataset, vaesym.plot.learning_curve, "learning curve")


@drawn
def rd(*, alpha: options.AlphaSpec, beta: options.BetaSpecOrAll = None, lam: options.Lam = 0.0, rho: Rho = 1.0,
       eta: Eta = 1.0) -> Drawn:
    """Draw rate against distortion, fresh data and training set, a curve for each alpha.

    Example: vaesym rd --alpha 2,5,100,inf --lam 0.1 --output rd.png
    """
    dataset = vaesym.rate_distortion(**axes_of(alpha=alpha, beta=beta, unset=200), lam=lam, rho=rho, eta=eta)
    return Drawn(dataset, vaesym.plot.rate_distortion, "rate and distortion")


@drawn
def kl(*, alpha: options.AlphaSpec = _ALPHA, beta: options.BetaSpec, lam: options.Lam, rho: Rho = 1.0,
       eta: Eta = 1.0) -> Drawn:
    """Draw the KLs between encoder and posterior, and the rate, over the longer of alpha and beta.

    Example: vaesym kl --beta 0.5,1,1.5 --lam 1 --output kl.png
    """
    dataset = vaesym.kl_curves(**axes_of(alpha=alpha, beta=beta), lam=lam, rho=rho, eta=eta)
    return Drawn(dataset, vaesym.plot.kl_curves, "KL of the posteriors")


@drawn
def optimal_beta(*, alpha: options.AlphaSpec = _ALPHA, lam: options.LamSpec, rho: Rho = 1.0, eta: Eta = 1.0) -> Drawn:
    """Draw the beta that recovers the signal best, and the error it attains, over alpha.

    Example: vaesym optimal-beta --lam 0,0.1,1 --output best.png
    """
    dataset = vaesym.optimal_beta_curve(**axes_of(_MOST_SEARCHED, alpha=alpha, lam=lam), rho=rho, eta=eta)
    return Drawn(dataset, vaesym.plot.optimal_beta_curve, "optimal beta",
                 [f"optimal beta of unlimited data: eta = {eta:g}"])


@drawn
def plateau(*, beta: options.BetaSpecOrAll = None, lam: options.LamSpec, rho: Rho = 1.0, eta: Eta = 1.0) -> Drawn:
    """Draw from which alpha on training that starts without the signal learns it, over beta.

    Example: vaesym plateau --lam 0.1,1,3 --output plateau.png
    """
    dataset = vaesym.plateau_curve(**axes_of(beta=beta, lam=lam, unset=300), rho=rho, eta=eta)
    return Drawn(dataset, vaesym.plot.plateau_curve, "end of the plateau",
                 [f"unlimited data collapse from beta = rho + eta = {rho + eta:g} on"])


@drawn
def spectrum(*, alpha: options.FiniteAlpha, rho: Rho = 1.0, eta: Eta = 1.0,
             dimension: Annotated[int | None, typer.Option(help="also draw a sample of so many dimensions")] = None,
             seed: Annotated[int, typer.Option(help="random seed of the sample")] = 0) -> Drawn:
    """Draw the spectrum of the data: law of the noise and outlier, over a sample if told.

    Example: vaesym spectrum --alpha 4 --dimension 1000 --output spectrum.png
    """
    from vaesym.linear_vae import sample_eigenvalues

    measured = None if dimension is None else sample_eigenvalues(alpha, dimension, rho=rho, eta=eta, seed=seed)
    law = vaesym.spectrum_law(alpha, rho=rho, eta=eta, eigenvalues=measured)
    remarks = [f"outlier at {float(law.outlier):.6g}, squared overlap with the signal {float(law.overlap):.6g}"
               if np.isfinite(law.outlier) else "the signal is hidden in the noise: no outlier"]
    remarks += [] if measured is None else [f"largest eigenvalue of the sample: {measured[0]:.6g}"]
    return Drawn(law, vaesym.plot.spectrum_law, "spectrum of the data", remarks)


@drawn
def bifurcation(*, alpha: options.AlphaVaries, beta: options.BetaVaries, lam: options.LamVaries,
                rho: options.RhoSpec = "1", eta: options.EtaSpec = "1") -> Drawn:
    """Follow all states of the replica equations over one parameter, given as low:high.

    Example: vaesym bifurcation --alpha 0.3 --beta 0.02:0.2 --lam 0.8 --eta 0.4 --output states.png
    """
    from vaesym.cli.frame.specs import interval, number
    from vaesym.solvers.curve import PointKind

    given = {"alpha": alpha, "beta": beta, "lam": lam, "rho": rho, "eta": eta}
    ranges = {name: ends for name, spec in given.items() if (ends := interval(name, spec)) is not None}
    if len(ranges) != 1:
        raise InputError("one range low:high among alpha, beta, lam, rho and eta, and numbers for the others",
                         f"{len(ranges)} ranges", "write e.g. --beta 0.1:2")
    ((name, ends),) = ranges.items()
    fixed: dict[str, Any] = {other: number(other, spec) for other, spec in given.items() if other != name}
    diagram = vaesym.bifurcation_diagram(name, ends, **fixed)
    remarks = [f"{what} at {name} = {', '.join(found)}"
               for what, kind in (("folds (spinodals)", PointKind.FOLD), ("branch points", PointKind.BRANCH))
               if (found := sorted({f"{v:.6g}" for p in vaesym.Phase for v in diagram.special(p, kind)}, key=float))]
    return Drawn(diagram.to_xarray(), vaesym.plot.bifurcation_diagram, f"{len(diagram.branches)} branches of states",
                 remarks)
