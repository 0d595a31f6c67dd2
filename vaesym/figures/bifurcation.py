"""The figure of the states of the replica equations over one parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from vaesym.figures import lines
from vaesym.figures.frame import add_legend, check, label, logarithmic, new, of_dataset, with_parameters
from vaesym.linear_vae import Phase, Stability
from vaesym.solvers.curve import PointKind

if TYPE_CHECKING:
    import xarray as xr

_COLOURS = {Phase.REGULARIZED: "0.35", Phase.OVERFITTING: "#D95F02", Phase.LEARNING: "#0072B2"}
_LOOKS: dict[Stability, tuple[lines.Style, float, str]] = {
    Stability.STABLE: ("-", 2.2, "stable: global minimum"),
    Stability.METASTABLE: ("--", 1.8, "metastable: local minimum"),
    Stability.UNSTABLE: (":", 1.6, "unstable")}
_KINDS = {PointKind.FOLD: ("^", "fold (spinodal)"), PointKind.BRANCH: ("s", "branch point")}


@of_dataset("bifurcation_diagram")
def bifurcation_diagram(dataset: xr.Dataset) -> Figure:
    r"""Draw the norm Q of every state against the parameter: colours tell phases, styles tell stability.

    Lines are the solutions of the replica equations, open circles the stationary points Q > 0 of the
    exact potential.

    Parameters
    ----------
    dataset : ``bifurcation_diagram(...).to_xarray()`` of :func:`vaesym.bifurcation_diagram`, with at least one branch

    Notes
    -----
    [IH, Claim 5.2] for the equations.

    Examples
    --------
    >>> import vaesym
    >>> figure = bifurcation_diagram(vaesym.bifurcation_diagram("beta", (1.5, 3.0), alpha=4.0, lam=0.5).to_xarray())
    >>> figure.axes[0].get_ylabel()
    'squared norm of the decoder  $Q$'
    """
    check(dataset, ("Q", "phase", "stability", "kind", "closed_form_Q"), "bifurcation_diagram(...).to_xarray")
    name = str(dataset.attrs["parameter"])
    figure, axes = new(with_parameters("States of the replica equations", **dataset.attrs))
    x = dataset[f"closed_form_{name}"].values
    for state in range(1, dataset.sizes["state"]):  # the first is Q = 0 everywhere
        axes.plot(x, dataset.closed_form_Q.isel(state=state), "o", color="black", markerfacecolor="none", markersize=4,
                  markevery=2, markeredgewidth=0.7, zorder=4)
    seen = {kind for i in range(dataset.sizes["branch"]) for kind in _draw_branch(axes, dataset.isel(branch=i), name)}
    specials = [kind for kind in _KINDS if _draw_special(axes, dataset, name, kind)]
    axes.set(xlabel=label(name), ylabel=label("Q"), xlim=(float(x[0]), float(x[-1])))
    if x[-1] > 30 * x[0]:
        logarithmic(axes, "x", x)
    top = float(np.nanmax(dataset.Q.values, initial=1e-3))
    axes.set_ylim(-0.03 * top, 1.06 * top)
    add_legend(figure, axes, 3, _legend(dataset, seen, specials))
    return figure


def _draw_branch(axes: Axes, branch: xr.Dataset, name: str) -> set[Stability]:
    """Draw a branch piece by piece; what lies between two points looks as the less stable one, but a special one."""
    used = branch.kind.values >= 0
    x, y, rank = branch[name].values[used], branch.Q.values[used], branch.stability.values[used]
    found: set[Stability] = set()
    for kind, (style, width, _) in _LOOKS.items():
        inside = rank == kind
        if inside.any():
            found.add(kind)
            shown = _with_ends(inside, (rank < kind) | (rank == Stability.MARGINAL))
            axes.plot(np.where(shown, x, np.nan), np.where(shown, y, np.nan), linestyle=style, linewidth=width,
                      color=_COLOURS[Phase(int(branch.phase))], zorder=3 if kind == Stability.STABLE else 2)
    return found


def _with_ends(inside: NDArray[np.bool_], meets: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Add the points next to a piece at which it may end: special ones, and those of a more stable piece."""
    before, after = np.append(False, inside[:-1]), np.append(inside[1:], False)
    return inside | ((before | after) & meets)


def _draw_special(axes: Axes, dataset: xr.Dataset, name: str, kind: PointKind) -> bool:
    at = dataset.kind.values == kind
    marker, _ = _KINDS[kind]
    axes.plot(dataset[name].values[at], dataset.Q.values[at], marker, color="#B2182B", markersize=6, zorder=5)
    return bool(at.any())


def _legend(dataset: xr.Dataset, seen: set[Stability], specials: list[PointKind]) -> list[Any]:
    phases = [phase for phase in Phase if (dataset.phase == phase).any()]
    names = {Phase.REGULARIZED: "collapsed", Phase.OVERFITTING: "overfitting", Phase.LEARNING: "learning"}
    looks = [lines.sample(label, "black", style, width)
             for kind, (style, width, label) in _LOOKS.items() if kind in seen]
    points = [lines.marker(label, marker, "#B2182B") for marker, label in (_KINDS[kind] for kind in specials)]
    return [*(lines.sample(names[phase], _COLOURS[phase]) for phase in phases), *looks, *points,
            lines.marker("closed form", "o", "black", filled=False)]
