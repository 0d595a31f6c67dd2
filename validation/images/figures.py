"""Figures of the experiment on images, with the lines of the theory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from validation.images.analysis import Threshold, fresh_elbo
from validation.images.statements import NEXT
from validation.images.studies import Workshop

_STARTS = {"cold": ("o", "C0"), "active": ("^", "C3"), "collapsed": ("v", "C2")}
_MEASURES = {"pixel_frechet": "Fréchet distance of pixels", "feature_frechet": "Fréchet distance of features",
             "test_elbo": "− test ELBO (nats)"}


def figures(shop: Workshop, searches: xr.Dataset, predictions: xr.Dataset, sweeps: xr.Dataset,
            rows: Sequence[Threshold]) -> Iterator[tuple[str, str, Figure]]:
    """Yield name, caption and figure."""
    yield "thresholds", "Measured thresholds over the number of samples, with 95 % intervals over seeds.", \
        thresholds(rows)
    yield "search", "KL of the trials of all searches at the largest P. Line: ½ ln(Λ/β), the linear theory.", \
        search(shop, searches)
    yield "next-latent", "What one-latent models predict for the second latent. A prediction is read where its curve " \
        "meets the diagonal.", next_latent(shop, predictions, rows)
    yield "kl", "Total KL of two latents after training, over β. Line: the linear theory on all images.", \
        kl(shop, sweeps)
    yield "best-beta", "Quality of pictures and likelihood of fresh images over β, for each number of samples.", \
        quality(shop, sweeps)


def thresholds(rows: Sequence[Threshold]) -> Figure:
    """Return measured and predicted thresholds over P."""
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    full = [row for row in rows if row.rank == 1 and row.network == "mlp"]
    for number, (start, (marker, colour)) in enumerate(_STARTS.items()):
        chosen = [row for row in full if row.start == start and row.measured.count]
        if chosen:
            x = [row.samples * 1.06 ** (number - 0.5) for row in chosen]
            axes.errorbar(x, [row.measured.mean for row in chosen],
                          np.nan_to_num([row.measured.half for row in chosen]), fmt=marker, color=colour,
                          capsize=3, label=f"full collapse, {start} start")
    sizes = sorted({row.samples: row.predicted.mean for row in full}.items())
    axes.plot(*zip(*sizes, strict=True), color="0.3", label="Λ₁ of the samples")
    for row in rows:
        if row.network == "conv" and row.measured.count:
            axes.errorbar(row.samples, row.measured.mean, np.nan_to_num(row.measured.half), fmt="s",
                          color=_STARTS[row.start][1], mfc="none", capsize=3, label=f"convolutional, {row.start} start")
        if row.rank == 2 and row.measured.count:
            axes.errorbar(row.samples * 0.9, row.measured.mean, np.nan_to_num(row.measured.half), fmt="D",
                          color=_STARTS[row.start][1], capsize=3, label=f"second latent, {row.start} start")
    means = [row.measured.mean for row in rows if row.measured.count] + [row.predicted.mean for row in full]
    # Two seeds that disagree have an interval beyond any axis.
    axes.set(xscale="log", xlabel="samples P", ylabel="β at which the latent collapses", title="Where latents collapse",
             ylim=(0.85 * min(means), 1.15 * max(means)))
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    figure.set_figwidth(8.6)
    return figure


def search(shop: Workshop, found: xr.Dataset) -> Figure:
    """Return the KL of all trials at the largest P over β, for both latents."""
    figure = Figure(figsize=(8.6, 3.8), layout="constrained")
    for axes, rank in zip(figure.subplots(1, 2), (1, 2), strict=True):
        part = found.isel(run=np.flatnonzero((found["rank"] == rank) & (found["samples"] == shop.sizes[-1])))
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


def kl(shop: Workshop, found: xr.Dataset) -> Figure:
    """Return the total KL over β at each P, beside the linear theory."""
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    for number, size in enumerate(shop.sizes):
        _curve(axes, found, size, found["kl"].sum("latent").values, f"P = {size:,}", number)
    values = shop.material.prepared.eigenvalues[:2]
    line = np.geomspace(*_range(found), 400)
    axes.plot(line, np.log(np.maximum(values[:, None] / line, 1)).sum(0) / 2, color="0.3", label="linear theory")
    axes.set(xscale="log", xlabel="β", ylabel="total KL (nats)", title="What two latents carry")
    axes.legend(fontsize=8)
    return figure


def quality(shop: Workshop, found: xr.Dataset) -> Figure:
    """Return Fréchet distances and test ELBO over β at each P."""
    chosen = [name for name in _MEASURES if name in found or name == "test_elbo"]
    figure = Figure(figsize=(4.2 * len(chosen), 3.8), layout="constrained")
    for axes, name in zip(np.atleast_1d(figure.subplots(1, len(chosen))), chosen, strict=True):
        values = -fresh_elbo(found, len(shop.material.prepared.mean)) if name == "test_elbo" else found[name].values
        for number, size in enumerate(shop.sizes):
            _curve(axes, found, size, values, f"P = {size:,}", number)
        axes.set(xscale="log", xlabel="β", ylabel=_MEASURES[name])
        axes.legend(fontsize=8)
    return figure


def _range(found: xr.Dataset) -> tuple[float, float]:
    return float(found["beta"].min()), float(found["beta"].max())


def _curve(axes: Axes, found: xr.Dataset, size: int, values: np.ndarray, label: str, number: int) -> None:
    betas = np.unique(found["beta"].values)
    rows = [values[(found["samples"].values == size) & (found["beta"].values == beta)] for beta in betas]
    axes.errorbar(betas, [row.mean() for row in rows], [row.std() for row in rows], marker="o", markersize=4, capsize=2,
                  color=f"C{number}", label=label)
