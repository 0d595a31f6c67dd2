"""Figures of the theory: the collapse threshold, the phases with their boundaries, and recovery of sparse signals."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.figures import frame
from vaesym.figures.lines import mark_detection
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae import Phase
from vaesym.linear_vae.sparse.recovery import Recovery

if TYPE_CHECKING:
    import xarray as xr

#: Light, colour-blind safe tints, of different lightness too.
_COLOURS = {Phase.REGULARIZED: "#D9D9D9", Phase.OVERFITTING: "#FDD49E", Phase.LEARNING: "#9ECAE1"}
_NAMES = {Phase.REGULARIZED: "regularized\n(posterior collapse)", Phase.OVERFITTING: "overfitting",
          Phase.LEARNING: "learning"}
_NEEDED = ("phase", "collapse_threshold", "global_collapse_threshold", "spinodal", "coexistence", "tricritical_alpha",
           "tricritical_beta", "detection_threshold")
_COEXISTENCE: dict[str, Any] = {"color": "#FFD92F", "linewidth": 4.5, "zorder": 1.9,
                                "label": "coexistence (first order)"}
_LOCAL: dict[str, Any] = {"color": "#B2182B", "linestyle": "--", "linewidth": 1.4,
                          "label": "above: collapse is locally stable"}
_SPINODAL: dict[str, Any] = {"color": "#6A3D9A", "linestyle": "-.", "linewidth": 1.4,
                             "label": "above: no active state (spinodal)"}
_BETA = f"{frame.label('beta')}  (decoder variance 1)"
#: Points across and up at which a place for a name is looked for.
_POINTS = (192, 144)


#: From nothing to the global minimum, light to dark; without replica symmetry in another hue.
_RECOVERIES = {Recovery.NONE: "#E5E5E5", Recovery.BROKEN: "#FDD49E", Recovery.STATE: "#C6DBEF",
               Recovery.DEEPEST: "#6BAED6"}


def collapse_curve(alpha: Any, threshold: Any, *, lam: float, rho: float, eta: float) -> Figure:
    r"""Draw the collapse threshold β_c against α, with its limit ρ+η.

    Parameters
    ----------
    alpha : ascending samples per dimension, shape (n,), > 0
    threshold : β_c at these, shape (n,), as from :func:`vaesym.collapse_threshold`; parts ≤ 0 are cut off
    lam, rho, eta : the parameters it was computed with

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    vaesym.InputError
        Axes that do not ascend, shapes that differ, or values that are not finite.

    Notes
    -----
    The limit is [IH, Claim 6.1]; the curve at finite α is that of :func:`vaesym.collapse_threshold`.

    Examples
    --------
    >>> from vaesym.linear_vae import collapse_threshold
    >>> alpha = np.geomspace(0.1, 100, 50)
    >>> figure = collapse_curve(alpha, collapse_threshold(alpha, lam=1.0), lam=1.0, rho=1.0, eta=1.0)
    >>> figure.axes[0].get_xscale()
    'log'
    """
    a, beta = frame.ascending("alpha", alpha), inputs.real_array("threshold", threshold)
    if beta.shape != a.shape:
        raise InputError(f"threshold of the shape of alpha, {a.shape}", f"{beta.shape}", "give a value for each alpha")
    limit = rho + eta
    top = 1.25 * max(float(beta.max()), limit)
    figure, axes = frame.new(frame.with_parameters("Collapse threshold of the linear β-VAE", lam=lam, rho=rho, eta=eta))
    axes.fill_between(a, beta, top, color=_COLOURS[Phase.REGULARIZED], linewidth=0)
    axes.plot(a, beta, color="black", linewidth=1.8, label=r"collapse threshold $\beta_c(\alpha)$")
    axes.axhline(limit, color="#0072B2", linestyle="--", linewidth=1.4,
                 label=rf"$\rho + \eta = {limit:g}$, its limit as $\alpha \to \infty$")
    frame.label_along(axes, "alpha", a)
    axes.set(ylim=(0, top), ylabel=_BETA)
    frame.add_legend(figure, axes, 2, _name_sides(axes, a, beta, limit))
    return figure


def _name_sides(axes: Axes, alpha: Floats, threshold: Floats, limit: float) -> list[Patch]:
    x, y = raster(axes)
    above = y[:, None] > np.interp(np.log(x), np.log(alpha), threshold)
    blocked = np.broadcast_to(np.abs(y - limit)[:, None] <= y[1] - y[0], above.shape)
    return (_name(axes, above, blocked, "posterior collapse", _COLOURS[Phase.REGULARIZED])
            + _name(axes, ~above, blocked, "latent active", "white"))


@frame.of_dataset("phase_diagram", ", over ascending α and β of at least two values each",
                  ", or axes that do not ascend")
def phase_diagram(dataset: xr.Dataset) -> Figure:
    r"""Draw a phase diagram over (α, β) with its exact boundaries.

    Phases carry their names in their regions, or in the legend where a region is too small. The solid line is the
    β above which collapse is the global minimum, on a bright ground where the transition is of first order and both
    states coexist; there a dashed line is the β above which collapse is locally stable, and a dash-dotted one the
    spinodal, up to which an active state exists; both end in a tricritical point, a circle. The dotted line is α_B,
    from which on the signal shows in the spectrum of the data. The β axis is logarithmic if its values are evenly
    spaced so.

    Notes
    -----
    Phases of [IH, Sec. 6.2].

    Examples
    --------
    >>> import vaesym
    >>> diagram = vaesym.phase_diagram(np.geomspace(0.1, 10, 30), np.linspace(0.1, 3, 30), lam=1.0)
    >>> figure = phase_diagram(diagram)
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['regularized\n(posterior collapse)', 'overfitting', 'learning']
    """
    frame.check(dataset, _NEEDED, "phase_diagram")
    alpha, beta = frame.ascending("alpha", dataset.alpha.values), frame.ascending("beta", dataset.beta.values)
    phases = dataset.phase.transpose("beta", "alpha").values
    figure, axes = frame.new(frame.with_parameters("Phases of the linear β-VAE", **dataset.attrs))
    geometric = frame.is_geometric(beta)
    axes.pcolormesh(_edges(alpha, geometric=True), _edges(beta, geometric=geometric), phases,
                    cmap=ListedColormap(list(_COLOURS.values())), norm=BoundaryNorm([-0.5, 0.5, 1.5, 2.5], 3),
                    rasterized=True)
    frame.label_along(axes, "alpha", alpha)
    if geometric:
        frame.logarithmic(axes, "y", beta)
    axes.set(ylim=(float(beta[0]), float(beta[-1])), ylabel=_BETA)
    _draw_boundaries(axes, dataset, alpha)
    frame.add_legend(figure, axes, 2, _name_phases(axes, dataset, phases))
    return figure


def _edges(centres: Floats, *, geometric: bool) -> Floats:
    """The borders of cells around the centres, half way between them; the outermost end at the first and the last."""
    middles = np.sqrt(centres[1:] * centres[:-1]) if geometric else (centres[1:] + centres[:-1]) / 2
    return np.concatenate([centres[:1], middles, centres[-1:]])


def _draw_boundaries(axes: Axes, dataset: xr.Dataset, alpha: Floats) -> None:
    least, stable = dataset.global_collapse_threshold.values, dataset.collapse_threshold.values
    axes.plot(alpha, least, color="black", linewidth=1.8, label="above: collapse is the global minimum")
    # Lines are drawn where they differ from it, up to the next point on either side.
    first_order = np.isfinite(dataset.coexistence.values) & (stable < least * (1 - 1e-6))
    if first_order.any():
        joined = first_order | np.append(first_order[1:], False) | np.append(False, first_order[:-1])
        curves = (dataset.coexistence.values, stable, dataset.spinodal.values)
        for curve, look in zip(curves, (_COEXISTENCE, _LOCAL, _SPINODAL), strict=True):
            axes.plot(alpha, np.where(joined, curve, np.nan), **look)
        _draw_tricritical(axes, dataset, alpha)
    detection = float(dataset.detection_threshold)
    if alpha[0] < detection < alpha[-1]:
        label = rf"right of $\alpha_B = (\eta/\rho)^2 = {detection:.4g}$: signal seen"
        axes.axvline(detection, color="#08519C", linestyle=":", linewidth=1.6, label=label)


def _draw_tricritical(axes: Axes, dataset: xr.Dataset, alpha: Floats) -> None:
    """Mark the tricritical points that are in view."""
    bottom, top = axes.get_ylim()
    points = [(a, b) for a, b in zip(dataset.tricritical_alpha.values, dataset.tricritical_beta.values, strict=True)
              if alpha[0] <= a <= alpha[-1] and bottom <= b <= top]
    if points:
        axes.plot(*zip(*points, strict=True), "o", color="black", markerfacecolor="white", markersize=7, zorder=4,
                  label="tricritical point" + "s" * (len(points) > 1))


def _name(axes: Axes, region: NDArray[np.bool_], blocked: NDArray[np.bool_], text: str, colour: str) -> list[Patch]:
    """Write a name into its region of the raster; where there is no room, return a patch for the legend instead."""
    if not region.any():
        return []
    position = place(region & ~blocked, text)
    if position is None:
        return [Patch(facecolor=colour, edgecolor="black", linewidth=0.5, label=text.replace("\n", " "))]
    axes.text(*position, text, transform=axes.transAxes, ha="center", va="center")
    return []


def _name_phases(axes: Axes, dataset: xr.Dataset, phases: NDArray[np.int64]) -> list[Patch]:
    x, y = raster(axes)
    column, row = (np.abs(np.log(axis.values[:, None]) - np.log(values)).argmin(axis=0)
                   for axis, values in ((dataset.alpha, x), (dataset.beta, y)))
    shown, blocked = phases[np.ix_(row, column)], _near_lines(dataset, x, y)
    return [patch for phase in Phase for patch in _name(axes, shown == phase, blocked, _NAMES[phase], _COLOURS[phase])]


def _near_lines(dataset: xr.Dataset, x: Floats, y: Floats) -> NDArray[np.bool_]:
    """Raster points through which a line passes that no change of phase marks."""
    blocked = np.zeros((len(y), len(x)), dtype=bool)
    detection = float(dataset.detection_threshold)
    if x[0] < detection < x[-1]:
        blocked[:, np.abs(np.log(x / detection)).argmin()] = True
    for name in ("collapse_threshold", "spinodal"):
        curve: Floats = dataset[name].values
        height = np.interp(np.log(x), np.log(dataset.alpha.values), curve)
        inside = (height > y[0]) & (height < y[-1])
        blocked[np.abs(y[:, None] - height).argmin(axis=0)[inside], np.flatnonzero(inside)] = True
    return blocked


def raster(axes: Axes) -> tuple[Floats, Floats]:
    """Return the data coordinates x and y of a raster that covers the axes evenly, whatever their scales.

    >>> axes = Figure().add_subplot(xscale="log", xlim=(1, 100))
    >>> x, y = raster(axes)
    >>> float(x[0].round(9)), float(x[-1].round(9)), float(y[-1].round(9))
    (1.0, 100.0, 1.0)
    """
    across, up = (np.linspace(0.0, 1.0, count) for count in _POINTS)
    to_data = axes.transAxes + axes.transData.inverted()
    x = to_data.transform(np.column_stack([across, np.zeros_like(across)]))[:, 0]
    y = to_data.transform(np.column_stack([np.zeros_like(up), up]))[:, 1]
    return x, y


def place(region: NDArray[np.bool_], text: str) -> tuple[float, float] | None:
    """Return where the middle of a text can stand, as fractions of the axes; None where it would cross a border.

    ``region`` (rows upwards, columns) says which points of the raster may be covered; the text is a few short lines.

    >>> region = np.zeros((144, 192), dtype=bool)
    >>> region[:, 96:] = True
    >>> place(region, "right")
    (0.75, 0.5)
    >>> place(region, 50 * "wide") is None
    True
    """
    ndimage = import_module("scipy.ndimage")  # by name because it has no types
    lines = text.split("\n")
    # Half width and half height of the text with a margin, as fractions of the axes.
    width, height = 0.02 + 0.0085 * max(map(len, lines)), 0.02 + 0.025 * len(lines)
    spacing = (1 / (_POINTS[1] * height), 1 / (_POINTS[0] * width))
    distance: Floats = ndimage.distance_transform_edt(np.pad(region, 1), sampling=spacing)[1:-1, 1:-1]
    if distance.max() < 1:
        return None
    far = np.argwhere(distance >= max(1.0, 0.9 * distance.max()))
    row, column = far[np.abs(far - far.mean(axis=0)).sum(axis=1).argmin()]
    return round(float(column) / (_POINTS[0] - 1), 2), round(float(row) / (_POINTS[1] - 1), 2)


@frame.of_dataset("sparse_recovery", ", over ascending α and λ₁ of at least two values each",
                  ", or axes that do not ascend")
def sparse_recovery(dataset: xr.Dataset) -> Figure:
    r"""Draw where absolute values as penalty recover a sparse signal, and how well, beside weight decay.

    On the left, over samples and the weight of the penalty, the best that any β of the dataset finds: a state that
    knows the signal and is deeper than collapse, one that is less deep, one without replica symmetry, or none. Inside
    the black line the error is less than the least one with weight decay. On the right the least errors over α. The
    dotted line is α_B, below which blind states of stable replica symmetry are stable against the signal.

    Examples
    --------
    >>> import vaesym
    >>> found = vaesym.sparse_recovery([0.8, 4.0], beta=[1.0], penalty=[0.5, 1.0], share=0.01)
    >>> [axes.get_ylabel() for axes in sparse_recovery(found).axes]
    ['weight of the absolute values  $\\lambda_1$', 'least signal recovery error']
    """
    frame.check(dataset, ("recovery", "signal_recovery_error", "best_error", "best_quadratic_error"), "sparse_recovery")
    alpha, weight = (frame.ascending(name, dataset[name].values) for name in ("alpha", "penalty"))
    share, rho, eta = (float(dataset.attrs[name]) for name in ("share", "rho", "eta"))
    title = frame.with_parameters(f"Sparse signal, {100 * share:g} % of its entries not zero", rho=rho, eta=eta)
    figure, left, right = frame.new_pair(title)
    for axes in (left, right):
        frame.label_along(axes, "alpha", alpha)
        mark_detection(axes, alpha, dataset)
    _recovery_map(left, dataset, alpha, weight)
    for name, style, words in (("best_quadratic_error", "-", "weight decay"), ("best_error", "-", "absolute values"),
                               ("best_deepest_error", "--", "absolute values, deeper than collapse")):
        colour = "black" if name == "best_quadratic_error" else "#08519C"
        right.plot(alpha, dataset[name], style, color=colour, linewidth=1.8, label=words)
    right.set(ylabel="least signal recovery error", ylim=(0, 1.05 * rho))
    present = set(dataset.recovery.max("beta").values.ravel().tolist())
    kinds = [Patch(facecolor=colour, edgecolor="0.5", linewidth=0.5, label=kind.words)
             for kind, colour in _RECOVERIES.items() if kind in present]
    frame.add_legend(figure, right, 2, kinds)
    return figure


def _recovery_map(axes: Axes, dataset: xr.Dataset, alpha: Floats, weight: Floats) -> None:
    """Colour the best kind of state over β, and draw the line inside which weight decay is beaten."""
    kind = dataset.recovery.max("beta").transpose("penalty", "alpha").values
    axes.pcolormesh(_edges(alpha, geometric=True), _edges(weight, geometric=True), kind, rasterized=True, zorder=0,
                    cmap=ListedColormap(list(_RECOVERIES.values())), norm=BoundaryNorm(np.arange(-0.5, 4), 4))
    stable = dataset.recovery >= Recovery.STATE
    error = dataset.signal_recovery_error.where(stable).min("beta").transpose("penalty", "alpha")
    better = (error < dataset.best_quadratic_error).values
    if better.any() and not better.all():
        axes.contour(alpha, weight, better.astype(float), [0.5], colors="black", linewidths=1.4)
    axes.set(ylabel=r"weight of the absolute values  $\lambda_1$")
    frame.logarithmic(axes, "y", weight)
