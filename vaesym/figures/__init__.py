"""One function a figure; each returns a matplotlib Figure and changes nothing global."""

from vaesym.figures.bifurcation import bifurcation_diagram
from vaesym.figures.curves import kl_curves, learning_curve, rate_distortion
from vaesym.figures.diagrams import collapse_curve, phase_diagram, sparse_recovery
from vaesym.figures.frame import save
from vaesym.figures.optima import optimal_beta_curve, plateau_curve
from vaesym.figures.scan import scan_curves
from vaesym.figures.spectrum import advice, spectrum_law
from vaesym.figures.states import training

__all__ = ["advice", "bifurcation_diagram", "collapse_curve", "kl_curves", "learning_curve", "optimal_beta_curve",
           "phase_diagram", "plateau_curve", "rate_distortion", "save", "scan_curves", "sparse_recovery",
           "spectrum_law", "training"]
