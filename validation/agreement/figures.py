"""The figures of [IH] with simulated means over the curves of the theory, and the report's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

import vaesym
from vaesym import figures
from vaesym.figures import lines
from vaesym.figures.frame import add_legend, new
from validation.agreement import studies
from validation.agreement.boundaries import BOUNDARIES, active
from validation.agreement.measurement import Comparison, Measurements, standard_error
from validation.agreement.points import describe
from validation.simulate.data import SpikedData, second_moments
from validation.study.extrapolation import outlier_shift
from validation.study.simulations import Table

_FINE = np.geomspace(0.2, 20.0, 400)


def _points(table: Table, quantity: str, member: int, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Means and standard errors of a quantity of one curve, group by group."""
    values = [table[quantity][(table["group"] == group) & (table["member"] == member)] for group in range(groups)]
    return np.array([v.mean() for v in values]), np.array([standard_error(v) for v in values])


def _draw(axes: Axes, x: Sequence[float] | np.ndarray, means: np.ndarray, errors: np.ndarray, colour: Any,
          marker: str = "o") -> None:
    # Two standard errors: of points that agree, one in twenty does not touch its curve.
    axes.errorbar(x, means, 2 * errors, color=colour, linestyle="none", marker=marker, markersize=4.5, capsize=2.5,
                  elinewidth=1.2, zorder=5)


def _note(figure: Figure, text: str) -> None:
    """Say below the title what the points are."""
    axes = figure.axes[0]
    if axes.get_title():
        axes.set_title(f"{axes.get_title()}\n{text}", fontsize=9.5)
        return
    figure.suptitle(f"{figure.get_suptitle()}\n{text}", fontsize=9.5)


def _learning(found: Measurements, members: list[int], trained: int | None = None) -> Figure:
    all_members, table = studies.learning_members(), found.tables["learning-curves"]
    chosen = [all_members[i] for i in members]
    betas, lams = sorted({beta for beta, _ in chosen}), sorted({lam for _, lam in chosen})
    one = [axis[0] if len(axis) == 1 else axis for axis in (betas, lams)]
    dataset = vaesym.learning_curve(_FINE, beta=one[0], lam=one[1])
    figure = figures.learning_curve(dataset)
    axes, alphas = figure.axes[0], studies.curve_alphas(found.preset)
    top = axes.get_ylim()[1]
    for curve in lines.curves(dataset, "alpha"):
        at = dataset.isel(curve.where)
        member = all_members.index((float(at.beta), float(at.lam)))
        means, errors = _points(table, "signal_recovery_error", member, len(alphas))
        _draw(axes, alphas, means, errors, curve.colour)
        top = max(top, 1.05 * float((means + 2 * errors).max()) if axes.get_yscale() == "linear" else top)
        if member == trained:
            means, errors = _points(found.tables["trained-curve"], "signal_recovery_error", 0, len(alphas))
            _draw(axes, alphas * 1.04, means, errors, curve.colour, "x")
    axes.set_ylim(top=top)
    _note(figure, _caption(found) + ("; crosses: trained by Adam" if trained is not None else ""))
    return figure


def _caption(found: Measurements) -> str:
    return f"points: exact minimum, {found.preset.curve_seeds} data sets of N = {found.preset.curve_size}, ± 2 s.e."


def posteriors(found: Measurements) -> Figure:
    """Return KL(q‖p) and the rate over β."""
    dataset = vaesym.kl_curves(list(studies.CURVE_ALPHAS), np.linspace(0.15, 2.7, 300), lam=studies.CURVE_DECAY)
    figure, table = figures.kl_curves(dataset), found.tables["beta-curves"]
    betas = studies.curve_betas(found.preset)
    for group, curve in enumerate(lines.curves(dataset, "beta")):
        for axes, name in zip(figure.axes, ("kl_posterior", "rate"), strict=True):
            values = [table[name][(table["group"] == group) & (table["member"] == j)] for j in range(len(betas))]
            _draw(axes, betas, np.array([v.mean() for v in values]), np.array([standard_error(v) for v in values]),
                  curve.colour)
    _note(figure, _caption(found))
    return figure


def rate_distortion(found: Measurements) -> Figure:
    """Return the rate over the distortion."""
    dataset = vaesym.rate_distortion(list(studies.CURVE_ALPHAS), lam=studies.CURVE_DECAY)
    figure, table = figures.rate_distortion(dataset), found.tables["beta-curves"]
    for group, curve in enumerate(lines.curves(dataset, "beta")):
        for member in range(len(studies.curve_betas(found.preset))):
            at = (table["group"] == group) & (table["member"] == member)
            rate, distortion = table["rate"][at], table["distortion"][at]
            figure.axes[0].errorbar(distortion.mean(), rate.mean(), 2 * standard_error(rate),
                                    2 * standard_error(distortion), color=curve.colour, marker="o", markersize=4,
                                    elinewidth=1, zorder=5)
    _note(figure, _caption(found) + ", fresh data")
    return figure


def phases(found: Measurements) -> Figure:
    """Return the phase diagram, with the share of the signal in what is learned."""
    diagram = vaesym.phase_diagram(np.geomspace(0.2, 20.0, 160), np.linspace(0.05, 3.0, 160), lam=studies.PHASE_DECAY)
    figure, table = figures.phase_diagram(diagram), found.tables["phases"]
    points = studies.phase_points(found.preset)
    norm, aligned = table["Q"][:, 0, 0], table["m"][:, 0, 0] ** 2
    for group, row in enumerate(points):
        for member, point in enumerate(row):
            at = (table["group"] == group) & (table["member"] == member)
            collapsed = (norm[at] == 0).mean()
            share = float(np.mean(aligned[at][norm[at] > 0] / norm[at][norm[at] > 0])) if collapsed < 1 else 0.0
            marker = "x" if collapsed > 0.5 else "o"
            colour = "0.3" if marker == "x" else [1 - share, 1 - share, 1.0]
            figure.axes[0].plot(point.alpha, point.beta, marker=marker, color=colour, markeredgecolor="0.15",
                                markersize=7, linestyle="none", zorder=6)
    # The names of the phases stand where simulated points may lie.
    for text in figure.axes[0].texts:
        text.set(zorder=7, bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "boxstyle": "round,pad=0.2"})
    _note(figure, f"N = {found.preset.curve_size}; crosses: collapsed; discs: active, the bluer the more of the signal")
    return figure


def spectrum(found: Measurements) -> Figure:
    """Return the spectrum of a data set over the law of Marchenko and Pastur."""
    size = found.preset.sizes[-1]
    eigenvalues = np.linalg.eigvalsh(second_moments(SpikedData(size, 4 * size, seed=found.seed))) / 4
    figure = figures.spectrum_law(vaesym.spectrum_law(4.0, eigenvalues=np.maximum(eigenvalues, 0.0)))
    _note(figure, f"one data set of N = {size}")
    return figure


def theory_figures(found: Measurements) -> Iterator[tuple[str, str, Figure]]:
    """Yield name, caption and figure of each figure of [IH]."""
    place = studies.learning_members().index
    yield ("learning-lambda", "Recovery error over α for several λ (β = 1)",
           _learning(found, [place((1.0, lam)) for lam in studies.CURVE_DECAYS], place((1.0, 0.1))))
    yield ("learning-beta", f"Recovery error over α for several β (λ = {studies.CURVE_DECAY:g})",
           _learning(found, [place((beta, studies.CURVE_DECAY)) for beta in studies.CURVE_WEIGHTS]))
    yield ("learning-no-decay", "Recovery error over α without weight decay",
           _learning(found, [place((beta, 0.0)) for beta in studies.WITHOUT_DECAY]))
    yield "posteriors", "KL of the posteriors and rate over β", posteriors(found)
    yield "phases", "Phases", phases(found)
    yield "rate-distortion", "Rate over distortion", rate_distortion(found)
    yield "spectrum", "Spectrum of a data set and the Marchenko–Pastur law", spectrum(found)


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
    number = next(i for i in found.preset.boundaries if BOUNDARIES[i].first_order)
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
