"""The replicon measured on data: how the minimum answers to fields that differ from direction to direction."""

from __future__ import annotations

import numpy as np

from vaesym.inputs import Floats
from validation.agreement.extrapolation import extrapolate, outlier_shift
from validation.agreement.judging import Score
from validation.agreement.points import Point
from validation.agreement.presets import Preset
from validation.agreement.studies import Study, Table, point_study
from validation.laboratory.data import second_moments
from validation.laboratory.runs import Settings
from validation.threads import limited_threads

#: Most sizes at which it is measured: all eigenvalues of every data set are needed.
_SIZES = 3


def replicon_points() -> list[Point]:
    """Return points in the learning phase whose replicon is decided by the signal, so that α_B is seen."""
    return [Point(16.0, 0.5, 0.1, (0.5,)), Point(24.0, 0.3, 0.5, (0.5,)), Point(10.0, 0.4, 0.3, (0.7,)),
            Point(24.0, 0.4, 0.2, (0.7, 0.5), 1.0, 2)]


def replicon_study(preset: Preset, seed: int) -> Study:
    """Return the exact minimiser at these points."""
    return point_study("replicons", 21, replicon_points(), preset.sizes[:_SIZES], preset.seeds[:_SIZES], seed,
                       Settings(method="exact"))


def measured_replicon(levels: Floats, alpha: float, beta: float, lam: float, state: tuple[float, float, float],
                      top: float) -> float:
    r"""Return the replicon of one latent at the minimum of a data set.

    Parameters
    ----------
    levels : eigenvalues s of XᵀX/P, those of the learned directions left out
    alpha, beta, lam : of the run
    state : Q, E and D of the latent
    top : eigenvalue Λ of its own direction

    Notes
    -----
    In each of the other directions the Hessian of R/N in (W, V) is the 2 × 2 matrix h(s). The mean answer to a field
    is χ = ⟨h⁻¹⟩, the mean over pairs of replicas K = ⟨h⁻¹ ⊗ h⁻¹⟩, and K = χ⊗χ + Γ K, where the largest eigenvalue of
    Γ is the replicon: the answers diverge where it reaches 1. Neither signal nor noise strength goes in.

    Examples
    --------
    >>> bool(abs(measured_replicon(np.ones(9), 4.0, 0.5, 0.1, (1.0, 0.3, 0.3), 2.5)) < 1e-12)
    True
    """
    norm, encoder, variance = state
    hessian = np.empty((len(levels), 2, 2))
    hessian[:, 0, 0] = alpha * (top * encoder + variance) + lam
    hessian[:, 0, 1] = hessian[:, 1, 0] = -alpha * levels
    hessian[:, 1, 1] = alpha * (norm + beta) * levels + lam
    answers = np.linalg.inv(hessian)
    mean = answers.mean(axis=0)
    pairs = np.einsum("nab,ncd->acbd", answers, answers).reshape(4, 4) / len(levels)
    return float(np.linalg.eigvals(np.eye(4) - np.linalg.solve(pairs.T, np.kron(mean, mean).T).T).real.max())


def replicons(table: Table) -> Floats:
    """Return the replicon of each latent (R, 2) of every run of the study; NaN where a run has fewer latents."""
    found, points = np.full((len(table["point"]), 2), np.nan), replicon_points()
    for i, number in enumerate(table["point"].tolist()):
        point = points[number]
        run = point.run(int(table["features"][i]), int(table["seed"][i]))
        moments = second_moments(run.data) * (run.data.features / run.data.samples)
        with limited_threads():
            levels = np.linalg.eigvalsh(moments)[::-1].astype(np.float64)
        for k in range(point.latents):
            state = float(table["Q"][i, k, k]), float(table["E"][i, k, k]), float(table["D"][i, k])
            found[i, k] = measured_replicon(levels[point.latents :], run.data.samples / run.data.features, point.beta,
                                            point.lam, state, float(levels[k]))
    return found


def replicon_scores(table: Table) -> list[tuple[Score, float]]:
    """Return the replicons, extrapolated to many dimensions, beside α_B/α of their latents, each with its α."""
    values, scores = replicons(table), []
    for number, point in enumerate(replicon_points()):
        at = table["point"] == number
        sizes = np.unique(table["size"][at])
        for k, strength in enumerate(point.strengths):
            groups = [values[at & (table["size"] == size), k] for size in sizes]
            limit = extrapolate(outlier_shift(sizes), groups, sizes**-0.5)
            aim = (point.noise / strength) ** 2 / point.alpha
            # Latents of one data set depend on one another; the weakest signal decides on the state.
            group = "replicon" if k == len(point.strengths) - 1 else ""
            scores.append((Score(f"replicon at α = {point.alpha:g}, β = {point.beta:g}, λ = {point.lam:g}, ρ = "
                                f"{strength:g}, η = {point.noise:g}", aim, limit.value, limit.error, limit.score(aim),
                                aim, group), point.alpha))
    return scores
