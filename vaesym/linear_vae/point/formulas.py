"""The shipped model's generated functions, in NumPy."""

from __future__ import annotations

import numpy as np

from vaesym.codegen.function import NumericFunction
from vaesym.generated import for_arrays
from vaesym.inputs import Floats

free_energy = NumericFunction.from_module(for_arrays, "free_energy")
stationarity = NumericFunction.from_module(for_arrays, "stationarity")
stationarity_jacobian = NumericFunction.from_module(for_arrays, "stationarity_jacobian")
replicon = NumericFunction.from_module(for_arrays, "replicon")
field_determinant = NumericFunction.from_module(for_arrays, "field_determinant")
cubic_coefficients = NumericFunction.from_module(for_arrays, "cubic_coefficients")
potential = NumericFunction.from_module(for_arrays, "potential")
stationary_point = NumericFunction.from_module(for_arrays, "stationary_point")
minimiser = NumericFunction.from_module(for_arrays, "minimiser")
observables = NumericFunction.from_module(for_arrays, "observables")
threshold = NumericFunction.from_module(for_arrays, "collapse_threshold")
outlier_fluctuations = NumericFunction.from_module(for_arrays, "outlier_fluctuations")
responses = NumericFunction.from_module(for_arrays, "responses")
plateau_coefficients = NumericFunction.from_module(for_arrays, "plateau_coefficients")
optimal_beta_coefficients = NumericFunction.from_module(for_arrays, "optimal_beta_coefficients")
detection = NumericFunction.from_module(for_arrays, "detection")
outlier = NumericFunction.from_module(for_arrays, "outlier")
bulk_edge = NumericFunction.from_module(for_arrays, "bulk_edge")
detection_threshold = NumericFunction.from_module(for_arrays, "detection_threshold")


def top_eigenvalue(alpha: Floats, rho: Floats, eta: Floats) -> tuple[Floats, Floats, Floats]:
    r"""Return (Λ, o, 1 − o): what P = αN samples show of the signal (Baik, Ben Arous and Péché 2005).

    Above the detection threshold :math:`\alpha_B = (\eta/\rho)^2` the outlier; at or below it the edge of the
    noise spectrum, with o = 0.
    """
    detected = detection(alpha, rho, eta) > 0
    # Below the threshold the outlier's formula is evaluated at safe arguments and thrown away.
    safe = np.where(detected, alpha, np.inf)
    spike, squared, deficit = np.moveaxis(outlier(safe, rho, eta), -1, 0)
    eigenvalue = np.where(detected, spike, bulk_edge(alpha, eta))
    return eigenvalue, np.where(detected, squared, 0.0), np.where(detected, deficit, 1.0)
