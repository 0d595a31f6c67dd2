r"""Theory against simulation: a score for every point and observable, and one p-value for all of them together.

The score of an observable at a point is (measured − theory) / standard error, the error estimated from the seeds. As
few seeds estimate it badly, Student's law takes it to the normal one. Where several dimensions N were simulated, the
measured value is the limit N → ∞ of a + b/N, and b is the trend.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from vaesym.inputs import Floats, InputError

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

#: Names that say how a number came about; they are not compared.
_NOT_COMPARED = ("residual", "converged", "status", "quadrature_error")
#: Spread, relative to the value, below which all seeds agree but for rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Confrontation:
    """The scores of a theory.

    Attributes
    ----------
    data : over (observable, axes of parameters): ``theory``, ``measured``, ``error`` (standard), ``score`` (z), and, if
        there are several dimensions, ``trend`` (b of a + b/N) with ``trend_error``; over the axes: ``unsolved`` (the
        theory has no answer) and ``unconverged`` (number of runs). A point with either has no score, nor has an
        observable of which seeds and theory agree to the last digit
    p_value : chance of scores as bad as these if the theory is right, corrected for their number
    """

    data: xr.Dataset
    p_value: float

    @property
    def worst(self) -> dict[str, Any]:
        """The score that is farthest from 0, with its observable and parameters."""
        table = self.table().reset_index()
        return dict(table.loc[table.score.abs().idxmax()])

    def table(self) -> Any:
        """Return the scores as a pandas table, a row for each."""
        same = [name for name, value in self.data.coords.items() if not value.dims]
        return self.data.drop_vars([*same, "unsolved", "unconverged"]).to_dataframe().dropna(subset="score")


def _limit(means: Floats, errors: Floats, seeds: int, sizes: Floats) -> tuple[Floats, Floats, Floats, Any]:
    """Return (value, error, degrees of freedom) of the limit and (trend, its error) of means (…, dimension).

    Dimensions count by their size, for the variance of what averages itself falls as 1/N. Degrees of freedom: Welch
    and Satterthwaite.
    """
    design = np.stack([np.ones_like(sizes), 1 / sizes], axis=1)[:, : min(2, len(sizes))]
    weights = np.linalg.solve(design.T @ (sizes[:, None] * design), design.T * sizes)
    value, parts = means @ weights.T, errors[..., None, :] * weights
    error = np.sqrt((parts**2).sum(axis=-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = error[..., 0] ** 4 / (parts[..., 0, :] ** 4).sum(axis=-1) * (seeds - 1)
    return value[..., 0], error[..., 0], freedom, (value[..., 1], error[..., 1]) if len(sizes) > 1 else None


def _scores(difference: Floats, error: Floats, freedom: Floats, size: Floats) -> Floats:
    """Return scores that are standard normal if the difference is by chance."""
    with np.errstate(invalid="ignore", divide="ignore"):
        t = difference / error
        normal = np.sign(t) * -special.ndtri(special.stdtr(freedom, -np.abs(t)))
    exact = error <= _ROUNDING * size
    return np.where(exact, np.where(np.abs(difference) <= _ROUNDING * size, np.nan, np.copysign(np.inf, difference)),
                    normal)


def _chance(scores: Floats) -> float:
    """Return the p-value of scores (observable, point).

    Points are independent, observables of a point are not: the farthest of all scores counts as often as there are
    scores, and the sum of squares over the points as often as there are observables. The lesser p-value counts twice.
    """
    known = scores[~np.isnan(scores).all(axis=1)]
    seen = ~np.isnan(known)
    farthest = 2 * special.ndtr(-np.nanmax(np.abs(known))) * seen.sum()
    together = special.chdtrc(seen.sum(axis=1), np.nansum(known**2, axis=1)).min() * len(known)
    return float(min(1.0, 2 * min(farthest, together)))


def _require_same(states: xr.Dataset, measured: xr.Dataset) -> list[str]:
    """Return the axes of parameters, which must be the same."""
    if "status" not in states:
        raise InputError("a theory as solve_problem gives it", f"{list(states)}", "pass the theory first")
    if "converged" not in measured or measured.sizes.get("seed", 1) < 3:
        raise InputError("simulations of at least 3 seeds, as simulate gives them",
                         f"{dict(measured.sizes)}", "simulate more seeds: their spread is the error")
    for name in sorted({str(n) for n in states.coords} | {str(n) for n in measured.coords} - {"seed", "dimension"}):
        pair = [np.asarray(data[name]).tolist() if name in data.coords else "none" for data in (states, measured)]
        if pair[0] != pair[1]:
            raise InputError(f"the same {name} in theory and simulation", f"{pair[0]} and {pair[1]}",
                             "solve and simulate at the same parameters")
    return [str(name) for name in states.dims]


def confront(states: xr.Dataset, measured: xr.Dataset) -> Confrontation:
    """Compare a theory with simulations at the same parameters.

    Parameters
    ----------
    states : what :func:`vaesym.engine.solve_problem` returned
    measured : what :func:`vaesym.engine.simulate` returned, of at least 3 seeds; several dimensions are extrapolated
        to N → ∞, with one the bias of order 1/N is not seen, so choose N much larger than the number of seeds

    Returns
    -------
    Confrontation

    Raises
    ------
    vaesym.InputError
        Parameters that differ, too few seeds, or no point at which the theory is solved and all runs converged.

    Notes
    -----
    A run that did not converge is no minimum, and leaving it out would select: its point is not judged, but counted.

    Examples
    --------
    >>> from vaesym.engine import simulate, solve_problem
    >>> at = {"alpha": [0.5, 2.0], "lam": 0.3, "signal": 1.0, "noise": 0.25}
    >>> runs = simulate("ridge", 200, 8, **at)
    >>> confront(solve_problem("ridge", **at), runs).p_value > 0.01
    True
    """
    import xarray as xr

    axes = _require_same(states, measured)
    names = [name for name in measured.data_vars if name in states and name not in _NOT_COMPARED]
    if "dimension" not in measured.dims:
        measured = measured.expand_dims("dimension")
    both = measured[names].to_dataarray("observable").transpose("observable", *axes, "dimension", "seed")
    theory = states[names].to_dataarray("observable").transpose("observable", *axes)
    seeds, runs = measured.sizes["seed"], both.values
    value, error, freedom, trend = _limit(runs.mean(axis=-1), runs.std(axis=-1, ddof=1) / np.sqrt(seeds), seeds,
                                          measured.dimension.values.astype(float))
    unsolved = states.status.drop_attrs() != 0
    unconverged = (~measured.converged).sum(("dimension", "seed")).transpose(*axes)
    size = np.maximum(np.abs(theory.values), np.abs(runs).max(axis=(-2, -1)))
    scores = np.where(unsolved.values | (unconverged.values > 0), np.nan,
                      _scores(value - theory.values, error, freedom, size))
    if np.isnan(scores).all():
        raise InputError("a point at which the theory is solved and all runs converged",
                         f"{int(unsolved.sum())} unsolved and {int((unconverged > 0).sum())} with unconverged runs",
                         "choose other parameters, or fewer points near a threshold")
    fields = {"measured": value, "error": error, "score": scores}
    fields |= {"trend": trend[0], "trend_error": trend[1]} if trend else {}
    data = xr.Dataset({"theory": theory, **{name: (theory.dims, field) for name, field in fields.items()},
                       "unsolved": unsolved, "unconverged": unconverged}, attrs=states.attrs)
    return Confrontation(data, _chance(scores.reshape(len(names), -1)))


def plot(result: Confrontation, observable: str, along: str | None = None) -> Figure:
    """Draw an observable, theory as a line and simulation with standard errors, and below it the scores.

    Parameters
    ----------
    result : of :func:`confront`
    observable : its name
    along : the axis across, by default the longest; each value of the other axes is a curve

    Raises
    ------
    vaesym.InputError
        No such observable or axis.

    Examples
    --------
    >>> from vaesym.engine import simulate, solve_problem
    >>> at = {"alpha": [0.5, 2.0], "lam": 0.3, "signal": 1.0, "noise": 0.25}
    >>> figure = plot(confront(solve_problem("ridge", **at), simulate("ridge", 100, 4, **at)), "risk")
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['risk', 'score']
    """
    from matplotlib.figure import Figure

    observables = result.data.observable.values.tolist()
    axes = {str(name): size for name, size in result.data.sizes.items() if name != "observable"}
    along = along or max(axes, key=lambda name: axes[name], default="")
    if observable not in observables or along not in axes:
        raise InputError(f"an observable among {', '.join(observables)}, and an axis among {', '.join(axes) or 'none'}",
                         f"{observable!r} along {along!r}", "choose one of each; an axis needs several values")
    chosen = result.data.sel(observable=observable)
    others = [name for name in axes if name != along]
    figure = Figure(figsize=(6.4, 5.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    x = chosen[along].values
    for i, index in enumerate(np.ndindex(*[axes[name] for name in others])):
        curve, colour = chosen.isel(dict(zip(others, index, strict=True))), f"C{i % 10}"
        above.plot(x, curve.theory, color=colour)
        above.errorbar(x, curve.measured, curve.error, fmt="o", color=colour, markersize=4)
        below.plot(x, curve.score, "o", color=colour, markersize=4)
    below.axhspan(-2, 2, color="0.9", zorder=0)
    above.set(title=f"{result.data.attrs.get('title', '')}: p = {result.p_value:.2g}", ylabel=observable)
    below.set(xlabel=along, ylabel="score")
    return figure
