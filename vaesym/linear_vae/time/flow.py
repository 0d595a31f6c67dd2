r"""Gradient flow on a training set in the limit of high dimension, exactly, by the spectral measures of its start.

Householder's reduction of a sample to a bidiagonal matrix, begun with one vector, gives the Jacobi matrix of the sample
covariance at that vector. In the limit its entries do not fluctuate: begun with W* the diagonal is ρ+η, then
η(1 + 1/α) for ever, and the squared steps are (ρ+η)η/α, then η²/α. With ρ = 0 it is that of any vector apart from W*
(Marchenko and Pastur 1967). Outliers and the atom at 0 for α < 1 are nodes among the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point.arguments import documented, grid, numbers
from vaesym.linear_vae.point.labelled import dataset
from vaesym.linear_vae.time.data_flow import SpectralFlow
from vaesym.linear_vae.time.overlaps import Overlaps, observables
from vaesym.linear_vae.time.trajectories import check_time

if TYPE_CHECKING:
    import xarray as xr

START = ("signal", "decoder", "encoder", "D")
#: Least and largest number of nodes. Polynomials of twice the degree are integrated exactly, and what grows at
#: different rates over a time t is one of a degree like the square root of t, to about ten digits with this factor.
_LEAST, _MOST, _PER_ROOT = 32, 256, 4.0


class Measure(NamedTuple):
    """Nodes, ascending, and masses that add up to 1."""

    nodes: Floats
    masses: Floats


def nodes_for(time: float, eta: float) -> int:
    """Return how many nodes a flow up to a time needs.

    >>> nodes_for(1.0, 1.0), nodes_for(400.0, 1.0)
    (32, 80)
    """
    return int(np.clip(np.ceil(_PER_ROOT * np.sqrt(time * eta)), _LEAST, _MOST))


def spectral_measure(alpha: float, rho: float, eta: float, count: int = 64) -> Measure:
    """Return the spectral measure of the sample covariance at W*; at any other direction with ``rho`` = 0.

    >>> at_signal = spectral_measure(4.0, 1.0, 1.0)
    >>> float(at_signal.nodes[-1].round(9)), float(at_signal.masses[-1].round(9))    # the outlier and its overlap
    (2.5, 0.6)
    >>> at_noise = spectral_measure(0.5, 0.0, 1.0)
    >>> float(at_noise.masses[at_noise.nodes < 1e-9].sum().round(9))    # eigenvalues that are zero
    0.5
    """
    from scipy.linalg import eigh_tridiagonal

    diagonal = np.full(count, eta * (1 + 1 / alpha))
    steps = np.full(count - 1, eta / np.sqrt(alpha))
    diagonal[0], steps[:1] = rho + eta, np.sqrt((rho + eta) * eta / alpha)
    nodes, vectors = eigh_tridiagonal(diagonal, steps)
    return Measure(np.maximum(nodes, 0.0), vectors[0] ** 2)


class Start(NamedTuple):
    """How one latent starts: the share of W* in W, variances of what is random in W and V, and D."""

    signal: float
    decoder: float
    encoder: float
    D: float


def read_start(start: Mapping[str, Any]) -> Start:
    """Return a start, or raise :class:`vaesym.InputError`.

    >>> read_start({"signal": 0.1, "decoder": 0.01, "encoder": 0, "D": 1})
    Start(signal=0.1, decoder=0.01, encoder=0.0, D=1.0)
    """
    if set(start) != set(START):
        raise InputError(f"a start with {', '.join(START)}", ", ".join(map(str, start)) or "an empty one",
                         "give each of them, by name")
    checks = {"signal": inputs.real_array, "decoder": inputs.non_negative, "encoder": inputs.non_negative,
              "D": inputs.positive}
    values = {name: check(f"start[{name!r}]", start[name]) for name, check in checks.items()}
    if any(value.ndim for value in values.values()):
        raise InputError("a start of numbers", ", ".join(f"{n} of shape {v.shape}" for n, v in values.items()),
                         "call once for each start")
    return Start(**{name: float(value) for name, value in values.items()})


class LimitFlow(NamedTuple):
    """The flow of one latent in the limit of high dimension, and which of its components point along W*."""

    flow: SpectralFlow
    planted: Floats
    strengths: Floats
    eta: float

    def overlaps(self, states: Floats) -> tuple[Overlaps, Floats]:
        """Return the overlaps at states (T, …) as matrices of one latent, and C_hh over the training set (T,)."""
        count, masses = len(self.flow.masses), self.flow.masses
        w, v, variances = states[:, :count], states[:, count : 2 * count], states[:, 2 * count :]
        pairs = ((w**2) @ masses, (v**2) @ masses, (w * v) @ masses, w @ self.planted, v @ self.planted)
        trained = (v**2) @ (masses * self.flow.eigenvalues)
        return Overlaps(*(pair[:, None, None] for pair in pairs), D=variances), trained

    def seen(self, states: Floats) -> dict[str, Floats]:
        """Return overlaps and observables at states (T, …), each (T,)."""
        found, trained = self.overlaps(states)
        named = {name: value.reshape(len(states)) for name, value in found._asdict().items()}
        return {**named, "C_hh": trained, **observables(found, self.strengths, self.eta)}


def limit_flow(alpha: float, beta: float, lam: float, rho: float, eta: float, start: Start,
               count: int) -> LimitFlow:
    """Return the flow of one latent from a start, as N → ∞; ``count`` is the number of nodes of each measure.

    What starts along W* moves on the spectral measure of W*, what starts at random on that of the noise, and the
    random parts of decoder and encoder are independent: three sets of components that share Q, C_hh and D.
    """
    signal, noise = spectral_measure(alpha, rho, eta, count), spectral_measure(alpha, 0.0, eta, count)
    one, none = np.ones(count), np.zeros(count)
    sets = [(signal, signal.masses, start.signal * one, none, signal.masses),
            (noise, noise.masses * start.decoder, one, none, none),
            (noise, noise.masses * start.encoder, none, one, none)]
    sets = [each for each, size in zip(sets, (start.signal, start.decoder, start.encoder), strict=True) if size] or [
        sets[0]]
    nodes, masses, w, v, planted = (np.concatenate(parts) for parts in zip(
        *[(each[0].nodes, *each[1:]) for each in sets], strict=True))
    flow = SpectralFlow(nodes, masses, w[:, None], v[:, None], np.array([start.D]), beta, lam / alpha)
    return LimitFlow(flow, planted, np.array([rho]), eta)


@documented("number or axis", unlimited=True)
def gradient_flow(time: Any, alpha: Any, beta: Any, *, lam: float, rho: float = 1.0, eta: float = 1.0,
                  start: Mapping[str, Any]) -> xr.Dataset:
    r"""Return how gradient flow on the whole training set moves one latent, exactly at any α as N → ∞.

    :math:`W/\sqrt N`, :math:`V/\sqrt N` and D go down the gradient of R/P. Along each eigenvector of the sample
    covariance, with eigenvalue s and φ = λ/α, the components move as
    :math:`\dot w = sv - (C_{hh} + D + \varphi)w` and :math:`\dot v = sw - (Q+\beta)sv - \varphi v`, with Q = Σw² and
    C_hh = Σsv², and :math:`\dot D = -\frac12(Q + \beta - \beta/D)`.

    Parameters
    ----------
    time : ascending times ≥ 0, a number or an axis: epochs times the rate of the descent on R/P
    start : at time 0: ``signal`` (W = signal·W* + random), ``decoder`` and ``encoder`` (variances of the random,
        independent normal parts of W and V), and ``D``; numbers

    Returns
    -------
    xarray.Dataset
        ``Q``, ``E``, ``R``, ``m``, ``d``, ``D``, ``C_hh`` of the training set, and the observables of
        :func:`vaesym.solve` over fresh data, over (alpha, beta, time) without those given as numbers. As time grows
        they tend to the values of :func:`vaesym.solve`, if the start is in that state's basin; while noise is fitted,
        as a power of time.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, an axis of more than one dimension, or an incomplete start.

    Notes
    -----
    New. The spectral measures are those of Marchenko and Pastur (1967) and of Baik, Ben Arous and Péché (2005).

    Examples
    --------
    >>> start = {"signal": 0.1, "decoder": 0.01, "encoder": 0.01, "D": 1.0}
    >>> run = gradient_flow([0.0, 10.0, 100.0], 2.0, 1.0, lam=1.0, start=start)
    >>> run.Q.values.round(4)    # solve(2.0, 1.0, lam=1.0).Q is 0.5959
    array([0.02  , 0.5678, 0.5959])
    """
    times, axes = check_time(time), grid(alpha=alpha, beta=beta)
    decay, r, e = numbers(lam=lam, rho=rho, eta=eta)
    first = read_start(start)
    points = np.broadcast_arrays(*axes.points.values())
    runs: list[dict[str, Floats]] = []
    count = nodes_for(float(times[-1]), e)
    for a, b in zip(*(values.ravel() for values in points), strict=True):
        limit = limit_flow(float(a), float(b), decay, r, e, first, count)
        runs.append(limit.seen(limit.flow.at(times)))
    clocked = ("time",) if np.ndim(time) else ()
    shape = axes.shape + ((len(times),) if clocked else ())
    values = {name: ((*axes.dims, *clocked), np.stack([run[name] for run in runs]).reshape(shape)) for name in runs[0]}
    clock = {"time": (clocked, times if clocked else times[0])}
    full = axes._replace(coordinates={**axes.coordinates, **clock})
    return dataset(full, "gradient flow on the training set", values, **axes.fixed, lam=decay, rho=r, eta=e)
