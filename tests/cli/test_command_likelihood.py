"""``vaesym advise --likelihood``: report, JSON, exit codes and refused options."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import vaesym
from vaesym.cli import main

ARGUMENTS = ["advise", "digits", "--likelihood", "bernoulli", "--latents", "2"]
THRESHOLDS = vaesym.collapse_thresholds("digits", likelihood="bernoulli", latents=2).thresholds


def record(capsys: pytest.CaptureFixture[str], *options: str, code: int = 0) -> Any:
    assert main([*ARGUMENTS, "--json", *options]) == code
    return json.loads(capsys.readouterr().out, parse_constant=pytest.fail)


def words(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main([*ARGUMENTS, *options]) == 0
    output = capsys.readouterr().out
    assert max(len(line) for line in output.splitlines()) <= 80
    return " ".join(output.split())


def test_report(capsys: pytest.CaptureFixture[str]) -> None:
    text = words(capsys)
    assert f"stable from β = {THRESHOLDS[0]:.4g} on" in text
    assert f"further latents at β = {THRESHOLDS[1]:.4g}" in text
    assert "3 features never vary" in text
    assert "β*sum_latents KL" in text
    assert "Assumptions" in text
    assert "not everything collapses" in words(capsys, "--beta", "3.3")
    assert "At β = 3.4 all latents collapse" in words(capsys, "--beta", "3.4")


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = record(capsys)
    assert found["thresholds"] == found["collapse_weights"] == list(THRESHOLDS)
    assert (found["kl_weight"], found["effective_beta"], found["fully_collapsed"]) == (None, None, None)
    found = record(capsys, "--reconstruction", "mean", "--kl", "mean", "--reconstruction-weight", "2", "--beta", "0.2")
    # Per feature and latent: β = w N / (a M).
    assert found["effective_beta"] == pytest.approx(0.2 * 64 / (2 * 2))
    assert found["full_collapse_weight"] == pytest.approx(THRESHOLDS[0] * 2 * 2 / 64)
    assert found["fully_collapsed"] is False
    assert found["loss"] == "2*mean_features BCE(x, xhat) + 0.2*mean_latents KL"


def test_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert record(capsys, "--beta", "3.3", "--fail-on-collapse")["fully_collapsed"] is False
    assert record(capsys, "--beta", "3.4", "--fail-on-collapse", code=3)["fully_collapsed"] is True
    assert main([*ARGUMENTS, "--beta", "3.4", "--fail-on-collapse"]) == 3
    assert capsys.readouterr().err == "All latents collapse at β = 3.4.\n"


def test_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file of small whole numbers as bytes is not scaled, and both dispersions are told."""
    rng = np.random.default_rng(0)
    counts = rng.poisson(rng.gamma(1.5, 2.0, (200, 1)), (200, 6)).astype(np.uint8)
    np.save(tmp_path / "counts.npy", counts)
    command = ["advise", str(tmp_path / "counts.npy"), "--latents", "2", "--likelihood"]
    for likelihood, options in (("poisson", {}), ("negative_binomial", {}), ("negative_binomial", {"dispersion": 2.5})):
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        assert main([*command, likelihood, "--json", *words]) == 0
        found = json.loads(capsys.readouterr().out)
        expected = vaesym.collapse_thresholds(counts, likelihood=likelihood, latents=2, **options)
        assert found["thresholds"] == pytest.approx(list(expected.thresholds))
    assert main([*command, "negative_binomial", "--dispersion", "2.5"]) == 0
    assert "dispersion r = 2.5" in capsys.readouterr().out
    assert main([*command, "negative_binomial", "--dispersion", "learned"]) == 0
    assert "dispersion r from " in capsys.readouterr().out


def test_categories(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An average over features is one over groups."""
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 4, 300)
    table = np.hstack([np.eye(4)[kind], np.eye(2)[(kind + (rng.random(300) < 0.2)) % 2]])
    np.save(tmp_path / "table.npy", table)
    assert main(["advise", str(tmp_path / "table.npy"), "--likelihood", "categorical", "--groups", "4,2",
                 "--reconstruction", "mean", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["groups"] == [4, 2]
    assert len(found["thresholds"]) == 4
    assert found["full_collapse_weight"] == pytest.approx(found["full_collapse"] / 2)
    assert found["loss"] == "1*mean_features CE(x, softmax) + β*sum_latents KL"


REFUSED = [
    (["--noise", "trace"], "--noise"),
    (["--no-center"], "--no-center"),
    (["--intervals", "spiked"], "--intervals"),
    (["--plot", "x.png"], "--plot"),
    (["--beta", "1", "--model", "a:b"], "--model"),
    (["--beta", "1", "--fail-on-collapse", "--allow-collapsed", "1"], "--allow-collapsed"),
    (["--fail-on-collapse"], "--beta beside --fail-on-collapse"), (["--shape", "1x8x8"], "--shape"),
    (["--likelihood", "gaussian", "--shape", "1x8x8"], "--model beside --shape"),
    (["--beta", "-1"], "beta > 0"),
    (["--latents", "62"], "features that vary) = 61"),
    (["--reconstruction", "max"], "reconstruction as 'sum' or 'mean'"),
    (["--likelihood", "unknown"], "likelihood as one of gaussian, bernoulli"),
    (["--likelihood", "poisson", "--plot", "x.png"], "--likelihood poisson"),
    (["--dispersion", "2"], "dispersion with likelihood negative_binomial"),
    (["--likelihood", "gaussian", "--groups", "64"], "groups with likelihood categorical"),
    (["--likelihood", "negative_binomial", "--dispersion", "wide"], "dispersion as 'learned' or a number > 0"),
    (["--likelihood", "categorical", "--groups", "3;4"], "groups as whole numbers with commas"),
    (["--likelihood", "categorical", "--groups", "3,4"], "groups that make up the 64 features"),
    (["--likelihood", "categorical", "--groups", "8"], "one-hot groups"),
    (["--likelihood", "laplace"], "an absolute error (L1, Laplace)"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED, ids=[" ".join(options) for options, _ in REFUSED])
def test_refused(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str], options: list[str],
                 message: str) -> None:
    monkeypatch.chdir(tmp_path)
    kept = [word for i in range(2, 6, 2) if ARGUMENTS[i] not in options for word in ARGUMENTS[i:i + 2]]
    assert message in refused(*ARGUMENTS[:2], *kept, *options)
    assert list(tmp_path.iterdir()) == []
