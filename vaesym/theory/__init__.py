"""What a user calls: solve, saddle points, thresholds, diagrams."""

from vaesym.theory.curves import kl_curves, learning_curve, rate_distortion
from vaesym.theory.diagrams import phase_diagram, spinodal, tricritical_points
from vaesym.theory.error_bars import error_bars
from vaesym.theory.potential import minimise_potential, potential_branches
from vaesym.theory.saddle import SaddlePoints, saddle_points
from vaesym.theory.solution import Phase, Solution, solve
from vaesym.theory.spectra import noise_density, noise_edges
from vaesym.theory.thresholds import collapse_threshold, global_collapse_threshold, optimal_beta, plateau_end

__all__ = [
    "Phase",
    "SaddlePoints",
    "Solution",
    "collapse_threshold",
    "error_bars",
    "global_collapse_threshold",
    "kl_curves",
    "learning_curve",
    "minimise_potential",
    "noise_density",
    "noise_edges",
    "optimal_beta",
    "phase_diagram",
    "plateau_end",
    "potential_branches",
    "rate_distortion",
    "saddle_points",
    "solve",
    "spinodal",
    "tricritical_points",
]
