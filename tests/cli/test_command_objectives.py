"""``vaesym advise`` with other objectives, conditions, scales: the numbers of Python, and a sentence for bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import vaesym
from vaesym.cli import main

X = np.random.default_rng(0).normal(size=(200, 6)) * [4, 3, 2, 1, 1, 1]
LABELS = np.random.default_rng(1).integers(0, 2, 200)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", X)
    np.savetxt("labels.csv", LABELS, fmt="%d")
    Path("mine.py").write_text("class M:\n    def encode(self, x): return x[:, 0, 0], x[:, 0, 0]\n"
                               "    def decode(self, z): return z\n")
    return tmp_path


def asked(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, object]:
    assert main(["advise", "x.npy", "--latents", "3", "--json", *options]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("options", "arguments"), [
    (["--target-kl", "2"], {"target_kl": 2.0}), (["--free-bits", "0.2"], {"free_bits": 0.2}),
    (["--noise-scale", "0.5", "--beta", "2"], {"noise_scale": 0.5, "beta": 2.0}),
    (["--condition", "labels.csv"], {"condition": LABELS}), (["--standardise"], {"standardise": True}),
    (["--sigma", "0.1"], {"loss": vaesym.LossScale(sigma=0.1, batch_factor=1.0)}),
    (["--batch-factor", "32", "--no-kl-half"], {"loss": vaesym.LossScale(batch_factor=32.0, kl_half=False)})])
def test_options_are_the_arguments_of_python(folder: Path, capsys: pytest.CaptureFixture[str], options: list[str],
                                             arguments: dict[str, object]) -> None:
    loss = arguments.pop("loss", None)
    found = asked(capsys, *options)
    expected = vaesym.advise("x.npy", latents=3, **arguments) if loss is None else vaesym.advise("x.npy", latents=3)
    if loss is None:
        assert found == json.loads(json.dumps({**expected.to_dict()}))
    else:
        sizes = {"n_features": 6, "n_latents": 3}
        assert [latent["collapse_weight"] for latent in found["latents"]] == pytest.approx(
            [loss.kl_weight_for(latent.eigenvalue, **sizes) for latent in expected.latents])


def test_the_report_fits_eighty_columns_and_points_to_scan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "x.npy", "--latents", "3", "--beta", "2", "--target-kl", "2", "--free-bits", "0.2",
                 "--condition", "labels.csv", "--standardise"]) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    words = " ".join(text.split())
    assert "vaesym scan DATA --latents M" in words
    assert "KL = 2 nats: β = " in words
    assert "0.2 free nats for each latent: none collapses." in words


@pytest.mark.parametrize(("options", "words"), [
    (["--target-kl", "0"], "target_kl, in nats > 0"), (["--target-kl", "x"], "'--target-kl'"),
    (["--free-bits", "-1"], "free_bits, in nats > 0"), (["--noise-scale", "2"], "noise_scale <= 1.414"),
    (["--noise-scale", "0.5", "--free-bits", "1"], "one of them at a time"),
    (["--condition", "none.csv"], "none.csv"), (["--condition", "x.npy"], "samples"),
    (["--sigma", "0"], "sigma > 0"), (["--sigma", "1", "--reconstruction-weight", "3"], "sigma alone"),
    (["--batch-factor", "0"], "batch_factor > 0"),
    (["--model", "mine.py:M", "--beta", "1", "--shape", "1xa"], "--shape as whole numbers"),
    (["--model", "mine.py:M", "--beta", "1", "--shape", "1x2x2"], "a shape of 6 numbers"),
    (["--model", "mine.py:M", "--beta", "1"], "--shape 1x28x28"),
    (["--model", "mine.py:M", "--beta", "1", "--standardise"], "--model on data as they are"),
    (["--model", "mine.py:M", "--beta", "1", "--noise-scale", "0.5"], "--model alone; received --noise-scale"),
    (["--model", "mine.py:M", "--beta", "1", "--free-bits", "0.5"], "--model alone; received --free-bits"),
    (["--likelihood", "bernoulli", "--target-kl", "1"], "--target-kl"),
    (["--likelihood", "vq"], "a quantised latent"), (["--likelihood", "zinb"], "zero inflation"),
    (["--likelihood", "perceptual"], "Cov(phi(x))"),
    (["--likelihood", "text"], "an autoregressive decoder")])
def test_bad_input_is_one_sentence(folder: Path, refused: Callable[..., str], options: list[str], words: str) -> None:
    if options == ["--condition", "x.npy"]:
        np.save("x.npy", np.zeros((3, 3)) + np.arange(3))
        options = ["--condition", "labels.csv"]
    assert words in refused("advise", "x.npy", *options)


def test_paragraphs_of_the_help_are_not_broken_by_hand(capsys: pytest.CaptureFixture[str],
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("TERMINAL_WIDTH", "300")
    assert main(["advise", "--help"]) == 0
    assert "Intervals say where another data set of this kind and size would put a number." in capsys.readouterr().out
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert text.index(" advise ") < text.index(" solve ")


def test_the_help_puts_options_together_and_cuts_none(capsys: pytest.CaptureFixture[str],
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    assert main(["advise", "--help"]) == 0
    text = capsys.readouterr().out
    panels = ["Options", "Your loss", "Other objectives and models", "How it is computed", "Switches"]
    places = [text.index(f"╭─ {panel} ─") for panel in panels]
    assert places == sorted(places)
    assert "…" not in text.replace("codes 0, │", "").replace("1, … if not given", "")
    assert len(text.splitlines()) < 125
