"""All stationary states at a point, and how they are joined over a parameter."""
