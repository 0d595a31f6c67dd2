"""Where trainings leave collapse, and where they fall back to it: measured boundaries beside those of the theory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from vaesym import collapse_threshold, global_collapse_threshold
from vaesym.inputs import Floats
from vaesym.linear_vae import error_bars, spinodal
from vaesym.linear_vae.boundaries.thresholds import last_beta
from vaesym.linear_vae.point.potential import potential_branches
from validation.agreement.presets import Preset
from validation.simulate.data import SpikedData
from validation.simulate.runs import Run, Settings
from validation.study.extrapolation import Limit, extrapolate, outlier_shift
from validation.study.simulations import Study, Table, data_seed, labelled

#: Half width of the grid of β, in standard deviations of the boundary at the smallest size.
_REACH = 5.0
#: Relative step by which a boundary's slope in Λ is taken.
_STEP = 1e-4


@dataclass(frozen=True)
class Boundary:
    """A line in β at fixed α, λ, ρ, η, for one latent and one signal above the detection threshold.

    Attributes
    ----------
    alpha, lam, rho, eta : of the line
    family : what it is measured for
    """

    alpha: float
    lam: float
    rho: float
    eta: float
    family: str

    @cached_property
    def collapse_end(self) -> float:
        """β below which collapse is unstable."""
        return float(collapse_threshold(self.alpha, lam=self.lam, rho=self.rho, eta=self.eta))

    @cached_property
    def active_end(self) -> float:
        """β above which there is no active state."""
        return float(spinodal(self.alpha, lam=self.lam, rho=self.rho, eta=self.eta))

    @cached_property
    def coexistence(self) -> float:
        """β at which collapsed and active state are equally deep."""
        return float(global_collapse_threshold(self.alpha, lam=self.lam, rho=self.rho, eta=self.eta))

    @property
    def first_order(self) -> bool:
        """Whether the two ends differ."""
        return self.active_end > self.collapse_end * (1 + 1e-9)

    @property
    def starts(self) -> tuple[str, ...]:
        """Both starts where hysteresis is looked for, else that from collapse."""
        return ("collapsed", "informed") if self.family in {"first order", "continuous"} else ("collapsed",)

    def data_sets(self, preset: Preset) -> int:
        """Return how many data sets of each size there are."""
        if self.family == "first order":
            return preset.hysteresis_seeds
        return preset.onset_seeds * (3 if self.family in {"threshold", "escape"} else 1)

    @cached_property
    def least_active(self) -> float:
        """Decoder norm Q at the end of the active state; 0 where the transition is continuous."""
        if not self.first_order:
            return 0.0
        top = (self.rho + self.eta) * (1 + self.eta / (self.alpha * self.rho))
        at = (np.array([value]) for value in (self.alpha, self.active_end * (1 - 1e-9), self.lam, top))
        return float(potential_branches(*at)[0, 1])

    def ends_at(self, eigenvalue: Floats) -> dict[str, Floats]:
        """Return both ends of a data set whose covariance has this largest eigenvalue (theory, section 3)."""
        top = np.atleast_1d(np.asarray(eigenvalue, dtype=float))
        a, decay = np.full_like(top, self.alpha), np.full_like(top, self.lam)
        local = a * top / (a + decay) - decay / (a * top)
        fold = last_beta(a, decay, top, lambda *point: np.isfinite(potential_branches(*point)[..., 1]))
        return {"collapsed": local, "informed": fold}

    def grid(self, size: int, count: int) -> Floats:
        """Return the values of β tried: around both ends, by what finite data move them.

        Half as many where only the end of collapse is sought; there are more data sets instead.
        """
        top = (self.rho + self.eta) * (1 + self.eta / (self.alpha * self.rho))
        bar = error_bars(self.alpha, 1.0, lam=0.0, samples=round(self.alpha * size), rho=self.rho, eta=self.eta)
        ends = self.ends_at(top * np.array([1 - _STEP, 1 + _STEP]))
        spread = max(float(np.diff(values)[0]) / (2 * _STEP * top) for values in ends.values()) * bar["eigenvalue"]
        low, high = self.collapse_end - _REACH * spread, self.active_end + _REACH * spread
        return np.linspace(max(low, 0.02 * self.active_end), high, count if self.first_order else count // 2 + 1)


#: For the loss of collapse at finite α (N1, N2), for its escape above ρ+η (N3), for α → ∞ (C2), and for hysteresis.
BOUNDARIES = (
    Boundary(4.0, 1.0, 1.0, 1.0, "threshold"), Boundary(6.0, 0.0, 1.0, 1.0, "threshold"),
    Boundary(4.0, 0.3, 2.0, 0.5, "threshold"), Boundary(2.0, 0.6, 1.0, 0.5, "threshold"),
    Boundary(3.0, 0.2, 1.0, 1.0, "escape"), Boundary(6.0, 0.1, 1.0, 1.0, "escape"),
    Boundary(25.0, 0.0, 1.0, 1.0, "large data 0"), Boundary(100.0, 0.0, 1.0, 1.0, "large data 0"),
    Boundary(400.0, 0.0, 1.0, 1.0, "large data 0"), Boundary(25.0, 2.0, 1.0, 0.5, "large data 1"),
    Boundary(100.0, 2.0, 1.0, 0.5, "large data 1"), Boundary(400.0, 2.0, 1.0, 0.5, "large data 1"),
    Boundary(4.0, 0.5, 1.0, 0.5, "continuous"), Boundary(50.0, 12.2, 0.5, 0.1, "first order"),
    Boundary(50.0, 4.7, 0.3, 0.05, "first order"),
)


@cache
def boundary_study(preset: Preset, seed: int, hysteresis: bool) -> Study:
    """Return the trainings by gradient descent over grids of β, on the same data sets from each start.

    With ``hysteresis`` those of the first-order boundaries. A state that has just ceased to exist is left slowly, so
    they are longer, and since their data have less variance the descent can take larger steps.
    """
    def rows() -> Iterable[tuple[Run, dict[str, int]]]:
        for i in preset.boundaries:
            boundary = BOUNDARIES[i]
            if boundary.first_order is not hysteresis:
                continue
            # As α → ∞ the size of the data decides, not N.
            sizes = preset.onset_sizes[:1] if boundary.family.startswith("large data") else preset.onset_sizes
            for size in sizes:
                betas = boundary.grid(size, preset.onset_grid)
                for k in range(boundary.data_sets(preset)):
                    data = SpikedData(size, round(boundary.alpha * size), (boundary.rho,), boundary.eta,
                                      seed=data_seed(seed, 5, i, size, k))
                    for s, start in enumerate(boundary.starts):
                        for b, beta in enumerate(betas):
                            run = Run(data, float(beta), boundary.lam, start=start, start_seed=k)
                            yield run, {"boundary": i, "size": size, "replicate": k, "from": s, "step": b}

    return labelled("hysteresis" if hysteresis else "thresholds", descent(preset, hysteresis), rows())


def descent(preset: Preset, hysteresis: bool) -> Settings:
    """Return the settings of the descents.

    Their steps keep descent stable at the largest βΛ of the grids: with larger ones collapse would seem unstable.
    """
    # Where the outlier is near the noise, its mode takes long to outlast the others: 400 epochs were too few.
    rate, longer = (0.8, 2) if hysteresis else (0.12, 4 / 3)
    return Settings(method="sgd", learning_rate=rate, epochs=round(longer * preset.onset_epochs))


def eigenvalue_study(preset: Preset, seed: int) -> Study:
    """Return the exact minimiser on the data sets of :func:`boundary_study`, which tells their eigenvalues."""
    firsts: dict[tuple[int, int, int], Run] = {}
    for study in (boundary_study(preset, seed, hysteresis) for hysteresis in (False, True)):
        keys = zip(*(study.labels[name] for name in ("boundary", "size", "replicate")), strict=True)
        for key, run in zip(keys, study.runs, strict=True):
            firsts.setdefault(key, run)
    return labelled("boundary-spectra", Settings(method="exact"), (
        (run, {"boundary": key[0], "size": key[1], "replicate": key[2]}) for key, run in firsts.items()))


def eigenvalues_of(table: Table) -> dict[tuple[int, int, int], float]:
    """Return the eigenvalue of each data set of :func:`eigenvalue_study`."""
    keys = zip(table["boundary"].tolist(), table["size"].tolist(), table["replicate"].tolist(), strict=True)
    return dict(zip(keys, table["eigenvalues"][:, 0].tolist(), strict=True))


#: A latent counts as active while its Q is above this share of the least Q of an active state.
_ALIVE = 0.5


def active(boundary: Boundary, table: Table, where: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of the runs ended active.

    A descent whose loss is below that of collapse never comes back to it; where the transition is of first order an
    active state may lie above collapse, and there Q tells.
    """
    if boundary.first_order:
        return (table["Q"][where, 0, 0] > _ALIVE * boundary.least_active) | (table["loss"][where] < 0)
    return table["loss"][where] < 0


@dataclass(frozen=True)
class End:
    """A measured end of a state, in β.

    Attributes
    ----------
    boundary, start : number of the boundary, and "collapsed" (end of collapse) or "informed" (end of the active state)
    expected : the theory in the limit of many dimensions
    limit : what was measured, extrapolated
    score : standard normal number
    own : differences from the theory at each data set's own eigenvalue, in steps of the grid
    values : of each data set, at all sizes
    step : of the grid of β at the largest size
    sizes, means, errors : what was measured at each size
    missed : data sets whose end lies outside the grid
    """

    boundary: int
    start: str
    expected: float
    limit: Limit
    score: float
    own: Floats
    values: Floats
    step: float
    sizes: tuple[int, ...]
    means: tuple[float, ...]
    errors: tuple[float, ...]
    missed: int

    @property
    def line(self) -> Boundary:
        """The boundary."""
        return BOUNDARIES[self.boundary]


def ends(number: int, table: Table, eigenvalues: dict[tuple[int, int, int], float]) -> list[End]:
    """Return the measured ends of one boundary.

    ``eigenvalues`` are the largest of each data set (boundary, size, replicate).
    """
    boundary, found = BOUNDARIES[number], []
    sizes = np.unique(table["size"][table["boundary"] == number]).tolist()
    for s, start in enumerate(boundary.starts):
        groups, own, missed, step = {}, [], 0, 1.0
        for size in sizes:
            groups[size], step, outside = _read(number, table, size, s)
            missed += outside
            tops = np.array([eigenvalues[number, size, k] for k in range(len(groups[size]))])
            own.extend((groups[size] - boundary.ends_at(tops)[start]) / step)
        found.append(_ended(number, start, groups, np.array(own), step, missed))
    return found


def _read(number: int, table: Table, size: int, start: int) -> tuple[Floats, float, int]:
    """The end of each data set of one size, the step of the grid, and how many ends lie outside the grid."""
    chosen = (table["boundary"] == number) & (table["size"] == size) & (table["from"] == start)
    values, missed, step = [], 0, 1.0
    for k in np.unique(table["replicate"][chosen]).tolist():
        where = np.flatnonzero(chosen & (table["replicate"] == k))
        where = where[np.argsort(table["step"][where])]
        betas, alive = table["beta"][where], active(BOUNDARIES[number], table, where)
        step = float(betas[1] - betas[0])
        # Half way between the last β at which the latent is active and the next; steps back count for one another.
        values.append(float(betas[0] - step / 2 + step * alive.sum()))
        missed += bool(alive.all() or not alive.any())
    return np.array(values), step, missed


def _ended(number: int, start: str, groups: dict[int, Floats], own: Floats, step: float,
           missed: int) -> End:
    boundary = BOUNDARIES[number]
    expected = boundary.collapse_end if start == "collapsed" else boundary.active_end
    sizes = np.array(list(groups), dtype=float)
    shifts, spread = (outlier_shift(sizes), sizes**-0.5) if len(sizes) > 1 else (np.zeros(1), np.ones(1))
    limit = extrapolate(shifts, list(groups.values()), spread)
    # A few data sets may all fall between the same two values of β: the grid bounds the error from below.
    limit = replace(limit, error=max(limit.error, step / np.sqrt(12 * sum(map(len, groups.values())))))
    means, errors = ([float(f(v)) for v in groups.values()] for f in (np.mean, lambda v: v.std(ddof=1) / len(v) ** 0.5))
    return End(number, start, expected, limit, limit.score(expected), own, np.concatenate(list(groups.values())), step,
               tuple(groups), tuple(means), tuple(errors), missed)
