"""Figures of states: of any stated problem, an observable over a parameter; of training, what moves over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from vaesym.engine.grids.grid import Status
from vaesym.figures import lines as styles
from vaesym.figures.frame import add_legend, check, is_geometric, logarithmic, new, new_pair, of_dataset
from vaesym.inputs import InputError

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

#: More lines than this cannot be told apart.
_MOST_LINES = 12


def curve(states: xr.Dataset, along: str, observable: str) -> Figure:
    """Return a figure of one observable over one parameter.

    Parameters
    ----------
    states : as from :func:`vaesym.solve_problem`, over two values of ``along`` or more; all of its ``branches`` are
        drawn as dots, and their saddles as circles, over the line of its answer
    along : the parameter across
    observable : the variable up; points that are no solution leave a gap

    Returns
    -------
    matplotlib.figure.Figure

    Raises :class:`vaesym.InputError`: no such axis or variable, or more lines than can be told apart.

    >>> import vaesym
    >>> states = vaesym.solve_problem("ridge", alpha=[0.5, 1.0, 2.0], lam=[0.1, 1.0], signal=1.0, noise=0.5)
    >>> [text.get_text() for text in curve(states, "alpha", "risk").legends[0].get_texts()]
    ['lam = 0.1', 'lam = 1']
    """
    if along not in states.sizes or states.sizes[along] < 2:
        raise InputError(f"an axis of two values or more among {', '.join(map(str, states.sizes)) or 'none'}",
                         f"{along!r}", "pass several values of the parameter that runs across")
    if observable not in states:
        raise InputError(f"a variable among {', '.join(map(str, states.data_vars))}", f"{observable!r}",
                         "choose one of them")
    shown, several = states[observable].where(states.status == Status.SOLVED), "branch" in states.dims
    lines = (shown.where(states.answer).max("branch") if several else shown).transpose(along, ...)
    others = [str(dim) for dim in lines.dims if dim != along]
    rows = lines.values.reshape(lines.shape[0], -1).T
    if len(rows) > _MOST_LINES:
        raise InputError(f"at most {_MOST_LINES} lines", f"{len(rows)}", f"fix some of {', '.join(others)}")
    figure, axes = new(str(states.attrs.get("title", "")))
    x = states[along].values
    for place, values in zip(np.ndindex(*lines.shape[1:]), rows, strict=True):
        name = ", ".join(f"{dim} = {float(states[dim][i]):g}" for dim, i in zip(others, place, strict=True))
        axes.plot(x, values, linewidth=1.8, label=name or None)
        if several:
            at = {dim: i for dim, i in zip(others, place, strict=True)}
            _add_states(axes, x, states[[observable, "status"]].isel(at).transpose(along, "branch"), observable)
    if len(x) > 2 and (x > 0).all() and is_geometric(x):
        logarithmic(axes, "x", x)
    axes.set(xlabel=states[along].attrs.get("long_name", along), ylabel=observable.replace("_", " "))
    if others:
        add_legend(figure, axes, 3)
    return figure


def _add_states(axes: Axes, x: Any, states: xr.Dataset, observable: str) -> None:
    """Draw all states, minima as dots and saddles as circles, in the colour of the last line."""
    colour, across = axes.lines[-1].get_color(), np.broadcast_to(x[:, None], states.status.shape)
    for status, filled in ((Status.SOLVED, True), (Status.SADDLE, False)):
        chosen = states.status.values == status
        axes.plot(across[chosen], states[observable].values[chosen], linestyle="", marker="o", markersize=3.5,
                  color=colour, markerfacecolor=colour if filled else "white")


@of_dataset("gradient_flow", " or :func:`vaesym.online_dynamics`, over two times or more",
            " or has one time only, or more curves than can be told apart")
def training(dataset: xr.Dataset) -> Figure:
    r"""Draw training over time: the recovery error, and beside it the norm of the decoder and its overlap.

    A curve for each α or β; the overlap m of one latent with the signal is drawn, dashed, unless there are curves for
    both. Times that are evenly spaced in their logarithm are drawn so.

    Examples
    --------
    >>> import vaesym
    >>> start = {"signal": 0.1, "decoder": 0.1, "encoder": 0.1, "D": 1.0}
    >>> figure = training(vaesym.gradient_flow([0.0, 1.0, 2.0], 2.0, [0.3, 1.0], lam=0.2, start=start))
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['$\\beta = 0.3$', '$\\beta = 1$', 'norm $Q$', 'overlap with the signal $m$']
    """
    check(dataset, ("time", "signal_recovery_error", "Q", "m", "D"), "gradient_flow or of vaesym.online_dynamics")
    if dataset.sizes.get("time", 0) < 2:
        raise InputError("two times or more", f"{dataset.sizes.get('time', 1)}", "pass e.g. numpy.linspace(0, 40, 401)")
    one_pass = "learning_rate" in dataset.attrs
    points = dataset[["signal_recovery_error"]].assign_attrs(dataset.attrs)
    x, single = dataset.time.values, "latent" not in dataset.dims
    with_overlap = single and len(points.signal_recovery_error.dims) < 3
    what = "One pass of stochastic gradient descent" if one_pass else "Gradient flow on the training set"
    figure, left, right = new_pair(styles.title(what, points))
    for one in styles.curves(points, "time"):
        at = dataset.isel(one.where)
        left.plot(x, at.signal_recovery_error, color=one.colour, linestyle=one.style, linewidth=1.8)
        norms = at.Q.values if single else np.diagonal(at.Q.values, axis1=1, axis2=2)
        right.plot(x, norms, color=one.colour, linestyle=one.style, linewidth=1.8)
        if with_overlap:
            right.plot(x, at.m, color=one.colour, linewidth=1.4, linestyle="--")
    for axes in (left, right):
        axes.set(xlabel="time: steps / dimension" if one_pass else "time: epochs × rate", xlim=(x[0], x[-1]))
        if x[0] > 0 and x[-1] > 30 * x[0] and is_geometric(x):
            logarithmic(axes, "x", x)
    left.set_ylabel(r"signal recovery error  $\varepsilon$")
    left.set_ylim(bottom=0)
    right.set_ylabel("norm and overlap" if with_overlap else "norm of the decoder  $Q$")
    legend = styles.legend(points, "time")
    kinds = [styles.sample("norm $Q$"), styles.sample("overlap with the signal $m$", style="--", width=1.4)]
    add_legend(figure, left, styles.columns(legend) + 1, [*legend, *(kinds if with_overlap else [])])
    return figure
