r"""A KL that is aimed at: the β for it, capacity annealing and free bits, in the linear theory.

At a fixed total KL of K nats the least squared error that M latents leave is a convex function F(K) whose slope is −b,
where b = βσ² is the weight at which the plain β-VAE carries K nats, :math:`K = \sum_l \tfrac12 \ln^+(\Lambda_l/b)`
(claims C3 and C4 of the theory: the rate-distortion function of a Gaussian source). All that follows is about where
F(K) plus another function of the KL is least.

- **Capacity** (Burgess et al., arXiv:1804.03599), F + γ|K − C|: below C the slope is −b − γ < 0, above it γ − b(K). So
  K = C for each γ ≥ b(C), and the state is that of the plain β-VAE at b(C), whatever γ; for γ < b(C) it is that at γ,
  which carries more than C. In one line: b = min(γ, b(C)). As C is raised from 0, latent l switches on at
  :math:`C_l = \sum_{m<l} \tfrac12\ln(\Lambda_m/\Lambda_l)`.
- **Free bits over the total**, F + β max(C, K): the same, with γ = β.
- **Free bits for each latent** (Kingma et al., arXiv:1606.04934), F + β Σ max(f, KL_l): no latent collapses at any β,
  as f nats of each are free. For β ≤ Λ_M e^{-2f} nothing changes: the plain optimum has KL_l ≥ f throughout, and no
  state costs less than in the plain loss. Where β is large each latent carries just f nats: a signal-to-noise ratio of
  s = e^{2f} − 1 each, M s in all, which rotations of the latents spread over the eigenvectors as they like (Schur and
  Horn). So direction m has :math:`1 + g_m = \max(1, \sqrt{\Lambda_m/\nu})` with Σ g_m = M s, leaves Λ_m/(1 + g_m), and
  several latents share the strong directions. That is stable for β ≥ ν e^{2f}.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from vaesym import inputs
from vaesym.inputs import Floats, InputError

#: Free nats whose signal-to-noise ratio float64 holds with ease.
_MOST = 300.0


@dataclass(frozen=True)
class TargetKl:
    """The plain β-VAE that carries C nats, in the user's loss.

    Fields: ``nats``, C; ``effective_beta``, its βσ²; ``kl_weight``, its β, and also the γ from which on γ·|KL − C|
    holds the KL at C; ``active`` latents; ``kl`` of each in nats; ``starts``, the C at which each latent switches on,
    None for directions without variance.
    """

    nats: float
    effective_beta: float
    kl_weight: float
    active: int
    kl: tuple[float, ...]
    starts: tuple[float | None, ...]


def target_kl(eigenvalues: Any, nats: float, *, unit: float = 1.0) -> TargetKl:
    r"""Return the β at which the latents carry so many nats in all.

    Parameters
    ----------
    eigenvalues : Λ_l of the latents (M), largest first
    nats : C > 0
    unit : β of the user's loss over βσ²

    Raises :class:`vaesym.InputError`: a number of nats that is not positive, or no eigenvalue > 0.

    Notes
    -----
    With k active latents :math:`\ln b = \frac1k(\sum_{l\le k}\ln\Lambda_l - 2C)`, and k is the number for which
    :math:`\Lambda_{k+1} \le b < \Lambda_k`. Any C can be reached: as β → 0 the KL has no bound.

    >>> found = target_kl([4.0, 1.0], np.log(2) / 2)
    >>> round(found.effective_beta, 9), found.active
    (2.0, 1)
    >>> round(target_kl([4.0, 1.0], np.log(4)).effective_beta, 9)
    0.5
    """
    values, aim = _falling(eigenvalues), inputs.positive_number("target_kl, in nats", nats)
    logs = np.log(values[values > 0])
    ranks = np.arange(1, len(logs) + 1)
    levels = (np.cumsum(logs) - 2 * aim) / ranks
    # The level of the right number lies above the next eigenvalue; of fewer latents it would not.
    right = int(np.argmax(levels >= np.append(logs[1:], -np.inf)))
    level = float(levels[right])
    kl = np.zeros(len(values))
    kl[: len(logs)] = np.maximum(logs - level, 0) / 2
    starts = (np.concatenate([[0.0], np.cumsum(logs)[:-1]]) - (ranks - 1) * logs) / 2
    with np.errstate(under="ignore"):
        effective = float(np.exp(level))
    if not 0 < effective * unit < np.inf:
        raise InputError("a target_kl whose β float64 can hold", f"{aim:g} nats for {len(logs)} latents",
                         "give the total KL of one sample in nats")
    return TargetKl(aim, effective, effective * unit, int((kl > 0).sum()), tuple(kl.tolist()),
                    (*starts.tolist(), *[None] * (len(values) - len(logs))))


@dataclass(frozen=True)
class FreeBits:
    """What f free nats for each latent do, in the user's loss.

    Fields: ``nats``, f; ``without_effect``, the β up to which nothing changes (0 where a latent has no variance);
    ``floor_from``, the β from which on each latent carries just f; ``residual``, the share of the variance of these
    directions that is then left unexplained; ``directions``, how many the latents share then.
    """

    nats: float
    without_effect: float
    floor_from: float
    residual: float
    directions: int


def free_bits(eigenvalues: Any, nats: float, *, unit: float = 1.0) -> FreeBits:
    r"""Return what free bits for each latent change.

    Parameters and errors are those of :func:`target_kl`, with f in place of C. Source: the notes of this module.

    >>> found = free_bits([4.0, 1.0], np.log(2) / 2)     # g = 5/3 along the first direction, 1/3 along the second
    >>> found.without_effect, found.directions, round(found.residual, 3)
    (0.5, 2, 0.45)
    """
    values, free = _falling(eigenvalues), inputs.positive_number("free_bits, in nats", nats)
    if free > _MOST:
        raise InputError(f"free_bits up to {_MOST:g} nats for each latent", f"{free:g}", "give nats of one latent, "
                         "mostly below 1")
    count, known = len(values), values[values > 0]
    budget = count * np.expm1(2 * free)
    roots = np.sqrt(known)
    # Σ (√(Λ/ν) − 1) over the first k is the budget.
    levels = np.cumsum(roots) / (budget + np.arange(1, len(known) + 1))
    shared = int(np.count_nonzero(roots > levels))
    level = float(levels[shared - 1])
    left = float(level * roots[:shared].sum() + known[shared:].sum())
    return FreeBits(free, float(values[-1] * np.exp(-2 * free)) * unit, float(level * np.exp(free)) ** 2 * unit,
                    left / float(known.sum()), shared)


def _falling(eigenvalues: Any) -> Floats:
    values = np.sort(inputs.non_negative("eigenvalues", eigenvalues).ravel())[::-1]
    if not len(values) or not values[0] > 0:
        raise InputError("an eigenvalue > 0", f"{len(values)} of them", "check the data: nothing can be learned")
    return values
