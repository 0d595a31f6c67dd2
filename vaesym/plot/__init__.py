"""One function a figure; each returns a matplotlib Figure and changes nothing global."""

from vaesym.plot.curves import kl_curves, learning_curve, rate_distortion
from vaesym.plot.diagrams import collapse_curve, phase_diagram
from vaesym.plot.frame import save
from vaesym.plot.law import spectrum_law
from vaesym.plot.spectrum import advice

__all__ = ["advice", "collapse_curve", "kl_curves", "learning_curve", "phase_diagram", "rate_distortion", "save",
           "spectrum_law"]
