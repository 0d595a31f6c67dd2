"""Bad input is refused before any work, in three parts."""

import numpy as np
import pytest
from runner_fakes import ChaosTask, chaos_experiment, run_quietly

from vaesym.inputs import InputError
from validation.runner import Block, CheckpointInterval, Experiment

TASK = ChaosTask((0, 1), 5, 1)


@pytest.mark.parametrize("arguments", [{"seconds": 0}, {"seconds": -1.0}, {"seconds": float("nan")}, {"epochs": 0},
                                       {"epochs": -5}, {"epochs": 2.5}, {"seconds": float("inf")}, {"seconds": "60"},
                                       {"seconds": True}])
def test_intervals(arguments):
    with pytest.raises(InputError):
        CheckpointInterval(**arguments)


@pytest.mark.parametrize(("key", "parameters"), [
    ("", {"seed": [0]}), ("../up", {"seed": [0]}), ("a/b", {"seed": [0]}), (".hidden", {"seed": [0]}),
    ("a" * 101, {"seed": [0]}), (7, {"seed": [0]}), ("a", {}), ("a", {"seed": []}), ("a", {"seed": 3}),
    ("a", {"seed": [0, 1], "beta": [1.0]}), ("a", {"run": [0]}), ("a", {"block": ["b"]}), ("a", {"f": [print]}),
])
def test_blocks(key, parameters):
    with pytest.raises(InputError):
        Block(key, parameters, TASK)


@pytest.mark.parametrize("change", [
    {"blocks": []}, {"blocks": [Block("A", {"seed": [0]}, TASK), Block("a", {"seed": [0]}, TASK)]},
    {"blocks": [Block("a", {"seed": [0]}, TASK), Block("b", {"beta": [0]}, TASK)]},
    {"blocks": [Block("a", {"law": [0]}, TASK), Block("b", {"law": ["x"]}, TASK)]},
    {"settings": {"x": np.zeros(3)}}, {"settings": {"x": float("nan")}}, {"settings": {"x": print}},
])
def test_experiments(change):
    with pytest.raises(InputError):
        chaos_experiment(**change)


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan")])
def test_timeout(tmp_path, timeout):
    with pytest.raises(InputError):
        run_quietly(chaos_experiment(), tmp_path / "store", timeout=timeout)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("total", [-1, 2.5, None])
def test_total(tmp_path, total):
    experiment = Experiment("e", "1", {}, [Block("a", {"seed": [0, 1]}, ChaosTask((0, 1), 5, 1))])
    training = experiment.blocks[0].task.start()
    training.total = total
    object.__setattr__(experiment.blocks[0], "task", type("Once", (), {"start": lambda self: training})())
    with pytest.raises(InputError, match="a number of epochs >= 0"):
        run_quietly(experiment, tmp_path)


def test_parameters_are_kept_from_later_changes():
    seeds = np.arange(2)
    block = Block("a", {"seed": seeds}, TASK)
    digest = block.digest()
    seeds[0] = 7
    assert block.digest() == digest
    assert block.digest() != Block("a", {"seed": seeds}, TASK).digest()
    assert block.digest() != Block("a", {"seed": np.arange(2.0)}, TASK).digest()
