"""Signals and noise in the spectrum of samples, by the spiked model."""

from __future__ import annotations

from vaesym.inputs import Floats
from vaesym.practice.data.spectrum import Spectrum, debias, detection_edge, noise_level


def spectrum_without_zeros(eigenvalues: Floats, samples: int) -> Spectrum:
    """Return a spectrum without the zeros that fewer samples than dimensions bring."""
    return Spectrum(eigenvalues[: min(samples, len(eigenvalues))], samples, len(eigenvalues))


def signals(chosen: Floats, eigenvalues: Floats, samples: int) -> tuple[Floats, Floats, float]:
    """Return debiased strengths and overlaps of chosen eigenvalues, and the noise level of all."""
    spectrum = spectrum_without_zeros(eigenvalues, samples)
    noise = noise_level(spectrum)
    return *debias(chosen, spectrum.alpha, noise, detection_edge(spectrum, noise)), noise
