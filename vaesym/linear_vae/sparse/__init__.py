"""The linear VAE under absolute values of its weights: where it collapses, and what it recovers of a sparse signal."""
