"""The noise level of spiked data, whose value is known, by contribution rate and by the median."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from vaesym.inputs import InputError
from vaesym.practice import spectrum_of
from validation.images.analysis import noise_by_contribution
from validation.simulate.data import SpikedData, all_samples

NOISE, FEATURES, SAMPLES, STRENGTHS = 0.7, 120, 900, (200.0, 150.0)


def spiked(seed: int, samples: int = SAMPLES) -> np.ndarray:
    return all_samples(SpikedData(FEATURES, samples, strengths=STRENGTHS, noise=NOISE, seed=seed))


def test_mean_of_the_bulk_is_the_noise_of_spiked_data() -> None:
    """Trace Nη + Σρ; an outlier takes (ρ+η)(1 + η(N−2)/(Pρ)) of it; χ² of (N−2)P degrees of freedom is left."""
    rest = FEATURES - len(STRENGTHS)
    expected = NOISE * (1 - sum((rho + NOISE) / (rho * SAMPLES) for rho in STRENGTHS))
    deviation = NOISE * np.sqrt(2 / (rest * SAMPLES))
    scores = np.array([
        (noise_by_contribution(spectrum_of(spiked(seed), center=False).eigenvalues, 0.7) - expected) / deviation
        for seed in range(20)])
    assert abs(scores.mean()) < 4 / np.sqrt(20)
    # Sum of squares of 20 standard normals: 5.9 and 45 are its quantiles at 0.1 % and 99.9 %.
    assert 5.9 < np.sum(scores**2) < 45


def test_bulk_is_what_scikit_learn_leaves_out() -> None:
    data = spiked(3) * np.linspace(1, 2, FEATURES)
    eigenvalues = spectrum_of(data).eigenvalues
    for rate in (0.5, 0.8, 0.9, 0.95):
        pca = PCA(rate).fit(data)
        rebuilt = pca.inverse_transform(pca.transform(data))
        kept, bulk = pca.n_components_, data - rebuilt
        rest = FEATURES - kept
        mean = noise_by_contribution(eigenvalues, rate)
        assert mean == pytest.approx(pca.noise_variance_ * (SAMPLES - 1) / SAMPLES, rel=1e-9)
        std = np.linalg.eigvalsh(np.cov(bulk, rowvar=False, bias=True))[-rest:].std()
        assert noise_by_contribution(eigenvalues, rate, "std") == pytest.approx(std, rel=1e-9)


def test_the_component_that_crosses_the_rate_is_kept() -> None:
    for rate, expected in ((0.3, 3 / 4), (0.49, 3 / 4), (0.5, 2 / 3), (0.74, 1 / 2)):
        assert noise_by_contribution([3.0, 1.0, 1.0, 1.0, 0.0], rate) == expected
    assert noise_by_contribution([1.0, 0.0, 3.0, 1.0, 1.0], 0.3) == 0.75


def test_a_rate_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="leaves a bulk"):
        noise_by_contribution(np.array([2.0, 1.0]), 0.9)
