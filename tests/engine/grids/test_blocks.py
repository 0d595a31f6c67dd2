"""Grids in blocks: the same on Dask as in one process, and resumed from a store."""

import os

import numpy as np
import pytest

from vaesym import InputError
from vaesym.engine import solve, solve_problem
from vaesym.engine.grids.store import in_blocks
from vaesym.problems import lasso, ridge

AT = {"alpha": np.geomspace(0.4, 6, 40), "lam": [0.1, 0.3, 1.0], "noise": 0.2, "sparsity": 0.3, "amplitude": 1.2}
OTHER = {"signal": 1.0, "noise": 0.5}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    for size in ("_BLOCK", "_COMPILED_BLOCK"):
        monkeypatch.setattr(solve, size, 16)


def test_a_store_is_resumed(tmp_path, monkeypatch):
    plain, store = solve_problem("lasso", **AT), tmp_path / "store"
    whole, worked = solve.solve_block, []

    def stops(equations, given, backend, names):
        if len(worked) == 3:
            raise KeyboardInterrupt
        worked.append(given)
        return whole(equations, given, backend, names)

    monkeypatch.setattr(solve, "solve_block", stops)
    with pytest.raises(KeyboardInterrupt):
        solve_problem("lasso", store=store, **AT)
    assert len(list(store.glob("block-*.npz"))) == 3
    (store / "block-000001.npz").write_bytes(b"damaged")
    monkeypatch.setattr(solve, "solve_block", lambda *given: (worked.append(given), whole(*given))[1])
    resumed = solve_problem("lasso", store=store, **AT)
    assert len(worked) == 3 + 6  # of eight blocks two are kept, whole
    assert resumed.identical(plain)
    assert solve_problem("lasso", store=store, **AT).identical(plain)
    assert len(worked) == 9


def test_a_store_of_another_grid_is_refused(tmp_path):
    solve_problem("ridge", store=tmp_path, alpha=[1.0, 2.0], lam=0.1, **OTHER)
    with pytest.raises(InputError, match="a store of this problem"):
        solve_problem("ridge", store=tmp_path, alpha=[1.0, 2.0], lam=0.2, **OTHER)
    with pytest.raises(InputError, match="a store of this problem"):
        solve_problem(ridge.but(penalty=2 * ridge.penalty), store=tmp_path, alpha=[1.0, 2.0], lam=0.1, **OTHER)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="a folder that can be written"):
        solve_problem("ridge", store=tmp_path / "file", alpha=1.0, lam=0.1, **OTHER)


@pytest.mark.parametrize("problem", ["lasso", lasso.but(penalty=2 * lasso.penalty)])
def test_on_dask_it_is_the_same_to_the_last_digit(problem, tmp_path):
    distributed = pytest.importorskip("distributed")
    plain = solve_problem(problem, **AT)
    with distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=":0",
                                  scheduler_kwargs={"dashboard": False}) as cluster:
        shared = solve_problem(problem, scheduler=cluster.scheduler_address, store=tmp_path, **AT)
    assert shared.identical(plain)
    assert len(list(tmp_path.glob("block-*.npz"))) == 8


def test_schedulers_are_checked():
    with pytest.raises(InputError, match="local:K with K processes"):
        in_blocks(solve.solve_text, ("ridge", "numpy", ""), [{}], "local:none", None)
    pytest.importorskip("distributed")
    with pytest.raises(InputError, match="the address of a running Dask scheduler"):
        in_blocks(solve.solve_text, ("ridge", "numpy", ""), [{}], "nowhere", None)


@pytest.mark.slow
def test_local_processes(tmp_path):
    assert solve_problem("lasso", scheduler="local:2", store=tmp_path, **AT).identical(solve_problem("lasso", **AT))


def dies(part):
    os._exit(part["code"])


def test_a_process_that_dies_is_told():
    with pytest.raises(InputError, match="processes that live until their work is done"):
        in_blocks(dies, (), [{"code": np.array(3)}], "local:1", None)
