"""One function a figure; each returns a matplotlib Figure and changes nothing global."""

from vaesym.plot.bifurcation import bifurcation_diagram
from vaesym.plot.curves import kl_curves, learning_curve, rate_distortion
from vaesym.plot.diagrams import collapse_curve, phase_diagram
from vaesym.plot.frame import save
from vaesym.plot.law import spectrum_law
from vaesym.plot.optima import optimal_beta_curve, plateau_curve
from vaesym.plot.spectrum import advice

__all__ = ["advice", "bifurcation_diagram", "collapse_curve", "kl_curves", "learning_curve", "optimal_beta_curve",
           "phase_diagram", "plateau_curve", "rate_distortion", "save", "spectrum_law"]
