r"""The averages of :mod:`vaesym.engine.averages` for losses and penalties made of parabolas, one point at a time.

Between the breakpoints of a minimum everything is a polynomial of the normal variable x, so every average is a sum of
moments E[1], E[y], E[y²] of stretches, y = x − c with c the place of a stretch nearest to 0. The module needs numba
(``pip install 'vaesym[fast]'``). A row of numbers describes a point; :mod:`vaesym.engine.closed.rows` writes it:
α, η, ρ, τ, noise of real labels, whether labels are real, number of labels, of parts of their losses (two), of parts
of the penalty, and a further ridge; then (value, share) of two labels; then (start, value at 0,
slope at 0, curvature) of every part, with −1 for the curvature of a wall; then (share, mean, variance) of the planted.
"""
# Arguments are machine numbers, typed by the compiler: annotations would say nothing.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import NamedTuple

import numba
import numpy as np

from vaesym.solvers import compiled
from vaesym.solvers.compiled import compile_system, newton_loop, scalar

#: As in :mod:`vaesym.engine.averages`; header and labels of a row.
FLOOR, HEAD = 1e-120, 15
_FAR = 40.0


@scalar
def _tail(x):
    return 0.5 * math.erfc(x / math.sqrt(2.0))


@scalar
def _density(x):
    return math.exp(-x * x / 2.0) / math.sqrt(2.0 * math.pi)


@scalar
def place(x):
    """Return x within reach, and there the smaller tail and the density of a standard normal variable."""
    x = min(max(x, -_FAR), _FAR)
    return x, _tail(abs(x)), _density(x)


@scalar
def moments(left, right):
    """Return c and E[1], E[y], E[y²] of a standard normal variable between two places."""
    low, tail_low, at_low = left
    high, tail_high, at_high = right
    if not low < high:
        return 0.0, 0.0, 0.0, 0.0
    # In the tail that is the smaller one nothing cancels.
    m_0 = tail_low - tail_high if low > 0.0 else tail_high - tail_low if high < 0.0 else 1.0 - tail_low - tail_high
    m_1, m_2 = at_low - at_high, m_0 + low * at_low - high * at_high
    c = min(max(0.0, low), high)
    return c, m_0, m_1 - c * m_0, m_2 - c * (2.0 * m_1 - c * m_0)


@scalar
def stretch(row, at, parts, j, a, b):
    """Return the j-th stretch of h on which the minimum of a f(u) + b u²/2 − h u is one line or one kink.

    As (low, high, p, q, i, kink): the place is p + q h; ``i`` is the part whose value counts.
    """
    i = (j + 1) // 2
    start, s, c = row[at + 4 * i], row[at + 4 * i + 2], row[at + 4 * i + 3]
    if j % 2:
        left_s, left_c = row[at + 4 * i - 2], row[at + 4 * i - 1]
        low = -math.inf if left_c < 0.0 else a * (left_s + left_c * start) + b * start
        high = math.inf if c < 0.0 else a * (s + c * start) + b * start
        return low, high, start, 0.0, i - 1 if c < 0.0 else i, True
    if c < 0.0:  # nothing lies beyond a wall
        return (-math.inf, -math.inf, 0.0, 0.0, i, False) if i == 0 else (math.inf, math.inf, 0.0, 0.0, i, False)
    low, high = -math.inf, math.inf
    if i > 0:
        low = a * (s + c * start) + b * start
    if i < parts - 1:
        end = row[at + 4 * i + 4]
        high = a * (s + c * end) + b * end
    stiff = a * c + b
    return low, high, -a * s / stiff, 1.0 / stiff, i, False


@scalar
def _square(u, w, m_0, d_1, d_2):
    """Return E[(u + w y)²]."""
    return u * u * m_0 + 2.0 * u * w * d_1 + w * w * d_2


@scalar
def _product(u, w, r, s, m_0, d_1, d_2):
    """Return E[(u + w y)(r + s y)]."""
    return u * r * m_0 + (u * s + w * r) * d_1 + w * s * d_2


@scalar
def energy(row, state, sums):
    """Write the averages over a sample: loss, envelope, gg, h, hh, gt, ee, em, mm, ex, mx, xx, misfit."""
    eta, rho, linear = row[1], row[2], row[5] > 0.0
    e, m, v = state[0], state[1], row[1] * state[2]
    for k in range(13):
        sums[k] = 0.0
    at, root = HEAD, math.sqrt(eta)
    for k in range(int(row[6])):
        label, share, parts = row[11 + 2 * k], row[12 + 2 * k], int(row[7 + k])
        spread = math.sqrt(e + row[4] / eta) if linear else math.sqrt(e + m * m)
        sigma, along = root * spread, 0.0 if linear else m / spread
        mean, center = label * math.sqrt(rho) * m, label * math.sqrt(rho)
        right = (0.0, 0.0, 0.0)
        for j in range(2 * parts - 1):
            low, high, p, q, i, _ = stretch(row, at, parts, j, v, 1.0)
            if j == 0:
                right = place((low - mean) / sigma)
            left, right = right, place((high - mean) / sigma)
            c, m_0, d_1, d_2 = moments(left, right)
            if m_0 == 0.0:
                continue
            m_0, d_1, d_2 = share * m_0, share * d_1, share * d_2
            field = mean + sigma * c
            u, w = p + q * field, q * sigma
            g, g_y = (field - u) / v, (sigma - w) / v
            h = g_y / sigma
            value, s, bend = row[at + 4 * i + 1], row[at + 4 * i + 2], row[at + 4 * i + 3]
            loss = value * m_0 + s * (u * m_0 + w * d_1) + bend / 2.0 * _square(u, w, m_0, d_1, d_2)
            gg = _square(g, g_y, m_0, d_1, d_2)
            gx, curved = _product(g, g_y, c, 1.0, m_0, d_1, d_2), d_2 + 2.0 * c * d_1 + (c * c - 1.0) * m_0
            x_1 = c * m_0 + d_1
            sums[0] += loss
            sums[1] += loss + v * gg / 2.0
            sums[2] += gg
            sums[3] += h * m_0
            sums[4] += h * h * m_0
            sums[5] += center * (g * m_0 + g_y * d_1) + root * along * gx
            sums[6] += h * eta * curved / (4.0 * spread * spread)
            sums[7] += h * (center * root * x_1 + eta * along * curved) / (2.0 * spread)
            sums[8] += h * (center * center * m_0 + 2.0 * center * root * along * x_1
                            + eta * (m_0 + along * along * curved))
            sums[9] -= h * root * gx / (2.0 * spread)
            sums[10] -= h * (center * (g * m_0 + g_y * d_1) + root * along * gx)
            sums[11] += h * gg
        at += 4 * parts
        sums[12] += share * _tail(label * mean / sigma)
    return at


@scalar
def site(row, at, hats, kappa, sums):
    """Write the averages over a weight: q, m, chi, penalty, envelope, gain, zero, qG, qs, qd, ms, md, xs."""
    stiff, spread, pull = hats[0], hats[1], hats[2]
    drive, root, whole = pull + kappa * stiff, math.sqrt(hats[1]), stiff + row[10]
    parts, law = int(row[9]), at + 4 * int(row[9])
    for k in range(13):
        sums[k] = 0.0
    for k in range(int((len(row) - law) // 3)):
        share, center, variance = row[law + 3 * k], row[law + 3 * k + 1], row[law + 3 * k + 2]
        deviation = math.sqrt(variance)
        sigma = math.sqrt(spread + drive * drive * variance)
        a, b = root / sigma, drive * deviation / sigma
        rest_2, rest_xi, s_y = variance * a * a, deviation * a * b, deviation * b
        right = (0.0, 0.0, 0.0)
        for j in range(2 * parts - 1):
            low, high, p, q, i, kink = stretch(row, at, parts, j, 1.0, whole)
            if j == 0:
                right = place((low - drive * center) / sigma)
            left, right = right, place((high - drive * center) / sigma)
            c, m_0, d_1, d_2 = moments(left, right)
            if m_0 == 0.0:
                continue
            m_0, d_1, d_2 = share * m_0, share * d_1, share * d_2
            w, w_y = p + q * (drive * center + sigma * c), q * sigma
            s = center + s_y * c
            u, u_y = w - kappa * s, w_y - kappa * s_y
            e_2 = _square(u, u_y, m_0, d_1, d_2) + kappa * kappa * rest_2 * m_0
            e_star = _product(u, u_y, s, s_y, m_0, d_1, d_2) - kappa * rest_2 * m_0
            e_xi = a * _product(u, u_y, c, 1.0, m_0, d_1, d_2) + kappa * rest_xi * m_0
            value, slope, bend = row[at + 4 * i + 1], row[at + 4 * i + 2], row[at + 4 * i + 3]
            penalty = value * m_0 + slope * (w * m_0 + w_y * d_1) + bend / 2.0 * _square(w, w_y, m_0, d_1, d_2)
            sums[0] += e_2
            sums[1] += e_star
            sums[2] += q * m_0
            sums[3] += penalty
            sums[4] += penalty + stiff * e_2 / 2.0 - pull * e_star - root * e_xi
            sums[5] += q * q * m_0
            sums[6] += m_0 if kink and p == 0.0 else 0.0
            sums[7] += q * e_2
            sums[8] += q * e_xi
            sums[9] += q * e_star
            sums[10] += q * (a * _product(s, s_y, c, 1.0, m_0, d_1, d_2) - rest_xi * m_0)
            sums[11] += q * (_square(s, s_y, m_0, d_1, d_2) + rest_2 * m_0)
            sums[12] += q * (a * a * (d_2 + 2.0 * c * d_1 + c * c * m_0) + (b * b - 1.0) * m_0)


@scalar
def conjugates(row, at, state, hats, over_sample, over_weight):
    """Write the conjugates and the averages over a weight at those over a sample; return κ. The penalty is ``at``."""
    linear = row[5] > 0.0
    kappa = row[3] if linear else state[1]
    hats[0], hats[1] = row[0] * row[1] * over_sample[3], row[0] * row[1] * over_sample[2]
    hats[2] = 0.0 if linear else -row[0] * over_sample[5]
    if hats[1] > 0.0:
        site(row, at, hats, kappa, over_weight)
    return kappa


@scalar
def averages(row, z, state, hats, over_sample, over_weight):
    """Write the state, the conjugates and both averages at Newton's variables; return κ."""
    state[0], state[1], state[2] = math.exp(z[0]), z[1], math.exp(z[2])
    at = energy(row, state, over_sample)
    return conjugates(row, at, state, hats, over_sample, over_weight)


@scalar
def moves(row, state, hats, w, out):
    """Write how far the equations move (ln E, m/√Q, ln χ), given the averages; say whether that is a number."""
    if not hats[1] > 0.0:
        return False
    linear, gap = row[5] > 0.0, w[1]
    e = max(w[0], FLOOR)
    size = state[0] if linear else state[0] + state[1] * state[1]
    out[0] = math.log((e if linear else max(e - gap * gap, 1e-8 * e)) / state[0])
    out[1] = (gap - state[1] if linear else gap) / math.sqrt(size)
    out[2] = math.log(max(w[2], FLOOR) / state[2])
    return True


@scalar
def slopes(row, state, hats, s, w, out):
    """Write its derivative, as :class:`vaesym.engine.plain.solve.System` has it, given both averages."""
    alpha, eta, linear, gap, root = row[0], row[1], row[5] > 0.0, w[1], math.sqrt(hats[1])
    # What the weights give over (Ĝ, χ̂, μ̂), then times those over (E, m, χ), row by row.
    out[0, 0], out[0, 1], out[0, 2] = -2.0 * w[7], w[8] / root, 2.0 * w[9]
    out[1, 0], out[1, 1], out[1, 2] = -w[9], w[10] / (2.0 * root), w[11]
    out[2, 0], out[2, 1], out[2, 2] = -w[8] / root, w[12] / (2.0 * hats[1]), w[10] / root
    x, y, em, mm = -2.0 * eta * s[9], -eta * s[10], s[7], s[8]
    if linear:  # whose residuals feel E alone
        y = em = mm = 0.0
    for r in range(3):
        g, h, k = alpha * out[r, 0], alpha * out[r, 1], alpha * out[r, 2]
        if r != 1 and w[r] < FLOOR:
            g = h = k = 0.0
        out[r, 0] = 2.0 * s[6] * g + x * h - em * k
        out[r, 1] = 2.0 * em * g + 2.0 * y * h - mm * k
        out[r, 2] = -x * g - 2.0 * eta * eta * s[11] * h + y * k
        out[r, 1] += 0.0 if linear else hats[0] * k / alpha
    e, size, change = max(w[0], FLOOR), state[0], gap - state[1]
    if not linear:
        out[0, 1] -= 2.0 * gap
        for c in range(3):
            out[0, c] -= 2.0 * gap * (out[1, c] - (1.0 if c == 1 else 0.0))
        e, size, change = max(e - gap * gap, 1e-8 * e), state[0] + state[1] * state[1], gap
    out[1, 1] -= 1.0
    for c in range(3):
        out[0, c], out[1, c], out[2, c] = out[0, c] / e, out[1, c] / math.sqrt(size), out[2, c] / max(w[2], FLOOR)
    change /= math.sqrt(size)
    out[1, 0] -= change / (2.0 * size)
    out[1, 1] -= 0.0 if linear else change * state[1] / size
    out[0, 0] -= 1.0 / state[0]
    out[2, 2] -= 1.0 / state[2]
    for r in range(3):
        out[r, 0] *= state[0]
        out[r, 2] *= state[2]


@scalar
def residual(z, row, out):
    """Write how far the equations move (ln E, m/√Q, ln χ); say whether that is a number."""
    state, hats, over_sample, over_weight = np.empty(3), np.empty(3), np.empty(13), np.empty(13)
    averages(row, z, state, hats, over_sample, over_weight)
    return moves(row, state, hats, over_weight, out)


@scalar
def jacobian(z, row, out):
    """Write its derivative."""
    state, hats, s, w = np.empty(3), np.empty(3), np.empty(13), np.empty(13)
    averages(row, z, state, hats, s, w)
    slopes(row, state, hats, s, w, out)


@scalar
def describe(row, state, kappa, hats, s, w, out):
    """Write the numbers of :data:`vaesym.engine.closed.rows.FIELDS`, given both averages."""
    gap = state[1] if row[5] > 0.0 else state[1] - kappa
    out[0] = (hats[1] * state[2] - hats[0] * state[0]) / 2.0 + hats[2] * gap + w[4] + row[0] * s[1]
    out[1] = row[0] * row[1] ** 2 * s[4] * w[5]
    out[2], out[3], out[4], out[5] = s[0], w[3], w[6], s[12]


class ClosedSystem(NamedTuple):
    """The name of these equations among compiled systems."""


compile_system(ClosedSystem, residual, jacobian)


def _kept_on_disk(digest):
    """Return the loops over points; what numba keeps on disk of them counts for this ``digest`` only."""

    @numba.njit(error_model="numpy", nogil=True, cache=True)
    def loop(system, given, settings, value, sizes, iterations, status):
        _ = digest  # numba's key holds the variables that a function takes from the one around it
        newton_loop(system, given, settings, value, sizes, iterations, status)

    @numba.njit(error_model="numpy", nogil=True, cache=True)
    def fields(rows, z, out):
        _ = digest
        state, hats, s, w = np.empty(3), np.empty(3), np.empty(13), np.empty(13)
        for i in range(len(rows)):
            row = rows[i]
            kappa = averages(row, z[i], state, hats, s, w)
            describe(row, state, kappa, hats, s, w, out[i])

    return loop, fields


closed_loop, field_loop = _kept_on_disk(hashlib.sha256(b"".join(
    Path(str(path)).read_bytes() for path in (__file__, compiled.__file__))).hexdigest())
