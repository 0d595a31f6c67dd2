"""What each parameter and each field of a result means, and its unit; phases by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.theory.solution import Phase

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
}


def phase_names(phases: Any) -> NDArray[np.object_]:
    """Return the names of phases, in an array of the same shape.

    >>> phase_names([0, 2]).tolist(), phase_names(Phase.OVERFITTING).tolist()
    (['REGULARIZED', 'LEARNING'], 'OVERFITTING')
    """
    names = np.array([phase.name for phase in Phase], dtype=object)
    return np.array(names[np.asarray(phases)], dtype=object)


def flag_phases(dataset: xr.Dataset) -> None:
    """Say in the attributes of the variable ``phase`` which number is which phase, as the CF conventions do.

    >>> import xarray as xr
    >>> dataset = xr.Dataset({"phase": ("alpha", [0, 2])})
    >>> flag_phases(dataset)
    >>> dataset.phase.flag_meanings
    'regularized overfitting learning'
    """
    dataset.phase.attrs.update(flag_values=np.array(list(Phase), np.int32),
                               flag_meanings=" ".join(phase.name.lower() for phase in Phase))
