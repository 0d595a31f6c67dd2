"""Where collapse ends under penalties with a kink: its stability, equal depth, the end of the learning state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq

from vaesym import inputs
from vaesym.engine.quadratic.points import Points, fields_of, free_energy, jacobian_at, newton_from, residual_at
from vaesym.inputs import Floats
from vaesym.linear_vae.sparse.learning import KNOWS, checked, learning
from vaesym.solvers.branching import Family
from vaesym.solvers.continuation import follow
from vaesym.solvers.curve import Curve, CurvePoint, PointKind, StepSettings

if TYPE_CHECKING:
    import xarray as xr

#: Weights of the KL term, over the noise, from which the learning state is followed up: the first one that has it.
_BEGIN = (1.0, 0.5, 0.25, 0.1)
_SETTINGS = StepSettings(first=0.02, largest=0.15, tolerance=1e-10, turn=0.9)
_OFFSETS, _WEIGHTS, _DIFFERENCE = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([1.0, -8.0, 8.0, -1.0]) / 12, 1e-3
#: The fields that are kept at a threshold.
_KEPT = ("Q", "m", "D", "free_energy", "replicon")
_MEANINGS = {
    "beta_local": "least beta at which collapse is stable", "beta_global": "beta of equal depth",
    "beta_spinodal": "beta up to which there is a learning state",
}


def kink_threshold(alpha: Any, *, decay: Any = 0.0, eta: Any = 1.0) -> Floats:
    r"""Return the least β at which collapse is stable under a penalty with a kink at zero, beside weight decay.

    .. math:: \beta_c = \frac{\alpha\eta}{\alpha+\lambda_2} - \frac{\lambda_2}{\alpha\eta}

    It is the same for absolute values of any weight λ₁ > 0 of decoder and encoder (not of one of them alone), for the
    norm of a row, and on the positive side of a wall: the weights escape along a few coordinates, whose share of the
    penalty vanishes as N → ∞, and there the data have the variance η. So it is :func:`vaesym.collapse_threshold` with
    η in place of the first eigenvalue. At finite N the escape has to cross a barrier that does not grow with N.

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0
    decay : weight decay λ₂ of decoder and encoder beside the kink, as in an elastic net, ≥ 0
    eta : strength of the noise, > 0; of a signal no coordinate has more than a share that vanishes

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, or shapes that do not broadcast.

    Examples
    --------
    >>> kink_threshold(2.0, decay=[0.0, 1.0]).round(6)
    array([1.      , 0.166667])
    """
    a, c, e = inputs.broadcast(alpha=inputs.positive("alpha", alpha), decay=inputs.non_negative("decay", decay),
                               eta=inputs.positive("eta", eta))
    return (a * e / (a + c) - c / (a * e))[()]


def localised_gain(alpha: Any, beta: Any, eta: Any = 1.0) -> Floats:
    r"""Return the free energy of a latent that copies one coordinate, under absolute values alone; 0 for β ≥ η.

    .. math:: f = -\frac\alpha2\Bigl[\eta - \beta - \beta\ln\frac\eta\beta\Bigr]

    at Q = η−β and rate ½ ln(η/β), whatever λ₁ is: at finite N it costs λ₁√(Q/N) for the decoder, and likewise for the
    encoder. Where β < η this is less than collapse, so that collapse is never the deepest state there.

    Examples
    --------
    >>> localised_gain(2.0, [0.5, 1.0]).round(6)
    array([-0.153426,  0.      ])
    """
    a, b, e = inputs.broadcast(alpha=inputs.positive("alpha", alpha), beta=inputs.positive("beta", beta),
                               eta=inputs.positive("eta", eta))
    ratio = np.maximum(e / b, 1.0)
    return (0.0 - a * b / 2 * (ratio - 1 - np.log(ratio)))[()]


def sparse_thresholds(alpha: Any, *, penalty: Any, encoder_penalty: Any = None, share: float = 1.0, rho: float = 1.0,
                      eta: float = 1.0) -> xr.Dataset:
    r"""Return the β at which a linear VAE with the penalty λ₁(‖W‖₁+‖V‖₁) collapses.

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0, a number or a one-dimensional axis
    penalty : weight λ₁ of the absolute values, > 0, a number or an axis
    encoder_penalty : that of the encoder's, if it differs; a number
    share : of the signal's entries that are not zero, in (0, 1]; 1 is a signal spread evenly
    rho, eta : strengths of signal and noise, > 0, numbers

    Returns
    -------
    xarray.Dataset
        Over ``alpha`` and ``penalty``: ``beta_local`` = η (:func:`kink_threshold`), from where collapse is stable;
        ``beta_spinodal``, up to which there is a state that knows the signal; ``beta_global``, where that state is as
        deep as collapse, or for β < η as :func:`localised_gain`; and Q, m, D, free_energy and replicon of the learning
        state at the latter two. NaN where the state was not found, ends without a fold (it forgets the signal
        continuously, where replica symmetry is broken), or is nowhere as deep. Where the replicon is above 1 a number
        is that of the replica-symmetric equations only.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, or an axis where a number is asked for.

    Notes
    -----
    The learning state is followed down from many samples, then up in β by pseudo-arc-length continuation; the fold and
    the point of equal depth are exact to about 1e-9. Some seconds of processor time a point.

    Examples
    --------
    >>> found = sparse_thresholds(4.0, penalty=0.5)
    >>> float(found.beta_global.round(5)), float(found.beta_spinodal.round(5))
    (1.47988, 1.60826)
    """
    import xarray as xr

    encoder = penalty if encoder_penalty is None else encoder_penalty
    given = {"alpha": alpha, "lam_decoder": penalty, "lam_encoder": encoder, "rho": rho, "eta": eta, "beta": eta}
    own = {} if encoder_penalty is None else {"encoder_penalty": inputs.positive_number("encoder_penalty", encoder)}
    equations, axes = checked(share, given, penalty=penalty, **own)
    dims = [name for name in ("alpha", "lam_decoder") if np.ndim(axes[name])]
    grid = np.meshgrid(*[axes[name] for name in dims], indexing="ij")
    shape = np.shape(grid[0]) if dims else ()
    rows: list[dict[str, float]] = []
    for values in zip(*[g.ravel() for g in grid], strict=True) if dims else [()]:
        one = {**axes, **dict(zip(dims, values, strict=True))}
        rows.append(_thresholds(equations, one | ({} if encoder_penalty is not None else {
            "lam_encoder": one["lam_decoder"]})))
    names = {"lam_decoder": "penalty"}
    return xr.Dataset(
        {name: ([names.get(dim, dim) for dim in dims], np.array([row[name] for row in rows]).reshape(shape),
                {"long_name": _MEANINGS.get(name, name)}) for name in rows[0]},
        {names.get(dim, dim): axes[dim] for dim in dims},
        {"title": "Thresholds of collapse under absolute values", "share": share, "rho": rho, "eta": eta})


def _thresholds(equations: Any, values: dict[str, Any]) -> dict[str, float]:
    """Return the thresholds at one point."""
    point = Points(equations, {limits.name: np.array([float(values[limits.name])]) for limits in equations.parameters})
    eta = float(values["eta"])
    found = {"beta_local": eta, "beta_global": np.nan, "beta_spinodal": np.nan}
    found |= {f"{name}_{which}": np.nan for which in ("global", "spinodal") for name in _KEPT}
    for factor in _BEGIN:
        begin = _at(point, factor * eta)
        state, good = learning(begin)
        if good[0]:
            break
    else:
        return found
    curve = _upwards(begin, state[0])
    for which, reached in (("spinodal", _fold(curve)), ("global", _level(begin, curve))):
        if reached is not None:
            beta, x = reached
            with np.errstate(all="ignore"):
                fields = fields_of(_at(begin, beta), x[None], np.zeros(1))
            found |= {f"beta_{which}": beta} | {f"{name}_{which}": float(fields[name][0]) for name in _KEPT}
    return found


def _at(point: Points, beta: Any) -> Points:
    """Return one point at other β, once for each."""
    betas = np.atleast_1d(np.asarray(beta, dtype=np.float64))
    return Points(point.equations, {name: betas if name == "beta" else np.repeat(value[:1], len(betas))
                                    for name, value in point.given.items()}, point.order)


def _upwards(begin: Points, state: Floats) -> Curve:
    """Follow a state to larger β, to its fold or to where it forgets the signal."""
    def derivative(x: Floats, p: float) -> Floats:
        step = _DIFFERENCE * p
        return _WEIGHTS @ residual_at(_at(begin, p + step * _OFFSETS), np.tile(x, (4, 1))) / step

    family = Family(lambda x, p: residual_at(_at(begin, p), x[None])[0],
                    lambda x, p: jacobian_at(_at(begin, p), x[None])[0], derivative,
                    lambda x, p: p > 0 and bool(_at(begin, p).feasible(x[None])[0]))

    def stop(point: CurvePoint) -> bool:
        return point.kind == PointKind.FOLD or abs(point.x[3]) < KNOWS

    beta = float(begin.given["beta"][0])
    ceiling = 50 * float((begin.given["rho"] + begin.given["eta"])[0] * (1 + 1 / begin.given["alpha"][0]))
    with np.errstate(all="ignore"):
        return follow(family, state, beta, (beta / 2, ceiling), settings=_SETTINGS, stop=stop)


def _fold(curve: Curve) -> tuple[float, Floats] | None:
    folds = curve.of_kind(PointKind.FOLD)
    return (folds[0].p, folds[0].x) if folds else None


def _level(begin: Points, curve: Curve) -> tuple[float, Floats] | None:
    """Return where the state of a curve is as deep as what knows nothing of the signal; None where it nowhere is."""
    eta, alpha = (float(begin.given[name][0]) for name in ("eta", "alpha"))

    def depth(beta: float, x: Floats) -> float:
        f, _, _ = free_energy(_at(begin, beta), x[None])
        return float(f[0]) - float(localised_gain(alpha, beta, eta))

    with np.errstate(all="ignore"):
        depths = [depth(point.p, point.x) for point in curve.points]
        above = np.flatnonzero(np.diff(np.sign(depths)) > 0)
        if not len(above):
            return None
        old, new = curve.points[above[0]], curve.points[above[0] + 1]

        def state(beta: float) -> Floats:
            way = (beta - old.p) / (new.p - old.p)
            return newton_from(_at(begin, beta), (old.x + way * (new.x - old.x))[None])[0][0]

        beta: Any = brentq(lambda b: depth(b, state(b)), old.p, new.p, xtol=1e-11)
        return float(beta), state(float(beta))
