"""The certificate's matrix form against the nine equations, and that it rejects what is no saddle."""

import dataclasses

import numpy as np
import pytest
import sympy as sp

import vaesym
from derivations.linear_vae.minimum import certificate
from vaesym.linear_vae.point import formulas
from vaesym.linear_vae.saddle.stationarity import stationarity_equations
from vaesym.linear_vae.sample import random_matrix
from vaesym.linear_vae.statement.symbols import (
    ORDER_PARAMETERS,
    alpha,
    beta,
    eta,
    lam,
    rho,
    root_alpha,
    spike_1,
    spike_2,
)

VALUES = {alpha: sp.Rational(7, 2), lam: sp.Rational(1, 3), rho: sp.Rational(6, 5), eta: sp.Rational(4, 5),
          spike_2: -sp.Rational(866, 1000)}
NOISE = VALUES | {root_alpha: sp.Rational(2, 3), spike_2: -sp.Rational(2385, 1000)}


def numbers(state, values):
    """The parameters and nine order parameters of a state as floats."""
    def at(expression):
        return float(sp.sympify(expression).subs(values))

    q, gain, m = at(state.Q), at(state.gain), at(state.planted) ** 0.5
    chi = state.chi.subs(values)
    given = [at(state.alpha), at(state.beta), at(state.lam), float(values[rho]), at(state.eta)]
    order = [q, gain**2 * q, gain * q, m, gain * m, at(state.D), float(chi[0, 0]), float(chi[0, 1]), float(chi[1, 1])]
    return given, order


@pytest.mark.parametrize(("make", "values"), [(certificate.learning, VALUES), (certificate.overfitting, NOISE)])
def test_states_solve_the_generated_equations_and_are_what_solve_finds(make, values):
    given, order = numbers(make(), values)
    assert len(order) == len(ORDER_PARAMETERS)
    np.testing.assert_allclose(formulas.stationarity(*given, *order), 0, atol=1e-12)
    a, b, decay, r, e = given
    assert b > 0
    solution = vaesym.solve(a, b, lam=decay, rho=r, eta=e)
    np.testing.assert_allclose([solution.Q, solution.E, solution.R, solution.m, solution.d, solution.D], order[:6],
                               rtol=1e-11, atol=1e-14)


def test_the_collapsed_state_solves_the_generated_equations():
    # χ ≻ 0 and l > 0 need spikes of opposite sign, the second below −1.
    values = {alpha: sp.Rational(2), rho: sp.Rational(1), spike_1: sp.Rational(3), spike_2: sp.Rational(-3),
              certificate.conic: sp.Rational(3)}
    given, order = numbers(certificate.collapsed(), values)
    np.testing.assert_allclose(formulas.stationarity(*given, *order), 0, atol=1e-12)


def at_a_point(state, values):
    """The state at a rational point, where exact arithmetic is fast even on what is no saddle."""
    names = [field.name for field in dataclasses.fields(state) if field.name != "generators"]
    return dataclasses.replace(state, **{name: sp.sympify(getattr(state, name)).subs(values) for name in names})


@pytest.mark.parametrize("field", ["beta", "Q", "D", "gain", "planted", "lam", "eta", "alpha"])
def test_a_tampered_state_is_no_saddle(field):
    state = at_a_point(certificate.learning(), VALUES)
    assert not any(certificate.saddle_residuals(state))
    tampered = dataclasses.replace(state, **{field: getattr(state, field) * sp.Rational(11, 10)})
    assert any(residual != 0 for residual in certificate.saddle_residuals(tampered))


def test_a_tampered_susceptibility_is_no_saddle():
    state = at_a_point(certificate.overfitting(), NOISE)
    tampered = dataclasses.replace(state, chi=state.chi * sp.Rational(11, 10))
    assert any(residual != 0 for residual in certificate.saddle_residuals(tampered))


def test_the_energy_gap_sees_another_eigenvalue():
    state = at_a_point(certificate.learning(), VALUES)
    top = random_matrix.signal()[0].xreplace(VALUES)
    assert certificate.energy_gap(state, top) == 0
    assert certificate.energy_gap(state, top + 1) != 0
    assert certificate.cubic_residual(state, top + 1) != 0


def test_the_matrix_form_is_the_gradient_exactly():
    """At rational points that are no saddles: both sides exact and nonzero."""
    state = at_a_point(certificate.learning(), VALUES)
    m = sp.Rational(3, 7)
    for i in range(3):
        scale = sp.Rational(11 + i, 10)
        other = dataclasses.replace(state, chi=state.chi * scale, Q=state.Q / scale, D=state.D * scale, planted=m**2,
                                    beta=state.beta * scale)
        residuals = certificate.saddle_residuals(other)
        q, gain, chi = other.Q, other.gain, other.chi
        order = [q, gain**2 * q, gain * q, m, gain * m, other.D, chi[0, 0], chi[0, 1], chi[1, 1]]
        values = dict(zip(ORDER_PARAMETERS, order, strict=True))
        values |= {alpha: other.alpha, beta: other.beta, lam: other.lam, rho: other.rho, eta: other.eta}
        gradient = [sp.sympify(entry).xreplace(values) for entry in stationarity_equations()]
        d_q, d_e, d_r, d_m, d_d, d_variance, kk, kh, hh = gradient
        tilt, width, encoder, decoder, variance = (
            residuals[:2], residuals[2:6], residuals[6:8], residuals[8], residuals[9])
        assert [d_m, d_d] == [m * entry for entry in tilt]
        assert [2 * kk, kh, kh, 2 * hh] == list(width)
        assert [-d_r, -2 * d_e] == list(encoder)
        assert 2 * d_q == decoder
        assert 2 * d_variance / other.alpha == variance
        assert all(entry != 0 for entry in gradient)
