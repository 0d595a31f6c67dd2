r"""The averages of :mod:`vaesym.engine.averages` for a loss that is smooth everywhere, compiled, one point at a time.

The nodes are those of the arrays, so that the numbers are the same up to rounding: the trapezoidal rule over the field
and over the part of the teacher's field that it leaves open, closed formulas for penalties made of parabolas. The
module needs numba (``pip install 'vaesym[fast]'``). The functions of a problem that :mod:`vaesym.engine.lowered` has
printed are compiled as they are, with :mod:`vaesym.engine.smooth.elementary` in place of NumPy.

A row of numbers describes a point, as in :mod:`vaesym.engine.closed.kernel`; in place of parts of the loss stand all
parameters of the problem.
"""
# Arguments are machine numbers, typed by the compiler: annotations would say nothing.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

import math
from typing import NamedTuple

import numba
import numpy as np

from vaesym.engine.closed import kernel as closed
from vaesym.engine.smooth.elementary import inlined
from vaesym.solvers.compiled import compile_system, newton_point, scalar

#: Sums may be taken in any order, several terms at once.
_summing = numba.njit(error_model="numpy", nogil=True, fastmath={"contract", "reassoc", "nsz"})
#: Newton steps of a minimum at most, as in :mod:`vaesym.engine.proximal`.
_STEPS = 100
#: Arrays of a number a node: fields, minimisers, slopes, curvatures, what Newton keeps of them, and E[P vᵏ].
_ARRAYS = 12


class Functions(NamedTuple):
    """The compiled functions of a problem, of a number and of all parameters, and what its labels are like.

    ``loss`` holds (value, slope, curvature) of the loss for each label that counts; ``steps`` the probabilities of +1
    on both sides of a step.
    """

    parameters: object
    loss: tuple
    chance: object
    steps: tuple
    kind: str
    symmetric: bool
    step: bool


def _minima(slope, curvature):
    """Return a function that writes minimisers, and slopes and curvatures there, at all nodes.

    Newton with a certified bracket, step by step as :meth:`vaesym.engine.proximal.Convex.solve`, at all nodes at once.
    """

    @scalar
    def bends(p, u, g, c):
        for i in range(len(u)):
            g[i], c[i] = slope(u[i], *p), curvature(u[i], *p)

    @scalar
    def minima(p, v, work):
        h, u, g, c = work[0], work[1], work[2], work[3]
        low, high, last, before, done = work[4], work[5], work[6], work[7], work[8]
        bends(p, h, g, c)
        _start(v, h, u, g, c, low, high, last, before, done)
        for _ in range(_STEPS):
            bends(p, u, g, c)
            if _step(v, h, u, g, c, low, high, last, before, done) == len(u):
                break
        bends(p, u, g, c)

    return minima


@scalar
def _start(v, h, u, g, c, low, high, last, before, done):
    for i in range(len(h)):
        push = v * g[i]
        other, near = h[i] - push, h[i] - push / (v * c[i] + 1.0)
        low[i], high[i] = min(h[i], other), max(h[i], other)
        u[i] = near if (near >= low[i]) & (near <= high[i]) else 0.5 * (low[i] + high[i])
        last[i], before[i], done[i] = high[i] - low[i], math.nan, 0.0


@_summing
def _step(v, h, u, g, c, low, high, last, before, done):
    """Move each node that is not done; return how many are."""
    ready = 0.0
    for i in range(len(h)):
        at, push, stiff = u[i], v * g[i], v * c[i] + 1.0
        value = push + at - h[i]
        lower, upper = at if value <= 0.0 else low[i], at if value >= 0.0 else high[i]
        move = value / stiff
        to = at - move
        good = (to >= lower) & (to <= upper) & (abs(move) <= 0.5 * last[i])
        rounding = 4e-16 * (abs(push) + stiff * abs(at) + abs(h[i]))
        ends = (math.isfinite(rounding) & (abs(value) <= rounding)) | (
            good & (abs(value) * move * move <= 0.01 * rounding * before[i] ** 2))
        to = to if good | ends else 0.5 * (lower + upper)
        u[i] = at if done[i] > 0.0 else to
        low[i], high[i], last[i], before[i] = lower, upper, abs(to - at), move if good else math.nan
        done[i] = 1.0 if ends else done[i]
        ready += done[i]
    return ready


def _openness(functions):
    """Return a function that writes E[P], E[Pv], E[Pv²] of the probability P of +1 at the nodes from ``first`` on."""
    chance, (above, below) = functions.chance, functions.steps
    if functions.step:

        @scalar
        def averaged(p, first, nodes, root, along, across, v_0, v_1, v_2):
            x, high, low = nodes[0], above(*p), below(*p)
            for i in range(first, len(x)):
                cut = min(max(-along * x[i] / across, -40.0), 40.0)
                tail, peak = 0.5 * math.erfc(cut / math.sqrt(2.0)), math.exp(-cut * cut / 2.0) / math.sqrt(2 * math.pi)
                v_0[i] = low + (high - low) * tail
                v_1[i] = (high - low) * peak
                v_2[i] = low + (high - low) * (tail + cut * peak)

        return averaged

    @_summing
    def averaged(p, first, nodes, root, along, across, v_0, v_1, v_2):
        x, v, w = nodes[0], nodes[2], nodes[3]
        scale = root * across
        for i in range(first, len(x)):
            at, one, two, three = root * along * x[i], 0.0, 0.0, 0.0
            for k in range(len(v)):
                weighted = w[k] * chance(at + scale * v[k], *p)
                one += weighted
                two += weighted * v[k]
                three += weighted * v[k] * v[k]
            v_0[i], v_1[i], v_2[i] = one, two, three

    return averaged


def _energy(functions):
    """Return the averages over a sample, in the order of :func:`vaesym.engine.closed.kernel.energy`."""
    sampled = [_sample(functions, label, loss, 1.0 - 2.0 * label) for label, loss in enumerate(functions.loss)]
    first, second, two = sampled[0], sampled[-1], len(sampled) > 1
    teacher, half = functions.kind == "sign", functions.symmetric and not functions.step
    averaged, misfit, real = _openness(functions), _misfit(functions), functions.kind == "linear"

    @scalar
    def energy(row, p, nodes, state, sums, work, whole):
        eta = row[1]
        spread = math.sqrt(state[0] + row[4] / eta) if real else math.sqrt(state[0] + state[1] * state[1])
        along, across = (0.0, 0.0) if real else (state[1] / spread, math.sqrt(state[0]) / spread)
        count = len(nodes[0])
        v_0, v_1, v_2 = work[9], work[10], work[11]
        if teacher:
            start = count // 2 if half else 0
            averaged(p, start, nodes, math.sqrt(eta), along, across, v_0, v_1, v_2)
            for i in range(start):  # P(−t) = 1 − P(t), and the nodes lie alike on both sides of 0
                j = count - 1 - i
                v_0[i], v_1[i], v_2[i] = 1.0 - v_0[j], v_1[j], 1.0 - v_2[j]
        for i in range(len(sums)):
            sums[i] = 0.0
        first(row, p, nodes, state, spread, along, across, sums, work, whole)
        if two:
            second(row, p, nodes, state, spread, along, across, sums, work, whole)
        if whole:
            sums[12] = misfit(row, p, nodes, state, spread)

    return energy


def _moments(functions, label):
    """Return the averages of P, Pt, Pz, Pt², Ptz, Pz² at a node y, as :mod:`vaesym.engine.averages` has them."""
    if functions.kind != "sign":

        @inlined
        def plain(share, y, along, across, v_0, v_1, v_2):
            over = share * (y * y - 1.0)
            return (share, share * along * y, share * across * y, share + along * along * over, along * across * over,
                    share + across * across * over)

        return plain

    factor, plus = 2.0 if functions.symmetric else 1.0, label > 0.0

    @inlined
    def of_teacher(share, y, along, across, v_0, v_1, v_2):
        p_0 = factor * (v_0 if plus else 1.0 - v_0)
        p_1 = factor * y * (v_1 if plus else -v_1)
        p_2 = factor * (v_2 if plus else 1.0 - v_2)
        first, second, both = y * p_0, y * y * p_0, along * across
        one = factor * (v_1 if plus else -v_1)
        return (p_0, along * first + across * one, across * first - along * one,
                along * along * second + 2.0 * both * p_1 + across * across * p_2,
                both * (second - p_2) + (across * across - along * along) * p_1,
                across * across * second - 2.0 * both * p_1 + along * along * p_2)

    return of_teacher


def _sample(functions, index, loss, label):
    """Return a function that adds the averages over samples of one label."""
    value, minima, moments = loss[0], _minima(loss[1], loss[2]), _moments(functions, label)
    real, cluster = functions.kind == "linear", functions.kind == "cluster"

    @_summing
    def add(row, p, nodes, state, spread, along, across, sums, work, whole):
        x, weights, eta, v = nodes[0], nodes[1], row[1], row[1] * state[2]
        root, own, center = math.sqrt(eta), math.sqrt(state[0]), label * math.sqrt(row[2]) if cluster else 0.0
        sigma, share = root * spread, 1.0 if real else row[12 + 2 * index]
        h, u, slopes, bends, v_0, v_1, v_2 = work[0], work[1], work[2], work[3], work[9], work[10], work[11]
        for i in range(len(x)):
            h[i] = center * state[1] + sigma * x[i]
        minima(p, v, work)
        gg = hs = hh = gt = ee = em = mm = ex = mx = xx = 0.0
        for i in range(len(x)):
            y, g, bend = x[i], slopes[i], bends[i] / (1.0 + v * bends[i])
            p_0, t, z, tt, tz, zz = moments(share, y, along, across, v_0[i], v_1[i], v_2[i])
            force, push, stiff = weights[i] * g, weights[i] * g * bend, weights[i] * bend
            gg += force * g * p_0
            hs += stiff * p_0
            hh += stiff * bend * p_0
            xx += push * g * p_0
            gt += force * (center * p_0 + root * t)
            mx += push * (center * p_0 + root * t)
            mm += stiff * (center * center * p_0 + 2.0 * center * root * t + eta * tt)
            em += stiff * (center * root * z + eta * tz)
            ex += push * (y if real else z)
            ee += stiff * ((y * y - 1.0) if real else (zz - p_0))
        sums[2] += gg
        sums[3] += hs
        sums[4] += hh
        sums[5] += gt
        # How the field moves with E at fixed normal variables; where labels are real their noise is part of it.
        lean = eta / (2.0 * sigma) if real else root / (2.0 * own)
        sums[6] += lean * lean * ee
        sums[7] += em / (2.0 * own)
        sums[8] += mm
        sums[9] -= lean * ex
        sums[10] -= mx
        sums[11] += xx
        if whole:
            total = 0.0
            for i in range(len(x)):
                total += weights[i] * moments(share, x[i], along, across, v_0[i], v_1[i], v_2[i])[0] * value(u[i], *p)
            sums[0] += total
            sums[1] += total + v * gg / 2.0

    return add


def _misfit(functions):
    """Return the probability that a fresh sample is not on the side of its label; 0 where labels are real."""
    chance, kind, step = functions.chance, functions.kind, functions.step

    @scalar
    def misfit(row, p, nodes, state, spread):
        total = 0.0
        if kind == "sign" and not step:
            x, weights, lean = nodes[0], nodes[1], state[1] / math.sqrt(2.0 * state[0])
            for i in range(len(x)):
                wrong = 0.5 * math.erfc(lean * x[i])  # of the student, given the teacher's field x
                plus = chance(math.sqrt(row[1]) * x[i], *p)
                total += weights[i] * (plus * wrong + (1.0 - plus) * (1.0 - wrong))
        if kind == "cluster" or kind == "random":
            mean = math.sqrt(row[2]) * state[1] / (math.sqrt(row[1]) * spread) if kind == "cluster" else 0.0
            for k in range(int(row[6])):
                total += row[12 + 2 * k] * 0.5 * math.erfc(mean / math.sqrt(2.0))
        return total

    return misfit


def _evaluate(functions):
    """Return a function that writes state, conjugates and both averages into ``small``, and returns κ."""
    energy = _energy(functions)

    @scalar
    def evaluate(row, p, nodes, z, work, small, whole):
        state, hats, s, w = small[1], small[2], small[3], small[4]
        state[0], state[1], state[2] = math.exp(z[0]), z[1], math.exp(z[2])
        energy(row, p, nodes, state, s, work, whole)
        for i in range(3):
            small[0, i] = z[i]
        return closed.conjugates(row, closed.HEAD + len(p), state, hats, s, w)

    return evaluate


def _system(evaluate):
    """Return the tag of the equations for :mod:`vaesym.solvers.compiled`; the averages are kept from the last call."""

    @scalar
    def residual(z, given, out):
        row, p, nodes, work, small = given
        evaluate(row, p, nodes, z, work, small, False)
        return closed.moves(row, small[1], small[2], small[4], out)

    @scalar
    def jacobian(z, given, out):
        row, p, nodes, work, small = given
        if small[0, 0] != z[0] or small[0, 1] != z[1] or small[0, 2] != z[2]:
            evaluate(row, p, nodes, z, work, small, False)
        closed.slopes(row, small[1], small[2], small[3], small[4], out)

    class SmoothSystem(NamedTuple):
        """The name of these equations among compiled systems."""

    compile_system(SmoothSystem, residual, jacobian)
    return SmoothSystem


@scalar
def _difference(row, state, s, w, other):
    """Return how far what the equations and the misfit give is from what they gave, which is replaced."""
    linear, gap = row[5] > 0.0, w[1]
    q = state[0] + row[3] * (2.0 * state[1] + row[3]) if linear else state[0] + state[1] * state[1]
    e = w[0] if linear else max(w[0] - gap * gap, 1e-8 * w[0])
    m = gap if linear else state[1] + gap
    worst = max(abs(e - other[0]) / state[0], abs(m - other[1]) / math.sqrt(q), abs(w[2] - other[2]) / state[2])
    worst = max(worst, abs(s[12] - other[3]))
    other[0], other[1], other[2], other[3] = e, m, w[2], s[12]
    return worst


class Kernel(NamedTuple):
    """Newton, and all fields, of a problem over many points."""

    newton: object
    fields: object


def kernel(functions, problem):
    """Return the compiled loops over points.

    ``problem`` is an empty module whose name holds a digest of all that is compiled: by that name numba finds what it
    has kept on disk.
    """
    problem.parameters, problem.evaluate = functions.parameters, _evaluate(functions)
    problem.system = _system(problem.evaluate)

    @numba.njit(error_model="numpy", nogil=True, cache=True)
    def newton(nodes, given, settings, value, sizes, iterations, status):
        vectors, matrix = np.empty((5, 3)), np.empty((3, 3))
        work, small = np.empty((_ARRAYS, len(nodes[0]))), np.empty((6, 13))
        for i in range(len(value)):
            small[0, 0] = math.nan
            at = (given[i], problem.parameters(given[i]), nodes, work, small)
            sizes[i, 0], sizes[i, 1], iterations[i], status[i] = newton_point(
                problem.system(), at, value[i], settings, vectors, matrix)

    @numba.njit(error_model="numpy", nogil=True, cache=True)
    def fields(nodes, fine, rows, z, out):
        work, more, small = np.empty((_ARRAYS, len(nodes[0]))), np.empty((_ARRAYS, len(fine[0]))), np.empty((6, 13))
        for i in range(len(rows)):
            row, p, state, s, w = rows[i], problem.parameters(rows[i]), small[1], small[3], small[4]
            problem.evaluate(row, p, fine, z[i], more, small, True)
            _difference(row, state, s, w, small[5])
            kappa = problem.evaluate(row, p, nodes, z[i], work, small, True)
            out[i, 6] = _difference(row, state, s, w, small[5])
            closed.describe(row, state, kappa, small[2], s, w, out[i])

    return Kernel(newton, fields)
