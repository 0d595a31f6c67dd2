"""The report of the experiment on images in plain sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from validation.images.analysis import Best, Margin, Threshold
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
descent is finite: near a threshold a fresh latent grows slowly, so cold starts err to lower β and active ones to
higher. Adam's noise at its first rate also weakens latents that carry little: with batches of 1024 at a rate of 0.001 a
latent is still in use where the search finds it collapsed. So measured thresholds err to lower β by some per cent."""
_NEXT = """\
Linear theory gives the second eigenvalue Λ₂. But an active nonlinear latent explains more, or less, than its linear
share. A collapsed latent ζ beside active ones A, added as ζ b(z_A) to the decoder, starts to grow iff Λ*(A) = max over
b of E(E[b·(x − f)|x])²/E‖b‖² exceeds β. One-latent models are trained over a grid of β, each prediction is computed
from them, and read where it equals its own β. Near there a latent grows or decays slowly, and a descent of any length
may end on either side."""
_FAILS = """\
- The threshold of full collapse is local and linear: around collapse the decoder is a constant and every encoder is
  as good as a linear one. Depth, widths and nonlinearities enter only through what the network can express, and through
  how long training takes to leave collapse.
- Away from its threshold a nonlinear latent carries more than ½ ln(Λ/β) (the table of the KL), since the decoder
  bends; the linear theory is a lower guide there.
- The second latent meets what the first leaves over: the table above says which prediction holds.
- The best β of a picture's Fréchet distance is that of the mean images, and depends on the features in which the
  distance is taken; compare the three measures.
- Binary cross-entropy has another curvature, p(1 − p) at each pixel, in place of 1/σ²: none of these numbers are for
  it."""


def markdown(shop: Workshop, rows: Sequence[Threshold], margins: Mapping[str, Margin], best: Sequence[Best],
             noise: Mapping[tuple[int, str], Interval], excess: Sequence[tuple[int, float, Interval, float]],
             judged: Sequence[Verdict], drawn: Sequence[tuple[str, str]], seconds: float,
             accuracy: float | None) -> str:
    """Return the report; arguments as the analysis makes them."""
    counts = {kind: sum(one.verdict == kind for one in judged) for kind in (HOLDS, FAILS, OPEN)}
    prepared, preset = shop.material.prepared, shop.preset
    where = "pixels" if preset.components is None else \
        f"the {preset.components} leading principal components ({prepared.left_out:.3g} of a variance of " \
        f"{prepared.eigenvalues.sum():.4g} is left out; every eigenvalue left out is below " \
        f"{prepared.eigenvalues[preset.components]:.3g})"
    parts = [
        f"# Does the linear theory predict VAEs on {shop.material.source}?",
        f"Of {len(judged)} statements {counts[HOLDS]} hold, {counts[FAILS]} do not, {counts[OPEN]} are undecided.",
        f"Preset {preset.name}, {len(prepared.train):,} training and {len(prepared.test):,} test images; MLP-VAE with "
        f"hidden layers {'–'.join(map(str, preset.widths))} and two latents, trained in {where}; loss ½‖x − x̂‖² + β KL;"
        f" Adam, {preset.search.steps} steps of {preset.search.batch_size} images at a rate of "
        f"{preset.search.learning_rate:g} falling to 0. {seconds:.0f} s beside what the store held.",
        "## Verdicts", table(["statement", "found", "verdict"],
                             [[one.statement, one.found, f"**{one.verdict}**"] for one in judged]),
        "## Thresholds, predicted and measured", _METHOD, _thresholds(rows),
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


def _thresholds(rows: Sequence[Threshold]) -> str:
    return table(["network", "P", "latent", "start", "measured β", "predicted Λ of the samples", "ratio",
                  "Λ at P → ∞, debiased"],
                 [[row.network.upper(), f"{row.samples:,}", str(row.rank), row.start, str(row.measured),
                   str(row.predicted), str(row.ratio), str(row.population)] for row in rows])


def _excess(excess: Sequence[tuple[int, float, Interval, float]]) -> str:
    return table(["P", "β", "total KL measured", "linear theory", "excess"],
                 [[f"{size:,}", f"{beta:.3g}", str(value), f"{linear:.4f}", f"{value.mean - linear:+.4f}"]
                  for size, beta, value, linear in excess])


def _best(best: Sequence[Best]) -> str:
    return table(["best β by", "P", "measured", "linear theory"],
                 [[measure_words(one.measure), f"{one.samples:,}", one.words, str(one.predicted)]
                  for one in best])


def _noise(noise: Mapping[tuple[int, str], Interval]) -> str:
    sizes, names = list(dict.fromkeys(size for size, _ in noise)), list(dict.fromkeys(name for _, name in noise))
    return table(["estimate", *(f"P = {size:,}" for size in sizes)],
                 [[name, *(str(noise[size, name]) for size in sizes)] for name in names])


def record(rows: Sequence[Threshold], margins: Mapping[str, Margin], best: Sequence[Best],
           noise: Mapping[tuple[int, str], Interval], judged: Sequence[Verdict]) -> dict[str, Any]:
    """Return what the report says as plain numbers for JSON; NaN becomes null."""
    return {
        "thresholds": [{"network": row.network, "samples": row.samples, "latent": row.rank, "start": row.start,
                        **{name: _plain(getattr(row, name)) for name in ("measured", "predicted", "ratio",
                                                                         "population")}} for row in rows],
        "next_latent": {name: {"low": _plain(one.low), "high": _plain(one.high)} for name, one in margins.items()},
        "best_beta": [{"measure": one.measure, "samples": one.samples, "edge": one.edge,
                       "measured": _plain(one.measured), "predicted": _plain(one.predicted)} for one in best],
        "noise": [{"samples": size, "estimate": name, **_plain(value)} for (size, name), value in noise.items()],
        "verdicts": [{"statement": one.statement, "found": one.found, "verdict": one.verdict} for one in judged],
    }


def _plain(value: Interval) -> dict[str, Any]:
    return {"mean": value.mean if np.isfinite(value.mean) else None,
            "half_width": value.half if np.isfinite(value.half) else None, "seeds": value.count}
