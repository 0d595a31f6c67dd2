"""What a batch of runs starts from, and what is reported of it when it has been trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym.inputs import Floats, InputError
from validation.laboratory.observables import measure, observables
from validation.laboratory.runs import Run

#: Size of the weights of a collapsed start, relative to those of a random one.
_SMALL = 1e-3
#: Keeps the streams of the starting weights apart from those of the data.
_STREAM = 0x57A7


@dataclass
class Parameters:
    """Parameters of R runs of one shape, in NumPy.

    Attributes
    ----------
    decoder, encoder : W and V (R, N, M)
    variances : D (R, M)
    decoder_variance : σ² (R,)
    """

    decoder: Floats
    encoder: Floats
    variances: Floats
    decoder_variance: Floats


def same_shape(runs: Sequence[Run]) -> tuple[int, int, int]:
    """Return the shape (N, M, M*) of the runs, or raise :class:`vaesym.InputError` where there is not just one.

    >>> from validation.laboratory.data import SpikedData
    >>> same_shape([Run(SpikedData(5, 7))])
    (5, 1, 1)
    """
    shapes = {run.shape for run in runs}
    if len(shapes) != 1:
        raise InputError("runs of one shape (N, M, M*)", f"{sorted(shapes) or 'no runs'}", "divide them with blocks")
    return shapes.pop()


def starts(runs: Sequence[Run]) -> Parameters:
    """Return the starting parameters of runs of one shape, drawn on the CPU in double precision.

    >>> from validation.laboratory.data import SpikedData
    >>> begin = starts([Run(SpikedData(4, 9), beta=0.5, start="informed")])
    >>> (begin.decoder**2).sum().round(12) / 4, begin.variances.round(12)
    (np.float64(1.0), array([[0.33333333]]))
    """
    features, latents, _ = same_shape(runs)
    decoder, encoder = np.empty((2, len(runs), features, latents))
    variances = np.ones((len(runs), latents))
    for i, run in enumerate(runs):
        generator = np.random.default_rng(np.random.SeedSequence((run.start_seed, _STREAM)))
        decoder[i], encoder[i] = generator.standard_normal((2, features, latents))
        if run.start != "random":
            decoder[i] *= _SMALL
            encoder[i] *= _SMALL
        if run.start == "informed":
            _inform(run, decoder[i], encoder[i], variances[i])
    return Parameters(decoder, encoder, variances, np.array([run.decoder_variance for run in runs]))


def _inform(run: Run, decoder: Floats, encoder: Floats, variances: Floats) -> None:
    """Lay the first latents along W*, with Q = ρ and the encoder and D that suit it where λ = 0."""
    known = min(run.latents, len(run.data.strengths))
    strengths, scaled = np.array(run.data.strengths[:known]), run.beta * run.decoder_variance
    decoder[:, :known] = run.data.weights()[:, :known] * np.sqrt(strengths)
    encoder[:, :known] = decoder[:, :known] / (strengths + scaled)
    variances[:known] = scaled / (strengths + scaled)


def report(runs: Sequence[Run], found: Parameters, loss: Floats, gradient: Floats) -> dict[str, NDArray[Any]]:
    """Return the losses, order parameters and observables of trained runs, by name.

    Parameters
    ----------
    runs : R runs of one shape
    found : their parameters
    loss : R/N at them (R,)
    gradient : norm of the gradient of R/N in (W/√N, V/√N, ln D) (R,)

    Returns
    -------
    dict of arrays whose first axis is the run: ``loss``, ``gradient``, ``decoder_variance``, ``Q``, ``E``, ``R``
    (R, M, M), ``m``, ``d`` (R, M, M*), ``D`` (R, M) and what :func:`observables` returns. All but the first three
    are NaN for a run that has diverged.
    """
    directions = np.stack([run.data.weights() for run in runs])
    strengths = np.array([run.data.strengths for run in runs])
    noise = np.array([run.data.noise for run in runs])
    sound = _sound(found) & np.isfinite(loss)
    kept = Parameters(*(array[sound] for array in vars(found).values()))
    overlaps = measure(kept.decoder, kept.encoder, kept.variances, directions[sound])
    measured = {**vars(overlaps), **observables(overlaps, strengths[sound], noise[sound], kept.decoder_variance)}
    return {"loss": loss, "gradient": gradient, "decoder_variance": found.decoder_variance,
            **{name: _spread(array, sound) for name, array in measured.items()}}


def _sound(found: Parameters) -> NDArray[np.bool_]:
    """Which runs have only finite parameters whose squares are finite: those that have not diverged."""
    with np.errstate(over="ignore", invalid="ignore"):
        sizes = [(array**2).reshape(len(array), -1).sum(axis=1) ** 2 for array in vars(found).values()]
    return np.isfinite(sizes).all(axis=0) & (found.variances > 0).all(axis=1)


def _spread(values: Floats, sound: NDArray[np.bool_]) -> Floats:
    """Return the values of the sound runs in their places, and NaN elsewhere."""
    everywhere = np.full((len(sound), *values.shape[1:]), np.nan)
    everywhere[sound] = values
    return everywhere
