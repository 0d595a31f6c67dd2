"""A lowered theory: solve it, simulate its problem, and confront the two. Nothing here starts SymPy."""

from vaesym.engine.solve import Status, solve_problem

__all__ = ["Status", "solve_problem"]
