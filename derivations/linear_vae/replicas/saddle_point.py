"""Chapter: the nine saddle-point equations, and which of their solutions are physical."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.replicas.matrices import MATRICES
from vaesym.algebra import Domain, Step
from vaesym.linear_vae.saddle import stationarity
from vaesym.linear_vae.sample.random_matrix import sample_eigenvalue
from vaesym.linear_vae.statement.symbols import (
    ORDER_PARAMETERS,
    SUSCEPTIBILITY,
    D,
    Q,
    alpha,
    beta,
    domains_of,
    eta,
    lam,
    rho,
    spike_1,
    sym,
)


def mode_balance(stiffness: sp.Expr, loss: sp.Expr, chi: sp.Expr) -> sp.Expr:
    r"""Return :math:`\chi^{-1} - h - \alpha\eta a/(1+\eta a\chi)`, zero at a mode of stiffness h and loss a."""
    return 1 / chi - stiffness - alpha * eta * loss / (1 + eta * loss * chi)


def mode_polynomial() -> sp.Expr:
    """Return the quadratic that _X = ηhχ/(αs) solves, for a mode of eigenvalue s; only b = η/(αs) enters."""
    stiffness = sp.Symbol("h_0", positive=True)
    eigenvalue = eta / (alpha * _B)
    balance = mode_balance(stiffness, -stiffness / (alpha * eigenvalue), alpha * eigenvalue * _X / (eta * stiffness))
    numerator = sp.Poly(sp.numer(sp.together(balance)), _X)
    return sp.expand(sp.cancel(numerator.as_expr() / numerator.LC()))


def mode_polynomial_of_spike() -> sp.Expr:
    """Return the same with s = ψ(r + η), the eigenvalue that a spike of strength r would have."""
    eigenvalue = sample_eigenvalue(spike_1 + eta)
    return sp.factor(mode_polynomial().xreplace({_B: eta / (alpha * eigenvalue)}))


def mode_replicon(root: sp.Expr) -> sp.Expr:
    """Return αη²(χG)² of a mode at the root ``root`` of its quadratic."""
    stiffness, eigenvalue = sp.symbols("h_0 s", positive=True)
    loss, chi = -stiffness / (alpha * eigenvalue), alpha * eigenvalue * root / (eta * stiffness)
    return sp.factor(sp.cancel(alpha * eta**2 * (chi * loss / (1 + eta * loss * chi)) ** 2))


def replicon_product() -> sp.Expr:
    """Return the product of the replicon values at the two roots of a mode."""
    first, second = sp.symbols("x_1 x_2", positive=True)
    product = sp.numer(mode_replicon(first)) * sp.numer(mode_replicon(second))
    divisor = sp.denom(mode_replicon(first)) * sp.denom(mode_replicon(second))
    quadratic = sp.Poly(mode_polynomial(), _X)
    # Both are symmetric in the roots: eliminate x_2 by the sum of the roots, then x_1 by the quadratic.
    total = -quadratic.nth(1)
    reduced = [sp.rem(sp.expand(e.xreplace({second: total - first})), mode_polynomial().xreplace({_X: first}), first)
               for e in (product, divisor)]
    return sp.cancel(reduced[0] / reduced[1])



_DOMAINS = domains_of()
_X, _B = sym("mode"), sym("share")
_MATRICES = {
    **MATRICES,
    sp.MatrixSymbol("e_k", 2, 1): sp.ImmutableMatrix([1, 0]),
    sp.MatrixSymbol("e_h", 2, 1): sp.ImmutableMatrix([0, 1]),
}
_chi, _omega, _mu, _a, _c, _ek, _eh = _MATRICES
_kernel = (sp.Identity(2) + eta * _a * _chi).I
_response = _kernel * _a

# A generic basis Y in which χ and A are diagonal, with the modes' susceptibilities and losses.
_BASIS = sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"Y_{i + 1}{j + 1}", real=True))
_CHI_1, _CHI_2 = sp.symbols("chi_1 chi_2", positive=True)
_CHIS = (_CHI_1, _CHI_2)
_A_1, _A_2 = sp.symbols("A_1 A_2", real=True)
_GAINS = [sp.Symbol(rf"(\chi_{i}G_{i})", real=True) for i in (1, 2)]
_FLUCTUATION = sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"t_{min(i, j) + 1}{max(i, j) + 1}", real=True))
_MODES = {
    **{s: Domain(-1, 1, "uniform") for s in _BASIS}, **dict.fromkeys((_CHI_1, _CHI_2), Domain(1, 2)),
    **dict.fromkeys((_A_1, _A_2), Domain(1, 2)),
    **{s: Domain(-1, 1, "uniform") for s in _FLUCTUATION}, alpha: _DOMAINS[alpha], eta: _DOMAINS[eta],
}


def _gradient(*names: str) -> list[sp.Expr]:
    equations = dict(zip((s.name for s in ORDER_PARAMETERS), stationarity.stationarity_equations(), strict=True))
    return [equations[name] for name in names]


def _susceptibility_gradient() -> sp.Matrix:
    kk, kh, hh = _gradient("chi_kk", "chi_kh", "chi_hh")
    return sp.Matrix([[kk, kh / 2], [kh / 2, hh]])


def _overlap_gradient() -> sp.Matrix:
    r, e = _gradient("R", "E")
    return sp.Matrix([r / 2, e])


def _diagonal_stiffness() -> sp.Matrix:
    """Yᵀ(χ⁻¹ − αηG)Y for χ = Y diag(χ_j) Yᵀ and A = Y⁻ᵀ diag(A_j) Y⁻¹."""
    inverse = _BASIS.inv()
    chi = _BASIS * sp.diag(_CHI_1, _CHI_2) * _BASIS.T
    loss = inverse.T * sp.diag(_A_1, _A_2) * inverse
    response = (sp.eye(2) + eta * loss * chi).inv(method="ADJ") * loss
    return _BASIS.T * (chi.inv(method="ADJ") - alpha * eta * response) * _BASIS


def _diagonal_determinant() -> sp.Expr:
    inverse = _BASIS.inv()
    loss = inverse.T * sp.diag(_A_1, _A_2) * inverse
    return (sp.eye(2) + eta * loss * _BASIS * sp.diag(_CHI_1, _CHI_2) * _BASIS.T).det()


def _gain(mode: int) -> sp.Expr:
    chi, a = _CHIS[mode], (_A_1, _A_2)[mode]
    return a * chi / (1 + eta * a * chi)


def _diagonal_variation() -> sp.Expr:
    """tr(χ⁻¹Bχ⁻¹B) − αη² tr(GBGB) in the basis Y, with B = Y t Yᵀ."""
    inverse = _BASIS.inv()
    chi = _BASIS * sp.diag(_CHI_1, _CHI_2) * _BASIS.T
    loss = inverse.T * sp.diag(_A_1, _A_2) * inverse
    response = (sp.eye(2) + eta * loss * chi).inv(method="ADJ") * loss
    moved = _BASIS * _FLUCTUATION * _BASIS.T
    spread, driven = chi.inv(method="ADJ") * moved, response * moved
    return (spread * spread).trace() - alpha * eta**2 * (driven * driven).trace()


def _stiffness(chi: sp.Expr, a: sp.Expr) -> sp.Expr:
    return 1 / chi - alpha * eta * a / (1 + eta * a * chi)


def examples() -> sp.ImmutableMatrix:
    """Return ‖∇f‖², det χ, the replicon value and det(I+ηAχ) of the examples, a row each."""
    rows = []
    for parameters, chi in EXAMPLES:
        at = dict.fromkeys(ORDER_PARAMETERS, sp.S.Zero) | {D: sp.S.One}
        at |= dict(zip((alpha, beta, lam, eta), map(sp.Rational, parameters), strict=True))
        at |= dict(zip((SUSCEPTIBILITY[0, 0], SUSCEPTIBILITY[0, 1], SUSCEPTIBILITY[1, 1]), chi, strict=True))
        gradient = stationarity.stationarity_equations().xreplace(at)
        gains = stationarity.replicon().xreplace(at).eigenvals()
        rows.append([gradient.dot(gradient), SUSCEPTIBILITY.xreplace(at).det(),
                     (alpha * eta**2).xreplace(at) * max(gain**2 for gain in gains),
                     stationarity.field_determinant().xreplace(at)])
    return sp.ImmutableMatrix(rows)


#: Collapsed saddles that meet two of the three conditions: α, β, λ, η and the susceptibilities kk, kh, hh.
EXAMPLES = tuple((parameters, tuple(map(sp.Rational, chi))) for parameters, chi in (
    (("4", "5/12", "28/5", "72/5"), ("-145/8208", "-5/171", "-5/532")),
    (("1", "8/9", "1/8", "1/4"), ("22/9", "2", "6")),
    (("1/4", "5/12", "7/20", "18/5"), ("605/513", "-20/171", "40/19"))))
_TABLE = (r"\begin{center}\begin{tabular}{cccc}&first&second&third\\\midrule " + r"\\".join(
    "&".join(f"${entry}$" for entry in (letter, *row)) for letter, *row in zip(
        (r"\alpha", r"\beta", r"\lambda", r"\eta", r"\chi_{kk}", r"\chi_{kh}", r"\chi_{hh}"),
        *((*parameters, *chi) for parameters, chi in EXAMPLES), strict=True)) + r"\end{tabular}\end{center}")

STEPS = (
    Step("planted-equations", "Equations for the overlaps with the signal", sp.Symbol(r"\partial_{\mu}f"),
         lambda: sp.Matrix(_gradient("m", "d")), _chi.I * _mu + alpha * rho * _response * _mu, _DOMAINS,
         "[IH] App. C.3", where=_MATRICES,
         prose=r"Write $G=(I+\eta A\chi)^{-1}A$, the response of the loss, which is symmetric. The derivatives in "
               r"$\mu=(m,d)$ are"),
    Step("susceptibility-equations", "Equations for the susceptibilities", sp.Symbol(r"\partial_{\chi}f"),
         _susceptibility_gradient,
         (_chi.I * (_omega - _mu * _mu.T) * _chi.I - alpha * eta * _response * _c * _response) / 2, _DOMAINS,
         "[IH] App. C.3", where=_MATRICES, prose=r"those in $\chi$ (half of it off the diagonal)"),
    Step("overlap-equations", "Equations for R and E", sp.Symbol(r"(\partial_Rf/2,\partial_Ef)"), _overlap_gradient,
         (lam * _eh - _chi.I * _eh + alpha * eta * _response * _eh) / 2, _DOMAINS, "[IH] App. C.3", where=_MATRICES,
         prose=r"those in $R$ and $E$, with unit vectors $e_k$ of the decoder and $e_h$ of the encoder,"),
    Step("norm-equation", "Equation for Q", sp.Symbol(r"\partial_Qf"), lambda: _gradient("Q")[0],
         sp.Trace(_ek.T * (lam * _ek - _chi.I * _ek + alpha * eta * _response * _ek)) / 2
         + alpha * (sp.Trace(_eh.T * _kernel.T * _c * _kernel * _eh) + D) / 2, _DOMAINS, "[IH] App. C.3",
         where=_MATRICES, prose=r"that in $Q$, which enters $A$ as well,"),
    Step("posterior-variance", "The posterior variance", D, stationarity.posterior_variance, beta / (Q + beta),
         _DOMAINS, "[IH] App. C.3", prose=r"and the one in $D$ is solved at once:"),
    Step("modes", "The equations for χ, mode by mode", sp.Symbol(r"Y^{T}(\chi^{-1}-\alpha\eta G)Y"),
         _diagonal_stiffness, sp.diag(_stiffness(_CHI_1, _A_1), _stiffness(_CHI_2, _A_2)), _MODES, "new",
         ("χ = Y diag(χ₁, χ₂) Yᵀ and A = Y⁻ᵀ diag(A₁, A₂) Y⁻¹",),
         prose=r"The equations for $Q$, $R$ and $E$ say that $\chi^{-1}-\alpha\eta G=H_0$ with $H_0=\lambda "
               r"I+\alpha(D+\bar C)\,e_ke_k^T$: the stiffness of the weights without noise, where $\bar "
               r"C$, the first trace of \eqref{saddle-point:norm-equation}, is the variance of $h$ over the training "
               r"set. A basis $Y$ with columns $y_1,y_2$ that diagonalises $H_0$ and $A$ at once splits it into "
               r"modes:"),
    Step("replicon-modes", "Stability, mode by mode", sp.Symbol(r"-2T^{2}[\delta^{2}]"), _diagonal_variation,
         sum(((1 - alpha * eta**2 * _GAINS[i] * _GAINS[j]) * _FLUCTUATION[i, j] ** 2 / (_CHIS[i] * _CHIS[j])
              for i in (0, 1) for j in (0, 1)), sp.S.Zero), _MODES, "new", (r"$B=YtY^T$",),
         where={gain: _gain(i) for i, gain in enumerate(_GAINS)},
         prose=r"In this basis the second variation \eqref{free-energy:replicon-variation} is a sum of squares, "
               r"with $(\chi_1G_1)$, $(\chi_2G_2)$, $\chi_jG_j=\chi_jA_j/(1+\eta A_j\chi_j)$, the eigenvalues of "
               r"$\chi G$. It is positive for every "
               r"$t=Y^{-1}BY^{-T}$ iff $\alpha\eta^2(\chi_jG_j)^2\le1$ for both modes:"),
    Step("mode-quadratic", "One mode", sp.Symbol(r"\Xi(\tilde\chi)"), mode_polynomial,
         _X**2 - (1 + _B - alpha * _B) * _X + _B, _DOMAINS, "new",
         (r"$A_j=-h_0/(\alpha\tilde\Lambda)$: $H_0+\alpha\tilde\Lambda A$ is singular at the mode",),
         prose=r"A mode of stiffness $h_0=y_j^TH_0y_j$ belongs to the eigenvalue $\tilde\Lambda$ at which "
               r"$H_0+\alpha\tilde\Lambda A$ is singular. With $b=\eta/(\alpha\tilde\Lambda)$ and "
               r"$\tilde\chi=bh_0\chi_j=-\eta A_j\chi_j$ its equation is a quadratic, $\Xi(\tilde\chi)=0$:"),
    Step("virtual-spike", "Its two roots", sp.Symbol(r"\Xi(\tilde\chi)"), mode_polynomial_of_spike,
         (_X - eta / (alpha * spike_1 + eta)) * (_X - spike_1 / (spike_1 + eta)), _DOMAINS, "new",
         (r"$\tilde\Lambda=\psi(\eta+r_1)=(r_1+\eta)(\alpha r_1+\eta)/(\alpha r_1)$",), (spike_1 > 0,),
         prose=r"Let $\tilde\Lambda$ be where a spike of strength $r_1$ would show in the data. Then the roots are "
               r"rational:"),
    Step("reciprocal", "Reciprocal stability", sp.Symbol(r"\Gamma_1\Gamma_2"), replicon_product,
         sp.Integer(1), _DOMAINS, "new",
         prose=r"The replicon value of a mode, "
               r"$\Gamma=\alpha\eta^2(\chi_jG_j)^2=\alpha\tilde\chi^2/(1-\tilde\chi)^2$, takes reciprocal values at "
               r"them. So of the two susceptibilities that share all overlaps exactly one is stable:"),
    Step("replicon-values", "Stability of the physical root", sp.Tuple(sp.Symbol("Gamma_1"), sp.Symbol("Gamma_2")),
         lambda: tuple(mode_replicon(root)
                       for root in (eta / (alpha * spike_1 + eta), spike_1 / (spike_1 + eta))),
         (eta**2 / (alpha * spike_1**2), alpha * spike_1**2 / eta**2), _DOMAINS, "new", (), (spike_1 > 0,),
         prose=r"namely the one with $\tilde\chi=\eta/(\alpha r_1+\eta)$ as long as $\alpha r_1^2\ge\eta^2$, "
               r"that is as long as a spike of this strength shows in the data at all:"),
    Step("sample-average", "Where the average over a sample exists", sp.Symbol(r"\det(I+\eta A\chi)"),
         _diagonal_determinant, (1 + eta * _A_1 * _CHI_1) * (1 + eta * _A_2 * _CHI_2), _MODES, "new",
         prose=r"A mode has $1+\eta A_j\chi_j=1-\tilde\chi$, and the Gaussian average over a sample exists only if "
               r"$\chi^{-1}+\eta A\succ0$, which together with $\chi\succ0$ means $\tilde\chi<1$ for both modes. It is "
               r"a sign of the determinant of Chapter~\ref{chapter:free-energy}, which factorises over the modes:"),
    Step("examples", "Each condition alone can fail",
         sp.Symbol(r"\bigl(\|\nabla f\|^2,\,\det\chi,\,\Gamma,\,\det(I+\eta A\chi)\bigr)_{1,2,3}"), examples,
         sp.ImmutableMatrix([[0, -sp.Rational(25, 36288), sp.Rational(4, 9), sp.Rational(27, 14)],
                             [0, sp.Rational(32, 3), 4, sp.Rational(2, 3)],
                             [0, sp.Rational(200, 81), sp.Rational(4, 9), -27]]), _DOMAINS, "new",
         (r"rows: the three saddles; $\nabla$: of all nine order parameters",),
         prose=r"The plain equations also have solutions that violate some of the three conditions $\chi\succ0$, "
               r"$\Gamma\le1$, $\tilde\chi<1$, and that training cannot reach: the other root of the mode with "
               r"$\tilde\Lambda>0$ has the same "
               r"$Q,E,R,m,d$ and is unstable, that of the mode with $\tilde\Lambda<0$ violates all three. None of the "
               r"three follows from the others. Below the noise, $\tilde\Lambda<\eta(1-\alpha^{-1/2})^2$, saddles have "
               r"$\Gamma<1$ but $\chi$ indefinite for $\alpha>1$ and $\tilde\chi>1$ for $\alpha<1$, where the spectrum "
               r"has a gap there. Three collapsed saddles ($Q=E=R=m=d=0$, $D=1$) of which the first violates only "
               r"$\chi\succ0$, the second only $\Gamma\le1$, the third only $\det(I+\eta A\chi)>0$:" "\n\n" + _TABLE
               + "\n\n" "They solve all nine equations, and the conditions have the values"),
)

CHAPTER = Chapter(
    "saddle-point", "The saddle point",
    "The free energy is extremal in nine order parameters. In matrix form the equations are short, "
    "they separate into modes, and it becomes plain which of their solutions the training of a model can reach.", STEPS,
    question="Where is the free energy extremal, and which of its extrema are states of a trained model?",
    answer=r"At the solutions of \eqref{saddle-point:planted-equations}--\eqref{saddle-point:posterior-variance}. Each "
           r"mode has two susceptibilities with the same overlaps and reciprocal replicon values. Physical is the one "
           r"with $\chi\succ0$, $\Gamma\le1$ and $\det(I+\eta A\chi)>0$; none of the three follows from the others.",
    small=("replicon-modes",))
