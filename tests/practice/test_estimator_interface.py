"""LinearVAE as a scikit-learn estimator: its conventions, and every error."""

import os
import subprocess
import sys

import numpy as np
import pytest
from linear_vae_problems import spiked
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline

import vaesym
from vaesym.inputs import InputError
from vaesym.practice.estimator import LinearVAE


def test_passes_scikit_learns_checks():
    """All of them: those on array-API input want this variable before scipy is imported, so a new process."""
    code = """
from sklearn.utils.estimator_checks import check_estimator
from vaesym import LinearVAE
for estimator in (LinearVAE(1), LinearVAE(1, beta=0.3, lam=0.1, center=False)):
    results = check_estimator(estimator, on_skip=None)
    assert len(results) > 40
    print({result["check_name"]: result["exception"] for result in results if result["status"] != "passed"})
"""
    environment = {**os.environ, "SCIPY_ARRAY_API": "1"}
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], env=environment, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("{}\n{}\n", "")


def test_lives_with_scikit_learn():
    X = spiked(60, 5, [8.0], seed=0)
    vae = LinearVAE(2, beta=0.5)
    assert vae.get_params() == {"n_components": 2, "beta": 0.5, "lam": 0.0, "center": True}
    single = clone(vae).fit(X.astype(np.float32))
    assert single.W_.dtype == single.transform(X.astype(np.float32)).dtype == np.float64
    assert vae.fit(X) is vae
    assert (vae.n_samples_, vae.n_features_in_) == (60, 5)
    assert vae.get_feature_names_out().tolist() == ["linearvae0", "linearvae1"]
    assert vae.transform(X[:7]).shape == (7, 2)
    assert vae.inverse_transform(np.zeros((3, 2))) == pytest.approx(np.tile(vae.mean_, (3, 1)))
    assert {a.shape for a in (vae.W_, vae.V_)} == {(5, 2)}
    assert {a.shape for a in (vae.D_, vae.Q_, vae.eigenvalues_, vae.collapsed_, vae.kl(X))} == {(2,)}
    before = vae.loss(X), vae.score(X)
    assert (vae.set_params(beta=3.0, lam=2.0).loss(X), vae.score(X)) == before  # nothing changes until the next fit
    search = GridSearchCV(make_pipeline(LinearVAE(1)), {"linearvae__n_components": [1, 2, 3]}).fit(X)
    assert search.best_score_ < 0
    assert vaesym.LinearVAE is LinearVAE


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_components": 0}, "n_components >= 1; received 0"),
        ({"n_components": 1.0}, "n_components as a whole number; received 1.0"),
        ({"n_components": True}, "n_components as a whole number; received True"),
        ({"n_components": 4}, r"n_components <= min\(n_samples, n_features\) = 3; received n_components=4; lower"),
        ({"beta": 0.0}, "beta > 0; received 0.0; choose a positive beta"),
        ({"beta": -1}, "beta > 0; received -1.0"),
        ({"beta": float("nan")}, "finite beta; received nan"),
        ({"beta": "1"}, "beta as real numbers; received '1'"),
        ({"beta": None}, "beta as real numbers; received None"),
        ({"beta": [1.0, 2.0]}, r"beta and lam as single numbers; received shapes \(2,\), \(\)"),
        ({"lam": -0.1}, "lam >= 0; received -0.1; choose lam = 0 or larger"),
        ({"lam": float("inf")}, "finite lam; received inf"),
        ({"lam": True}, "lam as real numbers"),
        ({"center": 1}, "center as True or False; received 1; pass a bool"),
        ({"center": np.ones(2)}, "center as True or False"),
        ({"beta": 1e-300, "lam": 1e300}, "whose ratios fit float64; received beta=1e-300, lam=1e[+]300"),
        ({"beta": 1e-300, "lam": 1e-300}, "whose ratios fit float64"),
    ],
)
def test_parameters_out_of_domain(parameters, message):
    X = spiked(3, 6, [], seed=0)
    vae = LinearVAE(**{"n_components": 1, **parameters})
    with pytest.raises(InputError, match=message):
        vae.fit(X)
    with pytest.raises(NotFittedError):
        vae.transform(X)


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([[1.0, 2.0]], "minimum of 2 is required by LinearVAE"),
        (np.ones((5, 3)), r"X of shape \(5, 3\) with equal rows, so no variance: nothing to learn; pass samples"),
        (np.full((7, 3), 0.1), "nothing to learn"),
        ([[0.0, np.nan], [1.0, 2.0]], "contains NaN"),
        ([1.0, 2.0], "Expected 2D array"),
        ([["a"], ["b"]], "could not convert string to float"),
        ([[1e200], [-1e200]], r"variance fits float64; received |X| up to 1e\+200; rescale X"),
        ([[1e308], [-1e308]], "variance fits float64"),
    ],
)
def test_data_with_nothing_to_fit(X, message):
    with pytest.raises(ValueError, match=message):
        LinearVAE(1).fit(X)


def test_tensors_with_a_gradient_and_whole_numbers_beyond_float64():
    torch = pytest.importorskip("torch")
    data = np.random.default_rng(0).normal(size=(9, 3))
    vae, same = LinearVAE(1).fit(torch.tensor(data, requires_grad=True)), LinearVAE(1).fit(data)
    assert vae.eigenvalues_ == same.eigenvalues_
    np.testing.assert_array_equal(vae.transform(torch.tensor(data, requires_grad=True)), same.transform(data))
    with pytest.raises(ValueError, match=r"2\^53"):
        LinearVAE(1).fit((1e3 * data).astype(np.int64) + 2**60)


def test_data_that_do_not_suit_the_fit():
    vae = LinearVAE(2).fit(spiked(9, 4, [], seed=0))
    for method in (vae.transform, vae.score, vae.loss, vae.kl):
        with pytest.raises(ValueError, match="X has 3 features, but LinearVAE is expecting 4"):
            method(np.ones((2, 3)))
    with pytest.raises(InputError, match="expected latents with 2 columns; received 3; pass the output of transform"):
        vae.inverse_transform(np.ones((2, 3)))
    with pytest.raises(InputError, match="with zeros, so no variance"):
        LinearVAE(1, center=False).fit(np.zeros((3, 2)))
    assert not LinearVAE(1, beta=0.5, center=False).fit(np.ones((3, 2))).collapsed_[0]
