"""The advice as text for a terminal or a pipe, 80 columns wide."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from vaesym.output import columns, indented
from vaesym.practice.advice.intervals import Interval
from vaesym.practice.advice.outlook import Outlook
from vaesym.practice.advice.recommendation import Choice
from vaesym.practice.advice.result import Advice, LatentAdvice
from vaesym.practice.objectives.capacity import FreeBits

_LEGEND = ("eigenvalue: variance of the data along the latent. signal ρ: the part of it that is not noise, without the "
           "bias of a finite sample. overlap: squared cosine of the latent's direction with that of the signal. "
           "β: weight of the KL term in your loss. KL: mean over these samples.")
_INTERVALS = {
    "bootstrap": "bootstrap over samples, to first order",
    "spiked": "theory of Gaussian signals on white noise",
}


def report(advice: Advice, out: Console) -> None:
    """Print the advice as text and tables.

    >>> from vaesym.practice.advice.advice import advise
    >>> report(advise("digits", latents=2), Console(width=80, record=True, quiet=True))
    """
    _print_data(advice, out)
    out.print()
    out.print(_latents(advice))
    out.print(indented(_LEGEND), style="dim")
    if advice.intervals is not None:
        out.print(indented("±, or [low, high]: where 95 % of data sets of this kind and size put the number "
                           f"({_INTERVALS[advice.intervals]}). For these very samples eigenvalues, β of collapse and "
                           "KL are exact."), style="dim")
    out.print()
    for words in (_at_weight(advice), _signals(advice)):
        out.print(indented(words))
    for words in _aims(advice):
        out.print(indented(words))
    if not advice.spiked:
        out.print(indented(_roughness(advice)), style="yellow")
    _print_recommendation(advice, out)
    _print_outlook(advice, out)
    out.print("Assumptions", style="bold")
    for assumption in advice.assumptions:
        out.print(indented(f"- {assumption}"))


def _print_data(advice: Advice, out: Console) -> None:
    out.print(f"{advice.name}: {advice.n_samples:,} samples x {advice.n_features:,} features", style="bold")
    out.print(indented(f"α = {advice.alpha:.4g} samples per feature that varies"))
    for note in advice.notes:
        out.print(indented(f"note: {note}"))
    out.print(indented(f"loss of one sample: {advice.loss}"))
    total, noise = advice.total_variance_interval, advice.noise_interval
    out.print(indented(f"total variance {advice.total_variance:.4g}{_range(total, ' ')}, noise level "
                       f"η = {advice.noise:.4g}{_range(noise, ' ')} per direction "
                       f"({_method(advice.noise_method)}), in units of the data squared"))


def _range(interval: Interval | None, before: str = "") -> str:
    return "" if interval is None else f"{before}[{interval[0]:.4g}, {interval[1]:.4g}]"


def _method(method: str) -> str:
    named = {"median": "from the median eigenvalue", "trace": "from the trace"}
    return named[method] if method in named else f"mean beyond {100 * float(method):.0f} % of the variance"


def _latents(advice: Advice) -> Table:
    headings = ["", "eigenvalue", "signal ρ", "overlap", "collapses at β"]
    if advice.kl_weight is not None:
        headings += [f"at β = {advice.kl_weight:g}", "KL (nats)"]
    table = columns("Latents, strongest first", *headings)
    for number, latent in enumerate(advice.latents, 1):
        table.add_row(*_row(number, latent))
    return table


def _row(number: int, latent: LatentAdvice) -> list[str]:
    seen = latent.signal_strength > 0
    cells = [str(number), _cell(f"{latent.eigenvalue:.6g}", latent.eigenvalue_interval),
             _cell(f"{latent.signal_strength:.4g}", latent.signal_strength_interval) if seen else "none",
             _cell(f"{latent.overlap:.4f}", latent.overlap_interval) if seen else "–",
             _cell(f"{latent.collapse_weight:.4g}", latent.collapse_weight_interval)]
    if latent.active is not None:
        cells += ["active" if latent.active else "collapsed", _cell(f"{latent.kl:.4f}", latent.kl_interval)]
    return cells


def _cell(value: str, interval: Interval | None) -> str:
    """A number, with half the width of its interval in a second line, or its ends if it reaches zero."""
    half = 0.0 if interval is None else (interval[1] - interval[0]) / 2
    if interval is not None and interval[0] == 0 < half:
        return f"{value}\n[0, {interval[1]:.2g}]"
    return f"{value}\n± {half:.2g}" if half > 0 else value


def _at_weight(advice: Advice) -> str:
    if advice.effective_beta is None:
        return "Give --beta to see which latents your loss keeps."
    active, limit = sum(bool(latent.active) for latent in advice.latents), advice.effective_beta * advice.noise_scale**2
    aimed = advice.target_kl is not None or advice.free_bits is not None
    words = (f"{'The table is of the plain loss: there your' if aimed else 'Your'} β = {advice.kl_weight:g} collapses "
             f"latents of an eigenvalue up to {limit:.4g}: {active} of {len(advice.latents)} latents are active, total "
             f"KL {advice.total_kl:.4f} nats{_range(advice.total_kl_interval, ' ')}.")
    close = [str(number) for number, latent in enumerate(advice.latents, 1) if latent.eigenvalue_interval is not None
             and latent.eigenvalue_interval[0] <= limit <= latent.eigenvalue_interval[1]]
    if not close:
        return words
    return f"{words} Another data set of this size may decide otherwise on latent {', '.join(close)}."


def _aims(advice: Advice) -> list[str]:
    """Return sentences on a KL that is aimed at, and on free bits."""
    words: list[str] = []
    if (aim := advice.target_kl) is not None:
        words.append(f"KL = {aim.nats:g} nats: β = {aim.kl_weight:.4g}, {aim.active} of {len(aim.kl)} latents active. "
                     f"With capacity annealing, γ·|KL − C|, each γ from {aim.kl_weight:.4g} on ends in that same "
                     "state; a smaller γ acts as β = γ and carries more.")
    if (free := advice.free_bits) is not None:
        unchanged = f" Up to β = {free.without_effect:.4g} they change nothing." if free.without_effect else ""
        here = "" if advice.kl_weight is None else f" {_with_free_bits(free, advice.kl_weight)}"
        words.append(f"{free.nats:g} free nats for each latent: none collapses.{unchanged} From β = "
                     f"{free.floor_from:.4g} on each carries just {free.nats:g}, all of them about the strongest "
                     f"{free.directions} directions, and leaves {100 * free.residual:.0f} % of the variance along "
                     f"these latents.{here} For free nats of the total see --target-kl, with γ = β.")
    return words


def _with_free_bits(free: FreeBits, beta: float) -> str:
    """Return what free nats for each latent make of one β."""
    if beta <= free.without_effect:
        return f"Your β = {beta:g} is in the former range."
    carried = f"just {free.nats:g}" if beta >= free.floor_from else f"{free.nats:g} or more"
    return f"At your β = {beta:g} each carries {carried}."


def _signals(advice: Advice) -> str:
    if advice.noise_scale != 1:
        return (f"The noise of sampling is scaled by {advice.noise_scale:g}: a latent is active iff its eigenvalue is "
                f"above {advice.noise_scale**2:.4g} βσ². Which β recovers signals best is not known then.")
    if not advice.noise:
        few = len(advice.latents) < advice.signals
        return (f"The noise is zero to rounding: all {advice.signals:,} directions of the data are signals"
                f"{', more than latents' if few else ''}. The smaller β, the better these latents recover them.")
    if advice.best_kl_weight is None:
        return ("No signal stands out of the noise at this sample size, so no β recovers one; more data would be "
                "needed." if not advice.signals else "The signals found are not among these latents.")
    found = "1 signal stands" if advice.signals == 1 else f"{advice.signals:,} signals stand"
    least = "" if advice.signals_complete else "At least "
    return (f"{least}{found} out of the noise. Those of these latents are recovered best at "
            f"β = {advice.best_kl_weight:.4g}{_range(advice.best_kl_weight_interval, ' ')} "
            f"with {advice.n_samples:,} samples.")


def _roughness(advice: Advice) -> str:
    if advice.misfit is None:
        return ("Of this spectrum only the top is known, and not whether the rest is white noise: take η, the signals, "
                "the best β and what more data would buy as rough. The collapse thresholds stand.")
    return (f"The bulk of this spectrum is not white noise (distance {advice.misfit:.2f} to the Marchenko–Pastur law, "
            f"{advice.misfit_limit:.2f} is the limit): take η, the signals, the best β and what more data would buy as "
            "rough. The collapse thresholds stand.")


def _print_recommendation(advice: Advice, out: Console) -> None:
    out.print("Recommendation", style="bold")
    out.print(indented(_choice(advice.recommendation.choice, len(advice.latents))))
    for alternative in advice.recommendation.alternatives:
        out.print(indented(f"or: {_choice(alternative, len(advice.latents))}"))


def _choice(choice: Choice, latents: int) -> str:
    return f"{choice.what}. {choice.active} of {latents} latents stay active. Why: {choice.reason}."


def _print_outlook(advice: Advice, out: Console) -> None:
    now, twice = advice.outlook[:2]
    out.print("What more data would buy", style="bold")
    if now.recovery_error is not None:
        out.print(_outlook(advice))
        out.print(indented("recovery error: over the variance of the signals of these latents, at the best β of that "
                           "row. weakest signal: the strength ρ above which a signal shows."), style="dim")
    if not advice.noise:
        return
    out.print(indented(f"Signals of a strength between {twice.detectable:.4g} and {now.detectable:.4g} are invisible "
                       "now and would show with twice the samples; how many there are cannot be known."))


def _outlook(advice: Advice) -> Table:
    headings = ["samples", "least overlap", "best β", "recovery error", "weakest signal"]
    if advice.kl_weight is not None:
        headings.insert(4, f"at β = {advice.kl_weight:g}")
    table = columns(None, *headings)
    for row in advice.outlook:
        table.add_row(*_prediction(row, advice.kl_weight is not None))
    return table


def _prediction(row: Outlook, weighted: bool) -> list[str]:
    cells = ["unlimited" if row.n_samples is None else f"{row.n_samples:,}", f"{min(row.overlaps):.4f}",
             "→ 0" if row.best_kl_weight is None else f"{row.best_kl_weight:.4g}", _share(row.recovery_error)]
    return [*cells, *([_share(row.recovery_error_at_weight)] if weighted else []), f"{row.detectable:.4g}"]


def _share(value: float | None) -> str:
    """A share of the variance, without the rounding of one that is zero."""
    return "–" if value is None else f"{round(value, 12):.3g}"
