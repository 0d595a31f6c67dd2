r"""The two averages of the replica-symmetric theory, with their derivatives.

With one vector of weights the free energy is the extremum over (Q, m, χ) and their conjugates (Ĝ, χ̂, μ̂) of

.. math:: -\tfrac12\hat GQ + \tfrac12\hat\chi\chi + \hat\mu m + E\min_w[r(w) + \tfrac12\hat Gw^2 - w(\hat\mu w_*
          + \sqrt{\hat\chi}\,\xi)] + \alpha\,E\min_u[\ell(u, y) + (u-\omega)^2/(2\eta\chi)] .

:func:`energy` maps (Q, m, χ) to the conjugates, :func:`site` maps those back. Each nonlinear function depends on one
linear combination x of the normal variables (and on the label); over the others only moments up to the second enter.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vaesym.engine.equations import Equations
from vaesym.engine.proximal import Convex, Minimum, response
from vaesym.engine.quadrature import panels, step_moments, trapezoid
from vaesym.inputs import Floats


class Accuracy(NamedTuple):
    """Nodes in a panel, and nodes over the teacher's field."""

    order: int = 12
    teacher: int = 64


class Side(NamedTuple):
    """Values (B, 3) of an average, its derivatives (B, 3, 3), and further averages by name."""

    value: Floats
    slope: Floats
    more: dict[str, Floats]


class _Moments(NamedTuple):
    """Averages of P, Pt, Pz, Pt², Ptz, Pz² given x: t the teacher's field over √η, z the field's own noise."""

    one: Floats
    t: Floats
    z: Floats
    tt: Floats
    tz: Floats
    zz: Floats


def _plain(x: Floats, share: Floats, along: Floats, across: Floats) -> _Moments:
    """No label, or one that does not depend on t; x = along·t + across·z + …, of unit variance."""
    one = share * np.ones_like(x)
    second = x * x - 1
    return _Moments(one, share * along * x, share * across * x, share * (1 + along**2 * second),
                    share * along * across * second, share * (1 + across**2 * second))


class Batch:
    """A problem at B points of its parameters: the two averages, as functions of (B, 3) arrays."""

    def __init__(self, equations: Equations, given: dict[str, Floats], accuracy: Accuracy | None = None) -> None:
        self.equations, self.given = equations, given
        self.accuracy = accuracy or Accuracy()
        self.columns = {name: value[:, None] for name, value in given.items()}
        self.alpha = given["alpha"]
        self.eta, self.rho = (self._column(f) for f in (equations.noise, equations.signal))

    def _column(self, function: Any, *variables: Floats) -> Floats:
        return self.equations.at(function, *variables, given=self.columns)

    def rows(self, rows: NDArray[np.int64]) -> Batch:
        """Return the same at some of the points."""
        return Batch(self.equations, {name: value[rows] for name, value in self.given.items()}, self.accuracy)

    def _branches(self, q: Floats, m: Floats) -> list[tuple[float, tuple[Floats, Floats], Floats, Floats]]:
        """Return (label, (along, across), mean, σ) for each label; σx + mean is the field, or the residual."""
        eq = self.equations
        if eq.kind == "linear":
            gap = m - np.sqrt(self._column(eq.label_signal))
            own, noise = np.sqrt(q - m * m), np.sqrt(self._column(eq.label_noise) / self.eta)
            size = np.sqrt(gap**2 + own**2 + noise**2)
            return [(0.0, (gap / size, own / size), np.zeros_like(q), np.sqrt(self.eta) * size)]
        spread = np.sqrt(q)
        along, across = m / spread, np.sqrt(np.maximum(q - m * m, 0)) / spread
        values = eq.values[:1] if eq.symmetric else eq.values
        mean = np.sqrt(self.rho) * m if eq.kind == "cluster" else np.zeros_like(q)
        return [(value, (along, across), value * mean, np.sqrt(self.eta) * spread) for value in values]

    def _moments(self, label: float, x: Floats, along: Floats, across: Floats) -> _Moments:
        eq = self.equations
        if eq.kind == "linear":
            return _plain(x, np.ones_like(along), along, across)
        if eq.kind != "sign":
            share = self._column(eq.share)
            factor = 2.0 if eq.symmetric else 1.0
            return _plain(x, factor * (share if label > 0 else 1 - share), along, across)
        return self._of_teacher(label, x, along, across)

    def _of_teacher(self, label: float, x: Floats, along: Floats, across: Floats) -> _Moments:
        """The label's probability is averaged over v, the part of the teacher's field that x leaves open."""
        eq = self.equations
        if eq.step and eq.step_values:
            above, below = (self._column(value) for value in eq.step_values)
            with np.errstate(divide="ignore", invalid="ignore"):
                cut = np.where(across > 0, -along * x / across, np.where(along * x > 0, -np.inf, np.inf))
            v0, v1, v2 = step_moments(np.clip(cut, -40, 40), above, below)
        else:
            v, w = trapezoid(self.accuracy.teacher)
            t = np.sqrt(self.eta)[..., None] * (along * x)[..., None] + (np.sqrt(self.eta) * across)[..., None] * v
            deep = {name: value[..., None] for name, value in self.columns.items()}
            probability: Any = eq.probability
            chance = eq.at(probability, t, given=deep) * w
            v0, v1, v2 = (np.sum(chance * v**k, axis=-1) for k in (0, 1, 2))
        if label < 0:
            v0, v1, v2 = 1 - v0, -v1, 1 - v2
        if eq.symmetric:
            v0, v1, v2 = 2 * v0, 2 * v1, 2 * v2
        # t = along·x + across·v and z = across·x − along·v.
        return _Moments(v0, along * x * v0 + across * v1, across * x * v0 - along * v1,
                        (along * x) ** 2 * v0 + 2 * along * across * x * v1 + across**2 * v2,
                        along * across * x * x * v0 + (across**2 - along**2) * x * v1 - along * across * v2,
                        (across * x) ** 2 * v0 - 2 * along * across * x * v1 + along**2 * v2)

    def shortfall(self, m: Floats, margin: float) -> Floats:
        """Return E[(κ − yω)₊²] for weights of norm √N and overlap m (B, 1), what is missing to a margin κ."""
        one, total = np.ones_like(m), np.zeros(len(m))
        for label, (along, across), mean, sigma in self._branches(one, m):
            cut = (label * margin - mean) / sigma
            x, w = panels([cut, -along / np.maximum(across, 1e-3), along], len(m), 3 * self.accuracy.order)
            short = np.maximum(margin - label * (mean + sigma * x), 0.0)
            total += np.sum(w * short**2 * self._moments(label, x, along, across).one, axis=1)
        return total

    def energy(self, state: Floats) -> Side:
        """Return (Ĝ, χ̂, μ̂) at (Q, m, χ), with ``loss`` E ℓ, ``envelope`` E M, ``gain`` E H² and ``error``."""
        q, m, chi = (state[:, i, None] for i in range(3))
        v = self.eta * chi
        own = np.sqrt(np.maximum(q - m * m, 1e-300))
        root = np.sqrt(self.eta)
        sums = {name: np.zeros(len(state)) for name in (
            "loss", "envelope", "gg", "h", "hh", "gt", "qq", "qm", "mm", "qx", "mx", "xx", "wrong")}
        for index, (label, (along, across), mean, sigma) in enumerate(self._branches(q, m)):
            loss = Convex(self.equations.loss[index], self._column)
            one = np.ones_like(q)
            cuts = [(edge - mean) / sigma for edge in [*loss.breakpoints(v, one), np.zeros_like(q)]]
            if self.equations.kind == "sign":
                with np.errstate(divide="ignore"):
                    width = np.where(along != 0, across / np.abs(along), np.inf)
                cuts += [width * factor for factor in (-5.0, -1.5, 1.5, 5.0)]
            x, w = panels(cuts, len(state), self.accuracy.order)
            omega = mean + sigma * x
            least = loss.solve(v, one, omega)
            moments = self._moments(label, x, along, across)
            self._add(sums, least, loss, moments, w, omega, (label, q, m, v, own, root))
        return self._energy_side(sums, q[:, 0], m[:, 0])

    def _add(self, sums: dict[str, Floats], least: Minimum, loss: Convex, p: _Moments, w: Floats, omega: Floats,
             at: tuple[float, Floats, Floats, Floats, Floats, Floats]) -> None:
        label, q, m, v, own, root = at
        g = least.slope
        with np.errstate(invalid="ignore"):
            h = np.where(np.isinf(least.curvature), 1 / v, least.curvature / (1 + v * least.curvature))
        value = self._value(loss, least)
        center = label * np.sqrt(self.rho) if self.equations.kind == "cluster" else np.zeros_like(q)
        # How the field moves with m and Q at fixed normal variables: a_m = √ρ c + √η(t − (m/s) z), a_q = √η z/(2s).
        ratio = m / own
        a_m = center * p.one + root * (p.t - ratio * p.z)
        a_mm = (center**2 * p.one + 2 * center * root * (p.t - ratio * p.z)
                + self.eta * (p.tt - 2 * ratio * p.tz + ratio**2 * p.zz))
        a_q = root * p.z / (2 * own)
        a_qm = (center * root * p.z + self.eta * (p.tz - ratio * p.zz)) / (2 * own)
        a_qq = self.eta * p.zz / (4 * own**2)
        add = {"loss": value * p.one, "envelope": (value + v * g * g / 2) * p.one, "gg": g * g * p.one,
               "h": h * p.one, "hh": h * h * p.one, "gt": g * (center * p.one + root * p.t),
               "qq": h * a_qq - g * root * p.z / (4 * own**3), "qm": h * a_qm + g * root * p.z * m / (2 * own**3),
               "mm": h * a_mm - g * root * p.z * q / own**3, "qx": -g * h * a_q, "mx": -g * h * a_m,
               "xx": g * g * h * p.one, "wrong": (label * omega < 0) * p.one}
        for name, term in add.items():
            sums[name] += np.sum(w * term, axis=1)

    def _value(self, loss: Convex, least: Minimum) -> Floats:
        value = np.full(least.place.shape, np.nan)
        for part in loss.parts:
            inside = True if part.start is None else least.place >= self._column(part.start)
            if not part.wall:
                value = np.where(inside, self._column(part.value, least.place), value)
        return value

    def _energy_side(self, sums: dict[str, Floats], q: Floats, m: Floats) -> Side:
        alpha, eta = self.alpha, self.eta[:, 0]
        stiffness = alpha * eta * sums["h"]
        value = np.stack([stiffness, alpha * eta * sums["gg"], -alpha * sums["gt"] + stiffness * m], axis=1)
        slope = np.empty((len(q), 3, 3))
        # Rows Ĝ = 2α∂_Q, χ̂ = −2α∂_χ, μ̂ = −α∂_m of the average; columns Q, m, χ.
        slope[:, 0] = np.stack([2 * sums["qq"], 2 * sums["qm"], 2 * eta * sums["qx"]], axis=1)
        slope[:, 1] = np.stack([-2 * eta * sums["qx"], -2 * eta * sums["mx"], -2 * eta**2 * sums["xx"]], axis=1)
        slope[:, 2] = -np.stack([sums["qm"], sums["mm"], eta * sums["mx"]], axis=1)
        more = {"loss": sums["loss"], "envelope": sums["envelope"], "gain": sums["hh"], "wrong": sums["wrong"]}
        return Side(value, slope * alpha[:, None, None], more)

    def site(self, hats: Floats) -> Side:
        """Return (Q, m, χ) at (Ĝ, χ̂, μ̂), with ``penalty`` E r, ``envelope``, ``gain`` E J² and ``zero``."""
        stiff, spread, drive = (hats[:, i, None] for i in range(3))
        root = np.sqrt(np.maximum(spread, 0))
        penalty = Convex(self.equations.penalty, self._column)
        one = np.ones_like(stiff)
        edges = penalty.breakpoints(one, stiff)
        sums = {name: np.zeros(len(hats)) for name in ("q", "m", "chi", "penalty", "envelope", "gain", "zero",
                                                       "qG", "qs", "qd", "ms", "md", "xs")}
        for share, center, variance in self.equations.planted:
            p, mean, var = (self._column(part) for part in (share, center, variance))
            sigma = np.sqrt(spread + drive**2 * var)
            safe = np.where(sigma > 0, sigma, 1.0)
            x, w = panels([(edge - drive * mean) / safe for edge in edges], len(hats), self.accuracy.order)
            h = drive * mean + sigma * x
            least = penalty.solve(one, stiff, h)
            # w* = mean + √var z and ξ, given x: z = b x + a v, ξ = a x − b v with a = √χ̂/σ, b = μ̂√var/σ.
            a, b = np.where(sigma > 0, root / safe, 1.0), np.where(sigma > 0, drive * np.sqrt(var) / safe, 0.0)
            star = mean + np.sqrt(var) * b * x
            star_2 = star**2 + var * a * a
            xi, xi_2 = a * x, (a * x) ** 2 + b * b
            star_xi = star * xi - np.sqrt(var) * a * b
            self._add_site(sums, least, penalty, p * w, h, stiff, (star, star_2, xi, xi_2, star_xi))
        return self._site_side(sums, root[:, 0])

    def _add_site(self, sums: dict[str, Floats], least: Minimum, penalty: Convex, weight: Floats, h: Floats,
                  stiff: Floats, given_x: tuple[Floats, Floats, Floats, Floats, Floats]) -> None:
        star, star_2, xi, xi_2, star_xi = given_x
        place, move = least.place, response(least, np.ones_like(stiff), stiff)
        value = self._value(penalty, least)
        add = {"q": place**2, "m": place * star, "chi": move, "penalty": value,
               "envelope": value + stiff * place**2 / 2 - place * h, "gain": move**2,
               "zero": (np.isinf(least.curvature) & (place == 0)) * 1.0,
               "qG": place**2 * move, "qd": place * move * star, "qs": place * move * xi,
               "md": move * star_2, "ms": move * star_xi, "xs": move * xi_2 - move}
        for name, term in add.items():
            sums[name] += np.sum(weight * term, axis=1)

    @staticmethod
    def _site_side(sums: dict[str, Floats], root: Floats) -> Side:
        safe = np.where(root > 0, root, 1.0)
        value = np.stack([sums["q"], sums["m"], sums["chi"]], axis=1)
        slope = np.empty((len(value), 3, 3))
        # Columns Ĝ, χ̂, μ̂. χ = E[wξ]/√χ̂ gives the last row; its average of wξ is √χ̂ χ.
        slope[:, 0] = np.stack([-2 * sums["qG"], sums["qs"] / safe, 2 * sums["qd"]], axis=1)
        slope[:, 1] = np.stack([-sums["qd"], sums["ms"] / (2 * safe), sums["md"]], axis=1)
        slope[:, 2] = np.stack([-sums["qs"] / safe, sums["xs"] / (2 * safe**2), sums["ms"] / safe], axis=1)
        slope[root == 0, 2, :] = slope[root == 0, 0, 1:2] = slope[root == 0, 1, 1:2] = 0.0
        more = {name: sums[name] for name in ("penalty", "envelope", "gain", "zero")}
        return Side(value, slope, more)
