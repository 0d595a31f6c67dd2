"""Published runs: the data are rebuilt draw by draw, disagreement is seen, bad files are refused."""

import csv
import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

import vaesym
from vaesym.inputs import InputError
from validation.__main__ import app
from validation.simulate.data import all_samples
from validation.simulate.runs import Settings
from validation.study.published import ALLOWED, PublishedData, compare, read_published, record

#: The authors' results, kept beside the repository and not in it.
FILE = Path(__file__).parents[4] / "shared" / "data" / "published_runs.csv"
COLUMNS = ["N", "alpha", "P", "seed", "beta", "lambda", "rho", "eta", "epoch", "signal_recovery_error"]
N = 40


def drawn(samples, seed, rho, eta):
    """The data as the authors' code draws them."""
    torch.manual_seed(seed)
    rows = []
    for _ in range(samples):
        c = torch.randn(1, 1)
        n = torch.randn(N, 1)
        rows.append((np.sqrt(rho / N) * c * torch.ones(N, 1) + np.sqrt(eta) * n).flatten())
    return torch.stack(rows).double().numpy()


def error_of(x, beta, lam, rho):
    fitted = vaesym.LinearVAE(1, beta=beta, lam=lam, center=False).fit(x)
    return rho + fitted.Q_[0] - 2 * np.sqrt(rho) * abs(fitted.W_.sum()) / N


def written(folder, shift=0.0):
    path = folder / "runs.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        for i, (samples, seed, beta, lam, rho, eta) in enumerate([(160, 0, 1, 1, 1, 1), (80, 100, 0.5, 0.2, 2, 0.5)]):
            error = error_of(drawn(samples, seed, rho, eta), beta, lam, rho)
            writer.writerow([N, samples / N, samples, seed, beta, lam, rho, eta, 900, f"{error + shift * i:.4f}"])
    return path


@pytest.fixture
def run(ended):
    return partial(ended, app, "published")


def test_data_are_the_authors_draw_by_draw():
    data = PublishedData(N, 1500, strength=2.0, noise=0.5, seed=300)
    expected = drawn(1500, 300, 2.0, 0.5)
    np.testing.assert_allclose(all_samples(data), expected, rtol=1e-6, atol=1e-6)
    assert (np.concatenate(list(data.pieces(7))) == all_samples(data)).all()


def test_agreement_and_training(tmp_path):
    found = record(compare(read_published(written(tmp_path)), Settings(method="lbfgs")))
    assert (found["runs"], found["agree"], found["converged"], found["trained_agree"]) == (2, 2, 2, 2)
    assert found["worst"] < 1e-4
    assert [row["P"] for row in found["rows"]] == [160, 80]


def test_disagreement_is_seen_and_short_training_is_not_called_converged(run, tmp_path):
    found = run(written(tmp_path, shift=3e-3), "--json", "--epochs", 2)
    said = json.loads(found.stdout)
    assert found.returncode == 1
    assert (said["agree"], said["converged"]) == (1, 0)


def test_table_without_training(run, tmp_path):
    found = run(written(tmp_path), "--no-train")
    assert found.returncode == 0
    assert "2 of 2 published errors" in found.stdout
    assert "converged" not in found.stdout


@pytest.mark.parametrize("content", ["", "N,P\n1,2\n", ",".join(COLUMNS) + "\n",
                                     ",".join(COLUMNS) + "\n40,4,x,0,1,1,1,1,9,0.5\n",
                                     ",".join(COLUMNS) + "\n40,4,160,0,-1,1,1,1,9,0.5\n",
                                     ",".join(COLUMNS) + "\n40,4,160\n"])
def test_bad_files_are_refused(run, tmp_path, content):
    path = tmp_path / "bad.csv"
    path.write_text(content)
    with pytest.raises(InputError):
        read_published(path)
    assert run(path).returncode == 2


def test_absent_file_and_bad_options_end_with_2(run, tmp_path):
    assert run(tmp_path / "nowhere.csv").returncode == 2
    for options in (("--device", "tpu"), ("--epochs", 0), ("--precision", "half")):
        assert run(written(tmp_path), *options).returncode == 2


@pytest.mark.skipif(not FILE.is_file(), reason="the published runs are not beside the repository")
def test_all_published_runs_agree_with_the_exact_minimum():
    found = compare(read_published(FILE))
    assert len(found.errors) == 65
    assert np.abs(found.exact - found.errors).max() <= ALLOWED
