"""The spectrum of pure noise in a finite sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats
from vaesym.theory import model


def noise_edges(alpha: Any, *, eta: Any = 1.0) -> tuple[Floats, Floats]:
    r"""Return the ends :math:`\eta(1 \mp \alpha^{-1/2})^2` of the spectrum of noise, its zero eigenvalues aside.

    Parameters
    ----------
    alpha : samples per dimension P/N, > 0
    eta : strength of the noise, > 0

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, or shapes that do not broadcast.

    Notes
    -----
    Marchenko and Pastur (1967).

    Examples
    --------
    >>> [float(edge) for edge in noise_edges(4.0)]
    [0.25, 2.25]
    """
    a, e = model.parameters(alpha=alpha, eta=eta)
    return (e * (1 - 1 / np.sqrt(a)) ** 2)[()], model.bulk_edge(a, e)[()]


def noise_density(eigenvalue: Any, alpha: Any, *, eta: Any = 1.0) -> Floats:
    r"""Return the density of the eigenvalues of the sample covariance of pure noise (Marchenko and Pastur 1967).

    .. math:: p(x) = \frac{\alpha}{2\pi\eta x}\sqrt{(x_+ - x)(x - x_-)}

    between the ends x± of :func:`noise_edges` and 0 outside. Its integral is min(1, α): with α < 1 samples per
    dimension the rest of the eigenvalues, a fraction 1 − α, is zero.

    Parameters
    ----------
    eigenvalue : where, any real number
    alpha : samples per dimension P/N, > 0
    eta : strength of the noise, > 0

    Raises
    ------
    vaesym.InputError
        A parameter outside its domain, or shapes that do not broadcast.

    Examples
    --------
    >>> noise_density([0.1, 1.0, 3.0], 4.0).round(6)
    array([0.      , 0.616404, 0.      ])
    """
    a, e = model.parameters(alpha=alpha, eta=eta)
    x, a, e = inputs.broadcast(eigenvalue=inputs.real_array("eigenvalue", eigenvalue), alpha=a, eta=e)
    lower, upper = noise_edges(a, eta=e)
    inside = (x > lower) & (x < upper)
    safe = np.where(inside, x, 1.0)
    root = np.sqrt(np.where(inside, (upper - x) * (x - lower), 0.0))
    return (a * root / (2 * np.pi * e * safe))[()]
