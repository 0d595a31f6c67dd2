"""Verdicts on what the papers and the theory say about images, and the report in plain sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from validation.images.analysis import ALLOWED, FAILS, HOLDS, NEXT, OPEN, Best, Crossing, Threshold
from validation.images.studies import Workshop
from validation.study.report import plain, table
from validation.study.statistics import Interval, ratio, separated


@dataclass(frozen=True)
class Verdict:
    """A statement, what was found, and whether it holds."""

    statement: str
    found: str
    verdict: str


def verdicts(thresholds: Sequence[Threshold], crossings: Mapping[str, Crossing], best: Sequence[Best],
             noise: Mapping[tuple[int, str], Interval]) -> list[Verdict]:
    """Return a verdict on each statement."""
    full = [one for one in thresholds if one.rank == 1]
    second = [one for one in thresholds if one.rank == 2]
    made = [_collapse(one) for one in full]
    made += [_next(name, value, one) for name, value in crossings.items() for one in second]
    made += [_hysteresis([one for one in full if one.network == name]) for name in _networks(full)]
    made.append(_hysteresis(second))
    for name in _networks(full):
        made += _moves([one for one in full if one.network == name])
    for name in _networks(best):
        rows = [one for one in best if one.network == name]
        made += [*_tends(rows, noise), *_correction(rows)]
    return made


def _networks(rows: Sequence[Threshold] | Sequence[Best]) -> list[str]:
    return list(dict.fromkeys(one.network for one in rows))


def _close(one: Interval) -> str:
    """Return the verdict on whether a ratio is within what is allowed of 1."""
    if not one.complete:
        return OPEN
    away = abs(one.mean - 1)
    return HOLDS if away + one.half <= ALLOWED else FAILS if away - one.half > ALLOWED else OPEN


def _collapse(one: Threshold) -> Verdict:
    statement = (f"{one.network}, P = {one.samples:,}, {one.start} start: full collapse within {ALLOWED:.0%} of the "
                 "linear theory")
    return Verdict(statement, f"measured {one.measured}, predicted {one.predicted}, ratio {one.ratio}",
                   _close(one.ratio))


def _next(name: str, predicted: Crossing, one: Threshold) -> Verdict:
    """Compare a prediction of the second threshold with what was measured from one start."""
    statement = f"second latent, {one.start} start: it collapses within {ALLOWED:.0%} of where {NEXT[name]} equals β"
    found = f"measured {one.measured}, predicted {predicted}"
    if predicted.side is not None:
        # All that is known is on which side of the grid it lies.
        beyond = one.measured.low > predicted.low * (1 + ALLOWED) if predicted.side == 0 else \
            one.measured.high < predicted.high * (1 - ALLOWED)
        return Verdict(statement, found, FAILS if one.measured.complete and beyond else OPEN)
    if not predicted.interval.count or not one.measured.count:
        return Verdict(statement, found, OPEN)
    compared = ratio(one.measured, predicted.interval)
    return Verdict(statement, f"{found}, ratio {compared}", _close(compared))


def _hysteresis(rows: Sequence[Threshold]) -> Verdict:
    chosen = [one for one in rows if one.samples == max(r.samples for r in rows)]
    by = {one.start: one.measured for one in chosen}
    rank = "second latent" if chosen and chosen[0].rank == 2 else "full collapse"
    name = chosen[0].network if chosen else "MLP"
    statement = f"{name}, {rank}: a network that uses the latent keeps it beyond where a fresh one takes it up"
    found = ", ".join(f"{start} {value}" for start, value in by.items())
    verdict = _ordered(by["cold"], by["active"]) if {"cold", "active"} <= set(by) else OPEN
    return Verdict(statement, found, verdict)


def _ordered(lower: Interval, higher: Interval) -> str:
    """Return the verdict on whether the second is larger."""
    return OPEN if not separated(lower, higher) else HOLDS if higher.mean > lower.mean else FAILS


def _moves(rows: Sequence[Threshold]) -> list[Verdict]:
    made = []
    for start in ("cold", "active"):
        by = {one.samples: one for one in rows if one.start == start}
        sizes = sorted(by)
        if len(sizes) > 1:
            found = "; ".join(f"P = {size:,}: {by[size].measured} (samples' own Λ₁ {by[size].predicted})"
                              for size in sizes)
            made.append(Verdict(f"[IH], {rows[0].network}: the threshold moves to higher β with more samples ({start} "
                                "start)", found, _ordered(by[sizes[0]].measured, by[sizes[-1]].measured)))
    return made


def _tends(best: Sequence[Best], noise: Mapping[tuple[int, str], Interval]) -> list[Verdict]:
    largest = max(one.samples for one in best)
    levels = {name: value.mean for (size, name), value in noise.items() if size == largest}
    low, high = min(levels.values(), default=np.nan), max(levels.values(), default=np.nan)
    made = []
    for one in best:
        if one.samples == largest:
            value = one.measured
            apart = value.high < low or value.low > high
            verdict = FAILS if apart else HOLDS if low <= value.low and value.high <= high else OPEN
            made.append(Verdict(
                f"[IH], {one.network}: at the largest P the best β by {measure_words(one.measure)} is the noise level "
                "η, by one of its estimates",
                f"at P = {largest:,}: {one.words}; estimates of η from {low:.3g} to {high:.3g}",
                OPEN if not value.complete or one.edge else verdict))
    return made


def _correction(best: Sequence[Best]) -> list[Verdict]:
    made = []
    for measure in dict.fromkeys(one.measure for one in best):
        rows = sorted((one for one in best if one.measure == measure), key=lambda one: one.samples)
        if len(rows) > 1:
            verdict = OPEN if rows[0].edge or rows[-1].edge else _ordered(rows[-1].measured, rows[0].measured)
            found = "; ".join(f"P = {one.samples:,}: {one.words}" for one in rows)
            made.append(Verdict(f"[IH], {rows[0].network}: fewer samples ask for a larger β, by "
                                f"{measure_words(measure)}", found, verdict))
    return made


def measure_words(measure: str) -> str:
    """Return a measure in words.

    >>> measure_words("test_elbo")
    'test ELBO'
    """
    return {"pixel_frechet": "Fréchet distance of pixels", "feature_frechet": "Fréchet distance of features",
            "test_elbo": "test ELBO"}[measure]


_METHOD = """\
A latent counts as active where its mean KL over the training images exceeds 0.005 nats; in linear theory it falls to
that 1 % below its threshold. A search narrows a bracket of β by descents, each from the same start: *cold*, from
initial values; *active*, from a network trained at half the expected threshold; *collapsed*, from one trained between
the thresholds of both latents, so that it uses the first and not the second; *added*, from one that has settled at the
β of the trial with the second latent held at zero, which is then let go with small weights. Intervals are 95 %:
Student's t over the seeds, and on top of it how coarse the bracket is. A descent is finite: near a threshold a fresh
latent grows slowly, so cold starts err to lower β, and a used one decays slowly, so active ones err to higher. Adam's
noise weakens latents that carry little, by about its rate over the size of its batches: it moves all measured
thresholds to lower β. A statement holds, or does not, only where the whole interval says so and every seed gave a
value."""
_NEXT = """\
Linear theory gives the second eigenvalue Λ₂. But an active nonlinear latent explains more, or less, than its linear
share. A collapsed latent ζ beside active ones A, added as ζ b(z_A) to the decoder, starts to grow iff Λ*(A) = max over
b of E(E[b·(x − f)|x])²/E‖b‖² exceeds β. One-latent models are trained over a grid of β, each prediction is computed
from them, and read where it equals its own β. The criterion is about a latent added to a network that has settled: from
the other starts both latents move at once. It is an upper bound for a given network, as b and a can be any functions;
its own stability, with both in the span that its weights reach to first order, is a lower one."""
_LOCAL = """\
Around full collapse the decoder is a constant, and only the local, linear part of a network counts: the threshold is
the top eigenvalue of F^(−1/2) Σ F^(−1/2), with the covariance Σ of the images and the variance F of a pixel under the
constant decoder, 1 for the squared error and p(1 − p) for binary cross-entropy (`vaesym.collapse_thresholds`). Widths,
depth and convolutions do not enter. They do enter in how fast a network reaches its minimum, which the starts tell."""
_FAILS = """\
- **Full collapse** is local: for every network the theory is exact in the end. Cold starts that stay collapsed below
  the threshold are the optimiser's.
- **Nonlinear gain.** Away from its threshold a nonlinear latent can carry more than ½ ln(Λ/β), since the decoder
  bends; how many are active, and what they carry, over β and M: `python -m validation latents`.
- **The second latent** meets what the first leaves over: see which prediction holds.
- **The best β** of a picture's Fréchet distance is that of the mean images, and depends on the features in which the
  distance is taken. The linear theory has no answer for it; compare the three measures.
- **Binary cross-entropy**: the threshold of full collapse has its own formula. Everything else in these tables is for
  the squared error."""


def markdown(shop: Workshop, rows: Sequence[Threshold], crossings: Mapping[str, Crossing], best: Sequence[Best],
             noise: Mapping[tuple[int, str], Interval],
             judged: Sequence[Verdict], drawn: Sequence[tuple[str, str]], seconds: float,
             accuracy: float | None) -> str:
    """Return the report; arguments as the analysis makes them."""
    counts = {kind: sum(one.verdict == kind for one in judged) for kind in (HOLDS, FAILS, OPEN)}
    prepared, preset = shop.material.prepared, shop.preset
    left = prepared.eigenvalues[preset.components or 0:]
    where = "pixels" if preset.components is None else \
        f"the {preset.components} leading principal components ({prepared.left_out:.3g} of a variance of " \
        f"{prepared.eigenvalues.sum():.4g} is left out; the largest eigenvalue left out is {left.max(initial=0.0):.3g})"
    curves = {subject.name for subject, _ in shop.measured}
    others = [row for row in rows if row.network not in curves]
    parts = [
        f"# Does the linear theory predict VAEs on {shop.material.source}?",
        f"Of {len(judged)} statements {counts[HOLDS]} hold, {counts[FAILS]} do not and {counts[OPEN]} are undecided.",
        f"Preset {preset.name}, {len(prepared.train):,} training and {len(prepared.test):,} test images; loss "
        f"½‖x − x̂‖² + β KL, two latents. The MLP-VAE has hidden layers {'–'.join(map(str, preset.widths))} and is "
        f"trained in {where}. {_descents(shop)} {seconds:.0f} s beside what the store held.",
        "## Verdicts", table(["statement", "found", "verdict"],
                             [[one.statement, one.found, f"**{one.verdict}**"] for one in judged]),
        "## Thresholds, predicted and measured", _METHOD, _thresholds([row for row in rows if row.network in curves]),
        "## Other widths, depths and likelihoods", _LOCAL,
        _thresholds(others) if others else "None at this preset; the full one has them.",
        *([] if len(shop.variants) == len(preset.variants) else
          ["Bernoulli pixels are left out: there are values outside [0, 1]."]),
        "## Would one more latent be used?", _NEXT,
        table(["prediction", "equals β at β ="], [[NEXT[name], str(value)] for name, value in crossings.items()]),
        "## The best β", _best(best), "Estimates of the noise level η:", _noise(noise),
        *([] if accuracy is None else [f"Pictures are compared with the test images, in pixels and in the features of "
                                       f"a classifier; {accuracy:.1%} of its answers on the test images are right."]),
        "## Where the linear theory fails", _FAILS,
        "## Figures", *[f"![{caption}]({name})\n\n*{caption}*" for name, caption in drawn]]
    return "\n\n".join(parts) + "\n"


def _descents(shop: Workshop) -> str:
    """Return how the networks descend, in words."""
    return " ".join(
        f"Adam for {subject.name}: searches of {curves.search.steps} steps of {curves.search.batch_size} images at a "
        f"rate of {curves.search.learning_rate:g}, sweeps of {curves.sweep.steps} steps of {curves.sweep.batch_size} "
        f"at {curves.sweep.learning_rate:g}, both falling to 0." for subject, curves in shop.measured)


def _thresholds(rows: Sequence[Threshold]) -> str:
    return table(["network", "P", "latent", "start", "measured β", "predicted Λ of the samples", "ratio",
                  "Λ at P → ∞, debiased"],
                 [[row.network, f"{row.samples:,}", str(row.rank), row.start, str(row.measured),
                   str(row.predicted), str(row.ratio), str(row.population) if row.population.count else ""]
                  for row in rows])


def _best(best: Sequence[Best]) -> str:
    return table(["network", "best β by", "P", "measured", "linear theory"],
                 [[one.network, measure_words(one.measure), f"{one.samples:,}", one.words, str(one.predicted)]
                  for one in best])


def _noise(noise: Mapping[tuple[int, str], Interval]) -> str:
    sizes, names = list(dict.fromkeys(size for size, _ in noise)), list(dict.fromkeys(name for _, name in noise))
    return table(["estimate", *(f"P = {size:,}" for size in sizes)],
                 [[name, *(str(noise[size, name]) for size in sizes)] for name in names])


def record(rows: Sequence[Threshold], crossings: Mapping[str, Crossing], best: Sequence[Best],
           noise: Mapping[tuple[int, str], Interval], judged: Sequence[Verdict]) -> dict[str, Any]:
    """Return what the report says as plain numbers for JSON; NaN becomes null."""
    return {
        "thresholds": [{"network": row.network, "samples": row.samples, "latent": row.rank, "start": row.start,
                        **{name: _plain(getattr(row, name)) for name in ("measured", "predicted", "ratio",
                                                                         "population")}} for row in rows],
        "next_latent": {name: {"words": str(one), **_plain(one.interval)} for name, one in crossings.items()},
        "best_beta": [{"network": one.network, "measure": one.measure, "samples": one.samples, "edge": one.edge,
                       "measured": _plain(one.measured), "predicted": _plain(one.predicted)} for one in best],
        "noise": [{"samples": size, "estimate": name, **_plain(value)} for (size, name), value in noise.items()],
        "verdicts": [{"statement": one.statement, "found": one.found, "verdict": one.verdict} for one in judged],
    }


def _plain(value: Interval) -> dict[str, Any]:
    return plain({"mean": value.mean, "half_width": value.half, "seeds": value.count})
