"""What a user calls: solve, saddle points, thresholds, diagrams."""

from vaesym.theory.bifurcation import BifurcationBranch, BifurcationDiagram, bifurcation_diagram
from vaesym.theory.branches import Branches, Stability, branches
from vaesym.theory.certify import Certificate, certify
from vaesym.theory.certify_threshold import ThresholdCertificate, certify_threshold
from vaesym.theory.certify_tricritical import TricriticalCertificate, certify_tricritical
from vaesym.theory.curves import kl_curves, learning_curve, rate_distortion
from vaesym.theory.derivatives import derivatives
from vaesym.theory.diagrams import phase_diagram, spinodal, tricritical_points
from vaesym.theory.error_bars import error_bars
from vaesym.theory.optima import optimal_beta_curve, plateau_curve
from vaesym.theory.potential import minimise_potential, potential_branches
from vaesym.theory.saddle import SaddlePoints, saddle_points
from vaesym.theory.solution import Phase, Solution, solve
from vaesym.theory.spectra import noise_density, noise_edges, sample_eigenvalues, spectrum_law
from vaesym.theory.stationary import StationaryState
from vaesym.theory.thresholds import collapse_threshold, global_collapse_threshold, optimal_beta, plateau_end

__all__ = [
    "BifurcationBranch",
    "BifurcationDiagram",
    "Branches",
    "Certificate",
    "Phase",
    "SaddlePoints",
    "Solution",
    "Stability",
    "StationaryState",
    "ThresholdCertificate",
    "TricriticalCertificate",
    "bifurcation_diagram",
    "branches",
    "certify",
    "certify_threshold",
    "certify_tricritical",
    "collapse_threshold",
    "derivatives",
    "error_bars",
    "global_collapse_threshold",
    "kl_curves",
    "learning_curve",
    "minimise_potential",
    "noise_density",
    "noise_edges",
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
    "tricritical_points",
]
