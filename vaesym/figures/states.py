"""The figure of any stated problem's states: an observable over a parameter, a line for each point of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from vaesym.figures.frame import add_legend, is_geometric, logarithmic, new
from vaesym.inputs import InputError

if TYPE_CHECKING:
    import xarray as xr

#: More lines than this cannot be told apart.
_MOST_LINES = 12


def curve(states: xr.Dataset, along: str, observable: str) -> Figure:
    """Return a figure of one observable over one parameter.

    Parameters
    ----------
    states : as from :func:`vaesym.solve_problem`, over two values of ``along`` or more
    along : the parameter across
    observable : the variable up; points that are no solution leave a gap

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    vaesym.InputError
        No such axis or variable, or more lines than can be told apart.

    Examples
    --------
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
    lines = states[observable].where(states.status == 0).transpose(along, ...)
    others = [str(dim) for dim in lines.dims if dim != along]
    rows = lines.values.reshape(lines.shape[0], -1).T
    if len(rows) > _MOST_LINES:
        raise InputError(f"at most {_MOST_LINES} lines", f"{len(rows)}", f"fix some of {', '.join(others)}")
    figure, axes = new(str(states.attrs.get("title", "")))
    x = states[along].values
    for place, values in zip(np.ndindex(*lines.shape[1:]), rows, strict=True):
        name = ", ".join(f"{dim} = {float(states[dim][i]):g}" for dim, i in zip(others, place, strict=True))
        axes.plot(x, values, linewidth=1.8, label=name or None)
    if len(x) > 2 and (x > 0).all() and is_geometric(x):
        logarithmic(axes, "x", x)
    axes.set(xlabel=states[along].attrs.get("long_name", along), ylabel=observable.replace("_", " "))
    if others:
        add_legend(figure, axes, 3)
    return figure
