"""Stated problems against what others published of them."""
