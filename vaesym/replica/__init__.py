"""The replica method as algebra: symmetric replica matrices, n → 0, T → 0, the replicon.

Nothing here knows a model. A problem enters as the matrix of a loss that is quadratic in Gaussian
fields, the covariance of those fields, and the entropy of the weights behind them.
"""

from vaesym.replica.determinants.conjugate import ConjugateEntropy
from vaesym.replica.determinants.problem import QuadraticProblem
from vaesym.replica.determinants.replicon import explicit_variation, replicon_form, replicon_matrix
from vaesym.replica.determinants.routes import average_over_a_sample, volume_of_weights
from vaesym.replica.limits import per_replica, zero_temperature
from vaesym.replica.matrix import RSMatrix

__all__ = [
    "ConjugateEntropy",
    "QuadraticProblem",
    "RSMatrix",
    "average_over_a_sample",
    "explicit_variation",
    "per_replica",
    "replicon_form",
    "replicon_matrix",
    "volume_of_weights",
    "zero_temperature",
]
