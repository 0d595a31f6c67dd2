"""Nonlinear VAEs on images, confronted with the theory of the linear one. Knows the runner."""
