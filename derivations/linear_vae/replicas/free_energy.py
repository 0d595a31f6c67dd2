"""Chapter: the replica-symmetric free energy, from the loss by the moves of the replica method."""

from __future__ import annotations

import dataclasses

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.replicas import two_latents
from derivations.linear_vae.replicas.matrices import MATRICES, POSITIVE
from vaesym.algebra import Domain, Step
from vaesym.linear_vae.saddle import free_energy, stationarity
from vaesym.linear_vae.statement.moments import average
from vaesym.linear_vae.statement.symbols import (
    PLANTED,
    D,
    E,
    Q,
    alpha,
    beta,
    c,
    chi_hh,
    chi_kh,
    chi_kk,
    domains_of,
    eta,
    lam,
    rho,
    temperature,
)
from vaesym.replica import (
    QuadraticProblem,
    RSMatrix,
    average_over_a_sample,
    explicit_variation,
    per_replica,
    volume_of_weights,
)
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


def _replica_fields() -> tuple[sp.ImmutableMatrix, sp.ImmutableMatrix]:
    """The covariance of the fields within a replica and between two, from the data: c, and the noise's fields."""
    noise = sp.symbols("nu_1:5", real=True)
    weights = free_energy.problem().overlaps().explicit(2)
    fields = [sp.sqrt(rho) * PLANTED[i % 2] * c + sp.sqrt(eta) * noise[i] for i in range(4)]
    moments = sp.diag(sp.eye(1), weights)
    covariance = sp.Matrix(4, 4, lambda i, j: average(fields[i] * fields[j], [c, *noise], [sp.S.Zero] * 5, moments))
    return sp.ImmutableMatrix(covariance[:2, :2]), sp.ImmutableMatrix(covariance[:2, 2:])


def _integrated() -> tuple[sp.Expr, ...]:
    return tuple(average_over_a_sample(_LOSS, _COMMON, _OWN, n) for n in (1, 2, 3))


def _placed() -> tuple[sp.Expr, ...]:
    """The squared volume of the weights of one, two and three replicas, the signal placed first."""
    problem = free_energy.problem()
    found = []
    for n in (1, 2, 3):
        planted = sp.Matrix.vstack(*[problem.planted] * n)
        every = sp.BlockMatrix([[sp.eye(1), planted.T], [planted, problem.overlaps().explicit(n)]])
        found.append(volume_of_weights(every.as_explicit()))
    return tuple(found)


def _energy_with_norms_of_a_replica() -> sp.Expr:
    """The energy with the norm of a replica's own decoder, Q + Tχ, in the loss."""
    problem = free_energy.problem()
    own = {Q: Q + temperature * chi_kk}
    changed: QuadraticProblem = dataclasses.replace(
        problem, loss=problem.loss.xreplace(own), constant=problem.constant.xreplace(own))
    return changed.free_part(alpha * changed.energy_exponent())


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


def _generic_root(letter: str) -> sp.ImmutableMatrix:
    return sp.ImmutableMatrix(2, 2, lambda i, j: sp.Symbol(f"{letter}_{i + 1}{j + 1}", real=True) if i >= j else 0)


# One sample: a loss matrix, temperature included, and how fields hang on normal variables, common and a replica's own.
_COMMON, _OWN = _generic_root("L"), _generic_root("K")
_LOSS = sp.ImmutableMatrix(2, 2, lambda i, j: sp.Symbol(f"A_{min(i, j) + 1}{max(i, j) + 1}", real=True))
_SAMPLE = {sp.MatrixSymbol("A", 2, 2): _LOSS, sp.MatrixSymbol("Delta", 2, 2): sp.ImmutableMatrix(_OWN * _OWN.T),
           sp.MatrixSymbol("O", 2, 2): sp.ImmutableMatrix(_COMMON * _COMMON.T)}
_SAMPLE_DOMAINS = {symbol: Domain(sp.Rational(1, 10), 1) for symbol in (
    _LOSS.free_symbols | _COMMON.free_symbols | _OWN.free_symbols)}
_loss, _own, _common = _SAMPLE

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

_spread = _Omega - _mu * _mu.T
_heat = temperature * _chi

_AVERAGE = (
    Step("replica-fields", "The fields of replicas",
         sp.Tuple(sp.Symbol(r"\mathcal C_{aa}"), sp.Symbol(r"\mathcal C_{ab}")), _replica_fields,
         (_c + eta * _heat, _c), _DOMAINS, "[IH] App. C.2", where=_MATRICES,
         prose=r"\textbf{Average over the data.} The samples are independent, so $\mathrm E\,e^{-\mathcal L_n/T}$ is "
               r"the $P$-th power of the average over one. A sample shows replica $a$ the fields $u_a=(k_a,h_a)$. "
               r"Let $\Omega$ be the overlaps of the weights of \emph{different} replicas and $\Omega+T\chi$ those "
               r"within one; all replicas have the overlap $\mu$ with the signal. (This is the replica-symmetric "
               r"ansatz. That within a replica they differ by an amount of order $T$ is what a minimum of the loss "
               r"means: replicas at temperature $T$ differ by thermal fluctuations.) Then the fields covary, within "
               r"a replica and between two, as"),
    Step("average-one-sample", "One sample, integrated", sp.Tuple(*[sp.Symbol(
        rf"(\mathrm E\,e^{{-\frac12\sum_{{a\le{n}}}u_a^TAu_a}})^{{-2}}") for n in (1, 2, 3)]), _integrated,
         tuple(sp.Determinant(_one + _own * _loss) ** (n - 1) * sp.Determinant(_one + (_own + n * _common) * _loss)
               for n in (1, 2, 3)), _SAMPLE_DOMAINS, "textbook",
         (r"$O=LL^T$, $\Delta=KK^T$",), (), _SAMPLE,
         prose=r"Such fields are $u_a=Lg+K\xi_a$, with standard normal variables $g$ that all replicas share and "
               r"$\xi_a$ of their own: $\mathcal C_{ab}=LL^T$ and $\mathcal C_{aa}=LL^T+KK^T$. Given $g$ the replicas "
               r"are independent. Integrate $\xi_{a}$, one component after the other, by "
               r"$\int\frac{dg}{\sqrt{2\pi}}e^{-\frac p2g^2+bg}=p^{-1/2}e^{b^2/2p}$, take the result to the power $n$, "
               r"and integrate $g$. For any loss matrix $A$ (here the temperature is in it) and one, two and three "
               r"replicas that gives"),
    Step("energy-two-replicas", "Energy determinant, two replicas explicitly", sp.Symbol(r"\det\nolimits_2"),
         _explicit_energy,
         sp.Determinant(_one + eta * _chi * _a) * sp.Determinant(_one + eta * _chi * _a + 2 * _c * _a / temperature),
         _DOMAINS, "[IH] App. C.2", where=_MATRICES,
         prose=r"that is $\det(I + \mathcal C(I_n\otimes A))^{-1/2}$, the Gaussian integral over all fields at once: "
               r"for the loss of the model and two replicas the explicit $4\times4$ determinant is"),
)

_COUNT = (
    Step("volume", "The number of weights",
         sp.Tuple(*[sp.Symbol(rf"\prod_{{i\le{2 * n}}}\varrho_i^2") for n in (1, 2, 3)]),
         _placed, tuple(sp.Determinant(_heat) ** (n - 1) * sp.Determinant(_heat + n * _spread) for n in (1, 2, 3)),
         _DOMAINS, "[IH] App. C.2", ("the signal and 2n weights, of overlaps Ω + Tχ within a replica and Ω between",),
         (), _MATRICES,
         argued="the sphere's volume, its radius to the power N to leading order, and that lower orders drop",
         prose=r"\textbf{Count the weights.} How many weights have the overlaps that appear in this? Place the "
               r"decoders and encoders of all replicas one after the other, behind the signal. Of each, the part in "
               r"the span of those before is fixed by the overlaps; the rest has a given length $\sqrt N\,\varrho_i$ "
               r"and any of $N$ directions to leading order, a sphere of volume $\varrho_i^N$. So there are $\exp\frac "
               r"N2\ln\prod_i\varrho_i^2$, and for one, two and three replicas"),
    Step("entropy-three-replicas", "Entropy determinant, three replicas explicitly", sp.Symbol(r"\det\nolimits_3"),
         _explicit_entropy, sp.Determinant(temperature * _chi) ** 2
         * sp.Determinant(temperature * _chi + 3 * (_Omega - _mu * _mu.T)), _DOMAINS, "[IH] App. C.2", where=_MATRICES,
         prose=r"That is the determinant of all overlaps $\mathbf\Omega$ less what the signal takes, "
               r"$\mathbf\Omega-11^T\otimes\mu\mu^T$: for three replicas the explicit $6\times6$ determinant is"),
)

_LIMITS = (
    Step("lemma-explicit", "The lemma, explicitly",
         sp.Tuple(*[sp.Symbol(rf"\det\nolimits_{{{n}}}") for n in (1, 2, 3)]), _explicit_lemma,
         tuple(sp.Determinant(_delta) ** (n - 1) * sp.Determinant(_delta + n * _o) for n in (1, 2, 3)), _GENERIC,
         "textbook", ("A replica-symmetric matrix is I⊗Δ + 11ᵀ⊗O.",), (), _BLOCKS,
         prose=r"\textbf{Any number of replicas.} Both are instances of one lemma: the matrix "
               r"$I_n\otimes\Delta+11^T\otimes O$ has the determinant $(\det\Delta)^{n-1}\det(\Delta+nO)$, since the "
               r"directions that are equal in all replicas carry $\Delta+nO$ and the others $\Delta$. "
               r"For generic blocks and one, two and three replicas, written out,"),
    Step("exponent", "The replicated partition function", sp.Symbol(r"\frac1N\ln\mathrm E Z^n"),
         lambda: free_energy.problem().replicated_exponent(),
         ((REPLICAS - 1) * sp.log(sp.Determinant(_heat)) + sp.log(sp.Determinant(_heat + REPLICAS * _spread))) / 2
         - REPLICAS * lam * sp.Trace(_Omega + _heat) / (2 * temperature)
         - alpha * ((REPLICAS - 1) * sp.log(sp.Determinant(_one + eta * _chi * _a))
                    + sp.log(sp.Determinant(_one + eta * _chi * _a + REPLICAS * _c * _a / temperature))) / 2
         - REPLICAS * alpha * _CONSTANT / temperature, {**_DOMAINS, REPLICAS: Domain(1, 3)}, "[IH] App. C.2",
         ("χ ≻ 0", "at the extremum of Ω, μ, χ and D"), POSITIVE, _MATRICES,
         argued="that the integral over the overlaps is its largest term (Laplace), and that replicas are alike",
         prose=r"With weight decay, $\frac\lambda2$ times the norms of all weights, and with the part $c_0$ of the "
               r"loss that no field enters, the exponents add up. The integral over the overlaps is dominated by its "
               r"largest term as $N\to\infty$ (Laplace), so"),
    Step("lemma", "The replica-symmetric lemma", sp.Symbol(r"\lim_{n\to0}\frac{1}{n}\ln\det"),
         lambda: per_replica(RSMatrix(_DELTA, _O).log_det()),
         sp.log(sp.Determinant(_delta)) + sp.Trace(_delta.I * _o), _GENERIC, "textbook",
         ("A replica-symmetric matrix is I⊗Δ + 11ᵀ⊗O.",), (), _BLOCKS,
         prose=r"\textbf{No replicas.} The right side makes sense for any real $n$ and vanishes at $n=0$, so "
               r"$\lim\frac1n\ln\mathrm EZ^n$ is its derivative there. For the lemma that is"),
    Step("no-replicas", "No replicas", sp.Symbol(r"\frac1N\mathrm E\ln Z"),
         lambda: per_replica(free_energy.problem().replicated_exponent()),
         (sp.log(sp.Determinant(_heat)) + sp.Trace(_heat.I * _spread)) / 2
         - lam * sp.Trace(_Omega + _heat) / (2 * temperature)
         - alpha * (sp.log(sp.Determinant(_one + eta * _chi * _a))
                    + sp.Trace((_one + eta * _chi * _a).I * _c * _a) / temperature) / 2
         - alpha * _CONSTANT / temperature, _DOMAINS, "[IH] App. C.2", ("χ ≻ 0",), POSITIVE, _MATRICES,
         argued="that the limits of N and n may be exchanged",
         prose=r"and term by term"),
    Step("entropy", "Entropy at zero temperature", sp.Symbol("f_S"),
         lambda: free_energy.problem().free_part(free_energy.problem().entropy_exponent()),
         _fold_entropy, _DOMAINS, "[IH] App. C.3", ("χ ≻ 0", "T → 0 after n → 0"), POSITIVE, _MATRICES,
         prose=r"\textbf{Zero temperature.} Multiply by $-T$ and let $T\to0$. The logarithms leave terms $T\ln T$ and "
               r"$T$, which vanish; of the entropy only the trace stays,"),
    Step("energy", "Energy at zero temperature", sp.Symbol("f_E"),
         lambda: free_energy.problem().free_part(alpha * free_energy.problem().energy_exponent()),
         alpha * (_fold_energy + _CONSTANT), _DOMAINS, "[IH] App. C.3", ("χ ≻ 0",), POSITIVE, _MATRICES,
         prose=r"and of the energy the trace and the constant,"),
    Step("own-norm", "The norm in the loss", sp.Symbol("f_E"), _energy_with_norms_of_a_replica,
         alpha * (_fold_energy + _CONSTANT), _DOMAINS, "new", ("χ ≻ 0",), POSITIVE, _MATRICES,
         prose=r"(The loss matrix $A$ and $c_0$ hold the squared norm of a replica's own decoder, "
               r"$Q_{aa}=Q+T\chi_{kk}$, for which $Q$ was written. Here it makes no difference: with $Q+T\chi_{kk}$ in "
               r"$A$ and $c_0$ the limit is the same:)"),
    Step("free-energy", "The replica-symmetric free energy", sp.Symbol("f"), free_energy.free_energy,
         lam * (Q + E) / 2 + _fold_entropy + alpha * (_fold_energy + Q * D / 2 + beta * (D - sp.log(D) - 1) / 2),
         _DOMAINS, "[IH] Claim 5.2, Eq. 12", ("χ ≻ 0",), POSITIVE, _MATRICES,
         prose="Together with weight decay this is the free energy, whose extremum over the nine order parameters is "
               "the limit of the least loss over $N$:"),
    Step("field-determinant", "When the average over a sample exists", sp.Symbol(r"\det(I+\eta A\chi)"),
         stationarity.field_determinant,
         (1 - eta * chi_kh) ** 2 - eta**2 * chi_kk * chi_hh + eta * (Q + beta) * chi_hh, _DOMAINS, "new",
         ("Physical solutions have χ ≻ 0 and χ⁻¹ + ηA ≻ 0.",),
         prose=r"The Gaussian average over a sample exists iff $\chi^{-1}+\eta A\succ0$, that is iff this determinant "
               r"of $I+\eta A\chi$ is positive. It is a condition of its own: for $\alpha<1$ the spectrum of the data "
               r"has a gap below the noise, and saddles in that gap have $\chi\succ0$ but violate it."),
)

_STABILITY = (
    Step("replicon-variation", "Four replicas that differ", sp.Symbol(r"\delta^2"),
         lambda: explicit_variation(free_energy.problem(), sp.Matrix(_FLUCTUATION)),
         -(sp.Trace(_chi.I * _b * _chi.I * _b) - alpha * eta**2 * sp.Trace(_fold_response * _b * _fold_response * _b))
         / (2 * temperature**2), {**_DOMAINS, **_FLUCTUATIONS}, "after de Almeida and Thouless 1978",
         ("r symmetric, zero on the diagonal, with rows that sum to zero",), (), _MATRICES,
         argued="that fluctuations between four replicas show those between any number",
         prose=r"\textbf{Is replica symmetry stable?} Let the overlaps of four replicas differ by "
               r"$\varepsilon\,r\otimes B$. The exponent of $E Z^n$ changes at second order, per "
               r"$\frac12\mathrm{tr}\,r^2$ and computed from the explicit $8\times8$ matrices, by"),
    Step("replicon", "The replicon matrix", sp.MatrixSymbol("X", 2, 2), stationarity.replicon,
         _chi * _fold_response, _DOMAINS, "after de Almeida and Thouless 1978", where=_MATRICES,
         prose=r"It must be negative for every $B$. Its second term is the first one behind "
               r"the map $B\mapsto\alpha\eta^2\chi GBG\chi$, so that replica symmetry is stable "
               r"iff $\alpha\eta^2\max|\mathrm{eig}\,X|^2\le1$ with $X=\chi G$ (mode by mode in "
               r"Chapter~\ref{chapter:saddle-point}):"),
)

STEPS = _AVERAGE + _COUNT + _LIMITS + _STABILITY

CHAPTER = Chapter(
    "free-energy", "The replicated partition function",
    r"The model is trained on $P=\alpha N$ samples $x^1,\dots,x^P$ by minimising"
    "\n" r"\[\mathcal L(W,V,D)=\sum_{\nu=1}^{P}\ell_\beta(x^\nu)+\frac\lambda2\left(\|W\|^2+\|V\|^2\right),\]" "\n"
    r"with $\ell_\beta$ of Chapter~\ref{chapter:model}. The Boltzmann weight $e^{-\mathcal L/T}$ on $(W,V)$, at the "
    r"best $D$, has "
    r"the partition function $Z=\int dW\,dV\,e^{-\mathcal L/T}$, and"
    "\n" r"\[f=-\lim_{T\to0}\lim_{N\to\infty}\frac TN\,\mathrm E\ln Z,\qquad "
    r"\mathrm E\ln Z=\lim_{n\to0}\frac1n\ln\mathrm E Z^n\]" "\n"
    r"is the least loss over $N$, averaged over the training sets; for whole $n$, $Z^n$ is the partition function of "
    r"$n$ replicas of the model with the loss $\mathcal L_n$, the sum of theirs, on the same data. Six moves compute "
    r"it: average over the data, count the weights, take all replicas alike, let $n\to0$, let $T\to0$, take the "
    r"extremum. Notation: $\Omega=\begin{pmatrix}Q&R\\R&E\end{pmatrix}$, $\mu=(m,d)$, $\chi$ symmetric.",
    STEPS + two_latents.STEPS,
    question="What is the least loss of a typical training set, as a function of a few overlaps?",
    answer=r"It is the extremum of \eqref{free-energy:free-energy} over the nine order parameters $Q,E,R,m,d,D$ and "
           r"$\chi$. The rest of the book asks what this function holds; Chapter~\ref{chapter:exact-solution} finds "
           r"its extremum again without replicas.")
