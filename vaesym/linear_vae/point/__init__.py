"""The exact solution at any point of parameter space."""
