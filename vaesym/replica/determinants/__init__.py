"""Losses that are quadratic in Gaussian fields: every average of the replica method is a determinant."""
