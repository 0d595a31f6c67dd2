"""Curves of the exact solution as labelled datasets."""
