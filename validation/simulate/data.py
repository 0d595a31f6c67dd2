"""Data that are drawn: laws of the signal, spiked data, data of prescribed covariance, and their second moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.random import Generator

from vaesym import inputs
from vaesym.inputs import Floats, InputError

#: Bytes that an array may take unless another budget is given.
MEMORY = 2 * 2**30
#: Samples whose moments are summed at a time: fixed, so that the rounding of a sum never depends on the budget.
_ROWS = 1024
#: Share of the coefficients that are not zero under the sparse law.
SPARSITY = 0.1
#: Means of the two components of the mixture are ± this; their variance is what is left of 1.
SEPARATION = 0.9
_WITHIN = 1 - SEPARATION**2
#: Leading directions along which the coefficients of prescribed mixtures follow the law of two components each.
_MIXED = 2


class SignalLaw(NamedTuple):
    """A law of the coefficients c, of zero mean and unit variance: E c⁴, and how it is drawn.

    ``draw`` takes two generators, of values and of choices, and a shape. Each generator serves one kind of draw, one
    after another, so that the numbers do not depend on the pieces in which they are drawn.
    """

    fourth_moment: float
    draw: Callable[[Generator, Generator, tuple[int, int]], Floats]


def _signs(choices: Generator, shape: tuple[int, int]) -> Floats:
    return np.where(choices.random(shape) < 0.5, -1.0, 1.0)


#: The laws by name: Gaussian, ±1, Bernoulli–Gauss, exponential less its mean, and a mixture of two Gaussians.
LAWS = {
    "gaussian": SignalLaw(3.0, lambda values, choices, shape: values.standard_normal(shape)),
    "rademacher": SignalLaw(1.0, lambda values, choices, shape: _signs(choices, shape)),
    "sparse": SignalLaw(3.0 / SPARSITY, lambda values, choices, shape: (
        values.standard_normal(shape) * (choices.random(shape) < SPARSITY) / np.sqrt(SPARSITY))),
    "exponential": SignalLaw(9.0, lambda values, choices, shape: values.standard_exponential(shape) - 1.0),
    "mixture": SignalLaw(SEPARATION**4 + 6 * SEPARATION**2 * _WITHIN + 3 * _WITHIN**2, lambda values, choices, shape: (
        SEPARATION * _signs(choices, shape) + np.sqrt(_WITHIN) * values.standard_normal(shape))),
}


class DataSet(Protocol):
    """What a run needs to know of its data; hashable, so that runs on the same data share their moments."""

    features: int
    samples: int
    strengths: tuple[float, ...]
    noise: float

    def weights(self) -> Floats:
        """Return W* (N, M*), with W*ᵀW* = N·I."""
        ...

    def pieces(self, rows: int) -> Iterator[Floats]:
        """Draw the samples, at most ``rows`` at a time, as arrays (rows, N); the numbers do not depend on ``rows``."""
        ...


def _haar(generator: Generator, features: int, columns: int) -> Floats:
    basis, triangle = np.linalg.qr(generator.standard_normal((features, columns)))
    return np.sqrt(features) * basis * np.sign(np.diag(triangle))


@dataclass(frozen=True)
class SpikedData:
    r"""Specification of a data set x = Σ_k √(ρ_k/N) W*_k c_k + √η n; it holds no samples.

    Parameters
    ----------
    features, samples : N and P, whole numbers ≥ 1
    strengths : ρ_k > 0, one for each of the M* ≤ N latents of the data
    noise : η > 0
    law : law of the coefficients c, a name in ``LAWS``
    seed : whole number ≥ 0; the samples depend on it and on nothing else but the fields

    Raises :class:`vaesym.InputError` for a field outside its domain.

    Source: theory, section 1. The samples are drawn on the CPU in double precision, whatever the device that
    trains on them; signal, noise and W*, Haar-distributed, have generators of their own.

    >>> data = SpikedData(features=50, samples=100, strengths=(1.0, 0.5), seed=3)
    >>> second_moments(data).shape, data.weights().shape
    ((50, 50), (50, 2))
    """

    features: int
    samples: int
    strengths: tuple[float, ...] = (1.0,)
    noise: float = 1.0
    law: str = "gaussian"
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", inputs.count("features", self.features))
        object.__setattr__(self, "samples", inputs.count("samples", self.samples))
        strengths = inputs.positive("strengths", np.atleast_1d(self.strengths))
        if strengths.ndim != 1 or not 1 <= len(strengths) <= self.features:
            raise InputError(f"between 1 and {self.features} strengths", f"shape {strengths.shape}",
                             "give one number for each latent of the data")
        object.__setattr__(self, "strengths", tuple(strengths.tolist()))
        object.__setattr__(self, "noise", float(inputs.positive("noise", self.noise)))
        one_of("law", self.law, tuple(LAWS))
        object.__setattr__(self, "seed", inputs.whole_seed(self.seed))

    def _generators(self) -> list[Generator]:
        return [np.random.default_rng(child) for child in np.random.SeedSequence(self.seed).spawn(4)]

    def weights(self) -> Floats:
        """Return W* (N, M*)."""
        return _haar(self._generators()[0], self.features, len(self.strengths))

    def pieces(self, rows: int = _ROWS) -> Iterator[Floats]:
        """Draw the samples, at most ``rows`` at a time.

        >>> data = SpikedData(4, 10)
        >>> bool((np.concatenate(list(data.pieces(3))) == np.concatenate(list(data.pieces(7)))).all())
        True
        """
        _, values, choices, noises = self._generators()
        loadings = (self.weights() * np.sqrt(np.array(self.strengths) / self.features)).T
        for start in range(0, self.samples, inputs.count("rows", rows)):
            piece = min(rows, self.samples - start)
            coefficients = LAWS[self.law].draw(values, choices, (piece, len(self.strengths)))
            # Summed latent by latent: a matrix product would round by the shape of the piece.
            samples = np.sqrt(self.noise) * noises.standard_normal((piece, self.features))
            for latent, loading in enumerate(loadings):
                samples += coefficients[:, latent, None] * loading
            yield samples


@dataclass(frozen=True)
class PrescribedData:
    """Samples whose second moments XᵀX/P have exactly the given eigenvalues, as in the synthetic runs of [LZ].

    Parameters
    ----------
    eigenvalues : Λ_1 ≥ Λ_2 ≥ … > 0, one for each of the N features
    samples : P ≥ N
    law : "gaussian", or "mixture": four clusters in the plane of the two leading eigenvectors
    seed : whole number ≥ 0

    Raises :class:`vaesym.InputError` for a field outside its domain.

    Notes
    -----
    To a run they are N signals of strengths Λ_l without noise, with the eigenvectors times √N for W*.

    >>> data = PrescribedData((3.0, 2.0, 0.5), samples=50)
    >>> X = np.concatenate(list(data.pieces(50)))
    >>> np.linalg.eigvalsh(X.T @ X / 50).round(12)
    array([0.5, 2. , 3. ])
    """

    eigenvalues: tuple[float, ...]
    samples: int
    law: str = "gaussian"
    seed: int = 0
    noise = 0.0

    def __post_init__(self) -> None:
        values = inputs.positive("eigenvalues", np.atleast_1d(self.eigenvalues))
        if values.ndim != 1 or (np.diff(values) > 0).any() or not len(values):
            raise InputError("eigenvalues in descending order", f"{self.eigenvalues}", "sort them")
        object.__setattr__(self, "eigenvalues", tuple(values.tolist()))
        if inputs.count("samples", self.samples) < len(values):
            raise InputError(f"samples >= {len(values)}, the number of features", f"{self.samples}", "draw more")
        one_of("law", self.law, ("gaussian", "mixture"))
        inputs.whole_seed(self.seed)

    @property
    def features(self) -> int:
        """Dimension N."""
        return len(self.eigenvalues)

    @property
    def strengths(self) -> tuple[float, ...]:
        """The eigenvalues."""
        return self.eigenvalues

    def weights(self) -> Floats:
        """Return the eigenvectors (N, N) times √N."""
        generator = np.random.default_rng(np.random.SeedSequence(self.seed).spawn(1)[0])
        return _haar(generator, self.features, self.features)

    def pieces(self, rows: int) -> Iterator[Floats]:
        """Draw all samples, make their second moments the prescribed ones, and return them ``rows`` at a time."""
        _, values, choices = (np.random.default_rng(child) for child in np.random.SeedSequence(self.seed).spawn(3))
        coefficients = values.standard_normal((self.samples, self.features))
        if self.law == "mixture":
            mixed = min(_MIXED, self.features)
            coefficients[:, :mixed] = LAWS["mixture"].draw(values, choices, (self.samples, mixed))
        # The triangular factor mixes a coefficient with those before it only, by O(1/√P): the clusters stay.
        orthogonal, triangle = np.linalg.qr(coefficients)
        white = orthogonal * np.sign(np.diag(triangle)) * np.sqrt(self.samples)
        samples = white * np.sqrt(self.eigenvalues) @ self.weights().T / np.sqrt(self.features)
        for start in range(0, self.samples, rows):
            yield samples[start : start + rows]


def one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise :class:`vaesym.InputError` unless ``value`` is among ``choices``.

    >>> one_of("law", "sparse", tuple(LAWS))
    """
    if value not in choices:
        raise InputError(f"{name} among {', '.join(choices)}", f"{value!r}", "choose one of them")


def require_memory(needed: float, budget: float, what: str) -> None:
    """Raise :class:`vaesym.InputError` where ``needed`` bytes exceed the budget, naming both."""
    if needed > budget:
        raise InputError(f"at most {budget / 2**30:.3g} GiB for {what}", f"sizes that need {needed / 2**30:.3g} GiB",
                         "lower the sizes or raise the memory budget")


def moments_memory(features: int, samples: int) -> int:
    """Return the bytes that :func:`second_moments` takes: N² numbers twice over and a piece of the samples."""
    return 8 * (2 * features**2 + 3 * min(_ROWS, samples) * features)


def second_moments(data: DataSet, memory: float = MEMORY) -> Floats:
    """Return S = XᵀX/N, shape (N, N), summed in double precision without keeping X.

    Raises :class:`vaesym.InputError` where more bytes than ``memory`` would be needed; the message names the figure.

    >>> X = all_samples(data := SpikedData(20, 30))
    >>> bool(np.allclose(second_moments(data), X.T @ X / 20))
    True
    """
    needed = moments_memory(data.features, data.samples)
    require_memory(needed, memory, f"the second moments of {data.features} features")
    total = np.zeros((data.features, data.features))
    for piece in data.pieces(_ROWS):
        total += piece.T @ piece
    return total / data.features


def all_samples(data: DataSet, memory: float = MEMORY) -> Floats:
    """Return X (P, N), or raise :class:`vaesym.InputError` naming the memory it would need.

    >>> all_samples(SpikedData(3, 5)).shape
    (5, 3)
    """
    require_memory(8 * data.samples * data.features, memory, f"{data.samples} samples of {data.features} features")
    samples, start = np.empty((data.samples, data.features)), 0
    for piece in data.pieces(_ROWS):
        samples[start : start + len(piece)] = piece
        start += len(piece)
    return samples
