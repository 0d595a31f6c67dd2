"""What absolute values as penalty recover of a sparse signal, beside the best that weight decay can."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym.engine.grids.store import in_blocks
from vaesym.engine.quadratic.points import Points, fields_of
from vaesym.inputs import Floats
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.sparse.learning import carried, checked, equations_for, many_samples, with_many_samples
from vaesym.linear_vae.sparse.thresholds import localised_gain

if TYPE_CHECKING:
    import xarray as xr

#: Gauss-Legendre nodes of a panel: the fields are good to about 1e-9.
_ORDER = 6
#: What is kept of each state, with what it means.
_KEPT = {"signal_recovery_error": "signal recovery error", "m": "overlap of the decoder with the signal over $N$",
         "Q": "squared norm of the decoder over $N$", "free_energy": "free energy", "rate": "rate",
         "replicon": "replicon value", "zero_decoder": "share of the decoder's weights that are zero"}


class Recovery(IntEnum):
    """What there is at a point: the largest that holds."""

    NONE = 0
    BROKEN = 1
    STATE = 2
    DEEPEST = 3

    @property
    def words(self) -> str:
        """The same in words."""
        return ("no state that knows the signal", "one without replica symmetry", "one, less deep than collapse",
                "one, deeper than collapse")[self]


def sparse_recovery(alpha: Any, *, beta: Any, penalty: Any, share: float, rho: float = 1.0, eta: float = 1.0,
                    scheduler: str | None = None, store: str | Path | None = None) -> xr.Dataset:
    r"""Return what the penalty λ₁(‖W‖₁+‖V‖₁) recovers of a sparse signal.

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0, an axis
    beta : weight of the KL term, > 0, an axis
    penalty : weight λ₁ of the absolute values, > 0, an axis
    share : of the signal's entries that are not zero, in (0, 1]
    rho, eta : strengths of signal and noise, > 0, numbers
    scheduler, store : as for :func:`vaesym.solve_problem`; a block is one β. A call with a store goes on where it was
        stopped

    Returns
    -------
    xarray.Dataset
        Over the axes, of the state that knows the signal, followed down from many samples: the signal recovery error,
        m, Q, free_energy, rate, replicon, zero_decoder, and ``recovery`` (:class:`Recovery`). NaN where it is lost.
        Over ``alpha``: ``best_error``, the least error of any such state with a replicon up to 1;
        ``best_deepest_error``, of those deeper than all that is known of states without the signal (collapse, and
        :func:`localised_gain`); and ``best_quadratic_error`` = ρ(1−o), the least with weight decay, at any λ and β
        (exact). Where no state knows the signal the best is collapse, with an error of ρ.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, an axis where a number is asked for, or as for the store.

    Notes
    -----
    Where α < α_B = (η/ρ)² every state that knows nothing of the signal is stable against it, or has no replica
    symmetry, of which nothing is proved. The states here are what a search from near the signal finds.
    Overfitting states, which are blind and dense, are not among those compared: they have no replica symmetry, and
    their depth is not known exactly (:func:`vaesym.solve_problem` gives that of the replica-symmetric equations).

    Examples
    --------
    >>> found = sparse_recovery([0.8, 4.0], beta=[1.0], penalty=[1.0], share=0.01)
    >>> found.signal_recovery_error.values.ravel().round(4), found.best_quadratic_error.values.round(4)
    (array([0.1219, 0.0953]), array([1. , 0.4]))
    """
    import xarray as xr

    given = {"alpha": alpha, "beta": beta, "lam_decoder": penalty, "lam_encoder": 1.0, "rho": rho, "eta": eta}
    _, axes = checked(share, given, penalty=penalty)
    fixed = {"rho": axes["rho"], "eta": axes["eta"], "share": np.asarray(axes.get("share", 1.0))}
    a, b, decay = (np.atleast_1d(axes[name]) for name in ("alpha", "beta", "lam_decoder"))
    parts = [{"alpha": a, "beta": b[i:i + 1], "lam": decay, **fixed} for i in range(len(b))]
    blocks = in_blocks(recovery_block, ("sparse_recovery",), parts, scheduler, store)
    dims = ("alpha", "beta", "penalty")
    fields = {name: (dims, np.stack([block[name] for block in blocks], axis=1), {"long_name": meaning})
              for name, meaning in _KEPT.items()}
    found = xr.Dataset(fields, {"alpha": a, "beta": b, "penalty": decay}, {
        "title": "Recovery of a sparse signal", "share": float(fixed["share"]), "rho": float(rho), "eta": float(eta)})
    return _judged(found)


def recovery_block(_: str, part: dict[str, Floats]) -> dict[str, Floats]:
    """Return the fields (α, λ) at one β, followed from many samples to fewer."""
    alpha, decay = part["alpha"], part["lam"]
    share = float(part["share"])
    count, equations = len(decay), equations_for(share)

    def at(value: float) -> Points:
        given = {"alpha": value, "beta": part["beta"][0], "lam_decoder": decay, "lam_encoder": decay,
                 "rho": part["rho"], "eta": part["eta"], "share": share}
        return Points(equations, {limits.name: np.broadcast_to(given[limits.name], (count,)).astype(float)
                                  for limits in equations.parameters}, _ORDER)

    place = many_samples(at(float(alpha.max())))
    state, found = with_many_samples(place)
    fields = {name: np.full((len(alpha), count), np.nan) for name in _KEPT}
    for i in np.argsort(-alpha, kind="stable"):
        following = at(float(alpha[i]))
        state, found = carried(place, following, state, found)
        place, rows = following, np.flatnonzero(found)
        if not len(rows):
            break
        with np.errstate(all="ignore"):
            values = fields_of(following.rows(rows), state[rows], np.zeros(len(rows)))
        for name, field in fields.items():
            field[i, rows] = values[name]
    return fields


def _judged(found: xr.Dataset) -> xr.Dataset:
    """Add what there is at each point, and the best over β and λ."""
    rho, eta = found.attrs["rho"], found.attrs["eta"]
    a, b = found.alpha.values, found.beta.values
    blind = localised_gain(a[:, None], b, eta)[..., None]
    stable = found.replicon.values <= 1
    deep = stable & (found.free_energy.values < blind)
    there = ~np.isnan(found.replicon.values)
    kind = np.select([deep, stable, there], [Recovery.DEEPEST, Recovery.STATE, Recovery.BROKEN], Recovery.NONE)
    error = found.signal_recovery_error.values

    def least(rows: Any) -> Floats:
        return np.minimum(np.where(rows, error, np.inf).min(axis=(1, 2)), rho)

    _, overlap, _ = formulas.top_eigenvalue(a, np.full_like(a, rho), np.full_like(a, eta))
    return found.assign(
        recovery=(found.signal_recovery_error.dims, kind, {"long_name": "what there is"}),
        best_error=("alpha", least(stable), {"long_name": "least error of a state, absolute values"}),
        best_deepest_error=("alpha", least(deep), {"long_name": "least error of a deepest state, absolute values"}),
        best_quadratic_error=("alpha", rho * (1 - overlap), {"long_name": "least error, weight decay"}))
