"""What a user calls: solve, saddle points, thresholds, diagrams."""

from vaesym.theory.diagrams import phase_diagram
from vaesym.theory.potential import minimise_potential, potential_branches
from vaesym.theory.saddle import SaddlePoints, saddle_points
from vaesym.theory.solution import Phase, Solution, solve
from vaesym.theory.thresholds import collapse_threshold, global_collapse_threshold, optimal_beta, plateau_end

__all__ = [
    "Phase",
    "SaddlePoints",
    "Solution",
    "collapse_threshold",
    "global_collapse_threshold",
    "minimise_potential",
    "optimal_beta",
    "phase_diagram",
    "plateau_end",
    "potential_branches",
    "saddle_points",
    "solve",
]
