"""What each parameter and each field of a result means, and its unit; phases by name."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.generated import quantities

if TYPE_CHECKING:
    import xarray as xr


class Phase(IntEnum):
    """The phase of the global minimum [IH, Sec. 6.2]."""

    REGULARIZED = 0
    OVERFITTING = 1
    LEARNING = 2


class Stability(IntEnum):
    """Rank of a state: global minimum, other local minimum, saddle, or a fold or branch point between them."""

    STABLE = 0
    METASTABLE = 1
    UNSTABLE = 2
    MARGINAL = 3


class Meaning(NamedTuple):
    """What a quantity is, its unit ("1" if it has none), its domain, and its symbol in TeX.

    >>> MEANINGS["rate"].attributes
    {'long_name': 'KL to the prior, fresh data', 'units': 'nats'}
    """

    text: str
    unit: str
    domain: str
    symbol: str

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes of a variable in a labelled dataset, by the names of the CF conventions."""
        return {"long_name": self.text, "units": self.unit}


#: All quantities, as the table of symbols has them.
MEANINGS = {name: Meaning(*row) for name, row in quantities.QUANTITIES.items()}
#: The parameters of a point, in calling order; the fields that each latent has; those of the model as a whole.
PARAMETERS = {name: MEANINGS[name] for name in quantities.PARAMETERS}
LATENT_FIELDS = {name: MEANINGS[name] for name in ("phase", *"QERmdD", "eigenvalue", "overlap")}
MODEL_FIELDS = {name: MEANINGS[name] for name in (
    "free_energy", "signal_recovery_error", "rate", "distortion", "kl_variational_to_posterior",
    "kl_posterior_to_variational")}


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
