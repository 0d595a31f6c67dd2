"""Where collapse ends under penalties with a kink: its stability, equal depth, the end of the learning state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym import inputs
from vaesym.engine.quadratic.line import StudentsLine
from vaesym.engine.quadratic.points import Points, free_energy
from vaesym.inputs import Floats
from vaesym.linear_vae.sparse.learning import KNOWS, checked, learning
from vaesym.solvers.continuation import follow
from vaesym.solvers.curve import Curve, CurvePoint, PointKind, StepSettings

if TYPE_CHECKING:
    import xarray as xr

#: Weights of the KL term, over the noise, from which the learning state is followed up: the first one that has it.
_BEGIN = (1.0, 0.5, 0.25, 0.1)
_SETTINGS = StepSettings(first=0.02, largest=0.15, tolerance=1e-10, turn=0.9)
#: How far up it is followed at most, in units of (ρ+η)(1 + 1/α).
_CEILING = 50.0
#: At a double root (α = 1, no decay) each step halves the distance.
_STEPS = 80
#: The fields that are kept at a threshold.
_KEPT = ("Q", "m", "D", "free_energy", "replicon")
_MEANINGS = {
    "beta_local": "least beta at which collapse is stable", "beta_global": "beta of equal depth",
    "beta_spinodal": "beta up to which there is a learning state",
}


def kink_threshold(alpha: Any, *, decay: Any = 0.0, eta: Any = 1.0, kinks: str = "both") -> Floats:
    r"""Return the least β at which collapse is stable under a penalty with a kink at zero, beside weight decay.

    .. math:: \beta_c = \frac{\alpha\eta}{\alpha+\lambda_2} - \frac{\lambda_2}{\alpha\eta}

    It is the same for absolute values of any weight λ₁ > 0 of decoder and encoder, for the norm of a row,
    and on the positive side of a wall: the weights escape along a few coordinates, whose share of the penalty vanishes
    as N → ∞, and there the data have the variance η. So it is :func:`vaesym.collapse_threshold` with
    η in place of the first eigenvalue. At finite N the escape has to cross a barrier that does not grow with N.

    If one of the two alone has a kink, the other is spread over all coordinates. Of the encoder, and of the decoder:

    .. math::

        \beta_c = \frac{\eta(\alpha+1)}{\alpha+\lambda_2} - \frac{\lambda_2}{\alpha\eta},\qquad
        \beta_c = \frac{\eta(1-x)(\alpha+x)}{\alpha+\lambda_2},\quad
        x(x+\alpha)(x+\alpha-1) = \frac{\lambda_2(\alpha+\lambda_2)}{\eta^2}

    with x = λ₂χ_hh between max(0, 1−α) and 1. A number ≤ 0 means that collapse is stable at every β.

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0
    decay : weight decay λ₂ of decoder and encoder beside the kink, as in an elastic net, ≥ 0
    eta : strength of the noise, > 0; of a signal no coordinate has more than a share that vanishes
    kinks : what has a kink: "both", or the "encoder" or "decoder" alone

    Returns
    -------
    float or array of the broadcast shape

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, or shapes that do not broadcast.

    Examples
    --------
    >>> kink_threshold(2.0, decay=[0.0, 1.0]).round(6)
    array([1.      , 0.166667])
    >>> [float(kink_threshold(2.0, decay=0.5, kinks=which).round(6)) for which in ("both", "encoder", "decoder")]
    [0.55, 0.95, 0.589952]
    """
    if kinks not in ("both", "encoder", "decoder"):
        raise inputs.InputError("kinks of 'both', of the 'encoder' or of the 'decoder'", repr(kinks), "choose one")
    a, c, e = inputs.broadcast(alpha=inputs.positive("alpha", alpha), decay=inputs.non_negative("decay", decay),
                               eta=inputs.positive("eta", eta))
    if kinks == "decoder":
        x = _softness(a, c, e)
        return (e * (1 - x) * (a + x) / (a + c))[()]
    return ((a + (kinks == "encoder")) * e / (a + c) - c / (a * e))[()]


def _softness(alpha: Floats, decay: Floats, eta: Floats) -> Floats:
    """Return the largest root of x(x+α)(x+α−1) = λ₂(α+λ₂)/η² by Newton's steps, which come from above: it is convex."""
    level = decay * (alpha + decay) / eta**2
    x = np.maximum(1.0, 1 - alpha + np.cbrt(level))
    for _ in range(_STEPS):
        slope = 3 * x**2 + 2 * (2 * alpha - 1) * x + alpha * (alpha - 1)
        step = (x * (x + alpha) * (x + alpha - 1) - level) / np.where(slope > 0, slope, 1.0)
        x = x - step
        if (np.abs(step) <= 1e-16 * np.abs(x)).all():
            break
    return np.maximum(x, np.maximum(0.0, 1 - alpha))


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
    given = {limits.name: float(values[limits.name]) for limits in equations.parameters if limits.name != "beta"}
    eta = given["eta"]
    found = {"beta_local": eta, "beta_global": np.nan, "beta_spinodal": np.nan}
    found |= {f"{name}_{which}": np.nan for which in ("global", "spinodal") for name in _KEPT}
    for factor in _BEGIN:
        line = StudentsLine(equations, given, "beta", (factor * eta, _CEILING * (given["rho"] + eta) * (
            1 + 1 / given["alpha"])))
        state, good = learning(Points(equations, line.at(np.zeros(1))))
        if good[0]:
            break
    else:
        return found
    with np.errstate(all="ignore"):
        curve = follow(line.family, state[0], 0.0, (0.0, 1.0), settings=_SETTINGS, stop=_ended)
        folds = curve.of_kind(PointKind.FOLD)
        for which, z in (("spinodal", folds[0].z if folds else None), ("global", _level(line, curve))):
            if z is not None:
                fields = line.fields(z[None, :-1], z[-1:])
                found |= {f"beta_{which}": float(line.parameter(z[-1]))}
                found |= {f"{name}_{which}": float(fields[name][0]) for name in _KEPT}
    return found


def _ended(point: CurvePoint) -> bool:
    """Whether a state folds back, or has forgotten the signal."""
    return point.kind == PointKind.FOLD or abs(point.x[3]) < KNOWS


def _level(line: StudentsLine, curve: Curve) -> Floats | None:
    """Return where the state of a curve is as deep as what knows nothing of the signal; None where it nowhere is."""
    def depth(z: Floats) -> float:
        f, _, _ = free_energy(Points(line.equations, line.at(z[-1:])), z[None, :-1])
        return float(f[0]) - float(localised_gain(line.given["alpha"], line.parameter(z[-1]), line.given["eta"]))

    places = [point.z for point in curve.points]
    above = np.flatnonzero(np.diff(np.sign([depth(z) for z in places])) > 0)
    if not len(above):
        return None
    crossed = line.crossing(places[above[0]], places[above[0] + 1], depth, _SETTINGS.tolerance)
    return None if crossed is None else crossed[0]
