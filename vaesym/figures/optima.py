"""Figures of the best β with the error that it attains, and of the end of the plateau."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vaesym.figures import frame, lines
from vaesym.inputs import Floats
from vaesym.linear_vae import Phase

if TYPE_CHECKING:
    import xarray as xr

#: Beyond this ratio of the largest to the least β the upward axis is logarithmic.
_STEEP = 8.0
#: A best β below this fraction of η does not stretch the axis: much decay can put it at zero.
_TINY = 1e-3


@frame.of_dataset("optimal_beta_curve", ", over an ascending α of at least two finite values",
            ", α that does not ascend, or more curves than can be told apart")
def optimal_beta_curve(dataset: xr.Dataset) -> Figure:
    r"""Draw the β that recovers the signal best over α, a curve for each λ, and beside it the error that it attains.

    A curve is dashed where nothing is better than collapse: every β from there on is as good. Values at α = ∞ are drawn
    as horizontal lines. A β below a thousandth of η is out of view.

    Notes
    -----
    The limit η is [IH, Claim 6.1].

    Examples
    --------
    >>> import vaesym
    >>> figure = optimal_beta_curve(vaesym.optimal_beta_curve(np.geomspace(0.5, 50, 40), lam=[0.0, 1.0]))
    >>> figure.axes[1].get_ylabel()
    'least signal recovery error  $\\varepsilon$'
    """
    needed = ("optimal_beta", "signal_recovery_error", "recovery_error_bound", "phase", "optimal_beta_limit")
    frame.check(dataset, needed, "optimal_beta_curve")
    finite, limit = lines.part_unlimited(dataset)
    alpha = frame.ascending("alpha", finite.alpha.values)
    figure, left, right = frame.new_pair(lines.title("Best β of the linear β-VAE", dataset))
    _draw_best(left, finite, alpha)
    for curve in lines.curves(dataset, "alpha"):
        one = finite.isel(curve.where)
        right.plot(alpha, one.signal_recovery_error, color=curve.colour, linewidth=1.8)
        right.plot(alpha, one.recovery_error_bound, color="black", linewidth=1.1, linestyle=":", zorder=3)
        for axes, name in ((left, "optimal_beta"), (right, "signal_recovery_error")):
            lines.draw_limit(axes, limit, name, curve)
    right.set(ylim=(0, 1.08 * float(dataset.attrs["rho"])), ylabel=r"least signal recovery error  $\varepsilon$")
    eta = float(dataset.optimal_beta_limit)
    left.axhline(eta, color="0.5", linewidth=1.2, linestyle="--", zorder=1,
                 label=rf"$\eta = {eta:g}$: best for unlimited data")
    for axes in (left, right):
        frame.label_along(axes, "alpha", alpha)
        lines.mark_detection(axes, alpha, dataset)
    legend = lines.legend(dataset, "alpha")
    collapses = bool((finite.phase == Phase.REGULARIZED).any())
    kinds = [*([lines.sample("collapse is as good", style="--")] if collapses else []),
             lines.sample(r"$\rho(1 - o)$: no $\beta$ goes below", "black", ":", 1.1), *lines.limit_sample(limit)]
    frame.add_legend(figure, left, lines.columns(legend), [*legend, *kinds])
    return figure


def _draw_best(axes: Axes, dataset: xr.Dataset, alpha: Floats) -> None:
    for curve in lines.curves(dataset, "alpha"):
        one = dataset.isel(curve.where)
        best, collapsed = one.optimal_beta.values, one.phase.values == Phase.REGULARIZED
        # The two parts of a curve meet in the first point of the second.
        joined = collapsed | np.append(False, collapsed[:-1])
        axes.plot(alpha, np.where(collapsed, np.nan, best), color=curve.colour, linewidth=1.8)
        axes.plot(alpha, np.where(joined, best, np.nan), color=curve.colour, linewidth=1.4, linestyle="--")
    axes.set_ylabel(r"best $\beta$: least signal recovery error")
    values, limit = dataset.optimal_beta.values, float(dataset.optimal_beta_limit)
    shown = np.append(values[values > _TINY * limit], limit)
    if len(shown) <= values.size:
        axes.plot([], [], color="none", label=rf"$\beta \leq {frame.number(_TINY * limit)}$ is out of view")
    if shown.max() > _STEEP * shown.min():
        frame.logarithmic(axes, "y", (0.8 * shown.min(), 1.2 * shown.max()))
    else:
        axes.set_ylim(0, 1.08 * shown.max())


@frame.of_dataset("plateau_curve", ", over an ascending β of at least two values",
            ", β that does not ascend, or more curves than can be told apart")
def plateau_curve(dataset: xr.Dataset) -> Figure:
    r"""Draw from which α on training that starts without the signal learns it, over β, a curve for each λ.

    The vertical line is ρ+η, towards which the end of the plateau diverges; dotted lines are the leading term of that
    divergence. Where the plateau never ends there is no curve.

    Notes
    -----
    [IH, Sec. 6.1] shows the plateau, the divergence at ρ+η is that of :func:`vaesym.plateau_end`.

    Examples
    --------
    >>> import vaesym
    >>> figure = plateau_curve(vaesym.plateau_curve(lam=[0.5, 1.0]))
    >>> figure.axes[0].get_yscale()
    'log'
    """
    frame.check(dataset, ("plateau_end", "plateau_asymptote", "collapse_limit", "detection_threshold"), "plateau_curve")
    beta = frame.ascending("beta", dataset.beta.values)
    figure, axes = frame.new(lines.title("End of the plateau of the linear β-VAE", dataset))
    legend = lines.legend(dataset, "beta")
    detection, limit = float(dataset.detection_threshold), float(dataset.collapse_limit)
    ends = dataset.plateau_end.where(np.isfinite(dataset.plateau_end))
    top = max(10 * detection, 2 * float(ends.max())) if ends.notnull().any() else 10 * detection
    for line, curve in zip(legend or [None], lines.curves(dataset, "beta"), strict=True):
        end = ends.isel(curve.where).values
        if line is not None and np.isnan(end).all():
            line.set_label(f"{line.get_label()} (never ends)")
        asymptote = dataset.plateau_asymptote.isel(curve.where).values
        axes.plot(beta, end, color=curve.colour, linewidth=1.8)
        axes.plot(beta, np.where(asymptote > detection, asymptote, np.nan), color=curve.colour, linewidth=1.2,
                  linestyle=":")
    frame.label_along(axes, "beta", beta)
    frame.logarithmic(axes, "y", (0.7 * detection, top))
    axes.set_ylabel(r"end of the plateau  $\alpha = P/N$")
    if beta[0] < limit < beta[-1]:
        axes.axvline(limit, color="black", linestyle="--", linewidth=1.2, zorder=1,
                     label=rf"$\rho + \eta = {limit:g}$: from here on unlimited data collapse")
    axes.axhline(detection, color="#08519C", linestyle=(0, (1, 2)), linewidth=1.4, zorder=1,
                 label=rf"$\alpha_B = (\eta/\rho)^2 = {detection:.4g}$: no signal is learned below")
    columns = 2 if legend else 1
    if dataset.plateau_asymptote.notnull().any():
        legend.append(lines.sample(r"leading term $\propto 1/(\rho + \eta - \beta)$", style=":", width=1.2))
    frame.add_legend(figure, axes, columns, legend)
    return figure
