"""Which β to take, why, and what else could be done."""

from __future__ import annotations

from dataclasses import dataclass

from vaesym.practice.advice.decoder import LearnedVariance


@dataclass(frozen=True)
class Choice:
    """One way to go: in words, its KL weight in the user's loss, the latents that stay active, and the reason."""

    what: str
    kl_weight: float | None
    active: int
    reason: str


@dataclass(frozen=True)
class Recommendation:
    """The way to go, and the alternatives."""

    choice: Choice
    alternatives: tuple[Choice, ...]


def recommend(collapse_weights: tuple[float, ...], best: float | None, learned: LearnedVariance | None, *,
              signals: int, spiked: bool, samples: int) -> Recommendation:
    """Return what to do.

    ``best`` is the KL weight that recovers the signals best, None without a signal or without noise; ``learned`` is
    None where that has no minimum; ``spiked`` says whether signals and noise can be told apart as the best KL weight
    assumes.

    Notes
    -----
    Where signals stand on white noise, the aim is to recover them. Elsewhere the data say nothing of which variance is
    signal; then a learned variance weighs reconstruction against KL as the likelihood does.

    >>> recommend((9.0, 4.0), 1.2, None, signals=2, spiked=True, samples=500).choice.kl_weight
    1.2
    >>> recommend((9.0, 4.0, 0.0), None, None, signals=2, spiked=True, samples=500).choice.what
    'any β below 4'
    """
    if best is None and signals:
        learning = _learned(learned)
        return Recommendation(_all(collapse_weights, noiseless=True), () if learning is None else (learning,))
    fixed, learning = _best(collapse_weights, best, signals, spiked, samples), _learned(learned)
    if spiked:
        ways = [fixed or _none(collapse_weights), learning, _all(collapse_weights)]
    else:
        ways = [learning, _all(collapse_weights), fixed]
    found = [way for way in ways if way is not None]
    return Recommendation(found[0], tuple(found[1:]))


def every(collapse_weights: tuple[float, ...]) -> Recommendation:
    """Return what to do where no more than the thresholds is known.

    >>> every((9.0, 4.0)).choice.what
    'any β below 4'
    """
    return Recommendation(_all(collapse_weights), ())


def _best(collapse_weights: tuple[float, ...], best: float | None, signals: int, spiked: bool,
          samples: int) -> Choice | None:
    if best is None:
        return None
    words = "signal" if signals == 1 else f"{signals} signals"
    reason = (f"it recovers the {words} of these latents best with {samples:,} samples" if spiked else
              f"it would recover the {words} of these latents best if all else were white noise, which it is not")
    return Choice(f"β = {best:.4g} at a fixed decoder variance", best, sum(w > best for w in collapse_weights), reason)


def _learned(learned: LearnedVariance | None) -> Choice | None:
    if learned is None:
        return None
    what = "learn the decoder variance σ² along with the rest, with β = 1 (σ-VAE)"
    if learned.kl_weight is not None:
        what += f"; your loss comes to the same at β = {learned.kl_weight:.4g}"
    return Choice(what, learned.kl_weight, learned.active,
                  f"training ends at σ² = {learned.variance:.4g}, the mean variance beyond the latents: the balance of "
                  "reconstruction and KL that is most likely, with nothing to tune")


def _all(collapse_weights: tuple[float, ...], *, noiseless: bool = False) -> Choice:
    varying = [weight for weight in collapse_weights if weight > 0]
    reason = "all latents that have variance stay active, and carry what noise they hold"
    if noiseless:
        reason = "the noise is zero to rounding, and the smaller β, the less it takes from the signals"
    return Choice(f"any β below {varying[-1]:.4g}", varying[-1], len(varying), reason)


def _none(collapse_weights: tuple[float, ...]) -> Choice:
    return Choice(f"no β helps; from {collapse_weights[0]:.4g} on all latents collapse", collapse_weights[0], 0,
                  "no signal stands out of the noise, which is all that an active latent would learn; more data would "
                  "be needed")
