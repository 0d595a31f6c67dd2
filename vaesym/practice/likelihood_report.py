"""Where everything collapses, in the words and units of a user's loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console

from vaesym.output import indented
from vaesym.practice.likelihood import ASSUMPTIONS, CollapseThresholds
from vaesym.practice.scale import LossScale


@dataclass(frozen=True)
class FullCollapse:
    """Thresholds with the loss that they are asked for.

    ``loss`` has the user's KL weight only if one is given, ``weighted``; ``latents`` M are those of the model.
    """

    found: CollapseThresholds
    loss: LossScale
    latents: int
    weighted: bool

    @property
    def weights(self) -> list[float]:
        """The thresholds in units of the user's KL weight, 0 where there is nothing to explain."""
        # Positive, as something varies; its ratio to a weight is the same for all thresholds.
        top = self.found.full_collapse
        unit = float(self.loss.kl_weight_for(top, n_features=self.found.n_terms, n_latents=self.latents)) / top
        return [float(value) * unit for value in self.found.thresholds]

    @property
    def effective_beta(self) -> float | None:
        """The β of the theory at the user's weight; None without one."""
        sizes = {"n_features": self.found.n_terms, "n_latents": self.latents}
        return self.loss.effective_beta(**sizes) if self.weighted else None

    @property
    def collapsed(self) -> bool | None:
        """Whether full collapse is stable at the user's weight; None without one."""
        beta = self.effective_beta
        return None if beta is None else beta >= self.found.full_collapse

    @property
    def description(self) -> str:
        """The loss in words, β for a weight that is not given."""
        return self.loss.describe(None if self.weighted else "β")

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts and lists."""
        return {**self.found.to_dict(), "loss": self.description, "n_latents": self.latents,
                "kl_weight": self.loss.kl_weight if self.weighted else None, "effective_beta": self.effective_beta,
                "collapse_weights": self.weights, "full_collapse_weight": self.weights[0],
                "fully_collapsed": self.collapsed, "assumptions": list(ASSUMPTIONS)}


def print_full_collapse(answer: FullCollapse, out: Console) -> None:
    """Print the answer as text.

    >>> from vaesym.practice.likelihood import collapse_thresholds
    >>> found = collapse_thresholds("digits", likelihood="bernoulli", latents=2)
    >>> loss = LossScale(likelihood="bernoulli", kl_weight=4.0)
    >>> print_full_collapse(FullCollapse(found, loss, 2, True), Console(width=80, record=True, quiet=True))
    """
    found, weights = answer.found, answer.weights
    out.print(f"{found.name}: {found.n_samples:,} samples x {found.n_features:,} features", style="bold")
    for note in found.notes:
        out.print(indented(f"note: {note}"))
    if found.constant:
        out.print(indented(f"note: {found.constant} features never vary and are left out"))
    for note in _options(found):
        out.print(indented(f"note: {note}"))
    out.print(indented(f"loss of one sample: {answer.description}"))
    out.print("Full collapse", style="bold")
    out.print(indented(f"It is stable from β = {weights[0]:.4g} on; below, training leaves it and at least one latent "
                       "becomes active."))
    if answer.collapsed is not None:
        words = "all latents collapse, unless training keeps one that was active" if answer.collapsed else (
            "not everything collapses")
        out.print(indented(f"At β = {answer.loss.kl_weight:g} {words}."))
    if len(weights) > 1:
        out.print(indented("The same expansion, around full collapse, puts the further latents at β = "
                           f"{', '.join(f'{weight:.4g}' for weight in weights[1:])}."))
    out.print("Assumptions", style="bold")
    for assumption in ASSUMPTIONS:
        out.print(indented(f"- {assumption}"))


def _options(found: CollapseThresholds) -> list[str]:
    """Return sentences on groups and dispersions."""
    notes = list[str]()
    if found.groups:
        notes.append(f"{len(found.groups)} one-hot groups; an average over features is one over groups")
    if found.dispersion is not None:
        overdispersed = found.dispersion[np.isfinite(found.dispersion)]
        if len(overdispersed):
            least, most = (f"{end(overdispersed):.3g}" for end in (np.min, np.max))
            notes.append(f"dispersion r = {least}" if least == most else f"dispersion r from {least} to {most}")
        poisson = len(found.dispersion) - len(overdispersed) - found.constant
        if poisson > 0:
            notes.append(f"{poisson} features vary no more than Poisson counts, and have no dispersion")
    return notes
