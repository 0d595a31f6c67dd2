"""Advice: thresholds, activity, best β, and real data."""

import json
import math

import numpy as np
import pytest

import vaesym
from vaesym import LinearVAE, LossScale, advise
from vaesym.cli.advise import advise as run
from vaesym.practice.advice.outlook import best_effective_beta
from vaesym.practice.data.readers import FASHION_MNIST_FILES, FASHION_MNIST_FOLDER


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    basis = np.linalg.qr(rng.normal(size=(30, 2)))[0]
    return rng.normal(size=(600, 2)) * np.sqrt([8.0, 3.0]) @ basis.T + rng.normal(size=(600, 30)) + 4.0


def test_thresholds_are_where_the_exact_model_collapses(data):
    advice = advise(data, latents=3)
    for i, latent in enumerate(advice.latents):
        above = LinearVAE(3, beta=latent.collapse_weight * 1.001).fit(data)
        below = LinearVAE(3, beta=latent.collapse_weight * 0.999).fit(data)
        assert above.collapsed_[i]
        assert not below.collapsed_[i]


def test_activity_and_kl_are_those_of_the_exact_model(data):
    advice = advise(data, latents=4, beta=2.0)
    model = LinearVAE(4, beta=2.0).fit(data)
    assert [latent.active for latent in advice.latents] == (~model.collapsed_).tolist()
    np.testing.assert_allclose([latent.kl for latent in advice.latents], model.kl(data), atol=1e-9)


def test_signals_and_assumptions(data):
    advice = advise(data, latents=3, beta=1.0)
    assert advice.signals == 2
    assert advice.latents[2].signal_strength == 0
    assert advice.noise == pytest.approx(1.0, abs=0.15)
    assert any("Binary cross-entropy" in sentence for sentence in advice.assumptions)
    assert advice.effective_beta == 1.0


def test_units_follow_the_loss(data):
    mean = LossScale(reconstruction="mean", kl="mean", reconstruction_weight=1.0)
    standard, scaled = advise(data, latents=2), advise(data, latents=2, loss=mean, beta=0.1)
    # βσ² = w N/(2M): with N = 30 and M = 2 a weight of Λ·2·2/30 collapses Λ.
    for a, b in zip(standard.latents, scaled.latents, strict=True):
        assert b.collapse_weight == pytest.approx(a.collapse_weight * 2 * 2 / 30)
    assert scaled.effective_beta == pytest.approx(0.1 * 30 / (2 * 2))
    assert scaled.best_kl_weight == pytest.approx(standard.best_kl_weight * 4 / 30)


def test_scale_of_the_data(data):
    one, ten = advise(data, latents=2), advise(10 * data, latents=2)
    assert ten.latents[0].collapse_weight == pytest.approx(100 * one.latents[0].collapse_weight)
    assert ten.best_kl_weight == pytest.approx(100 * one.best_kl_weight, rel=1e-6)


@pytest.mark.parametrize("scale", [1e-150, 1e-20, 1e20, 1e150])
def test_signals_do_not_depend_on_the_unit(data, scale):
    one, other = advise(data, latents=3), advise(scale * data, latents=3)
    assert [a.overlap for a in other.latents] == pytest.approx([a.overlap for a in one.latents], rel=1e-9)
    assert other.signals == one.signals == 2
    assert other.latents[0].signal_strength / scale**2 == pytest.approx(one.latents[0].signal_strength)


@pytest.mark.parametrize(("eigenvalues", "recoverable"), [
    ([5.0, 3.0, 2.2], [3.6, 1.5, 0.0]), ([5.0, 3.0, 2.2], [0.0, 0.0, 1.0]), ([5.0, 5.0, 5.0], [4.0, 3.0, 0.0]),
    ([4.0, 1.0, 0.5, 0.0], [3.9, 0.9, 0.4, 0.0]), ([20.0, 12.0], [19.9999, 11.9999]), ([3.0, 2.9], [2.9, 0.0]),
])
def test_best_beta_is_best(eigenvalues, recoverable):
    values, targets = np.array(eigenvalues), np.array(recoverable)
    best = best_effective_beta(values, targets)

    def excess(beta):
        norms = np.maximum(values - np.atleast_1d(beta)[:, None], 0)
        return ((np.sqrt(norms) - np.sqrt(targets)) ** 2).sum(axis=1)

    grid = np.concatenate([np.linspace(0, values[0], 200_001)[1:], np.geomspace(1e-9, values[0], 20_001)])
    assert excess(best)[0] <= excess(grid).min() + 1e-12
    assert best_effective_beta(values, np.zeros_like(targets)) is None


def test_best_beta_of_one_latent_is_the_theorys():
    alpha = 4.0
    s = vaesym.solve(alpha, 1.0, lam=0.0)
    best = best_effective_beta(np.array([s.eigenvalue]), np.array([s.overlap]))
    assert best == pytest.approx(float(vaesym.optimal_beta(alpha, lam=0.0)))


def test_pure_noise_has_no_best_beta():
    advice = advise(np.random.default_rng(1).normal(size=(400, 40)), latents=2)
    assert advice.signals == 0
    assert advice.best_kl_weight is None
    assert advice.spiked


def test_digits():
    advice = advise("digits", latents=2, beta=170.0)
    pixels = np.array(vaesym.advise("digits").eigenvalues[:2])
    assert [latent.active for latent in advice.latents] == [True, False]
    np.testing.assert_allclose(pixels, [178.907, 163.627], atol=1e-3)
    assert not advice.spiked


def test_arrays_of_integers_are_used_as_they_are():
    images = np.random.default_rng(0).integers(0, 256, (50, 12)).astype(np.uint8)
    assert advise(images).latents[0].eigenvalue == pytest.approx(advise(images.astype(float)).latents[0].eigenvalue)
    assert "used as they are" in advise(images).notes[0]


FASHION = [FASHION_MNIST_FOLDER / name for name in FASHION_MNIST_FILES]


@pytest.mark.skipif(not any(p.exists() for p in FASHION), reason="Debian's dataset-fashion-mnist is not installed")
def test_fashion_mnist_collapses_where_it_should():
    advice = advise("fashion-mnist", latents=2, beta=15.0)
    assert [round(latent.collapse_weight, 2) for latent in advice.latents] == [19.81, 12.11]
    assert [latent.active for latent in advice.latents] == [True, False]
    assert (advice.n_samples, advice.n_features) == (60_000, 784)


OPTIONS = {"latents": 2, "beta": 1.0, "raw": False, "reconstruction": "sum", "kl": "sum", "reconstruction_weight": 0.5,
           "noise": "median", "center": True, "as_json": False, "plot": None, "overwrite": False}


def test_report_fits_eighty_columns(data, tmp_path, capsys):
    np.save(tmp_path / "x.npy", data)
    run(str(tmp_path / "x.npy"), **OPTIONS)
    output = capsys.readouterr().out
    assert max(len(line) for line in output.splitlines()) <= 80
    assert "2 of 2 latents are active" in " ".join(output.split())
    assert "Assumptions" in output


def test_json_and_figure(data, tmp_path, capsys):
    np.save(tmp_path / "x.npy", data)
    picture = tmp_path / "x.png"
    run(str(tmp_path / "x.npy"), **{**OPTIONS, "as_json": True, "plot": str(picture)})
    parsed = json.loads(capsys.readouterr().out)
    assert parsed["latents"][0]["active"] is True
    assert parsed["signals"] == 2
    assert math.isfinite(parsed["best_kl_weight"])
    assert parsed["output"] == str(picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.npy", "x.png"]


def test_figure_is_replaced_only_if_told(data, tmp_path, capsys):
    np.save(tmp_path / "x.npy", data)
    picture = tmp_path / "x.png"
    picture.write_text("mine")
    options = {**OPTIONS, "plot": str(picture)}
    with pytest.raises(vaesym.InputError, match="--overwrite"):
        run(str(tmp_path / "x.npy"), **options)
    assert (picture.read_text(), capsys.readouterr().out) == ("mine", "")
    run(str(tmp_path / "x.npy"), **{**options, "overwrite": True})
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "Figure written to" in capsys.readouterr().out


def test_report_says_what_each_number_is(data, tmp_path, capsys):
    np.save(tmp_path / "[bold] :smile:.npy", data)
    run(str(tmp_path / "[bold] :smile:.npy"), **OPTIONS)
    words = " ".join(capsys.readouterr().out.split())
    advice = advise(data, latents=2, beta=1.0)
    for text in ("[bold] :smile:.npy: 600 samples x 30 features", "units of the data squared", "KL (nats)",
                 "eigenvalue: variance", "2 signals stand", f"{advice.latents[0].collapse_weight:.4g}",
                 f"{advice.best_kl_weight:.4g}"):
        assert text in words


@pytest.mark.parametrize("target", ["x.jpg", "missing/x.png"])
def test_figure_targets_are_checked_first(target, tmp_path):
    with pytest.raises(vaesym.InputError):
        run("no-such-data.npy", **{**OPTIONS, "plot": str(tmp_path / target)})


BAD = [
    (dict(latents=31), "latents <= min"),
    (dict(latents=0), "latents >= 1"),
    (dict(beta=0.0), "beta > 0"),
    (dict(beta=float("nan")), "finite beta"),
    (dict(noise="often"), "median"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_bad_options(data, change, message):
    with pytest.raises(vaesym.InputError, match=message):
        advise(data, **change)


BAD_DATA = [
    (np.ones((1, 5)), "samples"),
    (np.ones((9, 5)), "variance"),
    (np.full((9, 5), np.nan), "finite"),
    (np.arange(5.0), "2-D array, samples x features; received a 1-D array"),
    ([[1.0, 2.0], [1.0]], "matrix"),
    (np.array([["a", "b"], ["c", "d"]]), "real numbers"),
]


@pytest.mark.parametrize(("matrix", "message"), BAD_DATA)
def test_bad_data(matrix, message):
    with pytest.raises(vaesym.InputError, match=message):
        advise(matrix)


def test_more_latents_than_samples():
    with pytest.raises(vaesym.InputError, match="latents <= min"):
        advise(np.random.default_rng(0).normal(size=(3, 50)), latents=4)
