"""Advice to a practitioner: data → spectrum → loss scale → advice."""

from vaesym.advisor.advice import Advice, LatentAdvice, advise
from vaesym.advisor.decomposition import spectrum_of
from vaesym.advisor.readers import Loaded, load_data
from vaesym.advisor.scale import LossScale
from vaesym.advisor.spectrum import Spectrum, debias, detection_edge, marchenko_pastur, noise_level

__all__ = [
    "Advice",
    "LatentAdvice",
    "Loaded",
    "LossScale",
    "Spectrum",
    "advise",
    "debias",
    "detection_edge",
    "load_data",
    "marchenko_pastur",
    "noise_level",
    "spectrum_of",
]
