"""A lowered theory: solve it, simulate its problem, and confront the two. Nothing here starts SymPy."""

from vaesym.engine.experiment.confront import Confrontation, confront
from vaesym.engine.experiment.simulate import simulate
from vaesym.engine.follow import follow
from vaesym.engine.solve import Status, solve_problem
from vaesym.engine.thresholds import separability

__all__ = ["Confrontation", "Status", "confront", "follow", "separability", "simulate", "solve_problem"]
