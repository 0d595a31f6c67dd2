"""Solutions of any backend as plain arrays."""

import mpmath
import numpy as np
import pytest
import xarray as xr

import vaesym
from vaesym.linear_vae.point.solution import FIELDS


@pytest.mark.parametrize("backend", ["mpmath", "numba", "torch"])
@pytest.mark.parametrize("alpha", [2.0, np.inf, [0.5, np.inf], []], ids=str)
def test_plain_arrays_of_any_backend(backend, alpha):
    pytest.importorskip(backend)
    one, other = (vaesym.solve(alpha, 0.5, lam=0.1, latents=2, backend=name).to_numpy() for name in ("numpy", backend))
    assert isinstance(other.Q, np.ndarray)
    assert isinstance(other.rate, np.ndarray if np.ndim(alpha) else np.float64)
    assert other.phase.dtype == np.int64
    for name in FIELDS:
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-12, atol=1e-15, err_msg=name)
    np.testing.assert_array_equal(other.parameters["alpha"], alpha)
    xr.testing.assert_allclose(vaesym.solve(alpha, 0.5, lam=0.1, latents=2, backend=backend).to_xarray(),
                               one.to_xarray(), rtol=1e-12)


def test_mpmath_scalars_have_its_digits():
    with mpmath.workdps(40):
        exact = vaesym.solve(mpmath.mpf(2), 1, lam=1, backend="mpmath")
        assert abs(exact.D - 1 / (exact.Q + 1)) < mpmath.mpf(10) ** -38
    assert isinstance(exact.rate, mpmath.mpf)
