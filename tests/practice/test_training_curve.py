"""The training curve of the linear VAE: it ends at the fit, and counts the loss as the fit does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import vaesym
from vaesym.inputs import InputError


@pytest.mark.parametrize(("latents", "shape"), [(1, (40, 12)), (3, (10, 25))])
def test_training_curve_ends_at_the_fit(latents: int, shape: tuple[int, int]) -> None:
    data = np.random.default_rng(3).normal(size=shape) * np.geomspace(3.0, 0.5, shape[1])
    vae = vaesym.LinearVAE(latents, beta=0.5, lam=0.1)
    run = vae.training_curve(data, [0.0, 1.0, 10.0, 400.0], {"decoder": 0.1, "encoder": 0.1, "D": 1.0}, seed=2)
    vae.fit(data)
    loss = run.training_loss.values
    assert (np.diff(loss) < 0).all()
    assert loss[-1] == pytest.approx(vae.loss_, abs=2e-4)
    np.testing.assert_allclose(np.linalg.eigvalsh(run.Q.values[-1])[::-1], np.sort(vae.Q_)[::-1], atol=0.02)


def test_training_curve_counts_the_loss_as_fit_does() -> None:
    data = np.random.default_rng(4).normal(size=(12, 20))
    vae = vaesym.LinearVAE(2, beta=0.1, lam=0.2).fit(data)
    run = vae.training_curve(data, [0.0, 5.0], {"decoder": vae.W_, "encoder": vae.V_, "D": vae.D_})
    np.testing.assert_allclose(run.training_loss, vae.loss_, rtol=1e-9)
    np.testing.assert_allclose(run.training_rate, vae.kl(data).sum(), rtol=1e-9)


@pytest.mark.parametrize(("start", "words"), [
    ({"decoder": 0.1}, "a start with decoder, encoder, D"),
    ({"decoder": [1.0], "encoder": 0.1, "D": 1.0}, "weights of"),
    ({"decoder": -0.1, "encoder": 0.1, "D": 1.0}, ">= 0"), ({"decoder": 0.1, "encoder": 0.1, "D": [1, 1]}, "of shape")])
def test_bad_starts_of_a_training_curve_are_refused(start: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        vaesym.LinearVAE(1).training_curve([[1.0, 2.0], [2.0, 0.0]], 1.0, start)
