"""Runs that are trained together: no run depends on those beside it; kept in a store, resumed, shared on Dask."""

import importlib
from typing import Any

import numpy as np
import pytest

from vaesym.engine import simulate, solve_problem
from vaesym.engine.experiment.sample import samples_of
from vaesym.inputs import InputError

module: Any = importlib.import_module("vaesym.engine.experiment.simulate")
SPIKED = {"rho": 1.5, "eta": 1.0}
#: One for every way of training: the closed form, Newton, multipliers, an intercept, two students, proximal steps.
PROBLEMS = {
    "ridge": {"lam": [0.3, 0.6], "signal": 1.0, "noise": 0.25},
    "logistic": {"lam": [0.3, 0.6], "signal": 1.0},
    "hinge": {"lam": [0.3, 0.6], "margin": 1.0},
    "gaussian_mixture_bias": {"lam": [0.3, 0.6], "separation": 1.5, "share": 0.2},
    "softmax": {"lam": [0.3, 0.6], "separation": 1.5},
    "linear_vae": {"beta": 0.5, "lam": [0.3, 0.6], **SPIKED},
    "pca": SPIKED,
}
LASSO = {"alpha": [0.5, 1.0, 2.0], "lam": 0.3, "noise": 0.1, "sparsity": 0.2, "amplitude": 1.0}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_run_does_not_depend_on_those_beside_it(name):
    together = simulate(name, 30, 3, alpha=1.5, **PROBLEMS[name])
    last = {key: np.ravel(value)[-1] for key, value in PROBLEMS[name].items()}
    alone = simulate(name, 30, [2], alpha=1.5, **last)
    assert bool(together.converged.all())
    beside = together.isel(seed=[2], **{key: -1 for key, value in PROBLEMS[name].items() if np.ndim(value)})
    assert alone.identical(beside)


def test_parts_are_of_equal_size_and_bounded(monkeypatch):
    parts = module._parts(module.axes_of(module.equations_of("lasso"), [20, 40], 3, None, LASSO))
    assert [sorted({(n, samples_of(a, n)) for n, a in zip(part["dimension"], part["alpha"], strict=True)})
            for part in parts] == [[(20, 10)], [(20, 20)], [(20, 40)], [(40, 20)], [(40, 40)], [(40, 80)]]
    plain = simulate("lasso", [20, 40], 3, **LASSO)
    monkeypatch.setattr(module, "_MOST_NUMBERS", 2 * 40 * 40)
    parts = module._parts(module.axes_of(module.equations_of("lasso"), [20, 40], 3, None, LASSO))
    assert [len(part["seed"]) for part in parts] == [3, 3, 3, 2, 1, 2, 1, 1, 1, 1]
    assert simulate("lasso", [20, 40], 3, **LASSO).identical(plain)


def test_a_store_is_resumed(tmp_path, monkeypatch):
    plain, store = simulate("lasso", 40, 4, **LASSO), tmp_path / "runs"
    whole, worked = module.run_part, []

    def stops(equations, device, part):
        if len(worked) == 2:
            raise KeyboardInterrupt
        worked.append(part)
        return whole(equations, device, part)

    monkeypatch.setattr(module, "run_part", stops)
    with pytest.raises(KeyboardInterrupt):
        simulate("lasso", 40, 4, store=store, **LASSO)
    assert len(list(store.glob("block-*.npz"))) == 2
    (store / "block-000000.npz").write_bytes(b"damaged")
    monkeypatch.setattr(module, "run_part", lambda *given: (worked.append(given[2]), whole(*given))[1])
    assert simulate("lasso", 40, 4, store=store, **LASSO).identical(plain)
    assert [float(part["alpha"][0]) for part in worked] == [0.5, 1.0, 0.5, 2.0]
    assert simulate("lasso", 40, 4, store=store, **LASSO).identical(plain)
    assert len(worked) == 4


def test_a_store_of_other_runs_is_refused(tmp_path):
    simulate("lasso", 20, 2, store=tmp_path, **LASSO)
    for change in ({"seeds": 3}, {"dimension": 21}, {"lam": 0.4}):
        with pytest.raises(InputError, match="a store of this problem"):
            simulate(**{"problem": "lasso", "dimension": 20, "seeds": 2, "store": tmp_path, **LASSO, **change})
    with pytest.raises(InputError, match="a store of this problem"):
        solve_problem("lasso", store=tmp_path, **LASSO)


def test_on_dask_it_is_the_same_to_the_last_digit(tmp_path):
    distributed = pytest.importorskip("distributed")
    given = {"alpha": [0.7, 2.0], "lam": 0.3, "separation": 1.5}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0",
                                  scheduler_kwargs={"dashboard": False}) as cluster:
        shared = simulate("softmax", [20, 30], 3, scheduler=cluster.scheduler_address, store=tmp_path, **given)
    assert shared.identical(simulate("softmax", [20, 30], 3, **given))
    assert len(list(tmp_path.glob("block-*.npz"))) == 4
    with pytest.raises(InputError, match="local:K with K processes"):
        simulate("softmax", 20, 3, scheduler="local:none", **given)
