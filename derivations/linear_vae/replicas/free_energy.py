"""Chapter: the replica-symmetric free energy, from the loss by the moves of the replica method.

The moves and their statements are the engine's, of any loss that is quadratic in the fields; what the matrices of the
linear VAE are is typed here once more.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import sympy as sp

from derivations.frame.chapter import Chapter
from derivations.linear_vae.replicas import two_latents
from derivations.linear_vae.replicas.matrices import MATRICES, POSITIVE
from vaesym.algebra import Step
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
from vaesym.replica import QuadraticProblem

_DOMAINS = domains_of()
_STATED = {**MATRICES, sp.Symbol("c_0"): Q * D / 2 + beta * (D - sp.log(D) - 1) / 2}
_chi, _Omega, _mu, _a, _c, _constant = _STATED
_one = sp.Identity(2)
_fold_energy = sp.Trace((_one + eta * _a * _chi).I * _a * _c) / 2
_DERIVED = free_energy.theory().book()


def _told(label: str, prose: str, source: str = "", **changes: Any) -> Step:
    """Return a step of the engine's derivation with its sentence, in the domains and matrices of this book."""
    step = _DERIVED[label]
    where = {**step.where, **{letter: meant for letter, meant in _STATED.items() if letter in step.where}}
    if {*_STATED} <= {*step.where}:
        positive = POSITIVE if "χ ≻ 0" in step.premises else ()
        changes = {"domains": {**step.domains, **_DOMAINS}, "where": where, "conditions": positive, **changes}
    return dataclasses.replace(step, prose=prose, source=source or step.source, **changes)


def _of_any_loss(label: str, prose: str) -> Step:
    """Return a step of any loss matrix, with a letter for it that is not the model's."""
    step, own = _DERIVED[label], sp.MatrixSymbol(r"\mathcal{A}", 2, 2)
    left = sp.Tuple(*[sp.Symbol(part.name.replace("A", r"\mathcal{A}")) for part in step.subject])
    return _told(label, prose, subject=left, typed=tuple(part.xreplace({_a: own}) for part in step.typed),
                 where={own if letter == _a else letter: meant for letter, meant in step.where.items()})


def _energy_with_norms_of_a_replica() -> sp.Expr:
    """The energy with the norm of a replica's own decoder, Q + Tχ, in the loss."""
    problem = free_energy.problem()
    own = {Q: Q + temperature * chi_kk}
    changed: QuadraticProblem = dataclasses.replace(
        problem, loss=problem.loss.xreplace(own), constant=problem.constant.xreplace(own))
    return changed.free_part(alpha * changed.energy_exponent())


_AVERAGE = (
    _told("replica-fields",
          r"\textbf{Average over the data.} The samples are independent, so $\mathbb E\,e^{-\mathcal L_n/T}$ is "
          r"the $P$-th power of the average over one. A sample shows replica $a$ the fields $u_a=(k_a,h_a)$. "
          r"Let $\Omega$ be the overlaps of the weights of \emph{different} replicas and $\Omega+T\chi$ those "
          r"within one; all replicas have the overlap $\mu$ with the signal, of one sign, as $(W,V)\to(-W,-V)$ "
          r"changes nothing. (This is the replica-symmetric ansatz. That within a replica they differ by an amount of "
          r"order $T$ is what a minimum of the loss means: replicas at temperature $T$ differ by thermal "
          r"fluctuations. It enters $A$ and $c_0$ too, without effect in the end: \eqref{free-energy:own-norm}.) "
          r"Then the fields covary, within a replica and between two, as",
          "[IH] App. C.2"),
    _of_any_loss("average-one-sample",
          r"Such fields are $u_a=O^{1/2}\zeta+\Delta^{1/2}\xi_a$, with standard normal $\zeta$ that all replicas "
          r"share and $\xi_a$ of their own: $\mathcal C_{ab}=O$ and $\mathcal C_{aa}=O+\Delta$. Given $\zeta$ the "
          r"replicas are independent. Integrate $\xi_{a}$, one component after the other, by "
          r"$\int\frac{d\xi}{\sqrt{2\pi}}e^{-\frac s2\xi^2+b\xi}=s^{-1/2}e^{b^2/2s}$, take the result to the power "
          r"$n$, and integrate $\zeta$. For any loss matrix $\mathcal A$ over the temperature and one, two and "
          r"three replicas that gives"),
    _told("energy-two-replicas",
          r"that is $\det(I + \mathcal C(I_n\otimes\mathcal A))^{-1/2}$, the Gaussian integral over all fields at "
          r"once. The model's loss has $\mathcal A=A/T$, and $\Delta=\eta T\chi$, $O=C$ by "
          r"\eqref{free-energy:replica-fields}; "
          r"its part $c_0$ without fields is a factor $e^{-nc_0/T}$. For two replicas the explicit $4\times4$ "
          r"determinant "
          r"is",
          "[IH] App. C.2"),
)

_COUNT = (
    _told("volume",
          r"\textbf{Count the weights.} How many weights have the overlaps that appear in this? Place the "
          r"decoders and encoders of all replicas one after the other, behind the signal. Of each, the part in "
          r"the span of those before is fixed by the overlaps; the rest has a given length $\sqrt N\,\varrho_i$ "
          r"and any of $N$ directions to leading order, a sphere of volume $\varrho_i^N$. So there are $\exp\frac "
          r"N2\ln\prod_i\varrho_i^2$, and for one, two and three replicas",
          "[IH] App. C.2"),
    _told("entropy-three-replicas",
          r"That is the determinant of all overlaps $\mathbf\Omega$ less what the signal takes, "
          r"$\mathbf\Omega-11^T\otimes\mu\mu^T$: for three replicas the explicit $6\times6$ determinant is",
          "[IH] App. C.2"),
)

_LIMITS = (
    _told("lemma-explicit",
          r"\textbf{Any number of replicas.} Both are instances of one lemma: the matrix "
          r"$I_n\otimes\Delta+11^T\otimes O$ has the determinant $(\det\Delta)^{n-1}\det(\Delta+nO)$, since the "
          r"directions that are equal in all replicas carry $\Delta+nO$ and the others $\Delta$. For generic blocks "
          r"and one, two and three replicas, written out,"),
    _told("exponent",
          r"With weight decay, $\frac\lambda2$ times the norms of all weights, and with the part $c_0$ of the "
          r"loss that no field enters, the exponents add up. The integral over the overlaps is dominated by its "
          r"largest term as $N\to\infty$ (Laplace), so",
          "[IH] App. C.2"),
    _told("lemma",
          r"\textbf{No replicas.} The right side makes sense for any real $n$ and vanishes at $n=0$, so "
          r"$\lim\frac1n\ln\mathbb EZ^n$ is its derivative there. For the lemma that is"),
    _told("no-replicas",
          r"With $\Delta=T\chi$ and $O=\Omega-\mu\mu^T$ for the weights, and with $\Delta=I+\eta\chi A$ and $O=CA/T$ "
          r"for a sample, that is, term by term,",
          "[IH] App. C.2"),
    _told("entropy",
          r"\textbf{Zero temperature.} Multiply by $-T$ and let $T\to0$. The logarithms leave terms $T\ln T$ and "
          r"$T$, which vanish; of the entropy only the trace stays,",
          "[IH] App. C.3"),
    _told("energy",
          r"and of the energy the trace and the constant,",
          "[IH] App. C.3"),
    Step("own-norm", "The norm in the loss", sp.Symbol(r"f_E|_{Q\to Q+T\chi_{kk}}"), _energy_with_norms_of_a_replica,
         alpha * (_fold_energy + _constant), _DOMAINS, "new", ("χ ≻ 0",), POSITIVE, _STATED,
         prose=r"(The loss matrix $A$ and $c_0$ hold the squared norm of a replica's own decoder, "
               r"$Q_{aa}=Q+T\chi_{kk}$, for which $Q$ was written. Here it makes no difference: with $Q+T\chi_{kk}$ in "
               r"$A$ and $c_0$ the limit is the same:)"),
    Step("free-energy", "The replica-symmetric free energy", sp.Symbol("f"), free_energy.free_energy,
         lam * (Q + E) / 2 - sp.Trace(_chi.I * (_Omega - _mu * _mu.T)) / 2
         + alpha * (_fold_energy + Q * D / 2 + beta * (D - sp.log(D) - 1) / 2),
         _DOMAINS, "[IH] Claim 5.2, Eq. 12", ("χ ≻ 0",), POSITIVE, _STATED,
         prose="Together with weight decay this is the free energy, whose extremum over the nine order parameters is "
               "the limit of the least loss over $N$:"),
    Step("field-determinant", "When the average over a sample exists", sp.Symbol(r"\det(I+\eta A\chi)"),
         stationarity.field_determinant,
         (1 - eta * chi_kh) ** 2 - eta**2 * chi_kk * chi_hh + eta * (Q + beta) * chi_hh, _DOMAINS, "new",
         ("Physical solutions have χ ≻ 0 and χ⁻¹ + ηA ≻ 0.",),
         prose=r"The Gaussian average over a sample exists iff $\chi^{-1}+\eta A\succ0$. As its entry on $(h,h)$, "
               r"$\chi_{kk}/\det\chi+\eta(Q+\beta)$, is positive, that is so iff the determinant below is. It is a "
               r"condition of its own: for $\alpha<1$ the spectrum of the data "
               r"has a gap below the noise, and saddles in that gap have $\chi\succ0$ but violate it."),
)

_STABILITY = (
    _told("replicon-variation",
          r"\textbf{Is replica symmetry stable?} Let the overlaps of four replicas differ by $\delta\,r\otimes B$, "
          r"$\delta$ small. The exponent of $\mathbb EZ^n$ over $N$ changes by $[\delta^2]\,\delta^2$ per "
          r"$\frac12\mathrm{tr}\,r^2$, where the coefficient, from the explicit $8\times8$ matrices, is",
          subject=sp.Symbol(r"[\delta^{2}]")),
    _told("replicon",
          r"It must be negative for every $B$. Its second term is the first one behind the map "
          r"$B\mapsto\alpha\eta^2\chi GBG\chi$, so that replica symmetry is stable iff "
          r"$\alpha\eta^2\max\lvert\mathrm{eig}\,\chi G\rvert^2\le1$, $G$ the response $(I+\eta A\chi)^{-1}A$ (mode by "
          r"mode in "
          r"Chapter~\ref{chapter:saddle-point}):", subject=sp.Symbol(r"\chi G")),
)

STEPS = _AVERAGE + _COUNT + _LIMITS + _STABILITY

CHAPTER = Chapter(
    "free-energy", "The replicated partition function",
    r"The model is trained on $P=\alpha N$ samples $x^1,\dots,x^P$ by minimising"
    "\n" r"\[\mathcal L(W,V,D)=\sum_{i=1}^{P}\ell_\beta(x^i)+\frac\lambda2\left(\|W\|^2+\|V\|^2\right),\]" "\n"
    r"with $\ell_\beta$ of Chapter~\ref{chapter:model}. The Boltzmann weight $e^{-\mathcal L/T}$ on $(W,V)$, at the "
    r"$D$ of least loss (one number, which does not fluctuate as $N\to\infty$: minimised for each training set or "
    r"after the average it is the same, one more order parameter at its extremum), has the partition function "
    r"$Z=\int dW\,dV\,e^{-\mathcal L/T}$, and"
    "\n" r"\[f=-\lim_{T\to0}\lim_{N\to\infty}\frac TN\,\mathbb E\ln Z,\qquad "
    r"\mathbb E\ln Z=\lim_{n\to0}\frac1n\ln\mathbb E Z^n\]" "\n"
    r"is the least loss over $N$, averaged ($\mathbb E$) over the training sets; for whole $n$, $Z^n$ is the "
    r"partition function of $n$ replicas of the model with the loss $\mathcal L_n$, the sum of theirs, on the same "
    r"data. Six moves compute "
    r"it: average over the data, count the weights, take all replicas alike, let $n\to0$, let $T\to0$, take the "
    r"extremum. Notation: $\Omega=\begin{pmatrix}Q&R\\R&E\end{pmatrix}$, $\mu=(m,d)$, $\chi$ symmetric.",
    STEPS + two_latents.STEPS,
    question="What is the least loss of a typical training set, as a function of a few overlaps?",
    answer=r"It is the extremum of \eqref{free-energy:free-energy} over the nine order parameters $Q,E,R,m,d,D$ and "
           r"$\chi$. The rest of the book asks what this function holds; Chapter~\ref{chapter:exact-solution} finds "
           r"its extremum again without replicas.",
    small=("exponent",))
