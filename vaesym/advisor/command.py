"""``vaesym advise``: print the advice as a table, as JSON, or draw it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from vaesym.advisor.advice import Advice, advise_at
from vaesym.advisor.scale import LossScale
from vaesym.inputs import InputError


def run(data: str, *, latents: int | None, beta: float | None, raw: bool, reconstruction: str, kl: str,
        reconstruction_weight: float, noise: str, center: bool, as_json: bool, plot: Path | None) -> None:
    """Advise on ``data`` and print; arguments as the options of the command."""
    target = None if plot is None else writable_png(Path(plot))
    loss = LossScale(reconstruction, kl, reconstruction_weight)  # pyright: ignore[reportArgumentType]
    advice = advise_at(data, beta, loss, latents=latents, noise=noise, center=center, raw=raw)
    if as_json:
        sys.stdout.write(json.dumps(advice.to_dict(), indent=2, ensure_ascii=False) + "\n")
    else:
        report(advice, Console(width=None if sys.stdout.isatty() else 80, highlight=False))
    if target is not None:
        from vaesym import plot as figures

        figures.advice(advice).savefig(target, dpi=150)
        if not as_json:
            sys.stdout.write(f"figure written to {target}\n")


def writable_png(path: Path) -> Path:
    """Return the path if a PNG can be written there, before any work is done."""
    if path.suffix.lower() != ".png":
        raise InputError("a figure file ending in .png", f"{path}", "give e.g. --plot advice.png")
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError("a folder that can be written to", f"{path}", "create the folder or choose another")
    return path


def report(advice: Advice, console: Console) -> None:
    """Print the advice as text and a table of latents."""
    console.print(f"[bold]{advice.name}[/bold]: {advice.n_samples} samples × {advice.n_features} features "
                  f"(α = {advice.alpha:.4g} samples per varying feature)")
    for note in advice.notes:
        console.print(_indented(f"note: {note}"))
    console.print(_indented(f"loss of one sample: {advice.loss}"))
    console.print(_indented(f"total variance {advice.total_variance:.4g}, noise level η = {advice.noise:.4g} "
                            f"({_method(advice.noise_method)})"))
    console.print(_table(advice))
    console.print(_indented(_at_weight(advice)))
    console.print(_indented(_best(advice)))
    if not advice.spiked:
        console.print(_indented(
            f"The bulk of this spectrum is not white noise (distance {advice.misfit:.2f} to the Marchenko–Pastur law, "
            "0.10 is the limit): take η, the signals and the best β as rough. The collapse thresholds stand."),
            style="yellow")
    console.print("Assumptions")
    for assumption in advice.assumptions:
        console.print(_indented(f"- {assumption}"))


def _indented(words: str) -> Padding:
    return Padding(words, (0, 0, 0, 2))


def _method(method: str) -> str:
    return "median of the spectrum" if method == "median" else f"mean beyond {float(method):.0%} of the variance"


def _table(advice: Advice) -> Table:
    table = Table(title="Latents, strongest first")
    headings = ["latent", "eigenvalue", "signal ρ", "overlap", "collapses at β"]
    if advice.kl_weight is not None:
        headings += [f"at β = {advice.kl_weight:g}", "KL, nats"]
    for heading in headings:
        table.add_column(heading, justify="right", overflow="fold")
    for number, latent in enumerate(advice.latents, 1):
        signal = f"{latent.signal_strength:.4g}" if latent.signal_strength else "none"
        overlap = f"{latent.overlap:.4f}" if latent.signal_strength else "–"
        row = [str(number), f"{latent.eigenvalue:.4f}", signal, overlap, f"{latent.collapse_weight:.4g}"]
        if latent.active is not None:
            row += ["active" if latent.active else "collapsed", f"{latent.kl:.4f}"]
        table.add_row(*row)
    return table


def _at_weight(advice: Advice) -> str:
    if advice.kl_weight is None:
        return "Give --beta to see which latents your loss keeps."
    active = sum(bool(latent.active) for latent in advice.latents)
    total = sum(latent.kl or 0.0 for latent in advice.latents)
    return (f"At your KL weight {advice.kl_weight:g} (βσ² = {advice.effective_beta:.4g}) {active} of "
            f"{len(advice.latents)} latents are active, total KL {total:.4f} nats.")


def _best(advice: Advice) -> str:
    if advice.best_kl_weight is None:
        return ("No signal stands out of the noise at this sample size: no β recovers one; more data would be "
                "needed.")
    return (f"{advice.signals} signals stand out of the noise. The signals of these latents are recovered best at "
            f"β = {advice.best_kl_weight:.4g} with {advice.n_samples} samples.")
