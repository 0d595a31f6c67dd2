"""Published curves: agreement is seen, and so is any other loss, width or formula."""

import csv
import json
from functools import partial

import numpy as np
import pytest
from scipy.special import ndtr

from validation.__main__ import app
from validation.problems import curves

NAME = "ridge_rho=0.5_delta1=0.1_delta2=0.5_lamb=0.05_prob=0.5.csv"
COLUMNS = ["loss", "penalty", "lambda", "probability", "sample_complexity", "V", "m", "q", "b", "test_error",
           "train_loss"]


def state_evolution(alpha, lam, shares, widths):
    """Square loss and weight decay by the equations of arXiv:2106.03791, iterated."""
    v, q, m = 10.0, 0.1, 0.1
    for _ in range(4000):
        stiff, noise, drive = (alpha / (1 + v), alpha * ((1 - m) ** 2 + q) / (1 + v) ** 2, alpha * (1 - m) / (1 + v))
        below = lam + stiff * widths
        new = (shares @ (widths / below), shares @ (widths * (widths * noise + drive**2) / below**2),
               shares @ (drive / below))
        v, q, m = (0.9 * old + 0.1 * after for old, after in zip((v, q, m), new, strict=True))
    return v, m, q, 0.0, ndtr(-m / np.sqrt(q)), ((1 - m) ** 2 + q) / (2 * (1 + v) ** 2)


@pytest.fixture
def folder(tmp_path):
    def write(name=NAME, **change):
        with (tmp_path / name).open("w", newline="") as stream:
            rows = csv.DictWriter(stream, COLUMNS)
            rows.writeheader()
            for alpha in (0.3, 1.0, 2.5):
                found = state_evolution(alpha, 0.05, np.array([0.5, 0.5]), np.array([0.1, 0.5]))
                row = dict(zip(COLUMNS, ["square", "l2", 0.05, 0.5, alpha, *found], strict=True))
                rows.writerow(row | change)
        (tmp_path / "sim_of_something.csv").write_text("not read")
        return tmp_path
    return write


@pytest.fixture
def run(ended):
    return partial(ended, app, "curves")


def test_curves_agree(run, folder):
    done = run(folder(), "--json")
    assert done.returncode == 0, done.stderr
    (one,) = json.loads(done.stdout)["curves"]
    assert (one["points"], one["solved"]) == (3, 3)
    assert max(one["gaps"].values()) < 1e-8
    assert "1 of 1 curves" in run(folder()).stdout


@pytest.mark.parametrize("wrong", [
    lambda patch: patch.setitem(curves.LOSSES, "square", 2 * curves.square),
    lambda patch: patch.setitem(curves.PENALTIES, "l2", 2 * curves.PENALTIES["l2"]),
    lambda patch: patch.setitem(curves.LOSSES, "square", curves.hinge),
])
def test_another_loss_or_penalty_does_not_agree(run, folder, monkeypatch, wrong):
    wrong(monkeypatch)
    done = run(folder())
    assert done.returncode == 1
    assert "0 of 1 curves" in done.stdout


@pytest.mark.parametrize("name", [NAME.replace("delta1=0.1", "delta1=0.11"), NAME.replace("rho=0.5", "rho=0.6")])
def test_other_widths_do_not_agree(run, folder, name):
    assert run(folder(name)).returncode == 1


def test_other_numbers_do_not_agree(run, folder):
    assert run(folder(train_loss=0.1)).returncode == 1


@pytest.mark.parametrize(("name", "change", "words"), [
    ("ridge.csv", {}, "whose name says rho="),
    (NAME, {"loss": "cubic"}, "one loss of square"),
    (NAME, {"penalty": "l3"}, "one penalty of l2"),
    (NAME, {"probability": 0.4}, "clusters of one size"),
    (NAME, {"m": "much"}, "a published curve"),
])
def test_bad_files_are_refused(run, folder, name, change, words):
    done = run(folder(name, **change))
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())


def test_an_empty_folder_is_refused(run, tmp_path):
    assert run(tmp_path).returncode == 2
