"""``vaesym solve`` and ``sweep``: unlimited data, unequal signals, decoder variance and backends."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vaesym
from vaesym.cli import main
from vaesym.linear_vae.point.solution import FIELDS

POINT = ["--alpha", "2", "--beta", "1", "--lam", "1"]


def point(*options: str) -> list[str]:
    """The point, with what the options change of it."""
    kept = [(name, value) for name, value in zip(POINT[::2], POINT[1::2], strict=True) if name not in options]
    return [*(word for pair in kept for word in pair), *options]


def solved(capsys: pytest.CaptureFixture[str], *options: str) -> Any:
    assert main(["solve", *point(*options), "--json"]) == 0
    return json.loads(capsys.readouterr().out, parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))


def test_unlimited_data(capsys: pytest.CaptureFixture[str]) -> None:
    record = solved(capsys, "--alpha", "inf", "--beta", "0.5")
    assert (record["parameters"]["alpha"], record["free_energy"], record["Q"]) == ("inf", "-inf", 1.5)
    assert solved(capsys, "--alpha", "inf", "--beta", "3")["free_energy"] == 0.0
    assert main(["solve", *point("--alpha", "inf")]) == 0
    out = capsys.readouterr().out
    assert "alpha = inf" in out
    assert "Unlimited data" in out
    assert max(map(len, out.splitlines())) <= 80


def test_strengths_and_decoder_variance(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--latents", "3", "--spikes", "1,0.5", "--decoder-variance", "0.5"]
    record = solved(capsys, *options)
    solution = vaesym.solve(2.0, 1.0, lam=1.0, latents=3, spikes=[1.0, 0.5], decoder_variance=0.5)
    assert (record["spikes"], record["spike_strengths"]) == (2, [1.0, 0.5])
    assert record["parameters"]["decoder_variance"] == 0.5
    assert record["Q"] == solution.Q.tolist()
    assert record["free_energy"] == float(solution.free_energy)
    assert main(["solve", *POINT, *options]) == 0
    out = capsys.readouterr().out
    assert "decoder_variance = 0.5" in out
    assert "strength rho times 1, 0.5" in out


@pytest.mark.parametrize("backend", ["numpy", "numba", "torch", "mpmath"])
def test_backends_give_the_same_record(capsys: pytest.CaptureFixture[str], backend: str) -> None:
    pytest.importorskip(backend)
    for change in ([], ["--latents", "2"], ["--alpha", "inf"]):
        expected, record = solved(capsys, *change), solved(capsys, *change, "--backend", backend)
        for name in set(FIELDS) - {"phase", "free_energy"}:
            np.testing.assert_allclose(record[name], expected[name], rtol=1e-12, atol=1e-15, err_msg=name)
        assert record["phase"] == expected["phase"]
        assert record["free_energy"] == expected["free_energy"] or record["free_energy"] == pytest.approx(
            expected["free_energy"], rel=1e-12)


@pytest.mark.parametrize("package", ["torch", "numba"])
def test_a_missing_backend_is_named(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
                                    package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert "pip install 'vaesym[" in refused("solve", *POINT, "--backend", package)
    options = ["--output", str(tmp_path / "x.csv"), "--backend", package]
    assert f"the package {package}" in refused("sweep", *POINT, *options)
