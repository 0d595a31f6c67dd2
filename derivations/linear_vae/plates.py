"""The figures of the book: drawn by the functions of the package, with measured points beside the curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from derivations.frame.chapter import Plate
from derivations.linear_vae import measured

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The weights of the KL term and the weight decay of the learning curves that were measured.
BETAS, LAM = (0.05, 0.5, 1.5), 0.1


def _with_points(figure: Figure, x: str, y: str, scale: Any = None) -> Figure:
    """Add the measured means and standard deviations over data sets, one colour a β, in the order of the curves."""
    (axes,) = figure.axes[:1]
    colours = list(dict.fromkeys(line.get_color() for line in axes.lines if len(np.atleast_1d(line.get_xdata())) > 20))
    for beta, colour in zip(BETAS, colours, strict=False):
        rows = [row for row in measured.recorded() if row["beta"] == beta]
        axes.errorbar([row[x] if x == "alpha" else row[x]["mean"] for row in rows], [row[y]["mean"] for row in rows],
                      [row[y]["deviation"] for row in rows], linestyle="none", marker="o", markersize=4,
                      color=colour, zorder=4)
    return figure


def learning() -> Figure:
    """Learning curves with the exact minimum of sampled data sets."""
    from vaesym import figures
    from vaesym.linear_vae.curves.learning import learning_curve

    curves = learning_curve(np.geomspace(0.1, 10, 400), beta=list(BETAS), lam=LAM)
    return _with_points(figures.learning_curve(curves), "alpha", "signal_recovery_error")


def phases() -> Figure:
    """The phase diagram."""
    from vaesym import figures
    from vaesym.linear_vae.boundaries.diagrams import phase_diagram

    return figures.phase_diagram(phase_diagram(np.geomspace(0.05, 100, 240), np.linspace(0.01, 2.5, 160), lam=1.0))


def rate_distortion() -> Figure:
    """Rate against distortion."""
    from vaesym import figures
    from vaesym.linear_vae.curves import learning as curves

    return figures.rate_distortion(curves.rate_distortion([2.0, 5.0, 100.0], lam=0.1))


def spectrum() -> Figure:
    """The spectrum of a sample, the law of the noise and the outlier."""
    from vaesym import figures
    from vaesym.linear_vae.curves import spectra

    found = spectra.sample_eigenvalues(4.0, 1000)
    return figures.spectrum_law(spectra.spectrum_law(4.0, eigenvalues=found))


def bifurcation() -> Figure:
    """All states over β where the transition is of first order."""
    from vaesym import figures
    from vaesym.linear_vae.states.bifurcation import bifurcation_diagram

    return figures.bifurcation_diagram(bifurcation_diagram("beta", (0.002, 0.06), alpha=1.5, lam=4.5).to_xarray())


SPECTRUM = Plate(
    "spectrum", "bulk-edge",
    r"Eigenvalues of one sample ($N=1000$, $\alpha=4$, $\rho=\eta=1$), the law of the noise with its edges, and the "
    r"outlier \eqref{exact-solution:outlier}.", spectrum)
BIFURCATION = Plate(
    "bifurcation", "norm-slope",
    r"All states of the replica equations over $\beta$ at $\alpha=1.5$, $\lambda=4.5$. The threshold "
    r"\eqref{collapse:threshold} is negative there, so that collapse is stable at every $\beta$; the transition is of "
    r"first order, and the active states end where two of them meet, at the spinodal.", bifurcation)
PHASES = Plate(
    "phases-diagram", "at-line",
    r"The three phases over samples per dimension and $\beta$, at $\lambda=1$, $\rho=\eta=1$, with the exact lines "
    r"of this chapter.", phases)
LEARNING = Plate(
    "learning-curve", "cusp",
    rf"Signal recovery error over $\alpha$ ($\rho=\eta=1$, $\lambda={LAM}$). Points: the exact minimum of the loss for "
    rf"sampled data at $N={measured.DIMENSION}$, mean and standard deviation over {measured.DATA_SETS} data sets. The "
    r"curves fall as a square root at $\alpha_B=1$. Below it the points lie under the curves by $2\sqrt\rho\,|m|$, "
    r"which for finite $N$ is of order $N^{-1/2}$ (more near $\alpha_B$), as the sign of $m$ is the better "
    r"one.", learning)
RATE_DISTORTION = Plate(
    "rate-distortion-curve", "excess-rate",
    r"Rate against distortion at $\lambda=0.1$, $\rho=\eta=1$, on fresh data and on the training set, beside a "
    r"Gaussian source.", rate_distortion)
