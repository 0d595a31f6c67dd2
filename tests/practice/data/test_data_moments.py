"""One pass over data that need not fit in memory, and leading eigenvalues without the covariance."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse.linalg import ArpackNoConvergence

import vaesym
from vaesym.practice.data import iterative
from vaesym.practice.data.decomposition import chosen_solver, decompose
from vaesym.practice.data.matrix import check_form, chunk_length, row_chunks
from vaesym.practice.data.moments import moments
from vaesym.practice.data.spectrum import noise_level

RNG = np.random.default_rng(8)
LONG = (RNG.normal(size=(9000, 12)) @ RNG.normal(size=(12, 12)) + 30).astype(np.float32)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "g", "i2", "u1", "u2", "i8", "?"])
@pytest.mark.parametrize("center", [True, False])
def test_sums_over_chunks_are_the_covariance(dtype: str, center: bool) -> None:
    data = (LONG > 30 if dtype == "?" else np.abs(LONG)).astype(dtype)
    exact = data.astype(np.longdouble)
    exact -= exact.mean(axis=0) if center else 0
    wanted = (exact.T @ exact / len(data)).astype(np.float64)
    found = moments(data, center=center)
    np.testing.assert_allclose(found.product, wanted, rtol=1e-11, atol=1e-12 * wanted.max())
    np.testing.assert_allclose(found.kept, exact.astype(np.float64), atol=1e-10)
    assert (found.n_samples, found.n_features, found.varying) == (9000, 12, 12)


def test_thresholds_of_float32_far_from_zero_keep_six_digits() -> None:
    # The mean is 3000 standard deviations away, the first chunk is unlike the rest, and 24 bits still hold the data.
    data = LONG.astype(np.float64) + 1e4
    data[:5000] -= 50
    single = data.astype(np.float32)
    exact = single.astype(np.longdouble)
    exact -= exact.mean(axis=0)
    wanted = np.linalg.eigvalsh((exact.T @ exact / len(single)).astype(np.float64))[::-1]
    found = [latent.collapse_weight for latent in vaesym.advise(single, intervals=None).latents]
    np.testing.assert_allclose(found, wanted[:10], rtol=1e-9)


def test_columns_that_do_not_vary_are_counted_over_all_chunks() -> None:
    data = LONG.astype(np.float64)
    data[:, 3] = 0.1
    data[:, 4] = 0.1
    data[8000, 4] = 0.3
    assert moments(data).varying == 11
    assert moments((data * 3).astype(np.uint8)).varying == 10


def test_fewer_samples_than_features_in_blocks_of_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    data = RNG.normal(size=(7, 50)) + 5
    data[:, 20] = 1.0
    monkeypatch.setattr("vaesym.practice.data.moments.chunk_length", lambda samples: 8)
    found = moments(data)
    centred = data - data.mean(axis=0)
    np.testing.assert_allclose(found.product, centred @ centred.T / 7, rtol=1e-12)
    assert found.varying == 49


def test_kept_samples_are_a_seeded_subset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vaesym.practice.data.moments._KEPT_BYTES", 8 * 12 * 300)
    first, again, other = (moments(LONG, seed=seed).kept for seed in (0, 0, 1))
    rows = {row.tobytes() for row in (LONG.astype(np.float64) - LONG.mean(axis=0, dtype=np.float64)).round(9)}
    assert len(first) == len({row.tobytes() for row in first}) == 300
    assert all(row.tobytes() in rows for row in first.round(9))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("kind", ["file", "memory map", "part of a memory map", "copy on write"])
def test_memory_maps_give_what_arrays_give(tmp_path: Path, kind: str) -> None:
    np.save(tmp_path / "x.npy", LONG)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="c" if kind == "copy on write" else "r")
    wanted: Any = LONG
    if kind == "copy on write":
        mapped[8999] += 100
        wanted = np.array(mapped)
    if kind == "part of a memory map":
        mapped, wanted = mapped[1:], LONG[1:]
    found = vaesym.advise(tmp_path / "x.npy" if kind == "file" else mapped, beta=2.0)
    np.testing.assert_array_equal(found.eigenvalues, vaesym.advise(wanted, beta=2.0).eigenvalues)


def test_a_memory_map_does_not_stay_in_memory(tmp_path: Path) -> None:
    script = f"""
import resource, sys
import numpy as np
import vaesym
path = {str(tmp_path / "x.npy")!r}
rows = np.random.default_rng(0).normal(size=(20_000, 50)).astype(np.float32)
with open(path, "wb") as stream:
    np.lib.format.write_array_header_1_0(stream, dict(descr="<f4", fortran_order=False, shape=(1_000_000, 50)))
    for _ in range(50):
        stream.write(rows.tobytes())
vaesym.advise(rows)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
vaesym.advise(path)
vaesym.advise(np.load(path, mmap_mode="r"))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**10)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    # The file has 200 MB; 33 MB of samples are kept, with their squares and a chunk beside them.
    assert float(done.stdout) < 150


def test_faults_are_found_in_the_same_pass() -> None:
    for bad, words in ((np.nan, "1 of 108000 values NaN"), (np.inf, "row 8500, column 7"), (1e200, "overflows")):
        for solver in ("full", "top"):
            data = LONG.astype(np.float64)
            data[8500, 7] = bad
            with pytest.raises(vaesym.InputError, match=words):
                decompose(data, 2, solver=solver)
    with pytest.raises(vaesym.InputError, match="equal rows"):
        decompose(np.full((5000, 3), 0.1), 1)
    with pytest.raises(vaesym.InputError, match="too small"):
        decompose(np.array([[0.0, 1.0], [1e-200, 1.0]]), 1)


def test_progress_counts_every_row_once() -> None:
    told: list[int] = []
    moments(LONG, advance=told.append)
    assert sum(told) == len(LONG)
    assert len(list(row_chunks(LONG))) == -(-len(LONG) // chunk_length(12)) == len(told)


@pytest.mark.parametrize("shape", [(600, 300), (200, 500)])
@pytest.mark.parametrize("center", [True, False])
def test_leading_eigenvalues_are_those_of_the_full_solver(shape: tuple[int, int], center: bool) -> None:
    data = np.random.default_rng(2).normal(size=shape) * np.geomspace(9, 0.5, shape[1]) + 1e3
    full, top = (decompose(data, 6, scaling=0.5, center=center, solver=solver) for solver in ("full", "top"))
    np.testing.assert_allclose(top.spectrum.eigenvalues[:6], full.spectrum.eigenvalues[:6], rtol=1e-8)
    assert top.spectrum.trace == pytest.approx(full.spectrum.total_variance)
    assert top.spectrum.alpha == full.spectrum.alpha
    chosen = len(top.scores)
    np.testing.assert_allclose((top.scores**2).mean(axis=0), (full.scores**2).mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(top.energies.mean(), full.energies.mean())
    assert chosen == len(full.scores)


def test_leading_eigenvalues_without_a_gap_keep_the_documented_accuracy() -> None:
    data = np.random.default_rng(2).normal(size=(500, 400))
    full, top = (decompose(data, 5, solver=solver).spectrum.eigenvalues[:5] for solver in ("full", "top"))
    np.testing.assert_allclose(top, full, rtol=2e-9)


def test_noise_of_the_trace_is_that_of_spiked_data() -> None:
    rng, found = np.random.default_rng(4), []
    for _ in range(20):
        data = rng.normal(size=(400, 200))
        data[:, :3] += rng.normal(size=(400, 3)) * [5, 3, 2]
        found.append(noise_level(decompose(data, 4, center=False, solver="top").spectrum, "trace"))
    # The trace of the noise has a relative deviation of √(2/(NP)); the debiased signals add about as much.
    assert abs(np.mean(found) - 1) < 4 * np.std(found, ddof=1) / np.sqrt(20)
    assert np.std(found) < 0.02


def test_solvers_are_chosen_by_size_and_by_name() -> None:
    small, large = np.empty((50, 9)), np.broadcast_to(0.0, (9000, 8001))
    assert [chosen_solver("auto", data) for data in (small, large, large[:8000])] == ["full", "top", "full"]
    assert [chosen_solver(name, small) for name in ("top", "full")] == ["top", "full"]
    with pytest.raises(vaesym.InputError, match="auto, full, top"):
        vaesym.advise(LONG, solver="best")


def test_advice_from_the_top_says_what_it_does_not_know() -> None:
    rng = np.random.default_rng(4)
    data = rng.normal(size=(600, 90))
    data[:, :3] += rng.normal(size=(600, 3)) * [5, 4, 3]
    full, top, few = (vaesym.advise(data, latents=k, beta=2.0, solver=solver)
                      for k, solver in ((4, "full"), (4, "top"), (2, "top")))
    assert (top.solver, top.misfit, top.spiked, top.noise_method) == ("top", None, False, "trace")
    assert "noise level from the trace" in top.notes[-1]
    assert (top.signals, top.signals_complete, few.signals, few.signals_complete) == (3, True, 3, False)
    assert top.noise == pytest.approx(full.noise, rel=0.05)
    assert top.learned_variance.variance == pytest.approx(full.learned_variance.variance)
    with pytest.raises(vaesym.InputError, match="--noise trace"):
        vaesym.advise(data, solver="top", noise="0.9")


def test_iterations_that_do_not_converge_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*arguments: Any, **options: Any) -> None:
        raise ArpackNoConvergence("No convergence", np.empty(0), np.empty((0, 0)))

    monkeypatch.setattr(iterative, "eigsh", give_up)
    with pytest.raises(vaesym.InputError, match="--solver full"):
        decompose(LONG, 2, solver="top")


def test_form_is_checked_without_reading() -> None:
    holes = np.full((5, 2), np.nan)
    assert check_form(holes) is holes
