"""A scan as text for a terminal or a pipe: one page, 80 columns wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from rich.console import Console
from rich.table import Table

from vaesym.output import columns, indented

if TYPE_CHECKING:
    from vaesym.practice.scan.result import Measures, Scan

#: Rows of the table.
_ROWS = 9
#: Share of the loss by which networks of another β may do better before it is said.
_EXCESS = 0.01
_COLUMNS = ("β", "active", "KL", "distortion", "loss", "ELBO", "held out", "linear", "KL")


def report(scan: Scan, out: Console) -> None:
    """Print the scan as text and a table."""
    ready, settings = scan.ready, scan.settings
    samples = f"{len(ready.training):,} samples to train on, {len(ready.held_out):,} held out"
    out.print(f"{ready.name}: {samples}, {ready.features:,} features", style="bold")
    for note in (*ready.notes, *_surplus(scan), *_rough(scan)):
        out.print(indented(f"note: {note}"))
    low, high = scan.beta_range
    networks = "your own networks" if settings.encoder is not None else (
        f"{settings.network} network with hidden {', '.join(map(str, settings.hidden)) or 'layers: none'}")
    out.print(indented(f"{settings.latents} latents, {networks}, likelihood {_likelihood(scan)}; "
                       f"β from {low:.3g} to {high:.3g} in {_trainings(scan)} of {scan.seconds:.0f} s"))
    out.print()
    out.print(_table(scan))
    out.print(indented(_legend(scan)), style="dim")
    out.print()
    out.print("Which β", style="bold")
    for line in _answers(scan):
        out.print(indented(line))
    out.print(indented("A scan is a training: other seeds move a threshold by some per cent, and networks trained "
                       "at one β alone can end with another number of latents at nearly the same loss."), style="dim")


def _surplus(scan: Scan) -> list[str]:
    """Return what is to say of latents beyond the rank of the data."""
    rank, latents = scan.ready.linear.rank, scan.settings.latents
    if rank == latents:
        return []
    return [f"{latents} latents, but the data vary in {rank} direction{'s' * (rank != 1)} only: the other "
            f"{latents - rank} have no threshold in the linear theory and stay collapsed, or share what one could do"]


def _rough(scan: Scan) -> list[str]:
    """Return where the scan is not at its best: networks of another β have a lower loss there."""
    curve, excess = scan.to_xarray().beta.values, scan.excess()
    where = np.flatnonzero(excess > _EXCESS)
    if not len(where):
        return []
    runs = np.split(curve[where], np.flatnonzero(np.diff(where) > 1) + 1)
    spans = [f"at β = {run[0]:.3g}" if len(run) == 1 else f"from β = {run[0]:.3g} to {run[-1]:.3g}" for run in runs]
    return [f"{' and '.join(spans)} the loss is up to {100 * excess.max():.2g} % above what networks made for another "
            "β have there: those of this scan are not at their best; KL, active latents and full collapse are rough"]


def _likelihood(scan: Scan) -> str:
    if scan.settings.likelihood != "gaussian":
        return scan.settings.likelihood
    return "gaussian, variance learned" if scan.learned else f"gaussian of variance {scan.settings.variance:g}"


def _trainings(scan: Scan) -> str:
    return "one training" if len(scan.models) == 1 else f"{len(scan.models)} trainings"


def _table(scan: Scan) -> Table:
    table = columns(None, *_COLUMNS, no_wrap=_COLUMNS, collapse_padding=True)
    for beta in np.geomspace(*scan.beta_range, _ROWS):
        point = scan.at(float(np.clip(beta, *scan.beta_range)))
        held = "" if point.held_out is None else f"{point.held_out.elbo:.2f}"
        beside: Measures | None = point.linear
        linear = ("", "") if beside is None else (str(beside.active), f"{beside.rate:.2f}")
        table.add_row(f"{beta:.3g}", str(point.active), f"{point.rate:.2f}", f"{point.distortion:.4g}",
                      f"{point.loss:.4g}", f"{point.elbo:.2f}", held, *linear)
    return table


def _legend(scan: Scan) -> str:
    gaussian = scan.settings.likelihood == "gaussian"
    distortion = "squared error" if gaussian else "-ln p(x|z)"
    loss = {True: "½·distortion + β·KL", False: "distortion + β·KL"}[gaussian]
    if gaussian and scan.settings.variance != 1.0:
        loss = "distortion/(2σ²) + (N/2) ln σ² + β·KL"
    guide = "" if gaussian else ", here a guide"
    return (f"Per sample, nats. KL: of all latents. distortion: {distortion}. loss: {loss}. active: KL above 0.01. "
            "ELBO: of training samples, then of those held out. linear: active latents of the linear theory, and "
            f"their KL{guide}.")


def _collapse_of(scan: Scan) -> str:
    """Return what theory knows of full collapse."""
    linear, unit = scan.ready.linear, scan.settings.variance or 1.0
    top, last = float(linear.thresholds[0]), linear.collapse
    words = f"linear theory: {top / unit:.4g}"
    if last <= top:
        return words
    if len(linear.labelled):
        return f"{words}; of networks that treat each label for itself: {last / unit:.4g}"
    return (f"{words}, from where on a network trained afresh can stay collapsed; but better states are there, of a "
            f"part of the samples that is far from the rest, beyond {last / unit:.4g} none")


def _answers(scan: Scan) -> list[str]:
    low, high = scan.beta_range
    lines = []
    end = scan.full_collapse
    beside = "" if scan.learned else f" ({_collapse_of(scan)})"
    # Where a latent is still active at the end of the range, nothing is known but that.
    lines.append(f"no latent is active anywhere in the range{beside}" if end == 0 else
                 f"full collapse: beyond β = {end:.4g}, the end of this scan{beside}" if end >= scan.beta_range[1] else
                 f"full collapse: from β = {end:.4g} on{beside}")
    counts = [(count, scan.beta_for_active(count)) for count in range(1, scan.settings.latents + 1)]
    spans = [f"{count}: {ends[0]:.3g} to {ends[1]:.3g}" for count, ends in counts if ends is not None]
    if spans:
        lines.append(f"active latents, and the β at which there are so many: {'; '.join(spans)}")
    rates = scan.to_xarray()["rate"].sel(part="training").mean("seed").values
    wanted = [nats for nats in (0.5, 1, 2, 5, 10, 20, 50) if rates[-1] < nats < rates.max()]
    if wanted:
        lines.append("total KL in nats, and its β: "
                     + "; ".join(f"{nats:g}: {scan.beta_for_kl(nats):.3g}" for nats in wanted))
    best, elbo = scan.best_elbo()
    edge = ", the end of the range" if min(abs(np.log(best / low)), abs(np.log(best / high))) < 1e-6 else ""
    where = "held-out" if len(scan.ready.held_out) else "training"
    lines.append(f"best {where} ELBO: {elbo:.4g} at β = {best:.3g}{edge}")
    return lines
