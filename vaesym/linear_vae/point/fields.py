"""What each parameter and each field of a result means, and its unit; phases by name."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.linear_vae.point.solution import Phase

if TYPE_CHECKING:
    import xarray as xr


class Meaning(NamedTuple):
    """What a field says, and its unit ("1" if it has none).

    >>> Meaning("weight of the KL term").attributes
    {'long_name': 'weight of the KL term', 'units': '1'}
    """

    text: str
    unit: str = "1"

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes of a variable in a labelled dataset, by the names of the CF conventions."""
        return {"long_name": self.text, "units": self.unit}


#: The parameters of a point, in calling order.
PARAMETERS = {
    "alpha": Meaning("samples per dimension, P/N"),
    "beta": Meaning("weight of the KL term"),
    "lam": Meaning("weight decay of decoder and encoder"),
    "rho": Meaning("strength of the signal"),
    "eta": Meaning("strength of the noise"),
    "decoder_variance": Meaning("variance of the decoder"),
}
#: Fields that each latent has.
LATENT_FIELDS = {
    "phase": Meaning("phase of the latent"),
    "Q": Meaning("squared norm of the decoder, |W|^2/N"),
    "E": Meaning("squared norm of the encoder, |V|^2/N"),
    "R": Meaning("decoder on encoder, W.V/N"),
    "m": Meaning("decoder on signal, W.W*/N"),
    "d": Meaning("encoder on signal, V.W*/N"),
    "D": Meaning("posterior variance"),
    "eigenvalue": Meaning("sample covariance along the latent"),
    "overlap": Meaning("squared overlap of that direction with the signal"),
}
#: Fields of the model as a whole.
MODEL_FIELDS = {
    "free_energy": Meaning("least loss per dimension; 0 if collapsed"),
    "signal_recovery_error": Meaning("mean squared distance to the signals"),
    "rate": Meaning("KL to the prior, fresh data", "nats"),
    "distortion": Meaning("squared error beyond the noise, fresh data"),
    "kl_variational_to_posterior": Meaning("KL(q || true posterior)", "nats"),
    "kl_posterior_to_variational": Meaning("KL(true posterior || q)", "nats"),
}
#: Variables of curves and diagrams beyond the fields of a solution.
CURVE_FIELDS = {
    "training_rate": Meaning("KL to the prior, training set", "nats"),
    "training_distortion": Meaning("squared error along the learned direction, training set"),
    "gaussian_rate": Meaning("rate of a Gaussian source of variance rho + eta at the same distortion", "nats"),
    "collapse_threshold": Meaning("beta above which collapse is locally stable"),
    "global_collapse_threshold": Meaning("beta above which collapse is the global minimum"),
    "spinodal": Meaning("largest beta at which an active state exists"),
    "coexistence": Meaning("beta at which collapsed and active state are equally deep"),
    "detection_threshold": Meaning("alpha above which the spectrum shows the signal"),
    "tricritical_alpha": Meaning("alpha where the order of the transition changes"),
    "tricritical_beta": Meaning("beta there"),
    "optimal_beta": Meaning("beta that recovers the signal best"),
    "recovery_error_bound": Meaning("least error along the learned direction, rho (1 - overlap)"),
    "optimal_beta_limit": Meaning("optimal beta of unlimited data, eta"),
    "plateau_end": Meaning("alpha from which collapse is unstable; inf if it never is"),
    "plateau_asymptote": Meaning("how the end of the plateau diverges as beta rises to rho + eta"),
    "collapse_limit": Meaning("beta above which unlimited data collapse, rho + eta"),
    "density": Meaning("density of the eigenvalues of noise (Marchenko-Pastur law)"),
    "noise_edge": Meaning("lower and upper end of the spectrum of noise"),
    "zero_fraction": Meaning("fraction of the eigenvalues that is zero"),
    "outlier": Meaning("eigenvalue of the signal; NaN where noise hides it"),
    "measured": Meaning("measured eigenvalues of the sample covariance"),
}
#: Variables of bifurcation diagrams beyond those.
BRANCH_FIELDS = {
    "chi": Meaning("susceptibilities"),
    "replicon": Meaning("replicon eigenvalue; replica symmetry is stable up to 1"),
    "stability": Meaning("rank of the state"),
    "kind": Meaning("what the point of the branch is"),
    "phase": Meaning("phase of the branch"),
    "closed_form_Q": Meaning("Q of the stationary points of the exact potential"),
    "closed_form_phase": Meaning("their phase"),
}


def phase_names(phases: Any) -> NDArray[np.object_]:
    """Return the names of phases, in an array of the same shape.

    >>> phase_names([0, 2]).tolist(), phase_names(Phase.OVERFITTING).tolist()
    (['REGULARIZED', 'LEARNING'], 'OVERFITTING')
    """
    names = np.array([phase.name for phase in Phase], dtype=object)
    return np.array(names[np.asarray(phases)], dtype=object)


def flag(variable: Any, kinds: type[IntEnum]) -> None:
    """Say in the attributes of a variable of whole numbers which is which, as the CF conventions do.

    >>> import xarray as xr
    >>> phase = xr.DataArray([0, 2])
    >>> flag(phase, Phase)
    >>> phase.flag_meanings
    'regularized overfitting learning'
    """
    variable.attrs.update(flag_values=np.array(list(kinds), np.int32),
                          flag_meanings=" ".join(kind.name.lower() for kind in kinds))


def named(variable: xr.DataArray | xr.Variable) -> NDArray[Any]:
    """Return the values of a variable, by name in capitals where :func:`flag` has named them; empty for others.

    >>> import xarray as xr
    >>> phase = xr.DataArray([0, 2, -1])
    >>> flag(phase, Phase)
    >>> named(phase).tolist(), named(xr.DataArray([0.5])).tolist()
    (['REGULARIZED', 'LEARNING', ''], [0.5])
    """
    if "flag_meanings" not in variable.attrs:
        return variable.values
    names = variable.attrs["flag_meanings"].upper().split()
    words = dict(zip(np.ravel(variable.attrs["flag_values"]).tolist(), names, strict=True))
    return np.array(np.frompyfunc(lambda value: words.get(int(value), ""), 1, 1)(variable.values), dtype=object)
