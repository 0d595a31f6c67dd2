r"""Draw the data of a problem, train on them, and measure what the theory predicts.

Smooth problems are trained by Newton's method, which for quadratic ones is the closed form. All others are trained by
the alternating direction method of multipliers in graph form (Parikh and Boyd, Math. Prog. Comp. 6 (2014) 77): the
loss and the penalty enter by their proxes alone, the data by one factorised matrix, and it converges for every convex
problem. One run after the other: the time goes into products with the data, which torch does on a device if one is
named; the proxes are those of the engine.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.linalg import LinAlgError
from scipy.special import ndtr

from vaesym import inputs
from vaesym.engine.equations import Equations
from vaesym.engine.experiment.products import ByNumpy, Products, products_on
from vaesym.engine.grids.posed import posed
from vaesym.engine.labelled.equations import Labelled
from vaesym.engine.lowered import equations_of
from vaesym.engine.proximal import Convex, Minimum, response
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.inputs import Floats, InputError

if TYPE_CHECKING:
    import xarray as xr

#: Largest residual of the optimality condition, relative to its terms, of a run that has converged.
TOLERANCE = 1e-7
_NEWTON_STEPS, _ROUNDS, _CHECK = 60, 10_000, 10
#: Rounds after which the scales of the multipliers method are set anew; then they stay, and it converges.
_TUNED = (1, 2, 4, 8, 16, 32, 64)
_RELAXATION = 1.6


class Trained(NamedTuple):
    """Weights, losses of the samples, penalties of the weights, and the residual of the optimality condition."""

    weights: Floats
    losses: Floats
    penalties: Floats
    residual: float

    @property
    def total(self) -> float:
        """Sum of losses and penalties."""
        return float(self.losses.sum() + self.penalties.sum())


class Sample:
    """The data of one run at one point of the parameters: ``inputs`` x/√N (P, N), labels (P,) and planted w* (N,).

    Parameters
    ----------
    equations : of the problem
    given : the value of every parameter
    dimension : N
    seed : of the run; runs at other parameters or dimensions with the same seed are independent
    products : by what products with the data are done, NumPy if not given
    """

    def __init__(self, equations: Equations, given: dict[str, float], dimension: int, seed: int,
                 products: Products | None = None) -> None:
        self.equations, self.products = equations, products or ByNumpy()
        ordered = {limits.name: given[limits.name] for limits in equations.parameters}
        self._columns = {name: np.array([[value]]) for name, value in ordered.items()}
        words = np.array(list(ordered.values()), dtype=np.float64).view(np.uint32).tolist()
        self._random = np.random.default_rng([seed, dimension, *words])
        self.planted = self._draw_planted(dimension)
        norm = getattr(equations, "norm", None)
        self.eta, self.rho = self.number(equations.noise), self.number(equations.signal)
        self.rho /= 1.0 if norm is None else self.number(norm) ** 2
        self.inputs = self._random.standard_normal((max(1, round(given["alpha"] * dimension)), dimension))
        self.inputs *= np.sqrt(self.eta * self.widths / dimension)
        self._prepare(len(self.inputs))

    def _prepare(self, count: int) -> None:
        """Draw the labels, and take losses and penalty at this point of the parameters."""
        equations = self.equations
        self.labels = self._draw_labels()
        self.held = self.products.hold(self.inputs)
        linear = equations.kind == "linear"
        # Real labels enter by the residual u − y, others by a loss of their own.
        self.shift = self.labels if linear else np.zeros_like(self.labels)
        rows = [np.arange(len(self.labels))] if linear else [np.flatnonzero(self.labels == v) for v in equations.values]
        self._losses = [(where, Convex(parts, self._evaluate)) for where, parts in
                        zip(rows, equations.loss, strict=True)]
        self._penalty = Convex(equations.penalty, self._evaluate)
        self.smooth = all(len(parts) == 1 for parts in (equations.penalty, *equations.loss))

    def _evaluate(self, function: Any, *variables: Floats) -> Floats:
        return self.equations.at(function, *variables, given=self._columns)

    def number(self, function: Any, *variables: float) -> float:
        """Return a function of the parameters at this point."""
        return float(self._evaluate(function, *[np.array([[value]]) for value in variables])[0, 0])

    def _draw_planted(self, dimension: int) -> Floats:
        """Each part of the law has its share of the rows, as near as whole numbers allow; the norm is exactly √N."""
        shares, means, variances = (np.array(column) for column in zip(
            *[[self.number(f) for f in part] for part in self.equations.planted], strict=True))
        ends = np.rint(np.cumsum(shares) * dimension).astype(int)
        part = np.repeat(np.arange(len(shares)), np.diff(ends, prepend=0))
        widths = [self.number(f) for f in getattr(self.equations, "widths", ())] or [1.0] * len(shares)
        #: Variance of the noise of each row, over η.
        self.widths = np.array(widths)[part]
        rows = (means[part] + np.sqrt(variances[part]) * self._random.standard_normal(dimension)) * np.sqrt(self.widths)
        size = np.linalg.norm(rows)
        if size == 0:
            raise InputError("a dimension in which some planted weights are not zero", f"{dimension}",
                             "choose a larger dimension or a larger share")
        return rows * (np.sqrt(dimension) / size)

    def _draw_labels(self) -> Floats:
        """Draw the labels; clusters move the inputs."""
        eq, count = self.equations, len(self.inputs)
        teacher = self.inputs @ self.planted
        if eq.kind == "linear":
            noise = self._random.standard_normal(count)
            return np.sqrt(self.number(eq.label_signal)) * teacher + np.sqrt(self.number(eq.label_noise)) * noise
        labels = np.where(self._random.random(count) < self._chance(teacher), 1.0, -1.0)
        if eq.kind == "cluster":
            self.inputs += np.outer(labels, np.sqrt(self.rho) / len(self.planted) * self.planted)
        return labels

    def _chance(self, teacher: Floats) -> Floats:
        """Return the probability of the label +1 given the teacher's field."""
        eq = self.equations
        return self._evaluate(eq.probability, teacher[None])[0] if eq.kind == "sign" else np.full(
            teacher.shape, self.number(eq.share))

    def _by_label(self, call: Callable[[Convex, Floats], Any], field: Floats) -> Floats:
        """Return what ``call`` gives of each sample's own loss, (3, P)."""
        found = np.empty((3, len(field)))
        for rows, loss in self._losses:
            found[:, rows] = np.array(call(loss, (field - self.shift)[None, rows]))[:, 0]
        return found

    def _residual(self, slope: Floats, force: Floats) -> float:
        """Return the size of the gradient r' + Aᵀℓ' relative to that of its terms, were they independent."""
        gradient = np.linalg.norm(slope + self.products.back(self.held, force))
        terms = np.linalg.norm(slope) + np.linalg.norm(self.inputs) / np.sqrt(len(force)) * np.linalg.norm(force)
        if terms == 0:  # slopes of smooth functions vanish where they underflow: towards a minimum at infinity
            return np.inf if self.smooth else 0.0
        return float(gradient / terms)

    def train(self, *, general: bool = False) -> Trained:
        """Minimise; by the method of multipliers, even where the problem is smooth, with ``general``."""
        with np.errstate(all="ignore"):
            return self._newton() if self.smooth and not general else self._multipliers()

    def _at(self, weights: Floats) -> tuple[Floats, Floats, Trained]:
        """Return the jets of the losses and penalties at weights, and what is trained if these are the weights."""
        loss = self._by_label(Convex.jet, self.products.times(self.held, weights))
        penalty = self._penalty.jet(weights[None])[:, 0]
        return loss, penalty, Trained(weights, loss[0], penalty[0], self._residual(penalty[1], loss[1]))

    def _newton(self) -> Trained:
        """Newton with halved steps."""
        products = self.products
        loss, penalty, state = self._at(np.zeros_like(self.planted))
        for _ in range(_NEWTON_STEPS):
            if state.residual <= TOLERANCE / 100:
                break
            try:
                factor = products.factor(products.gram(self.held, loss[2]), penalty[2])
                step = products.solve(factor, products.back(self.held, loss[1]) + penalty[1])
            except (LinAlgError, ValueError):  # flat, or out of range: there is no minimum to be found
                break
            following = state
            for size in 0.5 ** np.arange(30):
                loss, penalty, following = self._at(state.weights - size * step)
                if following.total <= state.total or following.residual < state.residual:
                    break
            if following.residual >= state.residual <= TOLERANCE:
                break
            state = following
        return state

    def _multipliers(self) -> Trained:
        """Return the minimum over weights and fields that are kept on the graph u = Aw.

        The scales v of the fields and g of the weights are those with which both proxes would be those of the theory.
        """
        products, one = self.products, np.ones((1, 1))
        count, dimension = self.inputs.shape
        gram, spread = products.gram(self.held), float(np.sum(self.inputs**2)) / count
        v, g = spread, spread * count / dimension / 2
        factor = products.factor(gram, np.full(dimension, g * v))
        w, u, price_w, price_u = (np.zeros(size) for size in (dimension, count, dimension, count))
        for number in range(1, _ROUNDS + 1):
            site = self._penalty.solve(one, g * one, g * (w - price_w)[None])
            place, force, curvature = self._by_label(lambda f, x, v=v: f.solve(v * one, one, x), u - price_u)
            field, weights, slope = place + self.shift, site.place[0], site.slope[0]
            if number % _CHECK == 0 or number == _ROUNDS:
                off = np.linalg.norm(field - products.times(self.held, weights)) / max(
                    float(np.linalg.norm(field)), v * float(np.linalg.norm(force)), 1e-300)
                residual = max(float(off), self._residual(slope, force))
                if residual <= TOLERANCE or number == _ROUNDS:
                    return Trained(weights, self._by_label(Convex.jet, field)[0], self._penalty.value(site.place)[0],
                                   residual)
            goal_w = _RELAXATION * weights + (1 - _RELAXATION) * w + price_w
            goal_u = _RELAXATION * field + (1 - _RELAXATION) * u + price_u
            w = products.solve(factor, g * v * goal_w + products.back(self.held, goal_u))
            u = products.times(self.held, w)
            price_w, price_u = goal_w - w, goal_u - u
            if number in _TUNED:
                new_v = _between(v, spread * response(site, one, g * one).mean())
                stiffness = response(Minimum(place, force, curvature), v * one[0], one[0]).mean()
                new_g = _between(g, spread * count / dimension * (1 - float(stiffness)) / v)
                price_w, price_u = price_w * (g / new_g), price_u * (new_v / v)
                v, g = new_v, new_g
                factor = products.factor(gram, np.full(dimension, g * v))
        raise AssertionError

    def measure(self, trained: Trained) -> dict[str, float]:
        """Return the names of the theory, measured."""
        w, size = trained.weights, len(self.planted)
        q, m = float(self.widths @ w**2) / size, float(w @ self.planted) / size
        found = {"Q": q, "m": m, "free_energy": trained.total / size, "training_loss": float(trained.losses.mean()),
                 "penalty": float(trained.penalties.mean()), "zero_fraction": float(np.mean(w == 0))}
        if self.equations.kind != "linear":
            found["classification_error"] = self._error(q, m)
        # An observable of the susceptibility is not measured: it comes out NaN.
        target = self.number(self.equations.target)
        error = w - target * self.planted
        at = float(self.widths @ error**2) / size, float(error @ self.planted) / size, np.nan
        found |= {name: self.number(f, *at) for name, f in self.equations.observables.items()}
        return {name: value for name, value in found.items() if not np.isnan(value)} | {
            "residual": trained.residual, "converged": trained.residual <= TOLERANCE}

    def _error(self, q: float, m: float) -> float:
        """Return the probability that a fresh sample's field has not the sign of its label.

        Given the teacher's field t = √η s, where it matters, the student's is normal with mean m t and variance
        η(Q − m²).
        """
        s = np.linspace(-8, 8, 20001)[:-1] + 4e-4
        weight = np.exp(-s * s / 2)
        center = np.sqrt(self.rho) * m if self.equations.kind == "cluster" else 0.0
        along = m if self.equations.kind == "sign" else 0.0
        own = np.sqrt(max(self.eta * (q - along * along), 1e-300))
        chance, mean = self._chance(np.sqrt(self.eta) * s), along * np.sqrt(self.eta) * s
        wrong = chance * ndtr(-(center + mean) / own) + (1 - chance) * ndtr((mean - center) / own)
        return float(weight @ wrong / weight.sum())


def _between(old: float, new: Any) -> float:
    """Return the geometric mean of an old scale and a new one, which changes it by a factor of ten at most."""
    return float(np.sqrt(old * np.clip(new, old / 10, old * 10)))


def _listed(name: str, value: Any, least: int) -> list[int]:
    """Return one whole number or several different ones."""
    listed = np.atleast_1d(value)
    if listed.dtype.kind not in "iu" or listed.ndim > 1 or listed.min() < least or len({*listed}) < len(listed):
        raise InputError(f"{name} as different whole numbers >= {least}", f"{value!r}", "pass one or more of them")
    return listed.tolist()


def simulate(problem: Any, dimension: int | Sequence[int], seeds: int | Sequence[int], *, device: str | None = None,
             **parameters: Any) -> xr.Dataset:
    r"""Draw data by the laws of a problem, train, and measure.

    Parameters
    ----------
    problem : as for :func:`vaesym.engine.solve_problem`
    dimension : N, or several, which become an axis ``dimension``; there are round(αN) samples
    seeds : the number of runs at every point, or their seeds, whole numbers ≥ 0. The result of a seed is always the
        same, and independent of its result at other parameters or dimensions
    device : "cpu", "cuda" or another device of torch, on which products with the data are done; NumPy does them if not
        given. Runs are the same but for rounding. It needs the extra ``torch``
    parameters : each parameter of the problem by its name, a number or a one-dimensional axis; axes span a grid

    Returns
    -------
    xarray.Dataset
        Over the axes and ``seed``: the names of :func:`vaesym.engine.solve_problem` that can be measured, ``residual``
        of the optimality condition relative to its terms, and ``converged``, whether that is at most 1e-7: only there
        are the numbers those of a minimum. ``classification_error`` is exact for fresh samples, given the weights.

    Raises
    ------
    vaesym.InputError
        An unknown problem, a parameter that is missing, unknown or outside its domain, an axis of more than one
        dimension, seeds or dimensions that are no different whole numbers, or a device that torch does not have.

    Examples
    --------
    >>> runs = simulate("ridge", 200, 4, alpha=2.0, lam=0.3, signal=1.0, noise=0.25)
    >>> runs.Q.dims, bool(runs.converged.all()), bool(abs(runs.Q.mean() - 0.776) < 0.1)
    (('seed',), True, True)
    """
    import xarray as xr

    equations = equations_of(problem)
    checked = posed(equations, parameters)
    sizes = _listed("dimension", dimension, 1)
    runs = _listed("seeds", seeds, 0) if np.ndim(seeds) else list(range(inputs.count("seeds", seeds)))
    axes = {"dimension": np.array(sizes), **checked, "seed": np.array(runs)}
    kind: Any = Sample
    products = products_on(device)
    if isinstance(equations, Quadratic):
        from vaesym.engine.quadratic.training import StudentsSample as kind
    elif isinstance(equations, Labelled):
        from vaesym.engine.labelled.training import LabelledSample as kind
    rows: list[dict[str, float]] = []
    for size, *values, seed in itertools.product(*[np.atleast_1d(axis).tolist() for axis in axes.values()]):
        sample = kind(equations, dict(zip(checked, values, strict=True)), size, seed, products)
        rows.append(sample.measure(sample.train()))
    axes["dimension"] = axes["dimension"] if np.ndim(dimension) else axes["dimension"][0]
    dims = [name for name, axis in axes.items() if np.ndim(axis)]
    shape = [len(axes[name]) for name in dims]
    meaning = {limits.name: limits.meaning for limits in equations.parameters} | {
        "dimension": "dimension N of the weights", "seed": "seed of the run"}
    return xr.Dataset(
        {name: (dims, np.array([row[name] for row in rows]).reshape(shape)) for name in rows[0]},
        {name: ((name,) if np.ndim(axis) else (), axis, {"long_name": meaning[name]})
         for name, axis in axes.items()},
        {"title": equations.title, "problem": equations.name})
