"""``vaesym scan``: the report, JSON, files, bad input, and an interrupt that can be gone on from."""

import json
import shlex

import numpy as np
import pytest

from vaesym.cli import main

pytest.importorskip("torch")

TINY = shlex.split("--latents 2 --hidden 8 --epochs 2 --batch 40")


@pytest.fixture
def file(tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", 2 * rng.normal(size=(80, 1)) * np.ones(4) + rng.normal(size=(80, 4)))
    return str(tmp_path / "x.npy")


def test_report_is_a_page_of_80_columns(file, capsys):
    assert main(["scan", file, *TINY]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert max(map(len, out.splitlines())) <= 80
    assert len(out.splitlines()) < 50
    assert "72 samples to train on, 8 held out, 4 features" in out


def test_json_and_files(file, tmp_path, capsys):
    for name in ("scan.png", "scan.nc", "scan.csv"):
        assert main(["scan", file, *TINY, "--json", "--output", str(tmp_path / name)]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["output"] == str(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1000
    assert len(found["training"]["rate"]) == len(found["beta"]) == 48
    assert (tmp_path / "scan.csv").read_text().splitlines()[0].startswith("beta,seed,part,latent,kl")


def test_an_interrupted_scan_goes_on(file, tmp_path, capsys, monkeypatch):
    from vaesym.cli import scan

    kept = str(tmp_path / "scan.pt")

    def stop(self, done, total):
        if done == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(scan._Thousandths, "__call__", stop)
        assert main(["scan", file, *TINY, "--checkpoint", kept]) == 130
    err = capsys.readouterr().err
    assert err.strip() == f"Interrupted: the training stopped; the same command goes on from {kept}."
    assert main(["scan", file, *TINY, "--checkpoint", kept, "--json"]) == 0
    resumed = json.loads(capsys.readouterr().out)
    assert main(["scan", file, *TINY, "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert resumed["training"] == whole["training"]


@pytest.mark.parametrize(("words", "said"), [
    ("--hidden wide", "hidden as whole numbers"), ("--shape 28", "shape as"), ("--beta 3", "beta as a range"),
    ("--likelihood cauchy", "likelihood as one of"), ("--variance free", "'learned'"), ("--latents 0", "latents >= 1"),
    ("--output x.txt", "an output file ending"), ("--condition none.npy", "a readable"),
    ("--device abacus", "a device"),
    ("--network resnet", "network as one of"), ("--seed -1", "seed as a whole number")])
def test_bad_input_is_one_message(file, refused, words, said):
    assert said in refused("scan", file, "--epochs", "1", *shlex.split(words))


def test_condition_by_labels_and_by_numbers(file, tmp_path, capsys):
    for values in (np.arange(80)[:, None] % 2, np.random.default_rng(0).normal(size=(80, 2))):
        np.save(tmp_path / "c.npy", values)
        assert main(["scan", file, *TINY, "--condition", str(tmp_path / "c.npy"), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["latents"] == 2
