"""Averages over second moments, against Gaussian integration."""

import pytest
import sympy as sp

from vaesym.linear_vae.program import stable
from vaesym.linear_vae.statement import loss
from vaesym.linear_vae.statement.moments import average, normal_average
from vaesym.linear_vae.statement.symbols import D, h, z


def test_against_the_gaussian_integral():
    x, y = sp.symbols("x y", real=True)
    sigma = sp.Rational(2, 3)
    density = sp.exp(-(x**2) / (2 * sigma)) / sp.sqrt(2 * sp.pi * sigma)
    polynomial = 3 * x**2 - 2 * x + 5
    exact = sp.integrate(polynomial * density, (x, -sp.oo, sp.oo))
    assert average(polynomial, [x], [0], sp.Matrix([[sigma]])) == sp.simplify(exact)
    assert average(x * y, [x, y], [1, 2], sp.Matrix([[1, 3], [3, 1]])) == 5


def test_the_kl_term_is_the_gaussian_kl():
    assert sp.simplify(loss.kl_to_prior() - (h**2 + D - sp.log(D) - 1) / 2) == 0


def test_refuses_higher_moments():
    with pytest.raises(ValueError, match="degree <= 2"):
        average(z**3, [z], [h], sp.Matrix([[D]]))


def test_any_degree_against_the_moment_generating_function():
    x, t = sp.symbols("x t", real=True)
    mean, variance = sp.Rational(1, 2), sp.Rational(2, 3)
    generating = sp.exp(mean * t + variance * t**2 / 2)
    for polynomial in (x**6, 3 * x**5 - x**2 + 4, (x**2 - 1) ** 2, sp.Integer(7)):
        exact = sum(coefficient * sp.diff(generating, t, power).subs(t, 0)
                    for (power,), coefficient in sp.Poly(polynomial, x).terms())
        assert normal_average(polynomial, x, mean, variance) == exact


def test_a_wrong_form_is_not_lowered():
    beta_c = stable.collapse_threshold()
    with pytest.raises(ArithmeticError, match="mend the form"):
        stable.proved(beta_c + sp.Rational(1, 10**30), beta_c)
