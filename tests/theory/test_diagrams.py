"""Phase diagrams: grid and boundaries belong together."""

import numpy as np
import pytest

import vaesym
from vaesym import Phase


def test_grid_changes_phase_at_the_boundaries():
    alpha, beta = np.geomspace(0.05, 50, 60), np.linspace(0.02, 4, 70)
    diagram = vaesym.phase_diagram(alpha, beta, lam=0.5, rho=1.0, eta=1.2)
    collapsed = diagram.phase == Phase.REGULARIZED
    assert (collapsed == (diagram.beta >= diagram.global_collapse_threshold)).all()
    learning = diagram.phase == Phase.LEARNING
    assert (learning == (~collapsed & (diagram.alpha > diagram.detection_threshold))).all()
    assert diagram.detection_threshold == pytest.approx(1.44)
    assert diagram.attrs["lam"] == 0.5
    assert (diagram.global_collapse_threshold >= diagram.collapse_threshold).all()


@pytest.mark.parametrize("change", [dict(alpha=[]), dict(alpha=2.0), dict(beta=[[1.0]]), dict(lam=[0.1, 0.2]),
                                    dict(beta=[1.0, -1.0])])
def test_bad_axes(change):
    with pytest.raises(vaesym.InputError):
        vaesym.phase_diagram(**{"alpha": [1.0], "beta": [1.0], "lam": 0.1, **change})
