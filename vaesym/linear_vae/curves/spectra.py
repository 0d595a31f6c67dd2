"""The spectrum of a finite sample: the law of its noise, the outlier of its signal, and samples that are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.point.arguments import documented, numbers, parameters
from vaesym.linear_vae.point.labelled import States
from vaesym.linear_vae.point.solution import solve

if TYPE_CHECKING:
    import xarray as xr

#: Points of the density, numbers of a sample that are drawn at once, and eigenvalues below which one is zero.
_POINTS, _MOST_NUMBERS, _ZERO = 600, 50_000_000, 1e-12


@documented()
def noise_edges(alpha: Any, *, eta: Any = 1.0) -> tuple[Floats, Floats]:
    r"""Return the ends :math:`\eta(1 \mp \alpha^{-1/2})^2` of the spectrum of noise, its zero eigenvalues aside.

    Notes
    -----
    Marchenko and Pastur (1967).

    Examples
    --------
    >>> [float(edge) for edge in noise_edges(4.0)]
    [0.25, 2.25]
    """
    a, e = parameters(alpha=alpha, eta=eta)
    return (e * (1 - 1 / np.sqrt(a)) ** 2)[()], formulas.bulk_edge(a, e)[()]


@documented()
def noise_density(eigenvalue: Any, alpha: Any, *, eta: Any = 1.0) -> Floats:
    r"""Return the density of the eigenvalues of the sample covariance of pure noise (Marchenko and Pastur 1967).

    .. math:: p(x) = \frac{\alpha}{2\pi\eta x}\sqrt{(x_+ - x)(x - x_-)}

    between the ends x± of :func:`noise_edges` and 0 outside. Its integral is min(1, α): with α < 1 samples per
    dimension the rest of the eigenvalues, a fraction 1 − α, is zero.

    Parameters
    ----------
    eigenvalue : where, any real number

    Examples
    --------
    >>> noise_density([0.1, 1.0, 3.0], 4.0).round(6)
    array([0.      , 0.616404, 0.      ])
    """
    a, e = parameters(alpha=alpha, eta=eta)
    x, a, e = inputs.broadcast(eigenvalue=inputs.real_array("eigenvalue", eigenvalue), alpha=a, eta=e)
    lower, upper = noise_edges(a, eta=e)
    inside = (x > lower) & (x < upper)
    safe = np.where(inside, x, 1.0)
    root = np.sqrt(np.where(inside, (upper - x) * (x - lower), 0.0))
    return (a * root / (2 * np.pi * e * safe))[()]


def spectrum_law(alpha: float, *, rho: float = 1.0, eta: float = 1.0, eigenvalues: Any = None) -> xr.Dataset:
    r"""Return the law of the eigenvalues of the sample covariance: the density of the noise, the outlier of the signal.

    Parameters
    ----------
    alpha : samples per dimension P/N, a number > 0; at ∞ there is no density
    rho, eta : numbers; strengths of signal and noise, > 0
    eigenvalues : measured eigenvalues of the N × N sample covariance, shape (N,), all of them

    Returns
    -------
    xarray.Dataset
        ``density`` of the noise over ``eigenvalue``, from edge to edge; ``noise_edge`` (2,); ``outlier`` Λ, NaN at or
        below the detection threshold; ``overlap`` o of its direction with the signal; ``zero_fraction`` max(0, 1 − α)
        of the eigenvalues; ``detection_threshold`` α_B; ``measured`` over ``sample``, in ascending order, if given.

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain or not a number, or eigenvalues that are not a list of numbers ≥ 0.

    Notes
    -----
    Marchenko and Pastur (1967) for the noise; Baik, Ben Arous and Péché (2005) for the outlier, which stands clear of
    the noise above the detection threshold (η/ρ)².

    Examples
    --------
    >>> law = spectrum_law(4.0)
    >>> law.noise_edge.values.tolist(), float(law.outlier), round(float(law.overlap), 12)
    ([0.25, 2.25], 2.5, 0.6)
    """
    a, r, e = numbers(alpha=alpha, rho=rho, eta=eta)
    measured = None if eigenvalues is None else _measured(eigenvalues)
    lower, upper = (float(edge) for edge in noise_edges(a, eta=e))
    point = solve(a, 1.0, lam=0.0, rho=r, eta=e)
    # Points are dense at both edges, where the density rises as a square root.
    x = lower + (upper - lower) * (1 - np.cos(np.linspace(0.0, np.pi, _POINTS))) / 2
    fields: dict[str, tuple[tuple[str, ...], Any]] = {
        "density": (("eigenvalue",), noise_density(x, a, eta=e)), "noise_edge": (("edge",), np.array([lower, upper])),
        "outlier": ((), float(point.eigenvalue) if point.overlap > 0 else np.nan),
        "overlap": ((), float(point.overlap)),
        "zero_fraction": ((), max(0.0, 1.0 - a)),
        "detection_threshold": ((), float(formulas.detection_threshold(r, e)))}
    if measured is not None:
        fields["measured"] = (("sample",), np.sort(measured))
    given = {"title": "spectrum of spiked data", "alpha": a, "rho": r, "eta": e}
    return States(fields, {"eigenvalue": (("eigenvalue",), x)}, given).to_xarray()


def _measured(eigenvalues: Any) -> Floats:
    values = inputs.real_array("eigenvalues", eigenvalues)
    if values.ndim != 1 or values.size == 0 or values.max() <= 0 or values.min() < -_ZERO * values.max():
        raise InputError("eigenvalues of a covariance as a list of numbers >= 0",
                         f"shape {values.shape}" + (f", least {values.min():g}" if values.size else ""),
                         "pass e.g. numpy.linalg.eigvalsh(X.T @ X / len(X))")
    return values


def sample_eigenvalues(alpha: float, dimension: int, *, rho: float = 1.0, eta: float = 1.0, seed: int = 0) -> Floats:
    r"""Draw spiked data and return the eigenvalues of their sample covariance.

    P = αN samples, rounded, of N dimensions with covariance η + ρ along one direction and η across it.

    Parameters
    ----------
    alpha : samples per dimension P/N, a number > 0
    dimension : N, a whole number ≥ 1
    rho, eta : numbers; strengths of signal and noise, > 0
    seed : of the random numbers, a whole number ≥ 0

    Returns
    -------
    array (N,), descending; zeros fill up where P < N

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, fewer than one sample, or more than 50 million numbers to draw.

    Examples
    --------
    >>> values = sample_eigenvalues(4.0, 500, seed=1)
    >>> bool(2.3 < values[0] < 2.7), values.shape
    (True, (500,))
    """
    a, r, e = numbers(alpha=alpha, rho=rho, eta=eta)
    dimension = inputs.count("dimension", dimension)
    if inputs.non_negative("seed", seed).ndim or not float(seed).is_integer():
        raise InputError("seed as a whole number >= 0", f"{seed!r}", "pass e.g. seed=0")
    samples = round(a * dimension)
    if not 1 <= samples * dimension <= _MOST_NUMBERS:
        raise InputError(f"alpha and dimension N with 1 to {_MOST_NUMBERS:,} numbers in the P x N sample",
                         f"P = {samples:,} and N = {dimension:,}", "choose another dimension")
    data = np.sqrt(e) * np.random.default_rng(int(seed)).standard_normal((samples, dimension))
    # The law is that of any direction of the signal; this one is the first axis.
    data[:, 0] *= np.sqrt((r + e) / e)
    smaller = data @ data.T if samples < dimension else data.T @ data
    return np.pad(np.linalg.eigvalsh(smaller)[::-1] / samples, (0, max(0, dimension - samples)))
