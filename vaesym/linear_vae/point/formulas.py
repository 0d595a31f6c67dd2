"""The shipped model's generated functions, and the parameters that they take."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.codegen.function import NumericFunction
from vaesym.generated import for_arrays
from vaesym.inputs import Floats, InputError

#: The parameters of a point, in the order of every generated function.
PARAMETERS = ("alpha", "beta", "lam", "rho", "eta")

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


#: Parameters beyond these magnitudes would overflow in the products of four of them that the formulas hold.
SMALLEST, LARGEST = 1e-30, 1e30


def parameters(**given: Any) -> list[Floats]:
    """Check parameters at the boundary and broadcast them; λ ≥ 0, the others > 0, none of absurd magnitude."""
    return inputs.broadcast(**{name: check(name, value) for name, value in given.items()})


def unlimited_parameters(**given: Any) -> list[Floats]:
    """Check and broadcast parameters as :func:`parameters` does, with α = ∞ as a value too."""
    return inputs.broadcast(**{name: check(name, value, name == "alpha") for name, value in given.items()})


def check(name: str, value: Any, unlimited: bool = False) -> Floats:
    """Check one parameter: λ ≥ 0, the others > 0, none of absurd magnitude, finite unless ``unlimited``."""
    array = inputs.non_negative(name, value) if name == "lam" else inputs.positive(name, value, unlimited=unlimited)
    least = 0.0 if name == "lam" else SMALLEST
    absurd = ((array > LARGEST) & np.isfinite(array)) | (array < least)
    if absurd.any():
        raise InputError(f"{name} between {least:g} and {LARGEST:g}", f"{array[absurd].flat[0]:g}",
                         "choose units in which the parameters are of ordinary size")
    return array


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
