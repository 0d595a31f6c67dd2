"""Data whose sample covariance has prescribed eigenvalues: Gaussian, or a mixture of Gaussians."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from validation.laboratory.data import whole_seed
from validation.laboratory.laws import signal_law

#: Leading directions along which the coefficients of the mixture follow the law of two components each.
_MIXED = 2


@dataclass(frozen=True)
class PrescribedData:
    """Samples whose second moments XᵀX/P have exactly the given eigenvalues, as in the synthetic runs of [LZ].

    Parameters
    ----------
    eigenvalues : Λ_1 ≥ Λ_2 ≥ … > 0, one for each of the N features
    samples : P ≥ N
    law : "gaussian", or "mixture": four clusters in the plane of the two leading eigenvectors
    seed : whole number ≥ 0

    Raises
    ------
    vaesym.InputError
        A field outside its domain.

    Notes
    -----
    It serves as the data of a :class:`Run`: N signals of strengths Λ_l without noise, W* the eigenvectors times √N.

    Examples
    --------
    >>> data = PrescribedData((3.0, 2.0, 0.5), samples=50)
    >>> X = np.concatenate(list(data.pieces(50)))
    >>> np.linalg.eigvalsh(X.T @ X / 50).round(12)
    array([0.5, 2. , 3. ])
    """

    eigenvalues: tuple[float, ...]
    samples: int
    law: str = "gaussian"
    seed: int = 0

    def __post_init__(self) -> None:
        values = inputs.positive("eigenvalues", np.atleast_1d(self.eigenvalues))
        if values.ndim != 1 or (np.diff(values) > 0).any() or not len(values):
            raise InputError("eigenvalues in descending order", f"{self.eigenvalues}", "sort them")
        object.__setattr__(self, "eigenvalues", tuple(values.tolist()))
        if inputs.count("samples", self.samples) < len(values):
            raise InputError(f"samples >= {len(values)}, the number of features", f"{self.samples}", "draw more")
        if self.law not in {"gaussian", "mixture"}:
            raise InputError("law gaussian or mixture", f"{self.law!r}", "choose one of them")
        whole_seed(self.seed)

    @property
    def features(self) -> int:
        """Dimension N."""
        return len(self.eigenvalues)

    @property
    def strengths(self) -> tuple[float, ...]:
        """The eigenvalues."""
        return self.eigenvalues

    @property
    def noise(self) -> float:
        """Zero: the signals are all there is."""
        return 0.0

    def weights(self) -> Floats:
        """Return the eigenvectors (N, N) times √N."""
        generator = np.random.default_rng(np.random.SeedSequence(self.seed).spawn(1)[0])
        basis, triangle = np.linalg.qr(generator.standard_normal((self.features, self.features)))
        return np.sqrt(self.features) * basis * np.sign(np.diag(triangle))

    def pieces(self, rows: int) -> Iterator[Floats]:
        """Draw all samples, make their second moments the prescribed ones, and return them ``rows`` at a time."""
        _, values, choices = (np.random.default_rng(child) for child in np.random.SeedSequence(self.seed).spawn(3))
        coefficients = values.standard_normal((self.samples, self.features))
        if self.law == "mixture":
            mixed = min(_MIXED, self.features)
            coefficients[:, :mixed] = signal_law("mixture").draw(values, choices, (self.samples, mixed))
        # The triangular factor mixes a coefficient with those before it only, by O(1/√P): the clusters stay.
        orthogonal, triangle = np.linalg.qr(coefficients)
        white = orthogonal * np.sign(np.diag(triangle)) * np.sqrt(self.samples)
        samples = white * np.sqrt(self.eigenvalues) @ self.weights().T / np.sqrt(self.features)
        for start in range(0, self.samples, rows):
            yield samples[start : start + rows]
