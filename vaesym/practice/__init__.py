"""Advice to a practitioner: data → spectrum → loss scale → advice."""

from vaesym.practice.advice.advice import Settings, advise
from vaesym.practice.advice.decoder import LearnedVariance, learned_variance
from vaesym.practice.advice.outlook import Outlook
from vaesym.practice.advice.recommendation import Choice, Recommendation
from vaesym.practice.advice.result import Advice, LatentAdvice
from vaesym.practice.data.decomposition import spectrum_of
from vaesym.practice.data.readers import Loaded, load_data
from vaesym.practice.data.spectrum import Spectrum, debias, detection_edge, marchenko_pastur, noise_level
from vaesym.practice.likelihood import CollapseThresholds, collapse_thresholds
from vaesym.practice.models import OneMore, load_model, one_more
from vaesym.practice.next_latent import NextLatent, next_latent
from vaesym.practice.scale import LossScale

__all__ = [
    "Advice",
    "Choice",
    "CollapseThresholds",
    "LatentAdvice",
    "LearnedVariance",
    "Loaded",
    "LossScale",
    "NextLatent",
    "OneMore",
    "Outlook",
    "Recommendation",
    "Settings",
    "Spectrum",
    "advise",
    "collapse_thresholds",
    "debias",
    "detection_edge",
    "learned_variance",
    "load_data",
    "load_model",
    "marchenko_pastur",
    "next_latent",
    "noise_level",
    "one_more",
    "spectrum_of",
]
