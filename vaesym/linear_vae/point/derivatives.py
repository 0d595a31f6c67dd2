"""How every field of the exact solution moves with every parameter."""

from __future__ import annotations

from typing import Any

import numpy as np

from vaesym.linear_vae.point.arguments import PARAMETERS, checked
from vaesym.linear_vae.point.evaluation import DIFFERENTIABLE, chosen_backend, evaluate


def derivatives(alpha: Any, beta: Any, *, lam: Any, rho: Any = 1.0, eta: Any = 1.0, decoder_variance: Any = 1.0,
                backend: str | None = None) -> dict[str, Any]:
    r"""Return the derivative of each field of :func:`vaesym.solve` in each parameter, exactly.

    At the root of the stationarity condition p(Q, θ) = 0 the implicit function theorem gives
    :math:`dQ/d\theta = -\partial_\theta p/\partial_Q p`; the chain rule does the rest.

    Parameters
    ----------
    alpha, beta, lam, rho, eta, decoder_variance, backend : as in :func:`vaesym.solve`, for one latent and one signal;
        α finite

    Returns
    -------
    dict
        ``dQ_D_beta`` and so on: each differentiable field by each of the six parameters, of the broadcast shape

    Raises
    ------
    vaesym.InputError
        As :func:`vaesym.solve`.

    Notes
    -----
    On a transition they are those of the phase that ``solve`` names there. At a continuous one Q has a kink. The
    derivative in α at the detection threshold jumps, since Λ and o do so in slope.

    Examples
    --------
    >>> slope = derivatives(2.0, 1.0, lam=1.0)
    >>> round(float(slope["dQ_D_beta"]), 12)
    -0.617198085981
    """
    given = {"alpha": alpha, "beta": beta, "lam": lam, "rho": rho, "eta": eta, "decoder_variance": decoder_variance}
    chosen = chosen_backend(backend, list(given.values()))
    rows = evaluate("point_derivatives", chosen, checked(chosen, given, unlimited=False))
    names = [f"d{field}_D_{argument}" for field in DIFFERENTIABLE for argument in PARAMETERS]
    return dict(zip(names, [row[()] if isinstance(row, np.ndarray) else row for row in rows], strict=True))
