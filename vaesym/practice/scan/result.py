"""What a scan holds: the networks as one curve over β, and the answers that it gives."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

from vaesym import inputs
from vaesym.inputs import Floats, InputError
from vaesym.output import Reported
from vaesym.practice.next_latent import ACTIVE
from vaesym.practice.scan.training import evaluate, tensors_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure
    from rich.console import Console

    from vaesym.practice.data.matrix import Array
    from vaesym.practice.scan.networks import Conditioned
    from vaesym.practice.scan.prepared import Prepared
    from vaesym.practice.scan.settings import Settings

#: Points of the curve, samples over which its means are taken, and halvings that find where a latent collapses.
_POINTS, _ROWS, _HALVINGS = 48, 8192, 8
#: Points between those of the curve, where a minimum is looked for.
_FINE = 4001
Interval = tuple[float, float]


@dataclass(frozen=True)
class Measures:
    """Means over samples at one β.

    Attributes
    ----------
    kl : of each latent, in nats (M,), the last to collapse first
    rate : their sum
    distortion : E‖x − x̂‖² of a Gaussian decoder, else E −ln p(x|z) in nats
    loss : −ln p(x|z) + β·rate, of a Gaussian decoder without (N/2) ln 2π: at variance 1 half the distortion + β·rate
    elbo : mean lower bound of ln p(x), in nats
    active : latents whose KL exceeds 0.01
    """

    kl: Floats
    rate: float
    distortion: float
    loss: float
    elbo: float
    active: int


@dataclass(frozen=True)
class Point(Measures):
    """A scan at one β: means over the training samples, and beside them what else is known.

    Attributes
    ----------
    beta, variance : β, and the decoder's variance there, if Gaussian
    held_out : the same over samples that were not trained on; None without them
    linear : the same by the linear theory; of other likelihoods than Gaussian the KL alone, as a guide
    intervals : 95 % of rate, distortion, loss, elbo, over seeds; empty for one
    """

    beta: float = math.nan
    variance: float | None = None
    held_out: Measures | None = None
    linear: Measures | None = None
    intervals: dict[str, Interval] = field(default_factory=dict[str, Interval])


@dataclass(frozen=True, eq=False, repr=False)
class Scan(Reported):
    """One training for all β, with the linear theory beside it; made by :func:`vaesym.scan`.

    Attributes
    ----------
    settings, ready : how it was made, and the data as the networks saw them
    models : the networks, one a seed
    seconds : of the training
    """

    settings: Settings
    ready: Prepared
    models: tuple[Conditioned, ...]
    seconds: float

    def __repr__(self) -> str:
        low, high = self.beta_range
        return (f"<Scan of {self.ready.name}: {self.settings.latents} latents, {self.settings.likelihood}, "
                f"beta {low:.3g} to {high:.3g}>")

    def _report(self, out: Console) -> None:
        from vaesym.practice.scan.report import report

        report(self, out)

    @property
    def learned(self) -> bool:
        """Whether the decoder's variance is learned."""
        return self.settings.variance is None

    @cached_property
    def _tensors(self) -> tuple[Any, Any, Any]:
        return tensors_of(self.ready, self.settings.device)

    @cached_property
    def _rows(self) -> dict[str, Array]:
        """Rows over which means are taken; where there are more than enough, a part of them."""
        random = np.random.default_rng(0)
        parts = {"training": self.ready.training, "held_out": self.ready.held_out}
        return {name: rows if len(rows) <= _ROWS else np.sort(random.choice(rows, _ROWS, replace=False))
                for name, rows in parts.items() if len(rows)}

    @cached_property
    def _order(self) -> list[Array]:
        gates = [np.atleast_2d(model.log_gates.detach().cpu().numpy()).max(axis=0) for model in self.models]
        return [np.argsort(-gate, kind="stable") for gate in gates]

    def _at_unit(self, model: int, beta: float, part: str) -> tuple[float, Floats]:
        """Return distortion and KL (M,) at β for a decoder variance of 1."""
        unit = self.ready.observation.unit**2
        found = evaluate(self.models[model], self._tensors, self._rows[part], math.log(beta / unit))
        gaussian = self.settings.likelihood == "gaussian"
        return found.misfit * (2 * unit if gaussian else 1.0), found.kl[self._order[model]]

    @cached_property
    def _unit_grid(self) -> Floats:
        return np.geomspace(*self.ready.beta_range, _POINTS)

    @cached_property
    def _unit_curves(self) -> list[tuple[Floats, Floats]]:
        """Distortion (G,) and KL (G, M) over the grid, training samples, of each network."""
        found = [[self._at_unit(place, float(beta), "training") for beta in self._unit_grid]
                 for place in range(len(self.models))]
        return [(np.array([one[0] for one in row]), np.array([one[1] for one in row])) for row in found]

    def _to_unit(self, beta: float, distortion: Floats, rate: Floats) -> float:
        """Return the β that a decoder of variance 1 has where this one has its minimum.

        With σ² learned the loss is (N/2)(1 + ln(E/N)) + β·rate with E the distortion, so its minimum lies on the same
        curve, at βσ² with σ² = E/N. Source: theory, section 4 (learned σ²).
        """
        if self.settings.variance is not None:
            return beta * self.settings.variance
        fine, grid = np.geomspace(*self.ready.beta_range, _FINE), np.geomspace(*self.ready.beta_range, len(rate))
        # Between thresholds a linear model's distortion is linear in β, and its rate in ln β.
        error, nats = np.interp(fine, grid, distortion), np.interp(np.log(fine), np.log(grid), rate)
        return float(fine[np.argmin(self.ready.features / 2 * np.log(error) + beta * nats)])

    def _from_unit(self, beta: Floats) -> Floats:
        if self.settings.variance is not None:
            return beta / self.settings.variance
        distortion = np.mean([curve[0] for curve in self._unit_curves], axis=0)
        return beta * self.ready.features / np.interp(beta, self._unit_grid, distortion)

    @cached_property
    def beta_range(self) -> tuple[float, float]:
        """The range of β that the scan covers, in units of your loss."""
        low, high = self._from_unit(np.array(self.ready.beta_range))
        return float(low), float(high)

    def _measures(self, beta: float, distortion: float, kl: Floats, variance: float | None) -> Measures:
        nats, constant = distortion, 0.0
        if self.settings.likelihood == "gaussian":
            variance = 1.0 if variance is None else variance
            nats = distortion / (2 * variance) + self.ready.features / 2 * math.log(variance)
            constant = self.ready.features / 2 * math.log(2 * math.pi)
        rate = float(kl.sum())
        return Measures(kl, rate, distortion, nats + beta * rate, -nats - constant - rate, int((kl > ACTIVE).sum()))

    def _point(self, place: int, beta: float) -> Point:
        distortion, kl = self._unit_curves[place] if self.learned else (np.empty(0), np.empty((0, 0)))
        unit = self._to_unit(beta, distortion, kl.sum(axis=1))
        error, kl = self._at_unit(place, unit, "training")
        variance = error / self.ready.features if self.learned else self.settings.variance
        held = (self._measures(beta, *self._at_unit(place, unit, "held_out"), variance)
                if "held_out" in self._rows else None)
        own = self._measures(beta, error, kl, variance)
        gaussian = self.settings.likelihood == "gaussian"
        return Point(**vars(own), beta=beta, variance=variance if gaussian else None, held_out=held)

    def _linear(self, beta: float) -> Measures:
        theory, grid = self.ready.linear, np.geomspace(*self.ready.beta_range, _FINE)
        unit = np.array([self._to_unit(beta, theory.error(grid), theory.kl(grid).sum(axis=1))])
        error = float(theory.error(unit)[0])
        variance = error / self.ready.features if self.learned else self.settings.variance
        return self._measures(beta, error, theory.kl(unit)[0], variance)

    def at(self, beta: float) -> Point:
        """Return what the networks do at one β of the range: means over seeds.

        Raises :class:`vaesym.InputError` for a β outside it.

        >>> import vaesym
        >>> found = vaesym.scan(np.random.default_rng(0).normal(size=(200, 4)), latents=1, hidden=(), epochs=1)
        >>> found.at(1.0).kl.shape
        (1,)
        """
        weight = inputs.positive_number("beta", beta)
        low, high = self.beta_range
        if not low * (1 - 1e-9) <= weight <= high * (1 + 1e-9):
            raise InputError(f"beta from {low:.4g} to {high:.4g}, the range of this scan", f"{weight:g}",
                             "scan again with another beta_range")
        points = [self._point(place, weight) for place in range(len(self.models))]
        mean = points[0] if len(points) == 1 else _mean(points)
        return replace(mean, linear=self._linear(weight))

    @cached_property
    def _curve(self) -> xr.Dataset:
        import xarray as xr

        betas = np.geomspace(*self.beta_range, _POINTS)
        points = [[self._point(place, float(beta)) for beta in betas] for place in range(len(self.models))]
        parts = list(self._rows)
        stacked = {name: np.array([[[getattr(one if part == "training" else one.held_out, name) for one in row]
                                    for part in parts] for row in points])
                   for name in ("kl", "rate", "distortion", "loss", "elbo", "active")}
        dims = ("seed", "part", "beta")
        theory = [self._linear(float(beta)) for beta in betas]
        lines = {f"linear_{name}": (("beta", "latent") if name == "kl" else ("beta",),
                                    np.array([getattr(one, name) for one in theory]))
                 for name in ("kl", "rate", "distortion", "loss", "active")}
        coords = {"seed": self.settings.seed + np.arange(len(self.models)), "part": parts, "beta": betas,
                  "latent": np.arange(1, self.settings.latents + 1)}
        attrs = {"title": f"Scan of {self.ready.name}", "likelihood": self.settings.likelihood,
                 "latents": self.settings.latents, "full_collapse": self.full_collapse}
        return xr.Dataset({name: ((*dims, "latent") if name == "kl" else dims, values)
                           for name, values in stacked.items()} | lines
                          | {"threshold": (("seed", "latent"), self._thresholds)}, coords, attrs)

    def to_xarray(self) -> xr.Dataset:
        """Return the curve over β: the measures of :class:`Measures` by seed, part (training, held_out) and β.

        ``linear_...`` is the linear theory, ``threshold`` the β from which on a latent is inactive, 0 if it always is.
        """
        return self._curve.copy()

    def figure(self) -> Figure:
        """Return a figure: the KL of each latent and the rate–distortion curve, linear theory beside both."""
        from vaesym.figures import scan_curves

        return scan_curves(self._curve)

    @cached_property
    def _thresholds(self) -> Floats:
        """The β from which on each latent is inactive, by seed (S, M)."""
        return np.array([[self._threshold(place, latent) for latent in range(self.settings.latents)]
                         for place in range(len(self.models))])

    def _threshold(self, place: int, latent: int) -> float:
        grid, kl = self._unit_grid, self._unit_curves[place][1][:, latent]
        active = np.flatnonzero(kl > ACTIVE)
        if not len(active):
            return 0.0
        last = int(active[-1])
        low, high = float(grid[last]), float(grid[min(last + 1, _POINTS - 1)])
        for _ in range(_HALVINGS if high > low else 0):
            middle = math.sqrt(low * high)
            alive = self._at_unit(place, middle, "training")[1][latent] > ACTIVE
            low, high = (middle, high) if alive else (low, middle)
        return float(self._from_unit(np.array([math.sqrt(low * high)]))[0])

    @property
    def thresholds(self) -> Floats:
        """The β from which on k latents or fewer are active, for k = 0 to M − 1 (M,): means over seeds, descending."""
        return -np.sort(-self._thresholds, axis=1).mean(axis=0)

    @property
    def full_collapse(self) -> float:
        """The β from which on no latent is active; the end of the range where one still is, 0 where none ever is."""
        return float(self.thresholds[0])

    def beta_for_active(self, count: Any) -> tuple[float, float] | None:
        """Return the range of β in which so many latents are active, None where there is none in this scan.

        Raises :class:`vaesym.InputError` for what is no number from 0 to M.
        """
        low, high = self.beta_range
        ends = np.clip(np.array([high, *self.thresholds, low]), low, high)
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or not 0 <= count < len(ends) - 1:
            raise InputError(f"a number of active latents from 0 to {len(ends) - 2}", f"{count!r}", "choose another")
        upper, lower = float(ends[count]), float(ends[count + 1])
        return (lower, upper) if upper > lower else None

    def beta_for_kl(self, nats: float) -> float:
        """Return the β at which the total KL of the training samples is so many nats.

        Raises :class:`vaesym.InputError` for a KL that the scan does not reach.
        """
        return self._where("rate", "a total KL", "nats", inputs.positive_number("nats", nats), rising=False)

    def beta_for_distortion(self, distortion: float) -> float:
        """Return the β at which the distortion of the training samples is this one.

        Raises :class:`vaesym.InputError` for a distortion that the scan does not reach.
        """
        wanted = inputs.positive_number("distortion", distortion)
        return self._where("distortion", "a distortion", "", wanted, rising=True)

    def _where(self, name: str, what: str, unit: str, wanted: float, *, rising: bool) -> float:
        curve = self._curve[name].sel(part="training").mean("seed").values
        curve = np.maximum.accumulate(curve if rising else curve[::-1])
        log = np.log(self._curve.beta.values if rising else self._curve.beta.values[::-1])
        if not curve[0] <= wanted <= curve[-1]:
            raise InputError(f"{what} from {curve[0]:.4g} to {curve[-1]:.4g} {unit}".rstrip(), f"{wanted:g}",
                             "choose one in between, or scan a wider beta_range")
        return float(np.exp(np.interp(wanted, curve, log)))

    def excess(self) -> Floats:
        """Return the share by which networks of another β have a lower training loss, at each β of the curve (G,).

        The loss of networks is a straight line in β, and the least loss the lower envelope of such lines: where this is
        not 0, those made for a β are not at their best. A learned variance chooses among them, so that it is 0 there.
        Of a Gaussian decoder the loss is counted without (N/2) ln σ².
        """
        curve = self._curve.sel(part="training").mean("seed")
        beta, rate, misfit = curve.beta.values, curve.rate.values, curve.distortion.values
        if self.settings.variance is None:
            return np.zeros(len(beta))
        if self.settings.likelihood == "gaussian":
            misfit = misfit / (2 * self.settings.variance)
        losses = misfit + np.multiply.outer(beta, rate)
        return 1 - losses.min(axis=1) / losses.diagonal()

    def best_elbo(self) -> tuple[float, float]:
        """Return the β at which the ELBO is largest, and it; of the samples held out, if there are any."""
        part = str(self._curve.part.values[-1])
        curve = self._curve.elbo.sel(part=part).mean("seed").values
        log, best = np.log(self._curve.beta.values), int(np.argmax(curve))
        if 0 < best < len(curve) - 1:
            # The top of the parabola through the largest and its neighbours.
            a, b, c = np.polyfit(log[best - 1 : best + 2] - log[best], curve[best - 1 : best + 2], 2)
            return float(np.exp(log[best] - b / (2 * a))), float(c - b**2 / (4 * a))
        return float(np.exp(log[best])), float(curve[best])

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers, texts and lists: the curve, and the answers."""
        curve, best = self._curve, self.best_elbo()
        parts = {str(part): {name: curve[name].sel(part=part).mean("seed").values.tolist()
                             for name in ("kl", "rate", "distortion", "loss", "elbo", "active")}
                 for part in curve.part.values}
        linear = {name: [None if np.isnan(x).any() else x.tolist() for x in curve[f"linear_{name}"].values]
                  for name in ("kl", "rate", "distortion", "loss", "active")}
        active = {str(count): self.beta_for_active(count) for count in range(self.settings.latents + 1)}
        return {"name": self.ready.name, "notes": list(self.ready.notes), "latents": self.settings.latents,
                "likelihood": self.settings.likelihood, "seeds": len(self.models), "seconds": self.seconds,
                "beta_range": list(self.beta_range), "beta": curve.beta.values.tolist(), **parts, "linear": linear,
                "full_collapse": self.full_collapse, "thresholds": self.thresholds.tolist(),
                "best_elbo": {"beta": best[0], "elbo": best[1], "part": str(curve.part.values[-1])},
                "beta_for_active": {count: list(ends) for count, ends in active.items() if ends is not None}}


def _mean(points: list[Point]) -> Point:
    """Return the mean over seeds, with Student's 95 % intervals."""
    held = [point.held_out for point in points if point.held_out is not None]
    names = ("rate", "distortion", "loss", "elbo")
    values = {name: np.array([getattr(point, name) for point in points]) for name in names}
    half = special.stdtrit(len(points) - 1, 0.975) / math.sqrt(len(points))
    spread = {name: (float(row.mean() - half * row.std(ddof=1)), float(row.mean() + half * row.std(ddof=1)))
              for name, row in values.items()}
    variances = [point.variance for point in points if point.variance is not None]
    return replace(points[0], **_averaged(points), intervals=spread,
                   variance=float(np.mean(variances)) if variances else None,
                   held_out=replace(held[0], **_averaged(held)) if held else None)


def _averaged(many: list[Any]) -> dict[str, Any]:
    kl = np.mean([one.kl for one in many], axis=0)
    means = {name: float(np.mean([getattr(one, name) for one in many]))
             for name in ("rate", "distortion", "loss", "elbo")}
    return {**means, "kl": kl, "active": round(float(np.mean([one.active for one in many])))}
