"""``python -m validation latents``: the count from the data, one tiny case from end to end, and what is refused."""

import dataclasses
import json

import numpy as np
import pytest

pytest.importorskip("torch")

from validation import latents
from validation.__main__ import app

TINY = latents.Case("breast-cancer", "mlp", 2, (8,), steps=40)


def test_a_plane_leaves_the_next_eigenvalue_and_a_curve_less():
    rng = np.random.default_rng(0)
    plane = rng.normal(size=(3000, 3)) * [3.0, 2.0, 1.0]
    spectrum = latents.eigenvalues(plane)
    found = latents.left_over(plane, 3, 0.0)
    np.testing.assert_allclose(found, spectrum, rtol=1e-9)  # neighbours know no more, and add noise
    t = rng.normal(size=3000)
    curve = np.stack([3 * t, t**2, 0.3 * rng.normal(size=3000)], axis=1)
    found = latents.left_over(curve, 3, 0.0)
    assert latents.eigenvalues(curve)[1] > 1.8
    assert found[1] < 0.2
    assert latents.count(found, 0.5) == 1
    assert len(latents.left_over(curve, 3, 0.5)) == 2


def test_counts_of_a_spectrum_are_those_of_linear_theory():
    values = np.array([4.0, 2.0, 1.0])
    assert [latents.count(values, beta) for beta in (5.0, 4.0, 1.5, 0.5)] == [0, 0, 2, 3]


def test_a_tiny_study_ends_resumes_and_says_what_it_found(tmp_path, monkeypatch, ended):
    monkeypatch.setattr(latents, "CASES", (TINY,))
    monkeypatch.setattr(latents, "SEEDS", (0,))
    monkeypatch.setattr(latents, "SHARES", (0.1, 0.4))
    first = ended(app, "latents", tmp_path, "--json")
    assert first.returncode == 0, first.stderr
    found = json.loads(first.stdout)
    spectrum = latents.eigenvalues(latents.samples("breast-cancer"))
    for row in found["table"]:
        assert set(row["active"]) == {"linear", "scan", "apart", "curved"}
        assert row["active"]["linear"] == min(2, int((spectrum > row["share"] * spectrum[0]).sum()))
        assert row["kl"]["linear"] == pytest.approx(
            np.log(np.maximum(spectrum[:2] / (row["share"] * spectrum[0]), 1)).sum() / 2, rel=1e-4)
        assert row["next"]["apart"] > 0
    stamps = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert json.loads(ended(app, "latents", tmp_path, "--json").stdout) == found
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == stamps
    shown = ended(app, "latents", tmp_path).stdout
    assert max(map(len, shown.splitlines()[:5])) <= 80
    assert "active latents differ from networks trained apart by" in shown


def test_an_unknown_data_set_is_refused(tmp_path, ended):
    result = ended(app, "latents", tmp_path / "new", "--only", "iris")
    assert result.returncode == 2
    assert "received iris" in result.stderr
    assert not (tmp_path / "new").exists()


def test_cases_have_names_of_their_own():
    names = [case.name for case in latents.CASES]
    assert len(set(names)) == len(names)
    assert {case.latents for case in latents.CASES} == {2, 8, 20, 64}
    assert dataclasses.replace(TINY, latents=3).name == "breast-cancer-mlp-3"
