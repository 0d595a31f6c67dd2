"""The data of a scan: read, checked, split, and as the networks see them."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym.inputs import InputError
from vaesym.practice.data.matrix import Array, check_matrix
from vaesym.practice.data.readers import as_loaded
from vaesym.practice.families import FAMILIES, unit_digits
from vaesym.practice.network.beyond import last_collapse
from vaesym.practice.objectives.condition import read_condition
from vaesym.practice.scan.linear import Linear, linear_theory
from vaesym.practice.scan.observations import Observation, columns, family_of, observe, seen
from vaesym.practice.scan.settings import Settings

#: Values of the data at most: 8 GB as the networks hold them.
_MOST = 2_000_000_000


@dataclass(frozen=True, eq=False)
class Prepared:
    """What a scan needs of its data.

    Attributes
    ----------
    name, notes : of the source, and what was done to the data
    values, inputs, condition : what the loss compares (P, F), what the encoder sees (P, F), and what both networks are
        told besides (P, C); float32
    training, held_out : numbers of the rows
    observation, linear : the likelihood and the linear theory of the training rows
    features : N, columns of the data; F ≥ N of codes of categories
    beta_range : of the scan, in units in which the decoder's variance is 1
    shape : of an image, where a network needs it
    """

    name: str
    notes: tuple[str, ...]
    values: Array
    inputs: Array
    condition: Array
    training: Array
    held_out: Array
    observation: Observation
    linear: Linear
    features: int
    beta_range: tuple[float, float]
    shape: tuple[int, ...] | None


def prepare(data: Any, condition: Any, settings: Settings, *, raw: bool = False) -> Prepared:
    """Read and check the data and return them as the networks see them.

    Raises :class:`vaesym.InputError`: data that cannot be read, hold nothing to learn or that the likelihood cannot
    give, a condition that does not fit them, too few samples, or images of another shape.

    >>> ready = prepare(np.eye(40), None, Settings(2))
    >>> ready.values.shape, len(ready.training), len(ready.held_out)
    ((40, 40), 36, 4)
    """
    loaded = unit_digits(as_loaded(data, raw=raw or FAMILIES[settings.likelihood].unscaled), settings.likelihood, data)
    matrix = _in_memory(check_matrix(loaded.array))
    shape = _image_shape(settings, matrix.shape[1])
    values, groups = columns(matrix if loaded.scaling == 1 else matrix * np.float32(loaded.scaling),
                             settings.likelihood, settings.groups)
    known = None if condition is None else read_condition(condition, loaded)
    told = np.zeros((len(matrix), 0), dtype=np.float32) if known is None else known.columns
    training, held_out = _split(len(matrix), settings)
    check_matrix(values[training])
    observation = observe(values[training], settings.likelihood, groups)
    linear = linear_theory(values[training], observation, settings.latents, told[training], settings.seed,
                           labels=known is not None and known.labels is not None and not settings.linear)
    if linear.thresholds[0] <= 0:
        raise InputError("data with variance beyond what the condition explains", "none", "leave the condition out")
    family = family_of(observation)
    if family is not None and known is None and not (linear.gaussian and settings.linear):
        last = last_collapse(values[training], float(linear.thresholds[0]), family)
        linear = dataclasses.replace(linear, last=last)
    compared, given = seen(values, observation, training)
    fixed = settings.variance or 1.0
    ends = settings.beta_range
    chosen = linear.default_range() if ends is None else (ends[0] * fixed, ends[1] * fixed)
    return Prepared(loaded.name, loaded.notes, compared, given, told, training, held_out, observation, linear,
                    matrix.shape[1], chosen, shape)


def _in_memory(matrix: Array) -> Array:
    """Return a matrix that is sparse or in a file as an array: networks are trained on all of it many times."""
    if matrix.size > _MOST:
        raise InputError(f"up to {_MOST:,} values, which a training holds in memory", f"{matrix.size:,}",
                         "pass some of the rows, or the columns that vary most")
    return np.asarray(matrix)


def _split(samples: int, settings: Settings) -> tuple[Array, Array]:
    held = round(settings.held_out * samples)
    if samples - held < 2:
        raise InputError("two training samples or more", f"{samples - held}", "hold out a smaller share")
    order = np.random.default_rng(settings.seed).permutation(samples)
    return np.sort(order[held:]), np.sort(order[:held])


def _image_shape(settings: Settings, features: int) -> tuple[int, ...] | None:
    """Return the shape of an image, guessed where it can be, or None where no network needs it."""
    if settings.network != "convolutional" or settings.encoder is not None:
        if settings.shape is not None:
            raise InputError("shape beside the convolutional network", f"{settings.shape}", "leave it out")
        return None
    if settings.likelihood == "categorical":
        raise InputError("another likelihood beside the convolutional network", "categorical", "choose the network mlp")
    side = math.isqrt(features)
    shape = settings.shape or (1, side, side)
    if math.prod(shape) != features:
        raise InputError(f"images whose shape makes {features} features", f"{shape}",
                         "pass shape=(channels, height, width)")
    factor = 2 ** len(settings.hidden)
    if shape[1] % factor or shape[2] % factor:
        raise InputError(f"images whose sides are multiples of {factor}, for {len(settings.hidden)} convolutions",
                         f"{shape[1]} x {shape[2]}", "choose fewer convolutions, or pad the images")
    return shape
