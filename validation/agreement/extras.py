"""Studies of single claims: unlimited data, peak, best β, fluctuations, prescribed spectra, learned variance."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

import vaesym
from validation.agreement.points import Point
from validation.agreement.presets import Preset, data_seed
from validation.agreement.studies import Study, labelled, point_study, shared_study
from validation.laboratory.data import SpikedData
from validation.laboratory.prescribed import PrescribedData
from validation.laboratory.runs import Run, Settings

#: β, λ, ρ and η of the points followed to α → ∞: two active, one at the best β, one collapsed.
LARGE = ((0.5, 0.0, 1.0, 1.0), (1.0, 1.0, 1.0, 1.0), (1.5, 0.3, 1.0, 1.0), (0.4, 0.5, 2.0, 0.5), (2.6, 0.5, 1.0, 1.0),
         (3.2, 0.0, 2.0, 0.5))
#: Samples per dimension at which they are measured, and the dimension.
LARGE_ALPHAS, LARGE_SIZE = (25, 50, 100, 200), 64
#: Weight decays at which the best β is looked for, at this α.
DECAYS, BEST_ALPHA = (0.0, 0.1, 0.5), 6.0
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
    for lam in DECAYS:
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
