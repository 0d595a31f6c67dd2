"""Figures of curves: learning, rate against distortion, and the KLs to the posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vaesym.figures import frame, lines

if TYPE_CHECKING:
    import xarray as xr

#: Beyond this ratio of the largest error to ρ the upward axis is logarithmic.
_TALL = 6.0


@frame.of_dataset("learning_curve", ", over an ascending α of at least two finite values",
            ", α that does not ascend, or more curves than can be told apart")
def learning_curve(dataset: xr.Dataset) -> Figure:
    r"""Draw the signal recovery error ε against α, a curve for each β or λ.

    With two such axes the colour tells the longer one and the style of the line the other. The upward axis is
    logarithmic if errors far above ρ have to be shown. Values at α = ∞ are drawn as horizontal lines.

    Notes
    -----
    [IH, Sec. 6.2].

    Examples
    --------
    >>> import vaesym
    >>> curves = vaesym.learning_curve(np.geomspace(0.1, 100, 50), beta=1.0, lam=[0.01, 0.1, 1.0])
    >>> figure = learning_curve(curves)
    >>> [text.get_text() for text in figure.legends[0].get_texts()][:2]
    ['$\\lambda = 0.01$', '$\\lambda = 0.1$']
    """
    frame.check(dataset, ("signal_recovery_error", "alpha"), "learning_curve")
    finite, limit = lines.part_unlimited(dataset)
    alpha = frame.ascending("alpha", finite.alpha.values)
    rho = float(dataset.attrs["rho"])
    figure, axes = frame.new(lines.title("Learning curve of the linear β-VAE", dataset))
    legend = lines.legend(dataset, "alpha")
    for curve in lines.curves(dataset, "alpha"):
        axes.plot(alpha, finite.signal_recovery_error.isel(curve.where), color=curve.colour, linestyle=curve.style,
                  linewidth=1.8)
        lines.draw_limit(axes, limit, "signal_recovery_error", curve)
    frame.label_along(axes, "alpha", alpha)
    axes.set_ylabel(r"signal recovery error  $\varepsilon$")
    largest = float(dataset.signal_recovery_error.max())
    if largest > _TALL * rho:
        frame.logarithmic(axes, "y")
    else:
        axes.set_ylim(0, 1.08 * max(largest, rho))
    axes.axhline(rho, color="0.5", linewidth=1.0, linestyle=(0, (6, 3)), zorder=1,
                 label=rf"$\rho = {rho:g}$: error of a collapsed latent")
    lines.mark_detection(axes, alpha, dataset)
    frame.add_legend(figure, axes, lines.columns(legend), [*legend, *_limit(axes, limit)])
    return figure


def _limit(axes: Axes, limit: xr.Dataset | None) -> list[Line2D]:
    zero = limit is not None and axes.get_yscale() == "log" and bool((limit.signal_recovery_error <= 0).any())
    return lines.limit_sample(limit, hidden=zero)


@frame.of_dataset("rate_distortion", ", over ascending β of at least two values",
            ", β that does not ascend, or more curves than can be told apart")
def rate_distortion(dataset: xr.Dataset) -> Figure:
    r"""Draw the rate against the distortion, for each α, with the rate of a Gaussian source.

    Solid lines are fresh data, dotted lines the training set; along a line β rises from left to right.

    Notes
    -----
    The Gaussian source is [IH, Claim 6.2], the limit α → ∞.

    Examples
    --------
    >>> import vaesym
    >>> figure = rate_distortion(vaesym.rate_distortion([1.0, 10.0], lam=0.1))
    >>> [text.get_text() for text in figure.legends[0].get_texts()][:2]
    ['$\\alpha = 1$', '$\\alpha = 10$']
    """
    frame.check(dataset, ("rate", "distortion", "training_rate", "training_distortion", "beta"), "rate_distortion")
    frame.ascending("beta", dataset.beta.values)
    variance = float(dataset.attrs["rho"]) + float(dataset.attrs["eta"])
    figure, axes = frame.new(lines.title("Rate and distortion of the linear β-VAE", dataset))
    for curve in lines.curves(dataset, "beta"):
        one = dataset.isel(curve.where)
        axes.plot(one.distortion, one.rate, color=curve.colour, linewidth=1.8)
        axes.plot(one.training_distortion, one.training_rate, color=curve.colour, linewidth=1.4, linestyle=":")
    right = 1.05 * max(variance, float(dataset.distortion.max()), float(dataset.training_distortion.max()))
    source = np.geomspace(variance / 1e4, variance, 400)
    axes.plot([*source, right], [*np.log(variance / source) / 2, 0.0], color="black", linestyle="--", linewidth=1.2,
              label=rf"Gaussian source of variance $\rho + \eta = {variance:g}$", zorder=3)
    axes.set(xlim=(0, right), ylim=(0, 1.02 * max(float(dataset.rate.max()), float(dataset.training_rate.max()), 0.1)),
             xlabel=frame.label("distortion"), ylabel=frame.label("rate"))
    kinds = [lines.sample("fresh data"), lines.sample("training set", style=":", width=1.4)]
    legend = lines.legend(dataset, "beta")
    frame.add_legend(figure, axes, lines.columns(legend), [*legend, *kinds])
    return figure


@frame.of_dataset("kl_curves", ", with an ascending axis of at least two values",
            ", an axis that does not ascend, or more curves than can be told apart")
def kl_curves(dataset: xr.Dataset) -> Figure:
    r"""Draw both KLs between the encoder and the posterior of the decoder, and beside them the rate.

    They are drawn against the longer of the axes α and β, a curve for each value of the other. Values at α = ∞ are
    horizontal lines where α is the one along which they are drawn.

    Notes
    -----
    [IH, Sec. 6].

    Examples
    --------
    >>> import vaesym
    >>> figure = kl_curves(vaesym.kl_curves(np.geomspace(0.1, 100, 50), [0.5, 1.0, 1.5], lam=0.1))
    >>> figure.axes[1].get_ylabel()
    'rate: KL to the prior  (nats)'
    """
    frame.check(dataset, ("kl_variational_to_posterior", "kl_posterior_to_variational", "rate"), "kl_curves")
    along = max(("alpha", "beta"), key=lambda name: dataset.sizes.get(name, 0))
    finite, limit = lines.part_unlimited(dataset) if along == "alpha" else (dataset, None)
    x = frame.ascending(along, finite[along].values)
    figure, left, right = frame.new_pair(lines.title("Encoder and posterior of the linear β-VAE", dataset))
    shown = ((left, "kl_variational_to_posterior", "-", 1.8), (left, "kl_posterior_to_variational", "--", 1.4),
             (right, "rate", "-", 1.8))
    for curve in lines.curves(dataset, along):
        one = finite.isel(curve.where)
        for axes, name, style, width in shown:
            axes.plot(x, one[name], color=curve.colour, linewidth=width, linestyle=style)
        for axes, name, *_ in shown:
            lines.draw_limit(axes, limit, name, curve)
    left.set_ylabel("KL between encoder $q$ and posterior $p$  (nats)")
    right.set_ylabel(frame.label("rate"))
    for axes in (left, right):
        frame.label_along(axes, along, x)
        lines.set_height(axes)
        if along == "alpha":
            lines.mark_detection(axes, x, dataset)
    kinds = [lines.sample(r"KL$(q\,\|\,p)$, and rate"), lines.sample(r"KL$(p\,\|\,q)$", style="--", width=1.4)]
    legend = lines.legend(dataset, along)
    frame.add_legend(figure, left, lines.columns(legend) + 1, [*legend, *kinds, *lines.limit_sample(limit)])
    return figure
