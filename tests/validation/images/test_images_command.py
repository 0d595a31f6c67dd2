"""``python -m validation images`` on the digits, from the command line to the report, and its refusals."""

import dataclasses
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from validation.__main__ import app
from validation.images.analysis import (
    FAILS,
    HOLDS,
    OPEN,
    Best,
    Crossing,
    best_betas,
    crossing,
    crossings,
    fresh_elbo,
    thresholds,
)
from validation.images.collapse import Brackets, Search, estimates
from validation.images.command import fitting
from validation.images.data.material import Material
from validation.images.figures import thresholds as thresholds_figure
from validation.images.report import verdicts
from validation.images.studies import Workshop, preset
from validation.runner import read_results
from validation.study.statistics import Interval, interval, ratio, separated


@pytest.fixture(scope="module")
def finished(tmp_path_factory, ended):
    folder = tmp_path_factory.mktemp("images")
    result = ended(app, "images", "--data", "digits", "--preset", "tiny", "--output", folder)
    assert result.returncode == 0, result.stderr
    return folder, result.stdout


def test_report_says_what_was_measured(finished):
    folder, printed = finished
    text, found = (folder / "report.md").read_text("utf-8"), json.loads((folder / "images.json").read_text())
    assert "report.md" in printed
    assert {row["network"] for row in found["thresholds"]} == {
        "MLP", "convolutional", "MLP 24-16", "MLP, Bernoulli pixels"}
    assert {(row["latent"], row["start"]) for row in found["thresholds"]} == {
        (1, "cold"), (1, "active"), (2, "cold"), (2, "active"), (2, "collapsed"), (2, "added")}
    assert set(found["next_latent"]) == {"linear", "constant", "conditional", "held_out", "own"}
    assert {row["measure"] for row in found["best_beta"]} == {"pixel_frechet", "feature_frechet", "test_elbo"}
    for verdict in found["verdicts"]:
        assert verdict["statement"] in text
        assert verdict["verdict"] in {HOLDS, FAILS, OPEN}
    for name in ("thresholds", "search", "next-latent", "best-beta-mlp", "best-beta-conv"):
        assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert f"({name}.png)" in text


def test_the_same_command_again_computes_nothing_and_says_the_same(finished, ended):
    folder, _ = finished
    before = (folder / "images.json").read_bytes()
    stamps = {path: path.stat().st_mtime_ns for path in (folder / "store").rglob("zarr.json")}
    result = ended(app, "images", "--data", "digits", "--preset", "tiny", "--output", folder)
    assert result.returncode == 0
    assert (folder / "images.json").read_bytes() == before
    assert {path: path.stat().st_mtime_ns for path in (folder / "store").rglob("zarr.json")} == stamps


@pytest.mark.slow
def test_another_process_finds_the_same_numbers(finished, tmp_path):
    folder, _ = finished
    shop = Workshop(Material("digits"), preset("tiny"), tmp_path, scheduler="local:1")
    from validation.images.studies import predictions

    stored = next((folder / "store").glob("digits-tiny-*"))
    expected, found = read_results(stored / "predictions"), predictions(shop)
    for name in ("constant", "conditional", "held_out", "own", "kl"):
        np.testing.assert_array_equal(found[name].values, expected[name].values)


def test_ratio_is_to_the_eigenvalue_of_the_own_samples(finished):
    folder, _ = finished
    shop = Workshop(Material("digits"), preset("tiny"), folder)
    stored = read_results(next((folder / "store").glob("digits-tiny-*")) / "mlp-collapse").copy(deep=True)
    stored["low"][:], stored["high"][:] = 1.0, 1.0
    images = shop.material.prepared.train.numpy().astype(float)
    rows = {(row.samples, row.rank, row.start): row for row in thresholds(shop, stored)}
    members = shop.material.training(100, (0, 1))[1]
    values = [np.linalg.eigvalsh(np.cov(images[rows_of].T, bias=True))[-1] for rows_of in members]
    assert rows[100, 1, "cold"].ratio.mean == pytest.approx(np.mean(1 / np.array(values)), rel=1e-5)


def _sweep(finished):
    folder, _ = finished
    shop = Workshop(Material("digits"), preset("tiny"), folder)
    return shop, read_results(next((folder / "store").glob("digits-tiny-*")) / "mlp-sweep").copy(deep=True)


def test_best_beta_is_where_the_measure_is_least(finished):
    shop, stored = _sweep(finished)
    betas = np.unique(stored["beta"].values)
    place = float(np.exp(0.7 * np.log(betas[1]) + 0.3 * np.log(betas[2])))
    stored["pixel_frechet"][:] = np.log(stored["beta"].values / place) ** 2 + 1
    stored["feature_frechet"][:] = stored["beta"].values
    found = {(one.measure, one.samples): one for one in best_betas(shop, stored)}
    assert found["pixel_frechet", 400].measured.mean == pytest.approx(place, rel=1e-6)
    assert found["pixel_frechet", 400].edge == ""
    assert found["feature_frechet", 400].edge == f"at or below {betas[0]:.3g}"
    stored["feature_frechet"][:] = stored["beta"].values * np.where(stored["seed"].values == 0, 1, -1)
    found = {(one.measure, one.samples): one for one in best_betas(shop, stored)}
    assert found["feature_frechet", 400].edge.endswith("2 of 2 seeds at an end of the grid")


def test_elbo_is_that_of_a_decoder_variance_of_beta(finished):
    _, stored = _sweep(finished)
    part = stored.isel(run=[3])
    beta, error, rate = (float(part[name].values[0]) for name in ("beta", "test_squared_error", "test_rate"))
    assert fresh_elbo(part, 64)[0] == pytest.approx(-(32 * np.log(2 * np.pi * beta) + error / (2 * beta) + rate))


def test_a_prediction_is_read_where_it_meets_beta(finished):
    betas = np.array([8.0, 10.0, 12.0, 14.0])
    assert crossing(betas, 11 * (betas / 11) ** 0.5) == pytest.approx(11, rel=1e-9)
    assert crossing(betas, betas * 2) == np.inf
    assert crossing(betas, betas / 2) == 0
    folder, _ = finished
    shop = Workshop(Material("digits"), preset("tiny"), folder)
    stored = read_results(next((folder / "store").glob("digits-tiny-*")) / "predictions").copy(deep=True)
    middle = np.median(np.unique(stored["beta"].values))
    for name in ("conditional", "held_out", "constant"):
        stored[name][:] = middle * 1.001
    stored["constant"][:] = 1e-3
    stored["held_out"][:] = np.where(stored["seed"].values == 0, 1e-3, middle * 1.001)
    found = crossings(shop, stored)
    assert found["conditional"].interval.mean == pytest.approx(middle * 1.001)
    assert found["constant"].side == 0
    assert (found["held_out"].side, found["held_out"].interval.complete) == (None, False)
    assert found["linear"].interval.mean == pytest.approx(shop.material.prepared.eigenvalues[1])


def test_intervals_are_students():
    values = np.random.default_rng(0).normal(size=(4000, 4))
    inside = [abs(one.mean) <= one.half for one in map(interval, values)]
    # 95 % of intervals over four seeds cover the truth.
    assert abs(np.mean(inside) - 0.95) < 4 * np.sqrt(0.95 * 0.05 / len(values))
    assert separated(Interval(1, 0.1, 3), Interval(2, 0.1, 3))
    assert separated(Interval(1, 0.1, 3), Interval(2, np.nan, 1)) is None
    assert separated(Interval(1, 0.1, 3), Interval(2, 0.1, 2, 3)) is None
    assert str(Interval(0.0, 0.0, 3)) == "0"
    assert ratio(Interval(1, 0.1, 2, 3), Interval(2, 0.1, 3)).complete is False


def test_intervals_of_bracketed_thresholds_cover_whatever_their_scatter():
    """All seeds are read on one scale of brackets: their reading errors are alike."""
    rng, misses = np.random.default_rng(1), []
    for scatter in (0.0, 0.005, 0.02):
        covered = 0
        for _ in range(800):
            true = np.exp(rng.uniform(-0.12, 0.12))
            brackets = Brackets(Search(1, 1.0, trials=5), 5)
            places = true * np.exp(scatter * rng.normal(size=5))
            for _ in range(5):
                brackets.learn(brackets.trial() < places)
            middle = estimates(brackets.low, brackets.high)
            found = interval(middle, middle * np.log(brackets.high / brackets.low) / np.sqrt(12))
            covered += abs(found.mean - true) <= found.half
        misses.append(covered / 800)
    assert min(misses) > 0.93


def test_nothing_bracketed_is_drawn_all_the_same():
    assert thresholds_figure([]).axes


def _threshold(measured, start, rank=2):
    from validation.images.analysis import Threshold

    return Threshold("MLP", 100, rank, start, measured, Interval(12, 0, 3), Interval(measured.mean / 12, 0.01, 3),
                     Interval(np.nan, np.nan, 0))


def _second(measured, start="cold"):
    return dataclasses.replace(_threshold(measured, start), ratio=Interval(1, 0, 3))


@pytest.mark.parametrize(("measured", "places", "verdict"), [
    (Interval(12.0, 0.1, 5), (12.1, 12.2, 12.3), HOLDS), (Interval(10.0, 0.1, 5), (12.1, 12.2, 12.3), FAILS),
    (Interval(12.0, 9.0, 5), (12.1, 12.2, 12.3), OPEN), (Interval(12.0, 0.1, 4, 5), (12.1, 12.2, 12.3), OPEN),
    (Interval(12.0, 0.1, 5), (12.1, 0.0, 12.3), OPEN), (Interval(12.0, 0.1, 5), (0.0, 0.0, 0.0), FAILS),
    (Interval(8.1, 0.1, 5), (0.0, 0.0, 0.0), OPEN), (Interval(12.0, 0.1, 5), (np.inf, np.inf, np.inf), FAILS),
    (Interval(12.0, 0.1, 5), (np.inf, 12.0, 12.0), OPEN)])
def test_a_prediction_holds_only_where_the_whole_interval_says_so(measured, places, verdict):
    judged = verdicts([_second(measured)], {"conditional": Crossing(places, 8.0, 15.0)}, [], {})
    (found,) = [one.verdict for one in judged if "b free" in one.statement]
    assert found == verdict


@pytest.mark.parametrize(("found", "verdict"), [
    (Interval(0.97, 0.015, 5), HOLDS), (Interval(0.97, 0.03, 5), OPEN), (Interval(0.9, 0.02, 5), FAILS),
    (Interval(1.0, 3.0, 5), OPEN), (Interval(1.0, 0.01, 2, 5), OPEN), (Interval(1.0, np.nan, 1), OPEN)])
def test_collapse_is_judged_by_the_whole_interval(found, verdict):
    row = dataclasses.replace(_threshold(Interval(19.0, 0.1, 5), "cold", 1), ratio=found)
    assert [one.verdict for one in verdicts([row], {}, [], {}) if "full collapse within" in one.statement] == [
        verdict]


def test_hysteresis_is_told_where_the_starts_are_apart():
    rows = [_threshold(Interval(19.0, 0.1, 5), "cold", 1), _threshold(Interval(19.9, 0.1, 5), "active", 1),
            _threshold(Interval(12.4, 0.1, 5), "cold"), _threshold(Interval(12.5, 0.1, 5), "active")]
    assert [one.verdict for one in verdicts(rows, {}, [], {}) if "keeps it" in one.statement] == [HOLDS, OPEN]


def _best_beta(network, samples, mean, edge=""):
    return Best(network, "test_elbo", samples, Interval(mean, 0.01, 3), Interval(0.1, 0.01, 3), edge)


def test_observations_are_judged_for_each_network_by_its_own_sizes():
    def full(network, samples, mean):
        return dataclasses.replace(_threshold(Interval(mean, 0.1, 3), "cold", 1), network=network, samples=samples)

    rows = [full("MLP", 10, 19.0), full("MLP", 1000, 20.0), full("conv", 10, 20.0), full("conv", 100, 19.0)]
    best = [_best_beta("MLP", 10, 0.3), _best_beta("MLP", 1000, 0.2), _best_beta("conv", 10, 0.2),
            _best_beta("conv", 100, 0.3), _best_beta("edge", 10, 0.3, "at or above"), _best_beta("edge", 100, 0.2)]
    noise = {(size, name): Interval(value, 0.0, 3) for size in (100, 1000)
             for name, value in (("mean", 0.15), ("std", 0.22))}
    found = {one.statement: one.verdict for one in verdicts(rows, {}, best, noise)}

    def of(network, words):
        return [verdict for statement, verdict in found.items() if f"[IH], {network}:" in statement
                and words in statement]

    assert [of(name, "more samples") for name in ("MLP", "conv")] == [[HOLDS], [FAILS]]
    assert [of(name, "noise level") for name in ("MLP", "conv", "edge")] == [[HOLDS], [FAILS], [HOLDS]]
    wide = [dataclasses.replace(best[1], measured=Interval(0.2, 0.1, 3))]
    assert {one.verdict for one in verdicts(rows, {}, wide, noise) if "noise level" in one.statement} == {OPEN}
    assert [of(name, "fewer samples") for name in ("MLP", "conv", "edge")] == [[HOLDS], [FAILS], [OPEN]]


@pytest.mark.parametrize(("options", "words"), [
    (["--preset", "huge"], "preset"), (["--device", "tpu"], "tpu"), (["--seed", "-1"], "seed"),
    (["--data", "no-such-set"], "no-such-set"), (["--scheduler", "local:0"], "local"),
    (["--components", "-3"], "components"), (["--data", "digits", "--components", "65", "--preset", "tiny"], "64"),
    (["--data", "missing.npy"], "missing.npy"), (["--data", "mnist"], "VAESYM_MNIST")])
def test_bad_input_ends_with_one_message_before_any_work(options, words, tmp_path, monkeypatch, ended):
    monkeypatch.delenv("VAESYM_MNIST", raising=False)
    result = ended(app, "images", "--output", tmp_path / "out", *options)
    assert result.returncode == 2
    assert words in result.stderr
    assert not list(tmp_path.rglob("results.zarr"))


def test_only_a_components_number_of_the_preset_itself_gives_way_to_small_images():
    small = preset("small")
    assert fitting(small, 64).components is None
    assert fitting(small, 784).components == small.components
    assert fitting(dataclasses.replace(small, components=90), 64).components == 90


def test_images_of_the_wrong_shape_are_refused_before_any_work(tmp_path, ended):
    np.save(tmp_path / "odd.npy", np.random.default_rng(0).integers(0, 255, (60, 6, 6), dtype=np.uint8))
    result = ended(app, "images", "--data", tmp_path / "odd.npy", "--preset", "tiny", "--output", tmp_path / "out")
    assert (result.returncode, "multiples of 4" in result.stderr) == (2, True)
    assert not list(tmp_path.rglob("results.zarr"))


def test_a_store_of_another_experiment_is_kept(finished, ended):
    folder, _ = finished
    stored = next((folder / "store").glob("digits-tiny-*"))
    record = stored / "mlp-collapse" / "record.json"
    original = record.read_text()
    record.write_text(original.replace('"trials": 2', '"trials": 3', 1))
    try:
        result = ended(app, "images", "--data", "digits", "--preset", "tiny", "--output", folder)
        assert result.returncode == 2
        assert "trials" in result.stderr
        assert (stored / "mlp-collapse" / "results.zarr").exists()
    finally:
        record.write_text(original)


def test_an_output_that_cannot_be_written(tmp_path, monkeypatch, ended):
    # Whoever runs the tests may be allowed to write everywhere.
    monkeypatch.setattr("vaesym.output.os.access", lambda folder, mode: folder.name != "out")
    result = ended(app, "images", "--preset", "tiny", "--data", "digits", "--output", tmp_path / "out")
    assert result.returncode == 2
    assert "a folder that can be written" in result.stderr


def test_help_fits_in_eighty_columns():
    shown = subprocess.run([sys.executable, "-m", "validation", "images", "--help"], capture_output=True, text=True,
                           check=True, env={**os.environ, "COLUMNS": "80"}).stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "--preset" in shown
