"""The studies of the report: what is simulated for each claim and figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import vaesym
from vaesym.inputs import Floats
from validation.agreement.points import Point, chosen
from validation.agreement.presets import Preset
from validation.simulate.data import PrescribedData, SpikedData
from validation.simulate.runs import Run, Settings
from validation.study.simulations import Study, Table, data_seed, labelled

#: β, λ, ρ and η of the points followed to α → ∞: two active, one at the best β, one collapsed.
LARGE = ((0.5, 0.0, 1.0, 1.0), (1.0, 1.0, 1.0, 1.0), (1.5, 0.3, 1.0, 1.0), (0.4, 0.5, 2.0, 0.5), (2.6, 0.5, 1.0, 1.0),
         (3.2, 0.0, 2.0, 0.5))
#: Samples per dimension at which they are measured, and the dimension.
LARGE_ALPHAS, LARGE_SIZE = (25, 50, 100, 200), 64
#: Weight decays at which the best β is looked for, at this α.
BEST_DECAYS, BEST_ALPHA = (0.0, 0.1, 0.5), 6.0
#: Strengths ρ and η with α_B = 16 and ¼, and an α between 1 and α_B, clear of both.
PEAKS = ((1.0, 4.0, 5.0), (2.0, 1.0, 0.5))
PEAK_BETA, PEAK_DECAY = 0.02, 0.2
#: Eigenvalues of the prescribed covariance, and the decoder variances at which it is trained.
SPECTRUM = (6.0, 4.0, 2.5, 1.0, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1)
VARIANCES = (0.5, 1.0, 1.5, 2.0, 2.4, 2.6, 3.0, 3.5, 3.9, 4.1, 5.0, 5.9, 6.1, 7.0)


def large_data_study(preset: Preset, seed: int) -> Study:
    """Return points at growing α and fixed dimension: the data are then the population."""
    def rows() -> Iterable[tuple[Run, dict[str, int]]]:
        for i, (beta, lam, rho, eta) in enumerate(LARGE):
            for alpha in LARGE_ALPHAS:
                for k in range(2 * preset.onset_seeds):
                    data = SpikedData(LARGE_SIZE, alpha * LARGE_SIZE, (rho,), eta, seed=data_seed(seed, 2, i, alpha, k))
                    yield Run(data, beta, lam), {"point": i, "size": alpha, "replicate": k}

    return labelled("large-data", Settings(method="exact"), rows())


def best_points() -> list[list[Point]]:
    """Return, for each λ, points at the best β of the theory, and below and above it."""
    found = []
    for lam in BEST_DECAYS:
        beta = float(vaesym.optimal_beta(BEST_ALPHA, lam=lam))
        found.append([Point(BEST_ALPHA, factor * beta, lam) for factor in (1.0, 0.7, 1.3)])
    return found


def best_study(preset: Preset, seed: int, place: int) -> Study:
    """Return the points around the best β at one of the sizes, each λ on data sets of its own."""
    size, count = preset.sizes[place], 4 * preset.seeds[place]
    return shared_study(f"best-beta-{size}", 10 + place, best_points(), size, count, seed, Settings(method="exact"))


def peak_points() -> list[Point]:
    """Return, for each of them, the point between and that at α = 1, where the peak would be by another statement."""
    return [Point(at, PEAK_BETA, PEAK_DECAY, (rho,), eta) for rho, eta, alpha in PEAKS for at in (alpha, 1.0)]


def peak_study(preset: Preset, seed: int) -> Study:
    """Return them at the largest size."""
    return point_study("peak", 20, peak_points(), preset.sizes[-1:], (60,), seed,
                       Settings(method="exact"))


def spread_points() -> list[list[Point]]:
    """Return Gaussian points far from transitions, on data sets of their own, whose spread is measured.

    At the first η²/(αρ²) is ¼; at the others it is small, so that observables are nearly linear in what fluctuates.
    """
    return [[Point(4.0, 0.5, 0.5)], [Point(3.0, 0.3, 0.1, (2.0,), 1.0)], [Point(5.0, 1.0, 0.5, (2.0,), 1.0)]]


def spread_studies(preset: Preset, seed: int) -> list[Study]:
    """Return many data sets of each, at two sizes."""
    return [shared_study(f"fluctuations-{size}", 30 + i, spread_points(), size, count, seed, Settings(method="exact"))
            for i, (size, count) in enumerate(zip(preset.spread_sizes, preset.spread_seeds, strict=True))]


def prescribed_study(seed: int) -> Study:
    """Return trainings with three latents on data of prescribed covariance, over decoder variances, for two laws."""
    def rows() -> Iterable[tuple[Run, dict[str, int]]]:
        for i, law in enumerate(("gaussian", "mixture")):
            data = PrescribedData(SPECTRUM, 60, law, data_seed(seed, 40, i) % 2**32)
            for j, variance in enumerate(VARIANCES):
                yield (Run(data, 1.0, 0.0, latents=3, start_seed=i, decoder_variance=variance),
                       {"law": i, "step": j})

    return labelled("prescribed", Settings(method="lbfgs"), rows())


def learned_study(seed: int) -> Study:
    """Return L-BFGS with a learned decoder variance and no weight decay, β = 1 and others, one to three latents."""
    return labelled("learned-variance", Settings(method="lbfgs"), _learned(seed, True))


def learned_spectra_study(seed: int) -> Study:
    """Return the exact minimiser with as many latents as features on the same data: all eigenvalues."""
    return labelled("learned-variance-spectra", Settings(method="exact"), _learned(seed, False))


def _learned(seed: int, training: bool) -> Iterable[tuple[Run, dict[str, int]]]:
    for i, (beta, latents) in enumerate(((1.0, 1), (1.0, 3), (3.0, 2), (0.5, 2), (4.0, 1), (6.0, 3))):
        for k in range(3):
            data = SpikedData(24, 96, (4.0, 2.0), 0.6, seed=data_seed(seed, 50, k))
            run = Run(data, beta, 0.0, latents if training else 24, start_seed=i, learn_decoder_variance=training)
            yield run, {"point": i, "replicate": k}


def kl_at(table: dict[str, np.ndarray]) -> np.ndarray:
    """Return the mean KL of each latent over the samples of prescribed data (R, M), in descending order.

    >>> kl_at({"d": np.zeros((1, 2, 10)), "D": np.ones((1, 2))})
    array([[0., 0.]])
    """
    means = (table["d"] ** 2 * np.array(SPECTRUM)).sum(axis=2)
    return -np.sort(-((means + table["D"] - 1 - np.log(table["D"])) / 2), axis=1) + 0.0


#: λ of the learning curves at β = 1, β of those at λ = 0.1, and β of those at λ = 0.
CURVE_DECAYS, CURVE_WEIGHTS, WITHOUT_DECAY = (0.01, 0.1, 1.0), (0.25, 0.5, 1.5), (0.25, 1.0)
#: α of the curves over β, and their λ.
CURVE_ALPHAS, CURVE_DECAY = (2.0, 8.0, 32.0), 0.1
#: λ of the phase diagram.
PHASE_DECAY = 0.5


def curve_alphas(preset: Preset) -> np.ndarray:
    """Return the α of the learning curves."""
    return np.geomspace(0.25, 16.0, preset.curve_points)


def curve_betas(preset: Preset) -> np.ndarray:
    """Return the β of the curves over β."""
    return np.linspace(0.2, 2.6, preset.curve_points)


def learning_members() -> list[tuple[float, float]]:
    """Return (β, λ) of all learning curves."""
    return [*((1.0, lam) for lam in CURVE_DECAYS), *((beta, CURVE_DECAY) for beta in CURVE_WEIGHTS),
            *((beta, 0.0) for beta in WITHOUT_DECAY)]


def learning_points(preset: Preset) -> list[list[Point]]:
    """Return the points of the learning curves, those of one α together."""
    return [[Point(float(alpha), beta, lam) for beta, lam in learning_members()] for alpha in curve_alphas(preset)]


def beta_points(preset: Preset) -> list[list[Point]]:
    """Return the points of the curves over β, those of one α together."""
    return [[Point(alpha, float(beta), CURVE_DECAY) for beta in curve_betas(preset)] for alpha in CURVE_ALPHAS]


def phase_points(preset: Preset) -> list[list[Point]]:
    """Return the points of the phase diagram, those of one α together."""
    return [[Point(float(alpha), float(beta), PHASE_DECAY) for beta in np.linspace(0.15, 2.9, 8)]
            for alpha in np.geomspace(0.25, 16.0, 8)]


def curve_studies(preset: Preset, seed: int) -> list[Study]:
    """Return the exact minimiser on learning curves, curves over β and the phase diagram, and Adam on a curve."""
    size, count, exact = preset.curve_size, preset.curve_seeds, Settings(method="exact")
    adam = Settings(epochs=preset.epochs, learning_rate=preset.learning_rate, finish=True)
    one = [[group[learning_members().index((1.0, 0.1))]] for group in learning_points(preset)]
    return [shared_study("learning-curves", 60, learning_points(preset), size, count, seed, exact),
            shared_study("beta-curves", 61, beta_points(preset), size, count, seed, exact),
            shared_study("phases", 62, phase_points(preset), size, count, seed, exact),
            shared_study("trained-curve", 60, one, size, min(count, 4), seed, adam)]


#: A training has converged where the gradient of R/N in (W/√N, V/√N, ln D) is below this times α …
GRADIENT = 1e-3
#: … and is at the global minimum where its loss is above the least by no more than this share of it (or times α).
EXCESS = 1e-3
#: Starts on each data set.
STARTS = 2


def trained_points(preset: Preset) -> list[Point]:
    """Return points away from transitions for training, of all phases and laws."""
    return chosen(preset.trained_sizes[0], preset.trained_points)


def trained_studies(preset: Preset, seed: int) -> tuple[Study, Study]:
    """Return the trainings by Adam and L-BFGS from random starts, and the exact minimiser on the same data sets."""
    points, sizes = trained_points(preset), preset.trained_sizes
    seeds = (preset.trained_seeds,) * len(sizes)
    adam = Settings(epochs=preset.epochs, learning_rate=preset.learning_rate, finish=True)
    return (point_study("trained", 3, points, sizes, seeds, seed, adam, STARTS),
            point_study("trained-exact", 3, points, sizes, seeds, seed, Settings(method="exact"), STARTS))


@dataclass(frozen=True)
class Ends:
    """Where trainings ended.

    Attributes
    ----------
    converged : whether the gradient has vanished
    globally : whether the loss is the least
    excess : loss above the least one, over max(|least|, 10⁻² α)
    """

    converged: NDArray[np.bool_]
    globally: NDArray[np.bool_]
    excess: Floats


def compare_ends(trained: Table, exact: Table) -> Ends:
    """Return where trainings ended beside the exact minima, run by run."""
    alpha = trained["samples"] / trained["features"]
    # Near collapse the least loss vanishes, and an excess relative to it says nothing.
    scale = np.maximum(np.abs(exact["loss"]), 1e-2 * alpha)
    excess = (trained["loss"] - exact["loss"]) / scale
    return Ends(trained["gradient"] <= GRADIENT * alpha, excess <= EXCESS, excess)


def point_study(name: str, number: int, points: list[Point], sizes: tuple[int, ...], seeds: tuple[int, ...],
                seed: int, settings: Settings, starts: int = 1) -> Study:
    """Return a study of points at several sizes; every point and size has data sets of its own.

    ``number`` keeps the data apart from those of other studies; each data set has ``starts`` random starts.
    """
    def rows() -> Iterable[tuple[Run, dict[str, int]]]:
        for i, point in enumerate(points):
            for j, (size, count) in enumerate(zip(sizes, seeds, strict=True)):
                for k in range(count):
                    for start in range(starts):
                        run = point.run(size, data_seed(seed, number, i, j, k), start)
                        yield run, {"point": i, "size": size, "replicate": k, "trial": start}

    return labelled(name, settings, rows())


def exact_study(points: list[Point], preset: Preset, seed: int, name: str = "exact", number: int = 1) -> Study:
    """Return the study of the exact minimiser at the sizes of a preset."""
    return point_study(name, number, points, preset.sizes, preset.seeds, seed, Settings(method="exact"))


def shared_study(name: str, number: int, points: list[list[Point]], size: int, count: int, seed: int,
                 settings: Settings) -> Study:
    """Return a study at one size in which the points of each list are measured on the same data sets."""
    def rows() -> Iterable[tuple[Run, dict[str, int]]]:
        for i, group in enumerate(points):
            for k in range(count):
                for j, point in enumerate(group):
                    yield point.run(size, data_seed(seed, number, i, k)), {"group": i, "member": j, "replicate": k}

    return labelled(name, settings, rows())


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
