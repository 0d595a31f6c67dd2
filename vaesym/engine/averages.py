r"""The two averages of the replica-symmetric theory, with their derivatives.

With one vector of weights the free energy is the extremum over (Q, m, χ) and their conjugates (Ĝ, χ̂, μ̂) of

.. math:: -\tfrac12\hat GQ + \tfrac12\hat\chi\chi + \hat\mu m + E\min_w[r(w) + \tfrac12\hat Gw^2 - w(\hat\mu w_*
          + \sqrt{\hat\chi}\,\xi)] + \alpha\,E\min_u[\ell(u, y) + (u-\omega)^2/(2\eta\chi)] .

All is written about a multiple κw* of the planted weights, so that nothing cancels where the weights come near to it:
κ = τ, what real labels are made of, or κ = m for other labels. The error is e = w − κw*. Q stands for E = E e², and m
for the gap E e w* (κ = τ) or itself (κ = m), where E = Q − m²; μ̂ stands for μ̂ − κĜ, and the site minimises
:math:`r + \tfrac12\hat Ge^2 - e(\hat\mu w_* + \sqrt{\hat\chi}\xi)`. Real labels feel E alone, and then μ̂ = 0.
:meth:`Batch.energy` maps (E, m, χ) to the conjugates, :meth:`Batch.site` maps those to (E, gap, χ)
back. Each nonlinear function depends on one linear combination x of the normal variables (and on the label); over the
others only moments up to the second enter.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from vaesym.engine.equations import Equations
from vaesym.engine.proximal import Convex, Minimum, Widened, response
from vaesym.engine.quadrature import panels, segments, step_moments, trapezoid
from vaesym.inputs import Floats


class Accuracy(NamedTuple):
    """Nodes in a panel, those over what is open of the teacher's field, and those over a whole smooth integrand.

    With ``line`` 0 panels are used; ``steep`` counts the nodes in panels over the teacher's field, and 0 is for none.
    Where everything between breakpoints is a parabola the averages are closed, and nothing of this matters.
    """

    order: int = 12
    teacher: int = 64
    line: int = 0
    steep: int = 0


#: Fields of the teacher, on both sides of 0, between which the probability of a label is taken in panels.
_STEEP = (0.03, 0.15, 0.6, 2.0)


#: What Q and χ are at least: they may vanish exactly, where the penalty holds every weight at zero.
FLOOR = 1e-120


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

    #: Points whose nodes over two variables are in memory together: as many as a processor keeps near.
    few = 32

    def __init__(self, equations: Equations, given: dict[str, Floats], accuracy: Accuracy | None = None,
                 ridge: Floats | None = None, *, compiled: bool = False) -> None:
        self.equations, self.given, self.compiled = equations, given, compiled and not equations.widths
        self.accuracy = accuracy or Accuracy()
        self.columns = {name: value[:, None] for name, value in given.items()}
        self.alpha = given["alpha"]
        self.eta, self.rho, self.target = (self.column(f) for f in (
            equations.noise, equations.signal, equations.target))
        #: A further ½‖w‖² of this weight in the penalty: with it solutions are easy to find.
        self.ridge = np.zeros_like(self.alpha) if ridge is None else ridge
        self.linear = equations.kind == "linear"

    def column(self, function: Any, *variables: Floats) -> Floats:
        """Return a function of variables (B, n) and of the parameters of every point."""
        return self.equations.at(function, *variables, given=self.columns)

    def again(self, given: dict[str, Floats], accuracy: Accuracy, ridge: Floats) -> Batch:
        """Return the same problem, averaged in the same way, at other points."""
        return Batch(self.equations, given, accuracy, ridge, compiled=self.compiled)

    def rows(self, rows: NDArray[np.int64]) -> Batch:
        """Return the same at some of the points."""
        return self.again({name: value[rows] for name, value in self.given.items()}, self.accuracy, self.ridge[rows])

    def but(self, accuracy: Accuracy | None = None, ridge: Floats | None = None,
            given: dict[str, Floats] | None = None) -> Batch:
        """Return the same with other nodes, a further penalty, or other parameters."""
        return self.again(self.given if given is None else given, accuracy or self.accuracy,
                          self.ridge if ridge is None else ridge)

    @property
    def closed(self) -> bool:
        """Whether every average is closed."""
        return self.equations.closed

    @property
    def penalties(self) -> list[Convex | Widened]:
        """The penalty of the rows of each part of the planted law."""
        penalty, widths = Convex(self.equations.penalty, self.column), self.equations.widths
        return [Widened(penalty, self.column(width)) for width in widths] or [penalty] * len(self.equations.planted)

    def _nodes(self, function: Convex | Widened, cuts: list[Floats], *, plain: bool) -> tuple[Floats, Floats]:
        """Return nodes and weights; ``plain`` where what multiplies the function is a parabola."""
        if plain and all(part.quadratic or part.wall for part in function.parts):
            return segments(cuts, len(self.alpha))
        if self.accuracy.line and len(function.parts) == 1:
            x, w = trapezoid(self.accuracy.line)
            return np.broadcast_to(x, (len(self.alpha), len(x))), np.broadcast_to(w, (len(self.alpha), len(x)))
        return panels(cuts, len(self.alpha), self.accuracy.order)

    def reference(self, state: Floats) -> Floats:
        """Return κ (B,), of which w is measured from κw*, at (E, m, χ)."""
        return self.target[:, 0] if self.linear else state[:, 1]

    def norm(self) -> Any:
        """Return by what the overlap of the weights is larger than m, where rows have widths."""
        norm = self.equations.norm
        return 1.0 if norm is None else self.equations.at(norm, given=self.given)

    def moments(self, state: Floats) -> tuple[Floats, Floats]:
        """Return Q and m (B,) at (E, m, χ)."""
        around = self.reference(state)
        if self.linear:
            return state[:, 0] + around * (2 * state[:, 1] + around), state[:, 1] + around
        return state[:, 0] + around**2, around

    def _branches(self, e: Floats, m: Floats) -> list[tuple[float, tuple[Floats, Floats], Floats, Floats]]:
        """Return (label, (along, across), mean, σ) for each label; σx + mean is the field, or the residual."""
        eq = self.equations
        if self.linear:
            zero = np.zeros_like(e)
            return [(0.0, (zero, zero), zero, np.sqrt(self.eta * e + self.column(eq.label_noise)))]
        spread = np.sqrt(e + m * m)
        along, across = m / spread, np.sqrt(e) / spread
        values = eq.values[:1] if eq.symmetric else eq.values
        mean = np.sqrt(self.rho) * m if eq.kind == "cluster" else np.zeros_like(e)
        return [(value, (along, across), value * mean, np.sqrt(self.eta) * spread) for value in values]

    def _moments(self, label: float, x: Floats, along: Floats, across: Floats) -> _Moments:
        eq = self.equations
        if self.linear:
            return _plain(x, np.ones_like(along), along, across)
        if eq.kind != "sign":
            share = self.column(eq.share)
            factor = 2.0 if eq.symmetric else 1.0
            return _plain(x, factor * (share if label > 0 else 1 - share), along, across)
        return self._of_teacher(label, x, along, across)

    def _of_teacher(self, label: float, x: Floats, along: Floats, across: Floats) -> _Moments:
        """The label's probability is averaged over v, the part of the teacher's field that x leaves open."""
        eq = self.equations
        if eq.step and eq.step_values:
            above, below = (self.column(value) for value in eq.step_values)
            with np.errstate(divide="ignore", invalid="ignore"):
                cut = np.where(across > 0, -along * x / across, np.where(along * x > 0, -np.inf, np.inf))
            v0, v1, v2 = step_moments(np.clip(cut, -40, 40), above, below)
        else:
            v0, v1, v2 = self._by_nodes(x, along, across)
        if label < 0:
            v0, v1, v2 = 1 - v0, -v1, 1 - v2
        if eq.symmetric:
            v0, v1, v2 = 2 * v0, 2 * v1, 2 * v2
        # t = along·x + across·v and z = across·x − along·v.
        return _Moments(v0, along * x * v0 + across * v1, across * x * v0 - along * v1,
                        (along * x) ** 2 * v0 + 2 * along * across * x * v1 + across**2 * v2,
                        along * across * x * x * v0 + (across**2 - along**2) * x * v1 - along * across * v2,
                        (across * x) ** 2 * v0 - 2 * along * across * x * v1 + along**2 * v2)

    def _by_nodes(self, x: Floats, along: Floats, across: Floats) -> tuple[Floats, Floats, Floats]:
        """Return E[P], E[Pv] and E[Pv²] at each x."""
        half = x.shape[1] // 2
        if self.equations.symmetric and self.accuracy.line == 2 * half and (x[0, :half] == -x[0, :half - 1:-1]).all():
            # P(−t) = 1 − P(t), and the nodes lie alike on both sides of 0.
            v0, v1, v2 = self._averaged(x[:, half:], along, across)
            w0, w1, w2 = (np.concatenate([left[:, ::-1], right], axis=1)
                          for left, right in ((1 - v0, v0), (v1, v1), (1 - v2, v2)))
            return w0, w1, w2
        return self._averaged(x, along, across)

    def _averaged(self, x: Floats, along: Floats, across: Floats) -> tuple[Floats, Floats, Floats]:
        v, w = self._open(x, along, across)
        root, found = np.sqrt(self.eta), np.empty_like(along, shape=(3, *x.shape))
        many = np.stack([w, w * v, w * v * v], axis=-1)
        probability: Any = self.equations.probability
        for part in (slice(i, i + self.few) for i in range(0, len(x), self.few)):
            deep = {name: value[part, :, None] for name, value in self.columns.items()}
            nodes = v if v.ndim == 1 else v[part]
            t = (root * along * x)[part, :, None] + (root * across)[part, :, None] * nodes
            chance = self.equations.at(probability, t, given=deep)
            if v.ndim == 1:
                found[:, part] = np.moveaxis((chance.reshape(-1, len(v)) @ many).reshape(*chance.shape[:2], 3), -1, 0)
            else:
                found[:, part] = np.einsum("bnv,bnvk->kbn", chance, many[part])
        return found[0], found[1], found[2]

    def _open(self, x: Floats, along: Floats, across: Floats) -> tuple[Floats, Floats]:
        """Return nodes and weights over v."""
        if not self.accuracy.steep:
            return trapezoid(self.accuracy.teacher)
        with np.errstate(divide="ignore", invalid="ignore"):
            cuts = [((side * steep / np.sqrt(self.eta) - along * x) / across).reshape(-1, 1)
                    for steep in (0.0, *_STEEP) for side in (-1, 1)]
        v, w = panels(cuts[1:], x.size, self.accuracy.steep)
        return v.reshape(*x.shape, -1), w.reshape(*x.shape, -1)

    def shortfall(self, m: Floats, margin: float) -> Floats:
        """Return E[(κ − yω)₊²] for weights of norm √N and overlap m (B, 1), what is missing to a margin κ."""
        one, total = np.ones_like(m), np.zeros(len(m))
        for label, (along, across), mean, sigma in self._branches(one - m * m, m):
            cut = (label * margin - mean) / sigma
            x, w = panels([cut, -along / np.maximum(across, 1e-3), along], len(m), 3 * self.accuracy.order)
            short = np.maximum(margin - label * (mean + sigma * x), 0.0)
            total += np.sum(w * short**2 * self._moments(label, x, along, across).one, axis=1)
        return total

    def energy(self, state: Floats) -> Side:
        """Return (Ĝ, χ̂, μ̂) at (E, m, χ), with ``loss`` E ℓ, ``envelope`` E M and ``gain`` E H²."""
        e, m, chi = (state[:, i, None] for i in range(3))
        v, one = self.eta * chi, np.ones_like(e)
        sums = {name: np.zeros_like(state[:, 0]) for name in (
            "loss", "envelope", "gg", "h", "hh", "gt", "ee", "em", "mm", "ex", "mx", "xx")}
        for index, (label, (along, across), mean, sigma) in enumerate(self._branches(e, m)):
            loss = Convex(self.equations.loss[index], self.column)
            cuts = [(edge - mean) / sigma for edge in loss.breakpoints(v, one)]
            cuts += self._cuts(along, across)
            x, w = self._nodes(loss, cuts, plain=self.equations.kind != "sign")
            least = loss.solve(v, one, mean + sigma * x)
            if self.linear:
                self._add_linear(sums, least, loss, w, (x, v, sigma))
            else:
                moments = self._moments(label, x, along, across)
                self._add(sums, least, loss, moments, w, (label, v, np.sqrt(e), np.sqrt(self.eta)))
        return self._energy_side(sums)

    def _cuts(self, along: Floats, across: Floats) -> list[Floats]:
        """Return around which x the probability of a label, given x, changes fast where x nearly tells t."""
        if self.equations.kind != "sign":
            return []
        with np.errstate(divide="ignore"):
            width = np.where(along != 0, across / np.abs(along), np.inf)
        return [width * factor for factor in (-5.0, -1.5, 0.0, 1.5, 5.0)]

    @staticmethod
    def _bend(least: Minimum, v: Floats) -> Floats:
        """Return how the force on the field answers to the field."""
        with np.errstate(invalid="ignore"):
            return np.where(np.isinf(least.curvature), 1 / v, least.curvature / (1 + v * least.curvature))

    def _add_linear(self, sums: dict[str, Floats], least: Minimum, loss: Convex, w: Floats,
                    at: tuple[Floats, Floats, Floats]) -> None:
        """Real labels: the residual y − u is normal, with the variance σ² = ηE + noise."""
        x, v, sigma = at
        g, h, value = least.slope, self._bend(least, v), loss.value(least.place)
        add = {"loss": value, "envelope": value + v * g * g / 2, "gg": g * g, "h": h, "hh": h * h,
               "ee": h * (x * x - 1) * (self.eta / (2 * sigma)) ** 2, "ex": -g * h * x * self.eta / (2 * sigma),
               "xx": g * g * h}
        for name, term in add.items():
            sums[name] += np.sum(w * term, axis=1)

    def _add(self, sums: dict[str, Floats], least: Minimum, loss: Convex, p: _Moments, w: Floats,
             at: tuple[float, Floats, Floats, Floats]) -> None:
        label, v, own, root = at
        g, h, value = least.slope, self._bend(least, v), loss.value(least.place)
        center = label * np.sqrt(self.rho) if self.equations.kind == "cluster" else np.zeros_like(own)
        # How the field moves with m and E at fixed normal variables: a_m = √ρ c + √η t, a_e = √η z/(2s), s = √E.
        a_m = center * p.one + root * p.t
        a_mm = center**2 * p.one + 2 * center * root * p.t + self.eta * p.tt
        a_e = root * p.z / (2 * own)  # its own slope in E enters by E[g z] = √η s E[h]
        a_em = (center * root * p.z + self.eta * p.tz) / (2 * own)
        add = {"loss": value * p.one, "envelope": (value + v * g * g / 2) * p.one, "gg": g * g * p.one,
               "h": h * p.one, "hh": h * h * p.one, "gt": g * a_m,
               "ee": h * self.eta * (p.zz - p.one) / (4 * own**2), "em": h * a_em,
               "mm": h * a_mm, "ex": -g * h * a_e, "mx": -g * h * a_m, "xx": g * g * h * p.one}
        for name, term in add.items():
            sums[name] += np.sum(w * term, axis=1)

    def _energy_side(self, sums: dict[str, Floats]) -> Side:
        alpha, eta = self.alpha, self.eta[:, 0]
        value = np.stack([eta * sums["h"], eta * sums["gg"], -sums["gt"]], axis=1)
        slope = np.empty_like(value, shape=(len(value), 3, 3))
        # Rows Ĝ = 2α∂_E, χ̂ = −2α∂_χ, μ̂ = −α∂_m of the average; columns E, m, χ.
        slope[:, 0] = np.stack([2 * sums["ee"], 2 * sums["em"], 2 * eta * sums["ex"]], axis=1)
        slope[:, 1] = np.stack([-2 * eta * sums["ex"], -2 * eta * sums["mx"], -2 * eta**2 * sums["xx"]], axis=1)
        slope[:, 2] = -np.stack([sums["em"], sums["mm"], eta * sums["mx"]], axis=1)
        more = {"loss": sums["loss"], "envelope": sums["envelope"], "gain": sums["hh"]}
        return Side(value * alpha[:, None], slope * alpha[:, None, None], more)

    def misfit(self, state: Floats) -> Floats:
        """Return the probability that the field of a fresh sample has not the sign of its label, at (E, m, χ)."""
        e, m = state[:, 0, None], state[:, 1, None]
        if self.equations.kind == "sign":
            return self._misfit_of_teacher(np.sqrt(e), m)
        total = np.zeros_like(state[:, 0])
        for label, (along, across), mean, sigma in self._branches(e, m):
            cut = -mean / sigma
            total += (self._moments(label, cut, along, across).one * ndtr(label * cut))[:, 0]
        return total

    def _misfit_of_teacher(self, own: Floats, m: Floats) -> Floats:
        """Average over the teacher's field √η s; the student's is √η (m s + own z)."""
        if self.accuracy.line and not self.equations.step:
            s, w = trapezoid(self.accuracy.line)
            s, w = s[None], w[None]
        else:
            with np.errstate(divide="ignore"):
                width = np.where(m != 0, own / np.abs(m), np.inf)
                cuts = [side * scale for side in (-1, 1) for scale in (
                    *(width * factor for factor in (1.5, 5.0)), *(steep / np.sqrt(self.eta) for steep in _STEEP))]
            s, w = panels([0 * own, *cuts], len(own), self.accuracy.order)
        probability: Any = self.equations.probability
        chance, lean = self.column(probability, np.sqrt(self.eta) * s), m * s / own
        return np.sum(w * (chance * ndtr(-lean) + (1 - chance) * ndtr(lean)), axis=1)

    def site(self, hats: Floats, reference: Floats) -> Side:
        """Return (E, gap, χ) at (Ĝ, χ̂, μ̂) about κ (B,), with ``penalty`` E r, ``envelope``, ``gain`` E J², ``zero``."""
        stiff, spread, kappa = hats[:, 0, None], hats[:, 1, None], reference[:, None]
        drive = hats[:, 2, None] + kappa * stiff
        root = np.sqrt(np.maximum(spread, 0))
        one, whole = np.ones_like(stiff), stiff + self.ridge[:, None]
        sums = {name: np.zeros_like(hats[:, 0]) for name in (
            "q", "m", "chi", "penalty", "envelope", "gain", "zero", "qG", "qs", "qd", "ms", "md", "xs")}
        for penalty, (share, center, variance) in zip(self.penalties, self.equations.planted, strict=True):
            p, mean, var = (self.column(part) for part in (share, center, variance))
            sigma = np.sqrt(spread + drive**2 * var)
            safe = np.where(sigma > 0, sigma, 1.0)
            x, w = self._nodes(penalty, [(edge - drive * mean) / safe for edge in penalty.breakpoints(one, whole)],
                               plain=True)
            h = drive * mean + sigma * x
            least = penalty.solve(one, whole, h)
            # w* = mean + √var z and ξ, given x: z = b x + a v, ξ = a x − b v with a = √χ̂/σ, b = μ̂√var/σ.
            a, b = np.where(sigma > 0, root / safe, 1.0), np.where(sigma > 0, drive * np.sqrt(var) / safe, 0.0)
            star = mean + np.sqrt(var) * b * x
            given_x = (star, star**2 + var * a * a, a * x, (a * x) ** 2 + b * b, star * a * x - np.sqrt(var) * a * b,
                       var * a * a, np.sqrt(var) * a * b)
            self._add_site(sums, least, penalty, p * w, (stiff, whole, root, hats[:, 2, None], kappa),
                           given_x)
        return self._site_side(sums, root[:, 0])

    def _add_site(self, sums: dict[str, Floats], least: Minimum, penalty: Convex | Widened, weight: Floats,
                  at: tuple[Floats, ...], given_x: tuple[Floats, ...]) -> None:
        stiff, whole, root, pull, kappa = at
        star, star_2, xi, xi_2, star_xi, rest_2, rest_xi = given_x
        move, value = response(least, np.ones_like(stiff), whole), penalty.value(least.place)
        # The error e = w − κw* given x: its mean, and the averages of e², e w* and e ξ.
        error = least.place - kappa * star
        e_2, e_star, e_xi = error**2 + kappa**2 * rest_2, error * star - kappa * rest_2, error * xi + kappa * rest_xi
        add = {"q": e_2, "m": e_star, "chi": move, "penalty": value,
               "envelope": value + stiff * e_2 / 2 - pull * e_star - root * e_xi, "gain": move**2,
               "zero": (np.isinf(least.curvature) & (least.place == 0)) * 1.0,
               "qG": e_2 * move, "qd": e_star * move, "qs": move * e_xi,
               "md": move * star_2, "ms": move * star_xi, "xs": move * xi_2 - move}
        for name, term in add.items():
            sums[name] += np.sum(weight * term, axis=1)

    @staticmethod
    def _site_side(sums: dict[str, Floats], root: Floats) -> Side:
        safe = np.where(root > 0, root, 1.0)
        value = np.stack([sums["q"], sums["m"], sums["chi"]], axis=1)
        slope = np.empty_like(value, shape=(len(value), 3, 3))
        # Columns Ĝ, χ̂, μ̂. χ = E[eξ]/√χ̂ gives the last row; its average of eξ is √χ̂ χ.
        slope[:, 0] = np.stack([-2 * sums["qG"], sums["qs"] / safe, 2 * sums["qd"]], axis=1)
        slope[:, 1] = np.stack([-sums["qd"], sums["ms"] / (2 * safe), sums["md"]], axis=1)
        slope[:, 2] = np.stack([-sums["qs"] / safe, sums["xs"] / (2 * safe**2), sums["ms"] / safe], axis=1)
        slope[root == 0, 2, :] = slope[root == 0, 0, 1:2] = slope[root == 0, 1, 1:2] = 0.0
        for row in (0, 2):
            low = value[:, row] < FLOOR
            value[low, row], slope[low, row] = FLOOR, 0.0
        return Side(value, slope, {name: sums[name] for name in ("penalty", "envelope", "gain", "zero")})
