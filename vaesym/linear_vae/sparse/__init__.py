"""The linear VAE under absolute values of its weights: where it collapses, and what it recovers of a sparse signal."""

from vaesym.linear_vae.sparse.recovery import Recovery, sparse_recovery
from vaesym.linear_vae.sparse.thresholds import kink_threshold, localised_gain, sparse_thresholds

__all__ = ["Recovery", "kink_threshold", "localised_gain", "sparse_recovery", "sparse_thresholds"]
