"""The command of sparse signals: values of the library, files, and messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import matplotlib.image
import pytest

import vaesym
from vaesym.cli import main

SPARSE = ["sparse", "--share", "0.01", "--alpha", "0.8,4", "--beta", "0.8,1", "--penalty", "0.5,1"]


def test_figure_and_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ["--store", str(tmp_path / "runs")]
    assert main([*SPARSE, *store, "--output", str(tmp_path / "x.png")]) == 0
    said = capsys.readouterr().out
    assert "recovery of a sparse signal, 8 points" in said
    assert "deeper than collapse with less error than weight decay: alpha from 0.8 to 4" in " ".join(said.split())
    assert matplotlib.image.imread(tmp_path / "x.png")[..., :3].std() > 0.05
    assert main([*SPARSE, *store, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    expected = vaesym.sparse_recovery([0.8, 4.0], beta=[0.8, 1.0], penalty=[0.5, 1.0], share=0.01,
                                      store=tmp_path / "runs")
    assert record["dims"] == ["alpha", "beta", "penalty"]
    assert record["best_error"] == expected.best_error.values.tolist()
    assert record["recovery"] == expected.recovery.values.tolist()


def test_messages(refused: Callable[..., str]) -> None:
    assert "share in (0, 1]" in refused(*SPARSE[:2], "3", *SPARSE[3:], "--json")
    assert "penalty > 0" in refused(*SPARSE[:-1], "0", "--json")
