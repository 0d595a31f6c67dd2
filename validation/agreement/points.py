"""Points of parameter space: what the theory says there, and how far they are from a transition."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

import vaesym
from vaesym import Phase, Solution
from vaesym.inputs import Floats
from vaesym.linear_vae import error_bars, minimise_potential
from validation.simulate.data import LAWS, SpikedData
from validation.simulate.runs import Run

#: A point is away from transitions if the eigenvalue of no latent comes nearer to a change of state than this many
#: of its standard deviations, at the smallest size.
DISTANCE = 4.0
#: … and if α is no nearer to a detection threshold than this factor.
DETECTION_FACTOR = 2.5
#: Standard deviation of the Tracy–Widom law of real matrices.
_TRACY_WIDOM_DEVIATION = 1.268


@dataclass(frozen=True)
class Point:
    """A point of parameter space; the strengths ρ_k descend.

    >>> point = Point(4.0, 0.5, 0.1)
    >>> point.phase.name, point.away(200)
    ('LEARNING', True)
    """

    alpha: float
    beta: float
    lam: float
    strengths: tuple[float, ...] = (1.0,)
    noise: float = 1.0
    latents: int = 1
    law: str = "gaussian"

    def theory(self) -> Solution:
        """Return the exact solution in the limit of many dimensions."""
        return self._solution

    @cached_property
    def _solution(self) -> Solution:
        ratios = [strength / self.strengths[0] for strength in self.strengths]
        return vaesym.solve(self.alpha, self.beta, lam=self.lam, rho=self.strengths[0], eta=self.noise,
                            latents=self.latents, spikes=ratios)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Phase of each latent."""
        return tuple(Phase(int(phase)) for phase in np.atleast_1d(self.theory().phase))

    @property
    def phase(self) -> Phase:
        """Phase of the first latent."""
        return self.phases[0]

    @property
    def on_edge(self) -> bool:
        """Whether an active latent lies on the edge of the noise, whose means approach their limit as N^(-2/3)."""
        return Phase.OVERFITTING in self.phases

    def run(self, features: int, seed: int, start_seed: int = 0) -> Run:
        """Return the run on a data set of so many features."""
        data = SpikedData(features, round(self.alpha * features), self.strengths, self.noise, self.law, seed)
        return Run(data, self.beta, self.lam, self.latents, start_seed=start_seed)

    def deviations(self, features: int) -> Floats:
        """Return the standard deviations of the eigenvalues of the latents at this size.

        On an outlier with the factor by which the fourth moment of the signal's law widens the Gaussian one.
        """
        levels = np.atleast_1d(self.theory().eigenvalue)
        samples = self.alpha * features
        roots = np.sqrt(features), np.sqrt(samples)
        width = (roots[0] + roots[1]) * (1 / roots[0] + 1 / roots[1]) ** (1 / 3) / samples
        found = np.full(len(levels), self.noise * width * _TRACY_WIDOM_DEVIATION)
        for i, strength in enumerate(self.strengths[: len(levels)]):
            if self.alpha > (self.noise / strength) ** 2:
                bars = error_bars(self.alpha, 1.0, lam=0.0, samples=samples, rho=strength, eta=self.noise)
                variance = strength + self.noise
                excess = strength**2 * (LAWS[self.law].fourth_moment - 3) / (2 * variance**2)
                found[i] = bars["eigenvalue"] * np.sqrt(max(1 + excess, 0.25))
        return found

    def margin(self, features: int) -> float:
        """Return how many standard deviations the nearest eigenvalue is from a change of its latent's state."""
        levels, spread = np.atleast_1d(self.theory().eigenvalue), self.deviations(features)
        steps = np.linspace(-12, 12, 97)
        moved = np.maximum(levels[:, None] + steps * spread[:, None], 1e-9)
        one = np.ones_like(moved)
        norms = minimise_potential(self.alpha * one, self.beta * one, self.lam * one, moved)
        changed = (norms > 0) != (norms[:, [48]] > 0)
        return float(np.where(changed, np.abs(steps), 12.0).min())

    def away(self, features: int) -> bool:
        """Return whether the point is away from transitions at this size: the rule of the report."""
        factors = [self.alpha * (strength / self.noise) ** 2 for strength in self.strengths]
        clear = all(abs(np.log(factor)) >= np.log(DETECTION_FACTOR) for factor in factors)
        return clear and self.margin(features) >= DISTANCE


#: Strengths, noise and number of latents: one, two and three latents; as many as signals, fewer, more.
_MODELS: tuple[tuple[tuple[float, ...], float, int], ...] = (
    ((1.0,), 1.0, 1), ((2.0,), 1.0, 1), ((1.0,), 0.5, 1), ((1.5, 1.5), 0.5, 2), ((2.0, 1.0), 0.5, 2),
    ((4.0, 2.0, 1.0), 0.5, 3), ((2.0, 0.8), 0.5, 1), ((2.0,), 0.5, 2), ((1.5, 1.5, 1.5), 0.5, 3), ((0.5,), 1.0, 1),
    ((0.6, 0.5), 1.0, 2))
_ALPHAS = (0.25, 1.0, 2.5, 6.0)
_BETAS = (0.2, 0.6, 1.2, 3.0, 6.0)
_DECAYS = (0.0, 0.1, 0.5)
#: Share of each phase among the chosen points.
_SHARES = {Phase.LEARNING: 0.56, Phase.OVERFITTING: 0.28, Phase.REGULARIZED: 0.16}


@cache
def candidates() -> tuple[Point, ...]:
    """Return all combinations of models, α, β and λ, with laws of the signal in turn."""
    laws, found = list(LAWS), []
    for i, (strengths, noise, latents) in enumerate(_MODELS):
        for j, alpha in enumerate(_ALPHAS):
            for k, beta in enumerate(_BETAS):
                for m, lam in enumerate(_DECAYS):
                    law = laws[(i + 2 * j + k + 3 * m) % len(laws)]
                    found.append(Point(alpha, beta, lam, strengths, noise, latents, law))
    return tuple(found)


def chosen(features: int, number: int, away: bool = True) -> list[Point]:
    """Return points away from transitions at this size (or near one), in turn from each model, phase and law.

    ``features`` is the smallest size at which they are used.

    >>> found = chosen(200, 12)
    >>> len(found), all(point.away(200) for point in found)
    (12, True)
    """
    found: list[Point] = []
    for phase, share in _SHARES.items():
        cells: dict[object, list[Point]] = {}
        for point in candidates():
            if point.phase is phase:
                cells.setdefault((point.strengths, point.latents), []).append(point)
        found += _in_turn(cells, features, round(share * number), away)
    return found


def _in_turn(cells: dict[object, list[Point]], features: int, number: int, away: bool) -> list[Point]:
    """Take a point from each cell in turn, by strides that let all parameters vary, as long as there are any."""
    found: list[Point] = []
    turn = 0
    while len(found) < number and cells:
        for key in list(cells):
            if cells[key] and len(found) < number:
                point = cells[key].pop((7 * turn) % len(cells[key]))
                turn += 1
                if point.away(features) is away:
                    found.append(point)
            elif not cells[key]:
                del cells[key]
    return found


def describe_short(point: Point) -> str:
    """Return α, β and λ of a point in words.

    >>> describe_short(Point(2.0, 0.5, 0.1))
    'α = 2, β = 0.5, λ = 0.1'
    """
    return f"α = {point.alpha:g}, β = {point.beta:g}, λ = {point.lam:g}"


def describe(point: Point) -> str:
    """Return all parameters of a point in words.

    >>> describe(Point(2.0, 0.5, 0.1))
    'α = 2, β = 0.5, λ = 0.1, ρ = 1, η = 1, M = 1, gaussian'
    """
    strengths = ", ".join(f"{strength:g}" for strength in point.strengths)
    return (f"{describe_short(point)}, ρ = {strengths if len(point.strengths) == 1 else f'({strengths})'}, "
            f"η = {point.noise:g}, M = {point.latents}, {point.law}")
