"""One function a figure; each returns a matplotlib Figure and changes nothing global."""

from vaesym.plot.diagrams import collapse_curve, phase_diagram
from vaesym.plot.frame import save
from vaesym.plot.spectrum import advice

__all__ = ["advice", "collapse_curve", "phase_diagram", "save"]
