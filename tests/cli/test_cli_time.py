"""The commands of training in time: values of the library, files, and messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

import vaesym
from vaesym.cli import main

DYNAMICS = ["dynamics", "--alpha", "2", "--beta", "0.3,1", "--lam", "0.2", "--time", "0:4:5"]
ONLINE = ["online", "--beta", "1", "--time", "0:20:5", "--schedule", "linear:5", "--averaged"]


def test_json_holds_the_values_of_the_library(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*DYNAMICS, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    start = {"signal": 0.1, "decoder": 0.1, "encoder": 0.1, "D": 1.0}
    expected = vaesym.gradient_flow(np.linspace(0, 4, 5), 2.0, [0.3, 1.0], lam=0.2, start=start)
    assert record["dims"] == ["beta", "time"]
    assert record["Q"] == expected.Q.values.tolist()
    assert record["parameters"] == {"alpha": 2.0, "lam": 0.2, "rho": 1.0, "eta": 1.0}
    assert main([*ONLINE, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    first = {"Q": 0.1**2 + 0.1, "E": 0.1, "R": 0.0, "m": 0.1, "d": 0.0, "D": 1.0}
    online = vaesym.online_dynamics(np.linspace(0, 20, 5), 1.0, lam=0.0, rate=0.2, variance_rate=0.2, start=first,
                                    sampled=False, schedule="linear:5")
    assert record["m"] == online.m.values.tolist()
    assert record["annealed_beta"] == [0.0, 1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize("command", [DYNAMICS, ONLINE], ids=["dynamics", "online"])
def test_files(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert main([*command, "--output", str(tmp_path / "x.png")]) == 0
    assert matplotlib.image.imread(tmp_path / "x.png")[..., :3].std() > 0.05
    assert main([*command, "--output", str(tmp_path / "x.csv")]) == 0
    assert len((tmp_path / "x.csv").read_text().splitlines()) == (11 if command is DYNAMICS else 6)
    assert ("grows or decays" in capsys.readouterr().out) is (command is ONLINE)


@pytest.mark.parametrize(("arguments", "words"), [
    (["dynamics", "--alpha", "2", "--beta", "1", "--lam", "0.2"], "--output FILE or --json"),
    ([*DYNAMICS[:-1], "2:1:3", "--json"], "ascending"),
    ([*DYNAMICS, "--decoder", "-1", "--json"], ">= 0"),
    ([*DYNAMICS[:-1], "1", "--output", "x.png"], "two times or more"),
    (["online", "--beta", "1", "--schedule", "sudden:1", "--json"], "linear, tanh, cyclical"),
    (["online", "--beta", "1", "--decoder", "-0.1", "--json"], "decoder >= 0"),
])
def test_bad_input_ends_with_one_message(refused: Callable[..., str], arguments: list[str], words: str) -> None:
    assert words in refused(*arguments)
