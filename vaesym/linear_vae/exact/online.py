r"""One pass of stochastic gradient descent: how the overlaps change, from the gradient of the stated loss.

A step on a fresh sample moves :math:`u = W/\sqrt N` and :math:`v = V/\sqrt N` by γ/N times the gradient of that
sample's loss, D by γ_D/N times. Along x a gradient has length √N, so that its square adds to the overlaps at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import sympy as sp

from vaesym.linear_vae.statement.loss import kl_to_prior
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import (
    D,
    Q,
    beta,
    eta,
    h,
    indexed,
    lam,
    learning_rate,
    m,
    population,
    rho,
    sampled,
    sym,
    variance_rate,
    w,
    x2,
)


def _table(name: str, rows: int, columns: int, symmetric: bool = False) -> sp.ImmutableMatrix:
    """The symbols of a matrix of overlaps; of one entry, the symbol of the table."""
    if rows == columns == 1:
        return sp.ImmutableMatrix([[sym(name)]])
    return sp.ImmutableMatrix(rows, columns, lambda i, j: indexed(
        name, *(sorted((int(i) + 1, int(j) + 1)) if symmetric else (int(i) + 1, int(j) + 1))))


def _column(name: str, count: int) -> list[sp.Symbol]:
    return [sym(name)] if count == 1 else [indexed(name, i + 1) for i in range(count)]


@dataclass(frozen=True)
class Gradient:
    """The gradient of a sample's loss in one vector of weights: ``along`` x, ``back`` along each decoder."""

    along: sp.Expr
    back: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class OnePass:
    """The linear VAE of M latents on data of M* signals, as a step of descent meets it.

    Q, E (M × M, symmetric), R (M × M; its entry i, j is W_i·V_j/N), m, d (M × M*) and D (M) are the symbols of the
    overlaps: those of the table for M = M* = 1, indexed ones otherwise.
    """

    latents: int = 1
    signals: int = 1

    def overlaps(self) -> dict[str, sp.ImmutableMatrix]:
        """Return the overlaps by name, D as a column."""
        count, planted = self.latents, self.signals
        return {"Q": _table("Q", count, count, True), "E": _table("E", count, count, True),
                "R": _table("R", count, count), "m": _table("m", count, planted), "d": _table("d", count, planted),
                "D": sp.ImmutableMatrix(_column("D", count))}

    def fields(self) -> list[sp.Symbol]:
        """Return the decoder fields, the encoder fields, and the fields of W* of a sample."""
        signals = [sp.Symbol(f"x_*{i + 1}", real=True) for i in range(self.signals)]
        return [*_column("k", self.latents), *_column("h", self.latents), *signals]

    def geometry(self) -> sp.ImmutableMatrix:
        """Return the overlaps of all vectors of weights and W*: Ω with a row and a column for each signal."""
        o = self.overlaps()
        return sp.ImmutableMatrix(sp.BlockMatrix([
            [o["Q"], o["R"], o["m"]], [o["R"].T, o["E"], o["d"]], [o["m"].T, o["d"].T, sp.eye(self.signals)],
        ]).as_explicit())

    def covariance(self) -> sp.ImmutableMatrix:
        """Return the covariance of the fields over fresh data: η times the overlaps, ρ on the signals."""
        overlaps = self.geometry()
        planted = sp.ImmutableMatrix(overlaps[:, 2 * self.latents :])
        return sp.ImmutableMatrix((rho * planted * planted.T + eta * overlaps).applyfunc(sp.expand))

    def loss(self) -> sp.Expr:
        """Return the loss of a sample at a latent z that was drawn, without weight decay."""
        norms, variances = self.overlaps()["Q"], self.overlaps()["D"]
        k, h_, z = (_column(name, self.latents) for name in "khz")
        error = x2 - 2 * sum(a * b for a, b in zip(k, z, strict=True)) + sum(
            norms[i, j] * z[i] * z[j] for i in range(self.latents) for j in range(self.latents))
        return sp.expand(error / 2 + beta * sum(
            kl_to_prior().xreplace({h: h_[i], D: variances[i]}) for i in range(self.latents)))

    def mean_over_latents(self, expression: sp.Expr) -> sp.Expr:
        """Average over z, drawn with the means h and the variances D."""
        return average(expression, _column("z", self.latents), _column("h", self.latents),
                       sp.diag(*self.overlaps()["D"]))

    def gradients(self) -> list[Gradient]:
        """Return the gradients in the decoders and in the encoders; z = h + √D ε moves with h."""
        loss, norms = self.loss(), self.overlaps()["Q"]
        k, h_, z = (_column(name, self.latents) for name in "khz")
        decoders = [Gradient(sp.diff(loss, k[i]), tuple(
            sp.diff(loss, norms[i, j]) * (2 if i == j else 1) for j in range(self.latents)))
            for i in range(self.latents)]
        none = (sp.S.Zero,) * self.latents
        return [*decoders, *[Gradient(sp.diff(loss, h_[i]) + sp.diff(loss, z[i]), none) for i in range(self.latents)]]

    def change(self, first: int, second: int) -> sp.Expr:
        """Return the rate of change of the overlap of two vectors: decoders, then encoders, then W*."""
        gradients, fields = self.gradients(), self.fields()
        overlaps, covariance = self.geometry(), self.covariance()

        def over_data(expression: sp.Expr) -> sp.Expr:
            return average(expression, fields, [sp.S.Zero] * len(fields), covariance)

        drift = sp.S.Zero
        for moved, other in ((first, second), (second, first)):
            if moved < len(gradients):
                step = gradients[moved]
                back = sum(step.back[j] * overlaps[j, other] for j in range(self.latents))
                drift -= over_data(self.mean_over_latents(step.along * fields[other] + back))
                drift -= lam * overlaps[moved, other]
        noise = sp.S.Zero
        if max(first, second) < len(gradients):
            a, b = gradients[first].along, gradients[second].along
            means = self.mean_over_latents(a) * self.mean_over_latents(b)
            noise = over_data(means + sampled * (self.mean_over_latents(sp.expand(a * b)) - means))
        return sp.expand(learning_rate * drift + learning_rate**2 * eta * noise)

    def variance_change(self, latent: int) -> sp.Expr:
        """Return the rate of change of D of a latent; its fluctuations vanish as N → ∞."""
        variance = self.overlaps()["D"][latent]
        return sp.expand(-variance_rate * sp.diff(self.mean_over_latents(self.loss()), variance))

    def equations(self) -> dict[str, sp.ImmutableMatrix]:
        """Return the rates of change of Q, E, R, m, d and D, in the shapes of :meth:`overlaps`."""
        count, planted = self.latents, self.signals

        def block(rows: int, columns: int, top: int, left: int) -> sp.ImmutableMatrix:
            return sp.ImmutableMatrix(rows, columns, lambda i, j: self.change(top + int(i), left + int(j)))

        return {"Q": block(count, count, 0, 0), "E": block(count, count, count, count),
                "R": block(count, count, 0, count), "m": block(count, planted, 0, 2 * count),
                "d": block(count, planted, count, 2 * count),
                "D": sp.ImmutableMatrix([self.variance_change(i) for i in range(count)])}


@cache
def equations() -> dict[str, sp.Expr]:
    """Return the rates of change of Q, E, R, m, d and D for one latent and one signal."""
    return {name: matrix[0, 0] for name, matrix in OnePass().equations().items()}


def _slowly(expression: sp.Expr) -> sp.Expr:
    """Return the leading order in a small learning rate, per unit of it."""
    return sp.expand(sp.limit(expression / learning_rate, learning_rate, 0))


@cache
def slow_drift() -> sp.ImmutableMatrix:
    """Return the drift of (m, d) at a small learning rate, with weights along W* alone: Q = m², E = d², R = md."""
    d = sym("d")
    aligned = {Q: m**2, sym("E"): d**2, sym("R"): m * d}
    return sp.ImmutableMatrix([sp.factor(_slowly(equations()[name]).xreplace(aligned)) for name in "md"])


@cache
def fixed_point() -> tuple[sp.Expr, sp.Expr]:
    """Return (Q, D) of the state in which training ends without weight decay, at a small learning rate."""
    d = sym("d")
    at_rest = {D: sp.solve(equations()["D"], D)[0].xreplace({Q: m**2})}
    drift = slow_drift().xreplace({lam: sp.S.Zero})
    (encoder,) = sp.solve(drift[1], d)
    balance = sp.numer(sp.together(drift[0].xreplace({d: encoder}).xreplace(at_rest)))
    square = sp.Symbol("m2", positive=True)
    (norm,) = sp.solve(sp.cancel(balance / m).subs(m, sp.sqrt(square)), square)
    return sp.factor(norm), sp.factor(at_rest[D].subs(m, sp.sqrt(norm)))


@cache
def collapse_jacobian() -> sp.ImmutableMatrix:
    """Return the Jacobian of the slow drift of (m, d) at collapse, for a variance ℓ = ρ + η along the direction."""
    d = sym("d")
    jacobian = slow_drift().jacobian([m, d]).xreplace({m: sp.S.Zero, d: sp.S.Zero, D: sp.S.One})
    return sp.ImmutableMatrix(jacobian.xreplace({rho: population - eta}).applyfunc(sp.expand))


@cache
def growth_rate() -> sp.Expr:
    """Return the larger eigenvalue of :func:`collapse_jacobian`: the rate at which a collapsed latent grows."""
    half_trace, determinant = collapse_jacobian().trace() / 2, collapse_jacobian().det()
    return half_trace + sp.sqrt(sp.factor(half_trace**2 - determinant))


def growth_excess() -> sp.Expr:
    """Return by how much r(m² + d²) exceeds (m² + d²)˙/2 at collapse, r the growth rate: never negative."""
    start = sp.Matrix([m, sym("d")])
    return (growth_rate() * start.T * start - start.T * collapse_jacobian() * start)[0, 0]


def growth_zero() -> sp.Expr:
    """Return the β at which the growth rate vanishes, where the determinant of the Jacobian does."""
    (solution,) = sp.solve(collapse_jacobian().det(), beta)
    return solution


def critical_slowing() -> sp.Expr:
    """Return minus the slope in β of the growth rate where it vanishes, without weight decay.

    The rate Γ solves Γ² − Γ·trace + determinant = 0, so its slope is that of the determinant over the trace.
    """
    jacobian = collapse_jacobian().xreplace({lam: sp.S.Zero})
    return sp.factor((-sp.diff(jacobian.det(), beta) / jacobian.trace()).subs(beta, population))


@cache
def annealing_slope() -> sp.Expr:
    """Return the derivative of the growth rate by β, without weight decay."""
    return sp.diff(growth_rate().xreplace({lam: sp.S.Zero}), beta)


def rate_without_kl() -> sp.Expr:
    """Return the growth rate at β = 0 without weight decay, which no schedule β(t) ≥ 0 exceeds as long as D = 1."""
    return sp.simplify(growth_rate().xreplace({lam: sp.S.Zero}).subs(beta, 0))


def rate_without_variance() -> sp.Expr:
    """Return the growth rate at β = 0 and D → 0 without weight decay, which no schedule β(t) ≥ 0 exceeds at all."""
    d = sym("d")
    jacobian = slow_drift().jacobian([m, d]).xreplace({m: sp.S.Zero, d: sp.S.Zero, lam: sp.S.Zero})
    jacobian = jacobian.subs({beta: 0, D: 0}).xreplace({rho: population - eta})
    return sp.sqrt(-jacobian.det()) + jacobian.trace() / 2


@cache
def collapsed_overlaps() -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Return Q, E and R of collapse over γ at a small learning rate: the noise of sampling z keeps them above zero."""
    names = ("Q", "E", "R")
    per_rate = dict(zip(names, sp.symbols("q_1 e_1 r_1", real=True), strict=True))
    small = {sym(name): learning_rate * symbol for name, symbol in per_rate.items()}
    rest = {m: sp.S.Zero, sym("d"): sp.S.Zero, lam: sp.S.Zero, D: sp.S.One}
    balances = [sp.expand(equations()[name].xreplace(rest).xreplace(small) / learning_rate**2).subs(learning_rate, 0)
                for name in names]
    (found,) = sp.solve(balances, list(per_rate.values()), dict=True)
    return tuple(sp.factor(found[symbol]) for symbol in per_rate.values())


@cache
def onset_curvature() -> sp.Expr:
    r"""Return c in :math:`\dot a = \Gamma a - c a^3` for the decoder's amplitude a, at β = ℓ without weight decay.

    The encoder and D follow the decoder there: each is expanded in it, and its own equation of motion solved.
    """
    d = sym("d")
    here = {lam: sp.S.Zero, beta: population, rho: population - eta}
    first, third, gap = sp.symbols("d_1 d_3 D_2", real=True)
    cubic = sp.Symbol("c", real=True)
    motion = {d: first * w + third * w**3, D: 1 + gap * w**2, m: w}
    speed = -cubic * w**3
    drift = slow_drift().xreplace(here).xreplace(motion)
    variance = (Q + beta - beta / D).xreplace({**here, Q: w**2, D: motion[D]}).xreplace({beta: population})
    balances = [sp.series(sp.expand(drift[0] - speed), w, 0, 4).removeO(),
                sp.series(sp.expand(drift[1] - sp.diff(motion[d], w) * speed), w, 0, 4).removeO(),
                sp.series(variance, w, 0, 3).removeO()]
    unknowns = [sp.expand(b).coeff(w, power) for b in balances for power in (1, 2, 3)]
    solutions = sp.solve([u for u in unknowns if u != 0], [first, third, gap, cubic], dict=True)
    return sp.factor(solutions[0][cubic])
