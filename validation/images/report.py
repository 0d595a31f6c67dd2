"""The report of the experiment on images in plain sentences and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from validation.images.analysis import Carried, Threshold
from validation.images.best import Best
from validation.images.crossings import Crossing
from validation.images.intervals import Interval
from validation.images.statements import FAILS, HOLDS, NEXT, OPEN
from validation.images.studies import Workshop
from validation.images.verdicts import Verdict, measure_words
from validation.reports import table

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
  bends, or less, where training has not found its minimum: see the excess in the table of the KL.
- **The second latent** meets what the first leaves over: see which prediction holds.
- **The best β** of a picture's Fréchet distance is that of the mean images, and depends on the features in which the
  distance is taken. The linear theory has no answer for it; compare the three measures.
- **Binary cross-entropy**: the threshold of full collapse has its own formula. Everything else in these tables is for
  the squared error."""


def markdown(shop: Workshop, rows: Sequence[Threshold], crossings: Mapping[str, Crossing], best: Sequence[Best],
             noise: Mapping[tuple[int, str], Interval], held: Sequence[Carried],
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
        "## What the latents carry", _carried(held),
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


def _carried(rows: Sequence[Carried]) -> str:
    return table(["network", "P", "β", "total KL measured", "linear theory", "excess", "active units",
                  "mutual information"],
                 [[one.network, f"{one.samples:,}", f"{one.beta:.3g}", str(one.measured), str(one.linear),
                   str(one.excess), f"{one.active_units.mean:.1f}", str(one.information)] for one in rows])


def _best(best: Sequence[Best]) -> str:
    return table(["network", "best β by", "P", "measured", "linear theory"],
                 [[one.network, measure_words(one.measure), f"{one.samples:,}", one.words, str(one.predicted)]
                  for one in best])


def _noise(noise: Mapping[tuple[int, str], Interval]) -> str:
    sizes, names = list(dict.fromkeys(size for size, _ in noise)), list(dict.fromkeys(name for _, name in noise))
    return table(["estimate", *(f"P = {size:,}" for size in sizes)],
                 [[name, *(str(noise[size, name]) for size in sizes)] for name in names])


def record(rows: Sequence[Threshold], crossings: Mapping[str, Crossing], best: Sequence[Best],
           noise: Mapping[tuple[int, str], Interval], held: Sequence[Carried],
           judged: Sequence[Verdict]) -> dict[str, Any]:
    """Return what the report says as plain numbers for JSON; NaN becomes null."""
    return {
        "thresholds": [{"network": row.network, "samples": row.samples, "latent": row.rank, "start": row.start,
                        **{name: _plain(getattr(row, name)) for name in ("measured", "predicted", "ratio",
                                                                         "population")}} for row in rows],
        "next_latent": {name: {"words": str(one), **_plain(one.interval)} for name, one in crossings.items()},
        "kl": [{"network": one.network, "samples": one.samples, "beta": one.beta,
                **{name: _plain(getattr(one, name)) for name in ("measured", "linear", "excess", "active_units",
                                                                 "information")}} for one in held],
        "best_beta": [{"network": one.network, "measure": one.measure, "samples": one.samples, "edge": one.edge,
                       "measured": _plain(one.measured), "predicted": _plain(one.predicted)} for one in best],
        "noise": [{"samples": size, "estimate": name, **_plain(value)} for (size, name), value in noise.items()],
        "verdicts": [{"statement": one.statement, "found": one.found, "verdict": one.verdict} for one in judged],
    }


def _plain(value: Interval) -> dict[str, Any]:
    return {"mean": value.mean if np.isfinite(value.mean) else None,
            "half_width": value.half if np.isfinite(value.half) else None, "seeds": value.count}
