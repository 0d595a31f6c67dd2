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


def finite_size() -> Figure:
    """The recovery error below detection over N^(-1/2), with the limit of the theory at 0."""
    from vaesym.figures.frame import add_legend, new
    from vaesym.linear_vae.point.solution import solve

    figure, axes = new("")
    for alpha in measured.TREND_ALPHAS:
        rows = [row for row in measured.recorded("trend") if (row["alpha"], row["beta"]) == (alpha, BETAS[1])]
        x = np.array([row["dimension"] for row in rows]) ** -0.5
        mean, deviation = (np.array([row["signal_recovery_error"][part] for row in rows])
                           for part in ("mean", "deviation"))
        bars = axes.errorbar(x, mean, deviation / np.sqrt(measured.TREND_DATA_SETS), linestyle="none", marker="o",
                             markersize=4, label=rf"$\alpha = {alpha:g}$")
        limit = float(solve(alpha, BETAS[1], lam=LAM).signal_recovery_error)
        axes.plot([0.0], [limit], marker="s", markersize=7, color=bars.lines[0].get_color(), linestyle="none",
                  clip_on=False, label=rf"theory, $\alpha = {alpha:g}$")
    axes.set(xlabel=r"$N^{-1/2}$", ylabel=r"signal recovery error  $\varepsilon$", xlim=(0, None))
    add_legend(figure, axes, 2)
    return figure


def dynamics() -> Figure:
    """Gradient flow on a training set, with descents on sampled ones."""
    from vaesym import figures
    from vaesym.linear_vae.time.flow import gradient_flow

    given = measured.FLOW
    times = np.linspace(0.0, measured.FLOW_TIMES[-1], 301)
    figure = figures.training(gradient_flow(times, given["alpha"], list(given["betas"]), lam=given["lam"],
                                            start=measured.START))
    for axes, names in zip(figure.axes, (("signal_recovery_error",), ("Q", "m")), strict=False):
        for i, beta in enumerate(given["betas"]):
            rows = [row for row in measured.recorded("flow") if row["beta"] == beta]
            for j, name in enumerate(names):
                errors = [row[name]["deviation"] / np.sqrt(measured.FLOW_DATA_SETS) for row in rows]
                axes.errorbar([row["time"] for row in rows], [row[name]["mean"] for row in rows], errors,
                              linestyle="none", marker="os"[j], markersize=4.5, ecolor="black", capsize=2,
                              markeredgecolor="black", markeredgewidth=0.7,
                              color=axes.lines[i * len(names)].get_color(), zorder=4)
        axes.set_ylim(top=1.06 * max(float(np.max(np.asarray(line.get_ydata()))) for line in axes.lines))
    figure.axes[0].set_ylim(bottom=0.5)
    return figure


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

    return figures.bifurcation_diagram(bifurcation_diagram("beta", (0.002, 0.03), alpha=1.5, lam=4.5).to_xarray())


SPECTRUM = Plate(
    "spectrum", "bulk-edge",
    r"Eigenvalues of one set of $P=4000$ samples ($N=1000$, $\rho=\eta=1$), the law of the noise with its edges, and "
    r"the outlier \eqref{exact-solution:outlier}: one eigenvalue leaves the noise, where the theory puts it. The line "
    r"marks a place; its height means nothing.", spectrum)
BIFURCATION = Plate(
    "bifurcation", "coexistence",
    r"The states of the replica equations over $\beta$ at $\alpha=1.5$, $\lambda=4.5$, $\rho=\eta=1$. The threshold "
    r"\eqref{collapse:threshold} is negative there, so that collapse is stable at every $\beta$; the transition is of "
    r"first order. The global minimum jumps at coexistence, $\beta=0.0160$, \eqref{phases:coexistence}, and the active "
    r"states end where two of them meet, at the spinodal, $\beta=0.0200$, \eqref{phases:spinodal}. Overfitting, on the "
    r"edge of the noise, is unstable here, as $\alpha>\alpha_B$: it lowers the loss to turn to the signal.",
    bifurcation)
PHASES = Plate(
    "phases-diagram", "at-line",
    r"The three phases over samples per dimension and $\beta$, at $\lambda=1$, $\rho=\eta=1$, with the exact lines "
    r"of this chapter. The end of collapse rises along the edge of the noise and from $\alpha_B=1$ on, with the same "
    r"slope, along the outlier, to $\rho+\eta=2$.", phases)
LEARNING = Plate(
    "learning-curve", "cusp",
    rf"Signal recovery error over $\alpha$ ($\rho=\eta=1$, $\lambda={LAM}$). Points: the exact minimum of the loss for "
    rf"sampled data at $N={measured.DIMENSION}$, mean and standard deviation over {measured.DATA_SETS} data sets. The "
    r"curves fall as a square root at $\alpha_B=1$. Below it the points lie under the curves by $2\sqrt\rho\,|m|$, "
    r"as the sign of $m$ is the better one; Figure~\ref{figure:finite-size} follows that to larger $N$. Just above it "
    r"they are low too, as in a sample the signal fades out over a window of $\alpha$ of width of order $N^{-1/3}$ "
    r"(Baik, Ben Arous and P\'ech\'e 2005): at $\alpha=1.25$ by about an eighth.", learning)
FINITE_SIZE = Plate(
    "finite-size", "cusp",
    rf"The same below $\alpha_B$ ($\rho=\eta=1$, $\lambda={LAM}$, $\beta={BETAS[1]}$), over $N^{{-1/2}}$ for "
    rf"$N={measured.TREND_DIMENSIONS[0]}$ to {measured.TREND_DIMENSIONS[-1]}, mean and standard error over "
    rf"{measured.TREND_DATA_SETS} data sets; squares: "
    r"the theory for $N\to\infty$. At $\alpha=0.3$ a straight line through the points ends at the theory within its "
    r"error. At $\alpha=0.8$ the way is longer and bent: overlaps of order $N^{-1/2}$ take over only where "
    r"$N^{1/3}(1-\sqrt{\alpha/\alpha_B})\gg1$, and for $N=4000$ that product is $1.7$ (the window named at "
    r"Figure~\ref{figure:learning-curve}).", finite_size)
DYNAMICS = Plate(
    "dynamics", "flow-threshold",
    rf"Gradient flow on a training set ($\alpha={measured.FLOW['alpha']:g}$, $\lambda={measured.FLOW['lam']}$, "
    rf"$\rho=\eta=1$), from $W={measured.START['signal']}\,W^*$ and $V=0$ plus independent random parts of variance "
    rf"{measured.START['decoder']}, and $D={measured.START['D']:g}$. Left the signal recovery error, right $Q$ and, "
    rf"dashed, $m$. Points: gradient descent on sampled data at $N={measured.FLOW_DIMENSION}$, mean and standard "
    rf"error over {measured.FLOW_DATA_SETS} data sets, which are the same at all times and "
    r"$\beta$ and so err together. What is fitted beyond the minimum of the error is noise. The least error that any "
    r"$\beta$ reaches at the end is $\rho(1-o)=2/3$; the lowest curve passes below it, as the start overlaps with the "
    r"signal.", dynamics, wide=True)
RATE_DISTORTION = Plate(
    "rate-distortion-curve", "excess-rate",
    r"Rate against distortion at $\lambda=0.1$, $\rho=\eta=1$, on fresh data and on the training set, beside a "
    r"Gaussian source. Fresh data need a higher rate than the source, and no rate brings them below $\rho(1-o)$; the "
    r"training set has about the curve of the larger variance $\Lambda$. At $\alpha=100$ all nearly agree.",
    rate_distortion)
