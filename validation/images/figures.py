"""Figures of the experiment on images, with the lines of the theory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from validation.images.analysis import ALLOWED, NEXT, Threshold, fresh_elbo
from validation.images.studies import Workshop

_STARTS = {"cold": ("o", "C0"), "active": ("^", "C3"), "collapsed": ("v", "C2"),
           "added": ("P", "C4")}
_MEASURES = {"pixel_frechet": "Fréchet distance of pixels", "feature_frechet": "Fréchet distance of features",
             "test_elbo": "− test ELBO (nats)"}


def figures(shop: Workshop, searches: Sequence[xr.Dataset], predictions: xr.Dataset, sweeps: xr.Dataset,
            rows: Sequence[Threshold]) -> Iterator[tuple[str, str, Figure]]:
    """Yield name, caption and figure."""
    yield "thresholds", "Measured thresholds over those of the linear theory on the same samples, with 95 % " \
        "intervals over seeds.", thresholds(rows)
    yield "search", "KL of the trials of all searches at the largest P. Line: ½ ln(Λ/β), the linear theory.", \
        search(shop, searches)
    yield "next-latent", "What one-latent models predict for the second latent. A prediction is read where its curve " \
        "meets the diagonal.", next_latent(shop, predictions, rows)
    for subject, curves in shop.measured:
        part = sweeps.isel(run=np.flatnonzero(sweeps["network"] == subject.name))
        yield f"best-beta-{subject.architecture.kind}", "Quality of pictures and likelihood of fresh images over β, " \
            f"for each number of samples: {subject.name}.", quality(shop, part, shop.sizes(curves))


def thresholds(rows: Sequence[Threshold]) -> Figure:
    """Return measured full collapse over its prediction for each network at each P, and the second latent's."""
    shown = [row for row in rows if row.ratio.count]
    places = {key: number for number, key in enumerate(dict.fromkeys(map(_place, shown)))}
    figure = Figure(figsize=(7.4, 1.4 + 0.34 * len(places)), layout="constrained")
    axes = figure.subplots()
    for number, (start, (marker, colour)) in enumerate(_STARTS.items()):
        chosen = [row for row in shown if row.start == start]
        if chosen:
            axes.errorbar([row.ratio.mean for row in chosen], [places[_place(row)] + 0.16 * (number - 1)
                                                               for row in chosen],
                          xerr=np.nan_to_num([row.ratio.half for row in chosen]), fmt=marker, color=colour, capsize=3,
                          markersize=5, label=f"{start} start")
    axes.axvspan(1 - ALLOWED, 1 + ALLOWED, color="0.92", zorder=0)
    axes.axvline(1, color="0.3", label=f"linear theory, ± {ALLOWED:.0%}")
    means = [row.ratio.mean for row in shown]
    # Two seeds that disagree have an interval beyond any axis.
    axes.set(yticks=list(places.values()), yticklabels=list(places), xlabel="measured β / linear theory",
             xlim=(min([0.9, *means]) - 0.1, max([1.1, *means]) + 0.1), title="Where latents collapse")
    axes.invert_yaxis()
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _place(row: Threshold) -> str:
    second = ", second latent" if row.rank == 2 else ""
    return f"{row.network}, P = {row.samples:,}{second}"


def search(shop: Workshop, studies: Sequence[xr.Dataset]) -> Figure:
    """Return the KL of all trials of the MLP at the largest P over β, for both latents."""
    figure = Figure(figsize=(8.6, 3.8), layout="constrained")
    for axes, rank in zip(figure.subplots(1, 2), (1, 2), strict=True):
        found = next(one for one in studies if one["rank"].values[0] == rank and one["network"].values[0] == "MLP")
        part = found.isel(run=np.flatnonzero(found["samples"] == found["samples"].max()))
        value = float(shop.material.prepared.eigenvalues[rank - 1])
        for start, (marker, colour) in _STARTS.items():
            chosen = part.isel(run=np.flatnonzero(part["start"] == start))
            if chosen.sizes["run"]:
                axes.plot(chosen["tried"].values.ravel(), chosen["trial_kl"].values[:, :, rank - 1].ravel(), marker,
                          color=colour, markersize=4, alpha=0.7, label=f"{start} start")
        line = np.linspace(0.6 * value, 1.15 * value, 300)
        axes.plot(line, np.log(np.maximum(value / line, 1)) / 2, color="0.3", label="linear theory")
        axes.set(xlabel="β", ylabel="KL of the latent (nats)", xlim=(0.6 * value, 1.2 * value), ylim=(-0.01, 0.35),
                 title=("strongest latent", "second latent")[rank - 1])
        axes.legend(fontsize=8)
    return figure


def next_latent(shop: Workshop, found: xr.Dataset, rows: Sequence[Threshold]) -> Figure:
    """Return predicted thresholds over the β at which the one-latent model was trained."""
    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    axes = figure.subplots()
    betas = np.unique(found["beta"].values)
    for name, marker in zip(("conditional", "held_out", "constant", "own"), "osv^", strict=True):
        values = np.array([found[name].values[found["beta"].values == beta] for beta in betas])
        axes.errorbar(betas, np.nanmean(values, axis=1), np.nanstd(values, axis=1), marker=marker, capsize=3,
                      label=NEXT[name])
    axes.plot(betas, betas, color="0.3", linestyle="--", label="prediction = β")
    axes.axhline(float(shop.material.prepared.eigenvalues[1]), color="0.6", label=NEXT["linear"])
    for row in rows:
        if row.rank == 2 and row.measured.count:
            axes.axvspan(row.measured.low, row.measured.high, color=_STARTS[row.start][1], alpha=0.25,
                         label=f"measured, {row.start} start")
    axes.set(xlabel="β of the one-latent model", ylabel="predicted threshold of the second latent",
             title="Would one more latent be used?")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.set_figwidth(9.4)
    return figure


def quality(shop: Workshop, found: xr.Dataset, sizes: Sequence[int]) -> Figure:
    """Return Fréchet distances and test ELBO over β at each P."""
    chosen = [name for name in _MEASURES if name in found or name == "test_elbo"]
    figure = Figure(figsize=(4.2 * len(chosen), 3.8), layout="constrained")
    for axes, name in zip(np.atleast_1d(figure.subplots(1, len(chosen))), chosen, strict=True):
        values = -fresh_elbo(found, len(shop.material.prepared.mean)) if name == "test_elbo" else found[name].values
        for number, size in enumerate(sizes):
            _curve(axes, found, size, values, f"P = {size:,}", number)
        axes.set(xscale="log", xlabel="β", ylabel=_MEASURES[name])
        axes.legend(fontsize=8)
    return figure


def _curve(axes: Axes, found: xr.Dataset, size: int, values: np.ndarray, label: str, number: int) -> None:
    betas = np.unique(found["beta"].values)
    rows = [values[(found["samples"].values == size) & (found["beta"].values == beta)] for beta in betas]
    axes.errorbar(betas, [row.mean() for row in rows], [row.std() for row in rows], marker="o", markersize=4, capsize=2,
                  color=f"C{number}", label=label)
