"""What the commands that draw do: check, compute a labelled dataset, and hand it on; arguments as their options."""

from __future__ import annotations

import numpy as np

from vaesym import figures, linear_vae
from vaesym.cli import specs
from vaesym.cli.delivery import checked_target, deliver
from vaesym.inputs import Floats, InputError
from vaesym.solvers.curve import PointKind

#: What JSON holds of a phase diagram: its lines, not the grid.
_BOUNDARIES = ("alpha", "collapse_threshold", "global_collapse_threshold", "spinodal", "coexistence",
               "tricritical_alpha", "tricritical_beta", "detection_threshold")
_MOST_POINTS = 4_000_000
#: The best β may have to be searched for, which takes some hundred numbers a point.
_MOST_SEARCHED = 50_000


def phase(alpha: Floats, beta: Floats, *, lam: float, rho: float, eta: float, output: str | None, overwrite: bool,
          as_json: bool) -> None:
    """The phase diagram with its boundaries."""
    target = checked_target(output, overwrite=overwrite, as_json=as_json)
    _check_size(alpha, beta)
    diagram = linear_vae.phase_diagram(alpha, beta, lam=lam, rho=rho, eta=eta)
    remarks = [f"signal detectable from alpha = {float(diagram.detection_threshold):.6g}"]
    remarks += [f"tricritical point at alpha = {a:.6g}, beta = {b:.6g}"
                for a, b in zip(diagram.tricritical_alpha.values, diagram.tricritical_beta.values, strict=True)]
    deliver(diagram, f"phase diagram at lam = {lam:g}, rho = {rho:g}, eta = {eta:g}", target, output,
            figures.phase_diagram, as_json=as_json, remarks=remarks, printed=_BOUNDARIES)


def curve(alpha: Floats, beta: Floats, lam: Floats, *, rho: float, eta: float, output: str | None, overwrite: bool,
          as_json: bool) -> None:
    """Learning curves."""
    target = checked_target(output, overwrite=overwrite, as_json=as_json)
    _check_size(alpha, beta, lam)
    given = [_number_if_one(axis) for axis in (alpha, beta, lam)]
    dataset = linear_vae.learning_curve(given[0], beta=given[1], lam=given[2], rho=rho, eta=eta)
    deliver(dataset, "learning curve", target, output, figures.learning_curve, as_json=as_json)


def rd(alpha: Floats, beta: Floats | None, *, lam: float, rho: float, eta: float, output: str | None, overwrite: bool,
       as_json: bool) -> None:
    """Curves of rate and distortion."""
    target = checked_target(output, overwrite=overwrite, as_json=as_json)
    _check_size(alpha, np.empty(200) if beta is None else beta)
    weights = None if beta is None else _number_if_one(beta)
    dataset = linear_vae.rate_distortion(_number_if_one(alpha), beta=weights, lam=lam, rho=rho, eta=eta)
    deliver(dataset, "rate and distortion", target, output, figures.rate_distortion, as_json=as_json)


def kl(alpha: Floats, beta: Floats, *, lam: float, rho: float, eta: float, output: str | None, overwrite: bool,
       as_json: bool) -> None:
    """The KLs between encoder and posterior."""
    target = checked_target(output, overwrite=overwrite, as_json=as_json)
    _check_size(alpha, beta)
    dataset = linear_vae.kl_curves(_number_if_one(alpha), _number_if_one(beta), lam=lam, rho=rho, eta=eta)
    deliver(dataset, "KL of the posteriors", target, output, figures.kl_curves, as_json=as_json)


def optimal_beta(alpha: Floats, lam: Floats, *, rho: float, eta: float, output: str | None, overwrite: bool,
                 as_json: bool) -> None:
    """The best β and the error it attains."""
    target = checked_target(output, overwrite=overwrite, as_json=as_json)
    _check_size(alpha, lam, most=_MOST_SEARCHED)
    dataset = linear_vae.optimal_beta_curve(_number_if_one(alpha), lam=_number_if_one(lam), rho=rho, eta=eta)
    deliver(dataset, "optimal beta", target, output, figures.optimal_beta_curve, as_json=as_json,
            remarks=[f"optimal beta of unlimited data: eta = {eta:g}"])


def plateau(beta: Floats | None, lam: Floats, *, rho: float, eta: float, output: str | None, overwrite: bool,
            as_json: bool) -> None:
    """The end of the plateau."""
    target = checked_target(output, overwrite=overwrite, as_json=as_json)
    _check_size(np.empty(300) if beta is None else beta, lam)
    weights = None if beta is None else _number_if_one(beta)
    dataset = linear_vae.plateau_curve(weights, lam=_number_if_one(lam), rho=rho, eta=eta)
    deliver(dataset, "end of the plateau", target, output, figures.plateau_curve, as_json=as_json,
            remarks=[f"unlimited data collapse from beta = rho + eta = {rho + eta:g} on"])


def spectrum(alpha: float, *, rho: float, eta: float, dimension: int | None, seed: int, output: str | None,
             overwrite: bool, as_json: bool) -> None:
    """The law of the spectrum, over a drawn sample if its dimension is given."""
    target = checked_target(output, overwrite=overwrite, as_json=as_json)
    drawn = None if dimension is None else linear_vae.sample_eigenvalues(alpha, dimension, rho=rho, eta=eta, seed=seed)
    law = linear_vae.spectrum_law(alpha, rho=rho, eta=eta, eigenvalues=drawn)
    hidden = "the signal is hidden in the noise: no outlier"
    seen = f"outlier at {float(law.outlier):.6g}, squared overlap with the signal {float(law.overlap):.6g}"
    remark = hidden if np.isnan(law.outlier) else seen
    sample = [] if drawn is None else [f"largest eigenvalue of the sample: {drawn[0]:.6g}"]
    deliver(law, "spectrum of the data", target, output, figures.spectrum_law, as_json=as_json, remarks=[remark, *sample])


def bifurcation(given: dict[str, str], *, output: str | None, overwrite: bool, as_json: bool) -> None:
    """All states over the one parameter whose specification is a range."""
    target = checked_target(output, overwrite=overwrite, as_json=as_json)
    ranges = {name: ends for name, spec in given.items() if (ends := specs.interval(name, spec)) is not None}
    if len(ranges) != 1:
        raise InputError("one range low:high among alpha, beta, lam, rho and eta, and numbers for the others",
                         f"{len(ranges)} ranges", "write e.g. --beta 0.1:2")
    ((name, (low, high)),) = ranges.items()
    fixed = {other: specs.number(other, spec) for other, spec in given.items() if other != name}
    diagram = linear_vae.bifurcation_diagram(name, (low, high), alpha=fixed.get("alpha"), beta=fixed.get("beta"),
                                         lam=fixed.get("lam"), rho=fixed.get("rho"), eta=fixed.get("eta"))
    remarks = [f"{what} at {name} = {', '.join(found)}"
               for what, kind in (("folds (spinodals)", PointKind.FOLD), ("branch points", PointKind.BRANCH))
               if (found := sorted({f"{v:.6g}" for p in linear_vae.Phase for v in diagram.special(p, kind)}, key=float))]
    deliver(diagram.to_xarray(), f"{len(diagram.branches)} branches of states", target, output,
            figures.bifurcation_diagram, as_json=as_json, remarks=remarks)


def _check_size(*axes: Floats, most: int = _MOST_POINTS) -> None:
    size = int(np.prod([axis.size for axis in axes], dtype=float))
    if size > most:
        raise InputError(f"at most {most:,} points", f"{size:,}", "make the ranges coarser")


def _number_if_one(axis: Floats) -> Floats | float:
    return float(axis[0]) if axis.size == 1 else axis
