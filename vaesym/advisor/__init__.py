"""Advice to a practitioner: data → spectrum → loss scale → advice."""

from vaesym.advisor.advice import Settings, advise
from vaesym.advisor.decoder import LearnedVariance, learned_variance
from vaesym.advisor.decomposition import spectrum_of
from vaesym.advisor.likelihood import CollapseThresholds, collapse_thresholds
from vaesym.advisor.models import OneMore, load_model, one_more
from vaesym.advisor.next_latent import NextLatent, next_latent
from vaesym.advisor.outlook import Outlook
from vaesym.advisor.readers import Loaded, load_data
from vaesym.advisor.recommendation import Choice, Recommendation
from vaesym.advisor.result import Advice, LatentAdvice
from vaesym.advisor.scale import LossScale
from vaesym.advisor.spectrum import Spectrum, debias, detection_edge, marchenko_pastur, noise_level

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
