"""What is rounding is no noise, no signal and no latent; and other data that once gave wrong numbers without a word."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

import vaesym
from vaesym import LinearVAE, Monitor, advise
from vaesym.cli import main
from vaesym.practice import noise_level, one_more, spectrum_of
from vaesym.practice.advice.report import report
from vaesym.practice.data.spectrum import Spectrum, detection_edge, misfit, misfit_limit


def low_rank(rank: int, seed: int = 0) -> Any:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(500, rank)) @ rng.normal(size=(rank, 20))


def exact(data: Any) -> Any:
    centred = data - data.mean(axis=0)
    return np.linalg.svd(centred, compute_uv=False) ** 2 / len(data)


@pytest.mark.parametrize("options", [{}, {"intervals": "spiked"}, {"noise": "trace"}, {"noise": "0.9"},
                                     {"solver": "top"}])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("rank", [1, 3])
def test_data_without_noise_have_none(rank: int, kind: Any, options: Any) -> None:
    if kind == np.float32 and (options.get("solver") or options.get("noise")):
        pytest.skip("the trace and the top know no more than ten digits")
    data = low_rank(rank).astype(kind)
    advice = advise(data, latents=5, beta=1.0, **options)
    wanted = exact(data.astype(np.float64))[:rank]
    assert (advice.noise, advice.signals, advice.best_kl_weight) == (0, rank, None)
    np.testing.assert_allclose([latent.eigenvalue for latent in advice.latents], [*wanted, *[0] * (5 - rank)],
                               rtol=1e-6)
    assert [latent.overlap for latent in advice.latents] == [1] * rank + [0] * (5 - rank)
    assert advice.recommendation.choice.active == rank
    assert advice.recommendation.choice.kl_weight == pytest.approx(wanted[-1], rel=1e-6)
    assert advice.outlook[0].recovery_error_at_weight == pytest.approx(
        float(((np.sqrt(wanted - 1) - np.sqrt(wanted)) ** 2).sum() / wanted.sum()), rel=1e-6)
    assert "zero to rounding" in str(advice)


@pytest.mark.parametrize("noise", ["median", "trace"])
@pytest.mark.parametrize("rank", [10, 12, 17])
def test_data_of_high_rank_without_noise_have_none(rank: int, noise: str) -> None:
    advice = advise(low_rank(rank), latents=18, noise=noise, intervals=None)
    assert (advice.noise, advice.signals, advice.recommendation.choice.active) == (0, rank, rank)
    assert advice.recommendation.choice.kl_weight == pytest.approx(exact(low_rank(rank))[rank - 1])


@pytest.mark.parametrize("size", [1e-6, 1e-7])
def test_hardly_any_noise_is_still_noise(size: float) -> None:
    data = low_rank(3) + size * np.random.default_rng(1).normal(size=(500, 20))
    advice = advise(data, latents=5, intervals=None)
    assert (advice.signals, advice.spiked) == (3, True)
    assert advice.noise == pytest.approx(size**2, rel=0.1)


@given(rank=st.integers(1, 20), size=st.floats(0, 10), samples=st.integers(3, 60), seed=st.integers(0, 99),
       method=st.sampled_from(["median", "trace", "0.5", "0.9"]))
@settings(max_examples=150, deadline=None)
def test_noise_has_no_more_variance_than_the_data(rank: int, size: float, samples: int, seed: int, method: str) -> None:
    rng = np.random.default_rng(seed)
    data = rng.normal(size=(samples, rank)) @ rng.normal(size=(rank, 20)) + size * rng.normal(size=(samples, 20))
    spectrum = spectrum_of(data)
    assert 0 <= spectrum.n_features * noise_level(spectrum, method) <= spectrum.total_variance * (1 + 1e-12)


@pytest.mark.parametrize("rows", [2000, 30])
def test_columns_of_very_different_scale_keep_all_eigenvalues(rows: int) -> None:
    data = np.random.default_rng(0).normal(size=(2000, 40))[:rows]
    data[:, 7] *= 1e9
    advice = advise(data)
    found = [latent.eigenvalue for latent in advice.latents]
    np.testing.assert_allclose(found, exact(data)[:10], rtol=1e-6)
    np.testing.assert_allclose(found, LinearVAE(10).fit(data).eigenvalues_, rtol=1e-6)
    assert "column 7" in advice.notes[0]
    assert "standardise" in advice.notes[0]
    if rows == 2000:
        assert [round(value, 4) for value in found[1:3]] == [1.2849, 1.2565]
    # Another data set: intervals of the small eigenvalues are of their own size.
    low, high = advice.latents[1].eigenvalue_interval or (0, 0)
    assert found[1] / 3 < low < high < 3 * found[1]


def test_iterations_say_what_they_lose() -> None:
    data = np.random.default_rng(0).normal(size=(2000, 40))
    data[:, 7] *= 1e9
    advice = advise(data, solver="top")
    assert [latent.eigenvalue > 0 for latent in advice.latents] == [True] + [False] * 9
    assert any("after the first 1 are lost" in note and "--solver full" in note for note in advice.notes)


@pytest.mark.parametrize("seed", range(40))
def test_one_hot_rows_have_one_dimension_less(seed: int) -> None:
    data = np.eye(4)[np.random.default_rng(seed).integers(0, 4, 1000)]
    advice = advise(data, latents=4, beta=1e-16, intervals=None)
    assert advice.recommendation.choice.what == f"any β below {exact(data)[2]:.4g}"
    assert (advice.recommendation.choice.active, advice.collapsed) == (3, 1)
    assert vaesym.collapse_thresholds(data, latents=4).thresholds[3] == 0


def test_a_table_of_one_hot_variables_has_the_rank_it_has() -> None:
    rng = np.random.default_rng(0)
    data = np.concatenate([*(np.eye(4)[rng.integers(0, 4, 1000)] for _ in range(5)), rng.uniform(size=(1000, 3))], 1)
    choice = advise(data, latents=20, intervals=None).recommendation.choice
    assert (choice.active, choice.kl_weight) == (18, pytest.approx(exact(data)[17]))


def test_all_latents_of_the_digits() -> None:
    advice = advise("digits", latents=64, intervals=None)
    assert sum(latent.eigenvalue > 0 for latent in advice.latents) == 61
    assert advice.recommendation.choice.active == 61
    assert advice.recommendation.choice.kl_weight == pytest.approx(4.12e-4, rel=1e-3)


def test_latents_of_rounding_count_as_collapsed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "x.npy", low_rank(3))
    arguments = ["advise", str(tmp_path / "x.npy"), "--beta", "1e-16", "--fail-on-collapse"]
    assert main([*arguments, "--latents", "5"]) == 3
    assert "2 of 5 latents collapse" in capsys.readouterr().err
    assert main([*arguments, "--latents", "3", "--plot", str(tmp_path / "x.png")]) == 0


@pytest.mark.parametrize("shape", [(40, 20), (10, 600)])
def test_repeated_rows_are_noticed(shape: tuple[int, int]) -> None:
    once = np.random.default_rng(0).normal(size=shape)
    note = advise(np.repeat(once, 50, axis=0), intervals=None).notes[0]
    assert f"only {shape[0]} of {50 * shape[0]:,} rows looked at are distinct" in note
    assert not advise(once, intervals=None).notes


@pytest.mark.parametrize("shape", [(50, 8), (20, 60)])
@pytest.mark.parametrize("solver", ["full", "top"])
def test_a_row_that_holds_most_of_the_variance_is_noticed(shape: tuple[int, int], solver: Any) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    assert not advise(x, latents=2, solver=solver, intervals=None).notes[:1 - (solver == "top")]
    x[7, 3] = -999
    notes = advise(x, latents=2, solver=solver, intervals=None).notes
    assert any(note.startswith("row 7 (counted from 0) holds 9") and "missing values" in note for note in notes)


@pytest.mark.parametrize("options", [{}, {"standardise": True}, {"solver": "top", "latents": 2}])
def test_columns_that_number_the_samples_are_noticed(options: Any) -> None:
    rng = np.random.default_rng(0)
    x, place = rng.normal(size=(90, 6)), np.arange(90)
    for column in (place + 1000, 7 - place, rng.permutation(90), 0.1 * place, (0.1 * place + 3).astype(np.float32)):
        notes = advise(np.c_[x, column], intervals=None, **options).notes
        assert any(note.startswith("column 6 (counted from 0) numbers the samples") for note in notes)
    for column in (np.sort(x[:, 0]), rng.integers(0, 90, 90), np.full(90, 3), place**2):
        notes = advise(np.c_[x, column], intervals=None, **options).notes
        assert not any("number" in note for note in notes)
    both = advise(np.c_[place[:20], x[:20], np.tile(x[:20], 5), place[:20]], intervals=None).notes
    assert both[-1].startswith("columns 0, 37 (counted from 0) number the samples")


def wishart(rng: np.random.Generator, samples: int, features: int, strengths: list[float]) -> Spectrum:
    """Eigenvalues of white noise with signals, by Bartlett's decomposition."""
    factor = np.tril(rng.normal(size=(features, features)), -1)
    factor[np.diag_indices(features)] = np.sqrt(rng.chisquare(samples - 1 - np.arange(features)))
    factor[: len(strengths)] *= np.sqrt(1 + np.array(strengths))[:, None]
    return Spectrum(np.linalg.eigvalsh(factor @ factor.T / samples)[::-1], samples, features)


def flagged(spectrum: Spectrum) -> bool:
    noise = noise_level(spectrum)
    signals = int((spectrum.eigenvalues > detection_edge(spectrum, noise)).sum())
    return misfit(spectrum, noise, signals) > misfit_limit(spectrum, signals)


@pytest.mark.parametrize("features", [2, 3, 4, 6, 8, 10, 20, 50])
@pytest.mark.parametrize("alpha", [2, 20, 20_000])
@pytest.mark.parametrize("strengths", [[], [8.0]])
def test_few_features_of_spiked_data_count_as_spiked(features: int, alpha: int, strengths: list[float]) -> None:
    rng = np.random.default_rng(3)
    false = sum(flagged(wishart(rng, alpha * features, features, strengths)) for _ in range(200))
    # At most 4 % in 400 others; of 5 % in 200, more than 20 has a chance of 1e-3.
    assert false <= 20


@pytest.mark.parametrize("features", [8, 10, 20, 50])
@pytest.mark.parametrize("shape", ["geometric", "linear", "power"])
def test_other_spectra_are_flagged(features: int, shape: str) -> None:
    levels = {"geometric": np.geomspace(10, 1, features), "linear": np.linspace(2, 1, features),
              "power": 1 / np.arange(1.0, features + 1)}[shape]
    data = np.random.default_rng(0).normal(size=(1000 * features, features)) * np.sqrt(levels)
    assert flagged(spectrum_of(data))


def test_six_features_with_one_signal() -> None:
    data = np.random.default_rng(0).normal(size=(100_000, 6))
    data[:, 0] *= 3
    advice = advise(data, intervals=None)
    assert (advice.spiked, advice.signals) == (True, 1)
    assert advice.noise == pytest.approx(1, rel=0.02)
    digits = advise("digits", intervals=None)
    assert f"{digits.misfit_limit:.2f} is the limit" in str(digits)


DATA = np.random.default_rng(0).normal(size=(100, 4))


class Identity:
    """A model that uses one latent."""

    def encode(self, x: Any) -> Any:
        return x[:, :1], np.zeros((len(x), 1))

    def decode(self, z: Any) -> Any:
        return np.zeros((len(z), 4))


MASKED: dict[str, Any] = {
    "advise": advise, "thresholds": vaesym.collapse_thresholds, "fit": LinearVAE(2).fit,
    "transform": LinearVAE(2).fit(DATA).transform, "score": LinearVAE(2).fit(DATA).score,
    "inverse": LinearVAE(4).fit(DATA).inverse_transform,
    "monitor": lambda data: Monitor(data, n_latents=2, beta=1.0),
    "update": lambda data: Monitor([3.0, 2.0], n_latents=2, beta=1.0).update(data[:, :2], DATA[:, :2]),
    "one more": lambda data: one_more(Identity(), data, 1.0), "list": lambda data: advise(list(data)),
    "solve": lambda data: vaesym.solve(2 + data[:, 0] ** 2, 1.0, lam=0.0),
}


@pytest.mark.parametrize("name", list(MASKED))
def test_masked_entries_are_refused(name: str) -> None:
    mask = np.zeros(DATA.shape, dtype=bool)
    mask[3, 0] = True
    with pytest.raises(vaesym.InputError, match="without gaps; received an array with 1 masked entry; fill the gaps"):
        MASKED[name](np.ma.array(DATA, mask=mask))
    # Where nothing is masked, it is an array like any other.
    MASKED[name](np.ma.array(DATA))


@pytest.mark.parametrize(("options", "words"), [({"beta": [1, 2]}, "beta as one number"),
                                                ({"loss": "mse"}, "loss as a vaesym.LossScale; received 'mse'"),
                                                ({"noise": None}, "noise as 'median'"),
                                                ({"center": "no"}, "center as True"), ({"raw": None}, "raw as True"),
                                                ({"standardise": 1}, "standardise as True")])
def test_bad_arguments(options: Any, words: str) -> None:
    with pytest.raises(vaesym.InputError, match=words):
        advise(DATA, **options)


def test_sparse_tensors_are_refused() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(vaesym.InputError, match="to_dense"):
        advise(torch.tensor(DATA).to_sparse())


@pytest.mark.parametrize("options", [["--beta", "4", "--beta", "5"], ["--center", "--no-center"]])
def test_an_option_given_twice_is_refused(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", "digits", *options]) == 2
    assert f"expected {options[0]} once; received it 2 times" in capsys.readouterr().err


def test_advice_in_text_is_the_report_of_the_command_line() -> None:
    advice = advise("digits", latents=2, beta=170.0)
    report(advice, out := Console(file=io.StringIO(), width=80, markup=False))
    wanted = [line.rstrip() for line in out.file.getvalue().splitlines()]
    assert str(advice).splitlines() == wanted
    assert repr(advice) == "<Advice on digits: 1,797 samples x 64 features, 2 latents, signals: 41>"


def test_header_and_index_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame(DATA).to_csv(tmp_path / "x.csv", header=False)
    for options, words in (([], "100 samples x 4 features"), (["--no-index"], "100 samples x 5 features"),
                           (["--header"], "99 samples x 4 features")):
        assert main(["advise", str(tmp_path / "x.csv"), *options]) == 0
        assert words in capsys.readouterr().out
    assert main(["advise", "digits", "--likelihood", "bernoulli", "--header"]) == 2
