"""Parameters as the command line writes them."""

from __future__ import annotations

import numpy as np
import pytest

from vaesym.cli.frame.specs import axis, interval, latents, number, spikes
from vaesym.inputs import InputError


def test_unlimited_data_have_to_be_asked_for() -> None:
    for text in ("inf", "+inf", "Infinity"):
        assert number("alpha", text) == np.inf
    assert axis("alpha", "1,inf").tolist() == [1.0, np.inf]
    for text in ("1e400", "-inf", "nan", "", "1,2", "1:2:3"):
        with pytest.raises(InputError, match="alpha"):
            number("alpha", text)
    for name in ("beta", "lam", "rho", "eta", "decoder_variance"):
        for function in (number, axis):
            with pytest.raises(InputError, match=f"finite {name}"):
                function(name, "inf")


@pytest.mark.parametrize("spec", ["1:inf:3", "inf:inf:2", "1:inf:3:log", "nan:1:2"])
def test_ranges_are_finite(spec: str) -> None:
    with pytest.raises(InputError, match="finite alpha"):
        axis("alpha", spec)


def test_intervals() -> None:
    assert interval("lam", "0.5:2") == (0.5, 2.0)
    assert interval("lam", "x") is None
    for spec in ("1:2:3", ":", "1:", "0.5:-1", "a:b"):
        with pytest.raises(InputError, match="lam"):
            interval("lam", spec)


def test_signals_by_number_or_strength() -> None:
    assert spikes("3") == 3
    assert spikes("2,1,1") == (2.0, 1.0, 1.0)
    for spec in ("0", "-1", "1.5", "", ",", "1,", "0.5,1", "1,0", "1,nan", "1,inf", "1,1e400", "x", "10001",
                 ",".join(["1"] * 10001), "9" * 5000):
        with pytest.raises(InputError, match="spikes"):
            spikes(spec)


def test_latents() -> None:
    assert latents(10_000) == 10_000
    for count in (0, 10_001):
        with pytest.raises(InputError, match="latents"):
            latents(count)
