"""Minimisation of the whole loss, run by run: exactly, by eigendecomposition, or by L-BFGS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.optimize import minimize

from vaesym.inputs import Floats, InputError
from vaesym.linear_vae.point.potential import minimise_potential
from validation.simulate.data import DataSet, second_moments
from validation.simulate.loss_by_hand import loss_and_gradient
from validation.simulate.observables import report
from validation.simulate.runs import Parameters, Run, Settings, same_shape, starts

_LBFGS = {"maxiter": 50_000, "maxfun": 100_000, "maxcor": 20, "ftol": 1e-15, "gtol": 1e-10}


def leading_eigenpairs(moments: Floats, count: int, device: str = "cpu") -> tuple[Floats, Floats]:
    """Return the ``count`` largest eigenvalues (B, count), descending, and eigenvectors (B, N, count) of S (B, N, N).

    On the CPU only the wanted ones are computed, matrix by matrix; on CUDA all of them, as one batch.

    >>> values, vectors = leading_eigenpairs(np.diag([1.0, 3.0, 2.0])[None], 2)
    >>> values.round(12), abs(vectors[0, :, 0]).round(12)
    (array([[3., 2.]]), array([0., 1., 0.]))
    """
    features = moments.shape[-1]
    if device == "cuda":
        import torch

        found = torch.linalg.eigh(torch.as_tensor(moments, device=device))
        values, vectors = (part[..., -count:].flip(-1).cpu().numpy() for part in found)
        return values, vectors
    pairs = [eigh(matrix, subset_by_index=(features - count, features - 1), check_finite=False) for matrix in moments]
    return np.stack([pair[0][::-1] for pair in pairs]), np.stack([pair[1][:, ::-1] for pair in pairs])


def exact_parameters(runs: Sequence[Run], eigenvalues: Floats, vectors: Floats) -> Parameters:
    """Return the global minimum for runs of one shape, from the leading eigenpairs of their covariances XᵀX/P.

    These are Λ (R, M), descending, and unit eigenvectors (R, N, M).

    Source: theory, section 3; at a decoder variance σ² it is the problem at (βσ², λσ²).
    """
    features = vectors.shape[1]
    variance = np.array([run.decoder_variance for run in runs])
    alpha, beta, lam = (np.broadcast_to(np.array(column)[:, None], eigenvalues.shape) for column in (
        [run.data.samples / features for run in runs], [run.beta for run in runs] * variance,
        [run.lam for run in runs] * variance))
    # Where Λ ≤ βσ² the latent collapses whatever λ is; rounding may also have left Λ < 0 there.
    alive = eigenvalues > beta
    norms, gains = np.zeros_like(eigenvalues), np.zeros_like(eigenvalues)
    a, b, decay, top = (array[alive] for array in (alpha, beta, lam, eigenvalues))
    norms[alive] = minimise_potential(a, b, decay, top)
    gains[alive] = 1 / (norms[alive] + b + decay / (a * top))
    decoder = vectors * np.sqrt(features * norms)[:, None]
    return Parameters(decoder, decoder * gains[:, None], beta / (norms + beta), variance)


class DirectMinimisation:
    """Runs of one shape, each minimised at one go; one step is one run.

    It has the interface of :class:`BatchedTraining`: ``steps`` and ``done``, ``advance``, ``state``, ``restore`` and
    ``result``.

    Raises :class:`vaesym.InputError`: runs of several shapes, another method, data beyond the memory budget, or the
    exact method for a learned decoder variance, for which there is none.

    >>> from validation.simulate.data import SpikedData
    >>> runs = [Run(SpikedData(40, 80, strengths=(3.0,)), beta=beta) for beta in (0.5, 20.0)]
    >>> exact = DirectMinimisation(runs, Settings(method="exact"))
    >>> exact.advance(exact.steps)
    >>> exact.result()["rate"] > 0
    array([ True, False])
    """

    def __init__(self, runs: Sequence[Run], settings: Settings) -> None:
        if settings.method not in {"exact", "lbfgs"}:
            raise InputError("method exact or lbfgs", f"{settings.method!r}", "use BatchedTraining for a descent")
        if settings.method == "exact" and any(run.learn_decoder_variance for run in runs):
            raise InputError("a fixed decoder variance for the exact method", "one that is learned",
                             "use lbfgs or adam for it")
        latents = same_shape(runs)[1]
        self.runs, self.settings = list(runs), settings
        self.steps, self.done = len(self.runs), 0
        self._device = "cpu" if settings.method == "lbfgs" else settings.resolved_device()
        self._found = starts(self.runs)
        self._loss, self._gradient = np.zeros((2, len(self.runs)))
        self._eigenvalues = np.zeros((len(self.runs), latents))
        self._moments: tuple[DataSet, Floats, tuple[Floats, Floats]] | None = None

    def advance(self, until: int) -> None:
        """Minimise the runs up to position ``until`` (all, if it is larger)."""
        for i in range(self.done, min(until, self.steps)):
            run = self.runs[i]
            moments, pairs = self._of(run)[1:]
            if self.settings.method == "exact":
                values, vectors = pairs
                self._eigenvalues[i] = values[0] * run.data.features / run.data.samples
                found = exact_parameters([run], self._eigenvalues[i : i + 1], vectors)
            else:
                found = by_lbfgs(run, moments, self._found, i)
            for name, array in vars(found).items():
                getattr(self._found, name)[i] = array[0]
            self._loss[i], self._gradient[i] = _at(run, moments, found)
            self.done = i + 1

    def _of(self, run: Run) -> tuple[DataSet, Floats, tuple[Floats, Floats]]:
        """The second moments of a run's data and their eigenpairs, kept for the next run on the same data."""
        if self._moments is None or self._moments[0] != run.data:
            moments = second_moments(run.data, self.settings.memory)
            exact = self.settings.method == "exact"
            pairs = leading_eigenpairs(moments[None], run.latents, self._device) if exact else (moments, moments)
            self._moments = run.data, moments, pairs
        return self._moments

    def state(self) -> dict[str, NDArray[Any]]:
        """Return all that is needed to continue, as arrays."""
        return {"done": np.array(self.done), "loss": self._loss.copy(), "gradient": self._gradient.copy(),
                "eigenvalues": self._eigenvalues.copy(),
                **{name: array.copy() for name, array in vars(self._found).items()}}

    def restore(self, state: dict[str, NDArray[Any]]) -> None:
        """Continue from what :meth:`state` returned for the same runs and settings."""
        self.done = int(state["done"])
        self._loss, self._gradient = state["loss"].copy(), state["gradient"].copy()
        self._eigenvalues = state["eigenvalues"].copy()
        for name in vars(self._found):
            setattr(self._found, name, state[name].copy())

    def result(self) -> dict[str, NDArray[Any]]:
        """Return what :func:`report` does, and for the exact method the ``eigenvalues`` Λ (R, M) of XᵀX/P."""
        extra = {"eigenvalues": self._eigenvalues.copy()} if self.settings.method == "exact" else {}
        return {**report(self.runs, self._found, self._loss.copy(), self._gradient.copy()), **extra}


def _flat(run: Run, found: Parameters, i: int = 0) -> Floats:
    """The parameters of a run as the NumPy loss takes them."""
    root = np.sqrt(run.data.features)
    parts = [found.decoder[i].ravel() / root, found.encoder[i].ravel() / root, np.log(found.variances[i])]
    if run.learn_decoder_variance:
        parts.append(np.log(found.decoder_variance[i : i + 1]))
    return np.concatenate(parts)


def _arguments(run: Run, moments: Floats) -> tuple[Any, ...]:
    scale = 1.0 if run.learn_decoder_variance else run.decoder_variance
    return moments, run.data.samples, run.latents, run.beta * scale, run.lam * scale, run.learn_decoder_variance


def _at(run: Run, moments: Floats, found: Parameters) -> tuple[float, float]:
    """R/N and the norm of its gradient."""
    loss, gradient = loss_and_gradient(_flat(run, found), *_arguments(run, moments))
    scale = 1.0 if run.learn_decoder_variance else run.decoder_variance
    return loss / scale, float(np.linalg.norm(gradient)) / scale


def by_lbfgs(run: Run, moments: Floats, begin: Parameters, i: int) -> Parameters:
    """Return the minimum of a run that L-BFGS finds from the parameters at position i."""
    features, latents = moments.shape[0], run.latents
    flat = minimize(loss_and_gradient, _flat(run, begin, i), _arguments(run, moments), jac=True, method="L-BFGS-B",
                    options=_LBFGS).x
    decoder, encoder = flat[: 2 * features * latents].reshape(2, 1, features, latents) * np.sqrt(features)
    variances = np.exp(flat[2 * features * latents :][None, :latents])
    variance = np.exp(flat[-1]) if run.learn_decoder_variance else run.decoder_variance
    return Parameters(decoder, encoder, variances, np.array([variance]))
