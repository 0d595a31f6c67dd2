"""Recovery of a sparse signal: below the threshold of the spectrum, against training, with a store."""

import numpy as np
import pytest

import vaesym
from derivations.linear_vae.penalties import measured
from vaesym.engine.lowered import equations_of
from vaesym.engine.quadratic.solve import Points, fields_of
from vaesym.linear_vae.sparse.learning import equations_for, learning
from vaesym.linear_vae.sparse.recovery import Recovery


@pytest.fixture(scope="module")
def found():
    return vaesym.sparse_recovery([0.3, 0.7, 4.0], beta=[0.8], penalty=[0.8, 1.0], share=0.01)


def test_a_sparse_signal_is_recovered_below_the_threshold_of_the_spectrum(found):
    assert found.best_quadratic_error.values.tolist() == pytest.approx([1, 1, 0.4])
    assert found.best_error.sel(alpha=0.3) == 1
    assert float(found.best_deepest_error.sel(alpha=0.7)) == pytest.approx(0.1346, abs=2e-3)
    assert (found.recovery.sel(alpha=0.7) == Recovery.DEEPEST).all()
    assert (found.recovery.sel(alpha=0.3) == Recovery.NONE).all()


def test_a_store_goes_on(found, tmp_path):
    grid = {"beta": [0.8], "penalty": [0.8, 1.0], "share": 0.01, "store": tmp_path}
    first = vaesym.sparse_recovery([0.7, 4.0], **grid)
    np.testing.assert_allclose(first.m, found.m.sel(alpha=[0.7, 4.0]), rtol=1e-6)
    assert len(list(tmp_path.glob("block-*.npz"))) == 1
    assert vaesym.sparse_recovery([0.7, 4.0], **grid).identical(first)


def state(given):
    values = {"lam_decoder": given["lam"], "lam_encoder": given["lam"], "rho": 1.0, "eta": 1.0} | given
    equations = equations_for(given.get("share", 1.0))
    points = Points(equations, {limits.name: np.array([values[limits.name]]) for limits in equations.parameters})
    x, there = learning(points)
    return {name: float(value[0]) for name, value in fields_of(points, x, np.where(there, 0.0, np.inf)).items()}


@pytest.mark.parametrize("place", range(len(measured.POINTS)))
def test_training_at_growing_dimension(place):
    """Recorded runs up to N = 4000 agree at the largest dimension, and the deviations of the means shrink with N."""
    given = measured.POINTS[place]
    theory = state(given)
    assert theory["replicon"] < 0.8
    rows = [row for row in measured.recorded()["points"] if all(row.get(k) == v for k, v in given.items())]
    assert [row["dimension"] for row in rows] == list(measured.DIMENSIONS)
    gaps = np.array([[abs(row[name]["mean"] - theory[name]) for name in measured.NAMES] for row in rows])
    errors = np.array([[row[name]["deviation"] / np.sqrt(row["seeds"]) for name in measured.NAMES] for row in rows])
    assert max(row["residual"] for row in rows) <= 1e-6
    assert (gaps[-1] / errors[-1] < 4).all()
    assert gaps[-1].sum() < gaps[0].sum()


def test_training_now():
    """One live run beside the recorded ones."""
    given = measured.POINTS[2]
    run, theory = measured.trained(given, 400, 1, measured.from_signal).measured, state(given)
    assert run["Q"] == pytest.approx(theory["Q"], abs=0.1)
    assert run["zero_encoder"] == pytest.approx(theory["zero_encoder"], abs=0.06)
    assert run["free_energy"] == pytest.approx(theory["free_energy"], abs=0.06)


def test_several_minima_without_replica_symmetry():
    """At (3, 0.7, 1) training from blind starts ends in minima of different depth in most data sets."""
    rows = measured.recorded()["broken"]
    assert len(rows) == len(measured.BROKEN_DIMENSIONS) * measured.SETS
    spreads = {n: [np.ptp(row["free_energy"]) for row in rows if row["dimension"] == n]
               for n in measured.BROKEN_DIMENSIONS}
    assert np.median(spreads[measured.BROKEN_DIMENSIONS[-1]]) > 1e-4


def test_an_overfitting_state_has_no_replica_symmetry():
    """Claim N18 at a point: without a visible signal, absolute values, and an elastic net beside them."""
    equations = equations_of("l1_vae")
    given = {"alpha": 0.7, "beta": 0.8, "lam_decoder": 0.8, "lam_encoder": 0.8, "rho": 1.0, "eta": 1.0}
    points = Points(equations, {name: np.array([given[limits.name]]) for limits in equations.parameters
                                for name in (limits.name,)}, 4)
    from vaesym.engine.quadratic.solve import searched, starts

    with np.errstate(all="ignore"):
        x, left = searched(points, starts(points)["uninformed"])
        fields = fields_of(points, x, left)
    assert left[0] < 1e-9
    assert abs(fields["m"][0]) < 1e-6
    assert fields["Q"][0] > 0.5
    assert fields["replicon"][0] > 1
