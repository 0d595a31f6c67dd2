"""The benchmark of the monitor: what counts as passed, and that it runs. How long it takes is not tested."""

import dataclasses
import json

import numpy as np
import pytest
import typer

pytest.importorskip("torch")

import torch

from vaesym.inputs import InputError
from validation.benchmarks import monitor
from validation.benchmarks.monitor import deaths

TINY = monitor.Case("tiny", "digits", 2, 1.0, 5e-3, 300, hidden=8, batch=16)
HEALTHY = dataclasses.replace(TINY, name="healthy", beta=0.1, healthy=True)


def outcome(case, collapsed, named, alerts=(), expected=2, tenth=None, missed=()):
    tenth = collapsed if tenth is None else tenth
    return monitor.Outcome(case, 1, expected, tenth, collapsed, named, missed, alerts, 1.0)


def test_exactly_the_collapsed_latents_must_be_named():
    assert outcome(TINY, (0, 1), (0, 1)).passed
    assert not outcome(TINY, (0, 1), (0,)).passed
    assert not outcome(TINY, (0,), (0, 1)).passed
    assert outcome(TINY, (), ()).passed
    assert not outcome(TINY, (), ()).counts
    assert outcome(TINY, (), (1,)).counts
    assert outcome(HEALTHY, (), ()).counts


def test_who_comes_back_may_be_named_and_who_dies_later_has_a_tenth():
    returned = outcome(TINY, (0,), (0, 1), tenth=(0, 1))
    assert returned.passed
    assert not returned.exact
    assert outcome(TINY, (0,), (0,), tenth=(0, 1)).passed
    assert not outcome(TINY, (0,), (1,), tenth=(0, 1)).passed
    assert not outcome(TINY, (0,), (0, 1), tenth=(0,)).passed
    assert outcome(TINY, (0, 1), (0,), tenth=(0,)).passed
    assert not outcome(TINY, (0, 1), (0,), tenth=(0,), missed=(1,)).passed
    assert outcome(TINY, (), (), tenth=(1,)).counts


@pytest.mark.parametrize(("died", "found"), [(5, {}), (30, {0: 0.3}), (90, {0: 0.9}), (92, {})])
def test_when_a_latent_died(died, found):
    alive, dead = np.array([[1.0, 1.0], [0.5, 0.5]]), np.array([[0.01, 1.0], [1.0, 0.5]])
    late, end = deaths(np.stack([alive] * died + [dead] * (100 - died)))
    assert late == found
    assert end == (0,)
    # A dip in between is no death.
    assert deaths(np.stack([alive] * 40 + [dead] * 20 + [alive] * 40)) == ({}, ())


def test_a_healthy_training_must_be_healthy_and_silent():
    assert outcome(HEALTHY, (), ()).passed
    assert not outcome(HEALTHY, (), (), ("an alert",)).passed
    assert not outcome(HEALTHY, (1,), ()).passed
    assert not outcome(HEALTHY, (), (), expected=1).passed


def test_side_by_side_a_training_is_what_it_is_alone():
    case = dataclasses.replace(TINY, beta=0.1)
    stack, alone = monitor.Stack(case, (3, 4)), [monitor.Training(case, seed) for seed in (3, 4)]
    states = []
    for place, one in enumerate(alone):
        # What is drawn comes from one generator, which each takes up where its weights left it.
        torch.set_rng_state(stack.random[place].get_state())
        states.append([one.step() for _ in range(40)][-1])
    together = [stack.step() for _ in range(40)][-1]
    for place, (mu, logvar) in enumerate(states):
        torch.testing.assert_close(together[0][place], mu, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(together[1][place], logvar, rtol=1e-4, atol=1e-5)
    assert (states[0][0] - states[1][0]).abs().max() > 0.1


def test_what_is_in_the_folder_is_not_trained_again(tmp_path, monkeypatch):
    trained = []
    monkeypatch.setattr(monitor, "watch", lambda case, seeds: [
        dataclasses.replace(outcome(case, (1,), (1,), ("an alert",)), seed=seed) for seed in seeds
        if trained.append(seed) is None])
    first = monitor.watched(TINY, range(2), tmp_path)
    assert monitor.watched(TINY, range(3), tmp_path)[:2] == first == monitor.watched(TINY, range(2), None)
    assert trained == [0, 1, 2, 0, 1]
    with pytest.raises(InputError, match="name another folder"):
        monitor.watched(dataclasses.replace(TINY, beta=2.0), range(2), tmp_path)


def test_json_and_exit_code(monkeypatch, capsys):
    monkeypatch.setattr(monitor, "CASES", (TINY, HEALTHY))
    monkeypatch.setattr(monitor, "overhead", lambda every=None: 0.5 if every else 0.001)
    with pytest.raises(typer.Exit) as caught:
        monitor.main(seeds=1, first_seed=0, folder=None, as_json=True)
    record = json.loads(capsys.readouterr().out)
    assert [row["case"]["name"] for row in record["trainings"]] == ["tiny", "healthy"]
    assert record["trainings"][0]["expected_active"] == 0
    assert record["trainings"][1]["expected_active"] == 2
    assert caught.value.exit_code == (0 if all(row["passed"] for row in record["trainings"]) else 1)


def test_too_dear_fails(monkeypatch, capsys):
    passed = outcome(TINY, (0,), (0,))
    monkeypatch.setattr(monitor, "CASES", (TINY, HEALTHY))
    monkeypatch.setattr(monitor, "watch", lambda case, seeds: [dataclasses.replace(
        passed, case=case, at_a_tenth=() if case.healthy else (0,), collapsed=() if case.healthy else (0,),
        named=() if case.healthy else (0,)) for _ in seeds])
    for cost, code in ((0.001, 0), (0.02, 1)):
        monkeypatch.setattr(monitor, "overhead", lambda every=None, cost=cost: cost)
        with pytest.raises(typer.Exit) as caught:
            monitor.main(seeds=2, first_seed=0, folder=None, as_json=False)
        assert caught.value.exit_code == code
    assert "trainings that collapse: 2 of 2 passed" in " ".join(capsys.readouterr().out.split())


def test_the_share_has_its_exact_interval_and_leaves_out_what_is_no_test():
    # Clopper and Pearson: 58 of 60 and 60 of 60.
    passed, late = outcome(TINY, (0,), (0,)), outcome(TINY, (0,), ())
    found = monitor.share([passed] * 58 + [late] * 2)
    assert (found["passed"], found["of"], found["exact"]) == (58, 60, 58)
    assert found["low"] == pytest.approx(0.8847, abs=1e-4)
    assert found["high"] == pytest.approx(0.9959, abs=1e-4)
    assert monitor.share([passed] * 60)["low"] == pytest.approx(0.025 ** (1 / 60), rel=1e-6)


def test_bad_input_ends_with_a_message(ended):
    done = ended(monitor.main, "--seeds", 0)
    assert done.returncode == 2
    assert "seeds >= 1" in done.stderr
