"""Runs of one problem that are trained together: what losses and penalties are, over a stack of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from vaesym.engine.experiment.products import Products
from vaesym.engine.experiment.sample import Sample
from vaesym.engine.proximal import Convex, Minimum
from vaesym.inputs import Floats

#: Takes the entries (M, 1) of a column (R, 1) that belong to the samples a loss is asked about.
Pick = Callable[[Floats], Floats]


def stacked(arrays: Sequence[Floats]) -> Floats:
    """Return arrays one above the other; a single one is not copied."""
    return arrays[0][None] if len(arrays) == 1 else np.stack(arrays)


class Runs:
    """Runs with equally many samples and weights, along the first axis R of everything.

    Parameters
    ----------
    samples : of the runs
    products : by what products with the data are done
    """

    def __init__(self, samples: Sequence[Sample], products: Products) -> None:
        first = samples[0]
        self.equations, self.products, self.losses = first.equations, products, first.losses
        #: The place of each run among the samples.
        self.places = np.arange(len(samples))
        self.given = {name: np.concatenate([s.columns[name] for s in samples]) for name in first.columns}
        self.shift, self.seen, self.kinds = (
            stacked([getattr(s, name) for s in samples]) for name in ("shift", "seen", "kinds"))
        inputs = stacked([s.inputs for s in samples])
        self.points, self.dimension = inputs.shape[1:]
        #: The root mean square of the length of an input.
        self.lengths = np.array([np.linalg.norm(s.inputs) for s in samples]) / np.sqrt(self.points)
        self.biased = first.biased
        column = np.full((len(samples), self.points, 1), 1 / np.sqrt(self.dimension))
        held = {biased: products.hold(np.concatenate([inputs, column], axis=2) if biased else inputs)
                for biased in set(self.biased)}
        #: The data of each student, with a last column for its bias.
        self.held = [held[biased] for biased in self.biased]

    def __len__(self) -> int:
        return len(self.places)

    def some(self, rows: Any) -> Self:
        """Return some of the runs, by a mask."""
        if rows.all():
            return self
        found = copy.copy(self)
        found.given = {name: column[rows] for name, column in self.given.items()}
        for name in ("places", "shift", "seen", "kinds", "lengths"):
            setattr(found, name, getattr(self, name)[rows])
        held = {biased: self.products.some(each, rows) for biased, each in zip(self.biased, self.held, strict=True)}
        found.held = [held[biased] for biased in self.biased]
        return found

    @property
    def smooth(self) -> bool:
        """Whether losses and penalties have no kinks, so that Newton's method finds the minimum."""
        equations = self.equations
        return len(self.biased) > 1 or all(len(parts) == 1 for parts in (equations.penalty, *self.losses))

    def at(self, function: Any, *places: Floats) -> Floats:
        """Return a function of places (R, n) and the parameters of the runs."""
        return self.equations.at(function, *places, given=self.given)

    @property
    def penalty(self) -> Any:
        """The penalty of the weights of one student, and of its bias if it has one, which costs nothing."""
        convex = Convex(self.equations.penalty, self.at)
        return _WithFree(convex) if self.biased[0] else convex

    def parted(self) -> list[tuple[int, tuple[Any, ...]]]:
        """Return the kinds of losses there are, and the run and sample of everyone of a kind."""
        return [(int(kind), np.nonzero(self.kinds == kind)) for kind in np.unique(self.kinds)]

    def loss(self, kind: int, where: tuple[Any, ...]) -> tuple[Convex, Pick]:
        """Return the loss of some samples of a kind, of fields (M, 1), and what picks their entries of columns."""
        given = {name: column[where[0]] for name, column in self.given.items()}
        seen = [label[where][:, None] for label in np.moveaxis(self.seen, -1, 0)]
        return (Convex(self.losses[kind], lambda function, *places: self.equations.at(
            function, *places, *seen, given=given)), lambda column: column[where[0]])

    def of_losses(self, call: Callable[[Convex, Floats, Pick], Any], fields: Floats) -> Floats:
        """Return what ``call`` gives of each sample's own loss at its field less its shift, (3, R, P)."""
        offset, labels = fields - self.shift[..., 0], np.moveaxis(self.seen, -1, 0)
        kinds = self.parted()
        if len(kinds) == 1:
            only = Convex(self.losses[kinds[0][0]], lambda function, *places: self.at(function, *places, *labels))
            return np.array(call(only, offset, lambda column: column))
        found = np.empty((3, *fields.shape))
        for kind, where in kinds:
            convex, pick = self.loss(kind, where)
            found[:, where[0], where[1]] = np.array(call(convex, offset[where][:, None], pick))[..., 0]
        return found

    def jets(self, fields: Floats) -> tuple[Floats, Floats, Floats]:
        """Return losses (R, P), gradients (R, P, k) and Hessians (R, P, k, k) at fields (R, P, k)."""
        k = len(self.biased)
        if k == 1:
            loss, slope, bend = self.of_losses(lambda f, x, _: f.jet(x), fields[..., 0])
            return loss, slope[..., None], bend[..., None, None]
        parts = self.equations.joint(*np.moveaxis(fields - self.shift, -1, 0), *np.moveaxis(self.seen, -1, 0),
                                     *self.given.values())
        every = np.stack([np.broadcast_to(np.asarray(part, dtype=np.float64), fields.shape[:2]) for part in parts],
                         axis=-1)
        return every[..., 0], every[..., 1:1 + k], every[..., 1 + k:].reshape(*fields.shape[:2], k, k)

    def rows(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Return penalties, slopes and curvatures at weights, each (R, N, k)."""
        if len(self.biased) == 1:
            value, slope, bend = Convex(self.equations.penalty, self.at).jet(weights[..., 0])
            return value[..., None], slope[..., None], bend[..., None]
        decay = np.stack([self.at(f) for f in self.equations.decays], axis=-1)
        return decay * weights**2 / 2, decay * weights, decay * np.ones_like(weights)

    def residuals(self, gradient: Floats, slope: Floats, force: Floats) -> Floats:
        """Return the sizes (R,) of gradients relative to those of their terms r' and Aᵀℓ', were they independent."""
        rows = [part.reshape(len(part), -1) for part in (gradient, slope, force)]
        size, slopes, forces = (np.linalg.norm(part, axis=1) for part in rows)
        terms = slopes + self.lengths * forces
        # Slopes of smooth functions vanish where they underflow: towards a minimum at infinity.
        return np.where(terms == 0, np.inf if self.smooth else 0.0, size / np.where(terms == 0, 1.0, terms))


class _WithFree:
    """A penalty on all but the last weight, which is a bias."""

    def __init__(self, penalty: Convex) -> None:
        self.penalty = penalty

    def solve(self, a: Floats, b: Floats, h: Floats) -> Minimum:
        """Return the minimum; a bias feels no force."""
        found, zero = self.penalty.solve(a, b, h[:, :-1]), np.zeros((len(h), 1))
        return Minimum(*[np.concatenate([part, last], axis=1) for part, last in
                         zip(found, (h[:, -1:] / b, zero, zero), strict=True)])

    def value(self, place: Floats) -> Floats:
        """Return the penalty of every weight, 0 for the bias."""
        return np.concatenate([self.penalty.value(place[:, :-1]), np.zeros((len(place), 1))], axis=1)
