"""Other convex penalties on the linear VAE by ``.but``: solved, simulated, confronted."""

import pytest
import sympy as sp

import vaesym
from vaesym.engine.solve import Status
from vaesym.problem import Parameter
from vaesym.problems import l1_vae
from vaesym.problems.autoencoders import lam, lam_decoder, lam_encoder, v, w

POINT = {"alpha": 4.0, "beta": 1.0, "lam_decoder": 0.4, "lam_encoder": 0.4, "rho": 1.0, "eta": 1.0}
VARIANTS = {
    "elastic_net": (l1_vae.but(
        name="elastic_vae", penalty=l1_vae.penalty + lam * (w**2 + v**2) / 2,
        parameters=(*l1_vae.parameters, Parameter(lam, "weight decay beside the absolute values"))),
        POINT | {"lam": 0.2}, 0.7059),
    "group": (l1_vae.but(
        name="group_vae", penalty=lam_decoder * sp.sqrt(w**2 + v**2) + lam_encoder * (w**2 + v**2) / 2), POINT, 0.6818),
    "non_negative": (l1_vae.but(
        name="non_negative_vae", penalty=sp.Piecewise((lam_decoder * w, w >= 0), (sp.oo, True))
        + sp.Piecewise((lam_encoder * v, v >= 0), (sp.oo, True))), POINT, 0.8024),
    "one_sided": (l1_vae, POINT | {"lam_decoder": 0.1, "lam_encoder": 0.7}, None),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", VARIANTS)
def test_solved_and_simulated(name):
    problem, given, overlap = VARIANTS[name]
    states = vaesym.solve_problem(problem, **given)
    assert int(states.status) == Status.SOLVED
    assert float(states.replicon) < 0.6
    if overlap is not None:
        assert float(states.m) == pytest.approx(overlap, abs=5e-5)
    runs = vaesym.simulate(problem, [100, 200], 8, **given)
    assert bool(runs.converged.all())
    assert vaesym.confront(states, runs).p_value > 0.01
    wrong = states.assign(Q=1.3 * states.Q, E=1.3 * states.E)
    assert vaesym.confront(wrong, runs).p_value < 1e-3
