"""The state that knows the signal, under absolute values: from where it is easy to find to where it is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vaesym import inputs
from vaesym.engine.equations import Lowered
from vaesym.engine.lowered import equations_of
from vaesym.engine.quadratic import points as engine
from vaesym.engine.quadratic.equations import Quadratic
from vaesym.engine.quadratic.points import Points, newton_from
from vaesym.engine.quadratic.solve import answering
from vaesym.inputs import Floats

#: The residual up to which Newton's answer counts, and the overlap from which a state knows the signal.
TOLERANCE, KNOWS = 1e-9, 1e-3
#: What the penalty of the signal costs at most where there are many samples: √share λ/α.
_CHEAP = 0.02
#: Samples per dimension that are many, in units of the detection threshold and at least.
_MANY = 20.0
#: How states are followed from there.
_PACE = engine.Pace(first=1.0, growth=2.0, least=0.5**5, steps=200, iterations=8, halvings=2, tolerance=TOLERANCE)
#: Decoders among which that of unlimited data is sought, in units of √(ρ+η).
_GRID = np.linspace(0.01, 1.5, 600)


def equations_for(share: float) -> Quadratic:
    """Return the equations of the l1 VAE on a signal of which a share of the entries is not zero."""
    found: Any = equations_of("l1_vae" if share == 1 else "sparse_vae")
    return found


def checked(share: Any, given: Mapping[str, Any], **weights: Any) -> tuple[Quadratic, dict[str, Floats]]:
    """Return the equations and the parameters of the l1 VAE, checked; ``share`` may be 1.

    ``weights`` are those of the absolute values under the names by which the user knows them, ρ and η numbers.
    """
    part = inputs.positive_number("share", share)
    if part > 1:
        raise inputs.InputError("share in (0, 1]", f"{part:g}", "give the part of the entries that are not zero")
    for name, value in weights.items():
        inputs.positive(name, value)
    numbers = {name: inputs.positive_number(name, given[name]) for name in ("rho", "eta")}
    equations = equations_for(part)
    known: Lowered = equations
    return equations, known.checked({**given, **numbers, **({} if part == 1 else {"share": part})})


def share_of(points: Points) -> Floats:
    """Return the share of the signal's entries that are not zero, at each point."""
    return points.given.get("share", np.ones_like(points.noise))


def unlimited(points: Points) -> tuple[Floats, Floats, Floats]:
    r"""Return decoder a, encoder b and gain Φ of the least loss a sample of weights a w*, b w* over the population.

    .. math:: \Phi(a) = -\frac{(ca-g_V)_+^2}{2c(a^2+\beta)} + \frac\beta2\ln\Bigl(1+\frac{a^2}\beta\Bigr) + g_Wa

    with c = ρ+η and g = √share λ/α of decoder and encoder. At a > 0: the deepest local minimum, or NaN.
    """
    g = points.given
    c, beta = (g["rho"] + g["eta"])[:, None], g["beta"][:, None]
    costs = [(np.sqrt(share_of(points)) * g[name] / g["alpha"])[:, None] for name in ("lam_decoder", "lam_encoder")]
    a = _GRID * np.sqrt(c)
    push = np.maximum(c * a - costs[1], 0)
    gain = -push**2 / (2 * c * (a * a + beta)) + beta / 2 * np.log1p(a * a / beta) + costs[0] * a
    inner = np.pad((gain[:, 1:-1] <= gain[:, :-2]) & (gain[:, 1:-1] <= gain[:, 2:]), ((0, 0), (1, 1)))
    best = np.where(inner, gain, np.inf).argmin(axis=1)
    rows = np.arange(len(a))
    found = inner.any(axis=1)
    return tuple(np.where(found, part[rows, best], np.nan)
                 for part in (a, push / (c * (a * a + beta)), gain))  # type: ignore[return-value]


def many_samples(points: Points) -> Points:
    """Return the same points with samples enough for the state to be near that of unlimited data."""
    g = points.given
    cost = np.sqrt(share_of(points)) * np.maximum(g["lam_decoder"], g["lam_encoder"])
    alpha = np.maximum(g["alpha"], np.maximum(cost / _CHEAP, _MANY * np.maximum((g["eta"] / g["rho"]) ** 2, 1.0)))
    return Points(points.equations, {**g, "alpha": alpha}, points.order)


def with_many_samples(points: Points) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the learning state (B, n) of points with many samples, and where it was found."""
    count = len(points.noise)
    decoder, encoder, _ = unlimited(points)
    sizes = np.nan_to_num(np.stack([decoder, encoder], axis=1), nan=0.1)
    overlaps = sizes[:, :, None] * sizes[:, None, :] * (1 + 0.02 * np.eye(2))
    state, found = np.zeros((count, len(points.equations.state))), np.zeros(count, dtype=bool)
    for start in answering(points, overlaps, sizes, np.zeros((count, 0))):
        rows = np.flatnonzero(~found & np.isfinite(decoder))
        if not len(rows):
            break
        with np.errstate(all="ignore"):
            reached, left = newton_from(points.rows(rows), start[rows])
        good = (left <= TOLERANCE) & (np.abs(reached[:, 3]) > KNOWS)
        state[rows[good]], found[rows[good]] = reached[good], True
    return state, found


def carried(start: Points, goal: Points, state: Floats,
            found: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """Follow learning states from points to others, by steps in the logarithms of the parameters.

    Returns the states, and where they arrived; not where the state ends, or stops to know the signal, on the way.
    """
    def at(share: Floats, rows: NDArray[np.int64]) -> Points:
        return Points(goal.equations, {
            name: np.exp((1 - share) * np.log(start.given[name][rows]) + share * np.log(value[rows]))
            for name, value in goal.given.items()}, goal.order)

    arrived, left = engine.carried(at, state, found, _PACE, lambda reached: np.abs(reached[:, 3]) > KNOWS)
    return arrived, left < np.inf


def learning(points: Points) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the learning states of points, followed down from many samples, and where there is one."""
    easy = many_samples(points)
    state, found = with_many_samples(easy)
    return carried(easy, points, state, found)
