"""The report of the experiment on images in plain sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from validation.images.analysis import Best, Carried, Margin, Threshold
from validation.images.intervals import Interval
from validation.images.statements import FAILS, HOLDS, NEXT, OPEN, TOLERANCE
from validation.images.studies import Workshop
from validation.images.verdicts import Verdict, measure_words
from validation.reports import table

_METHOD = """\
A latent counts as active where its mean KL over the training images exceeds 0.005 nats; in linear theory it falls to
that 1 % below its threshold. A search narrows a bracket of β by descents, each from the same start: *cold*, from
initial values; *active*, from a network trained at half the expected threshold; *collapsed*, from one trained at 1.6
times it. Intervals are 95 %, over seeds (Student's t, widened where the bracket is coarser than the scatter). A
descent is finite: near a threshold a fresh latent grows slowly, so cold starts err to lower β, and a used one decays
slowly, so active ones err to higher. Adam's noise weakens latents that carry little, by about its rate over the size of
its batches: it moves all measured thresholds to lower β."""
_NEXT = """\
Linear theory gives the second eigenvalue Λ₂. But an active nonlinear latent explains more, or less, than its linear
share. A collapsed latent ζ beside active ones A, added as ζ b(z_A) to the decoder, starts to grow iff Λ*(A) = max over
b of E(E[b·(x − f)|x])²/E‖b‖² exceeds β. One-latent models are trained over a grid of β, each prediction is computed
from them, and read where it equals its own β. Near there a latent grows or decays slowly, and a descent of any length
may end on either side."""
_LOCAL = """\
Around full collapse the decoder is a constant, and only the local, linear part of a network counts: the threshold is
the top eigenvalue of F^(−1/2) Σ F^(−1/2), with the covariance Σ of the images and the variance F of a pixel under the
constant decoder, 1 for the squared error and p(1 − p) for binary cross-entropy (`vaesym.collapse_thresholds`). Widths,
depth and convolutions do not enter. They do enter in how fast a network reaches its minimum, which the starts tell."""
_FAILS = """\
- **Full collapse** is local: no failure of the theory is expected there, and what is left is the descent. Cold starts
  of deep networks, or with cross-entropy, can stay collapsed far below the threshold: that is the optimiser.
- **Nonlinear gain.** Away from its threshold a nonlinear latent carries more than ½ ln(Λ/β), since the decoder bends:
  see the table of the KL, whose excess grows as β falls. The linear theory is a lower guide there.
- **The second latent** meets what the first leaves over: the table above says which prediction holds.
- **The best β** of a picture's Fréchet distance is that of the mean images, and depends on the features in which the
  distance is taken. The linear theory has no answer for it; compare the three measures.
- **Binary cross-entropy**: the threshold of full collapse has its own formula. Everything else in these tables is for
  the squared error."""


def markdown(shop: Workshop, rows: Sequence[Threshold], margins: Mapping[str, Margin], best: Sequence[Best],
             noise: Mapping[tuple[int, str], Interval], excess: Sequence[Carried],
             judged: Sequence[Verdict], drawn: Sequence[tuple[str, str]], seconds: float,
             accuracy: float | None) -> str:
    """Return the report; arguments as the analysis makes them."""
    counts = {kind: sum(one.verdict == kind for one in judged) for kind in (HOLDS, FAILS, OPEN)}
    prepared, preset = shop.material.prepared, shop.preset
    where = "pixels" if preset.components is None else \
        f"the {preset.components} leading principal components ({prepared.left_out:.3g} of a variance of " \
        f"{prepared.eigenvalues.sum():.4g} is left out; every eigenvalue left out is below " \
        f"{prepared.eigenvalues[preset.components]:.3g})"
    curves = {subject.name for subject, _ in shop.measured}
    others = [row for row in rows if row.network not in curves]
    parts = [
        f"# Does the linear theory predict VAEs on {shop.material.source}?",
        f"Of {len(judged)} statements {counts[HOLDS]} hold, {counts[FAILS]} do not, {counts[OPEN]} are undecided.",
        f"Preset {preset.name}, {len(prepared.train):,} training and {len(prepared.test):,} test images; loss "
        f"½‖x − x̂‖² + β KL, two latents. The MLP-VAE has hidden layers {'–'.join(map(str, preset.widths))} and is "
        f"trained in {where}. {_descents(shop)} {seconds:.0f} s beside what the store held.",
        "## Verdicts", table(["statement", "found", "verdict"],
                             [[one.statement, one.found, f"**{one.verdict}**"] for one in judged]),
        "## Thresholds, predicted and measured", _METHOD, _thresholds([row for row in rows if row.network in curves]),
        "## Other widths, depths and likelihoods", _LOCAL,
        _thresholds(others) if others else "This preset has none; the full one has.",
        "## Would one more latent be used?", _NEXT,
        table(["prediction", f"within {TOLERANCE:.0%} of β for β ="],
              [[NEXT[name], str(value)] for name, value in margins.items()]),
        "## What the latents carry", _excess(excess),
        "## The best β", _best(best), "Estimates of the noise level η:", _noise(noise),
        *([] if accuracy is None else [f"Features are those of a classifier of these images; {accuracy:.1%} of its "
                                       "answers on the test images are right."]),
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


def _excess(excess: Sequence[Carried]) -> str:
    return table(["network", "P", "β", "total KL measured", "linear theory", "excess"],
                 [[one.network, f"{one.samples:,}", f"{one.beta:.3g}", str(one.measured), f"{one.linear:.4f}",
                   f"{one.measured.mean - one.linear:+.4f}"] for one in excess])


def _best(best: Sequence[Best]) -> str:
    return table(["network", "best β by", "P", "measured", "linear theory"],
                 [[one.network, measure_words(one.measure), f"{one.samples:,}", one.words, str(one.predicted)]
                  for one in best])


def _noise(noise: Mapping[tuple[int, str], Interval]) -> str:
    sizes, names = list(dict.fromkeys(size for size, _ in noise)), list(dict.fromkeys(name for _, name in noise))
    return table(["estimate", *(f"P = {size:,}" for size in sizes)],
                 [[name, *(str(noise[size, name]) for size in sizes)] for name in names])


def record(rows: Sequence[Threshold], margins: Mapping[str, Margin], best: Sequence[Best],
           noise: Mapping[tuple[int, str], Interval], excess: Sequence[Carried],
           judged: Sequence[Verdict]) -> dict[str, Any]:
    """Return what the report says as plain numbers for JSON; NaN becomes null."""
    return {
        "thresholds": [{"network": row.network, "samples": row.samples, "latent": row.rank, "start": row.start,
                        **{name: _plain(getattr(row, name)) for name in ("measured", "predicted", "ratio",
                                                                         "population")}} for row in rows],
        "next_latent": {name: {"low": _plain(one.low), "high": _plain(one.high)} for name, one in margins.items()},
        "kl": [{"network": one.network, "samples": one.samples, "beta": one.beta, "measured": _plain(one.measured),
                "linear": one.linear} for one in excess],
        "best_beta": [{"network": one.network, "measure": one.measure, "samples": one.samples, "edge": one.edge,
                       "measured": _plain(one.measured), "predicted": _plain(one.predicted)} for one in best],
        "noise": [{"samples": size, "estimate": name, **_plain(value)} for (size, name), value in noise.items()],
        "verdicts": [{"statement": one.statement, "found": one.found, "verdict": one.verdict} for one in judged],
    }


def _plain(value: Interval) -> dict[str, Any]:
    return {"mean": value.mean if np.isfinite(value.mean) else None,
            "half_width": value.half if np.isfinite(value.half) else None, "seeds": value.count}
