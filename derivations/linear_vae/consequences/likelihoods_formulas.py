r"""Full collapse under a likelihood of an exponential family: the loss to second order around it.

A decoder gives each component the law :math:`p(x_i|\vartheta_i)\propto e^{x_i\vartheta_i-A(\vartheta_i)}`, so a sample
costs :math:`\sum_i A(\vartheta_i)-x_i\vartheta_i` plus β times the KL. Two components show all there is.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from vaesym.linear_vae.statement.loss import kl_to_prior
from vaesym.linear_vae.statement.moments import average, normal_average
from vaesym.linear_vae.statement.symbols import D, beta, h, indexed, sigma, sym, z

COMPONENTS = (1, 2)
NATURAL, OFFSET, SLOPE, CURVATURE, DEVIATION, INFORMATION, PROBABILITY = (
    tuple(indexed(name, i) for i in COMPONENTS)
    for name in ("natural", "offset", "w", "curvature", "deviation", "information", "probability"))
COVARIANCE = sp.ImmutableMatrix(2, 2, lambda i, j: indexed("covariance", *sorted((i + 1, j + 1))))

_natural, _value = sym("natural"), sym("value")
#: The log-partition function, of which nothing is assumed, and a small number that counts orders.
_A, _SIZE = sp.Function("A"), sp.Dummy("epsilon")


def bernoulli_partition() -> sp.Expr:
    """Return A of a Bernoulli variable: the logarithm of the sum of its two weights."""
    return sp.log(sum(sp.exp(value * _natural) for value in (0, 1)))


def gaussian_partition() -> sp.Expr:
    """Return A of a Gaussian of variance σ², whose natural parameter is its mean over σ²."""
    return sigma**2 * _natural**2 / 2


def cross_entropy() -> sp.Expr:
    """Return the binary cross-entropy of a value in [0, 1] at the logit ϑ."""
    chance = 1 / (1 + sp.exp(-_natural))
    return -_value * sp.log(chance) - (1 - _value) * sp.log(1 - chance)


def squared_error() -> sp.Expr:
    """Return the squared error over 2σ² at the natural parameter ϑ."""
    return (_value - sigma**2 * _natural) ** 2 / (2 * sigma**2)


def constant_decoder(partition: sp.Expr) -> sp.Expr:
    """Return the ϑ of the best decoder that ignores its latent, for data of mean p: A'(ϑ) = p."""
    loss = average(partition - _value * _natural, [_value], [sym("probability")], sp.zeros(1))
    (solution,) = sp.solve(sp.diff(loss, _natural), _natural)
    return solution


def information(partition: sp.Expr) -> sp.Expr:
    """Return F = A''(ϑ) at the best constant decoder."""
    return sp.factor(sp.simplify(sp.diff(partition, _natural, 2).subs(_natural, constant_decoder(partition))))


def _taylor(expression: sp.Expr) -> sp.Expr:
    """Return the expression to second order in the small number."""
    return sp.Add(*[sp.diff(expression, _SIZE, order).subs(_SIZE, 0).doit() * _SIZE**order / sp.factorial(order)
                    for order in range(3)])


def _component(i: int) -> sp.Expr:
    """Return what a component adds to the loss at a latent z, to second order."""
    base = NATURAL[i]
    mean = sp.diff(_A(base), base)
    shifted = base + _SIZE * (OFFSET[i] + SLOPE[i] * z + CURVATURE[i] * (z**2 - 1))
    cost = _taylor(_A(shifted) - (mean + DEVIATION[i]) * shifted)
    return cost.xreplace({sp.diff(_A(base), base, 2): INFORMATION[i]})


@cache
def expansion() -> tuple[sp.Expr, sp.Expr]:
    r"""Return the first and second order of a sample's loss around full collapse.

    The decoder is :math:`\vartheta_i+\epsilon(e_i+w_iz+q_i(z^2-1))` with :math:`A'(\vartheta_i)` the mean of the
    component, the encoder has the mean εh and the variance 1 + ε(D − 1).
    """
    mean, variance = _SIZE * h, 1 + _SIZE * (D - 1)
    reconstruction = sp.Add(*[_component(i) for i in range(len(COMPONENTS))])
    loss = normal_average(reconstruction, z, mean, variance)
    loss += beta * kl_to_prior().subs({h: mean, D: variance}, simultaneous=True)
    orders = sp.Poly(sp.expand(_taylor(loss)), _SIZE)
    return sp.expand(orders.nth(1)), sp.expand(orders.nth(2))


def best_encoder() -> tuple[sp.Expr, sp.Expr]:
    """Return the mean h and the variance D of the posterior of a sample that make its loss least, to second order."""
    second = expansion()[1]
    (solution,) = sp.solve([sp.diff(second, h), sp.diff(second, D)], [h, D], dict=True)
    return solution[h], solution[D]


@cache
def collapse_hessian() -> sp.ImmutableMatrix:
    """Return the Hessian of the mean loss in (e, w, q), two components each, the encoder at its best."""
    mean, variance = best_encoder()
    loss = average(expansion()[1].subs({h: mean, D: variance}, simultaneous=True), DEVIATION, [0, 0], COVARIANCE)
    return sp.ImmutableMatrix(sp.hessian(loss, [*OFFSET, *SLOPE, *CURVATURE]))


def whitened_hessian() -> sp.ImmutableMatrix:
    r"""Return the Hessian in :math:`F^{1/2}w`."""
    scale = sp.diag(*[1 / sp.sqrt(value) for value in INFORMATION])
    return sp.ImmutableMatrix(scale * collapse_hessian()[2:4, 2:4] * scale).applyfunc(sp.expand)


def whitened_covariance(partition: sp.Expr) -> sp.ImmutableMatrix:
    r"""Return :math:`S=F^{-1/2}\Sigma F^{-1/2}` of a family: the Hessian in :math:`F^{1/2}w` is 1 − S/β."""
    at = [information(partition).subs(sym("probability"), chance) for chance in PROBABILITY]
    hessian = whitened_hessian().xreplace(dict(zip(INFORMATION, at, strict=True)))
    return (beta * (sp.eye(2) - hessian)).applyfunc(sp.expand)


def binary_covariance() -> sp.ImmutableMatrix:
    """Return the covariance of two binary components, summed over their four states."""
    both = indexed("probability", 1, 2)
    one, other = PROBABILITY
    law = {(1, 1): both, (1, 0): one - both, (0, 1): other - both, (0, 0): 1 - one - other + both}
    return sp.ImmutableMatrix(2, 2, lambda i, j: sp.factor(sum(
        chance * (state[i] - PROBABILITY[i]) * (state[j] - PROBABILITY[j]) for state, chance in law.items())))


def binary_whitened() -> sp.ImmutableMatrix:
    """Return S of two binary components under a Bernoulli likelihood."""
    values = dict(zip(COVARIANCE.flat(), binary_covariance().flat(), strict=True))
    return whitened_covariance(bernoulli_partition()).xreplace(values).applyfunc(sp.cancel)


def binary_eigenvalues() -> tuple[sp.Expr, ...]:
    """Return the eigenvalues of S for two binary components, 1 − r and 1 + r for the correlation r."""
    matrix, correlation = binary_whitened(), sym("correlation")
    entry: Any = matrix[0, 1]
    roots = matrix.xreplace({entry: correlation}).eigenvals(multiple=True)
    ordered = sorted(roots, key=lambda root: root.subs(correlation, sp.S.Half))
    return tuple(root.xreplace({correlation: entry}) for root in ordered)


def unexplained_variance() -> sp.Expr:
    """Return E x(1 − x) of a component with mean p and variance Σ₁₁, which no value in [0, 1] makes negative."""
    return average(_value * (1 - _value), [_value], [sym("probability")], COVARIANCE[:1, :1])
