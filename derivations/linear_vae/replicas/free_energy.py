"""Chapter: the replica-symmetric free energy, from the loss by the moves of the replica method."""

from __future__ import annotations

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.replicas import two_latents
from derivations.linear_vae.replicas.matrices import MATRICES, POSITIVE
from vaesym.algebra import Domain, Step
from vaesym.linear_vae.saddle import free_energy, stationarity
from vaesym.linear_vae.statement.symbols import (
    D,
    E,
    Q,
    alpha,
    beta,
    chi_hh,
    chi_kh,
    chi_kk,
    domains_of,
    eta,
    lam,
    temperature,
)
from vaesym.replica import RSMatrix, explicit_variation, per_replica
from vaesym.replica.matrix import REPLICAS

_CONSTANT = Q * D / 2 + beta * (D - sp.log(D) - 1) / 2
_DOMAINS = domains_of()


def _generic(letter: str) -> sp.Matrix:
    return sp.Matrix(2, 2, lambda i, j: sp.Symbol(f"{letter}_{i + 1}{j + 1}", real=True))


_DELTA, _O = _generic("Delta"), _generic("O")
_BLOCKS = {sp.MatrixSymbol("Delta", 2, 2): sp.ImmutableMatrix(_DELTA),
           sp.MatrixSymbol("O", 2, 2): sp.ImmutableMatrix(_O)}
_delta, _o = _BLOCKS
# Diagonally dominant blocks keep every determinant positive.
_GENERIC = {
    **{s: Domain(2, 3) if s in (_DELTA[0, 0], _DELTA[1, 1]) else Domain(-1, 1, "uniform") for s in _DELTA},
    **{s: Domain(1, 2) if s in (_O[0, 0], _O[1, 1]) else Domain(sp.Rational(-1, 2), sp.Rational(1, 2), "uniform")
       for s in _O},
    REPLICAS: Domain(sp.Rational(1, 10), 3),
}


def _explicit_energy() -> sp.Expr:
    problem = free_energy.problem()
    explicit = sp.eye(4) + problem.fields().explicit(2) * sp.kronecker_product(sp.eye(2), problem.loss) / temperature
    return explicit.det(method="berkowitz")


def _explicit_entropy() -> sp.Expr:
    problem = free_energy.problem()
    planted = problem.planted * problem.planted.T
    return (problem.overlaps().explicit(3) - sp.kronecker_product(sp.ones(3), planted)).det(method="berkowitz")


def _explicit_lemma() -> tuple[sp.Expr, ...]:
    return tuple(RSMatrix(_DELTA, _O).explicit(n).det(method="berkowitz") for n in (1, 2, 3))


_B11, _B12, _B22 = sp.symbols("B_11 B_12 B_22", real=True)
_FLUCTUATION = sp.ImmutableMatrix([[_B11, _B12], [_B12, _B22]])
_FLUCTUATIONS = dict.fromkeys((_B11, _B12, _B22), Domain(-1, 1, "uniform"))

# The same, folded: how the statements are printed.
_MATRICES = {**MATRICES, sp.MatrixSymbol("B", 2, 2): _FLUCTUATION}
_chi, _Omega, _mu, _a, _c, _b = _MATRICES
_one = sp.Identity(2)
_fold_response = (_one + eta * _a * _chi).I * _a
_fold_entropy = -sp.Trace(_chi.I * (_Omega - _mu * _mu.T)) / 2
_fold_energy = sp.Trace(_fold_response * _c) / 2

STEPS = (
    Step("energy-two-replicas", "Energy determinant, two replicas explicitly", sp.Symbol(r"\det\nolimits_2"),
         _explicit_energy,
         sp.Determinant(_one + eta * _chi * _a) * sp.Determinant(_one + eta * _chi * _a + 2 * _c * _a / temperature),
         _DOMAINS, "[IH] App. C.2", where=_MATRICES,
         prose=r"The average of $\exp(-\frac1T\sum_a \ell_a)$ over a sample is a Gaussian integral, "
               r"$\det(I + \mathcal C(I\otimes A)/T)^{-1/2}$. For two replicas the explicit $4\times4$ determinant is "
               r"$\det\Delta\cdot\det(\Delta + 2O)$:"),
    Step("entropy-three-replicas", "Entropy determinant, three replicas explicitly", sp.Symbol(r"\det\nolimits_3"),
         _explicit_entropy, sp.Determinant(temperature * _chi) ** 2
         * sp.Determinant(temperature * _chi + 3 * (_Omega - _mu * _mu.T)), _DOMAINS, "[IH] App. C.2", where=_MATRICES,
         prose=r"The number of weights with given overlaps is "
               r"$\exp\frac N2\ln\det(\mathbf\Omega - \mu\mu^T\otimes 11^T)$. For three replicas the explicit "
               r"$6\times6$ determinant is $\det\Delta^2\cdot\det(\Delta + 3O)$:"),
    Step("lemma-explicit", "The lemma, explicitly",
         sp.Tuple(*[sp.Symbol(rf"\det\nolimits_{{{n}}}") for n in (1, 2, 3)]), _explicit_lemma,
         tuple(sp.Determinant(_delta) ** (n - 1) * sp.Determinant(_delta + n * _o) for n in (1, 2, 3)), _GENERIC,
         "textbook", ("A replica-symmetric matrix is I⊗Δ + 11ᵀ⊗O.",), (), _BLOCKS,
         prose=r"Both are instances of one lemma: $\det=(\det\Delta)^{n-1}\det(\Delta+nO)$. "
               r"For generic blocks and one, two and three replicas, written out,"),
    Step("lemma", "The replica-symmetric lemma", sp.Symbol(r"\lim_{n\to0}\frac{1}{n}\ln\det"),
         lambda: per_replica(RSMatrix(_DELTA, _O).log_det()),
         sp.log(sp.Determinant(_delta)) + sp.Trace(_delta.I * _o), _GENERIC, "textbook",
         ("A replica-symmetric matrix is I⊗Δ + 11ᵀ⊗O.",), (), _BLOCKS,
         prose=r"As $n\to0$ it gives, per replica,"),
    Step("entropy", "Entropy at zero temperature", sp.Symbol("f_S"),
         lambda: free_energy.problem().free_part(free_energy.problem().entropy_exponent()),
         _fold_entropy, _DOMAINS, "[IH] App. C.3", ("Δ = Tχ, T → 0 after n → 0.",), POSITIVE, _MATRICES,
         prose=r"Within a replica the overlaps differ by $T\chi$ from those between replicas. "
               r"As $T\to0$ the entropy contributes"),
    Step("energy", "Energy at zero temperature", sp.Symbol("f_E"),
         lambda: free_energy.problem().free_part(alpha * free_energy.problem().energy_exponent()),
         alpha * (_fold_energy + _CONSTANT), _DOMAINS, "[IH] App. C.3", (), POSITIVE, _MATRICES,
         prose="and the energy contributes"),
    Step("free-energy", "The replica-symmetric free energy", sp.Symbol("f"), free_energy.free_energy,
         lam * (Q + E) / 2 + _fold_entropy + alpha * (_fold_energy + Q * D / 2 + beta * (D - sp.log(D) - 1) / 2),
         _DOMAINS, "[IH] Claim 5.2, Eq. 12", (), POSITIVE, _MATRICES,
         prose="Together with weight decay this is the free energy, whose extremum over the nine order parameters is "
               "the limit of the least loss over $N$:"),
    Step("field-determinant", "When the average over a sample exists", sp.Symbol(r"\det(I+\eta A\chi)"),
         stationarity.field_determinant,
         (1 - eta * chi_kh) ** 2 - eta**2 * chi_kk * chi_hh + eta * (Q + beta) * chi_hh, _DOMAINS, "new",
         ("Physical solutions have χ ≻ 0 and χ⁻¹ + ηA ≻ 0.",),
         prose=r"The Gaussian average over a sample exists iff $\chi^{-1}+\eta A\succ0$, that is iff this determinant "
               r"of $I+\eta A\chi$ is positive. It is a condition of its own: for $\alpha<1$ the spectrum of the data "
               r"has a gap below the noise, and saddles in that gap have $\chi\succ0$ but violate it."),
    Step("replicon-variation", "Four replicas that differ", sp.Symbol(r"\delta^2"),
         lambda: explicit_variation(free_energy.problem(), sp.Matrix(_FLUCTUATION)),
         -(sp.Trace(_chi.I * _b * _chi.I * _b) - alpha * eta**2 * sp.Trace(_fold_response * _b * _fold_response * _b))
         / (2 * temperature**2), {**_DOMAINS, **_FLUCTUATIONS}, "after de Almeida and Thouless 1978",
         ("r symmetric, zero on the diagonal, with rows that sum to zero",), (), _MATRICES,
         prose=r"Is replica symmetry stable? Let the overlaps of four replicas differ by $\varepsilon\,r\otimes B$. "
               r"The exponent of $E Z^n$ changes at second order, per $\frac12\mathrm{tr}\,r^2$ and computed from the "
               r"explicit $8\times8$ matrices, by"),
    Step("replicon", "The replicon matrix", sp.MatrixSymbol("X", 2, 2), stationarity.replicon,
         _chi * _fold_response, _DOMAINS, "after de Almeida and Thouless 1978", where=_MATRICES,
         prose=r"It must be negative for every $B$. Its second term is the first one behind "
               r"the map $B\mapsto\alpha\eta^2\chi GBG\chi$, so that replica symmetry is stable "
               r"iff $\alpha\eta^2\max|\mathrm{eig}\,X|^2\le1$ with $X=\chi G$ (mode by mode in "
               r"Chapter~\ref{chapter:saddle-point}):"),
)

CHAPTER = Chapter(
    "free-energy", "The replicated partition function",
    r"The Boltzmann weight $\exp(-R/T)$ on decoder, encoder and posterior variance has the free energy "
    r"$f = -\lim\frac TN E\ln Z$. It is computed from the loss by six moves: average over the posterior, "
    r"average $Z^n$ over the data, count the weights, take the replica-symmetric ansatz, let $n\to0$, let $T\to0$. "
    r"Notation: $\Omega=\begin{pmatrix}Q&R\\R&E\end{pmatrix}$, $\mu=(m,d)$, $\chi$ symmetric.",
    STEPS + two_latents.STEPS)
