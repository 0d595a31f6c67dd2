"""Error bars: the lowered numbers are the derived ones, and where they do not apply that is said."""

import numpy as np
import pytest
import sympy as sp

import vaesym
from vaesym.inputs import InputError
from vaesym.linear_vae import error_bars
from vaesym.linear_vae.exact import eigenvector, fluctuations
from vaesym.linear_vae.statement import observables
from vaesym.linear_vae.statement.symbols import Q, alpha, beta, eigenvalue, eta, lam, overlap, rho

POINTS = [(4.0, 0.5, 0.5, 1.0, 1.0), (8.0, 0.5, 0.0, 1.0, 0.5), (0.9, 0.3, 0.2, 3.0, 1.0)]


@pytest.mark.parametrize("point", POINTS)
def test_numbers_are_those_of_the_derivation(point):
    a, b, decay, r, e = point
    solution = vaesym.solve(a, b, lam=decay, rho=r, eta=e)
    at = {alpha: a, beta: b, lam: decay, rho: r, eta: e, eigenvalue: float(solution.eigenvalue),
          overlap: float(solution.overlap), Q: float(solution.Q), fluctuations.samples: 700}
    found = error_bars(a, b, lam=decay, samples=700, rho=r, eta=e)
    along = eigenvector.state_along_eigenvector()
    for name, form in observables.OBSERVABLES.items():
        written = form().subs(along, simultaneous=True).replace(sp.Abs, lambda argument: argument)
        slopes = sp.Matrix([[written.diff(eigenvalue) + written.diff(Q) * fluctuations.norm_response(),
                             written.diff(overlap)]]).subs(at)
        variance = (slopes * fluctuations.signal_covariance().subs(at) * slopes.T)[0, 0]
        assert found[name] == pytest.approx(float(sp.sqrt(variance)), rel=1e-9)


def test_slopes_are_those_of_solved_points():
    """d(rate)/dΛ by moving ρ and η so that o stays: the bar of Q against a difference quotient in Λ."""
    a, b, decay = 4.0, 0.5, 0.5
    top = np.array(vaesym.solve(a, b, lam=decay).eigenvalue)
    from vaesym.linear_vae import minimise_potential
    q = [minimise_potential(*np.array([[a], [b], [decay], [top + shift]])).item() for shift in (-1e-5, 1e-5)]
    bars = error_bars(a, b, lam=decay, samples=100)
    assert bars["Q"] / bars["eigenvalue"] == pytest.approx((q[1] - q[0]) / 2e-5, rel=1e-6)


def test_collapsed_latents_do_not_fluctuate_and_the_edge_is_left_open():
    bars = error_bars([4.0, 4.0, 0.5], [0.5, 9.0, 0.5], lam=0.1, samples=[100, 100, 100])
    assert bars["Q"][0] > 0
    assert bars["Q"][1] == 0
    assert bars["eigenvalue"][1] > 0
    assert all(np.isnan(value[2]) for value in bars.values())


@pytest.mark.parametrize("bad", [{"samples": 0}, {"samples": np.nan}, {"samples": [1, 2, 3], "alpha": [1.0, 2.0]},
                                 {"beta": -1.0}])
def test_bad_input(bad):
    given = {"alpha": 4.0, "beta": 1.0, "lam": 0.1, "samples": 10} | bad
    with pytest.raises(InputError):
        error_bars(given.pop("alpha"), given.pop("beta"), **given)
