"""The book of the linear β-VAE."""
