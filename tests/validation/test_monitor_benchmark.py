"""The benchmark of the monitor: what counts as passed, and that it runs. How long it takes is not tested."""

import dataclasses
import json

import pytest
import typer

pytest.importorskip("torch")

from validation.benchmarks import monitor

TINY = monitor.Case("tiny", "digits", 2, 1.0, 5e-3, 300, hidden=8, batch=16)
HEALTHY = dataclasses.replace(TINY, name="healthy", beta=0.1, healthy=True)


def outcome(case, collapsed, named, alerts=(), expected=2):
    return monitor.Outcome(case, 1, expected, collapsed, named, alerts, 1.0)


def test_exactly_the_collapsed_latents_must_be_named():
    assert outcome(TINY, (0, 1), (0, 1)).passed
    assert not outcome(TINY, (0, 1), (0,)).passed
    assert not outcome(TINY, (0,), (0, 1)).passed
    assert outcome(TINY, (), ()).passed
    assert not outcome(TINY, (), ()).counts
    assert outcome(TINY, (), (1,)).counts
    assert outcome(HEALTHY, (), ()).counts


def test_a_healthy_training_must_be_healthy_and_silent():
    assert outcome(HEALTHY, (), ()).passed
    assert not outcome(HEALTHY, (), (), ("an alert",)).passed
    assert not outcome(HEALTHY, (1,), ()).passed
    assert not outcome(HEALTHY, (), (), expected=1).passed


def test_json_and_exit_code(monkeypatch, capsys):
    monkeypatch.setattr(monitor, "CASES", (TINY, HEALTHY))
    monkeypatch.setattr(monitor, "overhead", lambda every=None: 0.5 if every else 0.001)
    with pytest.raises(typer.Exit) as caught:
        monitor.main(seeds=1, first_seed=0, as_json=True)
    record = json.loads(capsys.readouterr().out)
    assert [row["case"]["name"] for row in record["trainings"]] == ["tiny", "healthy"]
    assert record["trainings"][0]["expected_active"] == 0
    assert record["trainings"][1]["expected_active"] == 2
    assert caught.value.exit_code == (0 if all(row["passed"] for row in record["trainings"]) else 1)


def test_too_dear_fails(monkeypatch, capsys):
    passed = outcome(TINY, (0,), (0,))
    monkeypatch.setattr(monitor, "CASES", (TINY, HEALTHY))
    monkeypatch.setattr(monitor, "watch", lambda case, seed: dataclasses.replace(
        passed, case=case, collapsed=() if case.healthy else (0,), named=() if case.healthy else (0,)))
    for cost, code in ((0.001, 0), (0.02, 1)):
        monkeypatch.setattr(monitor, "overhead", lambda every=None, cost=cost: cost)
        with pytest.raises(typer.Exit) as caught:
            monitor.main(seeds=2, first_seed=0, as_json=False)
        assert caught.value.exit_code == code
    assert "tiny: 100% passed" in capsys.readouterr().out


def test_bad_input_ends_with_a_message(capsys):
    with pytest.raises(typer.Exit) as caught:
        monitor.main(seeds=0, first_seed=0, as_json=False)
    assert caught.value.exit_code == 2
    assert "seeds >= 1" in capsys.readouterr().err
