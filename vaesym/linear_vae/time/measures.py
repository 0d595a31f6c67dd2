r"""Spectral measures of spiked data as nodes and masses, by Gauss quadrature from their Jacobi matrices.

Householder's reduction of a sample to a bidiagonal matrix, begun with one vector, gives the Jacobi matrix of the sample
covariance at that vector. In the limit its entries do not fluctuate: begun with W* the diagonal is ρ+η, then
η(1 + 1/α) for ever, and the squared steps are (ρ+η)η/α, then η²/α. With ρ = 0 it is that of any vector apart from W*
(Marchenko and Pastur 1967). Outliers and the atom at 0 for α < 1 are nodes among the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vaesym.inputs import Floats

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
