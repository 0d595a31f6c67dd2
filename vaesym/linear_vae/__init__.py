"""What a user calls: solve, saddle points, thresholds, diagrams."""

from vaesym.linear_vae.boundaries.diagrams import phase_diagram, spinodal, tricritical_points
from vaesym.linear_vae.boundaries.thresholds import (
    collapse_threshold,
    global_collapse_threshold,
    optimal_beta,
    plateau_end,
)
from vaesym.linear_vae.boundaries.variants import (
    LevelThresholds,
    conditional_threshold,
    hierarchical_thresholds,
    learned_variance_threshold,
    tied_threshold,
    unequal_decay_threshold,
)
from vaesym.linear_vae.curves.error_bars import error_bars
from vaesym.linear_vae.curves.learning import kl_curves, learning_curve, rate_distortion
from vaesym.linear_vae.curves.optima import optimal_beta_curve, plateau_curve
from vaesym.linear_vae.curves.spectra import noise_density, noise_edges, sample_eigenvalues, spectrum_law
from vaesym.linear_vae.point.derivatives import derivatives
from vaesym.linear_vae.point.fields import Phase, Stability
from vaesym.linear_vae.point.labelled import States
from vaesym.linear_vae.point.potential import minimise_potential, potential_branches
from vaesym.linear_vae.point.solution import Solution, solve
from vaesym.linear_vae.proofs.certify import Certificate, certify
from vaesym.linear_vae.proofs.certify_threshold import ThresholdCertificate, certify_threshold
from vaesym.linear_vae.proofs.certify_tricritical import TricriticalCertificate, certify_tricritical
from vaesym.linear_vae.proofs.stationary import StationaryState
from vaesym.linear_vae.states.bifurcation import BifurcationBranch, BifurcationDiagram, bifurcation_diagram
from vaesym.linear_vae.states.branches import Branches, branches
from vaesym.linear_vae.states.saddle import SaddlePoints, saddle_points
from vaesym.linear_vae.time.annealing import best_annealing
from vaesym.linear_vae.time.flow import gradient_flow
from vaesym.linear_vae.time.online import online_dynamics
from vaesym.linear_vae.time.rates import growth_rate, waking_time
from vaesym.linear_vae.time.stopping import best_stopping

__all__ = [
    "BifurcationBranch",
    "BifurcationDiagram",
    "Branches",
    "Certificate",
    "LevelThresholds",
    "Phase",
    "SaddlePoints",
    "Solution",
    "Stability",
    "States",
    "StationaryState",
    "ThresholdCertificate",
    "TricriticalCertificate",
    "best_annealing",
    "best_stopping",
    "bifurcation_diagram",
    "branches",
    "certify",
    "certify_threshold",
    "certify_tricritical",
    "collapse_threshold",
    "conditional_threshold",
    "derivatives",
    "error_bars",
    "global_collapse_threshold",
    "gradient_flow",
    "growth_rate",
    "hierarchical_thresholds",
    "kl_curves",
    "learned_variance_threshold",
    "learning_curve",
    "minimise_potential",
    "noise_density",
    "noise_edges",
    "online_dynamics",
    "optimal_beta",
    "optimal_beta_curve",
    "phase_diagram",
    "plateau_curve",
    "plateau_end",
    "potential_branches",
    "rate_distortion",
    "saddle_points",
    "sample_eigenvalues",
    "solve",
    "spectrum_law",
    "spinodal",
    "tied_threshold",
    "tricritical_points",
    "unequal_decay_threshold",
    "waking_time",
]
