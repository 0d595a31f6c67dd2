"""The benchmark of the scan: that it runs, goes on where it was, and what counts as passed."""

import json

import pytest
import typer

pytest.importorskip("torch")

from validation.benchmarks import scan
from validation.benchmarks.scan import Outcome, judged, passed


def outcome(loss, kl=2.0, active=4):
    return Outcome(1.0, 0, loss, kl, active, 1.0)


def test_what_counts_as_passed():
    other = outcome(10.0)
    assert passed(outcome(10.0), other)
    assert passed(outcome(9.0, 1.0, 1), other)
    assert passed(outcome(10.09, 1.0, 1), other)
    assert not passed(outcome(10.2), other)
    assert not passed(outcome(10.01, 2.2), other)
    assert not passed(outcome(10.01, 2.0, 6), other)


def test_it_runs_and_goes_on(tmp_path, capsys, monkeypatch):
    options = {"data": "digits", "latents": 2, "betas": "20,100", "epochs": 1, "seeds": 1, "samples": 256, "threads": 1,
               "as_json": True, "plain": True}
    with pytest.raises(typer.Exit):
        scan.main(tmp_path, **options)
    first = json.loads(capsys.readouterr().out)
    assert [row["side"] for row in first["rows"]] == ["scan"] * 2 + ["scale and shift"] * 2 + ["apart"] * 2
    monkeypatch.setattr(scan, "apart", None)
    monkeypatch.setattr(scan, "scanned", None)
    assert all(row["losses"][-1] == pytest.approx(row["loss"]) for row in first["rows"] if row["side"] == "apart")
    with pytest.raises(typer.Exit):
        scan.main(tmp_path, **options)
    assert json.loads(capsys.readouterr().out) == first
    assert judged(first["rows"])["cost"] == first["cost"]
    for wrong, words in (({"betas": "a"}, "betas as a list"), ({"latents": 3}, "of this very comparison"),
                         ({"network": "resnet"}, "network as one of")):
        with pytest.raises(typer.Exit):
            scan.main(tmp_path, **(options | wrong))
        assert words in capsys.readouterr().err
