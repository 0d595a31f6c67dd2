"""What one training for all β found: the KL of each latent, and the rate–distortion curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps

from vaesym.figures import frame
from vaesym.figures.lines import sample

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Latents that have a colour and a place in the legend; further ones are grey.
_NAMED = 6
_NEEDED = ("kl", "rate", "distortion", "linear_kl", "linear_rate", "linear_distortion")
_TRAINING, _HELD_OUT = "#0072B2", "#D55E00"


def scan_curves(dataset: xr.Dataset) -> Figure:
    """Return a figure of a scan: KL of each latent over β, and rate over distortion, linear theory beside both.

    Parameters
    ----------
    dataset : of :meth:`vaesym.practice.scan.Scan.to_xarray`; seeds are averaged

    Raises
    ------
    vaesym.InputError
        A dataset without those variables.

    Examples
    --------
    >>> import xarray as xr
    >>> scan_curves(xr.Dataset())
    Traceback (most recent call last):
    ...
    vaesym.inputs.InputError: expected the dataset of vaesym.scan; received one without distortion, kl, \
linear_distortion, linear_kl, linear_rate, rate; pass it as it was returned
    """
    frame.check(dataset, _NEEDED, "scan")
    mean = dataset.mean("seed")
    figure, left, right = frame.new_pair(str(dataset.attrs.get("title", "Scan")), math=False)
    _latents(left, mean)
    _rate_distortion(right, mean)
    shown = min(_NAMED, dataset.sizes["latent"])
    lines = [sample(f"latent {place + 1}", colour) for place, colour in enumerate(_colours(shown))]
    more = [sample("further latents", "0.7")] if dataset.sizes["latent"] > shown else []
    held = [sample("samples held out", _HELD_OUT)] if "held_out" in dataset.part.values else []
    parts = [sample("training samples", _TRAINING), *held]
    frame.add_legend(figure, left, 5, [*lines, *more, *parts, sample("linear theory", style="--", width=1.2)])
    return figure


def _colours(count: int) -> list[tuple[float, ...]]:
    return [tuple(colormaps["viridis"](place)) for place in np.linspace(0.0, 0.85, count)]


def _latents(axes: Axes, mean: xr.Dataset) -> None:
    beta, count = mean.beta.values, mean.sizes["latent"]
    colours = [*_colours(min(_NAMED, count)), *["0.7"] * (count - _NAMED)]
    for place in reversed(range(count)):
        axes.plot(beta, mean.linear_kl.isel(latent=place), color=colours[place], linestyle="--", linewidth=1.0)
        axes.plot(beta, mean.kl.sel(part="training").isel(latent=place), color=colours[place], linewidth=1.8)
    frame.logarithmic(axes, "x", beta)
    axes.set(xlabel=frame.label("beta"), ylabel="KL of each latent  (nats)")
    axes.set_ylim(bottom=0)


def _rate_distortion(axes: Axes, mean: xr.Dataset) -> None:
    axes.plot(mean.linear_distortion, mean.linear_rate, color="0.35", linestyle="--", linewidth=1.2)
    for part in reversed(mean.part.values):
        colour = _TRAINING if part == "training" else _HELD_OUT
        axes.plot(mean.distortion.sel(part=part), mean.rate.sel(part=part), color=colour, linewidth=1.8)
    squared = mean.linear_distortion.notnull().any()
    axes.set(xlabel="distortion: squared error" if squared else r"distortion: $-\ln p(x|z)$  (nats)",
             ylabel="rate: total KL  (nats)")
    axes.set_ylim(bottom=0)
