"""Penalties that are no squares: what a kink at zero does to collapse, to replica symmetry and to detection."""
