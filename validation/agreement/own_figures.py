"""Figures of the report's own: scores, hysteresis, and the approach to many dimensions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from vaesym.figures.frame import add_legend, new
from validation.agreement.boundaries import BOUNDARIES
from validation.agreement.claims import describe
from validation.agreement.extrapolation import outlier_shift
from validation.agreement.gathering import Measurements
from validation.agreement.measured_ends import active
from validation.agreement.measurement import Comparison

#: Points of the figure of the approach to many dimensions.
_SHOWN = 4


def scores(found: Measurements) -> Figure:
    """Return the scores of the exact minimiser in order, over those of as many standard normal numbers."""
    figure, axes = new("Scores of the exact minimiser, extrapolated")
    for quantity, marker, colour, word in (("free_energy", "o", "#0072B2", "least loss"),
                                           ("distortion", "s", "#D55E00", "distortion")):
        z = np.sort([one.score for one in found.comparisons if one.quantity == quantity and not one.sharp])
        expected = stats.norm.ppf((np.arange(len(z)) + 0.5) / len(z))
        axes.plot(expected, z, marker, color=colour, markersize=4.5, label=f"{word}, {len(z)} points")
    axes.axline((0, 0), slope=1, color="0.4", linewidth=1.2, label="as expected if theory and simulation agree")
    axes.set(xlabel="expected score", ylabel="measured score")
    add_legend(figure, axes, 1)
    return figure


def hysteresis(found: Measurements) -> Figure:
    """Return the share of data sets that end active over β, from both starts, at a first-order boundary."""
    number = next(i for i, boundary in enumerate(BOUNDARIES) if boundary.first_order)
    boundary, table = BOUNDARIES[number], found.tables["hysteresis"]
    size = max(found.preset.onset_sizes)
    figure, axes = new(f"Hysteresis  ({describe_alpha(number)})")
    for s, (start, colour, marker) in enumerate((("collapse", "#0072B2", "o"), ("the signal", "#D55E00", "s"))):
        at = np.flatnonzero((table["boundary"] == number) & (table["size"] == size) & (table["from"] == s))
        alive = active(boundary, table, at)
        betas = np.unique(table["beta"][at])
        share = [alive[table["beta"][at] == beta].mean() for beta in betas]
        axes.plot(betas, share, marker=marker, markersize=4, color=colour, label=f"descent from {start}")
    for value, style, word in ((boundary.collapse_end, "--", "collapse becomes stable"),
                               (boundary.coexistence, ":", "both states equally deep"),
                               (boundary.active_end, "-.", "the active state ends (spinodal)")):
        axes.axvline(value, color="0.3", linestyle=style, linewidth=1.2, label=f"theory: {word}")
    axes.set(xlabel=r"weight of the KL term  $\beta$", ylabel=f"share of data sets that end active (N = {size})")
    add_legend(figure, axes, 2)
    return figure


def describe_alpha(number: int) -> str:
    """Return the parameters of a boundary as mathematics."""
    one = BOUNDARIES[number]
    return rf"$\alpha = {one.alpha:g}$, $\lambda = {one.lam:g}$, $\rho = {one.rho:g}$, $\eta = {one.eta:g}$"


def approach(found: Measurements) -> Figure:
    """Return how means approach the theory as N grows, at a few points."""
    figure, axes = new("Approach to many dimensions: recovery error less the theory")
    plain = [one for one in found.comparisons if one.quantity == "signal_recovery_error" and not one.sharp
             and not found.points[one.point].on_edge]
    # The best measured point of each kind of data.
    kinds: dict[object, Comparison] = {}
    for one in sorted(plain, key=lambda one: one.errors[0]):
        kinds.setdefault((found.points[one.point].strengths, found.points[one.point].noise), one)
    for place, one in enumerate(list(kinds.values())[:_SHOWN]):
        sizes = np.array(one.sizes, dtype=float)
        # Side by side, so that the bars do not hide one another.
        moved = (place - (_SHOWN - 1) / 2) * 0.012 / sizes[0]
        for x, y, error, marker in ((outlier_shift(sizes), np.array(one.means), one.errors, "o"),
                                    (np.zeros(1), np.array([one.limit.value]), one.limit.error, "D")):
            axes.errorbar(x + moved, y - one.expected, 2 * np.array(error), marker=marker, markersize=4.5,
                          linestyle="none", capsize=2, color=f"C{place}",
                          label=describe(found.points[one.point]) if marker == "o" else None)
    axes.axhline(0, color="0.4", linewidth=1.2)
    axes.set(xlabel="1/N  (diamonds: extrapolated to 0)", ylabel=r"$\varepsilon$ less its limit,  ± 2 s.e.")
    add_legend(figure, axes, 1)
    return figure


def own_figures(found: Measurements) -> Iterator[tuple[str, str, Figure]]:
    """Yield name, caption and figure."""
    yield "scores", "Scores of the exact minimiser against those expected", scores(found)
    yield "approach", "Approach to many dimensions", approach(found)
    yield "hysteresis", "Hysteresis at a first-order boundary", hysteresis(found)
