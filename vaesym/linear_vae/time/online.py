"""One pass of stochastic gradient descent in high dimension: exact equations of motion of the overlaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point.arguments import documented, grid, numbers
from vaesym.linear_vae.point.labelled import States
from vaesym.linear_vae.point.signals import check_strengths, signal_strengths
from vaesym.linear_vae.time import schedules
from vaesym.linear_vae.time.overlaps import Overlaps, observables
from vaesym.linear_vae.time.trajectories import check_time, integrate

if TYPE_CHECKING:
    import xarray as xr

#: How far the overlaps of a start may fall short of being those of vectors, relative to their trace.
_ROUNDING = 1e-9
#: Dimensions of the overlaps beyond those of the points.
_DIMS = {**dict.fromkeys("QER", ("latent", "other")), **dict.fromkeys("md", ("latent", "signal")), "D": ("latent",)}


class OnePass:
    """The equations of motion, for any number of latents and signals.

    >>> motion = OnePass(np.ones(1), eta=1.0, lam=0.0, rate=0.1, variance_rate=0.1, sampled=True)
    >>> zero = np.zeros((1, 1))
    >>> motion.change(Overlaps(*[zero] * 5, D=np.ones(1)), 1.0).Q.item()    # the noise of z moves the decoder
    0.010000000000000002
    """

    def __init__(self, strengths: Floats, *, eta: float, lam: float, rate: float, variance_rate: float,
                 sampled: bool) -> None:
        self.strengths, self.eta, self.lam = strengths, eta, lam
        self.rate, self.variance_rate, self.sampled = rate, variance_rate, sampled

    def change(self, at: Overlaps, beta: float) -> Overlaps:
        """Return the rates of change of all overlaps at one time."""
        latents = len(at.D)
        fields = at.covariance(self.strengths, self.eta)
        kk, kh, hh = fields[:latents, :latents], fields[:latents, latents:], fields[latents:, latents:]
        variances, gain = np.diag(at.D), at.Q + beta * np.eye(latents)
        second = hh + variances + self.lam * np.eye(latents)
        # The encoder moves along x by e = k − Qz − βh, the decoder by z: their averages with h, k, and each other.
        error_h = kh - gain @ hh
        error_k = kk - gain @ kh.T
        noisy = self.sampled * variances
        error_error = error_k - error_h @ gain + at.Q @ noisy @ at.Q
        signal = self.strengths + self.eta
        drift_q, drift_e = kh - at.Q @ second, error_h - self.lam * at.E
        noise = self.rate**2 * self.eta
        return Overlaps(
            self.rate * (drift_q + drift_q.T) + noise * (hh + noisy),
            self.rate * (drift_e + drift_e.T) + noise * error_error,
            self.rate * (error_k.T + hh - second @ at.R - self.lam * at.R) + noise * (error_h.T - noisy @ at.Q),
            self.rate * (signal * at.d - second @ at.m),
            self.rate * (signal * (at.m - gain @ at.d) - self.lam * at.d),
            -self.variance_rate / 2 * (np.diag(at.Q) + beta - beta / at.D))


@documented("number")
def online_dynamics(time: Any, beta: Any, *, lam: float, rho: float = 1.0, eta: float = 1.0, rate: float,
                    variance_rate: float, start: Mapping[str, Any], sampled: bool = True, latents: int = 1,
                    spikes: Any = 1, schedule: Any = None) -> xr.Dataset:
    r"""Return how stochastic gradient descent on fresh data moves the overlaps, as N → ∞.

    Each sample is used once. In each step :math:`W/\sqrt N` and :math:`V/\sqrt N` go down the gradient of its loss by
    rate/N, weight decay :math:`\frac\lambda2(\|W\|^2+\|V\|^2)/N` included, and D by variance_rate/N; time is steps/N.

    Parameters
    ----------
    time : ascending times ≥ 0, a number or an axis; training starts at 0
    beta : weight of the KL term, > 0, a number or an axis; with a schedule, its final value
    rate, variance_rate : learning rates of the weights and of D, numbers > 0
    start : the overlaps at time 0 by name: Q, E, R, m, d, D. For one latent and one signal, numbers; else Q, E, R of
        shape (M, M) with R[i, j] = W_i·V_j/N, m and d of shape (M, M*), D of shape (M,)
    sampled : whether z is drawn in training, or its average taken
    latents : number M of latents
    spikes : number of signals, or their strengths as multiples of ρ, the strongest first
    schedule : of β: "linear:length", "tanh:length", "cyclical:length", or a function of time that returns a fraction

    Returns
    -------
    xarray.Dataset
        ``Q``, ``E``, ``R``, ``m``, ``d``, ``D`` and the observables of :func:`vaesym.solve` over (beta, time), without
        beta if it is a number; for several latents or signals, matrices over latent, other and signal. With a
        schedule also ``annealed_beta``.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, a start that no weights have, or rates at which training diverges.

    Notes
    -----
    Ichikawa and Hukushima, arXiv:2310.15440, derived in the book from the gradient of the loss.

    Examples
    --------
    >>> start = {"Q": 0.01, "E": 0.01, "R": 0.0, "m": 0.05, "d": 0.0, "D": 1.0}
    >>> run = online_dynamics([0, 100, 2000], 1.0, lam=0.0, rate=0.02, variance_rate=0.02, start=start)
    >>> run.Q.values.round(3)
    array([0.01 , 0.029, 1.009])
    """
    times, axes = check_time(time), grid(beta=beta)
    decay, r, e = numbers(lam=lam, rho=rho, eta=eta)
    slow, variance_slow = (inputs.positive_number(n, v) for n, v in (("rate", rate), ("variance_rate", variance_rate)))
    strengths = r * np.array(signal_strengths(spikes))
    check_strengths(tuple(signal_strengths(spikes)), np.asarray(r))
    first = read_start(start, inputs.count("latents", latents), len(strengths))
    fraction = schedules.read(schedule)
    motion = OnePass(strengths, eta=e, lam=decay, rate=slow, variance_rate=variance_slow, sampled=bool(sampled))
    weights = axes.coordinates["beta"][1]
    runs = [follow(motion, times, float(weight), first, fraction) for weight in weights.ravel()]
    stacked = Overlaps(*(np.stack(parts).reshape(weights.shape + parts[0].shape) for parts in zip(*runs, strict=True)))
    dims = (*axes.dims, *(("time",) if np.ndim(time) else ()))
    single = len(strengths) == latents == 1
    values = {name: _shaped(value, len(_DIMS[name]), single, np.ndim(time))
              for name, value in stacked._asdict().items()}
    fields = {name: ((*dims, *(() if single else _DIMS[name])), value) for name, value in values.items()}
    seen = observables(stacked, strengths, e)
    fields |= {name: (dims, value if np.ndim(time) else value[..., 0]) for name, value in seen.items()}
    if fraction is not None:
        at = np.array([float(fraction(t)) for t in times]) * weights[..., None]
        fields["annealed_beta"] = (dims, at if np.ndim(time) else at[..., 0])
    clock = {"time": (("time",) if np.ndim(time) else (), times if np.ndim(time) else times[0])}
    return States(fields, {**axes.coordinates, **clock}, {
        "title": "one pass of stochastic gradient descent", **axes.fixed, "lam": decay, "rho": r, "eta": e,
        "learning_rate": slow, "variance_rate": variance_slow}).to_xarray()


def _shaped(value: Floats, own: int, single: bool, clocked: int) -> Floats:
    """Return values without the axes of a single latent, and without that of a single time."""
    value = value[(..., *[0] * own)] if single else value
    return value if clocked else np.take(value, 0, axis=value.ndim - 1 - (0 if single else own))


def follow(motion: OnePass, times: Floats, beta: float, first: Overlaps,
           fraction: Callable[[Any], Any] | None = None) -> Overlaps:
    """Return the overlaps at all times (T, …) for one final β."""
    shapes = [np.shape(part) for part in first]
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]

    def unpack(state: Floats) -> Overlaps:
        return Overlaps(*(part.reshape(shape) for part, shape in zip(np.split(state, ends), shapes, strict=True)))

    def speed(now: float, state: Floats) -> Floats:
        weight = beta if fraction is None else beta * float(fraction(now))
        return np.concatenate([np.ravel(part) for part in motion.change(unpack(state), weight)])

    breaks = getattr(fraction, "breaks", list)()
    rows = integrate(speed, np.concatenate([np.ravel(part) for part in first]), times, breaks)
    return Overlaps(*(np.stack(parts) for parts in zip(*(unpack(row) for row in rows), strict=True)))


def read_start(start: Mapping[str, Any], latents: int, signals: int) -> Overlaps:
    """Return the overlaps of a start as matrices, or raise :class:`vaesym.InputError` if no weights have them."""
    if set(start) != set(Overlaps._fields):
        raise InputError(f"a start with {', '.join(Overlaps._fields)}", ", ".join(map(str, start)) or "an empty one",
                         "give each of them, by name")
    sizes = {"Q": (latents, latents), "m": (latents, signals), "D": (latents,)}
    sizes |= {"E": sizes["Q"], "R": sizes["Q"], "d": sizes["m"]}
    parts: dict[str, Floats] = {}
    for name in Overlaps._fields:
        value = inputs.real_array(f"start[{name!r}]", start[name])
        if value.shape != sizes[name] and not (latents == signals == 1 and value.ndim == 0):
            raise InputError(f"start[{name!r}] of shape {sizes[name]}", f"shape {value.shape}", "reshape it")
        parts[name] = value.reshape(sizes[name])
    found = Overlaps(**parts)
    inputs.positive("start['D']", found.D)
    omega, planted = found.geometry()
    rest = omega - planted @ planted.T
    if not np.allclose(rest, rest.T) or np.linalg.eigvalsh(rest)[0] < -_ROUNDING * max(1.0, omega.trace()):
        raise InputError("a start that weights can have: [[Q, R], [R', E]] not below what m and d call for",
                         f"least eigenvalue {np.linalg.eigvalsh(rest)[0]:.3g} of the rest",
                         "raise Q and E, or lower R, m and d")
    return found
