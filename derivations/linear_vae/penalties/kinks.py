"""Chapter: absolute values in place of squares as the penalty of the weights."""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.penalties.plate import RECOVERY
from derivations.linear_vae.replicas.matrices import MATRICES
from vaesym.algebra import Domain, Step, lowest_terms
from vaesym.linear_vae.exact import minimum
from vaesym.linear_vae.saddle.free_energy import problem
from vaesym.linear_vae.sample.random_matrix import inverse_resolvent
from vaesym.linear_vae.statement.symbols import (
    OVERLAP,
    PLANTED,
    SUSCEPTIBILITY,
    D,
    Q,
    alpha,
    beta,
    domains_of,
    eigenvalue,
    eta,
    lam,
    resolvent,
    rho,
    sym,
    v,
    w,
)

_KINK, _N = sym("kink"), sym("dimension")
_G_W, _G_V, _GAP = sym("decoder_cost"), sym("encoder_cost"), sym("distance")
_c = rho + eta
#: λχ_hh of an encoder without a kink.
_SOFT = sp.Symbol("chibar", positive=True)
#: The variance of the field of one weight.
_SPREAD = sp.Symbol("chihat", positive=True)
#: A decoder of the size at which collapse and learning compete, on the positive side.
_size = sp.Symbol("w", positive=True)
_chi, _omega, _mu, _a, _cov = MATRICES
_KK: Any = SUSCEPTIBILITY[0, 0]
_HH: Any = SUSCEPTIBILITY[1, 1]
_SOFTENED = 1 + eta * beta * _HH - eta**2 * _KK * _HH
_kernel: Any = sp.Identity(2) + eta * _a * _chi
_response = _kernel.I * _a
_eh: Any = sp.MatrixSymbol("e_h", 2, 1)
_ENCODER = {**MATRICES, _eh: sp.ImmutableMatrix([0, 1])}
#: The derivatives of three rows in their fields, and a direction.
_J: Any = sp.symbols("J_1:4", cls=lambda name: sp.MatrixSymbol(name, 2, 2))
_u: Any = sp.MatrixSymbol("u", 2, 1)
_SLOPES: dict[Any, sp.ImmutableMatrix] = {_u: sp.ImmutableMatrix(sp.symbols("along across", real=True))} | {
    name: sp.ImmutableMatrix([[a, b], [b, c]])
    for i, name in enumerate(_J) for a, b, c in [sp.symbols(f"slope_{i}kk slope_{i}kh slope_{i}hh", real=True)]}


#: Coefficients of a polynomial of two variables in products of Hermite polynomials, of total degree three at most.
_HERMITE = {(i, j): sp.Symbol(f"t_{i}{j}", real=True) for i in range(4) for j in range(4 - i)}


@cache
def _energy() -> sp.Expr:
    """Return α times the least loss of a sample, a function of the order parameters."""
    return problem().free_part(alpha * problem().energy_exponent())


def stiffness(soft: dict[sp.Basic, sp.Basic] | None = None) -> sp.ImmutableMatrix:
    """Return Ĝ, twice the derivative of the energy in the overlaps, without weights; χ is 0 but for what is soft."""
    q, r, e = OVERLAP[0, 0], OVERLAP[0, 1], OVERLAP[1, 1]
    collapsed: Any = dict.fromkeys([q, r, e, *PLANTED.flat(), *SUSCEPTIBILITY.flat()], sp.S.Zero) | {D: sp.S.One}
    collapsed |= soft or {}
    kk, kh, hh = (sp.diff(_energy(), s).subs(collapsed) for s in (q, r, e))
    return sp.ImmutableMatrix([[2 * kk, kh], [kh, 2 * hh]]).applyfunc(sp.factor)


def soft_stiffness() -> sp.ImmutableMatrix:
    """Return the same where decoder and encoder are soft, each by itself."""
    return stiffness({_KK: _KK, _HH: _HH})


def kink_threshold() -> sp.Expr:
    """Return the β at which the stiffness with weight decay stops to be positive."""
    (found,) = sp.solve((stiffness() + lam * sp.eye(2)).det(), beta)
    return sp.expand(found)


def encoder_kink_threshold() -> sp.Expr:
    """Return the same where the encoder alone has a kink: the decoder is soft, χ_kk = 1/(λ + Ĝ_kk)."""
    chi = sp.Symbol("chi", positive=True)
    soft = stiffness({_KK: chi}) + lam * sp.eye(2)
    (found,) = sp.solve(soft.subs(chi, 1 / soft[0, 0]).det(), beta)
    return sp.expand(found)


def decoder_kink_threshold() -> tuple[sp.Expr, sp.Expr]:
    """Return λ(α+λ)/η² and (α+λ)β_c/η where the decoder alone has a kink, by λχ_hh of the soft encoder."""
    chi = _SOFT / lam
    soft = (stiffness({_HH: chi}) + lam * sp.eye(2)).applyfunc(sp.factor)
    (at,) = sp.solve(sp.numer(sp.together(1 / chi - soft[1, 1])), beta)
    balance = sp.Poly(sp.numer(lowest_terms(soft.det().subs(beta, at))), eta)
    (high, top), (low, bottom) = balance.terms()
    if high[0] - low[0] != 2:
        raise ArithmeticError(f"expected an equation for η²; received {balance}; mend kinks.py")
    noise: Any = -bottom / top
    scaled: Any = lowest_terms(at * (alpha + lam) * eta) / noise
    ratio: Any = lam * (alpha + lam) / noise
    return sp.factor(lowest_terms(ratio)), sp.factor(lowest_terms(scaled))


def copied_spectrum() -> tuple[sp.Expr, sp.Expr]:
    """Return what the equation of the resolvent leaves there, and α² times the mean of Λ²/(αβΛ+λ) over the noise."""
    ratio, scaled = decoder_kink_threshold()
    weight = scaled * eta / (alpha + lam)
    noise = lam * (alpha + lam) / ratio
    # ∫Λ²/(Λ−ζ) = η + ζ − ζ²g at ζ = −λ/(αβ), where g = −αβχ_hh.
    place, transform = -lam / (alpha * weight), -alpha * weight * _SOFT / lam
    left = lowest_terms((inverse_resolvent().subs(resolvent, transform) - place) / eta)
    mean = lowest_terms(alpha / weight * (eta + place - place**2 * transform))
    # Both are functions of η².
    return tuple(lowest_terms(part.subs(eta, sp.sqrt(noise))) for part in (left, mean))


def localised() -> tuple[sp.Expr, sp.Expr]:
    """Return Q and gain of a latent that copies one coordinate, whose penalty vanishes per dimension."""
    gain: Any = minimum.potential().subs({lam: 0, eigenvalue: eta})
    (norm,) = [root for root in sp.solve(sp.numer(sp.together(sp.diff(gain, Q))), Q) if root != 0]
    return norm, gain.subs(Q, norm)


def localised_cost() -> sp.Expr:
    """Return λ₁(|W_i| + |V_i|)/N of its one decoder and one encoder, √N times those of an eigenvector."""
    norm, _ = localised()
    decoder = sp.sqrt(norm)
    encoder = minimum.optimal_encoder().subs({lam: 0, eigenvalue: eta}).subs(Q, norm).subs(w, decoder)
    return _KINK * sp.sqrt(_N) * (decoder + encoder) / _N


def spread_of_fields() -> sp.ImmutableMatrix:
    """Return χ̂, −2 times the derivative of the energy in χ, where no weight knows the signal."""
    kk, kh, hh = _KK, SUSCEPTIBILITY[0, 1], _HH
    parts = [-sp.diff(_energy(), s).subs(dict.fromkeys(PLANTED.flat(), sp.S.Zero)) for s in (kk, kh, hh)]
    return sp.ImmutableMatrix([[2 * parts[0], parts[1]], [parts[1], 2 * parts[2]]])


def turned_directions() -> tuple[sp.Expr, sp.Expr]:
    """Return det(Ge_h, (Ĝ+λI)e_h) and det(Ge_k, (Ĝ+λI)e_k) times det(I+ηAχ); 0 where the two are parallel."""
    chi, loss = SUSCEPTIBILITY.as_explicit(), sp.Matrix(MATRICES[_a])
    kernel = sp.eye(2) + eta * loss * chi
    response = kernel.adjugate() * loss    # times the determinant
    kk, kh, hh = (sp.diff(_energy(), OVERLAP[place]) for place in ((0, 0), (0, 1), (1, 1)))
    soft = sp.Matrix([[2 * kk, kh], [kh, 2 * hh]]) + lam * sp.eye(2)
    first, second = (sp.Matrix.hstack(response[:, i], soft[:, i]).det() for i in (1, 0))
    return first, second


def slope_beyond_variance() -> sp.Expr:
    """Return E‖∇y‖² − var y of a polynomial y of two independent standard normal variables."""
    first, second = sp.symbols("xi_1 xi_2", real=True)

    def mean(polynomial: sp.Expr) -> sp.Expr:
        # The moments of a standard normal variable: (n − 1)!! for even n, else 0.
        terms = sp.Poly(polynomial, first, second).terms()
        return sum((c * sp.prod(sp.factorial2(n - 1) if n % 2 == 0 else 0 for n in powers) for powers, c in terms),
                   sp.S.Zero)

    def hermite(n: int, at: sp.Symbol) -> sp.Expr:
        return sp.expand(2 ** sp.Rational(-n, 2) * sp.hermite(n, at / sp.sqrt(2)))

    y = sp.expand(sum((t * hermite(i, first) * hermite(j, second) for (i, j), t in _HERMITE.items()), sp.S.Zero))
    slope = sp.diff(y, first) ** 2 + sp.diff(y, second) ** 2
    return sp.expand(mean(slope) - mean(y**2) + mean(y) ** 2)


def drive() -> sp.ImmutableMatrix:
    """Return μ̂, minus the derivative of the energy in the overlaps with the signal."""
    return sp.ImmutableMatrix([-sp.diff(_energy(), s) for s in PLANTED.flat()])


def one_weight_gap() -> sp.Expr:
    """Return χ̂E[J²] − E[W_i²] of one weight under absolute values at unit stiffness, in a field of variance χ̂."""
    x = sp.Symbol("x", positive=True)
    law = sp.exp(-(x + _KINK) ** 2 / (2 * _SPREAD)) / sp.sqrt(2 * sp.pi * _SPREAD)
    # Both tails; beyond the kink the weight is x and its derivative 1.
    squared = 2 * sp.integrate(sp.expand(x**2) * law, (x, 0, sp.oo))
    return _SPREAD * 2 * sp.integrate(law, (x, 0, sp.oo)) - squared


def one_weight_falls() -> tuple[sp.Expr, sp.Expr]:
    """Return the slope in λ₁ of the gap over 2λ₁, and what it tends to as λ₁ grows."""
    gap = sp.expand(one_weight_gap() / (2 * _KINK))
    return sp.diff(gap, _KINK), sp.limit(gap, _KINK, sp.oo)


def spread_of_slopes() -> sp.ImmutableMatrix:
    """Return E[J uuᵀ J] − E[J] uuᵀ E[J] over three rows."""
    slopes = [sp.Matrix(_SLOPES[name]) for name in _J]
    direction = sp.Matrix(_SLOPES[_u])
    mean, square = sum(slopes, sp.zeros(2)) / 3, direction * direction.T
    return sp.ImmutableMatrix(sum((j * square * j for j in slopes), sp.zeros(2)) / 3 - mean * square * mean)


def replicon_at_onset() -> sp.Expr:
    """Return αη²κ² at the κ for which overlaps with the signal start to grow: αρκ = 1."""
    kappa = sp.Symbol("kappa_0", positive=True)
    (onset,) = sp.solve(alpha * rho * kappa - 1, kappa)
    return alpha * eta**2 * onset**2


def earliest_onset() -> sp.Expr:
    """Return the α from which on such a state can have a replicon of at most 1."""
    (found,) = sp.solve(replicon_at_onset() - 1, alpha)
    return found


def unlimited_loss() -> sp.Expr:
    """Return the least loss of a sample over the population for a decoder of size w along the signal."""
    loss = sp.expand(minimum.direction_loss().subs({lam: 0, eigenvalue: _c}).subs(Q, w**2) / alpha)
    whole: Any = loss + _G_W * w + _G_V * v
    (encoder,) = sp.solve(sp.diff(whole, v), v)
    (variance,) = sp.solve(sp.diff(whole, D), D)
    return whole.subs(v, encoder).subs(D, variance)


@cache
def near_threshold() -> sp.Expr:
    """Return its leading order where β is near ρ+η: w of first order, ρ+η−β of second, the costs of third."""
    small = sp.Symbol("t", positive=True)
    scaled: Any = unlimited_loss().subs({w: small * _size, _G_W: small**3 * _G_W, _G_V: small**3 * _G_V,
                                         beta: _c - small**2 * _GAP}, simultaneous=True)
    series: Any = sp.series(sp.expand_log(scaled), small, 0, 5)
    leading: Any = sp.factor(series.removeO().coeff(small, 4))
    return leading


def _touching(first: sp.Expr, second: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Return (ρ+η−β, Q) at which two conditions on the leading order hold, by elimination of the distance."""
    (gap,) = sp.solve(first, _GAP)
    numerator = sp.Poly(sp.numer(sp.together(second.subs(_GAP, gap))), _size)
    cube = -numerator.nth(0) / numerator.nth(3)
    if sp.expand(numerator.as_expr() - numerator.nth(3) * _size**3 - numerator.nth(0)) != 0:
        raise ArithmeticError(f"expected a cube and a constant; received {numerator}; mend kinks.py")
    root = sp.cbrt(sp.factor(cube))
    return sp.simplify(gap.subs(_size, root)), root**2


def equal_depth() -> tuple[sp.Expr, sp.Expr]:
    """Return (ρ+η−β, Q) at which the learning state is as deep as collapse."""
    loss = sp.expand(near_threshold() / _size)
    return _touching(loss, sp.diff(loss, _size))


def end_of_learning() -> tuple[sp.Expr, sp.Expr]:
    """Return (ρ+η−β, Q) at which the learning state ends."""
    slope = sp.diff(near_threshold(), _size)
    return _touching(slope, sp.diff(slope, _size))


_DOMAINS = domains_of() | dict.fromkeys((_size, _SPREAD), Domain(sp.Rational(1, 10), 2)) | {
    _SOFT: Domain(sp.Rational(1, 10), 1), alpha: Domain(1, 20)}
_SLOPE_DOMAINS = dict.fromkeys(sorted({s for matrix in _SLOPES.values() for s in matrix.free_symbols}, key=str),
                               Domain(-1, 1, "uniform"))
_COST = _c * _G_W + _G_V
_EVEN = r"a convex penalty, a sum over the rows, $p(-\mathbf y)=p(\mathbf y)$, quadratic along no direction"

_SMALL_SHARE = ("the penalty of weights on a share δ of the coordinates vanishes with the root of δ, the largest "
                "eigenvalue on any such share falls to η, and no weights of small Q that are spread out are deeper")

STEPS = (
    Step("stiffness", "The stiffness of collapse", sp.Symbol(r"\hat{G}"), stiffness,
         alpha * sp.ImmutableMatrix([[1, -eta], [-eta, eta * beta]]), _DOMAINS, "new", ("W = V = 0, χ = 0, D = 1",),
         argued="the free energy, by replica symmetry and Laplace's method as under weight decay",
         prose=r"With a penalty $p(\mathbf y)$ of each row $\mathbf y=(W_i,V_i)$ of the weights the free energy is the "
               r"extremum of"
               "\n\n" r"\begin{equation*}f_E-\tfrac12\mathrm{tr}\,\hat G\Omega+\tfrac12\mathrm{tr}\,\hat\chi\chi"
               r"+\hat\mu^T\mu+\mathbb E\min_{\mathbf y}\Bigl[p(\mathbf y)+\tfrac12\mathbf y^T\hat G\mathbf y-"
               r"\mathbf y^T\bigl(\hat\chi^{1/2}\xi+\hat\mu W^*_i\bigr)\Bigr],\end{equation*}" "\n\n"
               r"$f_E$ the energy of the samples as before, $W^*_i$ an entry of $W^*$, $\xi$ two standard normal "
               r"numbers, and in this chapter $\mathbb E$ the mean over both; for weight decay the minimum is a "
               r"parabola and gives back the logarithms of determinants. Stationarity: $\hat G=2\,\partial "
               r"f_E/\partial\Omega$ (half of it off the diagonal, where one overlap stands for two entries), "
               r"$\hat\chi=-2\,\partial f_E/\partial\chi$, $\hat\mu=-\partial f_E/\partial\mu$; $\Omega$ and $\mu$ are "
               r"the averages over the least row, $\chi$ that of its derivative $J$ in its field. Let the penalty be "
               r"$\lambda_1(\|W\|_1+\|V\|_1)$, with or without weight decay $\lambda$ beside it, and $\hat G$ stand "
               r"for what the samples give, without $\lambda$. Under kinks in $W_i$ and in $V_i$ rows stay exactly "
               r"zero in a small field, so that $\chi=0$ where everything is collapsed, and there"),
    Step("threshold", "Where collapse is stable", sp.Symbol("beta_c"), kink_threshold,
         alpha * eta / (alpha + lam) - lam / (alpha * eta), _DOMAINS, "new",
         ("λ₁ > 0 on decoder and encoder; N → ∞ first", "a share of W* that does not vanish is not zero"),
         argued=_SMALL_SHARE,
         prose=r"A few coordinates may carry large weights: on a share $\delta$ of them weights of given $Q$ and $E$ "
               r"pay no more than $\lambda_1(\sqrt{Q\delta}+\sqrt{E\delta})$ per dimension, which vanishes with "
               r"$\delta$ (one coordinate has $\delta=1/N$), and gain at most by the largest eigenvalue of the "
               r"covariance on any such share, which falls to $\eta$, the variance of one coordinate. In this chapter "
               r"call collapse stable if no state of less loss has an arbitrarily small $Q$ as $N\to\infty$ (at finite "
               r"$N$ a kink always leaves a barrier, of order 1 in the whole loss); of states of larger $Q$ under "
               r"weight decay this says nothing. Then it is stable iff $\hat G+\lambda I\succeq0$, the threshold "
               r"\eqref{collapse:threshold} with $\eta$ in place of $\Lambda$, and $\beta_c=\eta$ for absolute values "
               r"alone, whatever their weight. The same holds for the norm $\sqrt{W_i^2+V_i^2}$ of a row, and with "
               r"$\lambda_1>0$ for weights that must not be negative, as $\hat G_{kh}<0$ pulls both to the same sign; "
               r"not for a penalty that grows faster than its kink, as $|W_i|+W_i^4$, which makes concentration dear:"),
    Step("soft-stiffness", "The stiffness where weights are soft",
         sp.Symbol(r"\frac{1+\eta\beta\chi_{hh}-\eta^2\chi_{kk}\chi_{hh}}{\alpha}\,\hat{G}"),
         lambda: (soft_stiffness() * (_SOFTENED / alpha)).applyfunc(sp.cancel), sp.ImmutableMatrix(
             [[_SOFTENED - eta**2 * _HH, -eta], [-eta, eta * (beta - eta * _KK)]]),
         _DOMAINS, "new", ("W = V = 0, D = 1", r"$\chi_{kh}=0$"),
         prose=r"A kink on one of the two alone keeps that one at zero, so that its row of $\chi$ vanishes, and leaves "
               r"the other soft, spread over all coordinates, with a susceptibility of its own, under which"),
    Step("encoder-kink", "A kink of the encoder alone", sp.Symbol("beta_c"), encoder_kink_threshold,
         eta * (alpha + 1) / (alpha + lam) - lam / (alpha * eta), _DOMAINS, "new", ("λ₁ > 0 on the encoder alone",),
         argued=_SMALL_SHARE,
         prose=r"If the encoder has it, $\chi_{hh}=0$, $\chi_{kk}=1/(\lambda+\hat G_{kk})$, and collapse is less "
               r"stable, as a decoder copies "
               r"what the samples show of a coordinate and beside it:"),
    Step("decoder-kink", "A kink of the decoder alone",
         sp.Tuple(sp.Symbol(r"\lambda(\alpha+\lambda)/\eta^2"), sp.Symbol(r"(\alpha+\lambda)\beta_c/\eta")),
         decoder_kink_threshold, (_SOFT * (_SOFT + alpha - 1) * (_SOFT + alpha), (1 - _SOFT) * (_SOFT + alpha)),
         _DOMAINS, "new", ("λ₁ > 0 on the decoder alone", r"$\max(0,1-\alpha)\le\bar\chi\le1$"), argued=_SMALL_SHARE,
         prose=r"If the decoder has it, $\chi_{kk}=0$, $1/\chi_{hh}=\lambda+\hat G_{hh}$, and the threshold has "
               r"$\bar\chi=\lambda\chi_{hh}$ as its parameter, which the first equation gives: its right side rises "
               r"with $\bar\chi$, to $\alpha(\alpha+1)$ at $\bar\chi=1$. If its left side is larger, collapse is "
               r"stable at every $\beta$; without weight decay $\beta_c=\eta$ again:"),
    Step("decoder-kink-spectrum", "The same from the spectrum of the noise",
         sp.Tuple(sp.Symbol(r"\zeta(g)/\eta+\lambda/(\alpha\beta\eta)"),
                  sp.Symbol(r"\alpha^2\Bigl\langle\frac{\Lambda^2}{\alpha\beta\Lambda+\lambda}\Bigr\rangle")),
         copied_spectrum, (sp.S.Zero, alpha + lam), _DOMAINS, "new", ("at that threshold",),
         prose=r"Without replicas: a decoder $W$ on one coordinate gains, with its best encoder, half of "
               r"$\alpha^2W^TS(\alpha\beta S+\lambda)^{-1}SW$, and pays half of $(\alpha+\lambda)\|W\|^2$. The mean "
               r"$\langle\cdot\rangle$ of $\Lambda^2/(\alpha\beta\Lambda+\lambda)$ over the eigenvalues of noise is "
               r"$(\eta+\zeta-\zeta^2g)/\alpha\beta$ at $\zeta=-\lambda/(\alpha\beta)$, here below the "
               r"spectrum, where the resolvent \eqref{exact-solution:resolvent} is negative, "
               r"$g=-\alpha\beta\chi_{hh}$:"),
    Step("localised", "A latent that copies one coordinate", sp.Symbol(r"(Q,f)"), localised,
         (eta - beta, -alpha * (eta - beta - beta * sp.log(eta / beta)) / 2), _DOMAINS, "new",
         ("λ = 0", "β < η"), (eta > beta,),
         prose=r"With kinks on both, below $\eta$ the deepest state is not collapse, at any $\lambda_1$: by "
               r"\eqref{exact-solution:potential} at $\Lambda=\eta$, $\lambda=0$, weights on one coordinate have"),
    Step("localised-cost", "What that costs in finite dimension", sp.Symbol(r"\Delta f"), localised_cost,
         _KINK * sp.sqrt(eta - beta) * (1 + 1 / eta) / sp.sqrt(_N), _DOMAINS, "new", ("λ = 0", "β < η"), (eta > beta,),
         prose=r"at the rate $\frac12\ln\frac\eta\beta$. In dimension $N$ their penalty is"),
    Step("spread", "Fields of a state that is blind to the signal", sp.Symbol(r"\hat{\chi}"), spread_of_fields,
         alpha * eta**2 * _response * _omega * _response, _DOMAINS, "new", ("m = d = 0",), where=MATRICES,
         prose=r"Now to states with weights, but $m=d=0$: overfitting. The field of a row has the variance"),
    Step("poincare", "A function of normal variables varies less than it slopes",
         sp.Symbol(r"\mathbb E\,\|\nabla_{\xi}u^T\mathbf y\|^2-\mathrm{var}\,u^T\mathbf y"), slope_beyond_variance,
         sum(((i + j - 1) * sp.factorial(i) * sp.factorial(j) * t**2 for (i, j), t in _HERMITE.items() if i + j > 1),
             sp.S.Zero), dict.fromkeys(_HERMITE.values(), Domain(-1, 1, "uniform")), "Chen 1982",
         (r"here: $i+j\le3$; a term has the factor $(i+j-1)\,i!\,j!$ at any degree",),
         prose=r"with $G$ the response of the loss, and replica symmetry is stable iff the map $B\mapsto\alpha\eta^2"
               r"\mathbb E[JGBGJ]$, $J$ the derivative of the row in its field $\hat\chi^{1/2}\xi$, has no eigenvalue "
               r"above 1. Can that be? In Hermite polynomials, $u^T\mathbf y=\sum t_{ij}\,\mathrm{He}_i(\xi_1)\,"
               r"\mathrm{He}_j(\xi_2)$ for a direction $u$, the mean square of the slope exceeds the variance by a "
               r"sum of "
               r"squares, of all but the linear terms (the inequality of Poincar\'e):"),
    Step("one-direction", "Where one direction is linear",
         sp.Tuple(*(sp.Symbol(rf"\det(I+\eta A\chi)\det\bigl(Ge_{i},(\hat G+\lambda I)e_{i}\bigr)") for i in "hk")),
         turned_directions,
         (lam * (eta * SUSCEPTIBILITY[0, 1] - 1), (1 - eta * SUSCEPTIBILITY[0, 1]) * (
             lam + alpha * (D + sp.Trace(_eh.T * _kernel.I.T * _cov * _kernel.I * _eh)))), _DOMAINS, "new",
         where=_ENCODER,
         prose=r"So rows of mean zero have $\Omega=\mathbb E[\mathbf y\mathbf "
               r"y^T]\preceq\mathbb E[J\hat\chi J]$, the map at $B=\Omega$: it does not shrink $\Omega\succ0$, so its "
               r"largest eigenvalue $\Gamma$ is at least 1. Equality along a direction $u$ needs $u^T\mathbf y$ linear "
               r"in the field $\nabla p(\mathbf y)+\hat G\mathbf y$, thus the derivative of $p$ along a direction "
               r"linear in $\mathbf y$. Where none is, the map takes $\Omega$ to more than $\Omega$ in every "
               r"direction, "
               r"and $\Gamma>1$: \emph{overfitting under such a penalty has no replica symmetry}. Under weight decay "
               r"all rows are linear, and it is marginal." "\n\n" r"A kink of the decoder alone, with weight decay "
               r"$\lambda$ on "
               r"the encoder, leaves one such direction, $u=(\hat G+\lambda I)e_h$: stationarity in $V_i$ says that "
               r"$u^T\mathbf y$ is the encoder's field, so $Ju=e_h$ (unit vectors $e_k,e_h$ as in "
               r"Chapter~\ref{chapter:saddle-point}). The transposed map, $B\mapsto\alpha\eta^2\mathbb E[GJBJG]$, has "
               r"an eigenvector $B_0\succeq0$ at $\Gamma$ too \cite{KR}, so that $(\Gamma-1)\,\mathrm{tr}\,"
               r"B_0\Omega=\mathrm{tr}\,B_0(\mathbb E[J\hat\chi J]-\Omega)$, which vanishes only if $B_0$ is a "
               r"multiple of $uu^T$. But $uu^T$ goes to $\alpha\eta^2(Ge_h)(Ge_h)^T$, another direction unless the "
               r"first determinant below vanishes; for a kink of the encoder alone, unless the second does. At "
               r"$\eta\chi_{kh}=1$ both would: then $G$ and $\hat G$ were diagonal, decoder and encoder of a row "
               r"independent and $\chi_{kh}=0$, a contradiction. So $\Gamma>1$ under a kink of one weight alone as "
               r"well. (Without decay of the encoder, under the decoder's kink, $uu^T$ is kept, with the eigenvalue "
               r"$1/\alpha$. For $\alpha\neq1$ the encoder's field then has the variance $u^T\Omega u="
               r"\alpha\hat\chi_{hh}=\hat\chi_{hh}=0$: $V_i$ is a multiple of $W_i$, and the row is one weight, "
               r"to which the next equation applies.)"),
    Step("one-weight", "One weight shrunk by a kink", sp.Symbol(r"\hat{\chi}\,\mathbb E[J^2]-\mathbb E[W_i^2]"),
         one_weight_gap,
         2 * _KINK * (sp.sqrt(_SPREAD) * sp.exp(-_KINK**2 / (2 * _SPREAD)) / sp.sqrt(2 * sp.pi)
                      - _KINK * sp.erfc(_KINK / sp.sqrt(2 * _SPREAD)) / 2),
         _DOMAINS, "new", (_EVEN, r"here: unit stiffness, $\hat\chi$ the variance of the field"),
         prose=r"For one weight of unit stiffness the inequality reads"),
    Step("one-weight-positive", "It is an inequality", sp.Tuple(*(
            sp.Symbol(rf"{sign}\frac{{\hat{{\chi}}\,\mathbb E[J^2]-\mathbb E[W_i^2]}}{{2\lambda_1}}")
            for sign in (r"\partial_{\lambda_1}", r"\lim_{\lambda_1\to\infty}"))),
         one_weight_falls, (-sp.erfc(_KINK / sp.sqrt(2 * _SPREAD)) / 2, sp.S.Zero), _DOMAINS, "textbook",
         prose=r"which is positive at every $\lambda_1$, as over $2\lambda_1$ it falls to zero:"),
    Step("drive", "What the signal drives", sp.Symbol(r"\hat{\mu}"), drive, -alpha * rho * _response * _mu, _DOMAINS,
         "new", where=MATRICES,
         prose=r"Can such a state find the signal? A small overlap $\mu$ makes the drive"),
    Step("spread-of-slopes", "A mean of squares",
         sp.Symbol(r"\mathbb E[Juu^TJ]-\mathbb E[J]\,uu^T\,\mathbb E[J]"), spread_of_slopes,
         sum(((_J[i] - _J[j]) * _u * _u.T * (_J[i] - _J[j]) for i, j in ((1, 0), (2, 0), (2, 1))),
             sp.ZeroMatrix(2, 2)) / 9, _SLOPE_DOMAINS, "textbook", ("the mean is over three rows",), where=_SLOPES,
         prose=r"which comes back as $\chi\hat\mu$, since $\mathbb E[J(W^*_i)^2]=\chi$ for any law of $W^*$ of unit "
               r"variance. So $\mu$ grows iff $\chi G$, or $G\chi$, has an eigenvalue below $-1/(\alpha\rho)$ (they "
               r"are "
               r"real, as $\chi\succeq0$ and $G$ is symmetric). A mean of squares is at least the square of the mean, "
               r"for "
               r"any number of rows as for three:"),
    Step("onset", "The replicon where the signal starts to grow", sp.Symbol(r"\min\Gamma"), replicon_at_onset,
         eta**2 / (alpha * rho**2), _DOMAINS, "new", ("m = d = 0", "any convex separable penalty, any law of W*"),
         argued="that a positive map which takes a positive matrix to no less than a multiple of it has an eigenvalue "
                "of at least "
                "that multiple (Krein and Rutman 1948)",
         prose=r"Let $G\chi u=-\kappa u$. The dual of the map above, $B\mapsto\alpha\eta^2G\,\mathbb E[JBJ]\,G$, so "
               r"takes $uu^T$ to at least $\alpha\eta^2G\chi uu^T\chi G=\alpha\eta^2\kappa^2uu^T$, as $\mathbb "
               r"E[J]=\chi$: applied again and again it grows at least as the powers of $\alpha\eta^2\kappa^2$, which "
               r"is "
               r"thus the least that the replicon can be. At the onset, $\kappa=1/(\alpha\rho)$, whatever "
               r"penalty and law, it has at least the value"),
    Step("detection", "No continuous detection below the old threshold", sp.Symbol("alpha_B"), earliest_onset,
         (eta / rho) ** 2, _DOMAINS, "new", ("replica symmetry",),
         prose=r"A blind state with a stable replica symmetry, $\Gamma\le1$, does not feel the signal before"),
    Step("unlimited", "With many samples", sp.Symbol(r"\Phi(w)"), unlimited_loss,
         -(_c * w - _G_V) ** 2 / (2 * _c * (w**2 + beta)) + beta * sp.log(1 + w**2 / beta) / 2 + _G_W * w, _DOMAINS,
         "new", ("α → ∞ at fixed λ₁/α, λ = 0", "entries of W* are ±1/√ϑ on a share ϑ, 0 elsewhere",
                 "w(ρ+η) > g_V, so that v > 0"),
         argued="that the least rows on the support are all equal: without noise their field is one, up to its sign",
         prose=r"That is the $\alpha_B$ of the spectrum; from there on such a state may feel the signal, and need not. "
               r"This is a statement on stability, not on searches, and on states of stable replica symmetry: "
               r"collapse, or marginally overfitting under weight decay. Of overfitting states without replica "
               r"symmetry it says nothing. Collapse under kinks of both weights has $\chi=0$ and feels no signal at "
               r"any $\alpha$; a state near the signal is then reached through a transition of first order. That there "
               r"is one for sparse signals is plain with many samples. Weights $wW^*$, $vW^*$ pay "
               r"$\lambda_1\sqrt\vartheta\,w$ and $\lambda_1\sqrt\vartheta\,v$ per dimension, thus $g_Ww$ and $g_Vv$ "
               r"per sample, with $g_W=g_V=\lambda_1\sqrt\vartheta/\alpha$. The least loss of a sample over $v$ and "
               r"$D$ is"),
    Step("near-threshold", "Near the threshold", sp.Symbol(r"\Phi"), near_threshold,
         (_G_W + _G_V / _c) * _size - _GAP * _size**2 / (2 * _c) + _size**4 / (4 * _c), _DOMAINS, "new",
         ("leading order", "β near ρ+η"),
         prose=r"For smaller $w$ the encoder's kink keeps it at $v=0$. Kinks make $\Phi$ rise from $w=0$: the "
               r"transition is of first order as long as learning is as deep as collapse at a $\beta$ above $\eta$. "
               r"Larger $g_W$, $g_V$ leave the end to the copy of one coordinate \eqref{kinks:localised}, which this "
               r"state does not contain and which starts continuously at $\beta=\eta$. Close to $\beta=\rho+\eta$, "
               r"with $e_\beta=\rho+\eta-\beta$ small of second order, $w$ of first and $g_W$, $g_V$ of third, the "
               r"leading order is"),
    Step("equal-depth", "Where learning is as deep as collapse", sp.Symbol(r"(e_\beta,Q)"), equal_depth,
         (sp.Rational(3, 2) * (2 * _COST) ** sp.Rational(2, 3), (2 * _COST) ** sp.Rational(2, 3)), _DOMAINS, "new",
         ("leading order",), prose=r"and learning and collapse are equally deep, $\Phi=\Phi'=0$, at"),
    Step("end", "Where learning ends", sp.Symbol(r"(e_\beta,Q)"), end_of_learning,
         (3 * (_COST / 2) ** sp.Rational(2, 3), (_COST / 2) ** sp.Rational(2, 3)), _DOMAINS, "new",
         ("leading order",),
         prose=r"while the learning state ends, in the spinodal $\Phi'=\Phi''=0$, at"),
)

CHAPTER = Chapter(
    "kinks", "Absolute values in place of squares",
    r"Ichikawa and Hukushima \cite{IH} assume weight decay. The formula of the free energy does not need it: "
    r"under any convex penalty that is a "
    r"sum over rows, the average over the sites is that of the least row in a normal field.", STEPS,
    question=r"Does a penalty that sets weights to zero move collapse, and does it see a sparse signal where the "
             r"spectrum does not?",
    answer=r"Without weight decay, under kinks of both weights collapse is stable from $\beta=\eta$ on, whatever "
           r"their size, and so it is under those of the decoder alone; of the encoder alone from $\eta(1+1/\alpha)$ "
           r"on. With kinks of both a transition above $\eta$ is of first order. Overfitting under kinks of one or "
           r"both has no replica symmetry. A blind state with a stable replica symmetry is stable against the signal "
           r"below "
           r"$\alpha_B$; for overfitting states without replica symmetry this says nothing. A sparse signal has a "
           r"state of its own there, which may be deeper than collapse.", plates=(RECOVERY,), small=("one-direction",))
