"""Benchmarks: how fast the software is beside the least that the same answer could cost."""
