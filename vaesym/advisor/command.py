"""``vaesym advise``: print the advice as a table, as JSON, or draw it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from vaesym.advisor.advice import Advice, advise_at
from vaesym.advisor.scale import LossScale, Reduction
from vaesym.output import console, output_path, print_json, replacing

#: Endings of the figures that can be written.
FIGURES = (".png", ".pdf", ".svg")
_LEGEND = ("eigenvalue: variance of the data along the latent. signal ρ: the part of it that is not noise, without the "
           "bias of a finite sample. overlap: squared cosine of the latent's direction with that of the signal. "
           "β: weight of the KL term in your loss. KL: mean over these samples.")


def run(data: str, *, latents: int | None, beta: float | None, raw: bool, reconstruction: str, kl: str,
        reconstruction_weight: float, noise: str, center: bool, as_json: bool, plot: str | None,
        overwrite: bool) -> None:
    """Advise on ``data`` and print; arguments as the options of the command."""
    target = None if plot is None else output_path(plot, FIGURES, overwrite=overwrite)
    # LossScale refuses other reductions than the two.
    loss = LossScale(cast(Reduction, reconstruction), cast(Reduction, kl), reconstruction_weight)
    advice = advise_at(data, beta, loss, latents=latents, noise=noise, center=center, raw=raw)
    if target is not None:
        _draw(advice, target)
    if as_json:
        print_json({**advice.to_dict(), **({} if target is None else {"output": str(target)})})
        return
    out = console()
    report(advice, out)
    if target is not None:
        out.print("Figure written to", plot, soft_wrap=True)


def _draw(advice: Advice, target: Path) -> None:
    from vaesym import plot

    figure = plot.advice(advice)
    with replacing(target) as scratch:
        plot.save(figure, scratch)


def report(advice: Advice, out: Console) -> None:
    """Print the advice as text and a table of latents.

    >>> from vaesym.advisor.advice import advise
    >>> report(advise("digits", latents=2), Console(width=80, record=True, quiet=True))
    """
    out.print(f"{advice.name}: {advice.n_samples:,} samples x {advice.n_features:,} features", style="bold")
    out.print(_indented(f"α = {advice.alpha:.4g} samples per feature that varies"))
    for note in advice.notes:
        out.print(_indented(f"note: {note}"))
    out.print(_indented(f"loss of one sample: {advice.loss}"))
    out.print(_indented(f"total variance {advice.total_variance:.4g}, noise level η = {advice.noise:.4g} per direction "
                        f"({_method(advice.noise_method)}), in units of the data squared"))
    out.print()
    out.print(_table(advice))
    out.print(_indented(_LEGEND), style="dim")
    out.print()
    for words in (_at_weight(advice), _best(advice)):
        out.print(_indented(words))
    if not advice.spiked:
        out.print(_indented(
            f"The bulk of this spectrum is not white noise (distance {advice.misfit:.2f} to the Marchenko–Pastur law, "
            "0.10 is the limit): take η, the signals and the best β as rough. The collapse thresholds stand."),
            style="yellow")
    out.print("Assumptions", style="bold")
    for assumption in advice.assumptions:
        out.print(_indented(f"- {assumption}"))


def _indented(words: str) -> Padding:
    return Padding(words, (0, 0, 0, 2), expand=False)


def _method(method: str) -> str:
    return "from the median eigenvalue" if method == "median" else f"mean beyond {float(method):.0%} of the variance"


def _table(advice: Advice) -> Table:
    table = Table(title="Latents, strongest first", title_justify="left", title_style="bold", box=box.SIMPLE_HEAD,
                  pad_edge=False)
    headings = ["latent", "eigenvalue", "signal ρ", "overlap", "collapses at β"]
    if advice.kl_weight is not None:
        headings += [f"at β = {advice.kl_weight:g}", "KL (nats)"]
    for heading in headings:
        table.add_column(heading, justify="right", overflow="fold")
    for number, latent in enumerate(advice.latents, 1):
        signal = f"{latent.signal_strength:.4g}" if latent.signal_strength else "none"
        overlap = f"{latent.overlap:.4f}" if latent.signal_strength else "–"
        row = [str(number), f"{latent.eigenvalue:.6g}", signal, overlap, f"{latent.collapse_weight:.4g}"]
        if latent.active is not None:
            row += ["active" if latent.active else "collapsed", f"{latent.kl:.4f}"]
        table.add_row(*row)
    return table


def _at_weight(advice: Advice) -> str:
    if advice.kl_weight is None:
        return "Give --beta to see which latents your loss keeps."
    active = sum(bool(latent.active) for latent in advice.latents)
    total = sum(latent.kl or 0.0 for latent in advice.latents)
    return (f"Your β = {advice.kl_weight:g} collapses latents of an eigenvalue up to {advice.effective_beta:.4g}: "
            f"{active} of {len(advice.latents)} latents are active, total KL {total:.4f} nats.")


def _best(advice: Advice) -> str:
    if advice.best_kl_weight is None:
        return ("No signal stands out of the noise at this sample size, so no β recovers one; more data would be "
                "needed.")
    found = "1 signal stands" if advice.signals == 1 else f"{advice.signals:,} signals stand"
    return (f"{found} out of the noise. Those of these latents are recovered best at β = {advice.best_kl_weight:.4g} "
            f"with {advice.n_samples:,} samples.")
