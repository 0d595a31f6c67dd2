"""The shipped problems, lowered by ``python -m vaesym.problems.generate``."""
