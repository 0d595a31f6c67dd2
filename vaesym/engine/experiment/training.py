"""Train runs with labels together: by Newton's method, or where there are kinks by a programme or by multipliers.

Newton's method is the closed form for quadratic problems. Losses and penalties made of lines are a linear programme.
The alternating direction method of multipliers in graph form (Parikh and Boyd, Math. Prog. Comp. 6 (2014) 77) takes the
loss and the penalty by their proxes alone, the data by one factorised matrix, and converges for every convex problem;
what takes more rounds than there are is said not to have converged. A run that is done leaves the others.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from vaesym.engine.experiment.products import ByNumpy, Products
from vaesym.engine.experiment.programme import all_lines, by_programme
from vaesym.engine.experiment.runs import Runs
from vaesym.engine.experiment.sample import TOLERANCE, Sample, Trained
from vaesym.engine.proximal import Minimum, response
from vaesym.inputs import Floats

_STEPS, _HALVINGS, _ROUNDS, _CHECK = 80, 30, 10_000, 10
#: Rounds after which the scales of the multipliers method are set anew; then they stay, and it converges.
_TUNED = (1, 2, 4, 8, 16, 32, 64)
_RELAXATION = 1.6


def train(samples: Sequence[Sample], products: Products | None = None, *, general: bool = False) -> list[Trained]:
    """Return what is trained on samples of equal size; with ``general`` by multipliers even where all is smooth."""
    runs = Runs(samples, products or ByNumpy())
    found: dict[int, Trained] = {}
    with np.errstate(all="ignore"):
        if general or not (runs.smooth or all_lines(runs)):
            _multipliers(runs, found)
        elif runs.smooth:
            _newton(runs, found)
        else:
            site, field, losses, scale = by_programme(runs)
            _kept(runs, found, (site, field, losses.slope, scale), last=True)
    return [found[i] for i in range(len(samples))]


class _State(NamedTuple):
    """Where runs are on the way: per run (R, …), the weights and biases of all students in one row ``place``."""

    place: Floats
    total: Floats
    residual: Floats
    gradient: Floats
    bend: Floats
    stiff: Floats
    loss: Floats
    penalty: Floats

    def where(self, mask: Any, other: _State) -> _State:
        """Return these where the mask is set, and the others elsewhere."""
        return _State(*[np.where(mask.reshape(-1, *[1] * (mine.ndim - 1)), mine, theirs)
                        for mine, theirs in zip(self, other, strict=True)])


def _ends(runs: Runs) -> Any:
    return np.cumsum([0, *[runs.dimension + biased for biased in runs.biased]])


def _weights(runs: Runs, place: Floats) -> tuple[list[Floats], Floats]:
    """Return weights and bias of each student, and the weights (R, N, k)."""
    ends = _ends(runs)
    each = [place[:, low:high] for low, high in itertools.pairwise(ends)]
    return each, np.stack([part[:, :runs.dimension] for part in each], axis=-1)


def _at(runs: Runs, place: Floats) -> _State:
    each, weights = _weights(runs, place)
    fields = [runs.products.times(held, part) for held, part in zip(runs.held, each, strict=True)]
    loss, force, bend = runs.jets(np.stack(fields, axis=-1))
    penalty, slope, stiff = runs.rows(weights)
    pushes = [runs.products.back(held, np.ascontiguousarray(force[..., i])) for i, held in enumerate(runs.held)]
    for i, push in enumerate(pushes):
        push[:, :runs.dimension] += slope[..., i]
    gradient, penalty = np.concatenate(pushes, axis=1), penalty.sum(axis=(1, 2))
    total = loss.sum(axis=1) + penalty
    return _State(place, total, runs.residuals(gradient, slope, force), gradient, bend, stiff, loss.mean(axis=1),
                  penalty / runs.dimension)


def _step(runs: Runs, state: _State) -> tuple[Floats, Any]:
    """Return Newton's steps, 0 where the Hessian is not positive definite, and whether it is."""
    products, k = runs.products, len(runs.biased)
    blocks = [[products.gram(runs.held[i], state.bend[..., i, j], None if i == j else runs.held[j])
               for j in range(i, k)] for i in range(k)]
    diagonal = np.zeros_like(state.place)
    for i, low in enumerate(_ends(runs)[:-1]):
        diagonal[:, low:low + runs.dimension] = state.stiff[..., i]
    factor, positive = products.factor(blocks, diagonal)
    return np.where(positive[:, None], products.solve(factor, state.gradient), 0.0), positive


def _along(runs: Runs, state: _State, step: Floats) -> tuple[_State, Any]:
    """Return the states after steps, halved until the total or the residual falls, and whether one did."""
    size = np.ones(len(runs))
    for _ in range(_HALVINGS):
        trial = _at(runs, state.place - size[:, None] * step)
        falls = (trial.total <= state.total) | (trial.residual < state.residual)
        if falls.all():
            break
        size = np.where(falls, size, size / 2)
    return trial, falls  # type: ignore[possibly-unbound]


def _newton(runs: Runs, found: dict[int, Trained]) -> None:
    """Newton with halved steps, over all weights and biases."""
    state = _at(runs, np.zeros((len(runs), _ends(runs)[-1])))
    for number in range(1, _STEPS + 1):
        step, positive = _step(runs, state)
        trial, falls = _along(runs, state, step)
        # No better than rounding allows, or no minimum to be found: flat, or out of range.
        stays = ~positive | ~falls | ~np.isfinite(trial.residual) | (
            (trial.residual >= state.residual) & (state.residual <= TOLERANCE))
        state = state.where(stays, trial)
        done = stays | (state.residual <= TOLERANCE / 100) | (number == _STEPS)
        _, weights = _weights(runs, state.place)
        last = _ends(runs)[1:] - 1
        for i in np.flatnonzero(done):
            biases = np.array([state.place[i, last[student]] for student in getattr(runs.equations, "bias", ())])
            found[int(runs.places[i])] = Trained(weights[i], biases / np.sqrt(runs.dimension), float(state.loss[i]),
                                                 float(state.penalty[i]), float(state.residual[i]))
        runs, state = runs.some(~done), _State(*[part[~done] for part in state])
        if not len(runs):
            break


class _Scales:
    """The scales v of the fields and g of the weights with which both proxes would be those of the theory."""

    def __init__(self, runs: Runs, spread: Floats) -> None:
        self.spread, self.ratio = spread, runs.points / runs.dimension
        self.v, self.g = spread, spread * self.ratio / 2

    def some(self, rows: Any) -> None:
        """Keep those of some runs."""
        self.spread, self.v, self.g = self.spread[rows], self.v[rows], self.g[rows]

    def tune(self, site: Minimum, losses: Minimum) -> tuple[Floats, Floats]:
        """Set both anew, and return the new v and g over the old ones."""
        one = np.ones_like(self.v)
        new_v = _between(self.v, self.spread * response(site, one, self.g).mean(axis=1, keepdims=True))
        stiffness = response(losses, self.v, one).mean(axis=1, keepdims=True)
        new_g = _between(self.g, self.spread * self.ratio * (1 - stiffness) / self.v)
        ratios = new_v / self.v, new_g / self.g
        self.v, self.g = new_v, new_g
        return ratios


def _between(old: Floats, new: Floats) -> Floats:
    """Return the geometric mean of old scales and new ones, which changes them by a factor of ten at most."""
    return np.sqrt(old * np.clip(new, old / 10, old * 10))


def _multipliers(runs: Runs, found: dict[int, Trained]) -> None:
    """Find the minimum over weights and fields that are kept on the graph u = Aw."""
    products, (held,) = runs.products, runs.held
    gram, size = products.gram(held), runs.dimension + runs.biased[0]
    scales = _Scales(runs, (runs.lengths**2 + runs.biased[0] / runs.dimension)[:, None])
    factor, _ = products.factor([[gram]], np.repeat(scales.g * scales.v, size, axis=1))
    w, u, price_w, price_u = (np.zeros((len(runs), count)) for count in (size, runs.points) * 2)
    for number in range(1, _ROUNDS + 1):
        (held,), v, g, one = runs.held, scales.v, scales.g, np.ones_like(scales.v)
        site = runs.penalty.solve(one, g, g * (w - price_w))
        losses = Minimum(*runs.of_losses(lambda f, x, pick, v=v: f.solve(pick(v), np.ones_like(pick(v)), x),
                                         u - price_u))
        field, weights = losses.place + runs.shift[..., 0], site.place
        goal_w = _RELAXATION * weights + (1 - _RELAXATION) * w + price_w
        goal_u = _RELAXATION * field + (1 - _RELAXATION) * u + price_u
        w = products.solve(factor, g * v * goal_w + products.back(held, goal_u))
        u = products.times(held, w)
        price_w, price_u = goal_w - w, goal_u - u
        if number in _TUNED:
            by_v, by_g = scales.tune(site, losses)
            price_w, price_u = price_w / by_g, price_u * by_v
            factor, _ = products.factor([[gram]], np.repeat(scales.g * scales.v, size, axis=1))
        if number % _CHECK and number < _ROUNDS:
            continue
        done = _kept(runs, found, (site, field, losses.slope, v), last=number == _ROUNDS)
        if done.all():
            return
        if done.any():
            runs, gram, factor = runs.some(~done), products.some(gram, ~done), products.some(factor, ~done)
            w, u, price_w, price_u = (part[~done] for part in (w, u, price_w, price_u))
            scales.some(~done)


def _kept(runs: Runs, found: dict[int, Trained], at: tuple[Minimum, Floats, Floats, Floats], *, last: bool) -> Any:
    """Keep the runs of which weights and fields fit and are at a minimum, or all; return which."""
    (site, field, force, v), (held,) = at, runs.held
    size = np.maximum(np.linalg.norm(field, axis=1), v[:, 0] * np.linalg.norm(force, axis=1))
    off = np.linalg.norm(field - runs.products.times(held, site.place), axis=1) / np.maximum(size, 1e-300)
    gradient = site.slope + runs.products.back(held, force)
    residual = np.maximum(off, runs.residuals(gradient, site.slope, force))
    done = (residual <= TOLERANCE) | last
    loss, penalty = runs.of_losses(lambda f, x, _: f.jet(x), field)[0], runs.penalty.value(site.place)
    n = runs.dimension
    for i in np.flatnonzero(done):
        found[int(runs.places[i])] = Trained(site.place[i, :n, None], site.place[i, n:] / np.sqrt(n),
                                             float(loss[i].mean()), float(penalty[i].sum() / n), float(residual[i]))
    return done
