r"""Averages over the sites: from the conjugates (Ĝ, μ̂, χ̂) to the overlaps, with derivatives.

A row of the weights is :math:`w(h) = \arg\min_w[r(w) + \frac12w^T\hat Gw - w^Th]` at the field
:math:`h = \hat\mu w_* + \hat\chi^{1/2}\xi`. For each part of the law of w* (probability, mean, variance v) the field
is normal with mean a = μ̂·mean and covariance S = χ̂ + v μ̂μ̂ᵀ, and given h the mean of w* is mean + v μ̂ᵀS⁻¹(h − a).
Written h = a + Lz with LLᵀ = S, everything is an average over z; derivatives follow from dw = J(dh − dĜ w),
J = ∂w/∂h, and χ = E[J] = E[w zᵀ]L⁻¹.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from vaesym.engine.quadratic.equations import Quadratic
from vaesym.inputs import Floats


class Site(NamedTuple):
    """Averages: states (B, n), their derivatives (B, n, n), E[J ⊗ J] (B, k, k, k, k), and more by name."""

    value: Floats
    slope: Floats
    gain: Floats
    more: dict[str, Floats]


def closed(equations: Quadratic, hats: Floats, decay: Floats, *, tangents: bool = True) -> Site:
    """Return the averages for weight decay alone, whose weights are linear in the field; ``decay`` is (B, k).

    Without ``tangents`` the derivatives are left out.
    """
    stiff, drive, spread = equations.split(hats)
    count = len(hats)
    bent = stiff + decay[:, :, None] * np.eye(equations.count)
    lost = ~np.isfinite(bent).all((1, 2)) | (np.linalg.det(np.nan_to_num(bent)) == 0)
    answer = np.linalg.inv(np.where(lost[:, None, None], np.eye(equations.count), bent))
    answer[lost] = np.nan
    field = spread + drive[:, :, None] * drive[:, None, :]
    overlaps = answer @ field @ answer
    planted = np.einsum("bij,bj->bi", answer, drive)
    columns: list[Floats] = []
    for direction in np.eye(hats.shape[1])[:None if tangents else 0]:
        d_stiff, d_drive, d_spread = equations.split(np.broadcast_to(direction, hats.shape))
        d_answer = -answer @ d_stiff @ answer
        d_field = d_spread + d_drive[:, :, None] * drive[:, None, :] + drive[:, :, None] * d_drive[:, None, :]
        half = d_answer @ field @ answer
        d_overlaps = half + np.swapaxes(half, 1, 2) + answer @ d_field @ answer
        d_planted = np.einsum("bij,bj->bi", d_answer, drive) + np.einsum("bij,bj->bi", answer, d_drive)
        columns.append(equations.joined(d_overlaps, d_planted, d_answer))
    penalty = np.einsum("bi,bii->b", decay, overlaps) / 2
    more = {"penalty": penalty, "envelope": -np.einsum("bij,bji->b", answer, field) / 2,
            **{f"zero_{name}" if equations.count > 1 else "zero_fraction": np.zeros(count)
               for name in equations.students}}
    slope = np.stack(columns, axis=2) if tangents else np.empty((*hats.shape, 0))
    return Site(equations.joined(overlaps, planted, answer), slope,
                answer[:, :, None, :, None] * answer[:, None, :, None, :], more)


@dataclass(frozen=True)
class Law:
    """One part of the law of the planted rows for B points: fields h = a + Lz."""

    mean: Floats
    variance: Floats
    drive: Floats
    center: Floats
    root: Floats
    inverse: Floats

    @classmethod
    def of(cls, mean: Floats, variance: Floats, drive: Floats, spread: Floats) -> Law:
        """Return the law; mean and variance are (B,), L is lower triangular with the last student first."""
        covariance = spread + variance[:, None, None] * drive[:, :, None] * drive[:, None, :]
        with np.errstate(all="ignore"):
            root = _upper_root(covariance)
            regular = np.isfinite(root).all(axis=(1, 2)) & (root[:, 0, 0] * root[:, 1, 1] != 0)
            # Fields that do not vary, as where everything is collapsed, tell nothing of w*.
            inverse = np.linalg.inv(np.where(regular[:, None, None], root, np.eye(2)))
        return cls(mean, variance, drive, drive * mean[:, None], root, inverse)

    def moved(self, d_drive: Floats, d_spread: Floats) -> tuple[Floats, Floats]:
        """Return the changes (da, dL) with those of μ̂ and χ̂."""
        change = self.variance[:, None, None] * (
            d_drive[:, :, None] * self.drive[:, None, :] + self.drive[:, :, None] * d_drive[:, None, :]) + d_spread
        inner = self.inverse @ change @ np.swapaxes(self.inverse, 1, 2)
        half = np.triu(inner, 1) + np.einsum("bii->bi", inner)[:, :, None] * np.eye(2) / 2
        return d_drive * self.mean[:, None], self.root @ half


def _upper_root(covariance: Floats) -> Floats:
    """Return the upper triangular L with LLᵀ = S, so that the second field depends on the second variable alone."""
    found = np.zeros_like(covariance)
    second = np.sqrt(covariance[:, 1, 1])
    cross = np.where(second > 0, covariance[:, 0, 1] / second, 0.0)
    found[:, 1, 1], found[:, 0, 1] = second, cross
    found[:, 0, 0] = np.sqrt(covariance[:, 0, 0] - cross * cross)
    return found
