r"""The average over a row of the weights: from the conjugates to the overlaps, with derivatives.

A row is :math:`w(h) = \arg\min_w[r(w) + \frac12w^T\hat Gw - w^Th]` at the field :math:`h = \hat\mu w_* +
\hat\chi^{1/2}\xi`. With weight decay it is linear in h, and all is closed. Otherwise there is one student; for each
part of the law of w* (means a, variances v of every direction) its field is h = μ̂a + σx, σ² = χ̂ + Σ v μ̂², with standard
normal x, and given x the mean of w* is a + vμ̂x/σ. Derivatives follow from dw = J(dh − dĜ w), J = ∂w/∂h.
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from vaesym.engine.labelled.energy import Points
from vaesym.engine.labelled.state import State
from vaesym.engine.proximal import Convex, response
from vaesym.engine.quadrature import panels, segments
from vaesym.inputs import Floats


class Drives(NamedTuple):
    """Conjugates Ĝ (…, k, k), χ̂ (…, k, k) and μ̂ (…, k, s) as a row feels them."""

    stiff: Floats
    spread: Floats
    drive: Floats


class Site(NamedTuple):
    """The state to which a row's averages lead, its derivatives along directions, E[J ⊗ J], and more by name."""

    state: State
    slope: State
    gain: Floats
    more: dict[str, Floats]


def site(points: Points, hats: Drives, moved: Drives) -> Site:
    """Return the averages; ``moved`` are directions (n, B, …) of the conjugates."""
    equations = points.equations
    if equations.count == 2:
        decay = np.stack([equations.at(f, given=points.given) for f in equations.decays], axis=1)
        return _closed(points, hats, moved, decay)
    part = equations.penalty[0]
    if len(equations.penalty) == 1 and part.quadratic:
        zero = np.zeros_like(points.alpha)
        if not equations.at(part.slope, zero, given=points.given).any():
            return _closed(points, hats, moved, equations.at(part.curvature, zero, given=points.given)[:, None])
    return _one(points, hats, moved)


def _closed(points: Points, hats: Drives, moved: Drives, decay: Floats) -> Site:
    """Weight decay alone."""
    eye = np.eye(points.equations.count)
    answer = _inverse(hats.stiff + (decay + points.ridge[:, None])[:, :, None] * eye)
    own, planted = answer @ hats.spread @ answer, answer @ hats.drive
    d_answer = -answer @ moved.stiff @ answer
    half = d_answer @ hats.spread @ answer
    slope = State(half + np.swapaxes(half, -1, -2) + answer @ moved.spread @ answer,
                  d_answer @ hats.drive + answer @ moved.drive, d_answer, moved.stiff[..., :0, 0])
    state = State(own, planted, answer, hats.stiff[..., :0, 0])
    overlaps = state.overlaps
    more = {"penalty": np.einsum("bi,bii->b", decay, overlaps) / 2,
            "envelope": -np.einsum("bij,bji->b", answer, hats.spread + hats.drive @ np.swapaxes(hats.drive, 1, 2)) / 2}
    if points.equations.count == 1:
        more["zero_fraction"] = np.zeros(len(answer))
    return Site(state, slope, np.einsum("bij,bkl->bijkl", answer, answer), more)


def _inverse(matrix: Floats) -> Floats:
    """Return inverses, NaN for what is not positive definite."""
    good = np.asarray(np.isfinite(matrix).all(axis=(1, 2)))
    good[good] &= np.linalg.eigvalsh(matrix[good])[:, 0] > 0
    found = np.linalg.inv(np.where(good[:, None, None], matrix, np.eye(matrix.shape[-1])))
    found[~good] = np.nan
    return found


def _one(points: Points, hats: Drives, moved: Drives) -> Site:
    """One student and any penalty, by quadrature between the bends of its row."""
    columns = {name: value[:, None] for name, value in points.given.items()}
    penalty = Convex(points.equations.penalty,
                     lambda function, *places: points.equations.at(function, *places, given=columns))
    directions, count = points.equations.directions, len(points.alpha)
    sums = {name: np.zeros(count) for name in ("q", "chi", "gain", "zero_fraction", "penalty", "envelope")}
    sums |= {"m": np.zeros((count, directions))}
    slopes = {"q": np.zeros(moved.stiff.shape[:2]), "m": np.zeros((*moved.stiff.shape[:2], directions)),
              "chi": np.zeros(moved.stiff.shape[:2])}
    for parts in itertools.product(points.equations.planted, repeat=directions):
        law = [np.stack([points.equations.at(part[i], given=points.given) for part in parts], axis=1) for i in range(3)]
        _add(points, penalty, (law[0].prod(axis=1), law[1], law[2]), hats, moved, sums, slopes)
    own = sums["q"] - np.sum(sums["m"] ** 2, axis=1)
    d_own = slopes["q"] - 2 * np.sum(sums["m"] * slopes["m"], axis=2)
    shape = (..., None, None)
    state = State(own[shape], sums["m"][:, None], sums["chi"][shape], hats.stiff[..., :0, 0])
    slope = State(d_own[shape], slopes["m"][:, :, None], slopes["chi"][shape], moved.stiff[..., :0, 0])
    return Site(state, slope, sums["gain"][..., None, None, None, None],
                {name: sums[name] for name in ("penalty", "envelope", "zero_fraction")})


def _add(points: Points, penalty: Convex, law: tuple[Floats, Floats, Floats], hats: Drives, moved: Drives,
         sums: dict[str, Floats], slopes: dict[str, Floats]) -> None:
    """Add one part of the law of the planted rows: probability (B,), means and variances (B, s)."""
    share, mean, variance = law
    stiff, drive, d_drive = hats.stiff[:, 0], hats.drive[:, 0], moved.drive[:, :, 0]
    whole, one = stiff + points.ridge[:, None], np.ones_like(stiff)
    sigma = np.sqrt(hats.spread[:, 0, 0] + np.sum(variance * drive**2, axis=1))
    center = np.sum(mean * drive, axis=1)
    cuts = [(edge - center[:, None]) / sigma[:, None] for edge in penalty.breakpoints(one, whole)]
    closed = all(part.quadratic or part.wall for part in penalty.parts)
    x, w = segments(cuts, len(share)) if closed else panels(cuts, len(share), points.fineness.inner_order)
    w = w * share[:, None]
    h = center[:, None] + sigma[:, None] * x
    found = penalty.solve(one, whole, h)
    answer, place, value = response(found, one, whole), found.place, penalty.value(found.place)
    tilt = variance * drive / sigma[:, None]

    def mean_of(values: Floats) -> Floats:
        return np.sum(w * values, axis=1)

    size, along = mean_of(place), mean_of(place * x)
    sums["q"] += mean_of(place**2)
    sums["m"] += size[:, None] * mean + along[:, None] * tilt
    sums["chi"] += mean_of(answer)
    sums["gain"] += mean_of(answer**2)
    sums["zero_fraction"] += mean_of((np.isinf(found.curvature) & (place == 0)) * 1.0)
    sums["penalty"] += mean_of(value)
    sums["envelope"] += mean_of(value + stiff * place**2 / 2 - place * h)
    # dw = J(dh − dĜ w) with dh = dc + dσ x.
    j = {name: mean_of(answer * values) for name, values in (
        ("1", np.ones_like(x)), ("x", x), ("xx", x * x), ("w", place), ("wx", place * x), ("ww", place**2))}
    d_center = np.sum(mean * d_drive, axis=2)
    d_sigma = (moved.spread[:, :, 0, 0] / 2 + np.sum(variance * drive * d_drive, axis=2)) / sigma
    d_stiff = moved.stiff[:, :, 0, 0]
    d_tilt = variance * d_drive / sigma[:, None] - tilt * (d_sigma / sigma)[..., None]
    d_size = d_center * j["1"] + d_sigma * j["x"] - d_stiff * j["w"]
    d_along = d_center * j["x"] + d_sigma * j["xx"] - d_stiff * j["wx"]
    slopes["q"] += 2 * (d_center * j["w"] + d_sigma * j["wx"] - d_stiff * j["ww"])
    slopes["m"] += d_size[..., None] * mean + d_along[..., None] * tilt + along[:, None] * d_tilt
    # χ = E[wx]/σ.
    slopes["chi"] += (d_along - along * d_sigma / sigma) / sigma


def merged(state: Any, hats: Any, moved: Any, d_state: Any) -> tuple[Drives, Drives]:
    """Return the conjugates as a row feels them, μ̂ + Ĝμ, and their derivatives."""
    drive = hats.drive + hats.stiff @ state.planted
    d_drive = moved.drive + moved.stiff @ state.planted + hats.stiff @ d_state.planted
    return Drives(hats.stiff, hats.spread, drive), Drives(moved.stiff, moved.spread, d_drive)
